//! What really happened in a build, in every format.

mod chart;
mod difference;
mod html;
mod json;
mod markdown;
mod picture;
mod text;
mod words;

use super::places::Places;
use crate::analysis::Build;
use crate::ingest::ObservedBuild;
use crate::observe::{Agreement, Belief, Forecast, Matching, Observation};
use crate::source::FileLine;

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
    /// The Dockerfile, or those of the targets of a bake definition.
    pub build: &'a Build,
    /// Whether it was found through the log's own name of it.
    pub is_found: bool,
    /// Where the steps stand in it.
    pub matching: &'a Matching,
    /// Whether log and graph agree.
    pub agreement: &'a Agreement,
    /// What was forecast.
    pub forecast: &'a Forecast,
}

impl Beside<'_> {
    fn places(&self) -> Places<'_> {
        Places::of(self.build)
    }

    /// The name of a line's file, where there are several.
    fn file_of(&self, at: FileLine) -> Option<String> {
        let file = self.build.text(at.file).filter(|_| !self.places().is_one_file())?;
        Some(file.name().to_owned())
    }
}

impl ObserveSubject<'_> {
    /// A line in a sentence. Safe to show.
    fn line(&self, at: FileLine) -> String {
        self.beside.map_or_else(|| format!("line {}", at.line), |beside| beside.places().line(at))
    }

    /// A line in a table. Safe to show.
    fn short(&self, at: FileLine) -> String {
        self.beside.map_or_else(|| at.line.to_string(), |beside| beside.places().short(at))
    }
}
