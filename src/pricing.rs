//! From an analysed build to its time: what each vertex costs, and how the build runs on a machine.
//!
//! Composes graph, cost and simulation for one node, and adds nothing but the defaults for what is no command. Task `n` of
//! the plan is vertex `n` of the graph. Knows no output format and no files; export and push are not in the number.

use foldhash::{HashMap, HashMapExt};

use crate::analysis::NodeAnalysis;
use crate::cost::{Basis, Class, Estimate, Execution, Factor, Profile, Signature, estimate_run};
use crate::graph::describe::describe;
use crate::graph::emulate;
use crate::graph::vertex::{Backing, Exec, Op, Source};
use crate::ids::VertexIx;
use crate::model::mount::Sharing;
use crate::shell::exec_commands;
use crate::sim::{
    Bounds, LockIx, Losses, Machine, MonteCarlo, NodeIx, Noise, Peaks, Plan, PlanError, Quantiles, Scenario,
    Simulator, Slot, StreamIx, Task, TaskIx, Trace, bounds, monte_carlo,
};
use crate::symbols::Symbol;
use crate::units::Nanos;
use crate::work::Work;

/// Getting and unpacking an image of which nothing is known. Source: `tests/data/timing/builds.tsv`, where the bases of
/// one build take 2.6 to 12.6 s together, two or three at once.
const PULL: Nanos = Nanos(3_000_000_000);
/// A file step or the sending of a small context. Source: the logs in `tests/data/timing`, 20 to 60 ms each.
const FILE: Nanos = Nanos(30_000_000);

/// On what, and with what knowledge, a build is priced.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The node of it that runs the build.
    pub node: NodeIx,
    /// What was learnt from real builds; `None` takes the defaults.
    pub profile: Option<&'a Profile>,
    /// Vertices whose result differs from the cached one, with a full cache; `None` for an empty cache.
    pub changed: Option<Vec<VertexIx>>,
    /// Slow-downs set by hand.
    pub slowdowns: Slowdowns,
    /// How the range is sampled.
    pub monte_carlo: MonteCarlo,
}

