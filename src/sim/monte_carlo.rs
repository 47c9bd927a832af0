//! How sure a prediction is: many runs of a plan whose work varies, and the quantiles of what comes out.
//!
//! Every run has a random generator of its own, made from the seed and its number, so the result does not depend on how
//! many threads there are or which of them was faster.

use std::num::NonZero;

use crate::units::{Bytes, Nanos};
use crate::work::Work;

use super::machine::Machine;
use super::plan::{Noise, Plan, TaskIx};
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

/// What many runs of a plan took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Until all of it was done.
    pub makespan: Quantiles,
    /// Until each of the tasks asked for was done; zero where none was named.
    pub ends: Vec<Quantiles>,
}

/// The distribution of the makespan.
///
/// # Complexity
///
/// Runs × one simulation, spread over the threads; each thread keeps one set of tables.
pub fn monte_carlo(plan: &Plan, machine: &Machine, how: MonteCarlo) -> Quantiles {
    sample(plan, machine, how, &[]).makespan
}

/// The distribution of the makespan and of the ends of some tasks, from the same runs.
pub fn sample(plan: &Plan, machine: &Machine, how: MonteCarlo, ends: &[Option<TaskIx>]) -> Samples {
    let runs = how.runs as usize;
    // A row for each run: its makespan, then the ends.
    let columns = ends.len() + 1;
    let mut times = vec![Nanos::ZERO; runs * columns];
    let available = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = how.threads.map_or_else(available, NonZero::get).clamp(1, runs.max(1));
    let chunk = runs.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let mut chunks = times.chunks_mut(chunk * columns).enumerate();
        let own = chunks.next();
        for (at, rows) in chunks {
            scope.spawn(move || runs_from(plan, machine, how.seed, at * chunk, ends, rows));
        }
        if let Some((_, rows)) = own {
            runs_from(plan, machine, how.seed, 0, ends, rows);
        }
    });
    let column = |at: usize| {
        let mut values: Vec<Nanos> = times.iter().skip(at).step_by(columns).copied().collect();
        Quantiles::of(&mut values)
    };
    Samples { makespan: column(0), ends: (1..columns).map(column).collect() }
}

/// Runs number `first` and following, one for each row.
fn runs_from(
    plan: &Plan,
    machine: &Machine,
    seed: u64,
    first: usize,
    ends: &[Option<TaskIx>],
    rows: &mut [Nanos],
) {
    let mut simulator = Simulator::new();
    let mut deviates = vec![0.0; plan.limits().streams];
    let mut works: Vec<Work> = Vec::with_capacity(plan.tasks().len());
    for (at, row) in rows.chunks_mut(ends.len() + 1).enumerate() {
        let mut random = Random::new(seed, (first + at) as u64);
        deviates.fill_with(|| random.normal());
        works.clear();
        works.extend(plan.tasks().iter().map(|task| {
            let factor = |noise: Option<Noise>| {
                noise.map_or(1.0, |noise| exp(noise.sigma * deviates[noise.stream.index()]))
            };
            vary(task.work, factor(task.work_noise), factor(task.slowdown_noise))
        }));
        row[0] = simulator.makespan(plan, machine, &works);
        for (end, task) in row[1..].iter_mut().zip(ends) {
            *end = task.map_or(Nanos::ZERO, |task| simulator.spans()[task.index()].finish);
        }
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
