//! What each step finds on its file system: the files of a context that were copied there, and what earlier steps compiled.
//!
//! One pass over the vertices, whose inputs come before them.

use std::rc::Rc;

use super::contexts::{KnownContext, Surveyed};
use super::reads::reads;
use crate::analysis::NodeAnalysis;
use crate::cost::Done;
use crate::cost::project::Project;
use crate::graph::vertex::{Action, Op, Source};
use crate::ids::VertexIx;
use crate::symbols::Symbol;

/// Places of files that are looked at for one build. Beyond them, sizes are unknown: a context of 200,000 files that every one
/// of 100 steps copies anew.
const MOST_LOOKS: usize = 5_000_000;

/// Results of compilers on one file system beyond these are not followed: each copy of a folder to another may double them.
const MOST_DONE: usize = 32;

/// What lies on a file system.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    /// The context whose project it is, by the position of its sender; `None` as long as nothing tells.
    of: Option<usize>,
    /// Those files, by their places, ascending.
    places: Rc<[u32]>,
    /// Something was copied from another stage that holds files of a context: it may be any of the project.
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

    /// The context whose project it is, by the position of its sender; `None` where nothing tells.
    pub(super) const fn of(&self) -> Option<usize> {
        self.of
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
    pub(super) fn after(self, mut done: Vec<Done>) -> Self {
        done.retain(|one| !self.done.contains(one));
        if done.is_empty() || self.done.len() >= MOST_DONE {
            return self;
        }
        Self { done: self.done.iter().cloned().chain(done).take(MOST_DONE).collect(), ..self }
    }
}

/// Finds out what lies before each vertex of a build.
pub(super) struct Finder<'b> {
    build: &'b NodeAnalysis,
    /// What sends the contexts that are known, ascending.
    senders: &'b [VertexIx],
    /// What each of them sends.
    sent: &'b [&'b KnownContext],
    /// Whether the build has no other context, so that what is not known of a file system is of this one.
    is_alone: bool,
    /// What each vertex so far has made.
    made: Vec<Before>,
    looks: usize,
}

impl<'b> Finder<'b> {
    pub(super) fn new(
        build: &'b NodeAnalysis,
        senders: &'b [VertexIx],
        sent: &'b [&'b KnownContext],
        is_alone: bool,
    ) -> Self {
        Self { build, senders, sent, is_alone, made: Vec::new(), looks: 0 }
    }

    /// What a vertex finds. All before it were [noted](Self::note).
    pub(super) fn before(&mut self, op: &Op) -> Before {
        let made = |at: &VertexIx| self.made.get(at.index()).cloned().unwrap_or_default();
        let mut before = match op {
            Op::Source(Source::Image { reference, .. }) => {
                return Before { image: Some(*reference), ..Before::default() };
            }
            Op::Source(_) => return Before::default(),
            Op::Merge { lower, upper } => {
                let (lower, upper) = (made(lower), made(upper));
                let is_mixed = lower.is_mixed || upper.is_mixed;
                let lower = Before { is_mixed, ..lower };
                return match upper.of {
                    Some(of) => self.with(lower, of, upper.places.iter().copied()),
                    None => lower,
                };
            }
            Op::Exec(exec) => exec.root.as_ref().map(made).unwrap_or_default(),
            Op::File(file) => {
                let mut before = file.base.as_ref().map(made).unwrap_or_default();
                let text = |symbol| self.build.graph.text(symbol);
                for action in &file.actions {
                    if let Action::Copy(copy) = action
                        && let Some(source) =
                            copy.source.filter(|source| self.senders.binary_search(source).is_err())
                    {
                        let source = made(&source);
                        before.is_mixed |= source.is_mixed || source.of.is_some();
                        before.of = before.of.or(source.of);
                        let (from, to) = (text(copy.from), text(copy.to));
                        let done = source.done.iter().filter_map(|done| done.copied(from, to)).collect();
                        before = before.after(done);
                    }
                }
                before
            }
        };
        let reads = reads(self.build, self.senders, op);
        for (at, sender) in self.senders.iter().enumerate() {
            let Some(sent) = self.sent.get(at) else { continue };
            let of_sender = reads.iter().filter(|(from, _)| from == sender);
            let mut places: Vec<u32> = Vec::new();
            for (_, selection) in of_sender {
                places.extend(sent.context().files.places(selection).map(|at| at as u32));
            }
            if !places.is_empty() || before.of.map_or(self.is_alone, |of| of == at) {
                before = self.with(before, at, places);
            }
        }
        before
    }

    /// Notes what the vertex after those noted so far has made.
    pub(super) fn note(&mut self, after: Before) {
        self.made.push(after);
    }

    /// The same with more files of a context. Of a file system that holds files of several, those of the first count.
    fn with(&mut self, before: Before, of: usize, more: impl IntoIterator<Item = u32>) -> Before {
        let Some(sent) = self.sent.get(of) else { return before };
        let Surveyed { survey, whole } = sent.surveyed();
        let mut places: Vec<u32> = more.into_iter().collect();
        if before.of.is_some_and(|first| first != of) {
            return Before { is_mixed: before.is_mixed || !places.is_empty(), ..before };
        }
        let is_same =
            places.is_empty() && (!before.is_mixed || before.project.is_empty() == whole.is_empty());
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
        let project = if before.is_mixed { own.completed(whole) } else { own.with_packages_of(whole) };
        Before { of: Some(of), places: places.into(), project: Rc::new(project), ..before }
    }
}
