//! The Dockerfile with a margin that says it line by line: whole, or the lines that matter.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::{LEAST_COLUMNS, Writer};
use crate::analysis::Instruction;
use crate::dockerfile::ast::Kind;
use crate::ids::{FileIx, StageIx};
use crate::report::brief::{self, short_digests};
use crate::report::escape::{cut, visible, width, wrap};
use crate::report::picture::arguments;
use crate::report::picture::view::{Mode, Worst};
use crate::report::style::Paint;
use crate::report::terminal;
use crate::report::time::COSTLIEST;
use crate::source::{FileLine, Line, Source};

/// A file of so many lines is shown whole.
const WHOLE: u32 = 24;

/// Lines that are shown of a longer file.
const MOST_LINES: usize = 16;

impl Writer<'_> {
    /// The Dockerfile with its margin: whole where that was asked for or is short, else the lines that matter.
    pub(super) fn listing(&mut self) {
        let sources = self.subject.build.request().files();
        for (file, source) in sources.iter().enumerate() {
            if sources.len() > 1 {
                let head = self.style.paint(Paint::Strong, format!("  {}", visible(source.name())));
                self.line(&head);
            }
            self.listing_of(FileIx::new(file), source);
        }
    }

    fn listing_of(&mut self, file: FileIx, source: &Source) {
        let table = source.lines();
        let shown = (!self.drawings.source && table.count() > WHOLE).then(|| self.lines_that_matter(file));
        let digits = table.count().to_string().len();
        let node = self.node;
        let is_own = |stage: StageIx| node.graph.stages()[stage.index()].file == file;
        let instructions = node.instructions();
        let own = instructions.iter().filter(|instruction| is_own(instruction.stage));
        let cells: Vec<(Line, Cell)> =
            own.map(|instruction| (instruction.line, self.cell(instruction))).collect();
        let widest = cells.iter().map(|(_, cell)| width(&cell.mode)).max();
        let margin = Margin { mode: widest.unwrap_or(0).max(MODE_COLUMNS), digits };
        let mut next = cells.into_iter().peekable();
        let mut marks = self.marks(file, shown.is_some()).into_iter().peekable();
        let mut is_cut = false;
        for number in (1..=table.count()).map(Line) {
            let mut cell = Cell::default();
            while let Some((_, own)) = next.next_if(|(line, _)| *line == number) {
                cell = own;
            }
            let mut splits: Vec<String> = Vec::new();
            while let Some((_, split)) = marks.next_if(|(line, _)| *line <= number) {
                splits.push(split);
            }
            if shown.as_ref().is_some_and(|shown| !shown.contains(&number)) {
                is_cut = true;
                continue;
            }
            let mut bar = || {
                if std::mem::take(&mut is_cut) {
                    self.style.either("┊", ":")
                } else {
                    self.style.either("│", "|")
                }
            };
            let marked: Vec<_> = splits.into_iter().map(|split| (bar(), split)).collect();
            let bar = bar();
            for (bar, split) in marked {
                self.split_mark(&split, bar, margin);
            }
            let Some(span) = table.span(number, source) else { continue };
            let written = || visible(source.slice(span)).into_owned();
            let (text, columns) = if shown.is_some() {
                let folded = self.folded(FileLine { file, line: number }).unwrap_or_else(written);
                (short_digests(&folded).into_owned(), Some(self.style.columns()))
            } else {
                (written(), self.style.width)
            };
            let dim = cell.is_empty() && self.is_unneeded(FileLine { file, line: number });
            self.listing_line(&cell, number, bar, margin, &text, columns, dim);
        }
    }

    /// What is said above lines where stages part. What was said further up is referred to, or, where only the lines that matter
    /// are shown, not said again of a stage that begins parted.
    fn marks(&self, file: FileIx, is_short: bool) -> Vec<(Line, String)> {
        let mut said: HashMap<String, Line> = HashMap::new();
        let mut marks = Vec::new();
        let stages = self.node.graph.stages();
        for split in self.node.splits.iter().filter(|split| stages[split.stage.index()].file == file) {
            let reason = visible(&self.places.reason(&split.reason)).into_owned();
            let text = format!("{} {reason}", self.groups(&split.groups)).trim_start().to_owned();
            match said.get(&text) {
                Some(_) if is_short && split.line == stages[split.stage.index()].line => {}
                Some(first) => marks.push((split.line, format!("for the same reason as line {first}"))),
                None => {
                    said.insert(text.clone(), split.line);
                    marks.push((split.line, text));
                }
            }
        }
        marks
    }

    /// The instruction that begins at a line, in one line: what a `RUN`, `COPY` or `ADD` does.
    fn folded(&self, at: FileLine) -> Option<String> {
        let instructions = &self.subject.build.files().get(at.file.index())?.instructions;
        let found = instructions.binary_search_by_key(&at.line, |known| known.line).ok()?;
        let instruction = instructions.get(found)?;
        let is_step = matches!(instruction.kind, Kind::Run(_) | Kind::Copy(_) | Kind::Add(_));
        is_step.then(|| brief::line(&instruction.keyword.text.to_uppercase(), &arguments(instruction)))
    }

    /// The first lines of what splits, is emulated, takes long, or was found something in; of many, the first.
    fn lines_that_matter(&self, file: FileIx) -> BTreeSet<Line> {
        let node = self.node;
        let is_own = |stage: StageIx| node.graph.stages()[stage.index()].file == file;
        let splits = self.marks(file, true).into_iter().map(|(line, _)| line);
        let found = self.subject.findings.iter().filter(|found| found.file == file);
        let found = found.filter_map(|found| found.line);
        let costly = self.subject.timing.into_iter().flat_map(|timing| {
            let vertices = timing.costliest(COSTLIEST).into_iter().map(|task| timing.vertex(task));
            let own = vertices.filter(|(at, _)| std::ptr::eq(self.subject.analysis.node(*at), node));
            let places = own.filter_map(|(_, vertex)| node.graph.vertex(vertex).places.first());
            places.filter(|place| place.file == file).map(|place| place.line).collect::<Vec<_>>()
        });
        let is_slow = |instruction: &Instruction| {
            let modes = instruction.runs.iter().map(|run| Mode::of(node, run.vertex));
            modes
                .into_iter()
                .any(|mode| matches!(mode, Some(Mode::Emulated | Mode::Mixed | Mode::Unsupported)))
        };
        let instructions = node.instructions();
        let slow = instructions.iter().filter(|own| is_own(own.stage) && is_slow(own)).map(|own| own.line);
        // What is said of a line further up comes first where not all have room.
        let mut lines = BTreeSet::new();
        for line in splits.chain(costly).chain(found).chain(slow) {
            if lines.len() == MOST_LINES {
                break;
            }
            lines.insert(line);
        }
        lines
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one line")]
    fn listing_line(
        &mut self,
        cell: &Cell,
        number: Line,
        bar: &str,
        margin: Margin,
        text: &str,
        columns: Option<usize>,
        dim: bool,
    ) {
        let mut line = String::new();
        let Margin { mode, digits } = margin;
        let runs = format!("{:>3}", cell.runs);
        let mode = format!("{:<mode$}", cell.mode);
        let _ = write!(
            line,
            "{} {} {} ",
            self.style.paint(cell.runs_paint, runs),
            self.style.paint(cell.paint, mode),
            self.style.paint(Paint::Dim, format!("{number:>digits$} {bar}"))
        );
        let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(margin.columns() + 3));
        let text = cut(text, room, self.style.either("…", ">")).into_owned();
        line.push_str(&if dim { self.style.paint(Paint::Dim, text) } else { text });
        self.line(&line);
    }

    /// A line across the listing where a stage parts.
    fn split_mark(&mut self, text: &str, bar: &str, margin: Margin) {
        let (after, dash) = (self.style.either("│", "|"), self.style.either("┄", "-"));
        let margin = " ".repeat(margin.columns() + 1);
        let columns = self.style.columns().saturating_sub(width(&margin) + 4).max(LEAST_COLUMNS);
        for (row, line) in wrap(text, columns).into_iter().enumerate() {
            let lead = if row == 0 { dash.repeat(2) } else { "  ".to_owned() };
            let bar = if row == 0 { bar } else { after };
            let painted = self.style.paint(Paint::Warn, format!("{lead} {line}"));
            self.line(&format!("{margin}{}{painted}", self.style.paint(Paint::Dim, bar)));
        }
    }

    fn is_unneeded(&self, at: FileLine) -> bool {
        self.node
            .graph
            .stage_at(at)
            .is_some_and(|stage| self.node.graph.stages()[stage.index()].reachable.is_empty())
    }

    fn cell(&self, instruction: &Instruction) -> Cell {
        let runs = instruction.runs.len();
        let modes: Vec<_> = instruction.runs.iter().map(|run| Mode::of(self.node, run.vertex)).collect();
        let worst = Worst::of(&modes);
        Cell {
            runs: format!("{}{runs}", self.style.either("×", "x")),
            runs_paint: if runs == 1 { Paint::Good } else { Paint::Warn },
            mode: worst.text(Mode::shown),
            paint: terminal::paint(worst.mode),
        }
    }
}

/// The columns of the margin that say how a step runs, where no step needs more.
const MODE_COLUMNS: usize = 12;

/// The columns that the parts of the margin take.
#[derive(Debug, Clone, Copy)]
struct Margin {
    mode: usize,
    digits: usize,
}

impl Margin {
    /// From the beginning of the line to the end of its number.
    const fn columns(self) -> usize {
        3 + 1 + self.mode + 1 + self.digits
    }
}

/// What the margin says of a line.
#[derive(Debug)]
struct Cell {
    runs: String,
    runs_paint: Paint,
    mode: String,
    paint: Paint,
}

impl Cell {
    fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

impl Default for Cell {
    fn default() -> Self {
        Self { runs: String::new(), runs_paint: Paint::Dim, mode: String::new(), paint: Paint::Dim }
    }
}
