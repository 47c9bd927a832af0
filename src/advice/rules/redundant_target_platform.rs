//! `--platform=$TARGETPLATFORM`, which is what a stage has anyway.

use super::super::context::{Context, variable};
use super::super::edit::Edit;
use super::super::finding::{Finding, Fix, When};
use super::super::place::flag_with_space;
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::dockerfile::ast::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "redundant-target-platform",
    severity: Severity::Note,
    summary: "`--platform=$TARGETPLATFORM` says what a stage is anyway",
    build_check: Some("RedundantTargetPlatform"),
    is_about_time: false,
    doc: Doc {
        what: "Finds `FROM --platform=$TARGETPLATFORM image`.",
        why: "Without the flag a stage is built for the target platform. With it the file looks as if something had \
              been decided, and the one stage where `$BUILDPLATFORM` would pay is easily overlooked.",
        before: "FROM --platform=$TARGETPLATFORM alpine:3.22\nRUN apk add --no-cache tzdata\n",
        after: "FROM alpine:3.22\nRUN apk add --no-cache tzdata\n",
        silent: "A file that gives TARGETPLATFORM a value of its own before the first FROM.",
        no_fix: None,
    },
    detect,
};

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let own = context.inputs.build_args.contains_key("TARGETPLATFORM")
        || context.file.instructions.iter().take_while(|i| !matches!(i.kind, Kind::From(_))).any(
            |instruction| {
                let Kind::Arg(args) = &instruction.kind else { return false };
                args.iter().any(|arg| arg.name.text == "TARGETPLATFORM" && arg.default.is_some())
            },
        );
    for stage in context.stages.iter().filter(|stage| !own && stage.parent.is_none()) {
        let names_target = stage.from.platform.and_then(|word| variable(word.text)) == Some("TARGETPLATFORM");
        let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform");
        let Some(flag) = flag.filter(|_| names_target && stage.from.base.text != "scratch") else { continue };
        let message = "`--platform=$TARGETPLATFORM` is what the stage has without it";
        let help =
            "Take the flag out. A stage that only compiles or bundles may want `$BUILDPLATFORM` instead.";
        let fix = Fix {
            description: "take out the flag that changes nothing".to_owned(),
            edits: vec![Edit::delete(flag_with_space(context.text(), flag.span))],
            when: When::Always,
            licence: Vec::new(),
        };
        let finding = context.finding(&RULE, Some(stage.index), stage.instruction, message, help);
        findings.push(finding.at(flag.span).fixed(Some(fix)));
    }
}
