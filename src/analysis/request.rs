//! What is to be built: Dockerfiles, and for each daemon the builds that it runs together.

use std::sync::Arc;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::NodeInputs;
use crate::graph::emulate::Host;
use crate::ids::{BuildIx, FileIx, NodeIx, TargetIx, TargetSet};
use crate::model::inputs::{ContextSource, Inputs, NamedContext};
use crate::source::Source;

/// What is to be built. The targets of all builds of a daemon are its outputs; equal steps of theirs run once.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the request as a whole is called, where that is not the name of its one Dockerfile.
    pub(super) name: Option<Box<str>>,
    pub(super) files: Vec<Arc<Source>>,
    pub(super) nodes: Vec<NodeRequest>,
}

/// What one daemon builds. Daemons share nothing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NodeRequest {
    /// Its name, where there are several.
    pub name: Option<String>,
    /// What it can execute.
    pub host: Host,
    /// What it builds, in an order in which results come before the builds that take them as contexts; at least one.
    pub builds: Vec<NamedBuild>,
}

/// A build that is known by a name.
#[derive(Debug, Clone)]
pub struct NamedBuild {
    /// Its name; empty for a Dockerfile that is built on its own.
    pub name: String,
    /// The Dockerfile, by its position in the request.
    pub file: FileIx,
    /// What it is given.
    pub inputs: Inputs,
}

/// Why there can be no such request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// A daemon has nothing to build.
    NoBuild,
    /// A build is made from a Dockerfile that is not there.
    NoFile(String),
    /// A build's context is the result of one that is not there: the two names.
    NoTarget(String, String),
    /// Builds take each other's results in a circle: their names.
    Circle(Vec<String>),
    /// More targets than [`TargetSet::MAX_TARGETS`] for one daemon.
    TooManyTargets(usize),
}

impl std::fmt::Display for RequestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoBuild => f.write_str("there is nothing to build"),
            Self::NoFile(name) => write!(f, "the build {name:?} has no Dockerfile"),
            Self::NoTarget(name, target) => {
                write!(f, "a context of {name:?} is the result of {target:?}, which is not built")
            }
            Self::Circle(names) => write!(f, "builds take each other's results: {}", names.join(", ")),
            Self::TooManyTargets(count) => {
                write!(f, "{count} outputs of one builder exceed the limit of {}", TargetSet::MAX_TARGETS)
            }
        }
    }
}

impl std::error::Error for RequestError {}

impl NodeRequest {
    /// A daemon that builds what is listed.
    pub fn new(host: Host, builds: Vec<NamedBuild>) -> Self {
        Self { name: None, host, builds }
    }
}

impl Request {
    /// One Dockerfile, built by each node for its own targets.
    pub fn of_file(source: Source, nodes: Vec<NodeInputs>) -> Self {
        Self { name: None, files: vec![Arc::new(source)], nodes: Vec::new() }.for_nodes(nodes)
    }

    /// The first Dockerfile, built by each node for its own targets.
    pub(super) fn for_nodes(&self, nodes: Vec<NodeInputs>) -> Self {
        let node = |NodeInputs { name, host, inputs }| {
            let build = NamedBuild { name: String::new(), file: FileIx(0), inputs };
            NodeRequest { name, host, builds: vec![build] }
        };
        Self { name: None, files: self.files[..1].to_vec(), nodes: nodes.into_iter().map(node).collect() }
    }

    /// Several builds. Contexts that are [`ContextSource::Target`] become the results of the builds they name: for a build of
    /// several platforms one context for each, as buildx does; for any other one that holds for every platform.
    pub fn new(files: Vec<Source>, nodes: Vec<NodeRequest>) -> Result<Self, RequestError> {
        let count = files.len();
        let nodes = nodes.into_iter().map(|node| linked(node, count)).collect::<Result<_, _>>()?;
        Ok(Self { name: None, files: files.into_iter().map(Arc::new).collect(), nodes })
    }

    /// The same under the name of what defines its builds, such as `docker-bake.hcl`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The request with another text in place of a file.
    #[must_use]
    pub fn with_file(&self, file: FileIx, source: Source) -> Self {
        let mut changed = self.clone();
        if let Some(place) = changed.files.get_mut(file.index()) {
            *place = Arc::new(source);
        }
        changed
    }

    /// The request with other inputs for the builds of a node; `change` is told their positions.
    #[must_use]
    pub fn with_inputs(&self, node: NodeIx, change: impl Fn(BuildIx, &mut Inputs)) -> Self {
        let mut changed = self.clone();
        let builds = changed.nodes.get_mut(node.index()).into_iter().flat_map(|node| &mut node.builds);
        builds.enumerate().for_each(|(at, build)| change(BuildIx::new(at), &mut build.inputs));
        changed
    }

