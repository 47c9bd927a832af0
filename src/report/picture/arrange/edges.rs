//! The lines between boxes: which box shows the vertex that another one uses.
//!
//! Knows boxes and vertices. Knows no words and no positions.

use foldhash::HashMap;

use super::super::view::{BoxIx, BoxKind, EdgeView, GraphView};
use crate::graph::BuildGraph;
use crate::graph::vertex::{EdgeKind, Op};
use crate::ids::{TargetSet, VertexIx};

/// The boxes that show each vertex.
type Owners = HashMap<VertexIx, Vec<BoxIx>>;

/// Adds all edges.
pub(super) fn connect(view: &mut GraphView, graph: &BuildGraph) {
    let mut owners = Owners::default();
    for (index, shown) in view.indexed() {
        for vertex in &shown.vertices {
            owners.entry(*vertex).or_default().push(index);
        }
    }
    let mut edges = Vec::new();
    for (index, shown) in view.indexed() {
        for (vertex, kind) in uses(view, graph, index) {
            if shown.vertices.contains(&vertex) {
                continue;
            }
            if let Some(from) = owner(view, graph, &owners, index, (vertex, kind)) {
                edges.push(EdgeView { to: index, from, kind, is_critical: false });
            }
        }
    }
    edges.sort_unstable();
    edges.dedup();
    view.edges = edges;
}

/// What a box uses, and how.
fn uses(view: &GraphView, graph: &BuildGraph, index: BoxIx) -> Vec<(VertexIx, EdgeKind)> {
    let shown = view.get(index);
    if shown.kind == BoxKind::Result {
        let last = shown.targets.iter().next().and_then(|target| graph.final_vertex(target));
        return last.map(|vertex| (vertex, EdgeKind::Base)).into_iter().collect();
    }
    shown.vertices.iter().flat_map(|vertex| graph.inputs(*vertex)).collect()
}

/// The earlier box to draw the line from, where several show the vertex: in the same stage if it builds on it, else at the
/// end of a stage, else the first. An image that another step copies from is outside the build for each that uses it.
fn owner(
    view: &GraphView,
    graph: &BuildGraph,
    owners: &Owners,
    user: BoxIx,
    (vertex, kind): (VertexIx, EdgeKind),
) -> Option<BoxIx> {
    let is_source = matches!(graph.vertex(vertex).op, Op::Source(_));
    let is_shown = |at: &BoxIx| *at < user && (!is_source || view.get(*at).kind == BoxKind::Source);
    let candidates = owners.get(&vertex)?.iter().copied().filter(is_shown);
    let using = view.get(user);
    let wrongness = |at: BoxIx| {
        let shown = view.get(at);
        let is_same = shown.stage == using.stage;
        let is_last = last_row(view, shown.stage, using.targets).contains(&at);
        let overlaps = !shown.targets.intersection(using.targets).is_empty();
        (kind == EdgeKind::Base && !is_same, !is_last, !overlaps, at)
    };
    candidates.min_by_key(|at| wrongness(*at))
}

/// The last boxes of a stage for some targets.
fn last_row(view: &GraphView, stage: usize, targets: TargetSet) -> Vec<BoxIx> {
    let rows = view.stages[stage].rows.iter().rev();
    let of = |row: &super::super::view::RowView| -> Vec<BoxIx> {
        let own = row.boxes.iter().copied();
        own.filter(|at| !view.get(*at).targets.intersection(targets).is_empty()).collect()
    };
    rows.map(of).find(|boxes| !boxes.is_empty()).unwrap_or_default()
}
