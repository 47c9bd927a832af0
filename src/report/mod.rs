//! REPORT: results as bytes, one format a file.
//!
//! Computes nothing and runs no simulation: every format turns the same [`Subject`] into text. Knows no files, no
//! terminal and no arguments; the caller says how wide and how colourful.

mod calibration;
mod diagnostics;
pub mod escape;
mod explain;
mod fix;
pub mod json;
mod notices;
pub mod picture;
mod rerun;
mod style;
mod table;
mod text;
mod time;

pub use self::calibration::{LogSubject, calibration_text};
pub use self::diagnostics::write_diagnostics;
pub use self::explain::explain;
pub use self::fix::{applied_line, fix_summary, patch_text};
pub use self::json::{analysis_json, refusal_json};
pub use self::notices::{Sarif, github, notices_text};
pub use self::style::Style;
pub use self::text::analysis_text;

use crate::advice::Finding;
use crate::analysis::Analysis;
use crate::pricing::Timing;
use crate::source::Source;

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The file.
    pub source: &'a Source,
    /// What became of it.
    pub analysis: &'a Analysis,
    /// How long it takes, where that was asked for.
    pub timing: Option<&'a Timing<'a>>,
    /// What could be better, in the order of the lines.
    pub findings: &'a [Finding],
}
