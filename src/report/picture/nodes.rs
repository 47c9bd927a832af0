//! The pictures of several nodes in one: nothing is shared between nodes, so their stages stand side by side.
//!
//! Knows views. Knows no vertex, no position and no format.

use super::arrange::words::clean;
use super::view::{BoxIx, GraphView};
use crate::analysis::{Analysis, Build};
use crate::budget::{Part, spend};
use crate::ids::{TargetIx, TargetSet, VertexIx};
use crate::pricing::Timing;
use crate::report::escape::count;
use crate::timeline::Costs;

/// The work of a box: its words, and what it is connected with.
const BOX: u64 = 8_000;

impl GraphView {
    /// The picture of what all nodes of a build do, with what it costs where that is known.
    pub fn of(build: &Build, analysis: &Analysis, timing: Option<&Timing<'_>>) -> Option<Self> {
        let steps: usize = analysis.nodes.iter().map(|node| node.graph.steps().len()).sum();
        if !spend(Part::Picture, BOX * steps as u64) {
            return None;
        }
        let mut vertices = 0;
        let views = analysis.each_node().map(|(at, node)| {
            let mut view = Self::new(build, node);
            if let Some(timing) = timing {
                view.add_costs(&Costs::new(analysis, timing, at));
            }
            if let Some(name) = node.name.as_deref().filter(|_| analysis.nodes.len() > 1) {
                view.name_node(&clean(name));
            }
            view.renumber(vertices);
            vertices += node.graph.len();
            view
        });
        let mut view = views.reduce(Self::beside)?;
        if analysis.nodes.len() > 1 {
            let nodes: Vec<String> =
                analysis.nodes.iter().map(|node| node.host.platform.to_string()).collect();
            view.summary = format!("{} on {}", count(nodes.len(), "node"), nodes.join(", "));
        }
        if let Some(timing) = timing {
            let machine = clean(&timing.terms.machine.name);
            view.summary = format!(
                "{} · about {} on {machine}; shares are of the {} that the steps take at their medians",
                view.summary,
                timing.total.p50,
                timing.trace.makespan()
            );
        }
        Some(view)
    }

    /// Counts vertices on from those of earlier nodes, as reports do.
    fn renumber(&mut self, first: usize) {
        for vertex in self.boxes.iter_mut().flat_map(|shown| &mut shown.vertices) {
            *vertex = VertexIx::new(first + vertex.index());
        }
    }

    fn name_node(&mut self, name: &str) {
        for stage in &mut self.stages {
            stage.note = if stage.note.is_empty() {
                format!("on {name}")
            } else {
                format!("{} on {name}", stage.note)
            };
        }
    }

    /// This view and another, with nothing in common.
    fn beside(mut self, other: Self) -> Self {
        let (stages, boxes, targets) = (self.stages.len(), self.boxes.len(), self.targets.len());
        let moved = |index: BoxIx| BoxIx::new(index.index() + boxes);
        let retargeted = |set: TargetSet| -> TargetSet {
            set.iter().map(|target| TargetIx::new(target.index() + targets)).collect()
        };
        self.targets.extend(other.targets);
        for mut stage in other.stages {
            stage.targets = retargeted(stage.targets);
            stage.rows.iter_mut().flat_map(|row| &mut row.boxes).for_each(|index| *index = moved(*index));
            for fork in &mut stage.forks {
                fork.groups.iter_mut().for_each(|group| *group = retargeted(*group));
            }
            self.stages.push(stage);
        }
        for mut shown in other.boxes {
            shown.stage += stages;
            shown.targets = retargeted(shown.targets);
            self.boxes.push(shown);
        }
        for mut edge in other.edges {
            (edge.to, edge.from) = (moved(edge.to), moved(edge.from));
            self.edges.push(edge);
        }
        self
    }
}
