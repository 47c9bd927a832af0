//! How sure a prediction is: many runs of a plan whose work varies, and the quantiles of what comes out.
//!
//! Every stream of every run has a random generator of its own, made from the seed, the stream and the number of the run.
//! So the result does not depend on how many threads there are or which of them was faster, a task that is added leaves
//! the luck of the others as it is, and plans that share streams can be compared run by run.

use std::num::NonZero;

use foldhash::{HashMap, HashMapExt};

use crate::units::{Bytes, Nanos};
use crate::work::Work;

use super::machine::Machine;
use super::plan::{Noise, Plan, StreamIx, Task, TaskIx};
use super::random::Random;
use super::scheduler::Simulator;

/// Runs times tasks that are worth a thread: about 2 ms of work, against some 0.1 ms to start one.
const MIN_TASK_RUNS: usize = 10_000;

/// How to sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonteCarlo {
    /// Number of runs.
    pub runs: u32,
    /// Same seed, same result.
    pub seed: u64,
    /// Threads to use at most; `None` takes as many as the computer has and pay their start.
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
    Quantiles::of(&mut makespans(plan, machine, how))
}

/// What each of many runs of a plan took, in the order of the runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Until all of it was done.
    pub makespans: Vec<Nanos>,
    /// For each of the tasks asked for, until it was done; zeroes where none was named.
    pub ends: Vec<Vec<Nanos>>,
}

/// The makespan of each run. Run `n` of two plans has the same luck where both name the same stream.
///
/// # Complexity
///
/// As [`monte_carlo`].
pub fn makespans(plan: &Plan, machine: &Machine, how: MonteCarlo) -> Vec<Nanos> {
    sample(plan, machine, how, &[]).makespans
}

/// The makespan of each run, and in the same runs the ends of some tasks.
///
/// # Complexity
///
/// As [`monte_carlo`].
pub fn sample(plan: &Plan, machine: &Machine, how: MonteCarlo, ends: &[Option<TaskIx>]) -> Samples {
    let runs = how.runs as usize;
    // A row for each run: its makespan, then the ends.
    let columns = ends.len() + 1;
    let mut times = vec![Nanos::ZERO; runs * columns];
    let luck = Luck::new(plan, how.seed);
    let paying = || match runs * plan.tasks().len() / MIN_TASK_RUNS {
        // To ask for the processors takes as long as ten runs: the answer is in files of the kernel.
        few @ (0 | 1) => few,
        many => many.min(std::thread::available_parallelism().map_or(1, NonZero::get)),
    };
    let threads = how.threads.map_or_else(paying, NonZero::get).clamp(1, runs.max(1));
    let chunk = runs.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let mut chunks = times.chunks_mut(chunk * columns).enumerate();
        let own = chunks.next();
        for (at, rows) in chunks {
            let luck = &luck;
            scope.spawn(move || run_rows(plan, machine, luck, at * chunk, ends, rows));
        }
        if let Some((_, rows)) = own {
            run_rows(plan, machine, &luck, 0, ends, rows);
        }
    });
    let column = |at: usize| times.iter().skip(at).step_by(columns).copied().collect();
    Samples { makespans: column(0), ends: (1..columns).map(column).collect() }
}

/// What is drawn for a plan in each run: a deviate of each stream, and from them the factors of its tasks.
struct Luck {
    seed: u64,
    /// The streams, each once.
    streams: Vec<StreamIx>,
    /// The factors, each once: tasks that do the same on several platforms share theirs.
    factors: Vec<Factor>,
    /// For each task, the places in `factors` of what its work and its slow-down are multiplied with.
    tasks: Vec<[Option<usize>; 2]>,
}

/// The logarithm of a factor: the sum of some deviates, by their places in the streams, each times a standard deviation.
type Factor = [(usize, f64); 3];

