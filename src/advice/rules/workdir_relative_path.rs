//! A first `WORKDIR` that continues whichever one the base image has.

use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::model::ObservationKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "workdir-relative-path",
    summary: "the first WORKDIR of a stage continues that of its base image",
    build_check: Some("WorkdirRelativePath"),
    doc: Some(Doc {
        what: "Finds a WORKDIR without a leading `/` that is the first of a stage on an image.",
        why: "The directory is another one as soon as the image's is, and nothing in the file says which.",
        before: "FROM alpine:3.22\nWORKDIR app\n",
        after: "FROM alpine:3.22\nWORKDIR /app\n",
        silent: "A relative WORKDIR below an absolute one; a variable that nothing in the file sets, which the base image may.",
        no_fix: Some("the directory of the base image is not in the file."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for observation in written.observations {
        let ObservationKind::RelativeWorkdir { dir } = &observation.kind else { continue };
        // A drive letter begins a whole path on Windows.
        if dir.as_bytes().get(1) == Some(&b':') {
            continue;
        }
        let message = format!("the directory {dir:?} continues whichever one the base image has");
        let help = "Begin the first WORKDIR of a stage with `/`.";
        let diagnostic = Diagnostic::new(&RULE, message).at(observation.line).help(help);
        found.push(Diagnostic { span: observation.span, ..diagnostic });
    }
}
