//! Empty lines inside a continued instruction.

use crate::advice::facts::context::Written;
use crate::advice::facts::text_ranges::line_end;
use crate::diagnostic::{Applicability, Diagnostic, Doc, Edit, Fix, Rule};
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "no-empty-continuation",
    summary: "an empty line inside a continued instruction",
    build_check: Some("NoEmptyContinuation"),
    is_of_file: true,
    doc: Some(Doc {
        what: "Finds an empty line below one that ends with a `\\`.",
        why: "BuildKit takes the instruction on below it, other tools end it there, and a reader cannot tell which. It has \
              been deprecated since 2017.",
        before: "FROM alpine:3.22\nRUN apk add \\\n\n    git\n",
        after: "FROM alpine:3.22\nRUN apk add \\\n    git\n",
        silent: "Comments among the lines of an instruction; empty lines in inline documents.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for &(line, span) in &written.file.empty_continuations {
        let message = "an empty line inside a continued instruction";
        let fix = Fix {
            description: "take the empty lines out".to_owned(),
            edits: gaps(written, span).into_iter().map(Edit::delete).collect(),
            applicability: Applicability::Always,
            licence: Vec::new(),
        };
        let diagnostic = Diagnostic::new(&RULE, message).at(line).span(span);
        found.push(diagnostic.help("Remove the line, or begin it with `#`.").fixed(Some(fix)));
    }
}

/// The empty lines of an instruction, from the first one on.
fn gaps(written: &Written<'_>, first: Span) -> Vec<Span> {
    let text = written.text();
    let all = &written.file.instructions;
    let at = all.partition_point(|instruction| instruction.span.end <= first.start);
    let end = all.get(at).filter(|instruction| instruction.span.start < first.start).map(|instruction| {
        let document = instruction.heredocs.first().map(|document| document.content.span.start);
        document.unwrap_or(instruction.span.end)
    });
    let mut gaps = vec![Span::new(first.start, line_end(text, first.start))];
    let mut start = gaps[0].end;
    while start < end.unwrap_or_default() {
        let line = Span::new(start, line_end(text, start));
        if written.slice(line).trim().is_empty() {
            gaps.push(line);
        }
        start = line.end.max(start + 1);
    }
    gaps
}
