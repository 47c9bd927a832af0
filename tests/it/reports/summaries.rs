//! The first lines of the text report: true and in good English for the smallest files, too. The tables of the Markdown report: not
//! too long for the largest.

use xsim::report::{Style, Subject, analysis_markdown};
use xsim::source::Source;

use super::{build, text};

const TWO: &str = "linux/amd64,linux/arm64";
const THREE: &str = "linux/amd64,linux/arm64,linux/arm/v7";

/// A file, the platforms it is built for, and words of its report.
const SUMMARIES: &[(&str, &str, &str)] = &[
    ("FROM alpine", "linux/amd64", "  1 step\n"),
    ("FROM alpine\nRUN x", "linux/amd64", "  2 steps\n  no command is emulated\n"),
    ("FROM alpine", TWO, "  1 step, run once per platform\n"),
    ("FROM --platform=$BUILDPLATFORM alpine", TWO, "  1 step, shared by every platform\n"),
    ("FROM --platform=$BUILDPLATFORM alpine\nRUN x", TWO, "  2 steps, each shared by every platform\n"),
    ("FROM scratch", TWO, "  nothing has to run\n"),
    ("FROM scratch", TWO, "  critical path: nothing runs\n"),
    ("FROM alpine\nRUN x", TWO, "  2 steps, each run once per platform\n  1 of 2 command runs emulated\n"),
    ("FROM scratch\nCOPY a b\nRUN x", TWO, "  2 steps: 1 run once, 1 once per platform\n"),
    (
        "FROM --platform=$BUILDPLATFORM alpine\nARG TARGETOS TARGETVARIANT\nRUN x",
        THREE,
        "  2 steps: 1 run once, 1 more than once\n",
    ),
    (
        "FROM scratch AS none\nFROM alpine AS last\nCOPY --from=none / /",
        TWO,
        "is pulled for each\n                           target platform\n  without a step: none\n",
    ),
    // The bar stays in its column beside the longest word.
    (
        "FROM --platform=$TARGETPLATFORM alpine\nRUN x",
        "linux/amd64,windows/amd64",
        " ×2 cannot run 1/2 2 │ RUN x\n",
    ),
    ("FROM alpine", "linux/amd64,windows/amd64", " ×2              1 │ FROM alpine\n"),
];

#[test]
fn summaries_are_sentences() {
    for (file, platforms, expected) in SUMMARIES {
        let source = Source::new("Dockerfile", (*file).into()).unwrap();
        let report = text(&source, platforms, Style::PLAIN);
        assert!(report.contains(expected), "{expected:?} is not in\n{report}");
    }
}

#[test]
fn markdown_tables_end() {
    let stages: Vec<String> =
        (0..25).map(|at| format!("FROM alpine AS s{at}\nCOPY --from=x{at} / /\n")).collect();
    let copies: Vec<String> = (0..25).map(|at| format!("COPY --from=s{at} / /\n")).collect();
    let file = format!("{}FROM alpine\n{}", stages.concat(), copies.concat());
    let source = Source::new("Dockerfile", file.into_bytes()).unwrap();
    let build = build(&source, TWO);
    let subject = Subject {
        build: &build,
        analysis: build.outcome().unwrap(),
        timing: None,
        findings: &[],
        sharing: &[],
    };
    let report = analysis_markdown(&subject, None);
    assert_eq!(report.matches("is pulled for each target platform").count(), 20, "{report}");
    assert!(report.contains("\nand 6 more.\n"), "{report}");
}
