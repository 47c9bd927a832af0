//! What is said of one build: a row of a table.

use serde::{Deserialize, Serialize};

/// A build in numbers. Times are seconds, rounded to milliseconds; what has no number is unknown or could not be built.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    /// The repository; empty for a text of which none is known.
    pub repository: String,
    /// The Dockerfile: its path from the root of the repository, or the key of the text.
    pub file: String,
    /// Where the build is defined: a line of a pipeline, of a table of texts, or the Dockerfile itself.
    pub place: String,
    /// The stage that is built, where that is not the last.
    pub target: Option<String>,
    /// For which platforms.
    pub platforms: Vec<String>,
    /// SHA-256 of the text, in hexadecimal; empty where there is none.
    pub hash: String,
    /// Steps that the file's instructions make, over all platforms.
    pub steps: u32,
    /// Commands (`RUN`) among them.
    pub runs: u32,
    /// Commands under emulation, wholly or in part.
    pub emulated: u32,
    /// One build in ten is done by then.
    pub p10_s: Option<f64>,
    /// The median build is done by then.
    pub p50_s: Option<f64>,
    /// Nine builds in ten are done by then.
    pub p90_s: Option<f64>,
    /// Core-time that emulation adds.
    pub emulation_s: f64,
    /// Core-time of commands that do again what was done for another platform, what emulation adds to them included.
    pub repeated_s: f64,
    /// Core-time that is lost to either, each second once.
    pub lost_s: f64,
    /// What is found and counts, what is worth most first.
    pub findings: Vec<Found>,
    /// Findings by which an image comes out wrong: errors that do not stop the build.
    pub wrong_images: u32,
    /// What is not known of the build before it runs.
    pub unknown: Vec<String>,
    /// Why nothing more is known: the file cannot be read or built.
    pub error: Option<String>,
}

/// What a rule finds in a build.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// `note`, `warning` or `error`.
    pub severity: String,
    /// The line of the Dockerfile, where it has one.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// How much shorter the median build is with the change, where that was simulated.
    pub saving_s: Option<f64>,
    /// Whether `xsim fix` makes the change.
    pub is_fixable: bool,
}

impl Row {
    /// A row of which nothing is known but why.
    pub fn failed(repository: &str, place: &str, error: impl Into<String>) -> Self {
        let (repository, place) = (repository.to_owned(), place.to_owned());
        Self { repository, file: place.clone(), place, error: Some(error.into()), ..Self::default() }
    }

    /// What its repository is called, or its file where no repository is known.
    pub fn owner(&self) -> &str {
        if self.repository.is_empty() { &self.file } else { &self.repository }
    }

    /// The most that a single change saves, in seconds.
    pub fn best_saving_s(&self) -> f64 {
        self.findings.iter().filter_map(|found| found.saving_s).fold(0.0, f64::max)
    }
}
