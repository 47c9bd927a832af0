use std::fmt::Write as _;

use super::*;
use crate::analysis::NodeInputs;
use crate::graph::vertex::VertexKind;
use crate::model::{inputs::Inputs, platform::Platform};
use crate::pricing::{Terms, price};
use crate::sim::built_in;
use crate::source::Source;
use crate::units::NanosChange;
use proptest::prelude::*;

fn amd64() -> Platform {
    Platform::linux("amd64")
}

fn compared(files: &[&str]) -> Comparison {
    let targets = [amd64(), Platform::parse("linux/arm64", &amd64()).unwrap()];
    let inputs = Inputs::new(amd64(), &targets).unwrap();
    let node = NodeInputs::new(inputs);
    let source = |file: &&str| Source::new("Dockerfile", file.as_bytes().to_vec()).unwrap();
    let built: Vec<Build> = files.iter().map(|file| Build::new(source(file), vec![node.clone()])).collect();
    let terms = Terms::new(built_in("small").unwrap());
    let timings: Vec<Timing<'_>> =
        built.iter().map(|build| price(build.outcome().unwrap(), &terms).unwrap()).collect();
    let candidates: Vec<Candidate<'_>> = built
        .iter()
        .zip(&timings)
        .map(|(build, timing)| Candidate { build, analysis: build.outcome().unwrap(), timing })
        .collect();
    compare(&candidates)
}

/// The text of each row and what became of it, without what is kept.
fn changes(before: &str, after: &str) -> Vec<(String, Vec<Change>)> {
    let comparison = compared(&[before, after]);
    let rows = comparison.pairs[0].rows.iter().filter(|row| row.changes != [Change::Kept]);
    rows.map(|row| (row.step().unwrap().text.clone(), row.changes.clone())).collect()
}

#[track_caller]
fn check(before: &str, after: &str, expected: &[(&str, &[Change])]) {
    let expected: Vec<(String, Vec<Change>)> =
        expected.iter().map(|(text, changes)| ((*text).to_owned(), changes.to_vec())).collect();
    assert_eq!(changes(before, after), expected);
}

const FILE: &str = "\
FROM --platform=$BUILDPLATFORM golang:1.25 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETARCH
RUN GOARCH=$TARGETARCH go build -o /out/app ./cmd/app

FROM alpine:3.22
RUN apk add --no-cache ca-certificates
COPY --from=build /out/app /usr/local/bin/app
";

use Change::{Changed, Gone, Moved, New, NowEmulated, NowNative, NowShared, NowSplit};

#[test]
fn the_same_file_is_kept_whole() {
    let comparison = compared(&[FILE, FILE]);
    let pair = &comparison.pairs[0];
    assert!(pair.rows.len() >= 8);
    for row in &pair.rows {
        assert_eq!(row.changes, [Change::Kept]);
        assert_eq!([row.time(), row.path(), row.core_time(), row.emulation()], [NanosChange::default(); 4]);
    }
    assert_eq!(
        pair.odds,
        Odds {
            runs: pair.odds.runs,
            faster: 0.0,
            slower: 0.0,
            clearly_faster: 0.0,
            clearly_slower: 0.0,
            ratio: [1.0; 3]
        }
    );
    let verdict = comparison.verdict.unwrap();
    assert_eq!(verdict.standing, Standing::Same);
    let sentence = verdict.sentence(|build| ["A", "B"][build.index()].to_owned());
    assert!(sentence.starts_with("A and B are the same build: every step is kept"), "{sentence}");
}

#[test]
fn a_comment_or_a_stage_name_changes_nothing() {
    check(FILE, &FILE.replace("RUN apk", "# packages\n\n\nRUN apk"), &[]);
    let renamed = FILE.replace("AS build", "AS compile").replace("from=build", "from=compile");
    check(FILE, &renamed, &[]);
}

#[test]
fn an_argument_that_is_moved_up_splits() {
    let early = FILE.replace("ARG TARGETARCH\n", "").replace("WORKDIR", "ARG TARGETARCH\nWORKDIR");
    check(FILE, &early, &[("RUN go mod download", &[NowSplit]), ("COPY . .", &[NowSplit])]);
    check(&early, FILE, &[("RUN go mod download", &[NowShared]), ("COPY . .", &[NowShared])]);
}

