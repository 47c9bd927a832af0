//! The report for people: what is shared, what splits and why, then the Dockerfile with a margin that says it line by
//! line.

use std::fmt::Write as _;

use super::diagnostics::write_diagnostics;
use super::escape::{count, cut, visible, width, wrap};
use super::picture::view::{Mode, Worst};
use super::style::{Paint, Style};
use super::terminal::{self, Drawings};
use super::{Subject, time};
use crate::analysis::{Instruction, NodeAnalysis, Summary};
use crate::graph::split::Split;
use crate::ids::{StageIx, TargetSet};
use crate::source::{Line, Source};

/// The text report of an analysis.
pub fn analysis_text(subject: &Subject<'_>, style: Style) -> String {
    analysis_text_with(subject, style, Drawings::default())
}

/// The text report of an analysis, with drawings in characters.
pub fn analysis_text_with(subject: &Subject<'_>, style: Style, drawings: Drawings<'_>) -> String {
    let mut out = String::new();
    let nodes = &subject.analysis.nodes;
    // The time is that of all nodes, and is said once.
    let timing = subject.timing.filter(|_| nodes.len() > 1);
    for line in timing.into_iter().flat_map(|timing| time::of_nodes(subject, timing, style)) {
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for (at, node) in nodes.iter().enumerate() {
        let subject = if nodes.len() == 1 { *subject } else { Subject { timing: None, ..*subject } };
        let drawings = if at == 0 { drawings } else { Drawings { timeline: None, ..drawings } };
        if at > 0 {
            out.push('\n');
        }
        Writer { subject, source: subject.source, node, style, drawings, out: &mut out }.write();
    }
    if !subject.findings.is_empty() {
        out.push('\n');
        let cached = subject
            .timing
            .is_some_and(|timing| timing.reruns.is_some() || timing.terms.cache.mounts_are_full);
        if cached {
            out.push_str("  what is found is priced from an empty cache\n\n");
        }
        let findings: Vec<_> = subject.findings.iter().collect();
        out.push_str(&write_diagnostics(subject.source, &findings, style));
    }
    out
}

struct Writer<'w> {
    subject: Subject<'w>,
    source: &'w Source,
    node: &'w NodeAnalysis,
    style: Style,
    drawings: Drawings<'w>,
    out: &'w mut String,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn lines(&mut self, lines: &[String]) {
        for line in lines {
            self.line(line);
        }
    }

    fn write(&mut self) {
        let summary = self.node.summary();
        self.title();
        self.counts(&summary);
        if let Some(timing) = self.subject.timing {
            self.lines(&time::headline(&self.subject, timing, self.style));
        }
        self.line("");
        self.stages();
        self.line("");
        if let Some(timing) = self.subject.timing {
            self.lines(&time::section(&self.subject, timing, self.style));
            self.line("");
        }
        if let Some(timeline) = self.drawings.timeline {
            self.drawn(&terminal::timeline(self.subject.analysis, timeline, self.style));
        }
        if self.drawings.tree {
            self.drawn(&terminal::tree(self.node, self.style));
        }
        self.listing();
    }

    /// A drawing with an empty line below it.
    fn drawn(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            self.lines(lines);
            self.line("");
        }
    }

    fn title(&mut self) {
        let graph = &self.node.graph;
        let targets = self.platforms(graph.all_targets());
        let name = visible(self.source.name()).into_owned();
        let node = self.node.name.as_ref().map_or_else(String::new, |name| format!(" ({})", visible(name)));
        let host = graph.build_platform().to_string();
        let text = format!("{name} for {targets}, built on {}{node}", visible(&host));
        for line in wrap(&text, self.style.columns()) {
            let line = self.style.paint(Paint::Strong, line);
            self.line(&line);
        }
    }

    fn counts(&mut self, summary: &Summary) {
        let split = summary.instructions - summary.once;
        let often = how_often(self.node);
        let (paint, steps) = match (summary.instructions, split) {
            (0, _) => (Paint::Plain, "nothing has to run".to_owned()),
            (all, 0) if self.node.graph.targets().len() == 1 => (Paint::Plain, count(all, "step")),
            (1, 0) => (Paint::Good, "1 step, shared by every platform".to_owned()),
            (all, 0) => (Paint::Good, format!("{all} steps, each shared by every platform")),
            (1, _) => (Paint::Warn, format!("1 step, run {often}")),
            (all, split) if split == all => (Paint::Warn, format!("{all} steps, each run {often}")),
            (all, split) => (Paint::Warn, format!("{all} steps: {} run once, {split} {often}", all - split)),
        };
        self.line(&format!("  {}", self.style.paint(paint, steps)));
        let commands = summary.commands;
        let mut any = false;
        for (number, paint, what) in [
            (summary.emulated, Paint::Bad, "emulated"),
            (summary.mixed, Paint::Warn, "native, with a foreign program under emulation"),
            (summary.crossing, Paint::Notice, "native, building for another platform"),
            (summary.unsupported, Paint::Bad, "impossible here"),
        ] {
            if number > 0 {
                any = true;
                let text = format!("{number} of {} {what}", count(commands, "command run"));
                for (row, line) in wrap(&text, self.style.columns().saturating_sub(4)).into_iter().enumerate()
                {
                    let indent = if row == 0 { "  " } else { "    " };
                    self.line(&format!("{indent}{}", self.style.paint(paint, line)));
                }
            }
        }
        if commands > 0 && !any {
            self.line(&format!("  {}", self.style.paint(Paint::Good, "no command is emulated")));
        }
    }

    /// The first split of each stage, in one sentence.
    fn stages(&mut self) {
        let stages = self.node.graph.stages();
        let node = self.node;
        let mut splits = node.splits.iter().peekable();
        let names: Vec<String> = (0..stages.len()).map(|at| self.stage_name(StageIx::new(at))).collect();
        let longest = names.iter().map(|name| width(name)).max().unwrap_or(0).min(LONGEST_NAME);
        for (at, stage) in stages.iter().enumerate() {
            let name = cut(&names[at], longest, "~").into_owned();
            let padding = " ".repeat(longest - width(&name));
            let head =
                format!("  {}{padding}  line {:<4} ", self.style.paint(Paint::Strong, &name), stage.line);
            let indent = longest + 14;
            let first = splits.peek().copied().filter(|split| split.stage.index() == at);
            while splits.next_if(|split| split.stage.index() == at).is_some() {}
            let (paint, text) = self.stage_text(StageIx::new(at), first);
            let room = self.style.columns().saturating_sub(indent);
            // Where little is left beside the name, the sentence stands below it.
            let (indent, below) = if room < 30 { (4, true) } else { (indent, false) };
            if below {
                self.line(&head);
            }
            let columns = self.style.columns().saturating_sub(indent).max(LEAST_COLUMNS);
            for (row, line) in wrap(&text, columns).into_iter().enumerate() {
                let start = if row == 0 && !below { head.clone() } else { " ".repeat(indent) };
                self.line(&format!("{start}{}", self.style.paint(paint, line)));
            }
        }
    }

    /// What became of a stage, whose first split is given.
    fn stage_text(&self, at: StageIx, split: Option<&Split>) -> (Paint, String) {
        let graph = &self.node.graph;
        let stage = &graph.stages()[at.index()];
        if stage.reachable.is_empty() {
            (Paint::Dim, "not needed".to_owned())
        } else if graph.stage_steps(at).is_empty() {
            (Paint::Dim, "no step of its own".to_owned())
        } else if let Some(split) = split {
            (Paint::Plain, self.split_sentence(split, stage.line))
        } else if graph.targets().len() == 1 {
            (Paint::Plain, "built".to_owned())
        } else if stage.reachable == graph.all_targets() {
            (Paint::Good, "whole: every step runs once".to_owned())
        } else {
            (Paint::Plain, format!("only for {}", self.platforms(stage.reachable)))
        }
    }

    fn split_sentence(&self, split: &Split, from: Line) -> String {
        let groups = self.groups(&split.groups);
        let reason = visible(&split.reason.text()).into_owned();
        if split.line == from {
            format!("per platform from its beginning {groups}: {reason}")
        } else {
            format!("splits at line {} {groups}: {reason}", split.line)
        }
    }

    fn groups(&self, groups: &[TargetSet]) -> String {
        let names: Vec<String> =
            groups.iter().map(|group| format!("{{{}}}", self.platforms(*group))).collect();
        names.join(" ")
    }

    fn platforms(&self, targets: TargetSet) -> String {
        let names = targets.iter().map(|target| self.node.graph.targets()[target.index()].to_string());
        visible(&names.collect::<Vec<_>>().join(", ")).into_owned()
    }

    fn stage_name(&self, stage: StageIx) -> String {
        let name = self.node.graph.stages()[stage.index()].name.as_ref();
        let name = name.map_or_else(|| format!("stage {}", stage.0), |name| visible(name).into_owned());
        if stage == self.node.graph.target_stage() { format!("{name} (target)") } else { name }
    }

    /// The Dockerfile with its margin.
    fn listing(&mut self) {
        let instructions = self.node.instructions();
        let table = self.source.lines();
        let digits = table.count().to_string().len();
        let node = self.node;
        let cells: Vec<(Line, Cell)> =
            instructions.iter().map(|instruction| (instruction.line, self.cell(instruction))).collect();
        let widest = cells.iter().map(|(_, cell)| width(&cell.mode)).max();
        let margin = Margin { mode: widest.unwrap_or(0).max(MODE_COLUMNS), digits };
        let mut next = cells.into_iter().peekable();
        let mut marks = node.splits.iter().peekable();
        for number in (1..=table.count()).map(Line) {
            let mut cell = Cell::default();
            while let Some((_, own)) = next.next_if(|(line, _)| *line == number) {
                cell = own;
            }
            let mut splits: Vec<&Split> = Vec::new();
            while let Some(split) = marks.next_if(|split| split.line <= number) {
                splits.push(split);
            }
            for split in splits {
                self.split_mark(split, margin);
            }
            let Some(span) = table.span(number, self.source) else { continue };
            let text = visible(self.source.slice(span)).into_owned();
            let dim = cell.is_empty() && self.is_unneeded(number);
            self.listing_line(&cell, number, margin, &text, dim);
        }
    }

    fn listing_line(&mut self, cell: &Cell, number: Line, margin: Margin, text: &str, dim: bool) {
        let mut line = String::new();
        let Margin { mode, digits } = margin;
        let bar = self.style.either("│", "|");
        let runs = format!("{:>3}", cell.runs);
        let mode = format!("{:<mode$}", cell.mode);
        let _ = write!(
            line,
            "{} {} {} ",
            self.style.paint(cell.runs_paint, runs),
            self.style.paint(cell.paint, mode),
            self.style.paint(Paint::Dim, format!("{number:>digits$} {bar}"))
        );
        let text = match self.style.width {
            Some(columns) => {
                cut(text, columns.saturating_sub(margin.columns() + 3), self.style.either("…", ">"))
                    .into_owned()
            }
            None => text.to_owned(),
        };
        line.push_str(&if dim { self.style.paint(Paint::Dim, text) } else { text });
        self.line(&line);
    }

    /// A line across the listing where a stage parts.
    fn split_mark(&mut self, split: &Split, margin: Margin) {
        let (bar, dash) = (self.style.either("│", "|"), self.style.either("┄", "-"));
        let margin = " ".repeat(margin.columns() + 1);
        let text = format!("{} {}", self.groups(&split.groups), visible(&split.reason.text()));
        let columns = self.style.columns().saturating_sub(width(&margin) + 4).max(LEAST_COLUMNS);
        for (row, line) in wrap(&text, columns).into_iter().enumerate() {
            let lead = if row == 0 { dash.repeat(2) } else { "  ".to_owned() };
            let painted = self.style.paint(Paint::Warn, format!("{lead} {line}"));
            self.line(&format!("{margin}{}{painted}", self.style.paint(Paint::Dim, bar)));
        }
    }

    fn is_unneeded(&self, line: Line) -> bool {
        let stages = self.node.graph.stages();
        let at = stages.partition_point(|stage| stage.line <= line);
        at.checked_sub(1).is_some_and(|at| stages[at].reachable.is_empty())
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

/// The columns of the longest name of a stage that is shown whole, with its mark.
const LONGEST_NAME: usize = 33;

/// The least columns that a sentence beside something else gets.
const LEAST_COLUMNS: usize = 16;

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

/// How often the steps run that do not run once: several platforms may still share a run.
pub(super) fn how_often(node: &NodeAnalysis) -> &'static str {
    let instructions = node.instructions();
    let mut split = instructions.iter().filter(|instruction| instruction.runs.len() > 1);
    let is_alone = |instruction: &Instruction| instruction.runs.iter().all(|run| run.targets.len() == 1);
    if split.all(is_alone) { "once per platform" } else { "more than once" }
}
