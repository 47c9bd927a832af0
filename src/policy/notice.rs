//! Whatever xsim has to say of a line, whoever found it.

use crate::advice::{Finding, Fix, Saving};
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{Line, Span};

/// Something said of a place in the file: a diagnostic or a finding.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// The stable name of its kind.
    pub rule: &'a str,
    /// The BuildKit build check that says the same, if one does.
    pub check: Option<&'a str>,
    /// How bad it is by itself.
    pub severity: Severity,
    /// What is wrong, in one sentence. May quote the file: show it escaped only.
    pub message: &'a str,
    /// What to write instead. May quote the file.
    pub help: Option<&'a str>,
    /// The first line of the instruction it is about.
    pub line: Option<Line>,
    /// Where exactly.
    pub span: Option<Span>,
    /// Further places.
    pub labels: &'a [Label],
    /// The lines to write, where that takes a person. May quote the file.
    pub recipe: &'a [String],
    /// The change that mends it.
    pub fix: Option<&'a Fix>,
    /// What the change saves, where that was simulated.
    pub saving: Option<Saving>,
}

impl<'a> From<&'a Diagnostic> for Notice<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        Self {
            rule: diagnostic.code.as_str(),
            check: None,
            severity: diagnostic.severity,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            line: diagnostic.line,
            span: diagnostic.span,
            labels: &diagnostic.labels,
            recipe: &[],
            fix: None,
            saving: None,
        }
    }
}

impl<'a> From<&'a Finding> for Notice<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.code,
            check: finding.rule.build_check,
            severity: finding.severity,
            message: &finding.message,
            help: Some(&finding.help),
            line: Some(finding.line),
            span: Some(finding.span),
            labels: &finding.labels,
            recipe: &finding.recipe,
            fix: finding.fix.as_ref(),
            saving: finding.saving,
        }
    }
}
