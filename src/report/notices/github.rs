//! Workflow commands: lines on standard output that GitHub shows beside the changed file.

use std::fmt::Write as _;

use super::{place, words};
use crate::diagnostic::Severity;
use crate::policy::{Breach, Judged};
use crate::report::escape::visible;
use crate::source::Source;

/// A line for each notice that counts, the worst first since GitHub shows ten of a kind, and for each broken gate.
pub fn github(source: &Source, judged: &[Judged<'_>], breaches: &[Breach]) -> String {
    let lines = source.lines();
    let mut counting: Vec<&Judged<'_>> = judged.iter().filter(|judged| judged.suppressed.is_none()).collect();
    counting.sort_by_key(|judged| std::cmp::Reverse(judged.severity));
    let mut out = String::new();
    for judged in counting {
        let command = match judged.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let _ = write!(out, "::{command} file={}", property(source.name()));
        if let Some(place) = place(judged, source, &lines) {
            let _ = write!(out, ",line={},endLine={}", place.line, place.end_line);
            // GitHub refuses columns on a range of lines.
            if place.line == place.end_line {
                let _ = write!(out, ",col={},endColumn={}", place.column, place.end_column);
            }
        }
        let title = format!("xsim {}", judged.notice.rule);
        let _ = writeln!(out, ",title={}::{}", property(&title), data(&words(judged)));
    }
    for breach in breaches {
        let title = format!("xsim {}", breach.gate);
        let file = property(source.name());
        let _ = writeln!(out, "::error file={file},title={}::{}", property(&title), data(&breach.message));
    }
    out
}

/// Text after `::`.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| visible(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    visible(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}
