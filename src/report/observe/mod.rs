//! What really happened in a build, in every format.

mod chart;
mod difference;
mod html;
mod json;
mod markdown;
mod picture;
mod text;
mod words;

use crate::ingest::ObservedBuild;
use crate::observe::{Agreement, Belief, Forecast, Matching, Observation};

pub use self::difference::{DifferenceSubject, difference_json, difference_markdown, difference_text};
pub use self::html::{PageError, observe_html};
#[cfg(feature = "schema")]
pub use self::json::observation_schema;
pub use self::json::{OBSERVATION_SCHEMA, observe_json};
pub use self::markdown::observe_markdown;
pub use self::picture::observed_view;
pub use self::text::observe_text;

/// A build that was logged.
#[derive(Debug, Clone, Copy)]
pub struct ObserveSubject<'a> {
    /// The name of its log.
    pub name: &'a str,
    /// What the log tells.
    pub build: &'a ObservedBuild,
    /// The same in time.
    pub observation: &'a Observation,
    /// On what it ran.
    pub belief: &'a Belief,
    /// What its Dockerfile adds, where there is one.
    pub beside: Option<Beside<'a>>,
}

/// The Dockerfile beside a log.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// Its name.
    pub file: &'a str,
    /// Whether it was found through the log's own name of it.
    pub is_found: bool,
    /// Where the steps stand in it.
    pub matching: &'a Matching,
    /// Whether log and graph agree.
    pub agreement: &'a Agreement,
    /// What was forecast.
    pub forecast: &'a Forecast,
}
