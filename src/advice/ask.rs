//! Asking every rule.

use super::context::{BuildRun, Context};
use super::finding::Finding;
use super::rule::Rule;
use super::rules;
use crate::analysis::Build;
use crate::diagnostic::Code;
use crate::dockerfile::Dockerfile;
use crate::model::checks::is_skipped;
use crate::pricing::Timing;

/// Nothing is found in a file of more instructions: some rules compare every stage with every other. The longest of 14,949
/// public Dockerfiles has some 300.
pub(super) const MAX_INSTRUCTIONS: usize = 5_000;

/// The findings in a build, in the order of the lines of its file; those that [comments](super::Comments) exempt included. In
/// a file that cannot be built, those that need nothing but its text.
pub fn advise(build: &Build) -> Vec<Finding> {
    advise_on(build, None)
}

/// As [`advise`], with the rules that look at how the build runs.
pub(super) fn advise_on(build: &Build, timing: Option<&Timing<'_>>) -> Vec<Finding> {
    let (file, nodes) = (build.file(), build.nodes());
    let Ok(analysis) = build.outcome() else { return advise_refused(file) };
    let mut findings: Vec<Finding> = Vec::new();
    if file.instructions.len() > MAX_INSTRUCTIONS {
        return findings;
    }
    for at in 0..nodes.len() {
        let run = timing.map(|timing| BuildRun { timing, analysis, nodes });
        let Some(context) = Context::new(build, at) else { continue };
        let context = context.running(run);
        let mut own = Vec::new();
        for rule in rules::ALL {
            (rule.detect)(&context, &mut own);
        }
        own.retain(|finding| {
            let check = finding.rule.build_check;
            !check.is_some_and(|check| is_skipped(file, context.inputs, finding.line, check))
        });
        for finding in own {
            let known = findings.iter().any(|f| f.rule == finding.rule && f.span == finding.span);
            if !known {
                findings.push(finding);
            }
        }
    }
    findings.sort_by_key(|finding| (finding.line, rules::position(finding.rule), finding.span));
    findings
}

/// The findings in a file that cannot be built: those that need nothing but its text.
fn advise_refused(file: &Dockerfile<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.instructions.len() > MAX_INSTRUCTIONS {
        return findings;
    }
    rules::dead_directive::in_file(file, &mut findings);
    rules::case_of_stage_name::in_refused(file, &mut findings);
    findings
}

/// Findings and diagnostics that say the same under two names; most share theirs.
const SAME: [(&str, &str); 4] = [
    ("case-of-stage-name", "stage-name-casing"),
    ("constant-platform", "from-platform-flag-const-disallowed"),
    ("runtime-of-another-platform", "from-platform-flag-const-disallowed"),
    ("undeclared-platform-arg", "undefined-var"),
];

/// Whether a rule's finding says what a diagnostic says.
pub(super) fn is_same(rule: &Rule, code: Code) -> bool {
    rule.code == code.as_str() || SAME.contains(&(rule.code, code.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The build checks of BuildKit 0.26.
    const CHECKS: [&str; 22] = [
        "ConsistentInstructionCasing",
        "CopyIgnoredFile",
        "DuplicateStageName",
        "ExposeInvalidFormat",
        "ExposeProtoCasing",
        "FromAsCasing",
        "FromPlatformFlagConstDisallowed",
        "InvalidBaseImagePlatform",
        "InvalidDefaultArgInFrom",
        "InvalidDefinitionDescription",
        "JSONArgsRecommended",
        "LegacyKeyValueFormat",
        "MaintainerDeprecated",
        "MultipleInstructionsDisallowed",
        "NoEmptyContinuation",
        "RedundantTargetPlatform",
        "ReservedStageName",
        "SecretsUsedInArgOrEnv",
        "StageNameCasing",
        "UndefinedArgInFrom",
        "UndefinedVar",
        "WorkdirRelativePath",
    ];

    #[test]
    fn rules_and_diagnostics_agree_on_what_is_the_same() {
        for (rule, code) in SAME {
            let known = rules::find(rule);
            let code = Code::VALUES.iter().copied().find(|known| known.as_str() == code);
            assert!(known.is_some() && code.is_some(), "{rule} or {code:?} does not exist");
            assert_ne!(Some(rule), code.map(Code::as_str), "what shares its name needs no row");
        }
        for rule in rules::ALL {
            for code in Code::VALUES.iter().copied().filter(|code| is_same(rule, *code)) {
                assert_eq!(rule.build_check, code.build_check(), "{} says what {code} says", rule.code);
            }
            let Some(check) = rule.build_check else { continue };
            let twin = Code::VALUES.iter().copied().find(|code| code.build_check() == Some(check));
            assert!(
                twin.is_none_or(|code| is_same(rule, code)),
                "{} and {twin:?} both say what {check} says",
                rule.code
            );
        }
    }

    #[test]
    fn build_checks_are_those_of_buildkit() {
        let of_rules = rules::ALL.iter().filter_map(|rule| rule.build_check);
        for check in of_rules.chain(Code::VALUES.iter().filter_map(|code| code.build_check())) {
            assert!(CHECKS.contains(&check), "BuildKit has no build check {check}");
        }
    }
}
