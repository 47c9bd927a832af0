//! COMPARE: two or more builds side by side, aligned by what their steps do, not by their lines.
//!
//! Each later build is compared with the first. `step` groups the vertices of a build into steps, `align` finds which
//! step of one build is which of the other, `change` says what became of each, and `odds` runs both builds with the same
//! luck to tell a difference from the uncertainty of the costs.
//!
//! Knows no output format. Everything is linear in the size of the builds, up to the logarithm of a sort.

mod align;
mod change;
mod digest;
mod near;
mod odds;
mod order;
mod step;
mod verdict;

#[cfg(test)]
mod tests;

pub use self::change::{Change, Row};
pub use self::odds::{NEGLIGIBLE, Odds};
pub use self::step::Step;
pub use self::verdict::{SURE, Standing, Verdict, percent};

use crate::analysis::{Analysis, Build};
use crate::cost::Basis;
use crate::ids::index;
use crate::pricing::Timing;
use crate::sim::{Peaks, Quantiles};
use crate::units::Nanos;

index!(
    /// A build, by its place among those compared.
    BuildIx
);

/// A build to compare, and its time.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'b> {
    /// The build.
    pub build: &'b Build,
    /// What became of it.
    pub analysis: &'b Analysis,
    /// Its time. All builds of a comparison are priced with the same terms, but
    /// for the files of their contexts.
    pub timing: &'b Timing<'b>,
}

/// Builds side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Each build in numbers, in the order given.
    pub builds: Vec<Totals>,
    /// Each build but the first beside the first.
    pub pairs: Vec<Pair>,
    /// What it comes to; `None` for a single build.
    pub verdict: Option<Verdict>,
}

/// A build in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// The name of its file.
    pub name: String,
    /// How long it takes.
    pub total: Quantiles,
    /// Core-time, what emulation adds included.
    pub core_time: Nanos,
    /// Core-time that emulation adds.
    pub emulation: Nanos,
    /// The most that runs or is held at once.
    pub peaks: Peaks,
    /// Vertices that run.
    pub vertices: usize,
    /// Each target platform and when it is done.
    pub finish: Vec<(String, Quantiles)>,
    /// How many commands rest on each basis, the surest first.
    pub bases: Vec<(Basis, usize)>,
}

/// A build beside the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Which build.
    pub after: BuildIx,
    /// What became of each step, in the order of the files.
    pub rows: Vec<Row>,
    /// How surely one is faster.
    pub odds: Odds,
}

/// Compares builds: each with the first, and the two fastest with each other.
pub fn compare(builds: &[Candidate<'_>]) -> Comparison {
    let steps: Vec<Vec<Step>> = builds.iter().map(step::steps).collect();
    let totals: Vec<Totals> = builds.iter().map(totals).collect();
    let mut alignments = Vec::new();
    for later in steps.iter().skip(1) {
        alignments.push(align::align(&steps[0], later));
    }
    let samples = odds::samples(builds, &steps, &alignments);
    let mut pairs = Vec::new();
    for (at, alignment) in alignments.iter().enumerate() {
        let after = BuildIx::new(at + 1);
        let rows = change::rows(&steps[0], &steps[at + 1], alignment);
        pairs.push(Pair { after, rows, odds: Odds::of(&samples[0], &samples[at + 1]) });
    }
    let verdict = verdict::verdict(&totals, &steps, &samples);
    Comparison { builds: totals, pairs, verdict }
}

fn totals(build: &Candidate<'_>) -> Totals {
    let timing = build.timing;
    let tasks = || timing.plan.indices();
    Totals {
        name: build.build.name().to_owned(),
        total: timing.total,
        core_time: tasks().map(|task| timing.core_time(task)).sum(),
        emulation: tasks().map(|task| timing.emulation(task)).sum(),
        peaks: timing.peaks,
        vertices: timing.plan.tasks().len(),
        finish: build.analysis.outputs().zip(timing.finish.iter().copied()).collect(),
        bases: timing.bases(),
    }
}
