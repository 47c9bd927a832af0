//! Variables that nothing defines.

use super::undeclared_platform_arg;
use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::model::{Absence, ObservationKind};

/// The rule.
pub const RULE: Rule = Rule {
    code: "undefined-var",
    summary: "a variable is used that nothing defines, so it is empty",
    build_check: Some("UndefinedVar"),
    doc: Some(Doc {
        what: "Finds a variable in an instruction that BuildKit expands, such as COPY, ENV and WORKDIR, which no ARG or ENV of \
               the stage gives a value. A note where the base image may.",
        why: "What nothing defines is empty, mostly without an error: files are copied from elsewhere, a path lacks its \
              middle. A global argument is not seen in a stage that does not declare it.",
        before: "ARG VERSION=1\nFROM scratch\nCOPY app-$VERSION /app\n",
        after: "ARG VERSION=1\nFROM scratch\nARG VERSION\nCOPY app-$VERSION /app\n",
        silent: "What a RUN or CMD reads: that is for its shell. An argument that is declared without a value. An automatic \
                 platform argument, which undeclared-platform-arg speaks of.",
        no_fix: Some("whether the name or its definition is the mistake, the file does not say."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for observation in written.observations {
        let ObservationKind::Undefined { name, absence } = &observation.kind else { continue };
        // The same fact, with more to say of it.
        let is_said = found.iter().any(|known| {
            known.rule == &undeclared_platform_arg::RULE
                && known.line == Some(observation.line)
                && known.message.starts_with(&**name)
        });
        if is_said {
            continue;
        }
        let (severity, message, help) = match absence {
            Absence::PerhapsInBase => (
                Severity::Note,
                format!("{name} is set by the base image, if at all; it is taken as empty"),
                "Say what the image sets with `--image-config IMAGE=FILE`.".to_owned(),
            ),
            Absence::OnlyGlobal => (
                Severity::Warning,
                format!("nothing here defines {name}, so it is empty"),
                format!("Declare `ARG {name}` in this stage: a global argument is not seen here without it."),
            ),
            Absence::Near(near) => (
                Severity::Warning,
                format!("nothing here defines {name}, so it is empty"),
                format!("Did you mean `${near}`?"),
            ),
            Absence::Nowhere => (
                Severity::Warning,
                format!("nothing here defines {name}, so it is empty"),
                format!("Declare it with `ARG {name}` or `ENV {name}=…`."),
            ),
        };
        // What an image triggers stands on the line of the FROM, which does not name it.
        let from = written.instruction_at(observation.line);
        let is_trigger =
            from.is_some_and(|i| matches!(i.kind, Kind::From(_)) && !written.raw(i).contains(&**name));
        let help = if is_trigger {
            format!(
                "A trigger (ONBUILD) of the base image uses it: `ARG {name}` has to be among that image's triggers."
            )
        } else {
            help
        };
        let diagnostic = Diagnostic::new(&RULE, message).at(observation.line).help(help);
        found.push(Diagnostic { severity, span: observation.span, ..diagnostic });
    }
}
