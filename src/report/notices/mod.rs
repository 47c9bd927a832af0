//! What was found, in the forms that code hosts and editors read.

mod github;
mod sarif;
mod text;
mod totals;

pub use self::github::{github, github_failure};
pub use self::sarif::Sarif;
pub use self::text::notices_text;
pub use self::totals::Totals;

use super::diagnostics::also;
use crate::diagnostic::Diagnostic;
use crate::source::{Line, LineTable, Source, Span};

/// A place in lines and columns from 1, columns in characters, the end after the last character.
struct Region {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl Region {
    fn new(span: Span, source: &Source, lines: &LineTable) -> Self {
        Self {
            line: lines.line(span.start).0,
            column: lines.column(span.start, source),
            end_line: lines.line(span.end).0,
            end_column: lines.column(span.end, source),
        }
    }
}

/// Where a diagnostic points: its span, else the first line of its instruction.
fn place(diagnostic: &Diagnostic, source: &Source, lines: &LineTable) -> Option<Region> {
    let of_line = |line: Line| lines.span(line, source);
    let span = diagnostic.span.or_else(|| of_line(diagnostic.line?))?;
    Some(Region::new(span, source, lines))
}

/// The message, and the help after it.
fn words(diagnostic: &Diagnostic) -> String {
    let mut words = diagnostic.message.clone();
    for more in diagnostic.help.clone().into_iter().chain(also(diagnostic)) {
        words.push('\n');
        words.push_str(&more);
    }
    words
}
