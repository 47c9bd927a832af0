//! Where the files of an image come from: the vertex behind each path that a copy puts into it.
//!
//! Follows copies by path. A command is taken for the origin of a path that its text names, or that lies in the
//! folder it works in; otherwise the search goes on below it.

use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashSet};
use smallvec::SmallVec;

use crate::advice::facts::context::Context;
use crate::advice::facts::made;
use crate::budget::{Part, spend};
use crate::graph::BuildGraph;
use crate::graph::layers::copies;
pub(in crate::advice) use crate::graph::layers::{bases, copies_of};
use crate::graph::vertex::{Backing, CopyAction, Op, Source};
use crate::ids::{TargetIx, TargetSet, VertexIx};
use crate::model::path::{base, clean, join};
pub(in crate::advice) use crate::model::path::{is_below, is_system};
use crate::model::platform::Platform;
use crate::source::Line;
use crate::symbols::Symbol;

/// Files that a copy puts into an image.
#[derive(Debug, Clone)]
pub(in crate::advice) struct Arrival {
    /// The instruction that copies them.
    pub(in crate::advice) line: Line,
    /// Whose files.
    pub(in crate::advice) source: VertexIx,
    /// Which path there.
    pub(in crate::advice) path: String,
    /// The images they come into.
    pub(in crate::advice) targets: TargetSet,
}

/// What copies put into the images that are sound otherwise, each place once.
pub(in crate::advice) fn arrivals(context: &Context<'_>) -> Vec<Arrival> {
    let graph = &context.node.graph;
    let mut found = Arrivals::default();
    for target in context.sound_targets().iter() {
        let Some(last) = graph.final_vertex(target) else { continue };
        for vertex in bases(graph, last) {
            for (source, path) in taken_from_mounts(context, vertex) {
                let Some(line) = graph.vertex(vertex).line() else { continue };
                found.add(Arrival { line, source, path, targets: TargetSet::one(target) });
            }
            let copier = match &graph.vertex(vertex).op {
                Op::Merge { upper, .. } => *upper,
                _ => vertex,
            };
            for copy in copies(graph, copier) {
                let (Some(source), Some(line)) = (copy.source, graph.vertex(copier).line()) else {
                    continue;
                };
                let path = clean(graph.text(copy.from)).into_owned();
                found.add(Arrival { line, source, path, targets: TargetSet::one(target) });
            }
        }
    }
    found.all
}

/// Arrivals in the order in which they were found, each place once.
#[derive(Default)]
struct Arrivals {
    all: Vec<Arrival>,
    places: HashMap<(VertexIx, Line, String), usize>,
}

impl Arrivals {
    fn add(&mut self, new: Arrival) {
        match self.places.entry((new.source, new.line, new.path.clone())) {
            Entry::Occupied(known) => {
                let known = &mut self.all[*known.get()];
                known.targets = known.targets.union(new.targets);
            }
            Entry::Vacant(place) => {
                place.insert(self.all.len());
                self.all.push(new);
            }
        }
    }
}

/// What a command takes out of the stages and images that are mounted into it: whose files, and which path there.
fn taken_from_mounts(context: &Context<'_>, vertex: VertexIx) -> Vec<(VertexIx, String)> {
    let graph = &context.node.graph;
    let Op::Exec(exec) = &graph.vertex(vertex).op else { return Vec::new() };
    let mounts: Vec<(String, VertexIx, String)> = exec
        .mounts
        .iter()
        .filter(|mount| mount.backing == Backing::Input)
        .filter_map(|mount| {
            let source = mount.input?;
            let is_local = matches!(graph.vertex(source).op, Op::Source(Source::Local(_)));
            let folder = clean(&format!("/{}", graph.text(mount.selector))).into_owned();
            (!is_local).then(|| (clean(graph.text(mount.target)).into_owned(), source, folder))
        })
        .collect();
    if mounts.is_empty() {
        return Vec::new();
    }
    let Some(sight) = context.sight(vertex) else { return Vec::new() };
    let mut taken = Vec::new();
    for call in &sight.outcome.calls {
        let mut words: Vec<&str> = made::plain(call).collect();
        match call.program() {
            "cp" | "install" | "mv" | "rsync" => drop(words.pop()),
            // What they install is named by where it lies.
            "pip" | "pip3" | "uv" | "dpkg" | "apt" | "apt-get" | "rpm" | "dnf" | "apk" | "npm" | "tar"
            | "unzip" => {
                words.retain(|word| word.contains('/'));
            }
            _ => continue,
        }
        let paths = words.iter().filter_map(|word| made::path_of(call, word));
        for path in paths {
            let mount = mounts.iter().find(|(target, ..)| is_below(&path, target));
            let Some((target, source, folder)) = mount else { continue };
            let inner = format!("{folder}{}", &path[target.trim_end_matches('/').len()..]);
            taken.push((*source, clean(&inner).into_owned()));
        }
    }
    taken
}

