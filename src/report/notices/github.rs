//! Workflow commands: lines on standard output that GitHub shows beside the changed file.

use std::fmt::Write as _;

use super::{place, words};
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::Breach;
use crate::report::escape::visible;
use crate::report::workflow::defused;
use crate::source::Source;

/// A line for each diagnostic that counts, the worst first since GitHub shows ten of a kind, and for each broken gate.
pub fn github(source: &Source, found: &[Diagnostic], breaches: &[Breach]) -> String {
    let lines = source.lines();
    let mut counting: Vec<&Diagnostic> = found.iter().filter(|diagnostic| diagnostic.counts()).collect();
    counting.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    let mut out = String::new();
    for diagnostic in counting {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let _ = write!(out, "::{command} file={}", property(source.name()));
        if let Some(place) = place(diagnostic, source, &lines) {
            let _ = write!(out, ",line={},endLine={}", place.line, place.end_line);
            // GitHub refuses columns on a range of lines.
            if place.line == place.end_line {
                let _ = write!(out, ",col={},endColumn={}", place.column, place.end_column);
            }
        }
        let title = format!("xsim {}", diagnostic.rule.code);
        let _ = writeln!(out, ",title={}::{}", property(&title), data(&words(diagnostic)));
    }
    for breach in breaches {
        let title = format!("xsim {}", breach.gate);
        let file = property(source.name());
        let _ = writeln!(out, "::error file={file},title={}::{}", property(&title), data(&breach.message));
    }
    out
}

/// A line for a file that could not be looked at.
pub fn github_failure(name: &str, message: &str) -> String {
    format!("::error file={},title=xsim::{}\n", property(name), data(message))
}

/// Text after `::`.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| defused(&visible(line)).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    visible(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}
