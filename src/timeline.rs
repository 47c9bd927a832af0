//! TIMELINE: a simulated build as bars in lanes, and as costs of steps, ready to be shown.
//!
//! Arranges what [`pricing`](crate::pricing) found: which steps are shown, in which order and lane, and which of them the end
//! depends on. Knows no words, no pixels and no format.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::analysis::Analysis;
use crate::graph::vertex::VertexKind;
use crate::ids::{NodeIx, VertexIx};
use crate::pricing::Timing;
use crate::sim::{Cause, MachineNodeIx, Quantiles, TaskIx};
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
    /// When the last step of each target platform is done, in the order of the nodes and their targets.
    pub finish: Vec<Nanos>,
    /// How long the build takes.
    pub total: Quantiles,
    /// How many cores the steps keep busy from when on, in time, on all nodes together; ends with none.
    pub load: Vec<(Nanos, f64)>,
    /// How many cores the nodes have that build.
    pub cores: f64,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Where it runs, by the place in the analysis.
    pub node: NodeIx,
    /// What runs.
    pub vertex: VertexIx,
    /// When.
    pub time: Stretch,
}

/// The time of a step, as a chart shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
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
    /// Whether its result is in the cache, so that it takes no time.
    pub is_cached: bool,
    /// Its lane: bars of one lane do not overlap from start to finish. Zero for bars that take no time.
    pub lane: usize,
}

impl Stretch {
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
    /// Arranges how a build runs.
    ///
    /// # Complexity
    /// O(|vertices| · log |vertices|) time, and lanes in addition.
    pub fn new(analysis: &Analysis, timing: &Timing<'_>) -> Self {
        let mut is_critical = vec![false; timing.trace.spans().len()];
        for step in timing.trace.critical_path() {
            is_critical[step.task.index()] = step.to > step.from;
        }
        let mut bars: Vec<Bar> = Vec::new();
        for (node, part) in analysis.each_node() {
            for (vertex, known) in part.graph.vertices() {
                let task = timing.task(node, vertex);
                let span = timing.trace.span(task);
                let is_own = !known.places.is_empty() && known.kind() != VertexKind::Merge;
                if !is_own && span.finish == span.ready {
                    continue;
                }
                bars.push(Bar {
                    node,
                    vertex,
                    time: Stretch {
                        ready: span.ready,
                        start: span.start,
                        begun: span.begun,
                        finish: span.finish,
                        is_critical: is_critical[task.index()],
                        is_cached: !timing.runs(task),
                        lane: 0,
                    },
                });
            }
        }
        bars.sort_by_key(|bar| (bar.time.start, bar.time.finish, bar.node, bar.vertex));
        let lanes = assign_lanes(&mut bars);
        Self {
            bars,
            lanes,
            makespan: timing.trace.makespan(),
            finish: finish(analysis, timing),
            total: timing.total,
            load: load(timing),
            cores: cores(timing),
        }
    }

    /// The last instant of interest.
    pub fn end(&self) -> Nanos {
        self.makespan.max(self.total.p90)
    }
}

/// Gives each bar that takes time the first lane that is free when it starts, and returns the number of lanes.
fn assign_lanes(bars: &mut [Bar]) -> usize {
    let spans: Vec<(Nanos, Nanos)> = bars.iter().map(|bar| (bar.time.start, bar.time.finish)).collect();
    let (lanes, count) = lanes(&spans);
    for (bar, lane) in bars.iter_mut().zip(lanes) {
        bar.time.lane = lane;
    }
    count
}

/// The first lane that is free for each span of time, in the order of their starts, and the number of lanes. Spans of no
/// length take the first, and leave it free.
///
/// # Complexity
/// O(spans · log spans).
pub(crate) fn lanes(spans: &[(Nanos, Nanos)]) -> (Vec<usize>, usize) {
    let mut free: BinaryHeap<Reverse<usize>> = BinaryHeap::new();
    let mut taken: BinaryHeap<Reverse<(Nanos, usize)>> = BinaryHeap::new();
    let mut count = 0;
    let mut of = Vec::with_capacity(spans.len());
    for &(start, end) in spans {
        while let Some(&Reverse((until, lane))) = taken.peek()
            && until <= start
        {
            taken.pop();
            free.push(Reverse(lane));
        }
        if end <= start {
            of.push(0);
            continue;
        }
        let lane = free.pop().map_or(count, |Reverse(lane)| lane);
        count = count.max(lane + 1);
        taken.push(Reverse((end, lane)));
        of.push(lane);
    }
    (of, count)
}

