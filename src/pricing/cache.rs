//! What a build cache changes: which steps run again, and why.

use super::reads::reads;
use super::{Terms, plan};
use crate::analysis::{Analysis, NodeAnalysis};
use crate::context::Context;
use crate::graph::query::contexts;
use crate::graph::vertex::{Op, Source};
use crate::ids::VertexIx;
use crate::model::path::clean;
use crate::model::platform::Platform;
use crate::sim::{Plan, Scenario, TaskIx};

/// What is left of an earlier build of the same file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cache {
    /// Everything, except what a change touches.
    pub is_warm: bool,
    /// What these platforms need, if not everything is.
    pub platforms: Vec<Platform>,
    /// Files and folders of the context that have changed since.
    pub changed: Vec<String>,
    /// Whether cache mounts hold what earlier runs left in them.
    pub mounts_are_full: bool,
    /// What was kept, where it is not on the machine but was exported.
    pub exported: Option<Exported>,
}

/// What an exported cache keeps, by its `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exported {
    /// Results whose layers are in an image that is built.
    Min,
    /// All results.
    Max,
}

impl Cache {
    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        !self.is_warm && self.platforms.is_empty()
    }

    fn holds(&self, build: &NodeAnalysis, vertex: VertexIx) -> bool {
        let targets = build.graph.targets();
        let mut own =
            build.graph.vertex(vertex).targets.iter().map(|target| targets[target.index()].normalized());
        self.is_warm || own.any(|target| self.platforms.iter().any(|cached| cached.normalized() == target))
    }
}

/// Why a step runs although there is a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It reads this change, by its place in [`Reruns::changes`].
    Changed(usize),
    /// This input of it runs.
    Input(TaskIx),
    /// The cache does not hold it.
    NotCached,
    /// It has not changed, but a step that runs needs its result, which was not kept.
    Needed,
    /// It always runs, without changing what depends on it: the context is sent each time.
    Always,
}

/// What runs with a cache.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reruns {
    /// Why each task runs; `None` for those whose result is in the cache.
    pub why: Vec<Option<Why>>,
    /// What became of each change.
    pub changes: Vec<Change>,
}

/// What a change touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file or folder.
    pub path: String,
    /// Whether `.dockerignore` keeps it from the build.
    pub is_ignored: bool,
    /// The steps that read it.
    pub readers: Vec<TaskIx>,
}

/// What runs; `None` with an empty cache, where everything does.
pub(super) fn reruns(analysis: &Analysis, terms: &Terms, plan: &Plan) -> Option<Reruns> {
    let cache = &terms.cache;
    if cache.is_empty() {
        return None;
    }
    let changes = cache.changed.iter().map(|path| change(path, terms)).collect();
    let mut reruns = Reruns { why: vec![None; plan.tasks().len()], changes };
    for (build, first) in analysis.nodes.iter().zip(plan::firsts(analysis)) {
        let senders: Vec<VertexIx> = contexts(&build.graph).collect();
        for (at, vertex) in build.graph.vertices() {
            let task = TaskIx(first + at.0);
            let why = &mut reruns.why[task.index()];
            let reads = reads(build, &senders, &vertex.op);
            for (place, change) in
                reruns.changes.iter_mut().enumerate().filter(|(_, change)| !change.is_ignored)
            {
                if reads.iter().any(|(_, selection)| selection.meets(&change.path)) {
                    change.readers.push(task);
                    why.get_or_insert(Why::Changed(place));
                }
            }
            if !cache.holds(build, at) {
                *why = Some(Why::NotCached);
            }
        }
    }
    for &task in plan.order() {
        let input = plan.task(task).inputs.iter().copied().find(|input| reruns.why[input.index()].is_some());
        if let (None, Some(input)) = (reruns.why[task.index()], input) {
            reruns.why[task.index()] = Some(Why::Input(input));
        }
    }
    if let Some(exported) = cache.exported {
        for (build, first) in analysis.nodes.iter().zip(plan::firsts(analysis)) {
            fetch(build, first, exported, &mut reruns.why);
        }
    }
    for task in always(analysis) {
        reruns.why[task.index()].get_or_insert(Why::Always);
    }
    Some(reruns)
}

