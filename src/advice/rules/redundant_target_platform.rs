//! `--platform=$TARGETPLATFORM`, which is what a stage has anyway.

use crate::advice::facts::context::Written;
use crate::advice::facts::text_ranges::flag_with_space;
use crate::advice::facts::variables::variable;
use crate::diagnostic::{Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    code: "redundant-target-platform",
    severity: Severity::Note,
    summary: "`--platform=$TARGETPLATFORM` says what a stage is anyway",
    build_check: Some("RedundantTargetPlatform"),
    doc: Some(Doc {
        what: "Finds `FROM --platform=$TARGETPLATFORM image`.",
        why: "Without the flag a stage is built for the target platform. With it the file looks as if something had \
              been decided, and the one stage where `$BUILDPLATFORM` would pay is easily overlooked.",
        before: "FROM --platform=$TARGETPLATFORM alpine:3.22\nRUN apk add --no-cache tzdata\n",
        after: "FROM alpine:3.22\nRUN apk add --no-cache tzdata\n",
        silent: "A file that gives TARGETPLATFORM a value of its own before the first FROM.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    if has_own_value(written) {
        return;
    }
    for stage in &written.stages {
        let names_target = stage.from.platform.and_then(|word| variable(word.text)) == Some("TARGETPLATFORM");
        let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform");
        let Some(flag) = flag.filter(|_| names_target) else { continue };
        let message = "`--platform=$TARGETPLATFORM` is what the stage has without it";
        let help =
            "Take the flag out. A stage that only compiles or bundles may want `$BUILDPLATFORM` instead.";
        let fix = Fix {
            description: "take out the flag that changes nothing".to_owned(),
            edits: vec![Edit::delete(flag_with_space(written.text(), flag.span))],
            applicability: Applicability::Always,
            licence: Vec::new(),
        };
        let diagnostic = written.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        found.push(diagnostic.span(flag.span).fixed(Some(fix)));
    }
}

/// Whether a build argument, or an ARG before the first FROM, gives TARGETPLATFORM a value of its own.
fn has_own_value(written: &Written<'_>) -> bool {
    let all = &written.file.instructions;
    let mut global = all.iter().take_while(|instruction| !matches!(instruction.kind, Kind::From(_)));
    written.inputs.build_args.contains_key("TARGETPLATFORM")
        || global.any(|instruction| {
            let Kind::Arg(args) = &instruction.kind else { return false };
            args.iter().any(|arg| arg.name.text == "TARGETPLATFORM" && arg.default.is_some())
        })
}
