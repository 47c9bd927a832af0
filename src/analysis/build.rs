//! A build with all that is known of it, kept together.

use self_cell::{MutBorrow, self_cell};

use super::{Analysis, NodeInputs, NodeRequest, Refused, Request, Resolved, analyze_nodes};
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::ids::{BuildIx, FileIx, NodeIx};
use crate::model::resolve::Model;
use crate::source::{FileLine, Source};

/// A build: the texts it is made from, their trees, what their words stand for, and what became of them.
///
/// Owned, so that it can be kept, sent and shared. Whoever wants to know something of a build asks this; nothing is parsed
/// or resolved again.
///
/// # Example
/// ```
/// use xsim::analysis::{Build, NodeInputs};
/// use xsim::ids::{NodeIx, StageIx};
/// use xsim::model::{inputs::Inputs, platform::Platform};
/// use xsim::source::Source;
///
/// let text = "ARG BASE=alpine\nFROM $BASE AS base\nFROM base\nRUN apk add git\n";
/// let source = Source::new("Dockerfile", text.into()).unwrap();
/// let inputs = Inputs::new(Platform::linux("amd64"), &[]).unwrap();
/// let build = Build::new(source, vec![NodeInputs::new(inputs)]);
/// let node = &build.outcome().unwrap().nodes[0];
/// assert_eq!(node.graph.len(), 2);
/// let resolved = build.resolved(NodeIx(0)).unwrap();
/// assert_eq!(resolved.stages().len(), 2);
/// assert_eq!(resolved.from(StageIx(0), node.graph.all_targets().iter().next().unwrap()), Some("alpine"));
/// ```
pub struct Build {
    kept: Kept,
    outcome: Result<Analysis, Box<Refused>>,
}

/// The texts, and what their trees need besides.
struct Texts {
    request: Request,
    arena: MutBorrow<Arena>,
}

/// The trees of all files.
type Trees<'a> = Vec<Dockerfile<'a>>;

self_cell! {
    /// Texts and their trees.
    struct Parsed {
        owner: Texts,
        #[covariant]
        dependent: Trees,
    }
}

/// The trees, and what resolving them needs besides.
struct Given {
    parsed: Parsed,
    arena: MutBorrow<Arena>,
}

/// What each node makes of the words, for each of its builds; none where the build is refused.
type Models<'a> = Vec<Vec<Model<'a>>>;

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
        Self::of(Request::of_file(source, nodes))
    }

    /// Parses and analyses all that is requested: one graph for each daemon, for all its builds together.
    ///
    /// Never fails: [`Build::outcome`] says whether all of it can be built.
    pub fn of(request: Request) -> Self {
        let texts = Texts { request, arena: MutBorrow::new(Arena::new()) };
        let parsed = Parsed::new(texts, |texts| {
            let arena: &Arena = texts.arena.borrow_mut();
            texts.request.files.iter().map(|source| parse(source, arena)).collect()
        });
        let given = Given { parsed, arena: MutBorrow::new(Arena::small()) };
        let mut outcome = Ok(Analysis::default());
        let kept = Kept::new(given, |given| {
            let nodes = &given.parsed.borrow_owner().request.nodes;
            let files = given.parsed.borrow_dependent();
            let (analysis, models) = analyze_nodes(files, nodes, given.arena.borrow_mut());
            outcome = analysis;
            models
        });
        Self { kept, outcome }
    }

    /// What was requested.
    pub fn request(&self) -> &Request {
        &self.kept.borrow_owner().parsed.borrow_owner().request
    }

    /// What reports call it: the name of the definition that it comes from, or of its first Dockerfile.
    pub fn name(&self) -> &str {
        self.request().name.as_deref().unwrap_or_else(|| self.source().name())
    }

    /// The text of a Dockerfile.
    pub fn text(&self, file: FileIx) -> Option<&Source> {
        self.request().files.get(file.index()).map(|source| &**source)
    }

    /// The first line of the instruction that begins at a line, without what surrounds it.
    pub fn written(&self, at: FileLine) -> Option<&str> {
        let file = self.files().get(at.file.index())?;
        let found = file.instructions.binary_search_by_key(&at.line, |known| known.line).ok()?;
        let span = file.instructions.get(found)?.span;
        file.text.get(span.range())?.lines().next().map(str::trim)
    }

    /// The text of the first Dockerfile, which mostly is the only one.
    pub fn source(&self) -> &Source {
        &self.request().files[0]
    }

    /// The tree of the first Dockerfile; it is there also where the build is refused.
    pub fn file(&self) -> &Dockerfile<'_> {
        &self.files()[0]
    }

    /// The trees of all Dockerfiles, in the order of the request.
    pub fn files(&self) -> &[Dockerfile<'_>] {
        self.kept.borrow_owner().parsed.borrow_dependent()
    }

    /// The nodes, and what each was to build.
    pub fn nodes(&self) -> &[NodeRequest] {
        &self.request().nodes
    }

    /// Whether it is that of the targets of a definition.
    pub fn is_of_several(&self) -> bool {
        self.nodes().iter().flat_map(|node| &node.builds).any(|build| !build.name.is_empty())
    }

    /// What is known of the build before it runs, or why it cannot be built.
    pub fn outcome(&self) -> Result<&Analysis, &Refused> {
        self.outcome.as_ref().map_err(|refused| &**refused)
    }

    /// The outcome alone, for who needs the build no longer.
    pub fn into_outcome(self) -> Result<Analysis, Box<Refused>> {
        self.outcome
    }

    /// What the words of the first build's file stand for on a node; `None` for a build that is refused and a node that is
    /// not there.
    pub fn resolved(&self, node: NodeIx) -> Option<Resolved<'_>> {
        self.resolved_build(node, BuildIx(0))
    }

    /// The same of another of the builds that the node runs together.
    pub fn resolved_build(&self, node: NodeIx, build: BuildIx) -> Option<Resolved<'_>> {
        let graph = &self.outcome.as_ref().ok()?.nodes.get(node.index())?.graph;
        Some(Resolved::new(self.kept.borrow_dependent().get(node.index())?.get(build.index())?, graph, build))
    }

    /// The first Dockerfile as other nodes build it, each for its own targets.
    #[must_use]
    pub fn for_nodes(&self, nodes: Vec<NodeInputs>) -> Self {
        Self::of(self.request().for_nodes(nodes))
    }

    /// The same build with another text in place of its first file.
    #[must_use]
    pub fn with_text(&self, source: Source) -> Self {
        Self::of(self.request().with_file(FileIx(0), source))
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
