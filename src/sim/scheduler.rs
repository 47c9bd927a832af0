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
//! once. A [`Simulator`] keeps its tables from run to run: a second run of the same plan allocates nothing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::units::Nanos;
use crate::work::Work;

use super::machine::{Machine, Node};
use super::plan::{LockIx, NodeIx, Plan, Slot, TaskIx};
use super::pool::Pool;
use super::trace::{Cause, Load, Span, Trace};

/// Runs plans. Holds nothing but reusable memory between runs.
#[derive(Debug, Default)]
pub struct Simulator {
    now: u64,
    states: Vec<State>,
    spans: Vec<Span>,
    nodes: Vec<NodeState>,
    /// Whether any node has few slots.
    is_limited: bool,
    locks: Vec<Lock>,
    /// Instants at which a task's release or latency ends.
    alarms: BinaryHeap<Reverse<(u64, TaskIx)>>,
    /// Tasks whose phase ended at the present instant, and how many of them were handled.
    due: Vec<TaskIx>,
    handled: usize,
    works: Vec<Work>,
    /// How many cores are busy from when on, where that is asked for.
    loads: Option<Vec<Load>>,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy)]
struct State {
    missing_inputs: u32,
    held_locks: u32,
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
    /// `None` where nothing limits them.
    free_slots: Option<u32>,
    /// Tasks that want a slot, by when they asked for it.
    queue: BinaryHeap<Reverse<(u64, TaskIx)>>,
    /// Tasks that gave up a slot while others waited; the latest last.
    ended: Vec<TaskIx>,
    /// The load noted last.
    load: f64,
}

#[derive(Debug, Default)]
struct Lock {
    holder: Option<TaskIx>,
    queue: VecDeque<TaskIx>,
}

impl Simulator {
    /// A simulator with empty tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `plan` on `machine`.
    pub fn run(&mut self, plan: &Plan, machine: &Machine) -> Trace {
        let mut works = std::mem::take(&mut self.works);
        works.clear();
        works.extend(plan.tasks().iter().map(|task| task.work));
        self.loads = Some(Vec::new());
        self.simulate(plan, machine, &works, &[]);
        self.works = works;
        Trace::new(self.spans.clone(), self.loads.take().unwrap_or_default())
    }

    /// How long `plan` takes if its tasks have other `works`, one for each task.
    ///
    /// Where slots are few, a task queues for one as if it had been ready later by its entry in `lag`; it loses no time by
    /// that otherwise. Missing entries are zero.
    pub fn makespan(&mut self, plan: &Plan, machine: &Machine, works: &[Work], lag: &[Nanos]) -> Nanos {
        self.simulate(plan, machine, works, lag);
        self.spans.iter().map(|span| span.finish).max().unwrap_or_default()
    }

    /// The spans of the last run, in the order of the plan.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    fn simulate(&mut self, plan: &Plan, machine: &Machine, works: &[Work], lag: &[Nanos]) {
        debug_assert_eq!(plan.tasks().len(), works.len(), "one work for each task");
        self.reset(plan, machine);
        let mut run = Run { plan, machine, works, lag, sim: self };
        for task in plan.indices().filter(|&task| plan.task(task).inputs.is_empty()) {
            run.ready(task, Cause::Start);
        }
        loop {
            run.settle();
            let next = run.next_event();
            if next == u64::MAX {
                break;
            }
            run.sim.now = next;
            run.collect_due();
        }
    }

    fn reset(&mut self, plan: &Plan, machine: &Machine) {
        self.now = 0;
        self.alarms.clear();
        self.due.clear();
        self.handled = 0;
        self.states.clear();
        self.states.extend(plan.tasks().iter().map(|task| State {
            missing_inputs: task.inputs.len() as u32,
            held_locks: 0,
            phase: Phase::Waiting,
        }));
        self.spans.clear();
        self.spans.resize(plan.tasks().len(), Span::default());
        self.nodes.resize_with(plan.limits().nodes, NodeState::default);
        for (at, state) in self.nodes.iter_mut().enumerate() {
            state.reset(machine.node(NodeIx::new(at)));
        }
        self.is_limited = self.nodes.iter().any(|node| node.free_slots.is_some());
        self.locks.resize_with(plan.limits().locks, Lock::default);
        for lock in &mut self.locks {
            lock.holder = None;
            lock.queue.clear();
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
        self.free_slots = node.max_parallelism.map(|slots| slots.max(1));
        self.queue.clear();
        self.ended.clear();
        self.load = 0.0;
    }

    fn pools(&mut self) -> [&mut Pool; 3] {
        [&mut self.network, &mut self.disk, &mut self.cores]
    }
}

