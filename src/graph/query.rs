//! Questions about a finished graph: what a target needs, the longest chain, what is there more than once.

use super::BuildGraph;
use super::vertex::{Op, VertexKind};
use crate::ids::{TargetIx, VertexIx};

/// The vertices that a target needs, inputs first.
pub fn needed_by(graph: &BuildGraph, target: TargetIx) -> impl Iterator<Item = VertexIx> {
    graph.vertices().filter(move |(_, vertex)| vertex.targets.contains(target)).map(|(index, _)| index)
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

/// Commands that run more than once with the same text in one stage's or several stages' place: groups of vertices that
/// differ in input, environment or platform only.
pub fn repeated_commands(graph: &BuildGraph) -> Vec<Vec<VertexIx>> {
    let mut groups: Vec<(Vec<crate::symbols::Symbol>, Vec<VertexIx>)> = Vec::new();
    let mut places = foldhash::HashMap::default();
    for (index, vertex) in graph.vertices() {
        let Op::Exec(exec) = &vertex.op else { continue };
        let at = *places.entry(exec.args.clone()).or_insert_with(|| {
            groups.push((exec.args.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(index);
    }
    groups.into_iter().map(|(_, group)| group).filter(|group| group.len() > 1).collect()
}

/// How many vertices of a kind there are.
pub fn count(graph: &BuildGraph, kind: VertexKind) -> usize {
    graph.vertices().filter(|(_, vertex)| vertex.kind() == kind).count()
}
