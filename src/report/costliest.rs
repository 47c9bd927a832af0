//! The costliest steps, a row for each instruction: of its runs those that take longest.

use super::brief;
use super::places::Places;
use crate::analysis::Analysis;
use crate::ids::{NodeIx, TargetSet};
use crate::pricing::Timing;
use crate::sim::TaskIx;
use crate::units::Nanos;

/// An instruction's longest run, with those that take as long.
pub(super) struct Costly {
    /// The run that takes longest.
    pub(super) task: TaskIx,
    /// Where it is: a line, with its file where there are several. Safe to show.
    pub(super) place: String,
    /// What it does, in a line. Safe to show.
    pub(super) text: String,
    /// Where it is in the build: its node, and what its runs work for.
    node: NodeIx,
    targets: TargetSet,
    took: Nanos,
    runs: usize,
}

impl Costly {
    /// The platforms that it takes so long for; nothing where it runs once for all. Not safe to show.
    pub(super) fn platforms(&self, analysis: &Analysis) -> String {
        let graph = &analysis.node(self.node).graph;
        let is_all = self.targets == graph.all_targets();
        match self.targets.len() {
            _ if is_all && self.runs == 1 && analysis.nodes.len() == 1 => String::new(),
            2 if is_all && !graph.is_group() && analysis.nodes.len() == 1 => "both platforms".to_owned(),
            many if many > 1 && !graph.is_group() && is_all => format!("all {many} platforms"),
            many if many > 1 && !graph.is_group() => format!("{many} of {} platforms", graph.targets().len()),
            _ => graph.outputs(self.targets).replace(", ", ","),
        }
    }
}

/// The `most` costliest instructions, the costliest first; none that takes less than a hundredth of the build.
pub(super) fn costliest(
    analysis: &Analysis,
    timing: &Timing<'_>,
    places: Places<'_>,
    most: usize,
) -> Vec<Costly> {
    let mut rows: Vec<Costly> = Vec::new();
    for task in timing.costliest(usize::MAX) {
        let (node, vertex) = timing.vertex(task);
        let graph = &analysis.node(node).graph;
        let known = graph.vertex(vertex);
        let place = known.places.first().map_or_else(String::new, |place| places.short(*place));
        let took = timing.trace.span(task).duration();
        let same = |row: &&mut Costly| row.place == place && row.node == node && !place.is_empty();
        if let Some(row) = rows.iter_mut().find(same) {
            // What reads the same is the same for a reader.
            if row.took.to_string() == took.to_string() {
                row.targets = row.targets.union(known.targets);
                row.runs += 1;
            }
        } else if rows.len() < most {
            let text = brief::step(graph, &known.op);
            rows.push(Costly { task, place, text, node, targets: known.targets, took, runs: 1 });
        }
    }
    rows
}
