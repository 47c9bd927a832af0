//! The event loop: which task starts when, and how long it takes beside the others.
//!
//! Deterministic: ties are broken by the order in which tasks became ready, then by their index. The order in which ready
//! tasks get a slot can be stirred from outside ([`Simulator::makespan`]), because in BuildKit it is a matter of chance. Time is whole
//! nanoseconds; rates and amounts are floating point, with operations only that IEEE 754 defines exactly, so a plan takes
//! the same time on every machine. Does not know what tasks stand for, and interprets no result ([`super::trace`] does).
//!
//! A task waits for its inputs, then in first-come order for a slot of its node, then one by one for its locks, and then
//! passes through latency, network, disk and cores. Each of the three resources of a node is a [`Pool`].
//!
//! # Complexity
//!
//! O((|tasks| · phases) · (log |tasks| + caps) + |inputs|), with `caps` the number of different core limits running at
//! once. A [`Simulator`] keeps its tables from run to run: a second run allocates nothing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::units::Nanos;
use crate::work::Work;

use super::machine::{Machine, Node};
use super::plan::{LockIx, MachineNodeIx, Plan, Slot, Task, TaskIx};
use super::pool::Pool;
use super::trace::{Cause, Load, Span, Trace};

/// Runs one plan on one machine, as often as is asked for.
#[derive(Debug)]
pub struct Simulator<'p> {
    plan: &'p Plan,
    machine: &'p Machine,
    /// Tasks that wait for nothing.
    roots: Vec<TaskIx>,
    /// See [`Machine::is_limited`].
    is_limited: bool,
    now: u64,
    states: Vec<State>,
    spans: Vec<Span>,
    nodes: Vec<NodeState>,
    locks: Vec<Lock>,
    /// Instants at which a task's release or latency ends.
    alarms: BinaryHeap<Reverse<(u64, TaskIx)>>,
    /// Tasks whose phase ended at the present instant, and how many of them were handled.
    due: Vec<TaskIx>,
    handled: usize,
    /// How many cores are busy from when on, where that is asked for.
    loads: Option<Vec<Load>>,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy)]
struct State {
    inputs: u32,
    missing_inputs: u32,
    held_locks: u32,
    node: u32,
    phase: Phase,
}

/// What a task is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Waiting for inputs, its release, a slot or locks.
    Waiting,
    /// All locks held, nothing done.
    Begun,
    Latency,
    Network,
    Disk,
    Cores,
}

#[derive(Debug, Default)]
struct NodeState {
    network: Pool,
    disk: Pool,
    cores: Pool,
    /// Of one core.
    speed: f64,
    /// `None` where nothing limits them.
    free_slots: Option<u32>,
    /// Tasks that want a slot, by when they asked for it.
    queue: BinaryHeap<Reverse<(u64, TaskIx)>>,
    /// Tasks that gave up a slot while others waited; the latest last.
    ended: Vec<TaskIx>,
    /// The load noted last.
    load: f64,
}

#[derive(Debug, Clone, Default)]
struct Lock {
    holder: Option<TaskIx>,
    queue: VecDeque<TaskIx>,
}

impl<'p> Simulator<'p> {
    /// A simulator of `plan` on `machine`.
    pub fn new(plan: &'p Plan, machine: &'p Machine) -> Self {
        let state = |task: &Task| State {
            inputs: task.inputs.len() as u32,
            missing_inputs: 0,
            held_locks: 0,
            node: task.node.0,
            phase: Phase::Waiting,
        };
        let tasks = plan.tasks().len();
        let mut nodes = Vec::new();
        nodes.resize_with(plan.limits().nodes, NodeState::default);
        Self {
            plan,
            machine,
            roots: plan.indices().filter(|&task| plan.task(task).inputs.is_empty()).collect(),
            is_limited: machine.is_limited(),
            now: 0,
            states: plan.tasks().iter().map(state).collect(),
            spans: vec![Span::default(); tasks],
            nodes,
            locks: vec![Lock::default(); plan.limits().locks],
            alarms: BinaryHeap::new(),
            due: Vec::with_capacity(tasks),
            handled: 0,
            loads: None,
        }
    }

    /// Runs the plan as it is.
    pub fn run(&mut self) -> Trace {
        let works: Vec<Work> = self.plan.tasks().iter().map(|task| task.work).collect();
        self.loads = Some(Vec::new());
        self.simulate(&works, &[]);
        Trace::new(self.spans.clone(), self.loads.take().unwrap_or_default())
    }

