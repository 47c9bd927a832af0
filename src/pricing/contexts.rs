//! What is known of build contexts, and which vertices of a graph send them.

use std::sync::{Arc, OnceLock};

use crate::analysis::{Analysis, NodeAnalysis};
use crate::context::{Context, Files};
use crate::cost::project::Project;
use crate::cost::survey::Survey;
use crate::graph::query::contexts;
use crate::graph::vertex::{Op, Source};
use crate::ids::VertexIx;
use crate::model::inputs::LocalContext;
use crate::units::Bytes;

/// What is known of build contexts. Every copy of another is taken for a small one.
#[derive(Debug, Clone, Default)]
pub struct Contexts {
    /// By what tells a context from others in the graph.
    known: Vec<(String, Arc<KnownContext>)>,
    is_named: bool,
}

/// A context, and what its files are.
#[derive(Debug)]
pub(super) struct KnownContext {
    context: Arc<Context>,
    surveyed: OnceLock<Surveyed>,
}

/// What the files of a context are, and what all of them make of a project.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) survey: Survey,
    pub(super) whole: Project,
}

impl KnownContext {
    pub(super) fn new(context: Arc<Context>) -> Arc<Self> {
        Arc::new(Self { context, surveyed: OnceLock::new() })
    }

    /// What the folder holds.
    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// What they are: looked at once for all builds that are priced with them.
    pub(super) fn surveyed(&self) -> &Surveyed {
        self.surveyed.get_or_init(|| {
            let survey = Survey::new(&self.context);
            let whole = survey.project(0..self.context.files.len());
            Surveyed { survey, whole }
        })
    }
}

/// What contexts hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The files.
    pub files: usize,
    /// Their size.
    pub bytes: Bytes,
    /// Whether there are more than were counted.
    pub is_cut: bool,
}

impl Contexts {
    /// The context of a build that stands alone, and whether somebody named it.
    pub fn alone(context: Context, is_named: bool) -> Self {
        Self {
            known: vec![(LocalContext::default().identity(), KnownContext::new(Arc::new(context)))],
            is_named,
        }
    }

    /// Adds the context of one of several builds.
    pub fn add(&mut self, local: &LocalContext, context: Arc<Context>) {
        let identity = local.identity();
        if self.known.iter().all(|(name, _)| *name != identity) {
            self.known.push((identity, KnownContext::new(context)));
        }
    }

    /// Whether none is known.
    pub const fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Context> {
        self.known.iter().map(|(_, known)| &*known.context)
    }

    /// How many files they hold together, and of what size; `None` where none is known.
    pub fn held(&self) -> Option<Held> {
        let all = || self.iter().map(|context| &context.files);
        (!self.is_empty()).then(|| Held {
            files: all().map(Files::len).sum(),
            bytes: all().map(Files::size).sum(),
            is_cut: all().any(Files::is_cut),
        })
    }

    /// The context of a build that stands alone, where somebody named it: one that is only guessed shows no file to be missing.
    pub fn named(&self) -> Option<&Context> {
        self.iter().next().filter(|_| self.is_named)
    }

    /// What a vertex sends, as far as it is known.
    pub(super) fn sent(&self, build: &NodeAnalysis, sender: VertexIx) -> Option<&KnownContext> {
        let Op::Source(Source::Local(name)) = build.graph.vertex(sender).op else { return None };
        let name = build.graph.text(name);
        self.known.iter().find(|(known, _)| known == name).map(|(_, known)| &**known)
    }
}

/// Whether any step reads a build context.
pub fn needs_context(analysis: &Analysis) -> bool {
    analysis.nodes.iter().any(|node| contexts(&node.graph).next().is_some())
}
