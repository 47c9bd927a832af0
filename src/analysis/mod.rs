//! From text and inputs to graph, splits and executions: what every command starts from.
//!
//! A [`Build`] is made once from its texts and inputs, owns all that is known of it, and answers for it: its trees, what
//! their words stand for, its graphs. Composes the layers to its left and adds nothing of its own. Knows no output format,
//! no environment and no files.

mod build;
mod node;
mod repeated;
mod request;
mod resolved;

use smallvec::SmallVec;

pub use self::build::Build;
pub use self::node::{Instruction, NodeAnalysis, Run, Summary};
pub use self::request::{NamedBuild, NodeRequest, Request, RequestError};
pub use self::resolved::{FilesOf, Resolved};
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::graph::emulate::Host;
use crate::graph::{Outcomes, Part, Refusal, analyze_all};
use crate::ids::{FileIx, VertexIx};
use crate::model::Observation;
use crate::model::inputs::Inputs;
use crate::model::resolve::Model;
use crate::source::Source;

/// What is known of a build before it runs.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The part of each node; one, unless the builder has several.
    pub nodes: Vec<NodeAnalysis>,
    /// Commands, by the node that runs them, that would not run if one node built all platforms: nodes share nothing.
    pub repeated: Vec<(usize, VertexIx)>,
}

/// A file that cannot be built.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The node that cannot, by its position.
    pub node: usize,
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

/// Analyses a Dockerfile for one node.
///
/// # Example
/// ```
/// use xsim::analysis::{NodeInputs, analyze};
/// use xsim::graph::emulate::Host;
/// use xsim::model::{inputs::Inputs, platform::Platform};
/// use xsim::source::Source;
///
/// let amd64 = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
/// let arm64 = Platform::parse("linux/arm64", &amd64).unwrap();
/// let source = Source::new("Dockerfile", b"FROM alpine\nRUN apk add git\n".to_vec()).unwrap();
/// let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).unwrap();
/// let node = NodeInputs { name: None, host: Host::new(amd64), inputs };
/// let analysis = analyze(&source, &[node]).unwrap();
/// let node = &analysis.nodes[0];
/// assert_eq!(node.graph.len(), 4, "an image and a command for each platform");
/// assert_eq!(node.splits[0].line.0, 1);
/// ```
pub fn analyze(source: &Source, nodes: &[NodeInputs]) -> Result<Analysis, Box<Refused>> {
    let arena = Arena::new();
    let file = parse(source, &arena);
    analyze_file(&file, nodes, &arena)
}

/// Analyses a parsed Dockerfile, for one node or several.
///
/// Every node is analysed; the refusal of the first one that refuses is returned.
pub fn analyze_file<'a>(
    file: &'a Dockerfile<'a>,
    nodes: &'a [NodeInputs],
    arena: &'a Arena,
) -> Result<Analysis, Box<Refused>> {
    let mut analysis = Analysis::default();
    for node in nodes {
        let part = Part { name: "", file_ix: FileIx(0), file, inputs: &node.inputs };
        analysis.add(node.name.as_deref(), &node.host, analyze_all(&[part], arena), &[part])?;
    }
    let parts: Vec<(&Dockerfile<'_>, &Inputs)> = nodes.iter().map(|node| (file, &node.inputs)).collect();
    analysis.finish(&parts, arena);
    Ok(analysis)
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
                    node: self.nodes.len(),
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
