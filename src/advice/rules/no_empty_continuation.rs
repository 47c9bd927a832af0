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
            description: "take the empty line out".to_owned(),
            edits: vec![Edit::delete(Span::new(span.start, line_end(written.text(), span.start)))],
            applicability: Applicability::Always,
            licence: Vec::new(),
        };
        let diagnostic = Diagnostic::new(&RULE, message).at(line).span(span);
        found.push(diagnostic.help("Remove the line, or begin it with `#`.").fixed(Some(fix)));
    }
}