    /// How long the plan takes if its tasks have other `works`, one for each task.
    ///
    /// Where slots are few, a task queues for one as if it had been ready later by its entry in `lag`; it loses no time by
    /// that otherwise. Missing entries are zero.
    pub fn makespan(&mut self, works: &[Work], lag: &[Nanos]) -> Nanos {
        self.simulate(works, lag);
        self.spans.iter().map(|span| span.finish).max().unwrap_or_default()
    }

    /// The spans of the last run, in the order of the plan.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Runs the plan with the work of each task.
    fn simulate(&mut self, works: &[Work], lag: &[Nanos]) {
        self.reset();
        for at in 0..self.roots.len() {
            self.ready(self.roots[at], Cause::Start, lag);
        }
        loop {
            self.settle(works, lag);
            let next = self.share();
            self.note_loads();
            if next == u64::MAX {
                break;
            }
            self.now = next;
            self.collect_due();
        }
    }

    fn reset(&mut self) {
        self.now = 0;
        self.alarms.clear();
        for state in &mut self.states {
            *state = State { missing_inputs: state.inputs, held_locks: 0, phase: Phase::Waiting, ..*state };
        }
        self.spans.fill(Span::default());
        for (at, state) in self.nodes.iter_mut().enumerate() {
            state.reset(self.machine.node(MachineNodeIx::new(at)));
        }
        for lock in &mut self.locks {
            lock.holder = None;
            lock.queue.clear();
        }
    }

    /// Handles everything that happens at the present instant.
    fn settle(&mut self, works: &[Work], lag: &[Nanos]) {
        loop {
            while let Some(&task) = self.due.get(self.handled) {
                self.handled += 1;
                if self.states[task.index()].phase == Phase::Waiting {
                    self.admit(task, lag);
                } else if self.advance(task, &works[task.index()]) {
                    self.finish(task, lag);
                }
            }
            if !(self.is_limited && self.hand_out_slots()) {
                break;
            }
        }
        self.due.clear();
        self.handled = 0;
    }

    /// Shares what each node has among its tasks, and tells when something happens next; `u64::MAX` for never.
    fn share(&mut self) -> u64 {
        let mut next = self.alarms.peek().map_or(u64::MAX, |&Reverse((at, _))| at);
        for node in &mut self.nodes {
            for pool in node.pools() {
                next = next.min(pool.share());
            }
        }
        next
    }

    /// Notes for each node whose busy cores changed how many there are now.
    fn note_loads(&mut self) {
        let Some(loads) = &mut self.loads else { return };
        for (at, node) in self.nodes.iter_mut().enumerate() {
            let cores = node.cores.used();
            if cores.to_bits() != node.load.to_bits() {
                node.load = cores;
                loads.push(Load { at: Nanos(self.now), node: MachineNodeIx::new(at), cores });
            }
        }
    }

    fn collect_due(&mut self) {
        let now = self.now;
        while let Some(&Reverse((at, task))) = self.alarms.peek() {
            if at > now {
                break;
            }
            self.alarms.pop();
            self.due.push(task);
        }
        for node in &mut self.nodes {
            for pool in node.pools() {
                pool.take_done(now, &mut self.due);
            }
        }
        if self.due.len() > 1 {
            self.due.sort_unstable();
        }
    }

    /// All inputs are there.
    fn ready(&mut self, task: TaskIx, cause: Cause, lag: &[Nanos]) {
        let release = self.plan.task(task).release;
        let span = &mut self.spans[task.index()];
        if release.0 > self.now {
            span.ready = release;
            span.cause = Cause::Release;
            self.alarms.push(Reverse((release.0, task)));
        } else {
            span.ready = Nanos(self.now);
            span.cause = cause;
            self.admit(task, lag);
        }
    }

    /// Starts the task, or queues it for a slot.
    fn admit(&mut self, task: TaskIx, lag: &[Nanos]) {
        if self.is_limited && self.plan.task(task).slot == Slot::Takes {
            let node = &mut self.nodes[self.states[task.index()].node as usize];
            if node.free_slots.is_some() {
                let lag = lag.get(task.index()).map_or(0, |lag| lag.0);
                node.queue.push(Reverse((self.now.saturating_add(lag), task)));
                return;
            }
        }
        self.start(task);
    }

    /// Gives free slots to who asked first. Tells whether any task got one.
    fn hand_out_slots(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.nodes.len() {
            loop {
                let node = &mut self.nodes[at];
                let Some(free @ 1..) = &mut node.free_slots else { break };
                let Some(Reverse((_, task))) = node.queue.pop() else { break };
                *free -= 1;
                if self.spans[task.index()].ready.0 < self.now
                    && let Some(before) = node.ended.pop()
                {
                    self.spans[task.index()].cause = Cause::Slot(before);
                }
                self.start(task);
                any = true;
            }
        }
        any
    }

