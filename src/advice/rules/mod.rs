//! The rules, one a file.

pub mod cache_order;
pub mod case_of_stage_name;
pub mod constant_platform;
pub mod copy_file_onto_file;
pub mod dead_directive;
pub mod dead_syntax;
pub mod duplicate_steps;
pub mod early_platform_arg;
pub mod emulated_compile;
pub mod foreign_binary;
pub mod foreign_image_copy;
pub mod ignored_platform_flag;
pub mod link_would_share;
pub mod locked_cache;
pub mod may_hang;
pub mod mount_from_index;
pub mod native_node;
pub mod one_binary;
pub mod redundant_target_platform;
pub mod runtime_platform;
pub mod shadowed_platform_arg;
pub mod target_not_passed;
pub mod too_parallel;
pub mod undeclared_platform_arg;
pub mod unused_stage;

use super::finding::Finding;
use super::rule::Rule;

/// Every rule, in the order of the documentation, which is also the order in which fixes are applied.
pub const ALL: &[&Rule] = &[
    &dead_directive::RULE,
    &case_of_stage_name::RULE,
    &mount_from_index::RULE,
    &copy_file_onto_file::RULE,
    &runtime_platform::RULE,
    &shadowed_platform_arg::RULE,
    &undeclared_platform_arg::RULE,
    &one_binary::RULE,
    &target_not_passed::RULE,
    &foreign_binary::RULE,
    &ignored_platform_flag::RULE,
    &redundant_target_platform::RULE,
    &constant_platform::RULE,
    &foreign_image_copy::RULE,
    &emulated_compile::RULE,
    &early_platform_arg::RULE,
    &locked_cache::RULE,
    &link_would_share::RULE,
    &cache_order::RULE,
    &duplicate_steps::RULE,
    &unused_stage::RULE,
    &dead_syntax::RULE,
    &may_hang::RULE,
    &too_parallel::RULE,
    &native_node::RULE,
];

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code == code)
}

/// Where a rule stands in [`ALL`].
pub fn position(rule: &Rule) -> usize {
    ALL.iter().position(|other| *other == rule).unwrap_or(ALL.len())
}

/// How many findings each rule has.
pub(super) fn counts(findings: &[Finding]) -> Vec<usize> {
    let mut counts = vec![0; ALL.len() + 1];
    for finding in findings {
        counts[position(finding.rule)] += 1;
    }
    counts
}
