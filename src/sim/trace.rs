//! What happened in a simulated build, and what made it take as long as it did.
//!
//! Owns the questions asked of a finished run. Runs nothing itself: what the build would take without emulation or
//! repeated work is a question for a second run of a changed plan.

use crate::units::{Bytes, Nanos};

use super::machine::Machine;
use super::plan::{MachineNodeIx, Plan, Task, TaskIx};

/// The life of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// All inputs were done and its release had come.
    pub ready: Nanos,
    /// It had a slot. This is what BuildKit logs as `started`.
    pub start: Nanos,
    /// It held all its locks and worked.
    pub begun: Nanos,
    /// It was done.
    pub finish: Nanos,
    /// What it waited for last.
    pub cause: Cause,
}

impl Span {
    /// What BuildKit logs as the step's duration: with the wait for locks, without the wait for a slot.
    pub fn duration(&self) -> Nanos {
        self.finish - self.start
    }
}

/// What let a task begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cause {
    /// Nothing held it back.
    #[default]
    Start,
    /// Its release came.
    Release,
    /// This input ended, the last of all.
    Input(TaskIx),
    /// This task gave up its slot.
    Slot(TaskIx),
    /// This task gave up a lock.
    Lock(TaskIx),
}

impl Cause {
    /// The task that held the other back.
    pub const fn task(self) -> Option<TaskIx> {
        match self {
            Self::Start | Self::Release => None,
            Self::Input(task) | Self::Slot(task) | Self::Lock(task) => Some(task),
        }
    }
}

/// A simulated build.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    spans: Vec<Span>,
    loads: Vec<Load>,
    makespan: Nanos,
}

/// How many cores of a node its tasks keep busy from an instant on, until the node's next load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// The instant.
    pub at: Nanos,
    /// The node.
    pub node: MachineNodeIx,
    /// Its busy cores.
    pub cores: f64,
}

/// A piece of the critical path: `task` determined the build's time from `from` to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathStep {
    /// Which task.
    pub task: TaskIx,
    /// When it took over.
    pub from: Nanos,
    /// When it handed on.
    pub to: Nanos,
    /// Why the task could not begin before `from`.
    pub cause: Cause,
}

/// The most that ran or was held at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Peaks {
    /// Tasks that computed or were about to.
    pub tasks: usize,
    /// Memory on the node where it was highest.
    pub memory: Bytes,
    /// Whether that is more than the node has.
    pub out_of_memory: bool,
}

/// Where time went that a better Dockerfile or machine need not spend. Sums over tasks, which overlap: no part of the
/// makespan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    /// Core-time that emulation added.
    pub emulation: Nanos,
    /// Core-time of tasks that repeat another's work, emulation included.
    pub repeated: Nanos,
    /// Ready, but without a slot.
    pub slots: Nanos,
    /// Started, but without a lock.
    pub locks: Nanos,
    /// Beyond what each task would have taken alone on its node.
    pub contention: Nanos,
}

impl Trace {
    pub(super) fn new(spans: Vec<Span>, loads: Vec<Load>) -> Self {
        let makespan = spans.iter().map(|span| span.finish).max().unwrap_or_default();
        Self { spans, loads, makespan }
    }

    /// The life of each task, in the order of the plan.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The life of one task.
    pub fn span(&self, task: TaskIx) -> &Span {
        &self.spans[task.index()]
    }

    /// How many cores are busy, in time.
    pub fn loads(&self) -> &[Load] {
        &self.loads
    }

    /// From the beginning to the end of the last task.
    pub const fn makespan(&self) -> Nanos {
        self.makespan
    }

    /// The chain of tasks that the inputs, slots and locks really made: each began the instant the one before let it,
    /// and the last ended the build. Covers the whole makespan, except what passed before a release.
    pub fn critical_path(&self) -> Vec<PathStep> {
        let last = (0..self.spans.len()).max_by_key(|&at| (self.spans[at].finish, std::cmp::Reverse(at)));
        let mut next = last.map(TaskIx::new);
        let mut to = self.makespan;
        let mut path = Vec::new();
        while let Some(task) = next {
            let span = self.span(task);
            path.push(PathStep { task, from: span.begun, to, cause: span.cause });
            to = span.begun;
            next = span.cause.task();
        }
        path.reverse();
        path
    }

    /// The most tasks and memory at once.
    pub fn peaks(&self, plan: &Plan, machine: &Machine) -> Peaks {
        let nodes = plan.limits().nodes;
        let (mut tasks, mut most_tasks) = (0_usize, 0);
        let mut memory = vec![0_u64; nodes];
        let mut peaks = Peaks::default();
        for (_, begins, task) in self.events() {
            let task = plan.task(task);
            let held = &mut memory[task.node.index()];
            if begins {
                tasks += 1;
                *held = held.saturating_add(task.work.memory.0);
            } else {
                tasks -= 1;
                *held = held.saturating_sub(task.work.memory.0);
            }
            most_tasks = most_tasks.max(tasks);
            peaks.memory = peaks.memory.max(Bytes(*held));
            peaks.out_of_memory |= *held > machine.node(task.node).memory.0;
        }
        Peaks { tasks: most_tasks, ..peaks }
    }

    /// Begins and ends of tasks that last, in time; ends before begins of the same instant.
    fn events(&self) -> Vec<(Nanos, bool, TaskIx)> {
        let lasting = |span: &Span| span.finish > span.begun;
        let spans = self.spans.iter().enumerate().filter(|(_, span)| lasting(span));
        let mut events: Vec<_> = spans
            .flat_map(|(at, span)| {
                [(span.begun, true, TaskIx::new(at)), (span.finish, false, TaskIx::new(at))]
            })
            .collect();
        events.sort_unstable();
        events
    }

    /// Where time went that need not be spent.
    pub fn losses(&self, plan: &Plan, machine: &Machine) -> Losses {
        let mut losses = Losses::default();
        for (span, task) in self.spans.iter().zip(plan.tasks()) {
            losses.emulation += task.work.effective_cpu() - task.work.cpu;
            if task.repeats.is_some() {
                losses.repeated += task.work.effective_cpu();
            }
            losses.slots += span.start - span.ready;
            losses.locks += span.begun - span.start;
            losses.contention += (span.finish - span.begun) - alone(task, machine);
        }
        losses
    }
}

/// How long a task takes with its node to itself.
pub(super) fn alone(task: &Task, machine: &Machine) -> Nanos {
    let node = machine.node(task.node);
    let work = &task.work;
    let transfer = |bytes: Bytes, bandwidth: Bytes| {
        if bytes.0 == 0 { 0.0 } else { bytes.0 as f64 / bandwidth.0.max(1) as f64 }
    };
    let cores = work.cores.min(node.cores);
    let cpu = work.cpu.as_secs_f64() * work.slowdown / node.speed / cores / node.pace(cores);
    let secs = transfer(work.network, node.network) + transfer(work.disk, node.disk) + cpu;
    work.latency + Nanos::from_secs_f64(secs)
}
