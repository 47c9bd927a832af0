//! The published Dockerfile whose helper ran under emulation, and its author's own cure.

use xsim::advice::fix;

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
