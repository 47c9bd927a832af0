//! From an analysed build to its time: what each vertex costs, and how the build runs on a machine.
//!
//! Composes graph, cost and simulation, for one node or several, and adds nothing but the defaults for what is no command.
//! Knows no output format and no files.

mod before;
mod cache;
mod contexts;
mod estimate;
mod files;
mod follow;
mod plan;
mod reads;
#[cfg(test)]
mod tests;
mod told;

pub use cache::{Cache, Change, Exported, Reruns, Why, layers_of_images};
pub use contexts::{Contexts, Held, needs_context};
pub use plan::stream;

use crate::analysis::Analysis;
use crate::budget::{Part, spend};
use crate::cost::{Basis, Estimate, Profile, Unknown};
use crate::ids::{NodeIx, VertexIx};
use crate::sim::{
    Bounds, Losses, Machine, MonteCarlo, Peaks, Plan, PlanError, Quantiles, Samples, Simulator, TaskIx,
    Trace, Work, at_deviate, bounds, deviate_for, sample,
};
use crate::units::Nanos;

/// What comes after the last step, and is in no number.
pub const NOT_INCLUDED: [&str; 3] = ["export", "attestations", "push"];

/// Seconds that a build takes besides its steps. Source: the `same` runs of `tests/data/timing`, 0.11 to 0.20 s.
const DEFAULT_OVERHEAD_S: f64 = 0.1;

/// Simulated runs times vertices, so that the range of a huge build does not cost more than its graph.
const MOST_TASK_RUNS: usize = 200_000;

/// On what, and with what knowledge, a build is priced.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The machine. A node of the analysis runs on the node of that name, or on the first.
    pub machine: Machine,
    /// What was learnt from real builds; `None` takes the defaults.
    pub profile: Option<Profile>,
    /// Slow-downs set by hand.
    pub slowdowns: Slowdowns,
    /// What is left of earlier builds.
    pub cache: Cache,
    /// What is known of build contexts.
    pub contexts: Contexts,
    /// How the range is sampled. Huge builds take fewer runs.
    pub monte_carlo: MonteCarlo,
    /// The run that is shown: every step this many standard deviations above its median. `None` takes the one that lasts as
    /// long as the median of all runs.
    pub deviate: Option<f64>,
}

impl Terms {
    /// Two hundred runs leave the quantiles of a range of a factor of two uncertain by 4 %.
    pub const DEFAULT_RUNS: u32 = 200;

    /// An empty cache, the defaults of every step, and the default sampling.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            profile: None,
            slowdowns: Slowdowns::default(),
            cache: Cache::default(),
            contexts: Contexts::default(),
            monte_carlo: MonteCarlo { runs: Self::DEFAULT_RUNS, seed: 1, threads: None },
            deviate: None,
        }
    }

    /// The same, with one run for a range: that of [`Terms::deviate`], else the one in which every step takes its median.
    #[must_use]
    pub const fn without_range(mut self) -> Self {
        self.monte_carlo.runs = 0;
        self
    }
}

/// Slow-downs set by hand, which replace those of the machine, the profile and the defaults.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slowdowns {
    /// Of every guest that is not in the list.
    pub all: Option<f64>,
    /// By the architecture of the guest.
    pub by_architecture: Vec<(String, f64)>,
}

impl Slowdowns {
    /// The slow-down set for a guest of `architecture`.
    pub fn of(&self, architecture: &str) -> Option<f64> {
        let own = self.by_architecture.iter().find(|(name, _)| name == architecture);
        own.map(|(_, factor)| *factor).or(self.all)
    }
}

/// How a build runs, on all of its nodes.
#[derive(Debug, Clone)]
pub struct Timing<'t> {
    /// What it was priced with.
    pub terms: &'t Terms,
    /// The first task of each node; see [`Timing::task`].
    firsts: Vec<u32>,
    /// The tasks, one for each vertex, node after node, with the work of the run that is shown.
    pub plan: Plan,
    /// When each runs, in the one run that is shown: its length, with the overhead, is the median of `total`.
    pub trace: Trace,
    /// How many standard deviations above its median every step of that run is.
    pub deviate: f64,
    /// The median work of each task, around which the runs of the range vary.
    pub medians: Vec<Work>,
    /// How long the build takes, until the last node is done.
    pub total: Quantiles,
    /// When each target platform is done, in the order of the nodes and their targets.
    pub finish: Vec<Quantiles>,
    /// How long each of the runs took that the range is made of. Run `n` of another file has the same luck where both do
    /// the same.
    pub samples: Vec<Nanos>,
    /// What a build takes besides its steps; in `total`, `finish` and `samples`, but not in `trace`.
    pub overhead: Nanos,
    /// What each task costs, in the median.
    pub estimates: Vec<Estimate>,
    /// The tasks that are commands.
    pub commands: Vec<TaskIx>,
    /// What runs with the cache, and why; `None` where the cache is empty and everything runs.
    pub reruns: Option<Reruns>,
    /// What no schedule beats.
    pub bounds: Bounds,
    /// Where time went that need not be spent.
    pub losses: Losses,
    /// The most that ran or was held at once.
    pub peaks: Peaks,
}

