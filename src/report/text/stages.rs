//! The stages: those that split or are emulated with their reason, the others by what became of them.

use std::collections::BTreeSet;

use super::{LEAST_COLUMNS, Writer};
use crate::analysis::Instruction;
use crate::graph::StageInfo;
use crate::graph::split::Split;
use crate::ids::{StageIx, TargetSet};
use crate::report::escape::{count, cut, visible, width, wrap};
use crate::report::picture::view::Mode;
use crate::report::places::from_line;
use crate::report::style::Paint;

/// The columns of the longest name of a stage that is shown whole, with its mark.
const LONGEST_NAME: usize = 33;

/// Stages that are named where several have the same said of them.
const MOST_NAMES: usize = 12;

/// Stages that are named of which nothing is to be said but that they are there.
const MOST_QUIET: usize = 3;

/// What is said of one stage or of several.
struct Row {
    stage: StageIx,
    paint: Paint,
    text: String,
    /// Why it splits, and into what; nothing where it does not.
    cause: Option<String>,
    /// Others that split for the same reason or are emulated alike, with the lines where they do.
    also: Vec<String>,
}

/// What became of a stage of which nothing more is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quiet {
    Whole,
    Only(TargetSet),
    Empty,
    Unneeded,
}

impl Writer<'_> {
    /// The stages that split or are emulated, those of one reason together; the others are counted.
    pub(super) fn stages(&mut self) {
        let node = self.node;
        let slow = self.slow_stages();
        let mut rows: Vec<Row> = Vec::new();
        let mut quiet: Vec<(Quiet, Vec<StageIx>)> = Vec::new();
        for (at, stage) in node.graph.stages().iter().enumerate() {
            let ix = StageIx::new(at);
            let split = node.splits.iter().find(|split| split.stage == ix);
            if let Some(split) = split {
                self.split_row(&mut rows, ix, split);
            } else if slow.contains(&ix) && !stage.reachable.is_empty() {
                self.slow_row(&mut rows, ix, stage);
            } else {
                let what = self.quiet(ix, stage);
                match quiet.iter_mut().find(|(known, _)| *known == what) {
                    Some((_, stages)) => stages.push(ix),
                    None => quiet.push((what, vec![ix])),
                }
            }
        }
        quiet.sort_unstable();
        self.stage_rows(rows);
        self.quiet_stages(&quiet, node.graph.targets().len() == 1);
        self.line("");
    }

    fn split_row(&self, rows: &mut Vec<Row>, at: StageIx, split: &Split) {
        let from = self.node.graph.stages()[at.index()].line;
        let groups = self.groups(&split.groups);
        let reason = visible(&self.places.reason(&split.reason)).into_owned();
        let cause = format!("{groups}: {reason}");
        let place = self.places.line(self.node.graph.place(split.stage, split.line));
        if let Some(known) = rows.iter_mut().find(|row| row.cause.as_ref() == Some(&cause)) {
            let place = if split.line == from { String::new() } else { format!(" at {place}") };
            known.also.push(self.stage_name(at) + &place);
            return;
        }
        let often = if groups.is_empty() { "per platform" } else { "in groups of platforms" };
        let text = if split.line == from {
            format!("{often} from its beginning{cause}")
        } else {
            format!("splits at {place}{cause}")
        };
        rows.push(Row { stage: at, paint: Paint::Plain, text, cause: Some(cause), also: Vec::new() });
    }

    fn slow_row(&self, rows: &mut Vec<Row>, at: StageIx, stage: &StageInfo) {
        let graph = &self.node.graph;
        let text = if stage.reachable == graph.all_targets() || graph.targets().len() == 1 {
            "runs once, under emulation".to_owned()
        } else {
            format!("only for {}, under emulation", self.platforms(stage.reachable))
        };
        match rows.iter_mut().find(|row| row.cause.is_none() && row.text == text) {
            Some(known) => known.also.push(self.stage_name(at)),
            None => rows.push(Row { stage: at, paint: Paint::Warn, text, cause: None, also: Vec::new() }),
        }
    }

    fn quiet(&self, at: StageIx, stage: &StageInfo) -> Quiet {
        let graph = &self.node.graph;
        if stage.reachable.is_empty() {
            Quiet::Unneeded
        } else if graph.stage_steps(at).is_empty() {
            Quiet::Empty
        } else if stage.reachable == graph.all_targets() {
            Quiet::Whole
        } else {
            Quiet::Only(stage.reachable)
        }
    }

    fn quiet_stages(&mut self, quiet: &[(Quiet, Vec<StageIx>)], is_alone: bool) {
        let mut parts = Vec::new();
        for (what, stages) in quiet {
            let what = match what {
                Quiet::Whole if is_alone => "built".to_owned(),
                Quiet::Whole => "whole, every step runs once".to_owned(),
                Quiet::Only(targets) => format!("only for {}", self.platforms(*targets)),
                Quiet::Empty => "without a step".to_owned(),
                Quiet::Unneeded => "not needed".to_owned(),
            };
            let names: Vec<String> = stages.iter().map(|stage| self.stage_name(*stage)).collect();
            let names = if names.len() > MOST_QUIET { count(names.len(), "stage") } else { names.join(", ") };
            parts.push(format!("{what}: {names}"));
        }
        for line in wrap(&parts.join("; "), self.style.columns().saturating_sub(2)) {
            if !line.is_empty() {
                let line = self.style.paint(Paint::Dim, line);
                self.line(&format!("  {line}"));
            }
        }
    }

    fn stage_rows(&mut self, rows: Vec<Row>) {
        let names: Vec<String> = rows.iter().map(|row| self.stage_name(row.stage)).collect();
        let longest = names.iter().map(|name| width(name)).max().unwrap_or(0).min(LONGEST_NAME);
        let lines: Vec<String> = rows
            .iter()
            .map(|row| self.places.line(from_line(&self.node.graph.stages()[row.stage.index()])))
            .collect();
        let most = lines.iter().map(|line| width(line)).max().unwrap_or(0).max(9);
        for ((row, line), name) in rows.into_iter().zip(&lines).zip(&names) {
            let name = cut(name, longest, "~").into_owned();
            let padding = " ".repeat(longest - width(&name));
            let head = format!("  {}{padding}  {line:<most$} ", self.style.paint(Paint::Strong, &name));
            let indent = longest + most + 5;
            let room = self.style.columns().saturating_sub(indent);
            // Where little is left beside the name, the sentence stands below it.
            let (indent, below) = if room < 30 { (4, true) } else { (indent, false) };
            if below {
                self.line(&head);
            }
            let columns = self.style.columns().saturating_sub(indent).max(LEAST_COLUMNS);
            for (at, line) in wrap(&with_others(row.text, &row.also), columns).into_iter().enumerate() {
                let start = if at == 0 && !below { head.clone() } else { " ".repeat(indent) };
                self.line(&format!("{start}{}", self.style.paint(row.paint, line)));
            }
        }
    }

    /// The stages in which a command does not run natively.
    fn slow_stages(&self) -> BTreeSet<StageIx> {
        let is_slow = |own: &Instruction| {
            let modes = own.runs.iter().filter_map(|run| Mode::of(self.node, run.vertex));
            modes.into_iter().any(|mode| matches!(mode, Mode::Emulated | Mode::Mixed | Mode::Unsupported))
        };
        self.node.instructions().iter().filter(|own| is_slow(own)).map(|own| own.stage).collect()
    }

    fn stage_name(&self, stage: StageIx) -> String {
        let name = self.node.graph.stages()[stage.index()].name.as_ref();
        let graph = &self.node.graph;
        let results = graph.results_of(stage);
        let name = match name {
            Some(name) => visible(name).into_owned(),
            None if graph.is_group() && !results.is_empty() => self.platforms(results),
            None => format!("stage {}", stage.0),
        };
        if results.is_empty() { name } else { format!("{name} (target)") }
    }
}

/// What is said of a stage, with the others that it is said of.
fn with_others(text: String, also: &[String]) -> String {
    let named = &also[..also.len().min(MOST_NAMES)];
    match also.len() - named.len() {
        _ if also.is_empty() => text,
        0 => format!("{text}; likewise {}", named.join(", ")),
        more => format!("{text}; likewise {} and {more} more", named.join(", ")),
    }
}
