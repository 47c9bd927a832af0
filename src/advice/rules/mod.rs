//! RULES: what detects, one rule a file, and the registry of all of them.

pub mod cache_order;
pub mod copy_file_onto_file;
pub mod dead_directive;
pub mod dead_syntax;
pub mod duplicate_stage_name;
pub mod duplicate_steps;
pub mod early_platform_arg;
pub mod emulated_compile;
pub mod foreign_binary;
pub mod foreign_frontend;
pub mod foreign_image_copy;
pub mod from_platform_flag_const_disallowed;
pub mod ignored_platform_flag;
pub mod invalid_utf8;
pub mod link_would_share;
pub mod locked_cache;
pub mod may_hang;
pub mod mount_from_index;
pub mod native_node;
pub mod no_empty_continuation;
pub mod one_binary;
pub mod redundant_target_platform;
pub mod reserved_stage_name;
pub mod runtime_platform;
pub mod shadowed_platform_arg;
pub mod stage_name_casing;
pub mod target_not_passed;
pub mod too_parallel;
pub mod undeclared_platform_arg;
pub mod undefined_arg_in_from;
pub mod undefined_var;
pub mod unused_stage;
pub mod workdir_relative_path;

use super::facts::context::{Context, Written};
use crate::diagnostic::{Code, Diagnostic, Rule};

/// How a rule is detected. What is found is added to what the rules before it found, which it may look at.
#[derive(Debug, Clone, Copy)]
pub enum Detect {
    /// By the file as written, also where it cannot be built. Linear in the file.
    Written(fn(&Written<'_>, &mut Vec<Diagnostic>)),
    /// By what a node makes of it.
    Graph(fn(&Context<'_>, &mut Vec<Diagnostic>)),
}

/// A rule with what detects it.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// What it is.
    pub rule: &'static Rule,
    /// How it is found.
    pub detect: Detect,
}

/// Every rule that finds something in a file that can be built, in the order of the documentation, which is also the order
/// in which fixes are applied.
pub const LINTS: &[Lint] = &[
    Lint { rule: &invalid_utf8::RULE, detect: Detect::Written(invalid_utf8::detect) },
    Lint { rule: &dead_directive::RULE, detect: Detect::Written(dead_directive::detect) },
    Lint { rule: &foreign_frontend::RULE, detect: Detect::Written(foreign_frontend::detect) },
    Lint { rule: &stage_name_casing::RULE, detect: Detect::Written(stage_name_casing::detect) },
    Lint { rule: &duplicate_stage_name::RULE, detect: Detect::Written(duplicate_stage_name::detect) },
    Lint { rule: &reserved_stage_name::RULE, detect: Detect::Written(reserved_stage_name::detect) },
    Lint { rule: &no_empty_continuation::RULE, detect: Detect::Written(no_empty_continuation::detect) },
    Lint { rule: &mount_from_index::RULE, detect: Detect::Written(mount_from_index::detect) },
    Lint { rule: &copy_file_onto_file::RULE, detect: Detect::Written(copy_file_onto_file::detect) },
    Lint { rule: &undefined_arg_in_from::RULE, detect: Detect::Written(undefined_arg_in_from::detect) },
    Lint { rule: &workdir_relative_path::RULE, detect: Detect::Written(workdir_relative_path::detect) },
    Lint { rule: &runtime_platform::RULE, detect: Detect::Graph(runtime_platform::detect) },
    Lint { rule: &shadowed_platform_arg::RULE, detect: Detect::Graph(shadowed_platform_arg::detect) },
    Lint { rule: &undeclared_platform_arg::RULE, detect: Detect::Graph(undeclared_platform_arg::detect) },
    Lint { rule: &undefined_var::RULE, detect: Detect::Written(undefined_var::detect) },
    Lint { rule: &one_binary::RULE, detect: Detect::Graph(one_binary::detect) },
    Lint { rule: &target_not_passed::RULE, detect: Detect::Graph(target_not_passed::detect) },
    Lint { rule: &foreign_binary::RULE, detect: Detect::Graph(foreign_binary::detect) },
    Lint { rule: &ignored_platform_flag::RULE, detect: Detect::Graph(ignored_platform_flag::detect) },
    Lint {
        rule: &redundant_target_platform::RULE,
        detect: Detect::Written(redundant_target_platform::detect),
    },
    Lint {
        rule: &from_platform_flag_const_disallowed::RULE,
        detect: Detect::Graph(from_platform_flag_const_disallowed::detect),
    },
    Lint { rule: &foreign_image_copy::RULE, detect: Detect::Graph(foreign_image_copy::detect) },
    Lint { rule: &emulated_compile::RULE, detect: Detect::Graph(emulated_compile::detect) },
    Lint { rule: &early_platform_arg::RULE, detect: Detect::Graph(early_platform_arg::detect) },
    Lint { rule: &locked_cache::RULE, detect: Detect::Graph(locked_cache::detect) },
    Lint { rule: &link_would_share::RULE, detect: Detect::Graph(link_would_share::detect) },
    Lint { rule: &cache_order::RULE, detect: Detect::Graph(cache_order::detect) },
    Lint { rule: &duplicate_steps::RULE, detect: Detect::Graph(duplicate_steps::detect) },
    Lint { rule: &unused_stage::RULE, detect: Detect::Graph(unused_stage::detect) },
    Lint { rule: &dead_syntax::RULE, detect: Detect::Graph(dead_syntax::detect) },
    Lint { rule: &may_hang::RULE, detect: Detect::Graph(may_hang::detect) },
    Lint { rule: &too_parallel::RULE, detect: Detect::Graph(too_parallel::detect) },
    Lint { rule: &native_node::RULE, detect: Detect::Graph(native_node::detect) },
];

/// The rules of [`LINTS`], in their order.
pub fn lints() -> impl Iterator<Item = &'static Rule> {
    LINTS.iter().map(|lint| lint.rule)
}

/// Every rule there is: what stops a build, then what is found besides.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    Code::VALUES.iter().map(|code| code.rule()).chain(lints())
}

/// The rule of a name, which may be one that it had before.
pub fn find(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code == name).or_else(|| all().find(|rule| rule.is_called(name)))
}

/// Where a rule stands in [`LINTS`].
pub fn position(rule: &Rule) -> usize {
    lints().position(|other| other == rule).unwrap_or(LINTS.len())
}

/// How many diagnostics that count each rule has.
pub(super) fn counts(found: &[Diagnostic]) -> Vec<usize> {
    let mut counts = vec![0; LINTS.len() + 1];
    for diagnostic in found.iter().filter(|diagnostic| diagnostic.counts()) {
        counts[position(diagnostic.rule)] += 1;
    }
    counts
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
    fn build_checks_are_those_of_buildkit() {
        for check in all().filter_map(|rule| rule.build_check) {
            assert!(CHECKS.contains(&check), "BuildKit has no build check {check}");
            let own: Vec<_> =
                all().filter(|rule| rule.build_check == Some(check) && rule.is_build_check()).collect();
            assert_eq!(own.len(), 1, "one rule has the name of {check}");
        }
    }

    #[test]
    fn names_are_distinct_and_lead_to_their_rule() {
        let mut names: Vec<&str> =
            all().flat_map(|rule| rule.aliases.iter().copied().chain([rule.code])).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for rule in all() {
            assert_eq!(find(rule.code), Some(rule));
            for alias in rule.aliases {
                assert_eq!(find(alias), Some(rule));
            }
        }
    }
}
