//! Files that are not UTF-8.

use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule};

/// The rule.
pub const RULE: Rule = Rule {
    code: "invalid-utf8",
    summary: "the file is not valid UTF-8; the bytes that are not were replaced",
    doc: Some(Doc {
        what: "Finds a file with bytes that are no UTF-8, such as one saved as Latin-1.",
        why: "BuildKit refuses such bytes in a RUN and passes them on elsewhere; this report shows and reads each as U+FFFD.",
        before: "FROM alpine:3.22\n# \u{fffd}t\u{fffd}\n",
        after: "FROM alpine:3.22\n# café\n",
        silent: "A byte order mark at the beginning.",
        no_fix: Some("which letters the bytes were to be, nothing says: save the file as UTF-8."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    if !written.file.is_exact {
        let message = "the file is not valid UTF-8; bytes that are not are shown and read as U+FFFD";
        found.push(Diagnostic::new(&RULE, message).help("Save the file as UTF-8."));
    }
}
