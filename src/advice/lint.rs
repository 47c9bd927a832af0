//! Asking every rule.

use foldhash::HashSet;

use super::facts::context::{BuildRun, Context, Written};
use super::rules::{self, Detect};
use super::suppression::Suppressions;
use crate::analysis::{Analysis, NodeInputs, Refused};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Dockerfile;
use crate::pricing::Timing;

/// Rules that look at the graph find nothing in a file of more instructions: some compare every stage with every other. The
/// longest of 14,949 public Dockerfiles has some 300.
pub(super) const MAX_INSTRUCTIONS: usize = 5_000;

/// How many diagnostics of rules are kept.
const MAX_DIAGNOSTICS: usize = 1_000;

/// What rules find in a file that can be built, in the order of its lines. What comments exempt is included, and marked.
pub fn lint<'c>(
    file: &'c Dockerfile<'c>,
    nodes: &'c [NodeInputs],
    analysis: &'c Analysis,
) -> Vec<Diagnostic> {
    lint_timed(file, nodes, analysis, None)
}

/// As [`lint`], with the rules that look at how the build runs.
pub(super) fn lint_timed<'c>(
    file: &'c Dockerfile<'c>,
    nodes: &'c [NodeInputs],
    analysis: &'c Analysis,
    timing: Option<&'c Timing<'c>>,
) -> Vec<Diagnostic> {
    let mut found = Found::default();
    for (inputs, node) in nodes.iter().zip(&analysis.nodes) {
        let run = timing.map(|timing| BuildRun { timing, analysis, nodes });
        let written = Written::new(file, &inputs.inputs, &node.observations);
        let context = Context::new(written, node, run);
        let mut own = Vec::new();
        for lint in rules::LINTS {
            match lint.detect {
                Detect::Written(detect) => detect(&context, &mut own),
                Detect::Graph(detect) if file.instructions.len() <= MAX_INSTRUCTIONS => {
                    detect(&context, &mut own)
                }
                Detect::Graph(_) => {}
            }
        }
        found.add(own);
    }
    found.finish(file, nodes)
}

/// What rules find in a file that cannot be built, by its text alone.
pub fn lint_refused(file: &Dockerfile<'_>, nodes: &[NodeInputs], refused: &Refused) -> Vec<Diagnostic> {
    let mut found = Found::default();
    if let Some(node) = nodes.get(refused.node) {
        let written = Written::new(file, &node.inputs, &refused.observations);
        let mut own = Vec::new();
        for lint in rules::LINTS {
            if let Detect::Written(detect) = lint.detect {
                detect(&written, &mut own);
            }
        }
        found.add(own);
    }
    found.finish(file, nodes)
}

/// What was found on all nodes; several nodes say the same of most of the file.
#[derive(Default)]
struct Found {
    all: Vec<Diagnostic>,
    known: HashSet<(&'static str, Option<crate::source::Line>, Option<crate::source::Span>)>,
}

impl Found {
    fn add(&mut self, own: Vec<Diagnostic>) {
        let identity = |diagnostic: &Diagnostic| (diagnostic.rule.code, diagnostic.line, diagnostic.span);
        let first = self.all.len();
        self.all.extend(own.into_iter().filter(|diagnostic| !self.known.contains(&identity(diagnostic))));
        self.known.extend(self.all.iter().skip(first).map(identity));
    }

    fn finish(mut self, file: &Dockerfile<'_>, nodes: &[NodeInputs]) -> Vec<Diagnostic> {
        self.all.sort_by_key(|found| (found.line, rules::position(found.rule), found.span));
        self.all.truncate(MAX_DIAGNOSTICS);
        if let Some(node) = nodes.first().filter(|_| !self.all.is_empty()) {
            let suppressions = Suppressions::of(file, &node.inputs);
            self.all.iter_mut().for_each(|diagnostic| suppressions.apply(diagnostic));
        }
        self.all
    }
}
