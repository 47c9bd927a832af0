//! The same build under other settings: other slow-downs, numbers of cores and target platforms, each simulated.
//!
//! Composes pricing and simulation, so that a report can offer a choice without simulating anything. The settings form a
//! grid, which is made coarser until it is small enough. Knows no output format.

use crate::analysis::Analysis;
use crate::ids::{NodeIx, TargetIx};
use crate::pricing::Timing;
use crate::sim::{Machine, Plan, Simulator, TaskIx, Trace};
use crate::units::Nanos;
use crate::work::Work;

/// Intervals (tasks of all runs) that make a few hundred kilobytes once they are written down.
pub const MAX_INTERVALS: usize = 20_000;

/// How much of what emulation adds is kept: 0 is native, 1 as estimated. From fine to coarse.
const EMULATION: [&[f64]; 3] = [&[0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0], &[0.0, 0.5, 1.0, 2.0], &[1.0]];
/// Numbers of cores beside the machine's own. From fine to coarse.
const CORES: [&[f64]; 3] = [&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0], &[2.0, 8.0, 32.0], &[]];
/// Grids from fine to coarse: positions in [`EMULATION`], in [`CORES`], and how many kinds of platform sets there are.
const GRIDS: [(usize, usize, usize); 6] = [(0, 0, 3), (1, 0, 3), (1, 1, 3), (1, 1, 2), (1, 1, 1), (2, 2, 1)];

/// A build under a grid of settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Exploration {
    /// The slow-downs of emulated work, ascending: the axis that varies slowest in `runs`.
    pub slowdowns: Vec<Slowdown>,
    /// The numbers of cores of the first node, ascending; other nodes grow and shrink alike.
    pub cores: Vec<f64>,
    /// The target platforms, node after node, by what the sets say of them.
    pub targets: Vec<(NodeIx, TargetIx)>,
    /// The sets of target platforms as positions in `targets`, the one of all first: the axis that varies fastest in
    /// `runs`.
    pub platforms: Vec<Vec<usize>>,
    /// The position of the build as it was priced in `runs`.
    pub base: usize,
    /// A run for each setting.
    pub runs: Vec<Run>,
}

/// A slow-down of emulated work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowdown {
    /// How much of what emulation adds is kept: 0 for none, 1 for the estimate.
    pub scale: f64,
    /// What that makes of the core-time of all emulated commands together; at least 1.
    pub average: f64,
}

/// A build under one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// When each task runs; those that the set of platforms does not need take no time.
    pub trace: Trace,
    /// When the last vertex of each target platform is done; zero for platforms that are not built.
    pub finish: Vec<Nanos>,
}

/// The settings of one build or of several that are shown side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    scales: &'static [f64],
    cores: Vec<f64>,
    /// Of platform sets: all, each alone, all but one.
    kinds: usize,
}

