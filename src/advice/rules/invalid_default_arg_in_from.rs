//! A base image that only a build argument makes valid.

use crate::advice::facts::context::Written;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::model::{reference, without_build_args};

/// The rule.
pub const RULE: Rule = Rule {
    code: "invalid-default-arg-in-from",
    summary: "without --build-arg a FROM names no valid image",
    build_check: Some("InvalidDefaultArgInFrom"),
    is_of_file: true,
    doc: Some(Doc {
        what: "Finds a FROM whose image is none as long as no build argument is given.",
        why: "Who builds the file as it is gets an error that names no argument, and tools that read it without building, \
              such as those that update base images, cannot.",
        before: "ARG TAG\nFROM alpine:$TAG\nRUN apk add git\n",
        after: "ARG TAG=3.22\nFROM alpine:$TAG\nRUN apk add git\n",
        silent: "A file that is built without build arguments: there the error itself says it.",
        no_fix: Some("which value is a good default, the file does not say."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    let varies = written.stages.iter().any(|stage| stage.from.base.text.contains('$'));
    if written.inputs.build_args.is_empty() || !varies {
        return;
    }
    let bases = without_build_args(written.file, written.inputs);
    for (stage, text) in written.stages.iter().zip(bases) {
        let word = stage.from.base;
        let Some(Err(reason)) = word.text.contains('$').then(|| reference::normalize(&text)) else {
            continue;
        };
        let message = if text.is_empty() {
            format!("without --build-arg {} is empty, which is no image", word.text)
        } else {
            format!("without --build-arg {} is {text:?}, which is no image: {reason}", word.text)
        };
        let help = "Give the ARG before the first FROM a default that names an image.";
        let diagnostic =
            Diagnostic::new(&RULE, message).at(stage.instruction.line).span(word.span).help(help);
        found.push(Diagnostic { stage: Some(stage.index), ..diagnostic });
    }
}
