//! RULES: what detects, one rule a file, and the registry of all of them.

pub mod cache_order;
pub mod cache_without_stages;
pub mod cannot_run;
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
pub mod foreign_program_run;
pub mod from_platform_flag_const_disallowed;
pub mod host_packages;
pub mod idle_emulator;
pub mod ignored_platform_flag;
pub mod invalid_base_image_platform;
pub mod invalid_default_arg_in_from;
pub mod invalid_utf8;
pub mod link_would_share;
pub mod locked_cache;
pub mod lost_cook;
pub mod lost_variable;
pub mod made_elsewhere;
pub mod may_hang;
pub mod missing_in_context;
pub mod mount_from_index;
pub mod native_node;
pub mod native_runner;
pub mod no_empty_continuation;
pub mod no_such_triple;
pub mod nothing_for_platform;
pub mod one_binary;
pub mod other_architecture;
pub mod redundant_target_platform;
pub mod repeated_legs;
pub mod reserved_stage_name;
pub mod runtime_platform;
pub mod shadowed_platform_arg;
pub mod shared_cache_scope;
pub mod stage_name_casing;
pub mod target_not_passed;
pub mod too_parallel;
pub mod undeclared_platform_arg;
pub mod undefined_arg_in_from;
pub mod undefined_var;
pub mod unused_stage;
pub mod workdir_relative_path;

use super::facts::context::{Context, Written};
use super::facts::workflow::WorkflowContext;
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

impl Lint {
    const fn written(rule: &'static Rule, detect: fn(&Written<'_>, &mut Vec<Diagnostic>)) -> Self {
        Self { rule, detect: Detect::Written(detect) }
    }

    const fn graph(rule: &'static Rule, detect: fn(&Context<'_>, &mut Vec<Diagnostic>)) -> Self {
        Self { rule, detect: Detect::Graph(detect) }
    }
}

/// Every rule that finds something in a file that can be built, in the order of the documentation, which is also the order
/// in which fixes are applied.
pub const LINTS: &[Lint] = &[
    Lint::written(&invalid_utf8::RULE, invalid_utf8::detect),
    Lint::written(&dead_directive::RULE, dead_directive::detect),
    Lint::written(&foreign_frontend::RULE, foreign_frontend::detect),
    Lint::written(&stage_name_casing::RULE, stage_name_casing::detect),
    Lint::written(&duplicate_stage_name::RULE, duplicate_stage_name::detect),
    Lint::written(&reserved_stage_name::RULE, reserved_stage_name::detect),
    Lint::written(&no_empty_continuation::RULE, no_empty_continuation::detect),
    Lint::written(&mount_from_index::RULE, mount_from_index::detect),
    Lint::written(&copy_file_onto_file::RULE, copy_file_onto_file::detect),
    Lint::written(&invalid_default_arg_in_from::RULE, invalid_default_arg_in_from::detect),
    Lint::graph(&invalid_base_image_platform::RULE, invalid_base_image_platform::detect),
    Lint::written(&undefined_arg_in_from::RULE, undefined_arg_in_from::detect),
    Lint::written(&workdir_relative_path::RULE, workdir_relative_path::detect),
    Lint::graph(&runtime_platform::RULE, runtime_platform::detect),
    Lint::graph(&shadowed_platform_arg::RULE, shadowed_platform_arg::detect),
    Lint::graph(&undeclared_platform_arg::RULE, undeclared_platform_arg::detect),
    Lint::written(&undefined_var::RULE, undefined_var::detect),
    Lint::graph(&one_binary::RULE, one_binary::detect),
    Lint::graph(&target_not_passed::RULE, target_not_passed::detect),
    Lint::graph(&foreign_binary::RULE, foreign_binary::detect),
    Lint::graph(&other_architecture::RULE, other_architecture::detect),
    Lint::graph(&made_elsewhere::RULE, made_elsewhere::detect),
    Lint::graph(&no_such_triple::RULE, no_such_triple::detect),
    Lint::graph(&cannot_run::RULE, cannot_run::detect),
    Lint::graph(&missing_in_context::RULE, missing_in_context::detect),
    Lint::graph(&host_packages::RULE, host_packages::detect),
    Lint::graph(&lost_variable::RULE, lost_variable::detect),
    Lint::graph(&nothing_for_platform::RULE, nothing_for_platform::detect),
    Lint::graph(&ignored_platform_flag::RULE, ignored_platform_flag::detect),
    Lint::written(&redundant_target_platform::RULE, redundant_target_platform::detect),
    Lint::graph(&from_platform_flag_const_disallowed::RULE, from_platform_flag_const_disallowed::detect),
    Lint::graph(&foreign_image_copy::RULE, foreign_image_copy::detect),
    Lint::graph(&foreign_program_run::RULE, foreign_program_run::detect),
    Lint::graph(&emulated_compile::RULE, emulated_compile::detect),
    Lint::graph(&lost_cook::RULE, lost_cook::detect),
    Lint::graph(&early_platform_arg::RULE, early_platform_arg::detect),
    Lint::graph(&locked_cache::RULE, locked_cache::detect),
    Lint::graph(&link_would_share::RULE, link_would_share::detect),
    Lint::graph(&cache_order::RULE, cache_order::detect),
    Lint::graph(&duplicate_steps::RULE, duplicate_steps::detect),
    Lint::graph(&unused_stage::RULE, unused_stage::detect),
    Lint::graph(&dead_syntax::RULE, dead_syntax::detect),
    Lint::graph(&may_hang::RULE, may_hang::detect),
    Lint::graph(&too_parallel::RULE, too_parallel::detect),
    Lint::graph(&native_node::RULE, native_node::detect),
];

