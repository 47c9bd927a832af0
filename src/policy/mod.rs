//! POLICY: which of what was found counts, and whether the build is good enough for its project.
//!
//! [`Policy::judge`] weighs every [`Diagnostic`]: levels set by the project, and what a [`Baseline`] already accepted; what
//! comments in the file exempt is marked before. [`Gates`] then say what fails. [`Config`] is the project's own file. Reads no
//! files and knows no output format.

pub mod baseline;
pub mod config;
pub mod gates;

pub use self::baseline::{Baseline, Quoted};
pub use self::config::Config;
pub use self::gates::{Breach, Gates};

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Rule, Severity, Suppression, grouped};

/// How much a rule counts in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not at all: it is not reported.
    Off,
    /// As a note.
    Note,
    /// As a warning.
    Warning,
    /// As an error.
    Error,
}

impl Level {
    /// The severity; `None` for a rule that is off.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// What a project says of rules.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// How much a rule counts, where that is not as the rule has it.
    pub levels: BTreeMap<String, Level>,
    /// What is accepted as it is.
    pub baseline: Baseline,
}

impl Policy {
    /// Weighs what was found, in its order: each as bad as it is in the project. What the baseline accepts is marked, and what
    /// is of a rule that is off is left out; what is the very same in several places is one. What stops a build counts in every project.
    pub fn judge(&self, file: &impl Quoted, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut accepted = self.baseline.count();
        let weighed = found.into_iter().filter_map(|mut diagnostic| {
            if diagnostic.rule.stops_build() {
                return Some(diagnostic);
            }
            diagnostic.severity = match self.level(diagnostic.rule) {
                Some(level) => level.severity()?,
                None => diagnostic.severity,
            };
            if diagnostic.counts() && accepted.take(&diagnostic, file) {
                diagnostic.suppressed = Some(Suppression::Baseline);
            }
            Some(diagnostic)
        });
        grouped(weighed.collect())
    }

    /// What the project says of a rule, by its name or another that it is called by.
    fn level(&self, rule: &Rule) -> Option<Level> {
        let by_other = || self.levels.iter().find(|(name, _)| rule.is_called(name)).map(|(_, level)| level);
        self.levels.get(rule.code).or_else(by_other).copied()
    }

    /// Whether the rule is off.
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.level(rule) == Some(Level::Off)
    }
}
