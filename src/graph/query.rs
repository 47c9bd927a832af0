//! Questions about a finished graph.

use super::BuildGraph;
use super::vertex::{Op, Source};
use crate::ids::VertexIx;

/// Whether a vertex sends a build context; folders that have a name in the Dockerfile are others.
pub fn is_context(graph: &BuildGraph, vertex: VertexIx) -> bool {
    matches!(&graph.vertex(vertex).op, Op::Source(Source::Local(name)) if !graph.text(*name).starts_with("context:"))
}

/// The vertices that send build contexts, ascending.
pub fn contexts(graph: &BuildGraph) -> impl Iterator<Item = VertexIx> {
    graph.vertices().map(|(at, _)| at).filter(|at| is_context(graph, *at))
}

/// A chain of vertices, each an input of the next, with the greatest sum of weights.
///
/// # Arguments
/// * `weight`: what a vertex counts; 1 for each gives the longest chain.
///
/// # Returns
/// The chain from its first vertex to its last; empty for an empty graph.
///
/// # Complexity
/// O(|V| + |E|) time, O(|V|) space.
pub fn critical_path(graph: &BuildGraph, weight: impl Fn(VertexIx) -> u64) -> Vec<VertexIx> {
    // The sum up to each vertex, and the input it comes through.
    let mut best: Vec<(u64, Option<VertexIx>)> = Vec::with_capacity(graph.len());
    for (index, vertex) in graph.vertices() {
        let mut through = (0, None);
        vertex.op.inputs(|input, _| {
            if best[input.index()].0 > through.0 {
                through = (best[input.index()].0, Some(input));
            }
        });
        best.push((through.0.saturating_add(weight(index)), through.1));
    }
    let last = (0..best.len()).rev().max_by_key(|&at| best[at].0);
    let mut path = Vec::new();
    let mut at = last.map(VertexIx::new);
    while let Some(vertex) = at {
        path.push(vertex);
        at = best[vertex.index()].1;
    }
    path.reverse();
    path
}
