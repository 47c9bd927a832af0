//! The pages of `analyze` and `compare`: every setting that they offer is simulated here.

use std::io;

use super::exit::Failure;
use crate::compare::Candidate;
use crate::explore::{Exploration, Grid, MAX_INTERVALS, explore};
use crate::pricing::Timing;
use crate::report::{ComparisonSubject, Explored, Subject, analysis_html, comparison_html};

/// The page of a build.
pub(super) fn analysis(subject: &Subject<'_>, timing: &Timing<'_>) -> Result<Vec<u8>, Failure> {
    let Subject { build, analysis, findings, .. } = *subject;
    let found = explore(analysis, timing, &Grid::new(&[timing], MAX_INTERVALS));
    let explored = Explored { build, analysis, timing, found: &found, findings };
    bytes(analysis_html(&explored))
}

/// The page of builds beside each other.
pub(super) fn comparison(
    subject: &ComparisonSubject<'_>,
    builds: &[Candidate<'_>],
) -> Result<Vec<u8>, Failure> {
    let timings: Vec<&Timing<'_>> = builds.iter().map(|build| build.timing).collect();
    let grid = Grid::new(&timings, MAX_INTERVALS);
    let found: Vec<Exploration> =
        builds.iter().map(|build| explore(build.analysis, build.timing, &grid)).collect();
    let explored: Vec<Explored<'_>> = builds
        .iter()
        .zip(&found)
        .map(|(build, found)| Explored {
            build: build.build,
            analysis: build.analysis,
            timing: build.timing,
            found,
            findings: &[],
        })
        .collect();
    bytes(comparison_html(subject, &explored))
}

fn bytes<E: std::error::Error + Send + Sync + 'static>(page: Result<String, E>) -> Result<Vec<u8>, Failure> {
    page.map(String::into_bytes).map_err(|error| Failure::Stream(io::Error::other(error)))
}
