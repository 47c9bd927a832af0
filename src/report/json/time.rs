//! The part of the contract about time. Times are in seconds, rounded to milliseconds.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::cost::{Basis, LearntFrom};
use crate::pricing::{NOT_INCLUDED, Timing};
use crate::report::rerun::why_name;
use crate::sim::{Cause, Losses, Node, Quantiles, TaskIx};
use crate::units::Nanos;

/// How long the build takes. Until the last step is done; `not_included` names what follows.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct TimingReport {
    /// What it runs on.
    machine: MachineReport,
    /// The whole build.
    total: QuantilesReport,
    /// When each target platform is done, in the order of `target_platforms`.
    platforms: Vec<PlatformTimeReport>,
    /// What is left of earlier builds.
    cache: CacheReport,
    /// Commands that run because nodes share nothing: one node would run them once for all platforms.
    repeated_on_nodes: Vec<u32>,
    /// Simulated builds that the quantiles are taken from.
    runs: usize,
    /// Vertices that take longest, the longest first.
    costliest: Vec<u32>,
    /// The steps that made the build as long as it is, in order, each with the time for which it did.
    critical_path: Vec<PathReport>,
    /// What no order of the steps beats: the longest chain, or the fullest resource, in seconds.
    lower_bound_s: f64,
    /// One step after another, in seconds.
    serial_s: f64,
    /// Where time went that need not be spent.
    losses: LossesReport,
    /// The most that runs at once.
    peak: PeakReport,
    /// What the numbers rest on.
    basis: BasisReport,
    /// What follows the last step, and is in none of these numbers.
    not_included: [&'static str; 3],
}

/// What is left of earlier builds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct CacheReport {
    /// `cold` or `warm`.
    state: &'static str,
    /// Platforms that a cold cache holds all the same.
    platforms: Vec<String>,
    /// What is in cache mounts: `cold` or `warm`.
    mounts: &'static str,
    /// What has changed in the context since the cached build.
    changes: Vec<ChangeReport>,
}

/// A change of the context.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ChangeReport {
    /// The file or folder; empty for the whole context.
    path: String,
    /// Whether it is no part of the context, such as by `.dockerignore`.
    ignored: bool,
    /// Vertices that read it.
    read_by: Vec<u32>,
}

/// The build contexts that sizes were taken from, together.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ContextReport {
    files: usize,
    bytes: u64,
    /// Whether there are more files than were counted.
    incomplete: bool,
}

/// A machine.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct MachineReport {
    name: String,
    nodes: Vec<MachineNodeReport>,
}

/// A node of a machine.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct MachineNodeReport {
    name: String,
    cores: f64,
    /// What its processor runs itself.
    native: Vec<String>,
    /// What it emulates.
    emulators: Vec<String>,
    memory_bytes: u64,
    network_bytes_per_s: u64,
    disk_bytes_per_s: u64,
    /// Vertices that may run at once; null for no limit.
    max_parallelism: Option<u32>,
}

/// A time as a distribution, in seconds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::struct_field_names, reason = "the unit is part of each name")]
pub(in crate::report) struct QuantilesReport {
    /// One build in ten is shorter.
    p10_s: f64,
    /// The median.
    p50_s: f64,
    /// One build in ten is longer.
    p90_s: f64,
}

/// When a platform is done.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PlatformTimeReport {
    platform: String,
    #[serde(flatten)]
    finish: QuantilesReport,
}

/// A piece of the critical path.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PathReport {
    vertex: u32,
    from_s: f64,
    to_s: f64,
    /// Why it did not begin earlier: `start`, `input`, `slot` (of `max-parallelism`) or `lock` (of a cache mount).
    after: &'static str,
}

/// Where time went that need not be spent, in seconds. Sums over steps, which overlap.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::struct_field_names, reason = "the unit is part of each name")]
struct LossesReport {
    /// Core-seconds that emulation adds.
    emulation_s: f64,
    /// Core-seconds of commands that run again for another platform.
    repeated_s: f64,
    /// Waiting for a slot of `max-parallelism`.
    slots_s: f64,
    /// Waiting for a locked cache mount.
    locks_s: f64,
    /// Longer than each step would take alone.
    contention_s: f64,
}

/// The most that runs at once.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PeakReport {
    steps: usize,
    memory_bytes: u64,
    /// Whether that is more memory than the node has.
    out_of_memory: bool,
}

/// What the numbers rest on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct BasisReport {
    /// The logs of the profile; empty for defaults alone.
    logs: Vec<String>,
    /// Commands that run, by what their cost rests on.
    commands: CommandBasisReport,
    /// The vertex that decides the time although nothing is known of something that it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_understood: Option<u32>,
    /// The build context, if it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<ContextReport>,
}

/// Commands by what their cost rests on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct CommandBasisReport {
    /// The same command was measured, executed the same way.
    measured: usize,
    /// The same command was measured, executed otherwise.
    converted: usize,
    /// A similar command was measured.
    similar: usize,
    /// The size of the project in the build context.
    sized: usize,
    /// Defaults.
    default: usize,
    /// Nothing is known of it.
    unknown: usize,
}

/// What a vertex costs and when it runs in the median build, in seconds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct VertexTimeReport {
    start_s: f64,
    duration_s: f64,
    /// Core-seconds as it is executed.
    core_s: f64,
    /// Core-seconds of them that emulation adds.
    emulation_s: f64,
    /// What it does mostly, for a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    /// What its cost rests on, for a command: `measured`, `converted`, `similar`, `sized`, `default` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    /// What of the project that is, where it was found by its size: `422 Go modules, 1.2 MB of Go`.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<String>,
    /// The program or script that it runs of which nothing is known, where that may take much of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
    /// With a cache, why it runs: it reads something that has `changed`, an `input` of it runs, it is `not-cached`, or it
    /// `always` does. Absent where its result is in the cache, and where there is no cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
    /// Whether its result is in the cache.
    cached: bool,
}

