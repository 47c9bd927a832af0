//! What `xsim explain` says of a line, of whatever kind.

use xsim::ids::FileIx;
use xsim::pricing::price;
use xsim::report::{Style, Subject, explain};
use xsim::source::{FileLine, Line, Source};

use super::{build, samples, terms};

/// Lines of every kind, each with words of its explanation for two platforms.
const LINES: &[(&str, &str)] = &[
    ("# syntax=docker/dockerfile:1", "makes no step: it tells the parser how to read the file"),
    ("# why", "line 2: # why\n  a comment\n"),
    ("", "line 3:\n  an empty line\n"),
    ("ARG V=1", "makes no step: FROM lines see it"),
    ("FROM --platform=$BUILDPLATFORM golang:$V AS build", "is pulled once for linux/amd64, linux/arm64"),
    ("ARG TARGETARCH", "because of it, line 7 and what follows run once per platform"),
    ("RUN apk add \\", "line 7: RUN apk add \\\n  runs 2 times"),
    ("# inside", "line 7: RUN apk add"),
    ("", "line 7: RUN apk add"),
    ("  git", "line 7: RUN apk add"),
    ("RUN <<EOF", "line 11: RUN <<EOF\n  runs 2 times"),
    ("echo", "line 11: RUN <<EOF"),
    ("", "line 11: RUN <<EOF"),
    ("EOF", "line 11: RUN <<EOF"),
    ("COPY <<A <<B /d/", "line 15: COPY <<A <<B /d/\n  runs 2 times"),
    ("# a document", "line 15: COPY"),
    ("A", "line 15: COPY"),
    ("B", "line 15: COPY"),
    ("ENV A=b", "it changes what the steps after it see"),
    ("FROM alpine AS dead", "does not run: no target needs its stage"),
    ("RUN x", "does not run: no target needs its stage"),
    ("FROM scratch AS mid", "makes no step: the stage begins empty"),
    ("COPY --from=build /a /b", "part, because\n    line 15 differs: COPY"),
    ("ONBUILD RUN y", "makes no step here"),
    ("FROM mid AS last", "runs 2 times\n    for linux/amd64: native"),
    ("COPY --link . .", "is linked into the stage for linux/arm64"),
    ("FROM last", "makes no step: the stage begins where the one it is based on ends"),
    ("USER me", "it changes what the steps after it see"),
    ("CMD x", "makes no step: it describes the image and changes no file"),
];

fn at(line: u32) -> FileLine {
    FileLine { file: FileIx(0), line: Line(line) }
}

#[test]
fn every_kind_of_line_is_explained() {
    let text: Vec<&str> = LINES.iter().map(|(line, _)| *line).collect();
    let source = Source::new("Dockerfile", text.join("\n").into_bytes()).unwrap();
    let build = build(&source, "linux/amd64,linux/arm64");
    let analysis = build.outcome().unwrap();
    let subject = Subject { build: &build, analysis, timing: None, findings: &[], sharing: &[] };
    for (number, (line, expected)) in (1..).zip(LINES) {
        let found = explain(&subject, at(number), Style::PLAIN).unwrap();
        assert!(found.contains(expected), "line {number}, {line:?}: {found}");
    }
}

#[test]
fn explanations_name_the_cause() {
    let (_, source) =
        samples().into_iter().find(|(path, _)| path.ends_with("foreign-tool/before.Dockerfile")).unwrap();
    let build = build(&source, "linux/amd64,linux/arm64");
    let analysis = build.outcome().unwrap();
    let terms = terms();
    let timing = price(analysis, &terms).unwrap();
    let subject = Subject { build: &build, analysis, timing: Some(&timing), findings: &[], sharing: &[] };
    let explained = |line| explain(&subject, at(line), Style::PLAIN).unwrap();
    let build = explained(15);
    assert!(build.contains("runs 2 times"), "{build}");
    assert!(build.contains("`xcputranslate` is a program for linux/arm64"), "{build}");
    assert!(
        build.contains(
            "COPY --from=qmcgaw/xcputranslate:v0.9.0 (line 7) takes the image of the target platform"
        ),
        "{build}"
    );
    assert_eq!(explained(16), build, "a continued line belongs to its instruction");
    assert!(explained(6).contains("runs once for linux/amd64, linux/arm64"));
    assert!(explained(13).contains("makes no step of its own"));
    assert!(explain(&subject, at(999), Style::PLAIN).is_none());
    assert!(build.contains("for linux/arm64: native on linux/amd64, with a foreign program"), "{build}");
    assert!(build.contains("for which the build waits"), "{build}");
    let times = |text: &str| text.matches("takes about").count();
    assert_eq!((times(&build), times(&explained(6)), times(&explained(13))), (2, 1, 0));
    let packages = explained(20);
    assert!(packages.contains("of it added by emulation"), "{packages}");
    let copy = explained(7);
    assert!(copy.contains("gets qmcgaw/xcputranslate:v0.9.0 for linux/arm64: takes about"), "{copy}");
    assert_eq!(times(&copy), 4, "two copies and two images");
    let without = Subject { timing: None, ..subject };
    assert_eq!(times(&explain(&without, at(15), Style::PLAIN).unwrap()), 0);
}

#[test]
fn a_linked_copy_is_split_by_what_it_copies() {
    let text = "FROM --platform=$BUILDPLATFORM golang AS build\nARG TARGETARCH\nRUN a\nFROM alpine\n\
                COPY --link --from=build /a /b\nCOPY --from=build /a /c\n";
    let source = Source::new("Dockerfile", text.as_bytes().to_vec()).unwrap();
    let build = build(&source, "linux/amd64,linux/arm64");
    let analysis = build.outcome().unwrap();
    let subject = Subject { build: &build, analysis, timing: None, findings: &[], sharing: &[] };
    let explained = |line| explain(&subject, at(line), Style::PLAIN).unwrap();
    let linked = explained(5);
    assert!(
        linked.contains("part, because\n    line 3 differs: RUN a\n    ARG TARGETARCH (line 2)"),
        "{linked}"
    );
    let copied = explained(6);
    assert!(copied.contains("part since line 4, because\n    alpine (line 4) is pulled"), "{copied}");
}

#[test]
fn explanations_fit_eighty_columns() {
    for (path, source) in samples() {
        let build = build(&source, "linux/amd64,linux/arm64,linux/arm/v7");
        let analysis = build.outcome().unwrap();
        let terms = terms();
        let timing = price(analysis, &terms).unwrap();
        let subject = Subject { build: &build, analysis, timing: Some(&timing), findings: &[], sharing: &[] };
        let style = Style { width: Some(80), color: false, unicode: false };
        for line in (1..=source.lines().count()).map(Line) {
            for row in explain(&subject, at(line.0), style).unwrap().lines() {
                assert!(row.len() <= 80 && row.is_ascii(), "{}: {row}", path.display());
            }
        }
    }
}
