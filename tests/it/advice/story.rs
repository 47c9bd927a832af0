//! The published Dockerfile whose helper ran under emulation, and its author's own cure.

use xsim::advice::Worth;
use xsim::advice::fix::{self, Rejection};
use xsim::units::Nanos;

use super::{both, built, pricer};

fn sample(name: &str) -> String {
    let path = format!("{}/samples/foreign-tool/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

#[test]
fn fixing_it_gives_the_authors_cure() {
    let nodes = both();
    let fixed = fix::fix(built(&sample("before.Dockerfile"), &nodes), &fix::Wanted::default(), &pricer());
    assert_eq!(fixed.text(), sample("after.Dockerfile"), "{:?}", fixed.rejected);
    assert_eq!(fixed.applied.len(), 1);
    let saving = fixed.applied[0].saving;
    let (before, after) = (saving.before.makespan.unwrap(), saving.after.makespan.unwrap());
    println!("{before} before, {after} after");
    assert!(after < before, "{before} before, {after} after");
    let shared = |text: &str| built(text, &nodes).outcome().unwrap().nodes[0].summary().once;
    assert!(shared(fixed.text()) > shared(&sample("before.Dockerfile")));
}

/// As it was published: the file ends with the stage that builds, which is the target then, and holds the helper of another platform.
#[test]
fn a_file_that_ends_with_its_builder_is_cured_too() {
    let until_image = |name: &str| {
        let text = sample(name);
        let image = text.find("\nFROM alpine").unwrap();
        text[..=image].to_owned()
    };
    let (before, after) = (until_image("before.Dockerfile"), until_image("after.Dockerfile"));
    let fixed = fix::fix(built(&before, &both()), &fix::Wanted::default(), &pricer());
    assert_eq!(fixed.text(), after, "{:?}", fixed.rejected);
}

/// What saves less than a person would care for is applied to who asks for it.
#[test]
fn small_savings_are_for_who_asks() {
    let small = "FROM alpine:3.22 AS files\nRUN wget -O /list https://example.com/list.txt\nRUN true\nFROM alpine:3.22\n\
                 RUN apk add --no-cache git gcc make perl python3\nCOPY --from=files /list /list\n";
    let large = Worth { time: Nanos(3_600_000_000_000), part: 0.02 };
    let pricer = pricer().worth(large);
    let by_itself = fix::fix(built(small, &both()), &fix::Wanted::default(), &pricer);
    assert_eq!(by_itself.text(), small);
    assert!(by_itself.rejected.iter().any(|rejected| rejected.why == Rejection::Small), "{by_itself:?}");
    assert!(!by_itself.is_nothing(), "it says why");
    let only = vec![super::rule("emulated-compile")];
    let asked = fix::fix(built(small, &both()), &fix::Wanted { only, ..fix::Wanted::default() }, &pricer);
    assert!(asked.text().contains("FROM --platform=$BUILDPLATFORM alpine:3.22 AS files"), "{}", asked.text());
}