/// The work of pricing and simulating a task once.
const TASK: u64 = 1_500;

/// Prices a build. Fails where a number of the profile or of the caller is out of range.
///
/// ```
/// use xsim::analysis::{Build, NodeInputs};
/// use xsim::graph::emulate::Host;
/// use xsim::model::{inputs::Inputs, platform::Platform};
/// use xsim::pricing::{Terms, price};
/// use xsim::{sim::built_in, source::Source};
///
/// let amd64 = Platform::linux("amd64");
/// let arm64 = Platform::parse("linux/arm64", &amd64).unwrap();
/// let file = b"FROM golang\nCOPY . /src\nRUN go build -o /out ./...\n".to_vec();
/// let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).unwrap();
/// let node = NodeInputs::new(inputs);
/// let analysis = Build::new(Source::new("Dockerfile", file).unwrap(), vec![node]).into_outcome().unwrap();
/// let terms = Terms::new(built_in("ubuntu-latest").unwrap());
/// let timing = price(&analysis, &terms).unwrap();
/// assert!(timing.finish[1].p50 > timing.finish[0].p50, "the emulated platform takes longer");
/// ```
pub fn price<'t>(analysis: &Analysis, terms: &'t Terms) -> Result<Timing<'t>, PlanError> {
    let estimates = estimate::estimates(analysis, terms);
    let cold = Plan::new(plan::tasks(analysis, terms, &estimates))?;
    spend(Part::Simulation, TASK * cold.tasks().len() as u64);
    let reruns = cache::reruns(analysis, terms, &cold);
    let plan = match &reruns {
        Some(reruns) => cache::apply(analysis, &cold, reruns),
        None => cold,
    };
    let overhead = terms.profile.as_ref().map_or(DEFAULT_OVERHEAD_S, |profile| profile.overhead_s);
    let overhead = Nanos::from_secs_f64(overhead);
    let ends = plan::ends(analysis);
    let sampled = samples(&plan, terms, &ends);
    let deviate = terms.deviate.unwrap_or_else(|| match &sampled {
        Some(samples) => {
            deviate_for(&plan, &terms.machine, Quantiles::of(&mut samples.makespans.clone()).p50)
        }
        None => 0.0,
    });
    let medians = plan.tasks().iter().map(|task| task.work).collect();
    let plan = at_deviate(&plan, deviate);
    let trace = Simulator::new(&plan, &terms.machine).run();
    let end = |task: &Option<TaskIx>| task.map_or(Nanos::ZERO, |task| trace.span(task).finish);
    let shown: Vec<Nanos> = ends.iter().map(end).collect();
    let mut samples = sampled.unwrap_or_else(|| Samples {
        makespans: vec![trace.makespan()],
        ends: shown.iter().map(|end| vec![*end]).collect(),
    });
    let later = |times: &mut Vec<Nanos>| times.iter_mut().for_each(|time| *time += overhead);
    later(&mut samples.makespans);
    samples.ends.iter_mut().for_each(later);
    // One number is one thing: what is said of all runs is what the one shows.
    let as_shown = |times: &mut [Nanos], shown: Nanos| {
        let range = Quantiles::of(times);
        Quantiles { p50: (shown + overhead).clamp(range.p10, range.p90), ..range }
    };
    Ok(Timing {
        terms,
        total: as_shown(&mut samples.makespans.clone(), trace.makespan()),
        finish: samples.ends.iter_mut().zip(shown).map(|(times, shown)| as_shown(times, shown)).collect(),
        samples: samples.makespans,
        overhead,
        deviate,
        medians,
        bounds: bounds(&plan, &terms.machine),
        losses: trace.losses(&plan, &terms.machine),
        peaks: trace.peaks(&plan, &terms.machine),
        firsts: plan::firsts(analysis),
        commands: plan::commands(analysis),
        reruns,
        plan,
        trace,
        estimates,
    })
}

