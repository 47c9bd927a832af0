//! Builds run with the same luck: how surely one is faster than the other.

use super::Candidate;
use super::align::Alignment;
use super::step::Step;
use crate::graph::vertex::VertexKind;
use crate::sim::{MonteCarlo, StreamIx, TaskIx, makespans};
use crate::units::Nanos;

/// Builds that differ by less take the same time, however sure the difference: repeats of one build differ as much.
///
/// Source: `tests/data/timing/README.md`, 1 to 3 % back to back.
pub const NEGLIGIBLE: f64 = 0.03;

/// How a later build does beside an earlier one in simulated builds with the same luck: what both do takes both equally
/// longer or shorter than expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// Simulated builds of each.
    pub runs: usize,
    /// The share of them in which the later build is faster.
    pub faster: f64,
    /// The share in which it is slower. The rest takes exactly as long.
    pub slower: f64,
    /// The share in which it is faster by more than [`NEGLIGIBLE`].
    pub clearly_faster: f64,
    /// The share in which it is slower by more than that.
    pub clearly_slower: f64,
    /// The time of the earlier build divided by that of the later: in one of ten simulated builds it is below the first of
    /// these, in half of them below the second, in nine of ten below the third.
    pub ratio: [f64; 3],
}

impl Odds {
    /// Of the times of equally many runs.
    pub(super) fn of(before: &[Nanos], after: &[Nanos]) -> Self {
        let runs = before.len().min(after.len());
        let share = |count: usize| if runs == 0 { 0.0 } else { count as f64 / runs as f64 };
        let pairs = || before.iter().zip(after);
        let mut ratios: Vec<f64> =
            pairs().map(|(before, after)| before.0.max(1) as f64 / after.0.max(1) as f64).collect();
        ratios.sort_by(f64::total_cmp);
        let last = ratios.len().saturating_sub(1);
        let at = |tenths: usize| ratios.get((last * tenths + 5) / 10).copied().unwrap_or(1.0);
        Self {
            runs,
            faster: share(pairs().filter(|(before, after)| after < before).count()),
            slower: share(pairs().filter(|(before, after)| after > before).count()),
            clearly_faster: share(ratios.iter().filter(|ratio| **ratio > 1.0 + NEGLIGIBLE).count()),
            clearly_slower: share(ratios.iter().filter(|ratio| ratio.recip() > 1.0 + NEGLIGIBLE).count()),
            ratio: [at(1), at(5), at(9)],
        }
    }
}

/// The time of each of many runs of each build, run `n` of all with the same luck: steps that say the same draw the same,
/// and so do steps that are aligned with each other though their texts differ.
pub(super) fn samples(
    builds: &[Candidate<'_>],
    steps: &[Vec<Step>],
    alignments: &[Alignment],
) -> Vec<Vec<Nanos>> {
    let streams = streams(builds, steps, alignments);
    let sample = |(build, streams): (&Candidate<'_>, Vec<Option<StreamIx>>)| {
        let timing = build.timing;
        let own = |task: TaskIx| timing.plan.task(task).work_noise.map(|noise| noise.stream);
        let differs = |task: TaskIx| streams[task.index()].is_some() && streams[task.index()] != own(task);
        if !timing.plan.indices().any(differs) {
            return timing.samples.clone();
        }
        let median = timing.plan.with_work(timing.medians.iter().copied());
        let plan = median.with_work_streams(|task| streams[task.index()]);
        let how = MonteCarlo { runs: timing.samples.len() as u32, ..timing.terms.monte_carlo };
        let times = makespans(&plan, &timing.terms.machine, how);
        times.into_iter().map(|time| time + timing.overhead).collect()
    };
    builds.iter().zip(streams).map(sample).collect()
}

/// For each task of each build the stream it shares with what it is aligned with: the smallest of theirs, so that the order
/// of the builds does not matter.
fn streams(
    builds: &[Candidate<'_>],
    steps: &[Vec<Step>],
    alignments: &[Alignment],
) -> Vec<Vec<Option<StreamIx>>> {
    let own = |build: usize, step: usize| -> Option<StreamIx> {
        let task: TaskIx = *steps[build][step].tasks.first()?;
        builds[build].timing.plan.task(task).work_noise.map(|noise| noise.stream)
    };
    // The smallest stream of each step of the first build and all that are aligned with it.
    let mut common: Vec<Option<StreamIx>> = (0..steps[0].len()).map(|step| own(0, step)).collect();
    for (at, alignment) in alignments.iter().enumerate() {
        for &(first, later) in &alignment.pairs {
            common[first] = common[first].into_iter().chain(own(at + 1, later)).min();
        }
    }
    let mut streams: Vec<Vec<Option<StreamIx>>> =
        builds.iter().map(|build| vec![None; build.timing.plan.tasks().len()]).collect();
    let mut set = |build: usize, step: usize, stream: Option<StreamIx>| {
        // An image of several platforms varies for each by itself.
        if steps[build][step].kind == VertexKind::Exec {
            for task in &steps[build][step].tasks {
                streams[build][task.index()] = stream;
            }
        }
    };
    for (step, stream) in common.iter().enumerate() {
        set(0, step, *stream);
    }
    for (at, alignment) in alignments.iter().enumerate() {
        for &(first, later) in &alignment.pairs {
            set(at + 1, later, common[first]);
        }
    }
    streams
}
