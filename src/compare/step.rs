//! The steps of a build: what an instruction makes BuildKit do, for all platforms and nodes together.

use foldhash::{HashMap, HashMapExt};

use super::Candidate;
use super::digest::{Digest, digests};
use crate::analysis::{Build, NodeAnalysis};
use crate::graph::emulate::Execution;
use crate::graph::vertex::VertexKind;
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::sim::TaskIx;
use crate::source::Line;
use crate::units::Nanos;

/// A step: the vertices of one kind that one instruction became, one for each group of platforms that share it. What no
/// instruction owns, such as the build context, is a step by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The kind of its vertices.
    pub kind: VertexKind,
    /// What it is, as far as one line of a report needs it: the instruction as written, or what it does. No line breaks.
    pub text: String,
    /// The first line of each instruction it stands for; empty where none owns it.
    pub lines: Vec<Line>,
    /// The stage: its name, or its number where it has none; `None` where no instruction owns the step.
    pub stage: Option<String>,
    /// Vertices: how often it runs.
    pub runs: usize,
    /// Target platforms that need it, over all nodes.
    pub targets: usize,
    /// Runs under emulation.
    pub emulated: usize,
    /// Native runs with a foreign program under emulation.
    pub mixed: usize,
    /// Native runs that build for another platform.
    pub crossing: usize,
    /// Runs that cannot be.
    pub unsupported: usize,
    /// How long its runs take together in the median build, waiting for slots and locks left out.
    pub time: Nanos,
    /// The part of the critical path that its runs are. Over all steps these add up to the length of the build.
    pub path: Nanos,
    /// Core-time, what emulation adds included.
    pub core_time: Nanos,
    /// Core-time that emulation adds.
    pub emulation: Nanos,
    /// How much longer its runs may take, in one build of ten, by what they run of which nothing is known.
    pub unknown: Nanos,
    pub(super) tasks: Vec<TaskIx>,
    pub(super) place: Option<Place>,
    /// What its first run does.
    pub(super) digest: Digest,
    /// What tells its stage from others in another file.
    pub(super) stage_key: String,
}

/// Where a step is in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) stage: StageIx,
    pub(super) line: Line,
}

/// What makes vertices of several platforms or nodes one step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// The instruction, the kind, and which of its vertices of that kind.
    Owned(Place, VertexKind, u32),
    /// What it does.
    Free(VertexKind, String),
}

impl Step {
    /// The tasks of its runs.
    pub fn tasks(&self) -> &[TaskIx] {
        &self.tasks
    }

    /// Runs that are not by the node's processor alone.
    pub const fn foreign_runs(&self) -> usize {
        self.emulated + self.mixed + self.unsupported
    }
}

/// The steps of a build in the order of its file, what no instruction owns at the end.
///
/// # Complexity
/// Linear in vertices and text.
pub(super) fn steps(build: &Candidate<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    let path = path_times(build);
    for (part, node) in build.analysis.each_node() {
        let places = places(node);
        let mut ranks = Ranks::default();
        for ((vertex, found), digest) in node.graph.vertices().zip(digests(&node.graph)) {
            let kind = found.kind();
            let place = places[vertex.index()];
            let key = match place {
                Some(place) => Key::Owned(place, kind, ranks.next(place, kind, found.targets)),
                None => Key::Free(kind, digest.words.clone()),
            };
            let at = *known.entry(key).or_insert_with(|| {
                steps.push(Step::new(build.build, node, vertex, place, digest));
                steps.len() - 1
            });
            let task = build.timing.task(part, vertex);
            steps[at].add(build, node, vertex, task, path[task.index()]);
        }
    }
    steps.sort_by_key(|step| (step.place.is_none(), step.place));
    steps
}

/// The first instruction that each vertex of a node stands for.
fn places(node: &NodeAnalysis) -> Vec<Option<Place>> {
    let mut places = vec![None; node.graph.len()];
    for step in node.graph.steps() {
        places[step.vertex.index()].get_or_insert(Place { stage: step.stage, line: step.line });
    }
    places
}

