//! What the targets of a definition share and repeat, for people.

use std::fmt::Write as _;

use super::Subject;
use super::brief;
use super::escape::{count, cut, visible, wrap};
use super::places::Places;
use super::style::{Paint, Style};
use crate::graph::BuildGraph;
use crate::ids::{TargetSet, VertexIx};
use crate::sharing::{Repeated, Sharing, Uncertain};
use crate::units::Nanos;

/// Causes of repetition that are listed, and steps of several builds.
const MOST: usize = 8;

/// Groups of outputs that are named of one cause.
const MOST_GROUPS: usize = 4;

/// Columns of a step that are shown at least.
const LEAST_ROOM: usize = 24;

/// The words for one node's sharing.
pub(super) struct Words<'w> {
    places: Places<'w>,
    graph: &'w BuildGraph,
    sharing: &'w Sharing,
}

impl<'w> Words<'w> {
    /// For each node on which several builds run.
    pub(super) fn each(subject: &Subject<'w>) -> impl Iterator<Item = Self> + use<'w> {
        let (build, nodes) = (subject.build, &subject.analysis.nodes);
        subject.sharing.iter().filter_map(move |sharing| {
            let graph = &nodes.get(sharing.node.index())?.graph;
            Some(Self { places: Places::of(build), graph, sharing })
        })
    }

    /// How much is done once, in a sentence.
    pub(super) fn summary(&self) -> String {
        let Sharing { steps, alone, shared, .. } = self.sharing;
        let targets = self.graph.builds().len();
        format!(
            "{} run for {}, {} of them for several; built one by one, the targets would run {alone}",
            count(*steps, "step"),
            count(targets, "target"),
            shared.len(),
        )
    }

    /// Where a step stands and what it does.
    pub(super) fn step(&self, vertex: VertexIx) -> (String, String) {
        let known = self.graph.vertex(vertex);
        let place = known.places.first().map_or_else(String::new, |place| self.places.short(*place));
        (place, brief::step(self.graph, &known.op))
    }

    pub(super) fn outputs(&self, targets: TargetSet) -> String {
        self.graph.outputs(targets)
    }

    pub(super) fn outputs_of(&self, vertex: VertexIx) -> String {
        self.outputs(self.graph.vertex(vertex).targets)
    }

    pub(super) fn shared(&self) -> &'w [VertexIx] {
        &self.sharing.shared
    }

    pub(super) fn repeated(&self) -> &'w [Repeated] {
        &self.sharing.repeated
    }

    /// Why something is repeated. Not safe to show.
    pub(super) fn reason(&self, repeated: &Repeated) -> String {
        self.places.reason(&repeated.reason)
    }

    /// What is repeated: its first instruction, and how many follow from the same cause.
    pub(super) fn what(&self, repeated: &Repeated) -> String {
        let first = repeated.siblings.first().map(|vertex| self.step(*vertex).1).unwrap_or_default();
        let place = repeated.places.first().map_or_else(String::new, |place| self.places.line(*place));
        let more = match repeated.places.len() - 1 {
            0 => String::new(),
            more => format!(", and {} more", count(more, "instruction")),
        };
        format!("{place} ({first}){more}")
    }

    /// The outputs that each do it for themselves.
    pub(super) fn groups(&self, repeated: &Repeated) -> String {
        let mut names: Vec<String> =
            repeated.groups.iter().take(MOST_GROUPS).map(|group| self.outputs(*group)).collect();
        if repeated.groups.len() > MOST_GROUPS {
            names.push(format!("{} more", repeated.groups.len() - MOST_GROUPS));
        }
        names.join(" | ")
    }

    /// What it costs, and what one value for all would save.
    pub(super) fn cost(repeated: &Repeated) -> String {
        let mut text = count(repeated.more, "step");
        text.push_str(" more");
        if repeated.core_time > Nanos::ZERO {
            let _ = write!(text, ", core time {}", repeated.core_time);
        }
        match repeated.saving {
            Some(Nanos::ZERO) => text.push_str("; the same for all would not make the build shorter"),
            Some(saving) => {
                let _ = write!(text, "; the same for all would save {saving}");
            }
            None => {}
        }
        text
    }

    pub(super) fn uncertain(&self) -> impl Iterator<Item = String> + '_ {
        self.sharing.uncertain.iter().map(|Uncertain { place, ignoring, others }| {
            format!(
                "from {} on, {} ignores the cache and {} does not: steps run once for both only if the one that ignores it \
                 comes first",
                self.places.line(*place),
                self.outputs(*ignoring),
                self.outputs(*others)
            )
        })
    }
}

/// The section of the text report.
pub(super) fn section(subject: &Subject<'_>, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for words in Words::each(subject) {
        paragraph(&mut lines, "targets", &words.summary(), style);
        let shown = words.shared().iter().take(MOST);
        let ellipsis = style.either("…", "~");
        for vertex in shown {
            let (place, text) = words.step(*vertex);
            let names = visible(&words.outputs(words.graph.vertex(*vertex).targets)).into_owned();
            let head = format!("    once {place}  ");
            let tail = format!("  for {names}");
            let room = style.columns().saturating_sub(head.chars().count() + tail.chars().count());
            let text = visible(&text).into_owned();
            let text = cut(&text, room.max(LEAST_ROOM), ellipsis).into_owned();
            let text = if style.unicode { text } else { super::terminal::ascii(&text) };
            lines.push(format!("{}{text}{}", style.paint(Paint::Good, head), style.paint(Paint::Dim, tail)));
        }
        if words.shared().len() > MOST {
            lines.push(style.paint(Paint::Dim, format!("    and {} more", words.shared().len() - MOST)));
        }
        for repeated in words.repeated().iter().take(MOST) {
            let text = format!(
                "{} for {}: {}. {}",
                words.what(repeated),
                words.groups(repeated),
                words.reason(repeated),
                Words::cost(repeated)
            );
            paragraph(&mut lines, "repeated", &visible(&text), style);
        }
        if words.repeated().len() > MOST {
            let more = words.repeated().len() - MOST;
            lines.push(style.paint(Paint::Dim, format!("    and {} more", count(more, "cause"))));
        }
        for text in words.uncertain() {
            paragraph(&mut lines, "without cache", &visible(&text), style);
        }
        lines.push(String::new());
    }
    lines
}

fn paragraph(lines: &mut Vec<String>, name: &str, text: &str, style: Style) {
    let text = if style.unicode { text.to_owned() } else { super::terminal::ascii(text) };
    let text = format!("{name}: {text}");
    for (row, line) in wrap(&text, style.columns().saturating_sub(4)).into_iter().enumerate() {
        lines.push(match line.strip_prefix(name) {
            Some(rest) if row == 0 => format!("  {}{rest}", style.paint(Paint::Strong, name)),
            _ => format!("    {line}"),
        });
    }
}