    /// One of the builds as if it were alone, and its Dockerfile: results of other builds that are contexts of it are images of
    /// which nothing is known.
    pub fn alone(&self, node: NodeIx, build: BuildIx) -> Option<Self> {
        let node = self.nodes.get(node.index())?;
        let own = node.builds.get(build.index())?;
        let file = self.files.get(own.file.index())?;
        let mut inputs = own.inputs.clone();
        for context in &mut inputs.contexts {
            if let ContextSource::Result { build, .. } = &context.source {
                let name = node.builds.get(build.index()).map_or("other", |other| other.name.as_str());
                context.source =
                    ContextSource::Image(format!("result.invalid/{}:latest", name.to_lowercase()));
            }
        }
        let build = NamedBuild { name: String::new(), file: FileIx(0), inputs };
        let nodes =
            vec![NodeRequest { name: node.name.clone(), host: node.host.clone(), builds: vec![build] }];
        Some(Self { name: None, files: vec![Arc::clone(file)], nodes })
    }

    /// The Dockerfiles.
    pub fn files(&self) -> &[Arc<Source>] {
        &self.files
    }

    /// The daemons.
    pub fn nodes(&self) -> &[NodeRequest] {
        &self.nodes
    }
}

/// A daemon's builds in order, each linked to those whose results it takes.
fn linked(mut node: NodeRequest, files: usize) -> Result<NodeRequest, RequestError> {
    if node.builds.is_empty() {
        return Err(RequestError::NoBuild);
    }
    if let Some(build) = node.builds.iter().find(|build| build.file.index() >= files) {
        return Err(RequestError::NoFile(build.name.clone()));
    }
    let targets = node.builds.iter().map(|build| build.inputs.targets().len()).sum();
    if targets > TargetSet::MAX_TARGETS {
        return Err(RequestError::TooManyTargets(targets));
    }
    node.builds = in_order(node.builds)?;
    for at in 0..node.builds.len() {
        let contexts = std::mem::take(&mut node.builds[at].inputs.contexts);
        let linked = contexts.into_iter().flat_map(|context| link(context, &node.builds)).collect();
        node.builds[at].inputs.contexts = linked;
    }
    Ok(node)
}

/// The names of the builds whose results a build takes.
fn taken(build: &NamedBuild) -> impl Iterator<Item = &str> {
    build.inputs.contexts.iter().filter_map(|context| match &context.source {
        ContextSource::Target(name) => Some(name.as_str()),
        _ => None,
    })
}

/// Builds so that each comes after those whose results it takes, and otherwise as they are.
fn in_order(builds: Vec<NamedBuild>) -> Result<Vec<NamedBuild>, RequestError> {
    let mut takes: DiGraph<(), (), u32> = DiGraph::with_capacity(builds.len(), builds.len());
    let nodes: Vec<NodeIndex> = builds.iter().map(|_| takes.add_node(())).collect();
    for (at, build) in builds.iter().enumerate() {
        for name in taken(build) {
            let found = builds.iter().position(|other| other.name == name);
            let target = found.ok_or_else(|| RequestError::NoTarget(build.name.clone(), name.to_owned()))?;
            takes.update_edge(nodes[at], nodes[target], ());
        }
    }
    let mut order = Vec::with_capacity(builds.len());
    // Components come in an order in which what is taken stands before who takes it.
    for component in tarjan_scc(&takes) {
        if component.len() > 1 || component.iter().any(|node| takes.contains_edge(*node, *node)) {
            let names = component.iter().map(|node| builds[node.index()].name.clone());
            return Err(RequestError::Circle(names.collect()));
        }
        order.extend(component.into_iter().map(NodeIndex::index));
    }
    let mut builds: Vec<Option<NamedBuild>> = builds.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|at| builds[at].take()).collect())
}

/// What a context is once the builds have their positions.
fn link(context: NamedContext, builds: &[NamedBuild]) -> Vec<NamedContext> {
    let ContextSource::Target(name) = &context.source else { return vec![context] };
    let Some(at) = builds.iter().position(|build| build.name == *name) else { return Vec::new() };
    let targets = builds[at].inputs.targets();
    let result = |target| ContextSource::Result { build: BuildIx::new(at), target };
    if let [_] = targets {
        return vec![NamedContext { source: result(TargetIx(0)), ..context }];
    }
    let each = targets.iter().enumerate().map(|(target, platform)| NamedContext {
        name: format!("{}::{platform}", context.name),
        source: result(TargetIx::new(target)),
    });
    each.collect()
}
