//! The graph as a Mermaid flow chart, as GitHub draws it inside Markdown.
//!
//! Hands layout to Mermaid. Every text is written with character references, so that no word of a Dockerfile is taken
//! for Mermaid's or HTML's language. Knows no position.

use std::fmt::Write as _;

use foldhash::HashMap;

use super::dot::label;
use super::layout::Direction;
use super::view::{BoxIx, BoxKind, BoxView, ForkView, GraphView, Mode, StageView};
use crate::graph::vertex::EdgeKind;

/// Writes the graph as Mermaid.
pub fn mermaid(view: &GraphView, direction: Direction) -> String {
    let mut out = String::from("flowchart ");
    out.push_str(match direction {
        Direction::Down => "TB\n",
        Direction::Right => "LR\n",
    });
    for (at, stage) in view.stages.iter().enumerate() {
        let target = if stage.is_target { "target" } else { "" };
        let title = text(&[&stage.name, target, &stage.note], " · ");
        let _ = writeln!(out, "  subgraph s{at}[\"{title}\"]\n    direction TB");
        for index in stage.rows.iter().flat_map(|row| &row.boxes) {
            node(&mut out, view, index.index());
        }
        for (number, fork) in stage.forks.iter().enumerate() {
            let _ = writeln!(out, "    f{at}_{number}>\"{}\"]:::fork", text(&["splits:", &fork.reason], " "));
            for index in forked(view, stage, fork) {
                let _ = writeln!(out, "    f{at}_{number} -.- n{}", index.0);
            }
        }
        out.push_str("  end\n");
    }
    edges(&mut out, view);
    out.push_str(CLASSES);
    out
}

const CLASSES: &str = "\
  classDef native fill:#ddf0ff,stroke:#0a62a8,color:#1b1f24
  classDef cross fill:#ddf0ff,stroke:#0a62a8,stroke-width:3px,color:#1b1f24
  classDef mixed fill:#fff0b8,stroke:#7a5200,stroke-width:2px,color:#1b1f24
  classDef emulated fill:#ffe1d1,stroke:#a63500,stroke-width:3px,color:#1b1f24
  classDef unsupported fill:#e6e6e6,stroke:#000000,stroke-width:3px,stroke-dasharray:6 3,color:#1b1f24
  classDef plain fill:#ffffff,stroke:#57606a,color:#1b1f24
  classDef result fill:#1b1f24,stroke:#1b1f24,color:#ffffff
  classDef fork fill:#fff8c5,stroke:#9a6700,color:#3b2300
";

fn node(out: &mut String, view: &GraphView, at: usize) {
    let shown = &view.boxes[at];
    let [head, note, platforms, cost] = label(view, shown);
    let label = text(&[&head, &note, &platforms, &cost], "<br/>");
    let (open, close) = brackets(shown);
    let _ = writeln!(out, "    n{at}{open}\"{label}\"{close}:::{}", class(shown));
}

/// How many lines from forks stand before the lines between boxes, as Mermaid counts.
fn forks(view: &GraphView) -> usize {
    let of =
        |stage: &StageView| stage.forks.iter().map(|fork| forked(view, stage, fork).count()).sum::<usize>();
    view.stages.iter().map(of).sum()
}

/// The boxes below a fork.
fn forked<'v>(
    view: &'v GraphView,
    stage: &'v StageView,
    fork: &'v ForkView,
) -> impl Iterator<Item = BoxIx> + 'v {
    let row = stage.rows.get(fork.row).into_iter().flat_map(|row| row.boxes.iter().copied());
    row.filter(|index| {
        let targets = view.get(*index).targets;
        fork.groups.iter().any(|group| !group.intersection(targets).is_empty())
    })
}

/// The brackets that give a node its shape.
fn brackets(shown: &BoxView) -> (&'static str, &'static str) {
    match (shown.mode, shown.kind) {
        (Some(Mode::Native), _) => ("(", ")"),
        (Some(Mode::Cross), _) => ("[/", "/]"),
        (Some(Mode::Mixed), _) => ("[[", "]]"),
        (Some(Mode::Emulated | Mode::Unsupported), _) => ("{{", "}}"),
        (None, BoxKind::Source | BoxKind::Result) => ("([", "])"),
        (None, _) => ("[", "]"),
    }
}

fn class(shown: &BoxView) -> &'static str {
    match (shown.mode, shown.kind) {
        (Some(mode), _) => mode.as_str(),
        (None, BoxKind::Result) => "result",
        (None, _) => "plain",
    }
}

fn edges(out: &mut String, view: &GraphView) {
    for edge in &view.edges {
        let _ = writeln!(out, "  n{} {} n{}", edge.from.0, arrow(edge.kind), edge.to.0);
    }
    let critical = view.edges.iter().enumerate().filter(|(_, edge)| edge.is_critical);
    let before = forks(view);
    let critical: Vec<String> = critical.map(|(at, _)| (at + before).to_string()).collect();
    if !critical.is_empty() {
        let _ = writeln!(out, "  linkStyle {} stroke:#8250df,stroke-width:4px", critical.join(","));
    }
    let mut known: HashMap<&str, usize> = HashMap::default();
    for (index, shown) in view.indexed() {
        for thing in &shown.outside {
            let next = known.len();
            let at = *known.entry(&thing.whole).or_insert(next);
            if at == next {
                let _ = writeln!(out, "  o{at}[(\"{}\")]:::plain", text(&[&thing.name], ""));
            }
            let _ = writeln!(out, "  o{at} {} n{}", arrow(thing.edge), index.0);
        }
    }
}

const fn arrow(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => "-->",
        EdgeKind::Copy => "-. copy .->",
        EdgeKind::Mount => "-. mount .->",
        EdgeKind::Link => "== link ==>",
    }
}

/// Parts joined by markup of the project's own. Letters, digits and a few signs stand as they are; everything else
/// becomes a character reference in Mermaid's form, `#35;`.
fn text(parts: &[&str], joint: &str) -> String {
    let mut text = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push_str(joint);
        }
        for char in part.chars() {
            if char.is_alphanumeric() || " /.,-_:=…·+()".contains(char) {
                text.push(char);
            } else {
                let _ = write!(text, "#{};", u32::from(char));
            }
        }
    }
    text
}