impl<'a> Terms<'a> {
    /// The first node of a machine, default costs, an empty cache, and no range.
    pub fn cold(machine: &'a Machine) -> Self {
        let monte_carlo = MonteCarlo { runs: 0, seed: 0, threads: None };
        let slowdowns = Slowdowns::default();
        Self { machine, node: NodeIx(0), profile: None, changed: None, slowdowns, monte_carlo }
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

/// How a build runs.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The tasks, one for each vertex.
    pub plan: Plan,
    /// When each runs, with the median of everything.
    pub trace: Trace,
    /// How long the build takes.
    pub total: Quantiles,
    /// What each vertex costs, by its index.
    pub estimates: Vec<Estimate>,
    /// When the last vertex of each target platform is done.
    pub finish: Vec<Nanos>,
    /// What no schedule beats.
    pub bounds: Bounds,
    /// Where time went that need not be spent.
    pub losses: Losses,
    /// The most that ran or was held at once.
    pub peaks: Peaks,
    /// The least sure basis of a command.
    pub basis: Basis,
}

/// Prices what a node builds. Fails where a number of a profile or of the caller is out of range.
pub fn price(build: &NodeAnalysis, terms: &Terms<'_>) -> Result<Timing, PlanError> {
    let estimates: Vec<Estimate> =
        build.graph.vertices().map(|(at, vertex)| estimate(build, terms, at, &vertex.op)).collect();
    let cold = Plan::new(tasks(build, terms, &estimates))?;
    let plan = match &terms.changed {
        None => cold,
        Some(changed) => {
            let changed = changed.iter().map(|vertex| TaskIx(vertex.0)).collect();
            Scenario::Warm { changed, always: Vec::new() }.apply(&cold)
        }
    };
    let trace = Simulator::new().run(&plan, terms.machine);
    let overhead =
        Nanos::from_secs_f64(terms.profile.map_or(DEFAULT_OVERHEAD_S, |profile| profile.overhead_s));
    let total = monte_carlo(&plan, terms.machine, terms.monte_carlo);
    let commands = build.graph.vertices().filter(|(_, vertex)| matches!(vertex.op, Op::Exec(_)));
    Ok(Timing {
        total: Quantiles { p10: total.p10 + overhead, p50: total.p50 + overhead, p90: total.p90 + overhead },
        finish: finish(build, &trace),
        bounds: bounds(&plan, terms.machine),
        losses: trace.losses(&plan, terms.machine),
        peaks: trace.peaks(&plan, terms.machine),
        basis: commands.map(|(at, _)| estimates[at.index()].basis).max().unwrap_or(Basis::Default),
        plan,
        trace,
        estimates,
    })
}

/// Seconds that a build takes besides its steps. Source: the `same` runs of `tests/data/timing`, 0.11 to 0.20 s.
const DEFAULT_OVERHEAD_S: f64 = 0.1;

/// When each target platform's last vertex is done.
fn finish(build: &NodeAnalysis, trace: &Trace) -> Vec<Nanos> {
    let mut finish = vec![Nanos::ZERO; build.graph.targets().len()];
    for (at, vertex) in build.graph.vertices() {
        for target in vertex.targets.iter() {
            let done = &mut finish[target.index()];
            *done = (*done).max(trace.span(TaskIx(at.0)).finish);
        }
    }
    finish
}

/// What one vertex costs.
fn estimate(build: &NodeAnalysis, terms: &Terms<'_>, at: VertexIx, op: &Op) -> Estimate {
    match op {
        Op::Source(Source::Image { reference, platform }) => {
            let platform = build.graph.platform(*platform).short();
            let image = build.graph.text(*reference);
            let known = terms.profile.and_then(|profile| profile.pull(image, &platform));
            Estimate::fixed(known.unwrap_or(PULL), 0.6)
        }
        Op::Source(_) | Op::File(_) => Estimate::fixed(FILE, 0.5),
        Op::Merge { .. } => Estimate::fixed(Nanos::ZERO, 0.0),
        Op::Exec(exec) => command(build, terms, at, exec),
    }
}

/// What a command costs.
fn command(build: &NodeAnalysis, terms: &Terms<'_>, at: VertexIx, exec: &Exec) -> Estimate {
    let argv: Vec<&str> = exec.args.iter().map(|&arg| build.graph.text(arg)).collect();
    let commands = exec_commands(&argv);
    let host = &*build.host.platform.architecture;
    let guest = build.graph.platform(exec.platform);
    let foreign = build.foreign(at);
    let programs: Vec<&str> = foreign.iter().map(|call| call.program.as_str()).collect();
    let execution = match (build.execution(at), foreign.first()) {
        (Some(emulate::Execution::Emulated), _) => Execution::Emulated { guest: &guest.architecture, host },
        (Some(emulate::Execution::Mixed), Some(call)) => {
            Execution::Mixed { guest: &call.platform.architecture, host, programs: &programs }
        }
        _ => Execution::Native,
    };
    let default = estimate_run(&commands, execution);
    let signature = Signature::of_commands(&commands);
    let mut estimate =
        terms.profile.map_or_else(|| default.clone(), |profile| profile.run(&signature, execution, &default));
    if let Execution::Emulated { guest: architecture, .. } = execution {
        let of_machine = || terms.machine.node(terms.node).emulator(guest).and_then(|found| found.slowdown);
        if let Some(median) = terms.slowdowns.of(architecture).or_else(of_machine) {
            estimate.slowdown = Factor { median: median.max(1.0), sigma: 0.0 };
        }
    }
    estimate
}

impl Slowdowns {
    /// The slow-down set for a guest of `architecture`.
    pub fn of(&self, architecture: &str) -> Option<f64> {
        let own = self.by_architecture.iter().find(|(name, _)| name == architecture);
        own.map(|(_, factor)| *factor).or(self.all)
    }
}

/// The tasks, in the order of the vertices.
fn tasks(build: &NodeAnalysis, terms: &Terms<'_>, estimates: &[Estimate]) -> Vec<Task> {
    let cores = terms.machine.node(terms.node).cores;
    let mut first_of: HashMap<&[Symbol], TaskIx> = HashMap::new();
    let mut locks: HashMap<Symbol, LockIx> = HashMap::new();
    let mut tasks = Vec::with_capacity(estimates.len());
    for ((at, vertex), estimate) in build.graph.vertices().zip(estimates) {
        let mut inputs = Vec::new();
        vertex.op.inputs(|input, _| inputs.push(TaskIx(input.0)));
        inputs.sort_unstable();
        inputs.dedup();
        let own = TaskIx(at.0);
        let work: Work = estimate.work(cores);
        let mut task = Task { node: terms.node, ..Task::new(work, inputs) };
        let mut first = own;
        match &vertex.op {
            Op::Exec(exec) => {
                first = *first_of.entry(&exec.args).or_insert(own);
                task.locks = locks_of(exec, &mut locks);
            }
            // Pulls overlap whatever `max-parallelism` says, and merges take no slot.
            Op::Merge { .. } | Op::Source(Source::Image { .. }) => task.slot = Slot::Free,
            Op::Source(_) | Op::File(_) => {}
        }
        task.repeats = (first != own).then_some(first);
        // The same command on two platforms or in two files, and one class of work under emulation, are off together.
        let platform = match &vertex.op {
            Op::Source(Source::Image { platform, .. }) => build.graph.platform(*platform).short(),
            _ => String::new(),
        };
        let stream = stream(&[&describe(&build.graph, &vertex.op), &platform]);
        task.work_noise = Some(Noise { stream, sigma: estimate.sigma });
        task.slowdown_noise =
            Some(Noise { stream: slowdown_stream(estimate.class), sigma: estimate.slowdown.sigma });
        tasks.push(task);
    }
    tasks
}

/// The stream of the slow-down of a class of work.
fn slowdown_stream(class: Class) -> StreamIx {
    stream(&["slow-down", class.as_str()])
}

/// The stream that a name stands for, the same in every build on every machine: FNV-1a, whose rare collisions only let two
/// steps vary together.
pub fn stream(name: &[&str]) -> StreamIx {
    let bytes = name.iter().flat_map(|part| part.bytes().chain([0]));
    StreamIx(bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}

/// The locked caches of a command.
fn locks_of(exec: &Exec, known: &mut HashMap<Symbol, LockIx>) -> Vec<LockIx> {
    let mut locks = Vec::new();
    for mount in &exec.mounts {
        if let Backing::Cache { id, sharing: Sharing::Locked } = mount.backing {
            let next = LockIx::new(known.len());
            locks.push(*known.entry(id).or_insert(next));
        }
    }
    locks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{NodeInputs, analyze};
    use crate::graph::emulate::Host;
    use crate::model::{inputs::Inputs, platform::Platform};
    use crate::sim::built_in;

    fn timing(file: &str, slowdowns: Slowdowns, changed: Option<Vec<VertexIx>>) -> Timing {
        let amd64 = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
        let arm64 = Platform::parse("linux/arm64", &amd64).unwrap();
        let source = crate::source::Source::new("Dockerfile", file.as_bytes().to_vec()).unwrap();
        let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).unwrap();
        let node = NodeInputs { name: None, host: Host::new(amd64), inputs };
        let analysis = analyze(&source, &[node]).unwrap();
        let machine = built_in("small").unwrap();
        let monte_carlo = MonteCarlo { runs: 50, seed: 1, threads: None };
        let terms =
            Terms { machine: &machine, node: NodeIx(0), profile: None, changed, slowdowns, monte_carlo };
        price(&analysis.nodes[0], &terms).unwrap()
    }

    const EMULATED: &str = "FROM golang\nCOPY . /src\nRUN go build -o /out .\n";
    const CROSS: &str = "FROM --platform=$BUILDPLATFORM golang\nCOPY . /src\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /out .\n";

    #[test]
    fn crossing_is_faster_than_emulation() {
        let (slow, fast) =
            (timing(EMULATED, Slowdowns::default(), None), timing(CROSS, Slowdowns::default(), None));
        assert!(slow.total.p50 > fast.total.p50 * 2.0);
        assert!(slow.losses.emulation > Nanos::ZERO && fast.losses.emulation == Nanos::ZERO);
        assert!(slow.finish[1] > slow.finish[0] && slow.total.p10 < slow.total.p90);
    }

    #[test]
    fn a_hand_and_a_cache_decide() {
        let none = Slowdowns { all: Some(1.0), ..Slowdowns::default() };
        assert_eq!(timing(EMULATED, none, None).losses.emulation, Nanos::ZERO);
        let cached = timing(EMULATED, Slowdowns::default(), Some(Vec::new()));
        assert!(cached.total.p90 < Nanos(1_000_000_000));
    }
}
