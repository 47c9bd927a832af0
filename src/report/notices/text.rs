//! What was found, for people, with the lines it is about.

use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;
use crate::report::Style;
use crate::report::diagnostics::write_diagnostics;
use crate::source::Source;

/// The diagnostics that count, each with its excerpt, and a line on how many do not; empty where nothing was found.
pub fn notices_text(source: &Source, found: &[Diagnostic], style: Style) -> String {
    let counting: Vec<&Diagnostic> = found.iter().filter(|diagnostic| diagnostic.counts()).collect();
    let mut text = write_diagnostics(source, &counting, style);
    match found.len() - counting.len() {
        0 => {}
        1 => text.push_str("1 more is suppressed\n"),
        more => _ = writeln!(text, "{more} more are suppressed"),
    }
    text
}
