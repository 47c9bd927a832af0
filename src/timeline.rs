//! TIMELINE: a simulated build as bars in lanes, ready to be shown.
//!
//! Arranges what [`pricing`](crate::pricing) found for one node: which steps are shown, in which order and lane, and which
//! of them the end depends on. Knows no words, no pixels and no format.

use crate::analysis::NodeAnalysis;
use crate::graph::vertex::VertexKind;
use crate::ids::{TargetSet, VertexIx};
use crate::pricing::Timing;
use crate::sim::{Machine, NodeIx, Quantiles, Span, TaskIx};
use crate::units::Nanos;

/// A simulated build.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The steps, by their start. Merges, and vertices that no instruction owns, are there if they take time.
    pub bars: Vec<Bar>,
    /// How many lanes hold all bars that take time.
    pub lanes: usize,
    /// When the last step is done, with the median of everything.
    pub makespan: Nanos,
    /// How long the build takes.
    pub total: Quantiles,
    /// When the target platforms are done; targets that are done at the same instant stand together. In time.
    pub finish: Vec<Finish>,
    /// How many cores are busy from when on, in time; ends with none.
    pub load: Vec<(Nanos, f64)>,
    /// How many cores there are.
    pub cores: f64,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// What runs.
    pub vertex: VertexIx,
    /// All its inputs were done.
    pub ready: Nanos,
    /// It had a slot: what BuildKit logs as its start.
    pub start: Nanos,
    /// It worked; before, it waited for a slot or a lock.
    pub begun: Nanos,
    /// It was done.
    pub finish: Nanos,
    /// Whether the end of the build depends on it.
    pub is_critical: bool,
    /// Its lane: bars of one lane do not overlap from start to finish. Zero for bars that take no time.
    pub lane: usize,
}

/// When some target platforms are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finish {
    /// The instant.
    pub at: Nanos,
    /// The targets.
    pub targets: TargetSet,
}

impl Bar {
    /// What BuildKit logs as the step's duration: with the wait for locks, without the wait for a slot.
    pub fn duration(&self) -> Nanos {
        self.finish - self.start
    }

    /// How long it waited although its inputs were done.
    pub fn wait(&self) -> Nanos {
        self.begun - self.ready
    }
}

impl Timeline {
    /// Arranges how `build` runs on `node` of `machine`.
    ///
    /// # Complexity
    /// O(|vertices| · log |vertices|) time, and lanes in addition.
    pub fn new(build: &NodeAnalysis, timing: &Timing, machine: &Machine, node: NodeIx) -> Self {
        let mut is_critical = vec![false; timing.trace.spans().len()];
        for step in timing.trace.critical_path() {
            is_critical[step.task.index()] = step.to > step.from;
        }
        let mut bars: Vec<Bar> = Vec::new();
        for (vertex, known) in build.graph.vertices() {
            let span = timing.trace.span(TaskIx(vertex.0));
            let is_own = !known.lines.is_empty() && known.kind() != VertexKind::Merge;
            if !is_own && span.finish == span.ready {
                continue;
            }
            bars.push(Bar {
                vertex,
                ready: span.ready,
                start: span.start,
                begun: span.begun,
                finish: span.finish,
                is_critical: is_critical[vertex.index()],
                lane: 0,
            });
        }
        bars.sort_by_key(|bar| (bar.start, bar.finish, bar.vertex));
        let lanes = assign_lanes(&mut bars);
        let load = timing.trace.loads().iter().filter(|load| load.node == node);
        Self {
            bars,
            lanes,
            makespan: timing.trace.makespan(),
            total: timing.total,
            finish: finishes(&timing.finish),
            load: load.map(|load| (load.at, load.cores)).collect(),
            cores: machine.node(node).cores,
        }
    }

    /// The last instant of interest.
    pub fn end(&self) -> Nanos {
        self.makespan.max(self.total.p90)
    }
}

/// Gives each bar the first lane that is free when it starts, and returns the number of lanes.
fn assign_lanes(bars: &mut [Bar]) -> usize {
    let mut free_from: Vec<Nanos> = Vec::new();
    for bar in bars.iter_mut().filter(|bar| bar.finish > bar.start) {
        let lane = free_from.iter().position(|free| *free <= bar.start);
        bar.lane = lane.unwrap_or(free_from.len());
        match lane {
            Some(lane) => free_from[lane] = bar.finish,
            None => free_from.push(bar.finish),
        }
    }
    free_from.len()
}

/// The targets by the instant at which they are done.
fn finishes(by_target: &[Nanos]) -> Vec<Finish> {
    let mut finishes: Vec<Finish> = Vec::new();
    let all = TargetSet::first(by_target.len());
    for (target, &at) in all.iter().zip(by_target) {
        let own = TargetSet::one(target);
        match finishes.iter_mut().find(|known| known.at == at) {
            Some(known) => known.targets = known.targets.union(own),
            None => finishes.push(Finish { at, targets: own }),
        }
    }
    finishes.sort_by_key(|finish| finish.at);
    finishes
}

/// The time each vertex takes and whether the end depends on it: what pictures of the graph say beside each step.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// By vertex.
    durations: Vec<Nanos>,
    /// The vertices that decide when the build ends, each with the one before it if that was its input.
    path: Vec<(VertexIx, Option<VertexIx>)>,
    makespan: Nanos,
}

impl Costs {
    /// The costs of a priced build.
    pub fn new(timing: &Timing) -> Self {
        let path = timing.trace.critical_path();
        let before = |cause| match cause {
            crate::sim::Cause::Input(task) => Some(vertex(task)),
            _ => None,
        };
        Self {
            durations: timing.trace.spans().iter().map(Span::duration).collect(),
            path: path.iter().map(|step| (vertex(step.task), before(step.cause))).collect(),
            makespan: timing.trace.makespan(),
        }
    }

    /// How long vertices take together.
    pub fn duration(&self, vertices: &[VertexIx]) -> Nanos {
        vertices.iter().map(|vertex| self.durations[vertex.index()]).sum()
    }

    /// The part of the build's time, from 0 on; steps that run side by side add up to more than 1.
    pub fn share(&self, duration: Nanos) -> f64 {
        if self.makespan == Nanos::ZERO { 0.0 } else { duration / self.makespan }
    }

    /// The vertices that decide when the build ends, each with the input that it waited for last, in order.
    pub fn critical_path(&self) -> &[(VertexIx, Option<VertexIx>)] {
        &self.path
    }
}

/// Task `n` is vertex `n`.
const fn vertex(task: TaskIx) -> VertexIx {
    VertexIx(task.0)
}
