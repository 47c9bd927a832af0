//! From text and inputs to graph, splits and executions: what every command starts from.
//!
//! A [`Build`] is made once from its texts and inputs, owns all that is known of it, and answers for it: its trees, what
//! their words stand for, its graphs. Composes the layers to its left and adds nothing of its own. Knows no output format,
//! no environment and no files.

mod build;
mod node;
mod repeated;
mod resolved;

pub use self::build::Build;
pub use self::node::{Instruction, NodeAnalysis, Run, Summary};
pub use self::resolved::{FilesOf, Resolved};
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::graph::emulate::Host;
use crate::graph::{self, Outcome, Refusal};
use crate::ids::VertexIx;
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
    /// What was met before.
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
    analyze_nodes(file, nodes, arena).0
}

/// As [`analyze_file`], with what the file's words stand for on each node.
fn analyze_nodes<'a>(
    file: &'a Dockerfile<'a>,
    nodes: &'a [NodeInputs],
    arena: &'a Arena,
) -> (Result<Analysis, Box<Refused>>, Vec<Model<'a>>) {
    let mut analysis = Analysis::default();
    let mut models = Vec::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let Outcome { graph, observations, model } = graph::analyze(file, &node.inputs, arena);
        models.extend(model);
        match graph {
            Ok(graph) => {
                let (name, host) = (node.name.clone(), node.host.clone());
                analysis.nodes.push(NodeAnalysis::new(name, host, graph, observations));
            }
            Err(refusal) => return (Err(Box::new(Refused { refusal, node: at, observations })), Vec::new()),
        }
    }
    analysis.repeated = repeated::repeated(file, nodes, &analysis.nodes, arena);
    (Ok(analysis), models)
}
