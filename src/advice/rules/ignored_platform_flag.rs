//! `--platform` on a `FROM` where BuildKit does not look at it.

use crate::advice::facts::context::Context;
use crate::advice::facts::text_ranges::flag_with_space;
use crate::diagnostic::{Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    code: "ignored-platform-flag",
    severity: Severity::Warning,
    summary: "`--platform` on a FROM that names a stage or scratch has no effect",
    doc: Some(Doc {
        what: "Finds `FROM --platform=… stage` and `FROM --platform=… scratch`.",
        why: "A stage has the platform of the stage it is based on, and an empty one that of the target; BuildKit \
              overwrites what the flag says without a word. Who wrote it believes that the stage is pinned.",
        before: "FROM golang:1.25 AS base\nFROM --platform=$BUILDPLATFORM base AS tools\nRUN go version\n",
        after: "FROM golang:1.25 AS base\nFROM base AS tools\nRUN go version\n",
        silent: "`FROM --platform=… image`, also where the image is called like a later stage; a flag that repeats what the \
                 stage is pinned to.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    for stage in &context.stages {
        let (Some(platform), base) = (stage.from.platform, stage.from.base) else { continue };
        let root = stage.parent.map(|parent| context.root(parent));
        if root.and_then(|root| root.from.platform).is_some_and(|root| root.text == platform.text) {
            continue;
        }
        let message = match stage.parent {
            Some(_) => {
                format!("`--platform` has no effect: {} is a stage and keeps its own platform", base.text)
            }
            None if base.text == "scratch" => "`--platform` has no effect on an empty stage".to_owned(),
            None => continue,
        };
        let Some(flag) = stage.instruction.flags.iter().find(|flag| flag.name == "platform") else {
            continue;
        };
        let help = match stage.parent {
            Some(parent) => format!(
                "Take the flag out. To pin the stage to {}, pin the stage it descends from, on line {}.",
                platform.text,
                context.root(parent).instruction.line
            ),
            None => "Take the flag out: copying into an empty stage depends on no platform.".to_owned(),
        };
        let fix = Fix {
            description: "take out the flag that nothing reads".to_owned(),
            edits: vec![Edit::delete(flag_with_space(context.text(), flag.span))],
            applicability: Applicability::Always,
            licence: Vec::new(),
        };
        let finding = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        findings.push(finding.span(flag.span).fixed(Some(fix)));
    }
}