/// How long each task is on the critical path.
fn path_times(build: &Candidate<'_>) -> Vec<Nanos> {
    let mut times = vec![Nanos::ZERO; build.timing.plan.tasks().len()];
    for piece in build.timing.trace.critical_path() {
        times[piece.task.index()] += piece.to - piece.from;
    }
    times
}

/// Which of its vertices of one kind an instruction is at, for each target.
#[derive(Default)]
struct Ranks(HashMap<(Place, VertexKind), Vec<u32>>);

impl Ranks {
    /// The rank of a vertex that is needed by `targets`: one more than that of any before it that shares a target.
    fn next(&mut self, place: Place, kind: VertexKind, targets: TargetSet) -> u32 {
        let next = self.0.entry((place, kind)).or_default();
        let last = targets.iter().map(|target| target.index() + 1).max().unwrap_or(0);
        next.resize(next.len().max(last), 0);
        let rank = targets.iter().map(|target| next[target.index()]).max().unwrap_or(0);
        targets.iter().for_each(|target| next[target.index()] = rank + 1);
        rank
    }
}

impl Step {
    fn new(
        build: &Build,
        node: &NodeAnalysis,
        vertex: VertexIx,
        place: Option<Place>,
        digest: Digest,
    ) -> Self {
        let found = node.graph.vertex(vertex);
        let stages = node.graph.stages();
        let name = |place: Place| stages[place.stage.index()].name.as_deref().map(str::to_owned);
        let is_target = |place: Place| !node.graph.results_of(place.stage).is_empty();
        let written = place.and_then(|place| build.written(node.graph.place(place.stage, place.line)));
        Self {
            kind: found.kind(),
            text: shown(written, found.kind(), &digest.words),
            lines: found.lines().collect(),
            stage: place.map(|place| name(place).unwrap_or_else(|| place.stage.0.to_string())),
            runs: 0,
            targets: 0,
            emulated: 0,
            mixed: 0,
            crossing: 0,
            unsupported: 0,
            time: Nanos::ZERO,
            path: Nanos::ZERO,
            core_time: Nanos::ZERO,
            emulation: Nanos::ZERO,
            unknown: Nanos::ZERO,
            tasks: Vec::new(),
            place,
            digest,
            stage_key: place.map_or_else(String::new, |place| match name(place) {
                Some(name) => name,
                None if is_target(place) => "/target".to_owned(),
                None => format!("/{}", place.stage.0),
            }),
        }
    }

    /// Adds a run.
    fn add(
        &mut self,
        build: &Candidate<'_>,
        node: &NodeAnalysis,
        vertex: VertexIx,
        task: TaskIx,
        path: Nanos,
    ) {
        let timing = build.timing;
        let span = timing.trace.span(task);
        let found = node.graph.vertex(vertex);
        self.runs += 1;
        self.targets += found.targets.len();
        match node.execution(vertex) {
            Some(Execution::Emulated) => self.emulated += 1,
            Some(Execution::Mixed) => self.mixed += 1,
            Some(Execution::Unsupported) => self.unsupported += 1,
            Some(Execution::Native) if node.cross_to(vertex).is_some() => self.crossing += 1,
            Some(Execution::Native) | None => {}
        }
        self.time += span.finish - span.begun;
        self.path += path;
        self.core_time += timing.core_time(task);
        self.emulation += timing.emulation(task);
        self.unknown += (span.finish - span.begun) * timing.estimates[task.index()].unknown.more;
        self.tasks.push(task);
        for line in found.lines() {
            if let Err(at) = self.lines.binary_search(&line) {
                self.lines.insert(at, line);
            }
        }
    }
}

/// Bytes of a text that are enough for any line of a report.
const ENOUGH: usize = 400;

/// A step on one line: file steps as written, since what they do no longer tells stages by name; others by what they do.
fn shown(written: Option<&str>, kind: VertexKind, words: &str) -> String {
    let text = match kind {
        VertexKind::File | VertexKind::Merge => written.unwrap_or(words),
        VertexKind::Exec | VertexKind::Source => words,
    };
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > ENOUGH {
            break;
        }
    }
    if line.len() > ENOUGH {
        let end = (0..=ENOUGH).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
        line.truncate(end);
        line.push('…');
    }
    line
}
