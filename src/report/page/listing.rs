//! The annotated Dockerfile: its lines, what became of each, and where stages split.
//!
//! Holds finished words. A file of any length has a bounded listing.

use foldhash::HashMap;

use super::Explored;
use super::data::shorten;
use super::steps::Steps;
use crate::analysis::{Instruction, NodeAnalysis};
use crate::dockerfile::Dockerfile;
use crate::graph::vertex::VertexKind;
use crate::ids::TargetSet;
use crate::report::escape::visible;
use crate::report::picture::sign;
use crate::report::picture::view::{BoxKind, Mode, Worst};
use crate::source::Line;

/// Lines that a page shows at most.
const MAX_LINES: usize = 3_000;
/// Bytes of a line that a page shows at most.
const MAX_LINE: usize = 1_000;
/// Remarks under a line at most.
const MAX_NOTES: usize = 4;

/// A line of the file.
#[derive(Debug)]
pub(super) struct LineView {
    pub(super) number: u32,
    pub(super) text: String,
    /// The numbers of the steps that the line is part of, separated by spaces.
    pub(super) steps: String,
    /// What became of the instruction that begins here.
    pub(super) mark: Option<MarkView>,
    /// Whether an instruction goes on here.
    pub(super) continues: bool,
    pub(super) is_comment: bool,
    pub(super) notes: Vec<NoteView>,
}

/// What became of an instruction.
#[derive(Debug)]
pub(super) struct MarkView {
    /// A finished picture.
    pub(super) sign: String,
    /// How often it runs, such as `×2`.
    pub(super) count: String,
    /// How it runs, such as `emulated 1/2`; nothing for what runs no program.
    pub(super) how: String,
}

/// A remark under a line.
#[derive(Debug)]
pub(super) struct NoteView {
    /// `split`, `error`, `warning` or `note`.
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// The listing, and how many lines it leaves out.
pub(super) fn listing(
    explored: &Explored<'_>,
    nodes: &[(&NodeAnalysis, &Steps, usize)],
) -> (Vec<LineView>, usize) {
    let Explored { source, file, .. } = explored;
    let texts = source.text().lines();
    let count = source.lines().count() as usize;
    let mut lines: Vec<LineView> =
        texts.take(MAX_LINES).zip(1..).map(|(text, number)| plain(text, number)).collect();
    for instruction in &file.instructions {
        let (first, last) = (instruction.line.0 as usize, instruction.last_line.0 as usize);
        for (at, line) in lines.iter_mut().enumerate().take(last).skip(first.saturating_sub(1)) {
            line.continues = at + 1 > first;
            line.is_comment &= instruction.heredocs.is_empty();
        }
    }
    add_steps(&mut lines, file, nodes);
    let mut modes_of = vec![Vec::new(); lines.len()];
    for (node, ..) in nodes {
        let name = node.name.as_ref().filter(|_| nodes.len() > 1);
        add_marks(&mut lines, node, &mut modes_of);
        for split in &node.splits {
            let groups: Vec<String> = split.groups.iter().map(|group| platforms(node, *group)).collect();
            let of = name.map_or_else(String::new, |name| format!(" on {}", visible(name)));
            let text = format!(
                "splits here{of} into {}: {}",
                groups.join(" | "),
                shorten(&visible(&split.reason.text()))
            );
            add_note(&mut lines, split.line, "split", text);
        }
    }
    let left_out = count.saturating_sub(lines.len());
    (lines, left_out)
}

fn plain(text: &str, number: u32) -> LineView {
    let text = match text.char_indices().find(|(at, _)| *at >= MAX_LINE) {
        Some((at, _)) => format!("{}…", visible(&text[..at])),
        None => visible(text).into_owned(),
    };
    LineView {
        number,
        is_comment: text.trim_start().starts_with('#'),
        text,
        steps: String::new(),
        mark: None,
        continues: false,
        notes: Vec::new(),
    }
}

/// Says for each line of an instruction which steps it belongs to.
fn add_steps(lines: &mut [LineView], file: &Dockerfile<'_>, nodes: &[(&NodeAnalysis, &Steps, usize)]) {
    let mut of_line: HashMap<Line, Vec<usize>> = HashMap::default();
    for (_, steps, first) in nodes {
        for (at, step) in steps.all.iter().enumerate() {
            step.lines.iter().for_each(|line| of_line.entry(*line).or_default().push(first + at));
        }
    }
    for instruction in &file.instructions {
        let Some(steps) = of_line.get(&instruction.line) else { continue };
        let text: Vec<String> = steps.iter().map(ToString::to_string).collect();
        let text = text.join(" ");
        let (first, last) = (instruction.line.0 as usize, instruction.last_line.0 as usize);
        for line in lines.iter_mut().take(last).skip(first.saturating_sub(1)) {
            line.steps.clone_from(&text);
        }
    }
}

fn add_note(lines: &mut [LineView], line: Line, class: &'static str, text: String) {
    let Some(shown) = (line.0 as usize).checked_sub(1).and_then(|at| lines.get_mut(at)) else { return };
    if shown.notes.len() < MAX_NOTES && !shown.notes.iter().any(|note| note.text == text) {
        shown.notes.push(NoteView { class, text });
    }
}

/// Says what became of each instruction on a node, and on those before it, of whose runs `modes_of` holds the modes.
fn add_marks(lines: &mut [LineView], node: &NodeAnalysis, modes_of: &mut [Vec<Option<Mode>>]) {
    for instruction in node.instructions() {
        let at = (instruction.line.0 as usize).checked_sub(1);
        let Some(line) = at.and_then(|at| lines.get_mut(at)) else { continue };
        let modes = instruction.runs.iter().map(|run| Mode::of(node, run.vertex));
        let known = &mut modes_of[at.unwrap_or_default()];
        known.extend(modes);
        line.mark = Some(mark(kind(node, &instruction), known));
    }
}

fn kind(node: &NodeAnalysis, instruction: &Instruction) -> BoxKind {
    match instruction.runs.first().map(|run| node.graph.vertex(run.vertex).kind()) {
        Some(VertexKind::Source) => BoxKind::Source,
        Some(VertexKind::Exec) => BoxKind::Command,
        _ => BoxKind::Files,
    }
}

/// What became of an instruction whose runs have these modes.
fn mark(kind: BoxKind, modes: &[Option<Mode>]) -> MarkView {
    let worst = Worst::of(modes);
    MarkView {
        sign: sign(kind, worst.mode),
        count: format!("×{}", modes.len()),
        how: worst.text(Mode::as_str),
    }
}

fn platforms(node: &NodeAnalysis, targets: TargetSet) -> String {
    let names = targets.iter().map(|target| node.graph.targets()[target.index()].to_string());
    names.collect::<Vec<_>>().join(", ")
}