pub(super) fn timing_report(timing: &Timing<'_>, analysis: &Analysis) -> TimingReport {
    let count = |basis| timing.of_basis(basis).count();
    let platforms = analysis.outputs().zip(&timing.finish);
    let path = timing.trace.critical_path().into_iter().map(|step| PathReport {
        vertex: step.task.0,
        from_s: seconds(step.from),
        to_s: seconds(step.to),
        after: match step.cause {
            Cause::Start | Cause::Release => "start",
            Cause::Input(_) => "input",
            Cause::Slot(_) => "slot",
            Cause::Lock(_) => "lock",
        },
    });
    let logs = timing.terms.profile.iter().flat_map(|profile| &profile.learnt_from);
    TimingReport {
        machine: MachineReport {
            name: timing.terms.machine.name.clone(),
            nodes: timing.terms.machine.nodes.iter().map(node).collect(),
        },
        total: quantiles(timing.total),
        platforms: platforms
            .map(|(platform, finish)| PlatformTimeReport { platform, finish: quantiles(*finish) })
            .collect(),
        cache: cache(timing),
        repeated_on_nodes: timing.repeated_on_nodes(analysis).into_iter().map(|task| task.0).collect(),
        runs: timing.samples.len(),
        costliest: timing.costliest(COSTLIEST).into_iter().map(|task| task.0).collect(),
        critical_path: path.collect(),
        lower_bound_s: seconds(timing.bounds.lower),
        serial_s: seconds(timing.bounds.serial),
        losses: losses(timing.losses),
        peak: PeakReport {
            steps: timing.peaks.tasks,
            memory_bytes: timing.peaks.memory.0,
            out_of_memory: timing.peaks.out_of_memory,
        },
        basis: BasisReport {
            logs: logs.map(|LearntFrom { log, .. }| log.clone()).collect(),
            commands: CommandBasisReport {
                measured: count(Basis::Measured),
                converted: count(Basis::Converted),
                similar: count(Basis::Similar),
                sized: count(Basis::Sized),
                default: count(Basis::Default),
                unknown: count(Basis::Unknown),
            },
            not_understood: timing.not_understood().map(|task| task.0),
            context: timing.terms.contexts.held().map(|held| ContextReport {
                files: held.files,
                bytes: held.bytes.0,
                incomplete: held.is_cut,
            }),
        },
        not_included: NOT_INCLUDED,
    }
}

/// Entries of `costliest`.
const COSTLIEST: usize = 10;

/// The time of a vertex.
pub(super) fn vertex_time(timing: &Timing<'_>, task: TaskIx) -> VertexTimeReport {
    let span = timing.trace.span(task);
    let command = timing.commands.binary_search(&task).is_ok();
    let estimate = command.then(|| &timing.estimates[task.index()]);
    VertexTimeReport {
        start_s: seconds(span.start),
        duration_s: seconds(span.duration()),
        core_s: seconds(timing.core_time(task)),
        emulation_s: seconds(timing.emulation(task)),
        class: estimate.map(|estimate| estimate.class.as_str()),
        basis: estimate.map(|estimate| estimate.basis.as_str()),
        size: estimate.map(|estimate| estimate.rests_on.clone()).filter(|size| !size.is_empty()),
        unknown: estimate
            .filter(|estimate| estimate.basis == Basis::Unknown)
            .map(|estimate| estimate.unknown.program.clone())
            .filter(|program| !program.is_empty()),
        because: timing.reruns.as_ref().and_then(|reruns| why_name(reruns, task)),
        cached: !timing.runs(task),
    }
}

fn cache(timing: &Timing<'_>) -> CacheReport {
    let cache = &timing.terms.cache;
    let state = |warm| if warm { "warm" } else { "cold" };
    let changes = timing.reruns.iter().flat_map(|reruns| &reruns.changes).map(|change| ChangeReport {
        path: change.path.clone(),
        ignored: change.is_ignored,
        read_by: change.readers.iter().map(|task| task.0).collect(),
    });
    CacheReport {
        state: state(cache.is_warm),
        platforms: cache.platforms.iter().map(ToString::to_string).collect(),
        mounts: state(cache.mounts_are_full),
        changes: changes.collect(),
    }
}

fn node(node: &Node) -> MachineNodeReport {
    MachineNodeReport {
        name: node.name.clone(),
        cores: node.cores,
        native: node.native.iter().map(ToString::to_string).collect(),
        emulators: node.emulators.iter().map(|emulator| emulator.guest.to_string()).collect(),
        memory_bytes: node.memory.0,
        network_bytes_per_s: node.network.0,
        disk_bytes_per_s: node.disk.0,
        max_parallelism: node.max_parallelism,
    }
}

fn losses(losses: Losses) -> LossesReport {
    LossesReport {
        emulation_s: seconds(losses.emulation),
        repeated_s: seconds(losses.repeated),
        slots_s: seconds(losses.slots),
        locks_s: seconds(losses.locks),
        contention_s: seconds(losses.contention),
    }
}

pub(in crate::report) fn quantiles(time: Quantiles) -> QuantilesReport {
    QuantilesReport { p10_s: seconds(time.p10), p50_s: seconds(time.p50), p90_s: seconds(time.p90) }
}

/// To milliseconds: more would feign a precision that is not there.
pub(in crate::report) fn seconds(time: Nanos) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}