/// A rule on workflows with what detects it. What is found is added to what the rules before it found.
#[derive(Debug, Clone, Copy)]
pub struct WorkflowLint {
    /// What it is.
    pub rule: &'static Rule,
    /// How it is found.
    pub detect: fn(&WorkflowContext<'_>, &mut Vec<Diagnostic>),
}

impl WorkflowLint {
    const fn new(rule: &'static Rule, detect: fn(&WorkflowContext<'_>, &mut Vec<Diagnostic>)) -> Self {
        Self { rule, detect }
    }
}

/// Every rule that finds something in a workflow.
pub const WORKFLOW_LINTS: &[WorkflowLint] = &[
    WorkflowLint::new(&shared_cache_scope::RULE, shared_cache_scope::detect),
    WorkflowLint::new(&cache_without_stages::RULE, cache_without_stages::detect),
    WorkflowLint::new(&native_runner::RULE, native_runner::detect),
    WorkflowLint::new(&idle_emulator::RULE, idle_emulator::detect),
    WorkflowLint::new(&repeated_legs::RULE, repeated_legs::detect),
];

/// The rules of [`WORKFLOW_LINTS`], in their order.
pub fn workflow_lints() -> impl Iterator<Item = &'static Rule> {
    WORKFLOW_LINTS.iter().map(|lint| lint.rule)
}

/// The rules of [`LINTS`], in their order.
pub fn lints() -> impl Iterator<Item = &'static Rule> {
    LINTS.iter().map(|lint| lint.rule)
}

/// Every rule there is: what stops a build, then what is found besides.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    Code::VALUES.iter().map(|code| code.rule()).chain(lints()).chain(workflow_lints())
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

/// Whether there is more of what makes an image or a step of a wrong machine. Downloads aside, which a stage that is split has twice.
pub(super) fn is_more_wrong(before: &[usize], after: &[usize]) -> bool {
    let wrong = [
        &runtime_platform::RULE,
        &one_binary::RULE,
        &target_not_passed::RULE,
        &foreign_binary::RULE,
        &made_elsewhere::RULE,
        &foreign_image_copy::RULE,
        &foreign_program_run::RULE,
    ];
    wrong.iter().map(|rule| position(rule)).any(|at| after[at] > before[at])
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
