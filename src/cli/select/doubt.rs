//! Whether the graph depends on what is not known of a build before it runs.

use super::super::args::Given;
use super::super::exit::Failure;
use super::super::load::{self, Loaded};
use super::super::setup::Setup;
use super::Meant;
use crate::analysis::{Build, NodeAnalysis, NodeInputs};
use crate::graph::vertex::VertexKind;
use crate::ids::{TargetSet, VertexIx};
use crate::source::{Line, Source};

/// Stands for a value that is not known.
const STAND_IN: &str = "xsim-unknown";

/// Arguments that are tried; of more nothing is said.
const MAX_TRIED: usize = 32;

/// A vertex without what it runs: its kind, its lines, the targets that need it and what it uses.
type Shape = (VertexKind, Vec<Line>, TargetSet, Vec<VertexIx>);

/// A word on the arguments without which the graph is not known.
pub(super) fn note(meant: &Meant, given: &Given, unknown: &[String]) -> Result<Option<String>, Failure> {
    if unknown.is_empty() || !meant.dockerfile.is_file() {
        return Ok(None);
    }
    let setup = Setup::in_context(&meant.dockerfile, meant.context.as_deref(), given)?;
    let Loaded::Source(source) = load::source(&meant.dockerfile)? else { return Ok(None) };
    let deciding = deciding(&source, &setup.nodes, unknown);
    let names = deciding.join(", ");
    Ok((!deciding.is_empty())
        .then(|| format!("the graph depends on {names}, not known before it runs and left at its default")))
}

/// The arguments that change more of the graph than what its steps run with.
fn deciding<'a>(source: &Source, nodes: &[NodeInputs], unknown: &'a [String]) -> Vec<&'a str> {
    let usual = shape(source, nodes);
    let decides = |name: &&str| {
        let mut nodes = nodes.to_vec();
        for node in &mut nodes {
            node.inputs.build_args.insert((*name).to_owned(), STAND_IN.to_owned());
        }
        shape(source, &nodes) != usual
    };
    unknown.iter().take(MAX_TRIED).map(String::as_str).filter(decides).collect()
}

/// The shape of the graph; `None` of what cannot be built.
fn shape(source: &Source, nodes: &[NodeInputs]) -> Option<Vec<Vec<Shape>>> {
    let build = Build::new(source.clone(), nodes.to_vec());
    let analysis = build.outcome().ok()?;
    let of_node = |node: &NodeAnalysis| {
        let vertices = node.graph.vertices().map(|(_, vertex)| {
            let mut inputs = Vec::new();
            vertex.op.inputs(|input, _| inputs.push(input));
            (vertex.kind(), vertex.lines().collect(), vertex.targets, inputs)
        });
        vertices.collect()
    };
    Some(analysis.nodes.iter().map(of_node).collect())
}