/// Marks what has to run because a step that runs needs a result that an exported cache does not keep. Images below the
/// results that are fetched are pulled.
fn fetch(build: &NodeAnalysis, first: u32, exported: Exported, why: &mut [Option<Why>]) {
    let graph = &build.graph;
    let is_layer = match exported {
        Exported::Max => vec![true; graph.len()],
        Exported::Min => layers_of_images(build),
    };
    let mut is_fetched = vec![false; graph.len()];
    let vertices: Vec<_> = graph.vertices().collect();
    for &(at, vertex) in vertices.iter().rev() {
        let task = TaskIx(first + at.0).index();
        if why[task].is_none() && is_fetched[at.index()] {
            let is_kept = is_layer[at.index()] && !matches!(vertex.op, Op::Source(_));
            if is_kept {
                layers(&vertex.op, |below| is_fetched[below.index()] = true);
            } else {
                why[task] = Some(Why::Needed);
            }
        }
        if why[task].is_some() {
            vertex.op.inputs(|input, _| is_fetched[input.index()] = true);
        }
    }
}

/// For each vertex, whether its layer is in an image that is built: what a cache of [`Exported::Min`] keeps.
pub fn layers_of_images(build: &NodeAnalysis) -> Vec<bool> {
    let graph = &build.graph;
    let mut is_layer = vec![false; graph.len()];
    for target in graph.all_targets().iter() {
        if let Some(last) = graph.final_vertex(target) {
            is_layer[last.index()] = true;
        }
    }
    let vertices: Vec<_> = graph.vertices().collect();
    for &(at, vertex) in vertices.iter().rev() {
        if is_layer[at.index()] {
            layers(&vertex.op, |below| is_layer[below.index()] = true);
        }
    }
    is_layer
}

/// The vertices whose layers are below the one that an operation makes.
fn layers(op: &Op, mut each: impl FnMut(VertexIx)) {
    match op {
        Op::Source(_) => {}
        Op::Exec(exec) => exec.root.into_iter().for_each(each),
        Op::File(file) => file.base.into_iter().for_each(each),
        Op::Merge { lower, upper } => {
            each(*lower);
            each(*upper);
        }
    }
}

/// The plan as it is with what the cache holds.
pub(super) fn apply(analysis: &Analysis, plan: &Plan, reruns: &Reruns) -> Plan {
    let changed = |(at, why): (usize, &Option<Why>)| {
        matches!(why, Some(Why::Changed(_) | Why::NotCached)).then(|| TaskIx::new(at))
    };
    let changed = reruns.why.iter().enumerate().filter_map(changed).collect();
    let needed = reruns.why.iter().enumerate().filter(|(_, why)| **why == Some(Why::Needed));
    let always = always(analysis).into_iter().chain(needed.map(|(at, _)| TaskIx::new(at))).collect();
    Scenario::Warm { changed, always }.apply(plan)
}

/// Folders that are sent to the build whatever the cache holds.
fn always(analysis: &Analysis) -> Vec<TaskIx> {
    let vertices = analysis.nodes.iter().flat_map(|node| node.graph.vertices());
    let sent =
        vertices.enumerate().filter(|(_, (_, vertex))| matches!(vertex.op, Op::Source(Source::Local(_))));
    sent.map(|(at, _)| TaskIx::new(at)).collect()
}

fn change(path: &str, terms: &Terms) -> Change {
    let path = clean(path).trim_matches('/').to_owned();
    let path = if path == "." { String::new() } else { path };
    let outside = path == ".." || path.starts_with("../");
    // Of a folder that is left out, exceptions may still be there.
    let is_ignored = outside || {
        let leaves_out = |context: &Context| context.ignore.matches(&path) && !context.files.has(&path);
        let mut known = terms.contexts.iter().peekable();
        !path.is_empty() && known.peek().is_some() && known.all(leaves_out)
    };
    Change { path, is_ignored, readers: Vec::new() }
}
