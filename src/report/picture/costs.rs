//! What steps cost, written into a [`GraphView`]: durations, shares, and the critical path along boxes and lines.
//!
//! Knows vertices and boxes. Knows no position and no format.

use foldhash::{HashMap, HashSet, HashSetExt};

use super::view::{BoxIx, BoxKind, CostView, GraphView};
use crate::ids::VertexIx;
use crate::timeline::Costs;

impl GraphView {
    /// Adds the costs of the node that the view shows.
    pub(in crate::report) fn add_costs(&mut self, costs: &Costs) {
        let path = costs.critical_path();
        let inputs: HashMap<VertexIx, Option<VertexIx>> =
            path.iter().map(|step| (step.vertex, step.input)).collect();
        for shown in self.boxes.iter_mut().filter(|shown| !shown.vertices.is_empty()) {
            let duration = costs.duration(&shown.vertices);
            shown.cost = Some(CostView {
                duration,
                share: costs.share(duration),
                is_cached: costs.is_cached(&shown.vertices),
            });
            shown.is_critical = shown.vertices.iter().any(|vertex| inputs.contains_key(vertex));
        }
        let last = path.last().map(|step| step.vertex);
        let mut ends: HashSet<BoxIx> = HashSet::new();
        for edge in &mut self.edges {
            let (to, from) = (&self.boxes[edge.to.index()], &self.boxes[edge.from.index()]);
            let is_end = to.kind == BoxKind::Result && last.is_some_and(|last| from.vertices.contains(&last));
            if is_end {
                ends.insert(edge.to);
            }
            let waits_for = |vertex: &VertexIx| {
                inputs.get(vertex).copied().flatten().is_some_and(|input| from.vertices.contains(&input))
            };
            edge.is_critical = is_end || to.vertices.iter().any(waits_for);
        }
        for (index, shown) in self.boxes.iter_mut().enumerate() {
            shown.is_critical |= ends.contains(&BoxIx::new(index));
        }
    }
}
