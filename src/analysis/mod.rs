//! From text and inputs to graph, splits and executions: what every command starts from.
//!
//! A [`Build`] is made once from its texts and inputs, owns all that is known of it, and answers for it: its trees, what
//! their words stand for, its graphs. Composes the layers to its left and adds nothing of its own. Knows no output format,
//! no environment and no files.

mod build;
mod files;
mod machine;
mod node;
mod repeated;
mod request;
mod resolved;

use smallvec::SmallVec;

pub use self::build::Build;
pub(crate) use self::files::{Asked, Files, View};
pub use self::machine::nodes_of;
pub use self::node::{Instruction, NodeAnalysis, Run, Summary};
pub use self::request::{NamedBuild, NodeRequest, Request, RequestError};
pub use self::resolved::{FilesOf, Resolved};
use crate::dockerfile::{Arena, Dockerfile};
use crate::graph::emulate::Host;
use crate::graph::{Outcomes, Part, Refusal, analyze_all};
use crate::ids::{FileIx, NodeIx, VertexIx};
use crate::model::Observation;
use crate::model::inputs::Inputs;
use crate::model::resolve::Model;

/// What is known of a build before it runs.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The part of each node; one, unless the builder has several.
    pub nodes: Vec<NodeAnalysis>,
    /// Commands, by the node that runs them, that would not run if one node built all platforms: nodes share nothing.
    pub repeated: Vec<(NodeIx, VertexIx)>,
}

/// A file that cannot be built.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The node that cannot.
    pub node: NodeIx,
    /// The build that cannot be built; empty for a Dockerfile that is built on its own.
    pub build: String,
    /// Its Dockerfile.
    pub file: FileIx,
    /// What was met in it before.
    pub observations: Vec<Observation>,
}

/// A node of the builder and what it is to build.
#[derive(Debug, Clone)]
pub struct NodeInputs {
    /// Its name, where there are several.
    pub name: Option<String>,
    /// What it can execute.
    pub host: Host,
    /// What it is to build.
    pub inputs: Inputs,
}

impl NodeInputs {
    /// The only node of a builder: it executes what its build platform does, and emulates the rest.
    pub fn new(inputs: Inputs) -> Self {
        Self { name: None, host: Host::new(inputs.build_platform.clone()), inputs }
    }
}

/// Analyses parsed Dockerfiles for all builds of all daemons, with what the words of each build stand for.
fn analyze_nodes<'a>(
    files: &'a [Dockerfile<'a>],
    nodes: &'a [NodeRequest],
    arena: &'a Arena,
) -> (Result<Analysis, Box<Refused>>, Vec<Vec<Model<'a>>>) {
    let mut analysis = Analysis::default();
    let mut models = Vec::with_capacity(nodes.len());
    for node in nodes {
        let part = |build: &'a NamedBuild| {
            let file = files.get(build.file.index())?;
            Some(Part { name: &build.name, file_ix: build.file, file, inputs: &build.inputs })
        };
        let parts: SmallVec<[Part<'a>; 1]> = node.builds.iter().filter_map(part).collect();
        match analysis.add(node.name.as_deref(), &node.host, analyze_all(&parts, arena), &parts) {
            Ok(own) => models.push(own),
            Err(refused) => return (Err(refused), Vec::new()),
        }
    }
    let first = |node: &'a NodeRequest| {
        let build = node.builds.first()?;
        Some((files.get(build.file.index())?, &build.inputs))
    };
    let firsts: Vec<(&Dockerfile<'_>, &Inputs)> = nodes.iter().filter_map(first).collect();
    analysis.finish(&firsts, arena);
    (Ok(analysis), models)
}

impl Analysis {
    /// What a node does.
    ///
    /// # Panics
    /// For a node of another build.
    pub fn node(&self, node: NodeIx) -> &NodeAnalysis {
        &self.nodes[node.index()]
    }

    /// What each node does, in their order.
    pub fn each_node(&self) -> impl ExactSizeIterator<Item = (NodeIx, &NodeAnalysis)> + Clone {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeIx::new(at), node))
    }

    /// What the targets of all nodes are called, node after node.
    pub fn outputs(&self) -> impl Iterator<Item = String> {
        let nodes = self.nodes.iter();
        nodes.flat_map(|node| node.graph.all_targets().iter().map(|target| node.graph.output(target)))
    }

    /// Adds what one node makes of its builds.
    fn add<'a>(
        &mut self,
        name: Option<&str>,
        host: &Host,
        outcomes: Outcomes<'a>,
        parts: &[Part<'a>],
    ) -> Result<Vec<Model<'a>>, Box<Refused>> {
        let Outcomes { graph, mut observations, models } = outcomes;
        match graph {
            Ok(graph) => {
                let name = name.map(str::to_owned);
                self.nodes.push(NodeAnalysis::new(name, host.clone(), graph, observations));
                Ok(models)
            }
            Err((at, refusal)) => {
                let part = parts.get(at);
                Err(Box::new(Refused {
                    refusal: *refusal,
                    node: NodeIx::new(self.nodes.len()),
                    build: part.map(|part| part.name.to_owned()).unwrap_or_default(),
                    file: part.map(|part| part.file_ix).unwrap_or_default(),
                    observations: observations.get_mut(at).map(std::mem::take).unwrap_or_default(),
                }))
            }
        }
    }

    /// Does what needs all nodes.
    fn finish(&mut self, firsts: &[(&Dockerfile<'_>, &Inputs)], arena: &Arena) {
        if self.nodes.len() > 1 && self.nodes.iter().all(|node| node.graph.builds().len() == 1) {
            self.repeated = repeated::repeated(firsts, &self.nodes, arena);
        }
    }
}
