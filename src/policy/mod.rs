//! POLICY: which of what was found counts, and whether the build is good enough for its project.
//!
//! [`Policy::judge`] weighs every [`Notice`]: levels set by the project, [`Comments`] in the file, and what a
//! [`Baseline`] already accepted. [`Gates`] then say what fails. [`Config`] is the project's own file. Reads no files and
//! knows no output format.

pub mod baseline;
pub mod config;
pub mod gates;
mod notice;
pub mod rules;

pub use self::baseline::Baseline;
pub use self::config::Config;
pub use self::gates::{Breach, Gates};
pub use self::notice::{Notice, notices};

use self::baseline::Remaining;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::advice::{Comments, Exemption, Finding, without_repeats};
use crate::diagnostic::{Diagnostic, Severity};
use crate::dockerfile::Dockerfile;

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

/// Why a notice does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppression<'a> {
    /// A comment in the file.
    Exempt(Exemption<'a>),
    /// The baseline accepts it.
    Baseline,
}

/// A notice and what it counts for.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// What was found.
    pub notice: Notice<'a>,
    /// How bad it is in this project.
    pub severity: Severity,
    /// Why it does not count; `None` where it does.
    pub suppressed: Option<Suppression<'a>>,
}

impl<'a> Judged<'a> {
    /// A notice as it is: what BuildKit refuses is refused in every project.
    pub const fn unweighed(notice: Notice<'a>) -> Self {
        Self { notice, severity: notice.severity, suppressed: None }
    }
}

impl Policy {
    /// Weighs notices, in their order. Those of rules that are off are left out; those that something suppresses stay,
    /// marked.
    pub fn judge<'a>(
        &self,
        file: &Dockerfile<'a>,
        notices: impl IntoIterator<Item = Notice<'a>>,
    ) -> Vec<Judged<'a>> {
        let mut judge = Judge::new(self, file);
        notices.into_iter().filter_map(|notice| judge.weigh(notice)).collect()
    }

    /// Leaves of warnings and findings what counts, each as bad as it is in the project, for reports that show nothing else.
    /// A warning that a finding repeats is left out.
    pub fn retain(&self, file: &Dockerfile<'_>, warnings: &mut Vec<Diagnostic>, findings: &mut Vec<Finding>) {
        let mut judge = Judge::new(self, file);
        let kept = without_repeats(warnings.iter(), findings).into_iter().filter_map(|warning| {
            let severity = judge.severity(Notice::from(warning))?;
            Some(Diagnostic { severity, ..warning.clone() })
        });
        *warnings = kept.collect();
        findings.retain_mut(|finding| {
            let severity = judge.severity(Notice::from(&*finding));
            finding.severity = severity.unwrap_or(finding.severity);
            severity.is_some()
        });
    }

    fn severity(&self, notice: &Notice<'_>) -> Option<Severity> {
        self.levels.get(notice.rule).map_or(Some(notice.severity), |level| level.severity())
    }
}

/// Weighs one notice after another; what the baseline accepts is used up on the way.
struct Judge<'p, 'f> {
    policy: &'p Policy,
    file: &'p Dockerfile<'f>,
    comments: Comments<'f>,
    accepted: Remaining<'p>,
}

impl<'p, 'f> Judge<'p, 'f> {
    fn new(policy: &'p Policy, file: &'p Dockerfile<'f>) -> Self {
        Self { policy, file, comments: Comments::of(file), accepted: policy.baseline.count() }
    }

    fn weigh<'a>(&mut self, notice: Notice<'a>) -> Option<Judged<'a>>
    where
        'f: 'a,
    {
        let severity = self.policy.severity(&notice)?;
        let exemption = self.comments.exempt(notice.line, notice.rule, notice.check);
        let suppressed = exemption
            .map(Suppression::Exempt)
            .or_else(|| self.accepted.take(&notice, self.file).then_some(Suppression::Baseline));
        Some(Judged { notice, severity, suppressed })
    }

    /// How bad a notice is; `None` where it does not count.
    fn severity(&mut self, notice: Notice<'_>) -> Option<Severity> {
        self.weigh(notice).filter(|judged| judged.suppressed.is_none()).map(|judged| judged.severity)
    }
}
