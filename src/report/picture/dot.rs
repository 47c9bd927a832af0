//! The graph in Graphviz' language.
//!
//! Hands layout to Graphviz; says the same as the SVG by colours, shapes and words. Knows no position.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::layout::Direction;
use super::view::{BoxKind, BoxView, CostView, GraphView, Mode};
use crate::graph::vertex::EdgeKind;
use crate::report::workflow::without_brackets;

/// Writes the graph as DOT.
pub fn dot(view: &GraphView, direction: Direction) -> String {
    let mut out = String::from("digraph build {\n");
    let rank = match direction {
        Direction::Down => "TB",
        Direction::Right => "LR",
    };
    let _ = writeln!(
        out,
        "  graph [rankdir={rank}, fontname=\"Arial\", labelloc=t, label={}]",
        quote(&[&view.title, &view.summary])
    );
    out.push_str(
        "  node [fontname=\"Arial\", fontsize=11, shape=box]\n  edge [fontname=\"Arial\", fontsize=10]\n",
    );
    for (at, stage) in view.stages.iter().enumerate() {
        let width = if stage.is_target { 3 } else { 1 };
        let _ = writeln!(out, "  subgraph cluster_{at} {{");
        let target = if stage.is_target { "target" } else { "" };
        let reasons: Vec<String> =
            stage.forks.iter().map(|fork| format!("splits: {}", fork.reason)).collect();
        let lines: Vec<&str> = [&stage.name, target, &stage.note]
            .into_iter()
            .chain(reasons.iter().map(String::as_str))
            .collect();
        let _ = writeln!(out, "    label={}; penwidth={width}", quote(&lines));
        for index in stage.rows.iter().flat_map(|row| &row.boxes) {
            node(&mut out, view, index.index());
        }
        out.push_str("  }\n");
    }
    outside(&mut out, view);
    for edge in &view.edges {
        let width = if edge.is_critical { ", penwidth=3" } else { "" };
        let _ = writeln!(
            out,
            "  n{} -> n{} [style={}, tooltip={}{width}]",
            edge.from.0,
            edge.to.0,
            style(edge.kind),
            quote(&[edge.kind.as_str()])
        );
    }
    out.push_str("}\n");
    out
}

/// The lines of a box: what it does, how, for which platforms and how long; empty where there is nothing to say.
pub(super) fn label(view: &GraphView, shown: &BoxView) -> [String; 4] {
    let is_whole = view.targets.len() == 1 || shown.targets.len() == view.targets.len();
    let platforms = if is_whole || shown.kind == BoxKind::Result {
        String::new()
    } else {
        format!("for {}", view.platforms(shown.targets))
    };
    let head = format!("{} {}", shown.keyword, short(&shown.label));
    let cost = shown.cost.map_or_else(String::new, CostView::text);
    [head.trim().to_owned(), shown.note.clone(), platforms, cost]
}

fn node(out: &mut String, view: &GraphView, at: usize) {
    let shown = &view.boxes[at];
    let [head, note, platforms, cost] = label(view, shown);
    let (fill, line, shape) = look(shown);
    let _ = writeln!(
        out,
        "    n{at} [label={}, tooltip={}, {shape}, fillcolor=\"{fill}\", color=\"{line}\"]",
        quote(&[&head, &note, &platforms, &cost]),
        quote(&[&shown.whole]),
    );
}

/// What comes from outside: a node for each thing, shared by all that use it.
fn outside(out: &mut String, view: &GraphView) {
    let mut known: Vec<&str> = Vec::new();
    for (index, shown) in view.indexed() {
        for thing in &shown.outside {
            let at = known.iter().position(|name| *name == thing.whole).unwrap_or_else(|| {
                known.push(&thing.whole);
                let at = known.len() - 1;
                let label = quote(&[&thing.name]);
                let _ = writeln!(
                    out,
                    "  o{at} [label={label}, tooltip={}, shape=note, style=solid]",
                    quote(&[&thing.whole])
                );
                at
            });
            let _ = writeln!(out, "  o{at} -> n{} [style={}]", index.0, style(thing.edge));
        }
    }
}

/// Fill, line and shape.
fn look(shown: &BoxView) -> (&'static str, &'static str, &'static str) {
    match (shown.mode, shown.kind) {
        (Some(Mode::Native), _) => ("#ddf0ff", "#0a62a8", "style=\"rounded,filled\""),
        (Some(Mode::Cross), _) => ("#ddf0ff", "#0a62a8", "shape=cds, style=filled"),
        (Some(Mode::Mixed), _) => ("#fff0b8", "#7a5200", "style=\"rounded,filled\", peripheries=2"),
        (Some(Mode::Emulated), _) => ("#ffe1d1", "#a63500", "shape=octagon, style=filled, penwidth=2"),
        (Some(Mode::Unsupported), _) => {
            ("#e6e6e6", "#000000", "shape=octagon, style=\"filled,dashed\", penwidth=3")
        }
        (None, BoxKind::Source) => ("#ffffff", "#57606a", "shape=ellipse, style=filled"),
        (None, BoxKind::Result) => ("#d0d7de", "#1b1f24", "shape=ellipse, style=filled, penwidth=2"),
        (None, _) => ("#ffffff", "#57606a", "style=filled"),
    }
}

const fn style(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => "solid",
        EdgeKind::Copy => "dashed",
        EdgeKind::Mount => "dotted",
        EdgeKind::Link => "bold",
    }
}

/// The longest label of a box in formats that do not wrap, in characters.
const MAX_LABEL: usize = 44;

/// A label with its middle cut out.
pub(super) fn short(text: &str) -> String {
    let count = text.chars().count();
    if count <= MAX_LABEL {
        return text.to_owned();
    }
    let head: String = text.chars().take(MAX_LABEL * 2 / 3).collect();
    let tail: String = text.chars().skip(count - MAX_LABEL / 3 + 1).collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// A quoted string of lines. Backslashes are doubled, as Graphviz reads escapes in labels; entities are not wanted.
fn quote(lines: &[&str]) -> String {
    let mut quoted = String::from("\"");
    let lines = lines.iter().filter(|line| !line.is_empty());
    for (at, line) in lines.enumerate() {
        if at > 0 {
            quoted.push_str("\\n");
        }
        for char in line.chars() {
            match char {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\n' => quoted.push_str("\\n"),
                '&' => quoted.push_str("&amp;"),
                _ => quoted.push(char),
            }
        }
    }
    quoted.push('"');
    match without_brackets(&quoted, "&#91;") {
        Cow::Owned(safe) => safe,
        Cow::Borrowed(_) => quoted,
    }
}
