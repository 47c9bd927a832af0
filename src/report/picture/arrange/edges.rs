//! The lines between boxes: which box shows the vertex that another one uses.
//!
//! Knows boxes and vertices. Knows no words and no positions.

use foldhash::HashMap;

use super::super::view::{BoxIx, BoxKind, EdgeView, GraphView, RowView};
use crate::graph::BuildGraph;
use crate::graph::vertex::{EdgeKind, Op};
use crate::ids::{TargetSet, VertexIx};

/// The boxes that show each vertex.
type Owners = HashMap<VertexIx, Vec<BoxIx>>;

/// Boxes that are looked at where a vertex is shown in more: the first ones, and those of the stage that uses it. Thousands
/// of stages may begin with one image.
const MOST_CANDIDATES: usize = 32;

/// Adds all edges.
pub(super) fn connect(view: &mut GraphView, graph: &BuildGraph) {
    let mut search = Search { view, graph, owners: Owners::default(), last_rows: HashMap::default() };
    for (index, shown) in view.indexed() {
        for vertex in &shown.vertices {
            search.owners.entry(*vertex).or_default().push(index);
        }
    }
    let mut edges = Vec::new();
    for (index, shown) in view.indexed() {
        for (vertex, kind) in uses(view, graph, index) {
            if shown.vertices.contains(&vertex) {
                continue;
            }
            if let Some(from) = search.owner(index, vertex, kind) {
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

/// Looks for the box that a line begins at.
struct Search<'v> {
    view: &'v GraphView,
    graph: &'v BuildGraph,
    owners: Owners,
    /// The last boxes of stages for some targets, as far as they were asked for.
    last_rows: HashMap<(usize, TargetSet), Vec<BoxIx>>,
}

impl Search<'_> {
    /// The earlier box to draw the line from, where several show the vertex: in the same stage if it builds on it, else at
    /// the end of a stage, else the first. An image that another step copies from is outside the build for each that uses it.
    fn owner(&mut self, user: BoxIx, vertex: VertexIx, kind: EdgeKind) -> Option<BoxIx> {
        let view = self.view;
        let using = view.get(user);
        let is_source = matches!(self.graph.vertex(vertex).op, Op::Source(_));
        let all = self.owners.get(&vertex)?;
        let own = all.partition_point(|at| view.get(*at).stage < using.stage).max(MOST_CANDIDATES);
        let near = all.iter().skip(own).take_while(|at| view.get(**at).stage == using.stage);
        let is_shown = |at: &BoxIx| *at < user && (!is_source || view.get(*at).kind == BoxKind::Source);
        let candidates: Vec<BoxIx> =
            all.iter().take(MOST_CANDIDATES).chain(near).copied().filter(is_shown).collect();
        let wrongness = |at: &BoxIx| {
            let shown = view.get(*at);
            let is_same = shown.stage == using.stage;
            let is_last = self.last_row(shown.stage, using.targets).contains(at);
            let overlaps = !shown.targets.intersection(using.targets).is_empty();
            (kind == EdgeKind::Base && !is_same, !is_last, !overlaps, *at)
        };
        candidates.into_iter().min_by_key(wrongness)
    }

    /// The last boxes of a stage for some targets.
    fn last_row(&mut self, stage: usize, targets: TargetSet) -> &[BoxIx] {
        let view = self.view;
        self.last_rows.entry((stage, targets)).or_insert_with(|| {
            let of = |row: &RowView| -> Vec<BoxIx> {
                let own = row.boxes.iter().copied();
                own.filter(|at| !view.get(*at).targets.intersection(targets).is_empty()).collect()
            };
            view.stages[stage].rows.iter().rev().map(of).find(|boxes| !boxes.is_empty()).unwrap_or_default()
        })
    }
}
