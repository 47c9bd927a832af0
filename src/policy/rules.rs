//! Every rule there is, by the name that comments, settings and gates use.

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
    Code::VALUES.iter().map(|code| Rule { name: code.as_str(), summary: code.description() })
}
