//! Names that two stages have.

use foldhash::HashMap;

use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "duplicate-stage-name",
    summary: "two stages have one name; the later hides the earlier",
    build_check: Some("DuplicateStageName"),
    is_of_file: true,
    doc: Some(Doc {
        what: "Finds a stage whose name an earlier stage has.",
        why: "From there on the name means the later stage. The earlier one can be copied from by its position only, and \
              moving a stage silently changes what is copied.",
        before: "FROM alpine:3.22 AS base\nFROM debian:trixie AS base\nRUN apt-get update\n",
        after: "FROM alpine:3.22 AS base\nFROM debian:trixie AS debian\nRUN apt-get update\n",
        silent: "Stages without names.",
        no_fix: Some("which of the two is meant where, the file does not say."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, Span> = HashMap::default();
    for stage in &written.stages {
        let Some(name) = stage.from.name else { continue };
        let Some(&earlier) = first.get(name.text) else {
            first.insert(name.text, name.span);
            continue;
        };
        let message = format!("another stage is called {:?}, which this one hides from here on", name.text);
        let diagnostic = Diagnostic::new(&RULE, message).at(stage.instruction.line).span(name.span);
        let diagnostic =
            diagnostic.label(earlier, "the first of the name").help("Give each stage a name of its own.");
        found.push(Diagnostic { stage: Some(stage.index), ..diagnostic });
    }
}
