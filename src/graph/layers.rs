//! What a file system is made of: the vertices below it, and what they copied there.

use super::BuildGraph;
use super::vertex::{Action, CopyAction, Op};
use crate::budget::{Part, spend};
use crate::ids::VertexIx;

/// The vertices from `vertex` down to what its file system began as.
pub(crate) fn bases(graph: &BuildGraph, vertex: VertexIx) -> impl Iterator<Item = VertexIx> {
    let below = |at: &VertexIx| graph.vertex(*at).op.below().filter(|_| spend(Part::Findings, BASE));
    std::iter::successors(Some(vertex), below)
}

/// The work of going from a vertex to what it is made on, which may be asked of each vertex of a long stage.
const BASE: u64 = 4;

/// The copies that a vertex makes, also where it lays them over another.
pub(crate) fn copies_of(graph: &BuildGraph, vertex: VertexIx) -> impl Iterator<Item = &CopyAction> {
    let copier = if let Op::Merge { upper, .. } = &graph.vertex(vertex).op { *upper } else { vertex };
    copies(graph, copier)
}

/// The copies of one vertex alone.
pub(crate) fn copies(graph: &BuildGraph, vertex: VertexIx) -> impl Iterator<Item = &CopyAction> {
    let actions = match &graph.vertex(vertex).op {
        Op::File(file) => &file.actions[..],
        _ => &[],
    };
    actions.iter().filter_map(|action| if let Action::Copy(copy) = action { Some(copy) } else { None })
}
