//! Asking every rule.

use foldhash::HashSet;

use super::facts::context::{BuildRun, Context, Written};
use super::rules::{self, Detect};
use super::suppression::Suppressions;
use crate::analysis::Build;
use crate::context::Context as Files;
use crate::diagnostic::{Diagnostic, Rule, by_worth};
use crate::ids::NodeIx;
use crate::pricing::Timing;
use crate::source::{Line, Span};

/// Rules that look at the graph find nothing in a file of more instructions: some compare every stage with every other. The
/// longest of 14,949 public Dockerfiles has some 300.
pub(super) const MAX_INSTRUCTIONS: usize = 5_000;

/// How many diagnostics of rules are kept.
const MAX_DIAGNOSTICS: usize = 1_000;

/// What rules find in a build, what is worth most first, else in the order of the lines of its file. In a file that cannot be built, what its text alone
/// shows. What comments exempt is included, and marked.
///
/// Without times: what is about time alone is left out, and so are changes, none of which was tried.
/// [`evaluate`](super::evaluate()) has both.
pub fn lint(build: &Build) -> Vec<Diagnostic> {
    let mut found = detect(build, None, None, |rule| !rule.is_about_time);
    for diagnostic in &mut found {
        (diagnostic.fix, diagnostic.recipe) = (None, None);
    }
    by_worth(&mut found);
    found
}

/// What the rules find that are asked, those included that look at how the build runs, or at the files of its context, where those are
/// given. No change was tried.
pub(super) fn detect(
    build: &Build,
    timing: Option<&Timing<'_>>,
    files: Option<&Files>,
    is_asked: fn(&Rule) -> bool,
) -> Vec<Diagnostic> {
    let nodes = build.nodes();
    let mut found = Found::default();
    match build.outcome() {
        Ok(analysis) => {
            let run = timing.map(|timing| BuildRun { timing, analysis, nodes });
            let contexts =
                (0..nodes.len()).map(NodeIx::new).filter_map(|node| Context::new(build, node, run, files));
            contexts.for_each(|context| found.add(of_context(&context, is_asked)));
        }
        Err(refused) => {
            let written = Written::new(build, refused.node);
            found.add(written.map_or_else(Vec::new, |written| of_written(&written)));
        }
    }
    found.finish(build)
}

fn of_context(context: &Context<'_>, is_asked: fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let is_long = context.file.instructions.len() > MAX_INSTRUCTIONS;
    let mut found = Vec::new();
    for lint in rules::LINTS.iter().filter(|lint| is_asked(lint.rule)) {
        match lint.detect {
            Detect::Written(detect) => detect(context, &mut found),
            Detect::Graph(detect) if !is_long => detect(context, &mut found),
            Detect::Graph(_) => {}
        }
    }
    found
}

fn of_written(written: &Written<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in rules::LINTS {
        if let Detect::Written(detect) = lint.detect {
            detect(written, &mut found);
        }
    }
    found
}

/// What was found on all nodes; several nodes say the same of most of the file.
#[derive(Default)]
struct Found {
    all: Vec<Diagnostic>,
    known: HashSet<(&'static str, Option<Line>, Option<Span>)>,
}

impl Found {
    fn add(&mut self, own: Vec<Diagnostic>) {
        let identity = |diagnostic: &Diagnostic| (diagnostic.rule.code, diagnostic.line, diagnostic.span);
        let first = self.all.len();
        self.all.extend(own.into_iter().filter(|diagnostic| !self.known.contains(&identity(diagnostic))));
        self.known.extend(self.all.iter().skip(first).map(identity));
    }

    fn finish(mut self, build: &Build) -> Vec<Diagnostic> {
        self.all.sort_by_key(|found| (found.line, rules::position(found.rule), found.span));
        self.all.truncate(MAX_DIAGNOSTICS);
        let first = build.nodes().first().and_then(|node| node.builds.first());
        if let Some(first) = first.filter(|_| !self.all.is_empty()) {
            let suppressions = Suppressions::of(build.file(), &first.inputs);
            self.all.iter_mut().for_each(|diagnostic| suppressions.apply(diagnostic));
        }
        self.all
    }
}