/// When the last step of each target platform is done.
fn finish(analysis: &Analysis, timing: &Timing<'_>) -> Vec<Nanos> {
    let mut finish = Vec::new();
    for (node, part) in analysis.each_node() {
        let first = finish.len();
        finish.resize(first + part.graph.targets().len(), Nanos::ZERO);
        for (vertex, known) in part.graph.vertices() {
            let done = timing.trace.span(timing.task(node, vertex)).finish;
            for target in known.targets.iter() {
                let end: &mut Nanos = &mut finish[first + target.index()];
                *end = done.max(*end);
            }
        }
    }
    finish
}

/// The cores of the nodes that have anything to do.
pub(crate) fn cores(timing: &Timing<'_>) -> f64 {
    let mut nodes: Vec<_> = timing.plan.tasks().iter().map(|task| task.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    if nodes.is_empty() {
        nodes.push(MachineNodeIx(0));
    }
    nodes.into_iter().map(|node| timing.terms.machine.node(node).cores).sum()
}

/// The busy cores of all nodes together.
fn load(timing: &Timing<'_>) -> Vec<(Nanos, f64)> {
    let mut busy = vec![0.0; timing.plan.limits().nodes];
    let mut load: Vec<(Nanos, f64)> = Vec::new();
    for note in timing.trace.loads() {
        busy[note.node.index()] = note.cores;
        let all = busy.iter().sum();
        match load.last_mut() {
            Some((at, cores)) if *at == note.at => *cores = all,
            _ => load.push((note.at, all)),
        }
    }
    load
}

/// What each step costs and whether the end of the build depends on it: what pictures of the graph say beside each step.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// By vertex; `None` for those in the cache.
    durations: Vec<Option<Nanos>>,
    path: Vec<PathVertex>,
    makespan: Nanos,
    /// How long the build takes, that of all nodes.
    pub total: Quantiles,
}

/// A vertex that decides when the build ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathVertex {
    /// Which.
    pub vertex: VertexIx,
    /// The input it waited for last, if it was that what it waited for.
    pub input: Option<VertexIx>,
}

impl Costs {
    /// The costs on one node, by its place in the analysis.
    pub fn new(analysis: &Analysis, timing: &Timing<'_>, node: NodeIx) -> Self {
        let vertices = analysis.nodes.get(node.index()).into_iter().flat_map(|part| part.graph.vertices());
        let own = |task: TaskIx| Some(timing.vertex(task)).filter(|(at, _)| *at == node).map(|(_, at)| at);
        let path = timing.trace.critical_path();
        let path = path.iter().filter_map(|step| {
            let input = match step.cause {
                Cause::Input(task) => own(task),
                _ => None,
            };
            own(step.task).map(|vertex| PathVertex { vertex, input })
        });
        Self {
            durations: vertices
                .map(|(vertex, _)| timing.task(node, vertex))
                .map(|task| timing.runs(task).then(|| timing.trace.span(task).duration()))
                .collect(),
            path: path.collect(),
            makespan: timing.trace.makespan(),
            total: timing.total,
        }
    }

    /// How long vertices take together.
    pub fn duration(&self, vertices: &[VertexIx]) -> Nanos {
        vertices.iter().filter_map(|vertex| self.durations[vertex.index()]).sum()
    }

    /// Whether the results of vertices are all in the cache.
    pub fn is_cached(&self, vertices: &[VertexIx]) -> bool {
        vertices.iter().all(|vertex| self.durations[vertex.index()].is_none())
    }

    /// A part of the build's time; what runs side by side adds up to more than 1.
    pub fn share(&self, duration: Nanos) -> f64 {
        if self.makespan == Nanos::ZERO { 0.0 } else { duration / self.makespan }
    }

    /// The vertices that decide when the build ends, in order.
    pub fn critical_path(&self) -> &[PathVertex] {
        &self.path
    }
}
