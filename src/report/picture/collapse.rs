//! A picture with one box for each stage, for builds of too many steps to read.
//!
//! Counts boxes of a [`GraphView`]. Knows no vertex and no format.

use super::view::{BoxIx, BoxKind, BoxView, CostView, EdgeView, GraphView, Mode, RowView, StageView};
use crate::ids::TargetSet;

/// How much of a build is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// As much as can be read at the width of a pull request.
    #[default]
    Auto,
    /// Every step.
    Step,
    /// One box for each stage.
    Stage,
}

impl GraphView {
    /// The view in the detail asked for.
    #[must_use]
    pub fn in_detail(self, detail: Detail) -> Self {
        match detail {
            Detail::Stage => self.collapsed(),
            Detail::Auto => self.legible(),
            Detail::Step => self,
        }
    }

    /// One box for each stage, and one line for each kind of use between two stages.
    #[must_use]
    pub fn collapsed(self) -> Self {
        let boxes: Vec<BoxView> = (0..self.stages.len()).map(|stage| self.stage_box(stage)).collect();
        let mut edges = self.edges.clone();
        for edge in &mut edges {
            edge.from = BoxIx::new(self.get(edge.from).stage);
            edge.to = BoxIx::new(self.get(edge.to).stage);
        }
        let edges = merged(edges);
        let stages = self.stages.into_iter().enumerate();
        let stages = stages.map(|(at, stage)| StageView {
            rows: vec![RowView { boxes: vec![BoxIx::new(at)] }],
            forks: Vec::new(),
            ..stage
        });
        let is_timed = boxes.iter().any(|shown| shown.cost.is_some());
        let what = if is_timed && self.targets.len() > 1 {
            "; a stage takes what its slowest platform takes"
        } else {
            ""
        };
        Self { summary: self.summary + what, stages: stages.collect(), boxes, edges, ..self }
    }

    /// What a stage does, counted.
    pub(super) fn stage_box(&self, at: usize) -> BoxView {
        let stage = &self.stages[at];
        let own: Vec<&BoxView> = stage
            .rows
            .iter()
            .flat_map(|row| &row.boxes)
            .map(|index| self.get(*index))
            .filter(|shown| shown.line.is_some())
            .collect();
        let rows = stage.rows.iter().filter(|row| row.boxes.iter().any(|at| self.get(*at).line.is_some()));
        let steps = rows.count();
        let plural = |number: usize| if number == 1 { "" } else { "s" };
        let label = format!("{steps} step{}, {} run{}", plural(steps), own.len(), plural(own.len()));
        let counts = Mode::VALUES.iter().filter_map(|mode| {
            let number = own.iter().filter(|shown| shown.mode == Some(*mode)).count();
            (number > 0).then(|| format!("{number} {}", mode.as_str()))
        });
        let counts: Vec<String> = counts.collect();
        let reasons = stage.forks.iter().map(|fork| format!("splits: {}", fork.reason));
        let whole: Vec<String> =
            own.iter().map(|shown| format!("{} {}", shown.keyword, shown.label)).collect();
        BoxView {
            stage: at,
            targets: stage.targets,
            kind: BoxKind::Stage,
            mode: own.iter().filter_map(|shown| shown.mode).max(),
            keyword: String::new(),
            label,
            note: counts.join(", "),
            whole: whole.into_iter().chain(reasons).collect::<Vec<_>>().join("\n"),
            line: Some(stage.line),
            vertices: own.iter().flat_map(|shown| shown.vertices.iter().copied()).collect(),
            outside: Vec::new(),
            cost: summed(&own),
            is_critical: own.iter().any(|shown| shown.is_critical),
        }
    }
}

/// Lines without those that begin and end in one box. Of lines that would run beside each other one is enough; it is critical if any
/// of them is.
pub(super) fn merged(mut edges: Vec<EdgeView>) -> Vec<EdgeView> {
    edges.retain(|edge| edge.from != edge.to);
    edges.sort_unstable();
    edges.dedup_by(|later, kept| {
        let is_same = (later.to, later.from, later.kind) == (kept.to, kept.from, kept.kind);
        kept.is_critical |= is_same && later.is_critical;
        is_same
    });
    edges
}

/// What boxes cost one after another, for the target that they take longest for.
pub(super) fn summed(boxes: &[&BoxView]) -> Option<CostView> {
    let all = boxes.iter().fold(TargetSet::EMPTY, |all, shown| all.union(shown.targets));
    let lane = |target| {
        let own = boxes.iter().filter(|shown| shown.targets.contains(target));
        let costs: Vec<CostView> = own.filter_map(|shown| shown.cost).collect();
        (!costs.is_empty()).then(|| CostView {
            duration: costs.iter().map(|cost| cost.duration).sum(),
            share: costs.iter().map(|cost| cost.share).sum(),
            is_cached: costs.iter().all(|cost| cost.is_cached),
        })
    };
    all.iter().filter_map(lane).max_by_key(|cost| cost.duration)
}
