//! Stage names that mean something else.

use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule};

/// The rule.
pub const RULE: Rule = Rule {
    code: "reserved-stage-name",
    summary: "a stage is called scratch or context, which mean something else",
    build_check: Some("ReservedStageName"),
    is_of_file: true,
    doc: Some(Doc {
        what: "Finds a stage called `scratch` or `context`.",
        why: "`FROM scratch` is an empty stage and `--from=context` the build context, whatever stage has the name.",
        before: "FROM alpine:3.22 AS context\nRUN apk add git\n",
        after: "FROM alpine:3.22 AS tools\nRUN apk add git\n",
        silent: "Names that only contain these words.",
        no_fix: Some("what else the stage is to be called, nothing says."),
    }),
    ..Rule::PLAIN
};

/// Names that mean something else wherever they are used.
const RESERVED: [&str; 2] = ["scratch", "context"];

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for stage in &written.stages {
        let Some(name) = stage.from.name.filter(|name| RESERVED.contains(&name.text)) else { continue };
        let message = format!("the stage is called {:?}, which means something else elsewhere", name.text);
        let diagnostic = Diagnostic::new(&RULE, message).at(stage.instruction.line).span(name.span);
        let diagnostic = diagnostic.help("Give the stage another name.");
        found.push(Diagnostic { stage: Some(stage.index), ..diagnostic });
    }
}
