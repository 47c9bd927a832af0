//! `# syntax=`: a frontend that reads the file in another way than the one modelled here.

use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::model::features::{self, Feature};
use crate::model::frontend::{Frontend, named};

/// The rule.
pub const RULE: Rule = Rule {
    code: "foreign-frontend",
    summary: "another frontend than the one modelled here reads the file",
    doc: Some(Doc {
        what: "Finds `# syntax=` with an image that is not BuildKit's own frontend, or with a version of it that does not know \
               something the file uses. So does the build argument BUILDKIT_SYNTAX.",
        why: "The frontend decides what the file means. One that is older refuses what it does not know, or reads it as \
              something else; a foreign one may read anything differently, and this report is not about it.",
        before: "# syntax=docker/dockerfile:1.2\nFROM alpine:3.22\nRUN <<EOF\napk add git\nEOF\n",
        after: "# syntax=docker/dockerfile:1\nFROM alpine:3.22\nRUN <<EOF\napk add git\nEOF\n",
        silent: "BuildKit's own frontend in another registry; a digest without a tag, whose version is unknown.",
        no_fix: Some("another frontend may change more than the line that needs it."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    let Some(named) = named(written.file, written.inputs) else { return };
    let image = named.image;
    match named.frontend {
        Frontend::Foreign => {
            let message = format!(
                "{image} reads this file, not BuildKit's own frontend, and may read any of it differently"
            );
            let help =
                "This report says what BuildKit's own frontend makes of the file, `docker/dockerfile:1`.";
            let diagnostic = Diagnostic::new(&RULE, message).help(help);
            found.push(Diagnostic { line: named.line, span: named.span, ..diagnostic });
        }
        Frontend::Own { minor: None, labs: true } => {}
        Frontend::Own { minor, labs } => {
            let lacks = |feature: Feature| {
                let first = if labs { Some(feature.labs) } else { feature.stable };
                first.is_none_or(|first| minor.is_some_and(|minor| minor < first))
            };
            for (feature, line, place) in features::used(written.file) {
                if lacks(feature) {
                    let message = format!("{image} reads this file and does not know {}", feature.name);
                    let help = match (feature.stable, minor) {
                        (Some(stable), _) => {
                            format!("It came with 1.{stable}: write `# syntax=docker/dockerfile:1`.")
                        }
                        (None, _) => {
                            "Only the labs channel knows it: write `# syntax=docker/dockerfile:1-labs`."
                                .to_owned()
                        }
                    };
                    let diagnostic = Diagnostic::new(&RULE, message).at(line).span(place).help(help);
                    found.push(match named.span {
                        Some(span) => diagnostic.label(span, "the frontend"),
                        None => diagnostic,
                    });
                }
            }
        }
    }
}