/// Whether another image or stage was laid over the whole file system of a vertex: its programs may stand in the place of `go`
/// and others, as those of tonistiigi/xx do.
pub(in crate::advice) fn is_overlaid(graph: &BuildGraph, vertex: VertexIx) -> bool {
    bases(graph, vertex).any(|at| {
        let copier = if let Op::Merge { upper, .. } = &graph.vertex(at).op { *upper } else { at };
        let foreign = |copy: &CopyAction| {
            let source = copy.source.map(|source| &graph.vertex(source).op);
            // The helpers of xx stand beside the compilers, under names of their own.
            let is_xx = matches!(source, Some(Op::Source(Source::Image { reference, .. }))
                if is_helpers_only(graph.text(*reference)));
            !is_xx && !matches!(source, None | Some(Op::Source(Source::Local(_))))
        };
        let is_root = |path| clean(graph.text(path)) == "/";
        copies(graph, copier).any(|copy| is_root(copy.from) && is_root(copy.to) && foreign(copy))
    })
}

/// Whether an image is tonistiigi/xx, but for the old kind of it whose `go` takes the compiler's place.
fn is_helpers_only(reference: &str) -> bool {
    let tag = reference.split_once("/tonistiigi/xx").map(|(_, tag)| tag);
    tag.is_some_and(|tag| !tag.contains("golang"))
}

/// See [`Context::sound_targets`].
pub(in crate::advice) fn sound_targets(context: &Context<'_>) -> TargetSet {
    let graph = &context.node.graph;
    let sound = |target: &TargetIx| {
        let root = graph.final_vertex(*target).and_then(|last| bases(graph, last).last());
        let Some(root) = root else { return true };
        let Op::Source(Source::Image { reference, .. }) = &graph.vertex(root).op else { return true };
        let platform = image_platform(graph, root);
        platform.is_none_or(|platform| fits(&graph.targets()[target.index()], platform))
            && !is_for_one_architecture(graph.text(*reference))
    };
    let all = (0..graph.targets().len()).map(TargetIx::new);
    all.filter(sound).fold(TargetSet::EMPTY, |set, target| set.union(TargetSet::one(target)))
}

/// Whether an image is by its name or tag for one architecture, such as `arm64v8/alpine` or `sdk:9.0-noble-amd64`.
pub(in crate::advice) fn is_for_one_architecture(reference: &str) -> bool {
    const SPACES: [&str; 11] = [
        "amd64", "arm64v8", "arm32v5", "arm32v6", "arm32v7", "i386", "ppc64le", "riscv64", "s390x",
        "mips64le", "x86_64",
    ];
    let name = reference.split('@').next().unwrap_or_default();
    name.split(['/', ':', '-']).any(|part| SPACES.contains(&part))
}

/// Where a file may have been made: a vertex on the way that it took, and where it stands there.
#[derive(Debug)]
pub(in crate::advice) struct Waypoint<'p> {
    /// What the file system was copied from last: the files of a stage, as it ended.
    pub(in crate::advice) end: VertexIx,
    /// The vertex: a command or a source, below that.
    pub(in crate::advice) vertex: VertexIx,
    /// The path there.
    pub(in crate::advice) path: &'p str,
    /// What stands in that folder and was copied there later.
    hidden: &'p [String],
}

impl Waypoint<'_> {
    /// Whether what a command puts at a path was copied over later.
    pub(in crate::advice) fn hides(&self, path: &str) -> bool {
        is_hidden(self.hidden, path)
    }
}

fn is_hidden(hidden: &[String], path: &str) -> bool {
    hidden.iter().any(|later| is_below(path, later))
}

/// The work of looking at a vertex on the way of a file.
const STEP: u64 = 2_000;

/// How many paths that were copied over are kept; those further back are taken to be there.
const MOST_HIDDEN: usize = 64;

