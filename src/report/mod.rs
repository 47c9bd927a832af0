//! REPORT: results as bytes, one format a file.
//!
//! Computes nothing and runs no simulation: every format turns the same [`Subject`] into text. Knows no files, no
//! terminal and no arguments; the caller says how wide and how colourful.

mod brief;
pub mod builds;
mod calibration;
mod compare;
mod costliest;
mod diagnostics;
pub mod escape;
mod explain;
mod fix;
pub mod json;
pub mod json_text;
mod markdown;
mod notices;
mod observe;
mod page;
pub mod picture;
mod places;
mod rerun;
mod rules;
mod scan;
mod sharing;
mod style;
mod table;
mod terminal;
mod text;
mod time;
pub mod workflow;

pub use self::calibration::{LogSubject, calibration_text, profile_text};
pub use self::compare::{ComparisonSubject, comparison_markdown, comparison_text};
pub use self::diagnostics::write_diagnostics;
pub use self::explain::explain;
pub use self::fix::{applied_line, fix_summary, is_applicable, patch_text, workflow_fix_summary};
pub use self::json::{analysis_json, comparison_json, comparison_refusal_json, group_json, refusal_json};
pub use self::markdown::analysis_markdown;
pub use self::notices::{Sarif, Totals, github, github_failure, notices_text};
#[cfg(feature = "schema")]
pub use self::observe::observation_schema;
pub use self::observe::{
    Beside, DifferenceSubject, OBSERVATION_SCHEMA, ObserveSubject, PageError, difference_json,
    difference_markdown, difference_text, observe_html, observe_json, observe_markdown, observe_text,
    observed_view,
};
pub use self::page::{Explored, analysis_html, comparison_html};
pub use self::rules::{rule_text, rule_uri, rules_text};
pub use self::scan::{row_line, scan_html, scan_text};
pub use self::style::Style;
pub use self::terminal::Drawings;
pub use self::text::{analysis_text, analysis_text_with};

use crate::analysis::Analysis;
use crate::analysis::Build;
use crate::diagnostic::Diagnostic;
use crate::pricing::Timing;
use crate::sharing::Sharing;

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The build.
    pub build: &'a Build,
    /// What became of it.
    pub analysis: &'a Analysis,
    /// How long it takes, where that was asked for.
    pub timing: Option<&'a Timing<'a>>,
    /// What was found and counts, in the order of the lines.
    pub findings: &'a [Diagnostic],
    /// What the builds of each daemon share and repeat, where a daemon has several.
    pub sharing: &'a [Sharing],
}
