//! SHARING: what the named builds of a daemon do once for several of them, what they repeat, why, and what aligning them would
//! save.
//!
//! A step is repeated where outputs of one platform need the same instruction as different vertices; what differs is followed
//! back to its cause, and the instructions that one cause repeats stand together. Knows no output format.

mod align;

use std::collections::BTreeMap;

use crate::analysis::{Analysis, Build, NodeAnalysis};
use crate::graph::BuildGraph;
use crate::graph::split::{self, Reason};
use crate::graph::vertex::VertexKind;
use crate::ids::{NodeIx, TargetIx, TargetSet, VertexIx};
use crate::pricing::Timing;
use crate::source::FileLine;
use crate::units::Nanos;

/// How many causes of repetition are priced, the first in the order of the files.
const MAX_ALIGNED: usize = 16;

/// What builds share and repeat on one daemon. Steps are commands and file operations; images and contexts do not count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sharing {
    /// The node.
    pub node: NodeIx,
    /// Steps that run.
    pub steps: usize,
    /// Steps that would run if each build had a daemon of its own.
    pub alone: usize,
    /// Steps that run once for several builds, those of most builds first.
    pub shared: Vec<VertexIx>,
    /// What is done again for other builds, by its cause.
    pub repeated: Vec<Repeated>,
    /// Stages that some builds build without the cache and others with it.
    pub uncertain: Vec<Uncertain>,
}

/// Instructions that run more than once for one platform, for one reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeated {
    /// The instructions, in the order of the files; at least one.
    pub places: Vec<FileLine>,
    /// What does the first of them, one vertex for each group.
    pub siblings: Vec<VertexIx>,
    /// The outputs that share the first of them, for all platforms.
    pub groups: Vec<TargetSet>,
    /// Why the groups part.
    pub reason: Reason,
    /// Steps that run, beyond one for each instruction and platform.
    pub more: usize,
    /// The core-time of these; zero where nothing was priced.
    pub core_time: Nanos,
    /// How much shorter the build of all targets would be if what differs were the same for all; `None` where that cannot be had
    /// by an argument or a context, or nothing was priced.
    pub saving: Option<Nanos>,
}

/// A stage that some builds build without the cache. Whether they share its steps with the others depends on which comes first:
/// BuildKit joins a step with one that ignores the cache only if that was there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncertain {
    /// The instruction that is first shared so.
    pub place: FileLine,
    /// The outputs whose builds ignore the cache.
    pub ignoring: TargetSet,
    /// The outputs of the others.
    pub others: TargetSet,
}

impl Sharing {
    /// What the builds of each daemon share; nothing for a daemon with a single build.
    ///
    /// # Complexity
    /// Linear in steps and their targets, and an analysis for each cause that is priced.
    pub fn of(build: &Build, analysis: &Analysis, timing: Option<&Timing<'_>>) -> Vec<Self> {
        let nodes = analysis.each_node();
        let several = nodes.filter(|(_, node)| node.graph.builds().len() > 1);
        several.map(|(at, node)| Self::on_node(build, at, node, timing)).collect()
    }

    fn on_node(build: &Build, at: NodeIx, node: &NodeAnalysis, timing: Option<&Timing<'_>>) -> Self {
        let graph = &node.graph;
        let mut sharing = Self { node: at, ..Self::default() };
        let mut builds_of = BTreeMap::new();
        for (index, vertex) in graph.vertices().filter(|(_, vertex)| is_step(vertex.kind())) {
            let builds = builds(graph, vertex.targets);
            sharing.steps += 1;
            sharing.alone += builds;
            if builds > 1 && !vertex.places.is_empty() {
                builds_of.insert(index, builds);
                sharing.shared.push(index);
            }
        }
        sharing.shared.sort_by_key(|index| {
            let place = graph.vertex(*index).places.first().copied();
            (std::cmp::Reverse(builds_of.get(index).copied()), place, *index)
        });
        sharing.repeated = repeated(graph);
        for repeated in &mut sharing.repeated {
            repeated.core_time = timing.map_or(Nanos::ZERO, |timing| extra(graph, repeated, timing, at));
        }
        if let Some(timing) = timing {
            for repeated in sharing.repeated.iter_mut().take(MAX_ALIGNED) {
                repeated.saving = align::saving(build, at, graph, repeated, timing);
            }
        }
        sharing.uncertain = uncertain(build, at, graph, &sharing.shared);
        sharing
    }
}

/// Whether a vertex does something in the build.
const fn is_step(kind: VertexKind) -> bool {
    matches!(kind, VertexKind::Exec | VertexKind::File)
}

/// How many builds some targets are of.
fn builds(graph: &BuildGraph, targets: TargetSet) -> usize {
    graph.builds().iter().filter(|build| !build.targets.intersection(targets).is_empty()).count()
}

/// An instruction that outputs of one platform need as different vertices: for each platform the vertices and who needs them.
type Variants = Vec<Vec<(Vec<VertexIx>, TargetSet)>>;