impl Luck {
    fn new(plan: &Plan, seed: u64) -> Self {
        // What has no effect is not drawn; that changes nothing for the others.
        let noises = |task: &Task| {
            let slowdown = task.slowdown_noise.filter(|_| task.work.slowdown > 1.0);
            let all = [task.work_noise, task.kind_noise, task.common_noise, slowdown];
            all.map(|noise| noise.filter(|noise| noise.sigma > 0.0))
        };
        let mut streams: Vec<StreamIx> =
            plan.tasks().iter().flat_map(noises).flatten().map(|noise| noise.stream).collect();
        streams.sort_unstable();
        streams.dedup();
        let place = |noise: Noise| Some((streams.binary_search(&noise.stream).ok()?, noise.sigma));
        let mut factors = Vec::new();
        let mut known = HashMap::new();
        let mut factor = |noises: [Option<Noise>; 3]| {
            if noises.iter().all(Option::is_none) {
                return None;
            }
            let factor: Factor = noises.map(|noise| noise.and_then(place).unwrap_or((0, 0.0)));
            let key = factor.map(|(stream, sigma)| (stream, sigma.to_bits()));
            let next = factors.len();
            let at = *known.entry(key).or_insert(next);
            if at == next {
                factors.push(factor);
            }
            Some(at)
        };
        let tasks = plan.tasks().iter().map(noises);
        let mut both = |[work, kind, common, slowdown]: [Option<Noise>; 4]| {
            [factor([work, kind, common]), factor([slowdown, None, None])]
        };
        let tasks = tasks.map(&mut both).collect();
        Self { seed, streams, factors, tasks }
    }

    /// The factors of one run, into memory that is used again.
    ///
    /// Of two runs each is the other's mirror image (antithetic variates): so the median of few runs is near that of many.
    fn draw(&self, run: u64, deviates: &mut Vec<f64>, factors: &mut Vec<f64>) {
        let side = if run.is_multiple_of(2) { 1.0 } else { -1.0 };
        let normal = |stream: &StreamIx| Random::new(self.seed, u64::from(stream.0), run / 2).normal();
        deviates.clear();
        deviates.extend(self.streams.iter().map(|stream| side * normal(stream)));
        factors.clear();
        factors.extend(
            self.factors.iter().map(|factor| {
                libm::exp(factor.iter().map(|(stream, sigma)| sigma * deviates[*stream]).sum())
            }),
        );
    }
}

/// Tasks that are ready within this time of each other queue for a slot in any order.
///
/// Source: `tests/data/timing`, runs with `max-parallelism`: each has another order, also of steps that became ready some
/// milliseconds apart.
const MOST_LAG: Nanos = Nanos(100_000_000);

/// Runs number `first` and following, one for each row.
fn run_rows(
    plan: &Plan,
    machine: &Machine,
    luck: &Luck,
    first: usize,
    ends: &[Option<TaskIx>],
    rows: &mut [Nanos],
) {
    let mut simulator = Simulator::new(plan, machine);
    let (mut deviates, mut factors) = (Vec::new(), Vec::new());
    let mut works: Vec<Work> = Vec::with_capacity(plan.tasks().len());
    // Without a limit nothing queues, and no order is drawn.
    let mut lag = vec![Nanos::ZERO; if machine.is_limited() { plan.tasks().len() } else { 0 }];
    for (at, row) in rows.chunks_mut(ends.len() + 1).enumerate() {
        luck.draw((first + at) as u64, &mut deviates, &mut factors);
        works.clear();
        let factor = |at: Option<usize>| at.map(|at| factors[at]);
        let tasks = plan.tasks().iter().zip(&luck.tasks);
        works.extend(tasks.map(|(task, &[work, slowdown])| vary(task.work, factor(work), factor(slowdown))));
        let mut order = Random::new(luck.seed, u64::MAX, (first + at) as u64);
        lag.fill_with(|| Nanos(order.below(MOST_LAG.0)));
        row[0] = simulator.makespan(&works, &lag);
        for (end, task) in row[1..].iter_mut().zip(ends) {
            *end = task.map_or(Nanos::ZERO, |task| simulator.spans()[task.index()].finish);
        }
    }
}

/// `work` times a factor, and its slow-down times another, which stays above that of a native step.
pub(super) fn vary(mut work: Work, factor: Option<f64>, slowdown: Option<f64>) -> Work {
    if let Some(factor) = factor {
        work.latency = Nanos(times(work.latency.0, factor));
        work.network = Bytes(times(work.network.0, factor));
        work.disk = Bytes(times(work.disk.0, factor));
        work.cpu = Nanos(times(work.cpu.0, factor));
    }
    if let Some(factor) = slowdown {
        work.slowdown = (work.slowdown * factor).max(1.0);
    }
    work
}

/// `amount` times a positive `factor`, up to 2^63: by way of signed numbers, which processors convert in one instruction.
fn times(amount: u64, factor: f64) -> u64 {
    let amount = amount.min(i64::MAX.unsigned_abs()).cast_signed();
    ((amount as f64 * factor) as i64).unsigned_abs()
}