/// The runs that the range is made of; `None` where none are wanted or the build is huge.
fn samples(plan: &Plan, terms: &Terms, ends: &[Option<TaskIx>]) -> Option<Samples> {
    let most = MOST_TASK_RUNS / plan.tasks().len().max(1);
    let runs = terms.monte_carlo.runs.min(u32::try_from(most).unwrap_or(u32::MAX));
    (runs > 0).then(|| sample(plan, &terms.machine, MonteCarlo { runs, ..terms.monte_carlo }, ends))
}

impl Timing<'_> {
    /// The task of a vertex of a node.
    pub fn task(&self, node: NodeIx, vertex: VertexIx) -> TaskIx {
        TaskIx(self.firsts.get(node.index()).copied().unwrap_or(0) + vertex.0)
    }

    /// The node and the vertex of a task.
    pub fn vertex(&self, task: TaskIx) -> (NodeIx, VertexIx) {
        let node = self.firsts.partition_point(|first| *first <= task.0).saturating_sub(1);
        let node = NodeIx::new(node);
        (node, VertexIx(task.0 - self.firsts.get(node.index()).copied().unwrap_or(0)))
    }

    /// Whether a task runs; the result of one that does not is in the cache.
    pub fn runs(&self, task: TaskIx) -> bool {
        self.reruns.as_ref().is_none_or(|reruns| reruns.why[task.index()].is_some())
    }

    /// The commands that run because nodes share nothing: one node would run them once for all platforms.
    pub fn repeated_on_nodes(&self, analysis: &Analysis) -> Vec<TaskIx> {
        let tasks = analysis.repeated.iter().map(|&(node, vertex)| self.task(node, vertex));
        tasks.filter(|task| self.runs(*task)).collect()
    }

    /// Core-time of a task as it is executed, what emulation adds included.
    pub fn core_time(&self, task: TaskIx) -> Nanos {
        self.plan.task(task).work.effective_cpu()
    }

    /// Core-time that emulation adds to a task.
    pub fn emulation(&self, task: TaskIx) -> Nanos {
        self.core_time(task) - self.plan.task(task).work.cpu
    }

    /// The tasks that take longest, the longest first; none that takes less than a hundredth of the build.
    pub fn costliest(&self, most: usize) -> Vec<TaskIx> {
        let least = self.trace.makespan() * 0.01;
        let duration = |task: &TaskIx| self.trace.span(*task).duration();
        let mut tasks: Vec<TaskIx> = self.plan.indices().filter(|task| duration(task) > least).collect();
        tasks.sort_by_key(|task| (std::cmp::Reverse(duration(task)), *task));
        tasks.truncate(most);
        tasks
    }

    /// How many commands that run rest on each basis, the surest first; a basis that no command rests on is left out.
    pub fn bases(&self) -> Vec<(Basis, usize)> {
        let count = |basis: &Basis| self.of_basis(*basis).count();
        let counts = Basis::VALUES.iter().map(|basis| (*basis, count(basis)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The step that decides how long the build takes although nothing is known of something that it runs: the build waits for it, and
    /// where that takes as long as one in ten such do, the build takes noticeably longer.
    pub fn not_understood(&self) -> Option<TaskIx> {
        let mut waits = vec![Nanos::ZERO; self.estimates.len()];
        for step in self.trace.critical_path() {
            waits[step.task.index()] += step.to - step.from;
        }
        let more =
            |task: TaskIx| waits[task.index()].as_secs_f64() * self.estimates[task.index()].unknown.more;
        let all = self.of_basis(Basis::Unknown).map(|task| (more(task), task));
        let (more, task) = all.max_by(|a, b| a.0.total_cmp(&b.0))?;
        (more >= Unknown::DECIDES * self.trace.makespan().as_secs_f64()).then_some(task)
    }

    /// The commands that run and rest on `basis`.
    pub fn of_basis(&self, basis: Basis) -> impl Iterator<Item = TaskIx> {
        let rests = move |task: &TaskIx| self.runs(*task) && self.estimates[task.index()].basis == basis;
        self.commands.iter().copied().filter(rests)
    }
}
