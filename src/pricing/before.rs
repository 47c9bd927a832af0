//! What each step finds on its file system: the files of the context that were copied there, and what earlier steps compiled.
//!
//! One pass over the vertices, whose inputs come before them.

use std::rc::Rc;

use super::reads::reads;
use crate::analysis::NodeAnalysis;
use crate::context::Context;
use crate::cost::Done;
use crate::cost::project::{Project, Survey};
use crate::graph::vertex::{Action, Op, Source};
use crate::ids::VertexIx;
use crate::symbols::Symbol;

/// Places of files that are looked at for one build. Beyond them, sizes are unknown: a context of 200,000 files that every one
/// of 100 steps copies anew.
const MOST_LOOKS: usize = 5_000_000;

/// What lies on a file system.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    /// Files of the context, by their places, ascending.
    places: Rc<[u32]>,
    /// Something was copied from another stage: it may hold any of the project.
    is_mixed: bool,
    /// The image below it.
    image: Option<Symbol>,
    /// What was compiled there.
    done: Rc<[Done]>,
    /// What the files make of a project.
    project: Rc<Project>,
}

impl Before {
    /// How large the project is; `None` where nothing is known of it.
    pub(super) fn project(&self) -> Option<&Project> {
        (!self.project.is_empty()).then_some(&*self.project)
    }

    /// The image that the file system began with.
    pub(super) const fn image(&self) -> Option<Symbol> {
        self.image
    }

    /// What earlier steps have left.
    pub(super) fn done(&self) -> &[Done] {
        &self.done
    }

    /// The same after a step that left something more.
    pub(super) fn after(self, done: Vec<Done>) -> Self {
        if done.is_empty() {
            return self;
        }
        Self { done: self.done.iter().cloned().chain(done).collect(), ..self }
    }
}

/// Finds out what lies before each vertex of a build.
pub(super) struct Finder<'b> {
    build: &'b NodeAnalysis,
    main: Option<VertexIx>,
    context: Option<(&'b Context, Survey)>,
    /// The project of the whole context.
    whole: Rc<Project>,
    /// What each vertex so far has made.
    made: Vec<Before>,
    looks: usize,
}

impl<'b> Finder<'b> {
    pub(super) fn new(build: &'b NodeAnalysis, main: Option<VertexIx>, context: Option<&'b Context>) -> Self {
        let context = context.filter(|_| main.is_some()).map(|context| (context, Survey::new(context)));
        let whole = context.as_ref().map(|(context, survey)| survey.project(0..context.files.len()));
        Self { build, main, context, whole: Rc::new(whole.unwrap_or_default()), made: Vec::new(), looks: 0 }
    }

    /// What a vertex finds. All before it were [noted](Self::note).
    pub(super) fn before(&mut self, op: &Op) -> Before {
        let made = |at: &VertexIx| self.made.get(at.index()).cloned().unwrap_or_default();
        let (before, copies_others) = match op {
            Op::Source(Source::Image { reference, .. }) => {
                return Before { image: Some(*reference), ..Before::default() };
            }
            Op::Source(_) => return Before::default(),
            Op::Merge { lower, upper } => {
                let (lower, upper) = (made(lower), made(upper));
                let is_mixed = lower.is_mixed || upper.is_mixed;
                return self.with(Before { is_mixed, ..lower }, upper.places.iter().copied());
            }
            Op::Exec(exec) => (exec.root.as_ref().map(made).unwrap_or_default(), false),
            Op::File(file) => {
                let others = file.actions.iter().any(|action| match action {
                    Action::Copy(copy) => copy.source.is_some() && copy.source != self.main,
                    _ => false,
                });
                (file.base.as_ref().map(made).unwrap_or_default(), others)
            }
        };
        let before = Before { is_mixed: before.is_mixed || copies_others, ..before };
        let Some((context, _)) = &self.context else { return before };
        let mut places: Vec<u32> = Vec::new();
        for selection in reads(self.build, self.main, op) {
            places.extend(context.files.places(&selection).map(|at| at as u32));
        }
        self.with(before, places)
    }

    /// Notes what the vertex after those noted so far has made.
    pub(super) fn note(&mut self, after: Before) {
        self.made.push(after);
    }

    /// The same with more files.
    fn with(&mut self, before: Before, more: impl IntoIterator<Item = u32>) -> Before {
        let mut places: Vec<u32> = more.into_iter().collect();
        let Some((_, survey)) = &self.context else { return before };
        let is_same =
            places.is_empty() && (!before.is_mixed || before.project.is_empty() == self.whole.is_empty());
        if is_same || self.looks > MOST_LOOKS {
            return before;
        }
        places.extend(before.places.iter());
        places.sort_unstable();
        places.dedup();
        self.looks += places.len();
        let own = survey.project(places.iter().map(|at| *at as usize));
        // What another stage holds of the project is not followed: the context tells what it may be. A lock file that is not
        // copied still tells how much `npm install` or `poetry install` will find to install.
        let project =
            if before.is_mixed { own.completed(&self.whole) } else { own.with_packages_of(&self.whole) };
        Before { places: places.into(), project: Rc::new(project), ..before }
    }
}
