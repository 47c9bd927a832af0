//! A scan of many builds: a table for programs, row by row, and a summary for people as text or as a page.

mod page;
mod text;
mod words;

pub use page::scan_html;
pub use text::scan_text;

use super::json_text::json_line;
use crate::scan::Row;

/// A row as a line of JSON.
///
/// # Errors
/// None in practice: a row has a form in JSON.
pub fn row_line(row: &Row) -> serde_json::Result<String> {
    json_line(row)
}
