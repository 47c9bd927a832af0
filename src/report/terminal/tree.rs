//! The stages as a tree: the target with its steps, below each step the stages it takes files from.
//!
//! A stage that several use is shown once. Depth is bounded, so that the size stays linear in the build.

use std::collections::VecDeque;

use super::super::brief;
use super::super::escape::{cut, visible, width};
use super::super::picture::view::{Mode, Worst};
use super::super::style::{Paint, Style};
use super::chart::ascii;
use super::{heading, paint};
use crate::analysis::{Instruction, NodeAnalysis};
use crate::ids::StageIx;

/// Stages deeper than this are shown after the tree.
const MOST_DEEP: usize = 8;
/// The lines of the tree of one node's stages.
pub(in crate::report) fn tree(node: &NodeAnalysis, style: Style) -> Vec<String> {
    let stages = node.graph.stages().len();
    let mut steps: Vec<Vec<Instruction>> = vec![Vec::new(); stages];
    for instruction in node.instructions() {
        steps[instruction.stage.index()].push(instruction);
    }
    let mut tree = Tree {
        node,
        style,
        steps,
        is_shown: vec![false; stages],
        later: node.graph.builds().iter().map(|build| build.stage).collect(),
        lines: vec![heading("stages", style)],
    };
    // Last the stages whose steps are those of another stage, so that nothing takes files from them.
    let mut rest = (0..stages).rev().map(StageIx::new);
    while let Some(stage) = tree.later.pop_front().or_else(|| rest.next()) {
        if !tree.is_shown[stage.index()] && !tree.steps[stage.index()].is_empty() {
            let name = tree.name(stage);
            tree.lines.push(format!("  {}", style.paint(Paint::Strong, name)));
            tree.stage(stage, "  ", 0);
        }
    }
    tree.lines
}

struct Tree<'t> {
    node: &'t NodeAnalysis,
    style: Style,
    steps: Vec<Vec<Instruction>>,
    is_shown: Vec<bool>,
    /// Stages to be shown from the left again.
    later: VecDeque<StageIx>,
    lines: Vec<String>,
}

impl Tree<'_> {
    fn name(&self, stage: StageIx) -> String {
        let name = self.node.graph.stages()[stage.index()].name.as_deref();
        let name = name.map_or_else(|| format!("stage {}", stage.0), |name| visible(name).into_owned());
        if self.style.unicode { name } else { ascii(&name) }
    }

    fn stage(&mut self, stage: StageIx, prefix: &str, depth: usize) {
        self.is_shown[stage.index()] = true;
        let steps = std::mem::take(&mut self.steps[stage.index()]);
        for (at, step) in steps.iter().enumerate() {
            let is_last = at + 1 == steps.len();
            let branch =
                if is_last { self.style.either("└─", "`-") } else { self.style.either("├─", "|-") };
            self.step(step, &format!("{prefix}{branch} "));
            let below = if is_last { "   " } else { self.style.either("│  ", "|  ") };
            let below = format!("{prefix}{below}");
            for used in self.used(step) {
                self.used_stage(used, &below, depth + 1);
            }
        }
    }

    /// A stage that a step takes files from.
    fn used_stage(&mut self, stage: StageIx, prefix: &str, depth: usize) {
        let is_shown = self.is_shown[stage.index()];
        let note = match (is_shown, depth > MOST_DEEP) {
            (true, _) => " (above)",
            (false, true) => " (below)",
            (false, false) => "",
        };
        let name = self.style.paint(Paint::Strong, self.name(stage));
        let arrow = self.style.either("◂", "<");
        self.lines.push(format!("{prefix}{arrow} {name}{note}"));
        match note {
            "" => self.stage(stage, &format!("{prefix}  "), depth),
            " (below)" => self.later.push_back(stage),
            _ => {}
        }
    }

    /// The other stages that a step uses, in the order of the file.
    fn used(&self, step: &Instruction) -> Vec<StageIx> {
        let graph = &self.node.graph;
        let mut stages: Vec<StageIx> = Vec::new();
        for (input, _) in step.vertices.iter().flat_map(|vertex| graph.inputs(*vertex)) {
            let owners = &graph.vertex(input).stages;
            if !owners.contains(&step.stage) {
                stages.extend(owners.first());
            }
        }
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    fn step(&mut self, step: &Instruction, lead: &str) {
        let runs = step.runs.len();
        let modes: Vec<Option<Mode>> = step.runs.iter().map(|run| Mode::of(self.node, run.vertex)).collect();
        let worst = Worst::of(&modes);
        let how = format!("{}{runs} {}", self.style.either("×", "x"), worst.text(Mode::shown));
        let how = how.trim_end();
        let graph = &self.node.graph;
        let text = step
            .runs
            .first()
            .map_or_else(String::new, |run| brief::step(graph, &graph.vertex(run.vertex).op));
        let text = if self.style.unicode { text } else { ascii(&text) };
        let head = format!("{lead}{} ", step.line);
        let text = match self.style.width {
            Some(columns) => {
                let room = columns.saturating_sub(width(&head) + width(how) + 3).max(12);
                cut(&text, room, self.style.either("…", "~")).into_owned()
            }
            None => text,
        };
        self.lines.push(format!("{head}{text}  {}", self.style.paint(paint(worst.mode), how)));
    }
}