#[test]
fn a_stage_that_is_pinned_becomes_native_and_shared() {
    let emulated = FILE.replace("--platform=$BUILDPLATFORM ", "");
    check(
        &emulated,
        FILE,
        &[
            ("FROM golang:1.25", &[NowShared]),
            ("WORKDIR /src", &[NowShared]),
            ("COPY go.mod go.sum ./", &[NowShared]),
            ("RUN go mod download", &[NowNative, NowShared]),
            ("COPY . .", &[NowShared]),
            ("RUN GOARCH=$TARGETARCH go build -o /out/app ./cmd/app", &[NowNative]),
        ],
    );
    let back = changes(FILE, &emulated);
    assert_eq!(back[3].1, [NowEmulated, NowSplit]);
    let comparison = compared(&[&emulated, FILE]);
    let verdict = comparison.verdict.unwrap();
    assert_eq!(verdict.standing, Standing::Faster);
    assert!(verdict.odds.faster > 0.95 && verdict.odds.ratio[0] > 1.5, "{verdict:?}");
    assert!(comparison.builds[0].emulation > comparison.builds[1].emulation);
}

#[test]
fn a_foreign_tool_that_is_pulled_for_the_build_platform_is_shared() {
    let trap = "FROM --platform=$BUILDPLATFORM golang\nCOPY --from=tool:1 /bin/tool /bin/tool\nRUN go mod download\nRUN tool x\n";
    let cure = "FROM --platform=$BUILDPLATFORM tool:1 AS tool\nFROM --platform=$BUILDPLATFORM golang\nCOPY --from=tool /bin/tool /bin/tool\nRUN go mod download\nRUN tool x\n";
    let found = changes(trap, cure);
    assert_eq!(found[0], ("FROM tool:1".to_owned(), vec![NowShared, Moved]));
    assert_eq!(found[1], ("COPY --from=tool /bin/tool /bin/tool".to_owned(), vec![NowShared]));
    assert_eq!(found[2], ("RUN go mod download".to_owned(), vec![NowShared]));
    assert_eq!(found[3], ("RUN tool x".to_owned(), vec![NowNative, NowShared]));
    assert_eq!(found.len(), 4);
}

#[test]
fn what_is_new_and_what_is_gone() {
    let without = FILE.replace("RUN apk add --no-cache ca-certificates\n", "");
    check(FILE, &without, &[("RUN apk add --no-cache ca-certificates", &[Gone])]);
    check(&without, FILE, &[("RUN apk add --no-cache ca-certificates", &[New])]);
}

#[test]
fn a_step_that_comes_earlier_has_moved() {
    let before = "FROM alpine\nRUN apk add git\nCOPY a /a\nRUN sha256sum /a\nCOPY b /b\n";
    let after = "FROM alpine\nCOPY b /b\nRUN apk add git\nCOPY a /a\nRUN sha256sum /a\n";
    check(before, after, &[("COPY b /b", &[Moved])]);
}

#[test]
fn near_texts_are_one_step_that_changed() {
    let flags = FILE.replace("go build -o", "CGO_ENABLED=0 go build -trimpath -o");
    let found = changes(FILE, &flags);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1, [Changed]);
    let tag = FILE.replace("golang:1.25", "golang:1.26");
    check(FILE, &tag, &[("FROM golang:1.26", &[Changed])]);
    let mount = FILE.replace("RUN go mod", "RUN --mount=type=cache,target=/go/pkg/mod go mod");
    check(FILE, &mount, &[("RUN go mod download", &[Changed])]);
    let other = FILE.replace("golang:1.25", "rust:1.90");
    let found: Vec<Vec<Change>> = changes(FILE, &other).into_iter().map(|(_, changes)| changes).collect();
    assert_eq!(found, [vec![Gone], vec![New]], "another image is another step");
}

