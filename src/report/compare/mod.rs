//! A comparison in bytes: text for people, Markdown for a pull request. The JSON is in [`super::json`].

mod markdown;
mod text;
mod view;

pub use self::markdown::comparison_markdown;
pub use self::text::comparison_text;
pub(super) use self::view::{Cells, View, letter};

use crate::compare::Comparison;
use crate::pricing::Terms;

/// What a report of a comparison is about.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonSubject<'a> {
    /// The builds beside each other.
    pub comparison: &'a Comparison,
    /// What they were priced with.
    pub terms: &'a Terms,
    /// The platform of the node that builds, or of the first.
    pub build_platform: &'a str,
}
