//! A copy of something that the build context does not hold.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin::copies_of;
use crate::context::{Files, Selection};
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::graph::vertex::{Op, Source};
use crate::ids::VertexIx;
use crate::model::path::clean;

/// The rule.
pub const RULE: Rule = Rule {
    code: "missing-in-context",
    summary: "a COPY takes something that is not in the build context",
    doc: Some(Doc {
        what: "Finds sources of `COPY` and `ADD` that the folder given with `--context` does not hold, or that `.dockerignore` \
               leaves out.",
        why: "BuildKit refuses such a copy when it comes to it, which may be late. Where release tools lay out files by platform, \
              the source needs the platform in its path.",
        before: "# context: guide.txt\nFROM alpine:3.22\nCOPY . /src\nCOPY missing.txt /missing.txt\n",
        after: "# context: guide.txt\nFROM alpine:3.22\nCOPY . /src\n",
        silent: "Without `--context`; a wildcard beside a source that is there, as files are copied that need not be there; a context of more \
                 files than are counted. Where a copy of wildcards alone brings nothing there is a note.",
        no_fix: Some("where the file is, or who makes it, the file does not say."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(known) = context.files else { return };
    if known.files.is_cut() {
        return;
    }
    for stage in context.needed() {
        for instruction in stage.body.iter().filter(|i| matches!(i.kind, Kind::Copy(_) | Kind::Add(_))) {
            let vertices: Vec<VertexIx> =
                context.vertices(stage.index, instruction.line).map(|(vertex, _)| vertex).collect();
            let missing =
                vertices.iter().find_map(|vertex| missing(context, *vertex, |path| known.files.has(path)));
            let unmatched = || vertices.iter().find_map(|vertex| unmatched(context, *vertex, &known.files));
            let Some(path) = missing.or_else(unmatched) else { continue };
            let is_pattern = is_pattern(&path);
            let message = if known.ignore.matches(&path) {
                format!("{path} is left out of the build context by .dockerignore")
            } else if is_pattern {
                format!("nothing in the build context matches {path}")
            } else {
                format!("{path} is not in the build context")
            };
            let elsewhere = ["linux/amd64", "linux/arm64", "linux/arm/v7"]
                .iter()
                .any(|platform| known.files.has(&format!("{platform}/{path}")));
            let help = if elsewhere {
                format!(
                    "There is one for each platform: write `COPY $TARGETPLATFORM/{path} …` below `ARG TARGETPLATFORM`."
                )
            } else if is_pattern {
                "BuildKit copies nothing then, and goes on, unless something makes the files before the build.".to_owned()
            } else {
                "BuildKit refuses the copy unless something makes the file before the build.".to_owned()
            };
            let finding = context.diagnostic(&RULE, Some(stage.index), instruction, message, help);
            let severity = if is_pattern { Severity::Note } else { RULE.severity };
            found.push(Diagnostic { severity, ..finding });
        }
    }
}

/// A source of a copy that the context does not hold, relative to it.
fn missing(context: &Context<'_>, vertex: VertexIx, has: impl Fn(&str) -> bool) -> Option<String> {
    let graph = &context.node.graph;
    copies_of(graph, vertex).find_map(|copy| {
        let Op::Source(Source::Local(name)) = &graph.vertex(copy.source?).op else { return None };
        let from = graph.text(copy.from);
        // Named contexts are other folders.
        if graph.text(*name).starts_with("context:") || is_pattern(from) || copy.pattern.is_some() {
            return None;
        }
        let path = clean(from).trim_start_matches('/').to_owned();
        (!path.is_empty() && !has(&path)).then_some(path)
    })
}

/// The pattern of a copy that brings nothing at all, relative to the context: that one of several matches nothing is how files are
/// copied that need not be there.
fn unmatched(context: &Context<'_>, vertex: VertexIx, files: &Files) -> Option<String> {
    let graph = &context.node.graph;
    let mut first = None;
    for copy in copies_of(graph, vertex) {
        let Op::Source(Source::Local(name)) = &graph.vertex(copy.source?).op else { return None };
        let from = graph.text(copy.from);
        let is_plain =
            is_pattern(from) && copy.pattern.is_none() && !graph.text(*name).starts_with("context:");
        if !is_plain || files.places(&Selection::source(from)).next().is_some() {
            return None;
        }
        first.get_or_insert_with(|| clean(from).trim_start_matches('/').to_owned());
    }
    first
}

fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}