#[test]
fn equal_steps_of_several_stages_find_their_own() {
    let stage = |name: &str| format!("FROM alpine AS {name}\nARG V={name}\nRUN make\nRUN make install\n");
    let last = "FROM scratch\nCOPY --from=a /x /\nCOPY --from=c /x /\n";
    let before = format!("{}{}{}{last}COPY --from=b /x /\n", stage("a"), stage("b"), stage("c"));
    let after = format!("{}{}{last}", stage("a"), stage("c"));
    let gone = changes(&before, &after);
    assert!(gone.iter().all(|(_, changes)| changes == &[Gone]), "{gone:?}");
    let texts: Vec<&str> = gone.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["RUN make", "RUN make install", "COPY --from=b /x /"]);
}

#[test]
fn the_critical_paths_explain_the_difference() {
    let emulated = FILE.replace("--platform=$BUILDPLATFORM ", "");
    for (before, after) in [(emulated.as_str(), FILE), (FILE, emulated.as_str())] {
        let pair = &compared(&[before, after]).pairs[0];
        let of = |step: &Option<Step>| step.as_ref().map_or(Nanos::ZERO, |step| step.path);
        let (long, short): (Nanos, Nanos) = (
            pair.rows.iter().map(|row| of(&row.before)).sum(),
            pair.rows.iter().map(|row| of(&row.after)).sum(),
        );
        let sum: NanosChange = pair.rows.iter().map(Row::path).sum();
        assert_eq!(sum, NanosChange::between(long, short));
        assert!(long > Nanos::ZERO && short > Nanos::ZERO);
    }
}

#[test]
fn the_fastest_of_three_is_named() {
    let emulated = FILE.replace("--platform=$BUILDPLATFORM ", "");
    let early = FILE.replace("ARG TARGETARCH\n", "").replace("WORKDIR", "ARG TARGETARCH\nWORKDIR");
    let comparison = compared(&[&emulated, &early, FILE]);
    assert_eq!(comparison.pairs.len(), 2);
    let verdict = comparison.verdict.unwrap();
    assert_eq!((verdict.before, verdict.after, verdict.builds), (BuildIx(1), BuildIx(2), 3));
    let sentence = verdict.sentence(|build| ["A", "B", "C"][build.index()].to_owned());
    assert!(sentence.contains("of 3"), "{sentence}");
}

#[test]
fn a_difference_within_the_uncertainty_is_said() {
    // Another compiler: as uncertain as the first, and not the same doing.
    let before = "FROM alpine\nRUN some-unknown-program --with words\n";
    let after = "FROM alpine\nRUN another-thing entirely different\nRUN cp /a /b && tar xf /b\n";
    let comparison = compared(&[before, after]);
    let verdict = comparison.verdict.unwrap();
    assert_eq!(verdict.standing, Standing::Unsure, "{verdict:?}");
    let sentence = verdict.sentence(|build| ["A", "B"][build.index()].to_owned());
    assert!(sentence.contains("within the uncertainty"), "{sentence}");
}

#[test]
fn aligned_steps_have_the_same_luck() {
    let flags = "FROM alpine\nRUN some-unknown-program --with words --fast\n";
    let odds = |before: &str, after: &str| compared(&[before, after]).pairs[0].odds;
    let near = odds("FROM alpine\nRUN some-unknown-program --with words\n", flags);
    let [low, _, high] = near.ratio;
    assert!((low - 1.0).abs() < 1e-9 && (high - 1.0).abs() < 1e-9, "the texts differ, the luck does not");
}

#[test]
fn onbuild_like_repeats_at_one_line_stay_apart() {
    // A heredoc copy makes a document and copies it; both are steps of one line.
    let file = "FROM alpine\nCOPY <<A <<B /d/\na\nA\nb\nB\nRUN cat /d/A\n";
    let comparison = compared(&[file, file]);
    assert!(comparison.pairs[0].rows.iter().all(|row| row.changes == [Change::Kept]));
}

