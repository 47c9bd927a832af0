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
use crate::ids::{FileIx, StageIx};
use crate::report::escape::visible;
use crate::report::picture::sign;
use crate::report::picture::view::{BoxKind, Mode, Worst};
use crate::report::places::Places;
use crate::source::Line;

/// Lines that a page shows at most.
const MAX_LINES: usize = 3_000;
/// Bytes of a line that a page shows at most.
const MAX_LINE: usize = 1_000;
/// Remarks under a line at most.
const MAX_NOTES: usize = 4;

/// A Dockerfile.
#[derive(Debug)]
pub(super) struct FileView {
    pub(super) name: String,
    pub(super) lines: Vec<LineView>,
}

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

/// The listings of all Dockerfiles, and how many lines they leave out.
pub(super) fn listings(
    explored: &Explored<'_>,
    nodes: &[(&NodeAnalysis, &Steps, usize)],
) -> (Vec<FileView>, usize) {
    let build = explored.build;
    let (mut files, mut room, mut left_out) = (Vec::new(), MAX_LINES, 0);
    for (at, (source, file)) in build.request().files().iter().zip(build.files()).enumerate() {
        let texts = source.text().lines();
        let lines: Vec<LineView> =
            texts.take(room).zip(1..).map(|(text, number)| plain(text, number)).collect();
        room -= lines.len();
        left_out += (source.lines().count() as usize).saturating_sub(lines.len());
        let file = Listed { ix: FileIx::new(at), file, places: Places::of(build), nodes };
        files.push(FileView { name: visible(source.name()).into_owned(), lines: file.listing(lines) });
    }
    (files, left_out)
}

/// A Dockerfile that is listed.
struct Listed<'l> {
    ix: FileIx,
    file: &'l Dockerfile<'l>,
    places: Places<'l>,
    nodes: &'l [(&'l NodeAnalysis, &'l Steps, usize)],
}

impl Listed<'_> {
    fn is_own(&self, node: &NodeAnalysis, stage: StageIx) -> bool {
        node.graph.stages()[stage.index()].file == self.ix
    }

    /// The lines with what is to be said of each.
    fn listing(&self, mut lines: Vec<LineView>) -> Vec<LineView> {
        for instruction in &self.file.instructions {
            let (first, last) = (instruction.line.0 as usize, instruction.last_line.0 as usize);
            for (at, line) in lines.iter_mut().enumerate().take(last).skip(first.saturating_sub(1)) {
                line.continues = at + 1 > first;
                line.is_comment &= instruction.heredocs.is_empty();
            }
        }
        self.add_steps(&mut lines);
        let mut modes_of = vec![Vec::new(); lines.len()];
        for (node, ..) in self.nodes {
            let name = node.name.as_ref().filter(|_| self.nodes.len() > 1);
            self.add_marks(&mut lines, node, &mut modes_of);
            for split in node.splits.iter().filter(|split| self.is_own(node, split.stage)) {
                let groups: Vec<String> =
                    split.groups.iter().map(|group| node.graph.outputs(*group)).collect();
                // Each platform alone is what a split is without a word.
                let is_alone = split.groups.iter().all(|group| group.len() == 1);
                let into = if is_alone { String::new() } else { format!(" into {}", groups.join(" | ")) };
                let of = name.map_or_else(String::new, |name| format!(" on {}", visible(name)));
                let text = format!(
                    "splits here{of}{}: {}",
                    visible(&into),
                    shorten(&visible(&self.places.reason(&split.reason)))
                );
                add_note(&mut lines, split.line, "split", text);
            }
        }
        lines
    }

    /// Says for each line of an instruction which steps it belongs to.
    fn add_steps(&self, lines: &mut [LineView]) {
        let mut of_line: HashMap<Line, Vec<usize>> = HashMap::default();
        for (_, steps, first) in self.nodes {
            for (at, step) in steps.all.iter().enumerate() {
                let own = step.places.iter().filter(|place| place.file == self.ix);
                own.for_each(|place| of_line.entry(place.line).or_default().push(first + at));
            }
        }
        for instruction in &self.file.instructions {
            let Some(steps) = of_line.get(&instruction.line) else { continue };
            let text: Vec<String> = steps.iter().map(ToString::to_string).collect();
            let text = text.join(" ");
            let (first, last) = (instruction.line.0 as usize, instruction.last_line.0 as usize);
            for line in lines.iter_mut().take(last).skip(first.saturating_sub(1)) {
                line.steps.clone_from(&text);
            }
        }
    }

    /// Says what became of each instruction on a node, and on those before it, of whose runs `modes_of` holds the modes.
    fn add_marks(&self, lines: &mut [LineView], node: &NodeAnalysis, modes_of: &mut [Vec<Option<Mode>>]) {
        let instructions = node.instructions();
        for instruction in instructions.iter().filter(|own| self.is_own(node, own.stage)) {
            let at = (instruction.line.0 as usize).checked_sub(1);
            let Some(line) = at.and_then(|at| lines.get_mut(at)) else { continue };
            let modes = instruction.runs.iter().map(|run| Mode::of(node, run.vertex));
            let known = &mut modes_of[at.unwrap_or_default()];
            known.extend(modes);
            line.mark = Some(mark(kind(node, instruction), known));
        }
    }
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

fn add_note(lines: &mut [LineView], line: Line, class: &'static str, text: String) {
    let Some(shown) = (line.0 as usize).checked_sub(1).and_then(|at| lines.get_mut(at)) else { return };
    if shown.notes.len() < MAX_NOTES && !shown.notes.iter().any(|note| note.text == text) {
        shown.notes.push(NoteView { class, text });
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
