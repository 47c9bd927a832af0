//! The pages of `analyze` and `compare`: every setting that they offer is simulated here.

use std::io;

use super::exit::Failure;
use crate::advice::advise;
use crate::analysis::NodeInputs;
use crate::compare::Build;
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::explore::{Exploration, Grid, MAX_INTERVALS, explore};
use crate::pricing::Timing;
use crate::report::{ComparisonSubject, Explored, Subject, analysis_html, comparison_html};

/// The page of a build.
pub(super) fn analysis(
    subject: &Subject<'_>,
    file: &Dockerfile<'_>,
    timing: &Timing<'_>,
    nodes: &[NodeInputs],
) -> Result<Vec<u8>, Failure> {
    let Subject { source, analysis, .. } = *subject;
    let found = explore(analysis, timing, &Grid::new(&[timing], MAX_INTERVALS));
    let findings = advise(file, nodes, analysis);
    let explored = Explored { source, file, analysis, timing, found: &found, findings: &findings };
    bytes(analysis_html(&explored))
}

/// The page of builds beside each other.
pub(super) fn comparison(subject: &ComparisonSubject<'_>, builds: &[Build<'_>]) -> Result<Vec<u8>, Failure> {
    let timings: Vec<&Timing<'_>> = builds.iter().map(|build| build.timing).collect();
    let grid = Grid::new(&timings, MAX_INTERVALS);
    let found: Vec<Exploration> =
        builds.iter().map(|build| explore(build.analysis, build.timing, &grid)).collect();
    let arenas: Vec<Arena> = builds.iter().map(|_| Arena::new()).collect();
    let files: Vec<Dockerfile<'_>> =
        builds.iter().zip(&arenas).map(|(build, arena)| parse(build.source, arena)).collect();
    let parts = builds.iter().zip(&files).zip(&found);
    let explored: Vec<Explored<'_>> = parts
        .map(|((build, file), found)| Explored {
            source: build.source,
            file,
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
