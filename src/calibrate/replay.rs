//! An observed build, run again in the simulator.

use std::collections::{BTreeMap, HashSet};

use crate::cost::{Estimate, priors};
use crate::ingest::{ObservedBuild, ObservedStep, Operation, StepIx, Subject};
use crate::sim::{LockIx, Machine, Plan, Simulator, Slot, Task, TaskIx};
use crate::units::Nanos;
use crate::work::Work;

use super::deed::{Deed, Deeds};

/// An observed build as a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// One task for each step that ran.
    pub plan: Plan,
    /// The step of each task.
    pub steps: Vec<StepIx>,
    /// When each began in the log; where slots are few, the replay hands them out in this order.
    starts: Vec<Nanos>,
}

impl Replay {
    /// How long the steps take on `machine`.
    pub fn makespan(&self, machine: &Machine) -> Nanos {
        /// More than any time between being ready and starting.
        const FAR: f64 = 1e6;
        let works: Vec<Work> = self.plan.tasks().iter().map(|task| task.work).collect();
        let lag: Vec<Nanos> = self.starts.iter().map(|&start| start * FAR).collect();
        Simulator::new(&self.plan, machine).makespan(&works, &lag)
    }
}

/// Steps that ran to their end and took time, except BuildKit's own.
fn ran(build: &ObservedBuild) -> Vec<StepIx> {
    let counts = |at: &usize| {
        let step = &build.steps[*at];
        step.executed() && !matches!(step.label().subject, Subject::Internal | Subject::Export)
    };
    (0..build.steps.len()).filter(counts).map(StepIx::new).collect()
}

/// What a build takes besides its steps: until the first begins, and after the last ended.
pub(super) fn overhead(build: &ObservedBuild) -> Nanos {
    let steps = ran(build);
    let first = steps.iter().filter_map(|&step| build.step(step).start()).min().unwrap_or_default();
    let last = steps.iter().filter_map(|&step| build.step(step).end()).max().unwrap_or_default();
    first + (build.makespan() - last)
}

/// How many steps ran at once where others were ready and waited: the `max-parallelism` that the log shows, if any.
pub fn observed_slots(build: &ObservedBuild) -> Option<u32> {
    /// Steps begin within this of being ready where nothing limits them.
    const PROMPT: Nanos = Nanos(300_000_000);
    let steps: Vec<StepIx> =
        ran(build).into_iter().filter(|&step| build.step(step).label().subject != Subject::From).collect();
    let sorted = |instant: fn(&ObservedStep) -> Option<Nanos>| {
        let mut all: Vec<Nanos> = steps.iter().filter_map(|&step| instant(build.step(step))).collect();
        all.sort_unstable();
        all
    };
    let (starts, ends) = (sorted(ObservedStep::start), sorted(ObservedStep::end));
    let running = |at: Nanos| {
        let begun = starts.partition_point(|start| *start <= at);
        (begun - ends.partition_point(|end| *end <= at).min(begun)) as u32
    };
    let most = steps.iter().filter_map(|&step| build.step(step).start()).map(&running).max()?;
    let waited = |step: &&StepIx| {
        let inputs = &build.step(**step).inputs;
        let ready = inputs.iter().filter_map(|&input| build.step(input).end()).max();
        match (ready, build.step(**step).start()) {
            (Some(ready), Some(start)) => start - ready > PROMPT && running(ready + PROMPT) == most,
            _ => false,
        }
    };
    (steps.iter().filter(waited).count() > steps.len() / 5).then_some(most)
}

/// How long a step waited between the end of its inputs and its own start, where nothing but its own preparation can have
/// held it back: it copies from another step or mounts it, and slots were not limited.
pub(super) fn preparation(build: &ObservedBuild, step: StepIx) -> Option<Nanos> {
    /// Longer than that it was something else.
    const MOST: Nanos = Nanos(2_000_000_000);
    let own = build.step(step);
    let copies = own.label().subject == Subject::File || own.inputs.len() > 1;
    if !copies {
        return None;
    }
    let inputs = nearest(build, step, |input| build.step(input).executed());
    let from_steps = inputs.iter().any(|&input| build.step(input).label().subject == Subject::Run);
    let ready = inputs.iter().filter_map(|&input| build.step(input).end()).max()?;
    let wait = own.start()? - ready;
    (from_steps && wait <= MOST).then_some(wait)
}

