//! Arguments of a `FROM` that no global `ARG` declares.

use crate::advice::facts::context::Written;
use crate::advice::facts::variables::PLATFORM_ARGS;
use crate::diagnostic::{Diagnostic, Doc, Rule, nearest};
use crate::model::ObservationKind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "undefined-arg-in-from",
    summary: "a FROM uses an argument that no ARG before the first FROM declares",
    build_check: Some("UndefinedArgInFrom"),
    doc: Some(Doc {
        what: "Finds a variable in a FROM that is no automatic argument and that no ARG before the first FROM declares.",
        why: "Only what is declared before the first FROM exists in FROM lines. What is not is empty there: the tag is \
              lost, or the image's name.",
        before: "FROM alpine:3.22$SUFFIX\n",
        after: "ARG SUFFIX\nFROM alpine:3.22$SUFFIX\n",
        silent: "An argument that is declared without a value: `--build-arg` may give it one.",
        no_fix: Some("whether the name or its declaration is the mistake, the file does not say."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for observation in written.observations {
        let ObservationKind::UndefinedInFrom { name } = &observation.kind else { continue };
        let message = format!("no global argument is called {name}, so it is empty here");
        let help = match nearest(name, PLATFORM_ARGS) {
            Some(near) => format!("Did you mean `${near}`?"),
            None => format!("Declare `ARG {name}` before the first FROM."),
        };
        let diagnostic = Diagnostic::new(&RULE, message).at(observation.line).help(help);
        found.push(Diagnostic { span: observation.span, ..diagnostic });
    }
}
