//! What a rule is: a name, a page, and how it is detected.

use super::context::Context;
use super::finding::Finding;
use crate::diagnostic::Severity;

/// A rule: one kind of finding.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The stable name that scripts and comments use.
    pub code: &'static str,
    /// How bad its findings are, unless one says otherwise.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// The BuildKit build check that says something similar, if there is one.
    pub build_check: Option<&'static str>,
    /// Whether its findings are about time alone, so that one whose change saves none is not said.
    pub is_about_time: bool,
    /// Its page.
    pub doc: Doc,
    /// Finds what it looks for.
    pub detect: fn(&Context<'_>, &mut Vec<Finding>),
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// The page of a rule. The examples are run by the tests: the rule finds something in `before` and nothing in `after`,
/// and its fix, where it has one, makes `after` of `before`.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    /// What the rule does.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// A Dockerfile in which it finds something.
    pub before: &'static str,
    /// The same, as it should be.
    pub after: &'static str,
    /// When it stays silent although the file looks alike.
    pub silent: &'static str,
    /// Why nothing is changed, for a rule that has no fix.
    pub no_fix: Option<&'static str>,
}
