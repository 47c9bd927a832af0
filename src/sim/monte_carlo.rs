//! How sure a prediction is: many runs of a plan whose work varies, and the quantiles of what comes out.
//!
//! Every run has a random generator of its own, made from the seed and its number, so the result does not depend on how
//! many threads there are or which of them was faster.

use std::num::NonZero;

use crate::units::{Bytes, Nanos};
use crate::work::Work;

use super::machine::Machine;
use super::plan::{Noise, Plan};
use super::random::{Random, exp};
use super::scheduler::Simulator;

/// How to sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonteCarlo {
    /// Number of runs.
    pub runs: u32,
    /// Same seed, same result.
    pub seed: u64,
    /// Threads to use at most; `None` takes as many as the computer has.
    pub threads: Option<NonZero<usize>>,
}

/// A distribution in three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quantiles {
    /// One run in ten was shorter.
    pub p10: Nanos,
    /// The median.
    pub p50: Nanos,
    /// One run in ten was longer.
    pub p90: Nanos,
}

impl Quantiles {
    /// Quantiles of some values, each the nearest of them; zero where there are none.
    pub fn of(values: &mut [Nanos]) -> Self {
        values.sort_unstable();
        let last = values.len().saturating_sub(1);
        let at = |tenths: usize| values.get((last * tenths + 5) / 10).copied().unwrap_or_default();
        Self { p10: at(1), p50: at(5), p90: at(9) }
    }
}

/// The distribution of the makespan.
///
/// # Complexity
///
/// Runs × one simulation, spread over the threads; each thread keeps one set of tables.
pub fn monte_carlo(plan: &Plan, machine: &Machine, how: MonteCarlo) -> Quantiles {
    let mut makespans = vec![Nanos::ZERO; how.runs as usize];
    let available = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = how.threads.map_or_else(available, NonZero::get).clamp(1, makespans.len().max(1));
    let chunk = makespans.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let mut chunks = makespans.chunks_mut(chunk).enumerate();
        let own = chunks.next();
        for (at, chunk_makespans) in chunks {
            scope.spawn(move || sample(plan, machine, how.seed, at * chunk, chunk_makespans));
        }
        if let Some((_, first)) = own {
            sample(plan, machine, how.seed, 0, first);
        }
    });
    Quantiles::of(&mut makespans)
}

/// Tasks that are ready within this time of each other queue for a slot in any order.
///
/// Source: `tests/data/timing`, runs with `max-parallelism`: each has another order, also of steps that became ready some
/// milliseconds apart.
const MOST_LAG: Nanos = Nanos(100_000_000);

/// Runs number `first` and following.
fn sample(plan: &Plan, machine: &Machine, seed: u64, first: usize, makespans: &mut [Nanos]) {
    let mut simulator = Simulator::new();
    let mut deviates = vec![0.0; plan.limits().streams];
    let mut works: Vec<Work> = Vec::with_capacity(plan.tasks().len());
    let is_limited = machine.nodes.iter().any(|node| node.max_parallelism.is_some());
    let mut lag = vec![Nanos::ZERO; if is_limited { plan.tasks().len() } else { 0 }];
    for (at, makespan) in makespans.iter_mut().enumerate() {
        let mut random = Random::new(seed, (first + at) as u64);
        deviates.fill_with(|| random.normal());
        works.clear();
        works.extend(plan.tasks().iter().map(|task| {
            let factor = |noise: Option<Noise>| {
                noise.map_or(1.0, |noise| exp(noise.sigma * deviates[noise.stream.index()]))
            };
            vary(task.work, factor(task.work_noise), factor(task.slowdown_noise))
        }));
        lag.fill_with(|| Nanos(random.below(MOST_LAG.0)));
        *makespan = simulator.makespan(plan, machine, &works, &lag);
    }
}

/// `work` times `factor`, with a slow-down times `slowdown` that stays above that of a native step.
fn vary(work: Work, factor: f64, slowdown: f64) -> Work {
    #[allow(clippy::cast_sign_loss)]
    let times = |amount: u64| (amount as f64 * factor) as u64;
    Work {
        latency: Nanos(times(work.latency.0)),
        network: Bytes(times(work.network.0)),
        disk: Bytes(times(work.disk.0)),
        cpu: Nanos(times(work.cpu.0)),
        slowdown: if work.slowdown > 1.0 { (work.slowdown * slowdown).max(1.0) } else { work.slowdown },
        ..work
    }
}
