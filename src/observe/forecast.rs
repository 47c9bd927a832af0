//! What was forecast of a build, beside what it did.

use super::run::Observation;
use crate::ingest::{ObservedBuild, Outcome};
use crate::pricing::Timing;
use crate::sim::Quantiles;
use crate::units::Nanos;

/// A forecast beside a build that was logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// How long each run was to take, in the order of the observation; `None` where the graph does not know the step.
    pub runs: Vec<Option<Nanos>>,
    /// How long the build was to take, all its steps executed.
    pub total: Quantiles,
}

impl Forecast {
    /// The runs that were executed and forecast, by their place in the observation, the one that was missed most first.
    pub fn largest(&self, build: &ObservedBuild, observation: &Observation) -> Vec<(usize, Nanos)> {
        let mut known: Vec<(usize, Nanos)> = self
            .runs
            .iter()
            .enumerate()
            .filter_map(|(at, expected)| Some((at, (*expected)?)))
            .filter(|(at, _)| build.step(observation.runs[*at].step).outcome == Outcome::Done)
            .collect();
        let missed = |(at, expected): &(usize, Nanos)| {
            let took = observation.runs[*at].duration;
            std::cmp::Reverse((took - *expected).max(*expected - took))
        };
        known.sort_by_key(|entry| (missed(entry), entry.0));
        known
    }
}

/// The forecast for each run of an observation.
pub fn forecast(observation: &Observation, timing: &Timing<'_>) -> Forecast {
    let of = |vertex: Option<(crate::ids::NodeIx, crate::ids::VertexIx)>| {
        let (node, vertex) = vertex?;
        Some(timing.trace.span(timing.task(node, vertex)).duration())
    };
    Forecast { runs: observation.runs.iter().map(|run| of(run.vertex)).collect(), total: timing.total }
}