/// What is repeated, by its cause.
fn repeated(graph: &BuildGraph) -> Vec<Repeated> {
    let mut causes: Vec<Repeated> = Vec::new();
    for steps in graph.steps().chunk_by(|a, b| (a.stage, a.line) == (b.stage, b.line)) {
        let of = |target: TargetIx| -> Vec<VertexIx> {
            let own = steps.iter().filter(|step| step.targets.contains(target));
            own.map(|step| step.vertex).filter(|vertex| is_step(graph.vertex(*vertex).kind())).collect()
        };
        let needed = steps.iter().fold(TargetSet::EMPTY, |all, step| all.union(step.targets));
        if builds(graph, needed) < 2 {
            continue;
        }
        let variants = variants(graph, needed, of);
        let Some(first) = variants.first() else { continue };
        let place = graph.place(steps[0].stage, steps[0].line);
        let siblings: Vec<VertexIx> = differing(first);
        let reason = split::reason(graph, siblings.clone(), place);
        let more = variants.iter().map(|known| known.len() - 1).sum::<usize>();
        if let Some(cause) = causes.iter_mut().find(|known| is_same(&known.reason, &reason)) {
            cause.places.push(place);
            cause.more += more;
        } else {
            let (groups, saving) = (across(graph, &variants), None);
            let core_time = Nanos::ZERO;
            causes.push(Repeated { places: vec![place], siblings, groups, reason, more, core_time, saving });
        }
    }
    causes
}

/// Whether two reasons are one cause, met at different instructions.
fn is_same(one: &Reason, other: &Reason) -> bool {
    (&one.cause, one.place) == (&other.cause, other.place)
}

/// The variants of an instruction for each platform for which there is more than one.
fn variants(graph: &BuildGraph, needed: TargetSet, of: impl Fn(TargetIx) -> Vec<VertexIx>) -> Variants {
    let mut by_platform: BTreeMap<String, Vec<(Vec<VertexIx>, TargetSet)>> = BTreeMap::new();
    for target in needed.iter() {
        let Some(platform) = graph.targets().get(target.index()) else { continue };
        let known = by_platform.entry(platform.to_string()).or_default();
        let (vertices, own) = (of(target), TargetSet::one(target));
        match known.iter_mut().find(|(known, _)| *known == vertices) {
            Some((_, targets)) => *targets = targets.union(own),
            None => known.push((vertices, own)),
        }
    }
    by_platform.into_values().filter(|known| known.len() > 1).collect()
}

/// The first vertex of each variant that not all have.
fn differing(variants: &[(Vec<VertexIx>, TargetSet)]) -> Vec<VertexIx> {
    let is_everywhere = |vertex: &VertexIx| variants.iter().all(|(other, _)| other.contains(vertex));
    let own = |vertices: &Vec<VertexIx>| vertices.iter().copied().find(|vertex| !is_everywhere(vertex));
    variants.iter().filter_map(|(vertices, _)| own(vertices)).collect()
}

/// The groups of the first platform, each with what its builds need for the other platforms.
fn across(graph: &BuildGraph, variants: &Variants) -> Vec<TargetSet> {
    let whole = |targets: TargetSet| {
        let own = graph.builds().iter().filter(|build| !build.targets.intersection(targets).is_empty());
        own.fold(TargetSet::EMPTY, |all, build| all.union(build.targets))
    };
    variants.first().map_or_else(Vec::new, |first| first.iter().map(|(_, targets)| whole(*targets)).collect())
}

/// The core-time of what runs again.
fn extra(graph: &BuildGraph, repeated: &Repeated, timing: &Timing<'_>, node: NodeIx) -> Nanos {
    let mut all = Nanos::ZERO;
    for place in &repeated.places {
        let Some(stage) = graph.stage_at(*place) else { continue };
        let steps: Vec<_> = graph.stage_steps(stage).iter().filter(|step| step.line == place.line).collect();
        let needed = steps.iter().fold(TargetSet::EMPTY, |all, step| all.union(step.targets));
        let variants = variants(graph, needed, |target| {
            let own = steps.iter().filter(|step| step.targets.contains(target));
            own.map(|step| step.vertex).filter(|vertex| is_step(graph.vertex(*vertex).kind())).collect()
        });
        for known in &variants {
            let cost = |vertices: &Vec<VertexIx>| -> Nanos {
                vertices.iter().map(|vertex| timing.core_time(timing.task(node, *vertex))).sum()
            };
            let costs: Vec<Nanos> = known.iter().map(|(vertices, _)| cost(vertices)).collect();
            let most = costs.iter().copied().max().unwrap_or_default();
            all += costs.into_iter().sum::<Nanos>() - most;
        }
    }
    all
}

/// Where builds that ignore the cache share a step with builds that do not: the first such step of each stage.
fn uncertain(build: &Build, node: NodeIx, graph: &BuildGraph, shared: &[VertexIx]) -> Vec<Uncertain> {
    let Some(requested) = build.nodes().get(node.index()) else { return Vec::new() };
    if requested.builds.iter().all(|build| build.inputs.no_cache.is_none()) {
        return Vec::new();
    }
    let mut found: BTreeMap<FileLine, Uncertain> = BTreeMap::new();
    for vertex in shared.iter().map(|index| graph.vertex(*index)) {
        let (Some(&place), Some(stage)) = (vertex.places.first(), vertex.stages.first()) else { continue };
        let stage = &graph.stages()[stage.index()];
        let ignores = requested.builds.iter().zip(graph.builds()).filter(|(asked, _)| {
            asked.inputs.no_cache.as_ref().is_some_and(|stages| stages.holds(stage.name.as_deref()))
        });
        let all = ignores.fold(TargetSet::EMPTY, |all, (_, own)| all.union(own.targets));
        let (ignoring, others) = (vertex.targets.intersection(all), vertex.targets.without(all));
        if !ignoring.is_empty() && !others.is_empty() {
            let from = FileLine { file: stage.file, line: stage.line };
            let own = found.entry(from).or_insert(Uncertain { place, ignoring, others });
            own.place = own.place.min(place);
        }
    }
    found.into_values().collect()
}