#[test]
fn ten_thousand_instructions_are_aligned() {
    let file = |from: usize, word: &str| {
        let mut text = String::from("FROM alpine\n");
        for n in from..from + 10_000 {
            let _ = writeln!(text, "RUN step{n} {word}");
        }
        text
    };
    let comparison = compared(&[&file(0, "old words"), &file(100, "old words too")]);
    let count =
        |change: Change| comparison.pairs[0].rows.iter().filter(|row| row.changes.contains(&change)).count();
    assert_eq!(count(Changed), 9_900);
    assert_eq!((count(New), count(Gone)), (100, 100));
}

/// Dockerfiles of a few stages that share lines.
fn file() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("RUN make"),
        Just("RUN make test"),
        Just("RUN make test all"),
        Just("COPY a b /c/"),
        Just("COPY . /c/"),
        Just("ARG TARGETARCH"),
        Just("WORKDIR /w"),
        Just("COPY --from=tool:1 /t /t"),
        Just("RUN --mount=type=cache,target=/x /t now"),
    ];
    let from = prop_oneof![
        Just("FROM --platform=$BUILDPLATFORM alpine"),
        Just("FROM alpine"),
        Just("FROM golang:1")
    ];
    let stage = (from, prop::collection::vec(line, 0..6));
    prop::collection::vec(stage, 1..4).prop_map(|stages| {
        let mut text = String::new();
        for (at, (from, lines)) in stages.iter().enumerate() {
            let _ = writeln!(text, "{from} AS s{at}");
            if at > 0 {
                let _ = writeln!(text, "COPY --from=s{} /x{at} /x", at - 1);
            }
            for line in lines {
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    })
}

/// What a change is from the other side.
const fn mirrored(change: Change) -> Change {
    match change {
        New => Gone,
        Gone => New,
        NowNative => NowEmulated,
        NowEmulated => NowNative,
        NowShared => NowSplit,
        NowSplit => NowShared,
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_beside_itself_is_kept(file in file()) {
        let comparison = compared(&[&file, &file]);
        prop_assert_eq!(comparison.verdict.unwrap().standing, Standing::Same);
        prop_assert!(comparison.pairs[0].rows.iter().all(|row| row.changes == [Change::Kept]));
    }

    #[test]
    fn every_step_is_in_one_row_and_the_other_way_round_is_the_opposite(before in file(), after in file()) {
        let (there, back) = (compared(&[&before, &after]), compared(&[&after, &before]));
        let (there, back) = (&there.pairs[0], &back.pairs[0]);
        let one = compared(&[&before, &before]);
        prop_assert_eq!(
            there.rows.iter().filter(|row| row.before.is_some()).count(),
            one.pairs[0].rows.len()
        );
        let (ours, theirs) = (&there.odds, &back.odds);
        prop_assert_eq!(
            (ours.faster, ours.slower, ours.clearly_faster),
            (theirs.slower, theirs.faster, theirs.clearly_slower)
        );
        let signature = |row: &Row, mirror: bool| {
            let place = |step: &Option<Step>| step.as_ref().map(|step| (step.lines.clone(), step.text.clone()));
            let (before, after) = (place(&row.before), place(&row.after));
            let turn = |change: NanosChange| if mirror { -change } else { change };
            // Of two steps that swap places, which one has moved is arbitrary.
            let mut changes: Vec<Change> = row.changes.iter().copied()
                .filter(|change| ![Moved, Change::Kept].contains(change))
                .map(|change| if mirror { mirrored(change) } else { change })
                .collect();
            changes.sort_unstable();
            let numbers = [row.time(), row.path(), row.core_time(), row.emulation()].map(turn);
            if mirror { (after, before, changes, numbers) } else { (before, after, changes, numbers) }
        };
        let mut ours: Vec<_> = there.rows.iter().map(|row| signature(row, false)).collect();
        let mut theirs: Vec<_> = back.rows.iter().map(|row| signature(row, true)).collect();
        ours.sort();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
        let moved = |pair: &Pair| pair.rows.iter().filter(|row| row.changes.contains(&Moved)).count();
        prop_assert_eq!(moved(there), moved(back));
        prop_assert!(there.rows.iter().all(|row| row.kind() != VertexKind::Merge || row.step().is_some()));
    }
}
