//! What a file system is made of: the vertices below it, and what they copied there.

use super::BuildGraph;
use super::vertex::{Action, CopyAction, Op};
use crate::ids::VertexIx;

/// The vertices from `vertex` down to what its file system began as.
pub(crate) fn bases(graph: &BuildGraph, vertex: VertexIx) -> impl Iterator<Item = VertexIx> {
    let mut next = Some(vertex);
    std::iter::from_fn(move || {
        let at = next?;
        next = match &graph.vertex(at).op {
            Op::Source(_) => None,
            Op::Exec(exec) => exec.root,
            Op::File(file) => file.base,
            Op::Merge { lower, .. } => Some(*lower),
        };
        Some(at)
    })
}

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
