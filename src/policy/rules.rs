//! Every rule there is, by the name that comments, settings and gates use.

use crate::advice;
use crate::diagnostic::Code;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub name: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
}

/// All of them.
pub fn all() -> impl Iterator<Item = Rule> {
    let findings = advice::rules::ALL.iter().map(|rule| Rule { name: rule.code, summary: rule.summary });
    let codes = Code::VALUES.iter().map(|code| Rule { name: code.as_str(), summary: code.description() });
    // A diagnostic and a finding that say the same thing share their name.
    codes.filter(|code| advice::rules::find(code.name).is_none()).chain(findings)
}
