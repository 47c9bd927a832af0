//! Drawings in characters and the Markdown report: whole, inside their width, in ASCII where that is asked for, and nothing
//! of a Dockerfile taken for something else.

use std::path::Path;

use xsim::pricing::{Terms, price};
use xsim::report::picture::GraphView;
use xsim::report::{Drawings, Style, Subject, analysis_markdown, analysis_text_with};
use xsim::sim::built_in;
use xsim::timeline::Timeline;

use super::{Build, samples, with_all};
use crate::golden;

impl Build<'_> {
    /// The text report with its drawings, and the Markdown report, if it can be built.
    fn reports(&self, style: Style) -> Option<(String, String)> {
        let known = self.known();
        let analysis = known.outcome().ok()?;
        let terms = Terms::new(built_in("ubuntu-latest").expect("a built-in machine"));
        let timing = price(analysis, &terms).expect("good numbers");
        let timeline = Timeline::new(analysis, &timing);
        let subject = Subject { build: &known, analysis, timing: Some(&timing), findings: &[], sharing: &[] };
        let drawings = Drawings { timeline: Some(&timeline), tree: true, source: true };
        let view = GraphView::of(&known, analysis, Some(&timing));
        let text = analysis_text_with(&subject, style, drawings);
        Some((text, analysis_markdown(&subject, view.as_ref())))
    }
}

const TARGETS: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// From the heading of the timeline to the empty line below the tree.
fn drawings(text: &str) -> &str {
    let start = text.find("  over time").or_else(|| text.find("  stages\n")).expect("a drawing");
    let tree = text.find("  stages\n").expect("a tree");
    let end = text[tree..].find("\n\n").map_or(text.len(), |end| tree + end + 1);
    &text[start..end]
}

#[track_caller]
fn check_file(name: &str, found: &str) {
    golden::check(Path::new("tests/it/pictures/expected").join(name), found);
}

#[test]
fn a_sample_as_it_is_shown() {
    let sample = samples().into_iter().find(|(name, _)| name == "foreign-tool/before.Dockerfile");
    let (name, dockerfile) = sample.expect("the sample");
    let build = Build::new(&name, &dockerfile, &TARGETS);
    let style = Style { width: Some(110), ..Style::PLAIN };
    let (text, markdown) = build.reports(style).expect("it builds");
    let (ascii, _) = build.reports(Style { unicode: false, width: Some(80), ..style }).expect("it builds");
    check_file("terminal.txt", &format!("{}\n{}", drawings(&text), drawings(&ascii)));
    check_file("report.md", &markdown);
}

/// Every instruction that makes a step stands once in the tree, and lines are as wide as asked for at most.
#[test]
fn drawings_are_whole_and_fit() {
    with_all(|build| {
        let style = Style { width: Some(100), color: false, unicode: false };
        let Some((text, _)) = build.reports(style) else { return false };
        let drawings = drawings(&text);
        for line in drawings.lines() {
            assert!(line.is_ascii() && line.len() <= 100, "{}: {line}", build.name);
        }
        let tree = &drawings[drawings.find("  stages\n").expect("a tree")..];
        build.with_view(|_, node| {
            let steps = tree.lines().filter(|line| line.contains("|- ") || line.contains("`- ")).count();
            assert_eq!(steps, node.instructions().len(), "{}:\n{tree}", build.name);
        })
    });
}

#[test]
fn markdown_shows_hostile_text_as_text() {
    let file = "FROM alpine AS a\nRUN echo '</code><script>alert(1)</script>' `x` | *b* @everyone #1 https://x.y\n\
        FROM alpine\nARG TARGETARCH\nRUN echo ```\nCOPY --from=a /x /\n";
    let (_, markdown) = Build::new("a`|@b", file, &TARGETS).reports(Style::PLAIN).expect("it builds");
    let (head, graph) = markdown.split_once("```mermaid\n").expect("a graph");
    let graph = graph.split_once("```\n").expect("its end").0;
    for wrong in ["<script", "@everyone", "@b", "https:", "#1 ", "`"] {
        assert!(!head.contains(wrong), "{wrong:?} in {head}");
    }
    assert!(!graph.contains('`') && !graph.contains("<script"), "{graph}");
    let rows = head.lines().filter(|line| line.starts_with("| "));
    for row in rows {
        let bars = row.matches('|').count();
        assert!(bars == 5 || bars == 6, "{row}");
    }
}
