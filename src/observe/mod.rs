//! OBSERVE: what really happened in a build that was logged.
//!
//! From an [`ObservedBuild`](crate::ingest::ObservedBuild) to a timeline: when each step ran and how, what it waited for, the
//! chain of steps that made the build as long as it was; with an analysis of its Dockerfile also which vertex each step was
//! and where the log and the graph disagree. Knows no format and no files.

mod agreement;
mod difference;
mod forecast;
mod links;
mod machine;
mod matching;
mod path;
mod prepare;
mod run;
mod summary;

#[cfg(test)]
mod tests;

pub use agreement::{Agreement, Disagreement, Reason, agreement};
pub use difference::{Change, Difference, Kind as ChangeKind, difference};
pub use forecast::{Forecast, forecast};
pub use links::Proof;
pub use machine::{Belief, believed};
pub use matching::{Matching, Place, matching, targets};
pub use path::PathStep;
pub use prepare::prepared;
pub use run::{How, Observation, ObservedRun, observe};
pub use summary::{Phase, Summary};