/// Follows what stands at a path of a vertex back to where it may come from, the latest first: through the copies that put it
/// there, and where it is a folder those that put something into it.
///
/// Follows each copy once, and no further than the budget reaches.
pub(in crate::advice) fn follow(
    graph: &BuildGraph,
    vertex: VertexIx,
    path: &str,
    visit: &mut dyn FnMut(&Waypoint<'_>),
) {
    let mut open = vec![(vertex, vertex, path.to_owned(), Vec::new())];
    let mut known: HashSet<(VertexIx, String)> = HashSet::default();
    while let Some((end, mut at, path, mut hidden)) = open.pop() {
        while spend(Part::Findings, STEP) {
            match &graph.vertex(at).op {
                Op::File(_) | Op::Merge { .. } => {
                    let mut brought = Vec::new();
                    let is_whole = copied(graph, at, &path, &mut hidden, &mut brought);
                    if let Some(below) = graph.vertex(at).op.below().filter(|_| !is_whole) {
                        if brought.is_empty() {
                            at = below;
                            continue;
                        }
                        open.push((end, below, path, hidden));
                    }
                    // What is pushed last is followed first.
                    brought.retain(|step| known.insert(step.clone()));
                    open.extend(
                        brought.into_iter().rev().map(|(source, inner)| (source, source, inner, Vec::new())),
                    );
                    break;
                }
                op => {
                    visit(&Waypoint { end, vertex: at, path: &path, hidden: &hidden });
                    match op.below() {
                        Some(below) => at = below,
                        None => break,
                    }
                }
            }
        }
    }
}

/// What the copies of a vertex brought to a path, the last first: whose files, and which path there. Whether what stood there
/// before counts no longer.
fn copied(
    graph: &BuildGraph,
    vertex: VertexIx,
    path: &str,
    hidden: &mut Vec<String>,
    brought: &mut Vec<(VertexIx, String)>,
) -> bool {
    let all: SmallVec<[&CopyAction; 4]> = copies_of(graph, vertex).collect();
    for copy in all.into_iter().rev() {
        let raw = graph.text(copy.to);
        let to = clean(raw);
        if is_below(path, &to)
            && let Some((source, inner)) = through(graph, copy, &to, path)
        {
            brought.extend(source.map(|source| (source, inner)));
            return true;
        }
        if !is_below(&to, path) {
            continue;
        }
        let from = clean(graph.text(copy.from));
        let place = if is_folder(raw) { join(&[raw, base(&from)]) } else { to.into_owned() };
        let is_stage = |source: &VertexIx| !matches!(graph.vertex(*source).op, Op::Source(_));
        if is_hidden(hidden, &place) {
            continue;
        }
        brought.extend(copy.source.filter(is_stage).map(|source| (source, from.into_owned())));
        if hidden.len() < MOST_HIDDEN {
            hidden.push(place);
        }
    }
    false
}

/// Whether a destination says that it is a folder.
fn is_folder(destination: &str) -> bool {
    destination.ends_with('/') || destination.ends_with("/.")
}

/// The source of a copy and the path there, where the copy to `to` put something at `path`, which is there or below.
fn through(
    graph: &BuildGraph,
    copy: &CopyAction,
    to: &str,
    path: &str,
) -> Option<(Option<VertexIx>, String)> {
    let from = clean(graph.text(copy.from));
    if path == to && !is_folder(graph.text(copy.to)) {
        return Some((copy.source, from.into_owned()));
    }
    let rest = path.strip_prefix(to)?.trim_start_matches('/');
    if rest == base(&from) {
        return Some((copy.source, from.into_owned()));
    }
    // The context holds sources, not what a command makes of them: only other stages and images are followed.
    let is_local =
        copy.source.is_some_and(|source| matches!(graph.vertex(source).op, Op::Source(Source::Local(_))));
    let is_inside = !rest.is_empty() || to == "/";
    (is_inside && !is_local).then(|| {
        let inner = format!("{}/{rest}", from.trim_end_matches('/'));
        (copy.source, inner)
    })
}

/// The platform of an image that is a vertex.
pub(in crate::advice) fn image_platform(graph: &BuildGraph, vertex: VertexIx) -> Option<&Platform> {
    graph.vertex(vertex).op.platform().map(|platform| graph.platform(platform))
}

/// Whether programs of `program` run where programs of `target` do.
pub(in crate::advice) fn fits(target: &Platform, program: &Platform) -> bool {
    target.runs(program)
        || (target.os == program.os && target.normalized().architecture == program.normalized().architecture)
}

/// The image that each vertex's file system began as.
pub(in crate::advice) fn root_images(graph: &BuildGraph) -> Vec<Option<Symbol>> {
    let mut images: Vec<Option<Symbol>> = Vec::with_capacity(graph.len());
    for (_, vertex) in graph.vertices() {
        images.push(match &vertex.op {
            Op::Source(Source::Image { reference, .. } | Source::OciLayout { reference, .. }) => {
                Some(*reference)
            }
            op => op.below().and_then(|below| images[below.index()]),
        });
    }
    images
}