impl Grid {
    /// The finest grid under which builds of the same terms and target platforms have at most `max_intervals` intervals
    /// together, or else the settings that they were priced with and no others.
    pub fn new(timings: &[&Timing<'_>], max_intervals: usize) -> Self {
        let own = timings.first().map_or(1.0, |timing| own_cores(timing));
        let is_emulated =
            timings.iter().any(|timing| timing.plan.tasks().iter().any(|task| task.work.slowdown > 1.0));
        let tasks: usize = timings.iter().map(|timing| timing.plan.tasks().len()).sum();
        let targets = timings.first().map_or(0, |timing| timing.finish.len());
        let grid = |(emulation, cores, kinds): (usize, usize, usize)| Self {
            scales: if is_emulated { EMULATION[emulation] } else { &[1.0] },
            cores: with_own(CORES[cores], own),
            kinds,
        };
        let fits = |grid: &Self| {
            let sets = platform_sets(targets, grid.kinds).len();
            grid.scales.len() * grid.cores.len() * sets <= max_intervals / tasks.max(1)
        };
        GRIDS.into_iter().map(grid).find(fits).unwrap_or_else(|| grid(GRIDS[GRIDS.len() - 1]))
    }
}

/// Simulates a priced build under a grid of settings. The setting it was priced with is among them.
///
/// # Complexity
/// One simulation for each run.
pub fn explore(analysis: &Analysis, timing: &Timing<'_>, grid: &Grid) -> Exploration {
    let build = Build::new(analysis, timing);
    let own = own_cores(timing);
    let platforms = platform_sets(build.targets.len(), grid.kinds);
    let slowdown = |&scale: &f64| Slowdown { scale, average: average(&timing.plan, scale) };
    let slowdowns: Vec<Slowdown> = grid.scales.iter().map(slowdown).collect();
    let mut runs = Vec::with_capacity(slowdowns.len() * grid.cores.len() * platforms.len());
    let mut base = 0;
    for slowdown in &slowdowns {
        for &count in &grid.cores {
            let machine = resized(&timing.terms.machine, count / own);
            let works = works(timing, &machine, slowdown.scale);
            for (at, set) in platforms.iter().enumerate() {
                if at == 0 && same(slowdown.scale, 1.0) && same(count, own) {
                    base = runs.len();
                }
                let plan = timing.plan.with_work(build.needed(&works, set));
                let trace = Simulator::new(&plan, &machine).run();
                runs.push(Run { finish: build.finish(&trace, set), trace });
            }
        }
    }
    Exploration { slowdowns, cores: grid.cores.clone(), targets: build.targets, platforms, base, runs }
}

/// The cores of the first node.
fn own_cores(timing: &Timing<'_>) -> f64 {
    timing.terms.machine.nodes.first().map_or(1.0, |node| node.cores)
}

/// Which task serves which target platform.
struct Build {
    targets: Vec<(NodeIx, TargetIx)>,
    /// For each task, the positions of its targets in `targets`.
    serves: Vec<Vec<usize>>,
}

impl Build {
    fn new(analysis: &Analysis, timing: &Timing<'_>) -> Self {
        let mut build = Self { targets: Vec::new(), serves: vec![Vec::new(); timing.plan.tasks().len()] };
        for (at, node) in analysis.each_node() {
            let first = build.targets.len();
            build.targets.extend(node.graph.all_targets().iter().map(|target| (at, target)));
            for (index, vertex) in node.graph.vertices() {
                let targets = vertex.targets.iter().map(|target| first + target.index());
                build.serves[timing.task(at, index).index()] = targets.collect();
            }
        }
        build
    }

    /// The work that a set of platforms needs.
    fn needed(&self, works: &[Work], set: &[usize]) -> Vec<Work> {
        let is_needed = |serves: &Vec<usize>| serves.iter().any(|target| set.contains(target));
        let all = works.iter().zip(&self.serves);
        all.map(|(work, serves)| if is_needed(serves) { *work } else { Work::NONE }).collect()
    }

    /// When each target platform of the set is done.
    fn finish(&self, trace: &Trace, set: &[usize]) -> Vec<Nanos> {
        let mut finish = vec![Nanos::ZERO; self.targets.len()];
        for (at, serves) in self.serves.iter().enumerate() {
            let done = trace.span(TaskIx::new(at)).finish;
            for target in serves.iter().filter(|target| set.contains(target)) {
                finish[*target] = finish[*target].max(done);
            }
        }
        finish
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn with_own(cores: &[f64], own: f64) -> Vec<f64> {
    let mut all = cores.to_vec();
    if !all.iter().any(|&known| same(known, own)) {
        all.push(own);
        all.sort_by(f64::total_cmp);
    }
    all
}

/// All of `count` targets; with two kinds each alone, too; with three also all but one.
fn platform_sets(count: usize, kinds: usize) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = vec![(0..count).collect()];
    let alone = (0..count).filter(|_| kinds > 1).map(|target| vec![target]);
    let without = |left: usize| (0..count).filter(|&target| target != left).collect();
    let but_one = (0..count).filter(|_| kinds > 2).map(without);
    for set in alone.chain(but_one) {
        if !set.is_empty() && !sets.contains(&set) {
            sets.push(set);
        }
    }
    sets
}

/// How much longer the core-time of all emulated tasks is together.
fn average(plan: &Plan, scale: f64) -> f64 {
    let emulated = plan.tasks().iter().map(|task| &task.work).filter(|work| work.slowdown > 1.0);
    let (native, slow) = emulated.fold((0.0, 0.0), |(native, slow), work| {
        let cpu = work.cpu.as_secs_f64();
        (native + cpu, slow + cpu * scaled(work.slowdown, scale))
    });
    if native > 0.0 { slow / native } else { 1.0 }
}

fn scaled(slowdown: f64, scale: f64) -> f64 {
    1.0 + (slowdown - 1.0).max(0.0) * scale
}

/// A machine with more or fewer cores.
fn resized(machine: &Machine, factor: f64) -> Machine {
    let mut machine = machine.clone();
    for node in &mut machine.nodes {
        node.cores *= factor;
    }
    machine
}

/// The work of each task on another machine. Tasks that a cache spares stay without work.
fn works(timing: &Timing<'_>, machine: &Machine, scale: f64) -> Vec<Work> {
    let tasks = timing.plan.tasks().iter().zip(&timing.estimates);
    let work = |(task, estimate): (&crate::sim::Task, &crate::cost::Estimate)| {
        let node = machine.node(task.node);
        let mut work = task.work;
        if work != Work::NONE {
            work.cores = estimate.work(node.cores).cores;
        }
        work.slowdown = scaled(work.slowdown, scale);
        work
    };
    tasks.map(work).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Build, NodeInputs};
    use crate::model::{inputs::Inputs, platform::Platform};
    use crate::pricing::{Terms, price};
    use crate::sim::built_in;

