//! A build with all that is known of it, kept together.

use self_cell::{MutBorrow, self_cell};

use super::{Analysis, NodeInputs, Refused, Resolved, analyze_nodes};
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::model::resolve::Model;
use crate::source::Source;

/// A build: the texts it is made from, their trees, what their words stand for, and what became of them.
///
/// Owned, so that it can be kept, sent and shared. Whoever wants to know something of a build asks this; nothing is parsed
/// or resolved again.
///
/// # Example
/// ```
/// use xsim::analysis::{Build, NodeInputs};
/// use xsim::graph::emulate::Host;
/// use xsim::ids::StageIx;
/// use xsim::model::{inputs::Inputs, platform::Platform};
/// use xsim::source::Source;
///
/// let amd64 = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
/// let text = "ARG BASE=alpine\nFROM $BASE AS base\nFROM base\nRUN apk add git\n";
/// let source = Source::new("Dockerfile", text.into()).unwrap();
/// let inputs = Inputs::new(amd64.clone(), &[]).unwrap();
/// let build = Build::new(source, vec![NodeInputs { name: None, host: Host::new(amd64), inputs }]);
/// let node = &build.outcome().unwrap().nodes[0];
/// assert_eq!(node.graph.len(), 2);
/// let resolved = build.resolved(0).unwrap();
/// assert_eq!(resolved.stages().len(), 2);
/// assert_eq!(resolved.from(StageIx(0), node.graph.all_targets().iter().next().unwrap()), Some("alpine"));
/// ```
pub struct Build {
    kept: Kept,
    outcome: Result<Analysis, Box<Refused>>,
}

/// The texts, and what their trees need besides.
struct Texts {
    source: Source,
    arena: MutBorrow<Arena>,
}

self_cell! {
    /// Texts and their trees.
    struct Parsed {
        owner: Texts,
        #[covariant]
        dependent: Dockerfile,
    }
}

/// The trees, what they are built with, and what resolving them needs besides.
struct Given {
    parsed: Parsed,
    nodes: Vec<NodeInputs>,
    arena: MutBorrow<Arena>,
}

/// What each node makes of the words; none where the build is refused.
type Models<'a> = Vec<Model<'a>>;

self_cell! {
    /// Trees and what their words stand for.
    struct Kept {
        owner: Given,
        #[covariant]
        dependent: Models,
    }
}

impl Build {
    /// Parses and analyses a Dockerfile for the nodes of a builder.
    ///
    /// Never fails: [`Build::outcome`] says whether it can be built.
    pub fn new(source: Source, nodes: Vec<NodeInputs>) -> Self {
        let texts = Texts { source, arena: MutBorrow::new(Arena::new()) };
        let parsed = Parsed::new(texts, |texts| parse(&texts.source, texts.arena.borrow_mut()));
        let given = Given { parsed, nodes, arena: MutBorrow::new(Arena::small()) };
        let mut outcome = Ok(Analysis::default());
        let kept = Kept::new(given, |given| {
            let file = given.parsed.borrow_dependent();
            let (analysis, models) = analyze_nodes(file, &given.nodes, given.arena.borrow_mut());
            outcome = analysis;
            models
        });
        Self { kept, outcome }
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.kept.borrow_owner().parsed.borrow_owner().source
    }

    /// The tree; it is there also where the build is refused.
    pub fn file(&self) -> &Dockerfile<'_> {
        self.kept.borrow_owner().parsed.borrow_dependent()
    }

    /// The nodes, and what each was to build.
    pub fn nodes(&self) -> &[NodeInputs] {
        &self.kept.borrow_owner().nodes
    }

    /// What is known of the build before it runs, or why it cannot be built.
    pub fn outcome(&self) -> Result<&Analysis, &Refused> {
        self.outcome.as_ref().map_err(|refused| &**refused)
    }

    /// What the words of the file stand for on a node; `None` for a build that is refused and a node that is not there.
    pub fn resolved(&self, node: usize) -> Option<Resolved<'_>> {
        let graph = &self.outcome.as_ref().ok()?.nodes.get(node)?.graph;
        Some(Resolved::new(self.kept.borrow_dependent().get(node)?, graph))
    }

    /// The same build with another text in place of its file.
    #[must_use]
    pub fn with_text(&self, source: Source) -> Self {
        Self::new(source, self.nodes().to_vec())
    }
}

impl std::fmt::Debug for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Build")
            .field("file", self.file())
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn is_shared<T: Send + Sync + 'static>() {}

    #[test]
    fn a_build_can_be_sent_and_shared() {
        is_shared::<Build>();
        is_shared::<Analysis>();
    }
}
