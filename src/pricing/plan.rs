//! The tasks of a build: one for each vertex, node after node.

use foldhash::{HashMap, HashMapExt};

use super::Terms;
use crate::analysis::{Analysis, NodeAnalysis};
use crate::cost::{Class, Estimate, Profile};
use crate::graph::describe::describe;
use crate::graph::vertex::{Backing, Exec, Op, Source};
use crate::ids::TargetIx;
use crate::model::mount::Sharing;
use crate::sim::{LockIx, Machine, MachineNodeIx, Noise, Slot, StreamIx, Task, TaskIx, Work};

/// The node of the machine that a part of the build runs on: the one of its name, else the first.
pub(super) fn node_of(build: &NodeAnalysis, machine: &Machine) -> MachineNodeIx {
    let named = |name: &String| machine.nodes.iter().position(|node| node.name == *name);
    MachineNodeIx::new(build.name.as_ref().and_then(named).unwrap_or(0))
}

/// The first task of each node.
pub(super) fn firsts(analysis: &Analysis) -> Vec<u32> {
    let lengths = analysis.nodes.iter().map(|node| node.graph.len() as u32);
    let next = |first: &mut u32, length: u32| {
        *first += length;
        Some(*first - length)
    };
    lengths.scan(0, next).collect()
}

/// The tasks that are commands.
pub(super) fn commands(analysis: &Analysis) -> Vec<TaskIx> {
    let all = analysis.nodes.iter().flat_map(|node| node.graph.vertices());
    let commands = all.enumerate().filter(|(_, (_, vertex))| matches!(vertex.op, Op::Exec(_)));
    commands.map(|(at, _)| TaskIx::new(at)).collect()
}

/// The last task of each target platform, node after node; `None` where there is nothing to do.
pub(super) fn ends(analysis: &Analysis) -> Vec<Option<TaskIx>> {
    let nodes = analysis.nodes.iter().zip(firsts(analysis));
    let of_node = |(node, first): (&NodeAnalysis, u32)| {
        let graph = &node.graph;
        let last = |at: usize| graph.final_vertex(TargetIx::new(at));
        let ends: Vec<_> =
            (0..graph.targets().len()).map(|at| last(at).map(|vertex| TaskIx(vertex.0 + first))).collect();
        ends
    };
    nodes.flat_map(of_node).collect()
}

/// The tasks, in the order of the nodes and of their vertices.
pub(super) fn tasks(analysis: &Analysis, terms: &Terms, estimates: &[Estimate]) -> Vec<Task> {
    let mut tasks = Vec::with_capacity(estimates.len());
    // The same command on another platform or node repeats work, and what is learnt of one holds for the other.
    let mut first_of: HashMap<Vec<&str>, TaskIx> = HashMap::new();
    let mut locks: HashMap<(MachineNodeIx, &str), LockIx> = HashMap::new();
    let common = stream(&["common"]);
    for build in &analysis.nodes {
        let node = node_of(build, &terms.machine);
        let cores = terms.machine.node(node).cores;
        let first_task = tasks.len() as u32;
        for (at, vertex) in build.graph.vertices() {
            let own = TaskIx(first_task + at.0);
            let estimate = &estimates[own.index()];
            let mut inputs = Vec::new();
            vertex.op.inputs(|input, _| inputs.push(TaskIx(first_task + input.0)));
            inputs.sort_unstable();
            inputs.dedup();
            let mut task = Task { node, ..Task::new(estimate.work(cores), inputs) };
            let sigma = match &terms.profile {
                None => COMMON_SIGMA,
                Some(profile) => pace_sigma(profile) * computing(&task.work),
            };
            task.common_noise = Some(Noise { stream: common, sigma });
            let mut first = own;
            match &vertex.op {
                Op::Exec(exec) => {
                    let command = exec.args.iter().map(|&arg| build.graph.text(arg)).collect();
                    first = *first_of.entry(command).or_insert(own);
                    task.locks = locks_of(build, exec, node, &mut locks);
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
            let own = own_part(&vertex.op);
            task.work_noise = Some(Noise { stream, sigma: estimate.sigma * own.sqrt() });
            let stream = kind_stream(&vertex.op, estimate.class);
            task.kind_noise = Some(Noise { stream, sigma: estimate.sigma * (1.0 - own).sqrt() });
            task.slowdown_noise =
                Some(Noise { stream: slowdown_stream(estimate.class), sigma: estimate.slowdown.sigma });
            tasks.push(task);
        }
    }
    tasks
}

/// The part of the variance of an estimate that a step has of its own; the rest it shares with all steps of its kind: the machine, the
/// network and the project are what they have in common.
///
/// Source: `tests/data/timing`. Two pulls of a build differ by 0.02 (of the logarithm) where builds differ by 0.12, since they share
/// the network; a tenth allows for other registries. Half for other steps is a guess: repeats of a build are slower in all steps.
const fn own_part(op: &Op) -> f64 {
    match op {
        Op::Source(Source::Image { .. }) => 0.1,
        _ => 0.5,
    }
}

/// How far a build of which nothing was measured is off as a whole, as the standard deviation of the logarithm: the pace of the
/// machine, of its disk and of its network, which are the same for all of its steps.
///
/// Source: whole builds in `tests/data/published` lie 0.6 about their mean, where what steps have of their own makes 0.4; those that were
/// predicted before anybody looked at them lie 1.2. This is between.
const COMMON_SIGMA: f64 = 0.65;

/// How fast a machine computes differs from build to build, as the standard deviation of the logarithm: other work beside it, heat, what
/// a host gives to its guests.
///
/// Source: `tests/data/timing`, the core-time of the same steps in runs of the same Dockerfile.
const PACE_SIGMA: f64 = 0.12;

/// How far the pace of a build is from that of those a profile was learnt from: both differ from the usual.
fn pace_sigma(profile: &Profile) -> f64 {
    let logs = profile.learnt_from.len().max(1) as f64;
    PACE_SIGMA * (1.0 + 1.0 / logs).sqrt()
}

/// The part of a step's time that it computes.
fn computing(work: &Work) -> f64 {
    let cpu = work.cpu.as_secs_f64() * work.slowdown;
    if cpu > 0.0 { cpu / (cpu + work.latency.as_secs_f64()) } else { 0.0 }
}

/// What steps of one kind have in common: pulls, file steps, or commands of a class.
fn kind_stream(op: &Op, class: Class) -> StreamIx {
    match op {
        Op::Source(Source::Image { .. }) => stream(&["kind", "pull"]),
        Op::Source(_) | Op::File(_) | Op::Merge { .. } => stream(&["kind", "file"]),
        Op::Exec(_) => stream(&["kind", class.as_str()]),
    }
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
fn locks_of<'a>(
    build: &'a NodeAnalysis,
    exec: &Exec,
    node: MachineNodeIx,
    known: &mut HashMap<(MachineNodeIx, &'a str), LockIx>,
) -> Vec<LockIx> {
    let mut locks = Vec::new();
    for mount in &exec.mounts {
        if let Backing::Cache { id, sharing: Sharing::Locked } = mount.backing {
            let next = LockIx::new(known.len());
            locks.push(*known.entry((node, build.graph.text(id))).or_insert(next));
        }
    }
    locks
}