/// Whether the step builds on an image that was got and unpacked in the same build.
pub(super) fn is_first_on_image(build: &ObservedBuild, step: StepIx) -> bool {
    build.step(step).inputs.first().is_some_and(|&base| {
        let base = build.step(base);
        base.executed()
            && base.label().subject == Subject::From
            && base.duration.is_some_and(|duration| duration >= priors::LEAST_PULL)
    })
}

/// The build as its graph makes it: each step after its inputs. `work` tells what a step asks of the machine.
///
/// Steps that did not run here are passed through: who waits for them waits for their inputs. Pulls take no slot: in
/// `tests/data/timing` they overlap with `max-parallelism` 1 too.
pub fn dependency_plan(build: &ObservedBuild, mut work: impl FnMut(StepIx) -> Work) -> Replay {
    let steps = ran(build);
    let mut task_of = vec![None; build.steps.len()];
    for (at, step) in steps.iter().enumerate() {
        task_of[step.index()] = Some(TaskIx::new(at));
    }
    let mut locks = BTreeMap::new();
    let is_task = |step: StepIx| task_of[step.index()].is_some();
    let inputs = |step: StepIx| {
        let steps = nearest(build, step, is_task).into_iter();
        steps.filter_map(|input| task_of[input.index()]).collect()
    };
    let task = |&step: &StepIx| Task {
        slot: match build.step(step).label().subject {
            Subject::Link | Subject::From => Slot::Free,
            _ => Slot::Takes,
        },
        locks: locks_of(build, step, &mut locks),
        ..Task::new(work(step), inputs(step))
    };
    let tasks: Vec<Task> = steps.iter().map(task).collect();
    let plan = Plan::new(tasks.clone()).or_else(|_| Plan::new(without_inputs(tasks)));
    // Without inputs there is no circle, and no other mistake is possible: estimates keep cores and slow-downs in range.
    let starts = steps.iter().map(|&step| build.step(step).start().unwrap_or_default()).collect();
    Replay { plan: plan.unwrap_or_default(), steps, starts }
}

/// A forged log may hold a circle; then nothing is known of the order.
fn without_inputs(mut tasks: Vec<Task>) -> Vec<Task> {
    for task in &mut tasks {
        task.inputs.clear();
    }
    tasks
}

/// Steps that are passed through for one of those below; a forged log may hold any number.
const MOST_PASSED: usize = 4096;

/// The nearest steps below a step that are `wanted`, through steps that are not.
fn nearest(build: &ObservedBuild, step: StepIx, wanted: impl Fn(StepIx) -> bool) -> Vec<StepIx> {
    let mut found = Vec::new();
    let mut seen = HashSet::from([step]);
    let mut open = build.step(step).inputs.clone();
    while let Some(input) = open.pop() {
        if seen.len() > MOST_PASSED || !seen.insert(input) {
            continue;
        }
        if wanted(input) {
            found.push(input);
        } else {
            open.extend(&build.step(input).inputs);
        }
    }
    found.sort_unstable();
    found
}

/// The locked caches of a step: as provenance tells them, else as its name does.
fn locks_of<'b>(
    build: &'b ObservedBuild,
    step: StepIx,
    known: &mut BTreeMap<&'b str, LockIx>,
) -> Vec<LockIx> {
    let step = build.step(step);
    let ids: Vec<&str> = match step.provenance.as_ref().map(|known| &known.operation) {
        Some(Operation::Exec { caches, .. }) => {
            caches.iter().filter(|cache| cache.locked).map(|cache| cache.id.as_str()).collect()
        }
        Some(_) => Vec::new(),
        None => named_locks(step.label().text),
    };
    let mut lock = |id: &'b str| {
        let next = LockIx::new(known.len());
        *known.entry(id).or_insert(next)
    };
    let mut locks: Vec<LockIx> = ids.into_iter().map(&mut lock).collect();
    locks.sort_unstable();
    locks.dedup();
    locks
}

