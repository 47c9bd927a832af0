//! What several nodes do more than once because they share nothing.

use foldhash::{HashMap, HashMapExt};

use super::NodeAnalysis;
use crate::dockerfile::{Arena, Dockerfile};
use crate::graph::analyze;
use crate::graph::vertex::VertexKind;
use crate::ids::{NodeIx, VertexIx};
use crate::model::inputs::Inputs;
use crate::model::platform::Platform;
use crate::source::FileLine;

/// The commands of several nodes that the first of them alone would not run for all of their platforms.
pub(super) fn repeated(
    builds: &[(&Dockerfile<'_>, &Inputs)],
    analysed: &[NodeAnalysis],
    arena: &Arena,
) -> Vec<(NodeIx, VertexIx)> {
    let [(file, first), _, ..] = builds else { return Vec::new() };
    let targets: Vec<Platform> = builds.iter().flat_map(|(_, inputs)| inputs.targets()).cloned().collect();
    let Ok(inputs) = first.for_targets(&targets) else { return Vec::new() };
    let Ok(alone) = analyze(file, &inputs, arena).graph else { return Vec::new() };
    // How often one node runs the command of some lines.
    let mut once: HashMap<&[FileLine], usize> = HashMap::new();
    for (_, vertex) in alone.vertices().filter(|(_, vertex)| vertex.kind() == VertexKind::Exec) {
        *once.entry(&vertex.places).or_default() += 1;
    }
    let mut repeated = Vec::new();
    for (at, node) in analysed.iter().enumerate() {
        for (index, vertex) in node.graph.vertices().filter(|(_, vertex)| vertex.kind() == VertexKind::Exec) {
            match once.get_mut(&*vertex.places) {
                Some(left) if *left > 0 => *left -= 1,
                _ => repeated.push((NodeIx::new(at), index)),
            }
        }
    }
    repeated
}
