//! What was found, for people, with the lines it is about.

use std::fmt::Write as _;

use crate::policy::Judged;
use crate::report::Style;
use crate::report::diagnostics::write_notices;
use crate::source::Source;

/// The notices that count, each with its excerpt, and a line on how many do not; empty where nothing was found.
pub fn notices_text(source: &Source, judged: &[Judged<'_>], style: Style) -> String {
    let counting = judged.iter().filter(|judged| judged.suppressed.is_none());
    let notices: Vec<_> = counting.map(|judged| (judged.notice, judged.severity)).collect();
    let mut text = write_notices(source, &notices, style);
    match judged.len() - notices.len() {
        0 => {}
        1 => text.push_str("1 more is suppressed\n"),
        more => _ = writeln!(text, "{more} more are suppressed"),
    }
    text
}
