//! Two other parsers as second opinions: where they read a file, they read what we read.
//!
//! Compared are stages, base images and the words of plain copies, over the conformance cases and the samples. Where a
//! parser is known to go another way, a row of `gaps.rs` says so, with BuildKit's answer.

mod gaps;
mod view;

use std::fs;
use std::path::Path;

use gaps::{BuildKit, GAPS, Gap, Verdict};
use serde::Deserialize;
use xsim::dockerfile::{Arena, parse_text};

#[derive(Deserialize)]
struct Case {
    id: String,
    dockerfile: String,
}

/// Every file of the corpus, with a name for messages.
fn corpus() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for list in ["rules", "generated"] {
        let text = fs::read_to_string(root.join(format!("tests/data/conformance/{list}.jsonl"))).unwrap();
        let cases = text.lines().map(|line| serde_json::from_str::<Case>(line).unwrap());
        files.extend(cases.map(|case| (case.id, case.dockerfile)));
    }
    for folder in fs::read_dir(root.join("samples")).unwrap().map(|entry| entry.unwrap().path()) {
        for file in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if file.to_string_lossy().ends_with("Dockerfile") {
                files.push((file.display().to_string(), fs::read_to_string(&file).unwrap()));
            }
        }
    }
    files
}

/// Every difference that no gap explains, where `counts` says that the verdict is one to explain.
#[track_caller]
fn agrees(
    parse: fn(&str) -> view::View,
    answer: fn(&Gap) -> Verdict,
    counts: fn(Verdict) -> bool,
    at_least: usize,
) {
    let mut unexplained = Vec::new();
    let mut same = 0;
    for (name, text) in corpus() {
        let (own, other) = (view::own(&text), parse(&text));
        let verdict = Verdict::over(&other, &own);
        same += usize::from(own.is_ok() && verdict == Verdict::Agrees);
        if own.is_err() || !counts(verdict) {
            continue;
        }
        let arena = Arena::new();
        let file = parse_text(&text, &arena);
        let explains = |gap: &Gap| answer(gap) == verdict && gap.is_in.is_some_and(|is_in| is_in(&file));
        if !GAPS.iter().any(explains) {
            unexplained.push(format!("{name}: {verdict:?}\n  own   {own:?}\n  other {other:?}"));
        }
    }
    assert!(unexplained.is_empty(), "{} files:\n{}", unexplained.len(), unexplained.join("\n"));
    assert!(same >= at_least, "only {same} files are read the same way");
}

#[test]
fn parse_dockerfile_agrees() {
    agrees(view::parse_dockerfile, |gap| gap.parse_dockerfile, |verdict| verdict != Verdict::Agrees, 2_400);
}

/// It refuses a third of what BuildKit reads, so that refusals say little.
#[test]
fn dockerfile_parser_agrees() {
    agrees(
        view::dockerfile_parser,
        |gap| gap.dockerfile_parser,
        |verdict| verdict == Verdict::Differs,
        1_000,
    );
}

#[test]
fn every_gap_is_as_described() {
    let mut wrong = Vec::new();
    for gap in GAPS {
        let begins = gap.text.contains("FROM ") || gap.text.starts_with('#');
        let text = if begins { gap.text.to_owned() } else { format!("FROM a\n{}\n", gap.text) };
        let own = view::own(&text);
        let buildkit = if own.is_ok() { BuildKit::Reads } else { BuildKit::Refuses };
        let first = Verdict::over(&view::dockerfile_parser(&text), &own);
        let second = Verdict::over(&view::parse_dockerfile(&text), &own);
        if (buildkit, first, second) != (gap.buildkit, gap.dockerfile_parser, gap.parse_dockerfile) {
            wrong.push(format!("{}: {buildkit:?} {first:?} {second:?}", gap.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