    fn start(&mut self, task: TaskIx) {
        self.spans[task.index()].start = Nanos(self.now);
        self.acquire(task);
    }

    /// Takes the task's locks one by one in the order of their index, so that no two tasks wait for each other.
    fn acquire(&mut self, task: TaskIx) {
        let state = &mut self.states[task.index()];
        for &lock in &self.plan.task(task).locks[state.held_locks as usize..] {
            let lock = &mut self.locks[lock.index()];
            if lock.holder.is_some() {
                lock.queue.push_back(task);
                return;
            }
            lock.holder = Some(task);
            state.held_locks += 1;
        }
        state.phase = Phase::Begun;
        self.spans[task.index()].begun = Nanos(self.now);
        self.due.push(task);
    }

    /// Moves the task to its next phase that has any work. Tells whether none is left.
    fn advance(&mut self, task: TaskIx, work: &Work) -> bool {
        let now = self.now;
        let state = &mut self.states[task.index()];
        let node = &mut self.nodes[state.node as usize];
        if state.phase == Phase::Begun {
            state.phase = Phase::Latency;
            if work.latency > Nanos::ZERO {
                if work.daemon > 0.0 {
                    node.cores.reserve(now, work.daemon);
                }
                self.alarms.push(Reverse((now.saturating_add(work.latency.0), task)));
                return false;
            }
        }
        if state.phase == Phase::Latency {
            state.phase = Phase::Network;
            if work.daemon > 0.0 && work.latency > Nanos::ZERO {
                node.cores.reserve(now, -work.daemon);
            }
            if work.network.0 > 0 {
                node.network.insert(now, task, work.network.0 as f64, f64::INFINITY);
                return false;
            }
        }
        if state.phase == Phase::Network {
            state.phase = Phase::Disk;
            if work.disk.0 > 0 {
                node.disk.insert(now, task, work.disk.0 as f64, f64::INFINITY);
                return false;
            }
        }
        if state.phase == Phase::Disk {
            state.phase = Phase::Cores;
            if work.cpu > Nanos::ZERO {
                let amount = work.cpu.0 as f64 * work.slowdown / node.speed;
                node.cores.insert(now, task, amount, work.cores);
                return false;
            }
        }
        true
    }

    /// Ends the task and lets in who waited for its locks, its result and its slot, in this order.
    fn finish(&mut self, task: TaskIx, lag: &[Nanos]) {
        self.spans[task.index()].finish = Nanos(self.now);
        let plan = self.plan;
        let ended = plan.task(task);
        for &lock in &ended.locks {
            self.release(lock, task);
        }
        if self.is_limited && ended.slot == Slot::Takes {
            let node = &mut self.nodes[ended.node.index()];
            if let Some(free) = &mut node.free_slots {
                *free += 1;
                if !node.queue.is_empty() {
                    node.ended.push(task);
                }
            }
        }
        for &dependent in plan.dependents(task) {
            let missing = &mut self.states[dependent.index()].missing_inputs;
            *missing -= 1;
            if *missing == 0 {
                self.ready(dependent, Cause::Input(task), lag);
            }
        }
    }

    fn release(&mut self, lock: LockIx, by: TaskIx) {
        let state = &mut self.locks[lock.index()];
        state.holder = state.queue.pop_front();
        if let Some(next) = state.holder {
            self.spans[next.index()].cause = Cause::Lock(by);
            self.states[next.index()].held_locks += 1;
            self.acquire(next);
        }
    }
}

impl NodeState {
    fn reset(&mut self, node: &Node) {
        /// Less than this for each nanosecond is taken for this: a byte a second, a billionth of a core.
        const LEAST: f64 = 1e-9;
        self.network.reset((node.network.0 as f64 / 1e9).max(LEAST), 0.0);
        self.disk.reset((node.disk.0 as f64 / 1e9).max(LEAST), 0.0);
        self.cores.reset(node.cores.max(LEAST), node.crowding);
        self.speed = node.speed;
        self.free_slots = node.max_parallelism.map(|slots| slots.max(1));
        self.queue.clear();
        self.ended.clear();
        self.load = 0.0;
    }

    fn pools(&mut self) -> [&mut Pool; 3] {
        [&mut self.network, &mut self.disk, &mut self.cores]
    }
}