/// The identities of the locked caches in the text of a `RUN`: their `id`, else what they are mounted at.
fn named_locks(text: &str) -> Vec<&str> {
    let text = text.strip_prefix("ONBUILD ").unwrap_or(text);
    let Some(rest) = text.strip_prefix("RUN ") else { return Vec::new() };
    let flags = rest.split_whitespace().take_while(|word| word.starts_with("--"));
    let mounts = flags.filter_map(|flag| flag.strip_prefix("--mount="));
    mounts
        .filter_map(|options| {
            let of = |names: &[&str]| {
                options.split(',').find_map(|part| {
                    let (name, value) = part.split_once('=')?;
                    names.contains(&name).then_some(value)
                })
            };
            let is_locked = of(&["type"]) == Some("cache") && of(&["sharing"]) == Some("locked");
            is_locked.then(|| of(&["id"]).or_else(|| of(&["target", "dst", "destination"])))?
        })
        .collect()
}

/// The work of each step that ran, such that the build, replayed on `machine` with each step beginning when it did, takes
/// as long as observed. `estimates` tell how the time of a step divides into waiting and computing, and how far it scales.
///
/// # Complexity
///
/// Forty simulations at most; usually ten.
pub fn remove_contention(
    build: &ObservedBuild,
    deeds: &Deeds,
    estimates: impl Fn(&Deed) -> Estimate,
    machine: &Machine,
) -> Vec<(StepIx, Work)> {
    const ROUNDS: usize = 40;
    let cores = machine.nodes.first().map_or(1.0, |node| node.cores);
    let replay =
        dependency_plan(build, |step| initial(build, step, &deeds.0[step.index()], &estimates, cores));
    let at_their_start = |task: TaskIx| build.step(replay.steps[task.index()]).start().unwrap_or_default();
    let plan = replay.plan.detached(at_their_start);
    let mut works: Vec<Work> = plan.tasks().iter().map(|task| task.work).collect();
    let mut simulator = Simulator::new(&plan, machine);
    for _ in 0..ROUNDS {
        simulator.makespan(&works, &[]);
        let mut worst = 0.0_f64;
        for ((work, span), &step) in works.iter_mut().zip(simulator.spans()).zip(&replay.steps) {
            let fixed = work.latency + (span.begun - span.start);
            let observed = build.step(step).duration.unwrap_or_default() - fixed;
            let simulated = span.duration() - fixed;
            if work.cpu > Nanos::ZERO && simulated > Nanos::ZERO {
                let correction = (observed / simulated).clamp(0.1, 10.0);
                worst = worst.max((correction - 1.0).abs());
                work.cpu = work.cpu * correction;
            }
        }
        if worst < 0.002 {
            break;
        }
    }
    replay.steps.into_iter().zip(works).collect()
}

/// The first guess: what the step took, without anything beside it.
fn initial(
    build: &ObservedBuild,
    step: StepIx,
    deed: &Deed,
    estimates: impl Fn(&Deed) -> Estimate,
    cores: f64,
) -> Work {
    let duration = build.step(step).duration.unwrap_or_default();
    match deed {
        Deed::Run { .. } => {}
        Deed::Pull { .. } => return Estimate::pull(duration, 0.0).work(cores),
        _ => return Work::latency(duration),
    }
    let estimate = estimates(deed);
    let usable = crate::cost::usable_cores(estimate.serial, cores);
    // Waiting that the estimate knows of, as far as it fits.
    let waiting = estimate.cpu * estimate.slowdown.median < estimate.latency;
    let latency = estimate.latency.min(duration * if waiting { 0.98 } else { 0.6 });
    Work { latency, cpu: (duration - latency) * usable, cores: usable, ..Work::NONE }
}