/// One run under way.
struct Run<'a> {
    plan: &'a Plan,
    machine: &'a Machine,
    works: &'a [Work],
    lag: &'a [Nanos],
    sim: &'a mut Simulator,
}

impl Run<'_> {
    /// Handles everything that happens at the present instant.
    fn settle(&mut self) {
        loop {
            while let Some(&task) = self.sim.due.get(self.sim.handled) {
                self.sim.handled += 1;
                if self.sim.states[task.index()].phase == Phase::Waiting {
                    self.admit(task);
                } else {
                    self.advance(task);
                }
            }
            if !(self.sim.is_limited && self.hand_out_slots()) {
                break;
            }
        }
        self.sim.due.clear();
        self.sim.handled = 0;
    }

    /// Notes for each node whose busy cores changed how many there are now.
    fn note_loads(&mut self) {
        let Some(loads) = &mut self.sim.loads else { return };
        for (at, node) in self.sim.nodes.iter_mut().enumerate() {
            let cores = node.cores.used();
            if cores.to_bits() != node.load.to_bits() {
                node.load = cores;
                loads.push(Load { at: Nanos(self.sim.now), node: NodeIx::new(at), cores });
            }
        }
    }

    /// Shares what each node has among its tasks, and tells when something happens next; `u64::MAX` for never.
    fn next_event(&mut self) -> u64 {
        let mut next = self.sim.alarms.peek().map_or(u64::MAX, |&Reverse((at, _))| at);
        for node in &mut self.sim.nodes {
            for pool in node.pools() {
                next = next.min(pool.share());
            }
        }
        self.note_loads();
        next
    }

    fn collect_due(&mut self) {
        let now = self.sim.now;
        while let Some(&Reverse((at, task))) = self.sim.alarms.peek() {
            if at > now {
                break;
            }
            self.sim.alarms.pop();
            self.sim.due.push(task);
        }
        for node in &mut self.sim.nodes {
            for pool in node.pools() {
                pool.take_done(now, &mut self.sim.due);
            }
        }
        if self.sim.due.len() > 1 {
            self.sim.due.sort_unstable();
        }
    }

    /// All inputs are there.
    fn ready(&mut self, task: TaskIx, cause: Cause) {
        let now = self.sim.now;
        let span = &mut self.sim.spans[task.index()];
        let release = self.plan.task(task).release.0;
        if release > now {
            span.ready = Nanos(release);
            span.cause = Cause::Release;
            self.sim.alarms.push(Reverse((release, task)));
        } else {
            span.ready = Nanos(now);
            span.cause = cause;
            self.admit(task);
        }
    }

    /// Starts the task, or queues it for a slot.
    fn admit(&mut self, task: TaskIx) {
        let wanted = self.plan.task(task);
        let node = &mut self.sim.nodes[wanted.node.index()];
        if wanted.slot == Slot::Takes && node.free_slots.is_some() {
            let lag = self.lag.get(task.index()).map_or(0, |lag| lag.0);
            node.queue.push(Reverse((self.sim.now.saturating_add(lag), task)));
        } else {
            self.start(task);
        }
    }

    /// Gives free slots to who asked first. Tells whether any task got one.
    fn hand_out_slots(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.sim.nodes.len() {
            loop {
                let node = &mut self.sim.nodes[at];
                let Some(free @ 1..) = &mut node.free_slots else { break };
                let Some(Reverse((_, task))) = node.queue.pop() else { break };
                *free -= 1;
                if self.sim.spans[task.index()].ready.0 < self.sim.now
                    && let Some(before) = node.ended.pop()
                {
                    self.sim.spans[task.index()].cause = Cause::Slot(before);
                }
                self.start(task);
                any = true;
            }
        }
        any
    }

    fn start(&mut self, task: TaskIx) {
        self.sim.spans[task.index()].start = Nanos(self.sim.now);
        self.acquire(task);
    }

    /// Takes the task's locks one by one in the order of their index, so that no two tasks wait for each other.
    fn acquire(&mut self, task: TaskIx) {
        let state = &mut self.sim.states[task.index()];
        for &lock in &self.plan.task(task).locks[state.held_locks as usize..] {
            let lock = &mut self.sim.locks[lock.index()];
            if lock.holder.is_some() {
                lock.queue.push_back(task);
                return;
            }
            lock.holder = Some(task);
            state.held_locks += 1;
        }
        state.phase = Phase::Begun;
        self.sim.spans[task.index()].begun = Nanos(self.sim.now);
        self.sim.due.push(task);
    }

    /// Moves the task to its next phase that has any work, or ends it.
    fn advance(&mut self, task: TaskIx) {
        let work = &self.works[task.index()];
        let now = self.sim.now;
        let node = &mut self.sim.nodes[self.plan.task(task).node.index()];
        let state = &mut self.sim.states[task.index()];
        if state.phase == Phase::Begun {
            state.phase = Phase::Latency;
            if work.latency > Nanos::ZERO {
                if work.daemon > 0.0 {
                    node.cores.reserve(now, work.daemon);
                }
                self.sim.alarms.push(Reverse((now.saturating_add(work.latency.0), task)));
                return;
            }
        }
        if state.phase == Phase::Latency {
            state.phase = Phase::Network;
            if work.daemon > 0.0 && work.latency > Nanos::ZERO {
                node.cores.reserve(now, -work.daemon);
            }
            if work.network.0 > 0 {
                node.network.insert(now, task, work.network.0 as f64, f64::INFINITY);
                return;
            }
        }
        if state.phase == Phase::Network {
            state.phase = Phase::Disk;
            if work.disk.0 > 0 {
                node.disk.insert(now, task, work.disk.0 as f64, f64::INFINITY);
                return;
            }
        }
        if state.phase == Phase::Disk {
            state.phase = Phase::Cores;
            if work.cpu > Nanos::ZERO {
                let speed = self.machine.node(self.plan.task(task).node).speed;
                node.cores.insert(now, task, work.cpu.0 as f64 * work.slowdown / speed, work.cores);
                return;
            }
        }
        self.finish(task);
    }

    /// Ends the task and lets in who waited for its locks, its result and its slot, in this order.
    fn finish(&mut self, task: TaskIx) {
        self.sim.spans[task.index()].finish = Nanos(self.sim.now);
        let ended = self.plan.task(task);
        for &lock in &ended.locks {
            self.release(lock, task);
        }
        if ended.slot == Slot::Takes {
            let node = &mut self.sim.nodes[ended.node.index()];
            if let Some(free) = &mut node.free_slots {
                *free += 1;
                if !node.queue.is_empty() {
                    node.ended.push(task);
                }
            }
        }
        for &dependent in self.plan.dependents(task) {
            let missing = &mut self.sim.states[dependent.index()].missing_inputs;
            *missing -= 1;
            if *missing == 0 {
                self.ready(dependent, Cause::Input(task));
            }
        }
    }

    fn release(&mut self, lock: LockIx, by: TaskIx) {
        let state = &mut self.sim.locks[lock.index()];
        state.holder = state.queue.pop_front();
        if let Some(next) = state.holder {
            self.sim.spans[next.index()].cause = Cause::Lock(by);
            self.sim.states[next.index()].held_locks += 1;
            self.acquire(next);
        }
    }
}