    const FILE: &str = "FROM golang\nCOPY . /src\nRUN go build -o /out .\n";

    fn with(file: &str, platforms: &[&str], max: usize, check: impl FnOnce(&Timing<'_>, &Exploration)) {
        let amd64 = Platform::linux("amd64");
        let targets: Vec<_> = platforms.iter().map(|name| Platform::parse(name, &amd64).unwrap()).collect();
        let source = crate::source::Source::new("Dockerfile", file.as_bytes().to_vec()).unwrap();
        let inputs = Inputs::new(amd64.clone(), &targets).unwrap();
        let node = NodeInputs::new(inputs);
        let analysis = Build::new(source, vec![node]).into_outcome().unwrap();
        let terms = Terms::new(built_in("small").unwrap());
        let timing = price(&analysis, &terms).unwrap();
        check(&timing, &explore(&analysis, &timing, &Grid::new(&[&timing], max)));
    }

    #[test]
    fn the_priced_build_is_among_the_runs() {
        with(FILE, &["linux/amd64", "linux/arm64"], MAX_INTERVALS, |timing, found| {
            assert_eq!(found.runs[found.base].trace, timing.trace);
            assert_eq!(found.runs.len(), found.slowdowns.len() * found.cores.len() * found.platforms.len());
            assert_eq!(found.platforms, [vec![0, 1], vec![0], vec![1]]);
        });
        with(FILE, &["linux/amd64", "linux/arm64"], 0, |timing, found| {
            assert_eq!((found.base, found.runs.len()), (0, 1));
            assert_eq!(found.runs[0].trace, timing.trace);
        });
    }

    #[test]
    fn a_platform_alone_is_built_as_if_the_others_had_not_been_asked_for() {
        let files = [FILE, "FROM --platform=$BUILDPLATFORM golang\nRUN make\nARG TARGETARCH\nRUN go build\n"];
        for file in files {
            for (at, platform) in ["linux/amd64", "linux/arm64"].into_iter().enumerate() {
                let mut alone = Nanos::ZERO;
                with(file, &[platform], 0, |timing, _| alone = timing.trace.makespan());
                with(file, &["linux/amd64", "linux/arm64"], MAX_INTERVALS, |_, found| {
                    let run = &found.runs[found.base + 1 + at];
                    // The run that stands for the build is chosen for the whole of it, so a part is not to the last bit.
                    let ratio = run.trace.makespan().as_secs_f64() / alone.as_secs_f64();
                    assert!((0.85..1.15).contains(&ratio), "{platform} of {file}: {ratio}");
                    assert_eq!(run.finish[at], run.trace.makespan());
                });
            }
        }
    }

    #[test]
    fn time_falls_with_cores_and_rises_with_emulation() {
        with(FILE, &["linux/amd64", "linux/arm64"], MAX_INTERVALS, |_, found| {
            let (cores, sets) = (found.cores.len(), found.platforms.len());
            let makespan = |slowdown: usize, count: usize| {
                found.runs[(slowdown * cores + count) * sets].trace.makespan()
            };
            for slowdown in 1..found.slowdowns.len() {
                assert!(makespan(slowdown, 0) > makespan(slowdown - 1, 0));
                assert!(found.slowdowns[slowdown].average > found.slowdowns[slowdown - 1].average);
            }
            for count in 1..cores {
                assert!(makespan(0, count) < makespan(0, count - 1));
            }
        });
    }

    #[test]
    fn the_grid_is_bounded() {
        let commands: String = (0..400).map(|at| ["RUN make ", &at.to_string(), "\n"].concat()).collect();
        let file = format!("FROM alpine\n{commands}");
        with(&file, &["linux/amd64", "linux/arm64", "linux/arm/v7"], MAX_INTERVALS, |timing, found| {
            assert!(found.runs.len() * timing.plan.tasks().len() <= MAX_INTERVALS);
            assert!(found.runs.len() > 1);
        });
    }
}
