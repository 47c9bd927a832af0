//! The report for people: the answer, what was found, what costs most, which stages split and why, then the Dockerfile with a
//! margin that says it line by line.

mod found;
mod listing;
mod stages;

use std::fmt::Write as _;

use super::diagnostics::write_diagnostics;
use super::escape::{count, visible, wrap};
use super::places::Places;
use super::style::{Paint, Style};
use super::terminal::{self, Drawings};
use super::{Subject, sharing, time};
use crate::analysis::{Instruction, NodeAnalysis, Summary};
use crate::ids::TargetSet;

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
        let subject = if at == 0 { subject } else { Subject { findings: &[], sharing: &[], ..subject } };
        let drawings = if at == 0 { drawings } else { Drawings { timeline: None, ..drawings } };
        if at > 0 {
            out.push('\n');
        }
        Writer { subject, places: Places::of(subject.build), node, style, drawings, out: &mut out }.write();
    }
    if drawings.source && !subject.findings.is_empty() {
        out.push('\n');
        for (file, source) in subject.build.request().files().iter().enumerate() {
            let findings: Vec<_> =
                subject.findings.iter().filter(|found| found.file.index() == file).collect();
            out.push_str(&write_diagnostics(source, &findings, style));
        }
    }
    out
}

struct Writer<'w> {
    subject: Subject<'w>,
    places: Places<'w>,
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
        self.found();
        if let Some(timing) = self.subject.timing {
            self.lines(&time::section(&self.subject, timing, self.style));
            self.line("");
        }
        self.lines(&sharing::section(&self.subject, self.style));
        self.stages();
        if let Some(timeline) = self.drawings.timeline {
            self.drawn(&terminal::timeline(self.subject.analysis, self.places, timeline, self.style));
        }
        if self.drawings.tree {
            self.drawn(&terminal::tree(self.node, self.style));
        }
        self.listing();
    }

    /// What was found, in short; where the whole file is shown, it follows with its lines.
    fn found(&mut self) {
        let lines = found::found(self.subject.findings, self.places, self.style);
        let timing = self.subject.timing;
        let is_cached =
            timing.is_some_and(|timing| timing.reruns.is_some() || timing.terms.cache.mounts_are_full);
        if is_cached && !lines.is_empty() {
            self.line("  what is found is priced from an empty cache");
        }
        self.lines(&lines);
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
        let name = visible(self.subject.build.name()).into_owned();
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

    /// The groups of platforms of a split, after a space; nothing where each platform is alone, which needs no list.
    fn groups(&self, groups: &[TargetSet]) -> String {
        if groups.iter().all(|group| group.len() == 1) {
            return String::new();
        }
        let names: Vec<String> =
            groups.iter().map(|group| format!("{{{}}}", self.platforms(*group))).collect();
        format!(" {}", names.join(" "))
    }

    fn platforms(&self, targets: TargetSet) -> String {
        visible(&self.node.graph.outputs(targets)).into_owned()
    }
}

/// The least columns that a sentence beside something else gets.
const LEAST_COLUMNS: usize = 16;

/// How often the steps run that do not run once: several platforms may still share a run.
pub(super) fn how_often(node: &NodeAnalysis) -> &'static str {
    let instructions = node.instructions();
    let mut split = instructions.iter().filter(|instruction| instruction.runs.len() > 1);
    let is_alone = |instruction: &Instruction| instruction.runs.iter().all(|run| run.targets.len() == 1);
    if split.all(is_alone) { "once per platform" } else { "more than once" }
}
