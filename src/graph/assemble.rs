//! From trees and inputs to one finished graph, for all builds that a daemon runs together.

use foldhash::HashSet;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::build::{BuildGraph, BuildInfo, StageInfo, Step};
use super::lower::{Lowering, Roots, Shared};
use super::vertex::{Op, Vertex};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::dockerfile::{Arena, Dockerfile};
use crate::ids::{BuildIx, FileIx, StageIx, TargetIx, TargetSet, VertexIx};
use crate::model::Observation;
use crate::model::inputs::{ContextSource, Inputs};
use crate::model::resolve::{Base, Earlier, Failure, Model, Phase, Results, Tables, resolve};
use crate::source::FileLine;

/// Why a file cannot be built.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The problem BuildKit would stop at.
    pub error: Diagnostic,
    /// The targets that cannot be built because of it.
    pub targets: TargetSet,
    /// Further problems.
    pub others: Vec<Diagnostic>,
}

/// What became of a file.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The graph, or why there is none.
    pub graph: Result<BuildGraph, Refusal>,
    /// What was met that may not be meant.
    pub observations: Vec<Observation>,
    /// What the file's words stand for, where there is a graph. Its strings and platforms are the graph's.
    pub model: Option<Model<'a>>,
}

/// A build, as one of those that a daemon runs together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Which Dockerfile it is made from.
    pub(crate) file_ix: FileIx,
    /// The tree of that.
    pub(crate) file: &'a Dockerfile<'a>,
    /// What is built.
    pub(crate) inputs: &'a Inputs,
}

/// What became of the builds that a daemon runs together.
#[derive(Debug)]
pub(crate) struct Outcomes<'a> {
    /// The graph of all, or the first build that is refused and why.
    pub(crate) graph: Result<BuildGraph, (usize, Box<Refusal>)>,
    /// For each build that was looked at, what was met that may not be meant.
    pub(crate) observations: Vec<Vec<Observation>>,
    /// What the words of each build stand for, where there is a graph. Their strings and platforms are the graph's.
    pub(crate) models: Vec<Model<'a>>,
}

/// Resolves and lowers a parsed file. A file that did not parse is refused with the problem BuildKit stops at.
pub fn analyze<'a>(file: &'a Dockerfile<'a>, inputs: &'a Inputs, arena: &'a Arena) -> Outcome<'a> {
    let part = Part { name: "", file_ix: FileIx(0), file, inputs };
    let Outcomes { graph, mut observations, mut models } = analyze_all(&[part], arena);
    Outcome {
        graph: graph.map_err(|(_, refusal)| *refusal),
        observations: observations.pop().unwrap_or_default(),
        model: models.pop(),
    }
}

/// A build after it was lowered.
struct Lowered<'a> {
    model: Model<'a>,
    file: FileIx,
    first_stage: u32,
    first_target: usize,
    /// The stage that is built.
    stage: StageIx,
    /// The place of the last vertex of each group of its own targets.
    roots: Roots,
    /// How many of its observations were met before its instructions were lowered.
    met: usize,
}

impl Lowered<'_> {
    /// Where the stages of its file end among those of all files.
    fn end_stage(&self) -> u32 {
        self.first_stage + self.model.layout.stages.len() as u32
    }
}

/// Resolves and lowers builds into one graph. Those whose results are contexts of others come first.
pub(crate) fn analyze_all<'a>(parts: &[Part<'a>], arena: &'a Arena) -> Outcomes<'a> {
    let mut tables = Tables::usual();
    // Builds of one file are mostly made of the same steps.
    let is_new = |at: usize| parts[..at].iter().all(|known| known.file_ix != parts[at].file_ix);
    let files = (0..parts.len()).filter(|at| is_new(*at));
    let mut shared = Shared::with_capacity(files.map(|at| parts[at].file.instructions.len()).sum());
    let results = Results::of(parts.len());
    let first_stages = first_stages(parts);
    let is_context = contexts(parts);
    let mut observations: Vec<Vec<Observation>> = Vec::with_capacity(parts.len());
    let mut lowered: Vec<Lowered<'a>> = Vec::with_capacity(parts.len());
    let mut first_target = 0;
    for (at, part) in parts.iter().enumerate() {
        let refused = |observations, refusal| Outcomes {
            graph: Err((at, Box::new(refusal))),
            observations,
            models: Vec::new(),
        };
        let mut problems = part.file.problems.iter().map(|problem| problem.diagnostic.clone());
        if let Some(error) = problems.next() {
            let targets = part.inputs.all_targets().later(first_target);
            observations.push(Vec::new());
            return refused(observations, Refusal { error, targets, others: problems.take(100).collect() });
        }
        let earlier = earlier(part, parts, &lowered, &observations);
        let mut model = resolve(part.file, part.inputs, arena, tables, results.clone(), earlier);
        let met = model.observations.len();
        let mut roots = None;
        if model.failures.is_empty() {
            let mut lowering = Lowering::new(&mut model, shared, first_stages[at]);
            lowering.run();
            roots = lowering.roots();
            if is_context.contains(&BuildIx::new(at)) {
                results.set(BuildIx::new(at), lowering.build_results());
            }
            shared = lowering.shared;
        } else {
            shared = Shared::with_capacity(0);
        }
        observations.push(std::mem::take(&mut model.observations));
        let (Some((stage, roots)), true) = (roots, model.failures.is_empty()) else {
            let refusal = refusal(std::mem::take(&mut model.failures));
            return refused(
                observations,
                Refusal { targets: refusal.targets.later(first_target), ..refusal },
            );
        };
        tables = model.take_tables();
        lowered.push(Lowered {
            file: part.file_ix,
            first_stage: first_stages[at],
            first_target,
            stage: StageIx(first_stages[at] + stage.0),
            roots: roots.into_iter().map(|(run, root)| (run.later(first_target), root)).collect(),
            met,
            model,
        });
        first_target += part.inputs.targets().len();
    }
    match finish(parts, &lowered, shared, tables) {
        Ok(graph) => {
            let models = lowered.into_iter().map(|build| build.model).collect();
            Outcomes { graph: Ok(graph), observations, models }
        }
        Err((at, refusal)) => Outcomes { graph: Err((at, refusal)), observations, models: Vec::new() },
    }
}

/// A build of the same file before `part` for which its words stood for the same.
fn earlier<'l, 'a>(
    part: &Part<'a>,
    parts: &[Part<'a>],
    lowered: &'l [Lowered<'a>],
    observations: &'l [Vec<Observation>],
) -> Option<Earlier<'l, 'a>> {
    let done = parts.iter().zip(lowered).zip(observations);
    let of_file = done.filter(|((known, _), _)| known.file_ix == part.file_ix);
    let mut earlier = of_file.map(|((_, build), observations)| Earlier {
        model: &build.model,
        observations: &observations[..build.met],
    });
    earlier.find(|earlier| earlier.holds_for(part.inputs))
}

/// The builds whose results are contexts of others.
fn contexts(parts: &[Part<'_>]) -> HashSet<BuildIx> {
    let all = parts.iter().flat_map(|part| &part.inputs.contexts);
    let results = all.filter_map(|context| match context.source {
        ContextSource::Result { build, .. } => Some(build),
        _ => None,
    });
    results.collect()
}

/// For each build where the stages of its file begin among those of all files.
fn first_stages(parts: &[Part<'_>]) -> SmallVec<[u32; 4]> {
    let mut begun: SmallVec<[(FileIx, u32); 4]> = SmallVec::new();
    let mut next = 0;
    let first = |part: &Part<'_>| {
        if let Some((_, first)) = begun.iter().find(|(file, _)| *file == part.file_ix) {
            return *first;
        }
        let first = next;
        begun.push((part.file_ix, first));
        let is_from = |instruction: &&Instruction<'_>| matches!(instruction.kind, Kind::From(_));
        // One file needs no count: nothing comes behind it.
        next +=
            if parts.len() > 1 { part.file.instructions.iter().filter(is_from).count() as u32 } else { 0 };
        first
    };
    parts.iter().map(first).collect()
}

/// The graph of what was lowered.
fn finish(
    parts: &[Part<'_>],
    lowered: &[Lowered<'_>],
    shared: Shared,
    tables: Tables,
) -> Result<BuildGraph, (usize, Box<Refusal>)> {
    let Shared { mut interner, log, .. } = shared;
    let roots = || lowered.iter().flat_map(|build| &build.roots);
    let needed = interner.needed(roots().filter_map(|&(targets, root)| Some((root?, targets))));
    let mut ops = std::mem::take(&mut interner.ops);
    let mut number = vec![None; ops.len()];
    let mut steps: Vec<Step> = Vec::with_capacity(interner.places.len());
    let mut vertices: Vec<Vertex> = Vec::with_capacity(ops.len());
    for (place, &targets) in interner.places.iter().zip(&needed) {
        if targets.is_empty() {
            continue;
        }
        let vertex = *number[place.vertex.index()].get_or_insert_with(|| {
            // Each operation is taken once; what stays behind is never looked at.
            let left = Op::Merge { lower: VertexIx(0), upper: VertexIx(0) };
            let op = std::mem::replace(&mut ops[place.vertex.index()], left);
            let (places, stages) = (SmallVec::new(), SmallVec::new());
            vertices.push(Vertex { op, places, stages, targets: TargetSet::EMPTY });
            VertexIx::new(vertices.len() - 1)
        });
        let entry = &mut vertices[vertex.index()];
        entry.targets = entry.targets.union(targets);
        if let Some((stage, line)) = place.owner {
            insert_sorted(&mut entry.places, FileLine { file: file_of(lowered, stage), line });
            insert_sorted(&mut entry.stages, stage);
            steps.push(Step { stage, line, vertex, targets });
        }
    }
    let refused = |targets: TargetSet, code, message| {
        let failure =
            Failure { phase: Phase::Marshal, targets, diagnostic: Diagnostic::error(code, message) };
        let at = lowered.iter().rposition(|build| {
            targets.iter().next().is_some_and(|target| build.first_target <= target.index())
        });
        Err((at.unwrap_or(0), Box::new(refusal(vec![failure]))))
    };
    let empty = |vertex: &Vertex| matches!(&vertex.op, Op::Exec(exec) if exec.args.is_empty());
    if let Some(vertex) = vertices.iter().find(|vertex| empty(vertex)) {
        return refused(vertex.targets, Code::BadArguments, "RUN [] has no command to run");
    }
    if let Some(targets) = lowered.iter().find_map(|build| handed_on(build, &steps)) {
        let message = "a RUN or an --exclude holds bytes that are not UTF-8, which BuildKit cannot send";
        return refused(targets, Code::BadArguments, message);
    }
    let number = |old: VertexIx| number[old.index()].unwrap_or(old);
    let finals = roots().map(|&(targets, root)| (targets, root.map(|root| number(interner.vertex(root)))));
    let finals = finals.collect();
    for vertex in &mut vertices {
        vertex.op.renumber(number);
    }
    let builds = parts.iter().zip(lowered).map(|(part, build)| BuildInfo {
        name: part.name.to_owned(),
        file: build.file,
        targets: part.inputs.all_targets().later(build.first_target),
        first_target: TargetIx::new(build.first_target),
        stage: build.stage,
        first_stage: StageIx(build.first_stage),
    });
    // Of images that are given one configuration for all platforms.
    let images = parts.iter().flat_map(|part| &part.inputs.images).filter(|image| image.platform.is_none());
    let fixed = images.filter_map(|image| {
        let platform = image.config.platform.as_ref()?.normalized();
        Some((tables.symbols.find(&image.reference)?, platform))
    });
    Ok(BuildGraph {
        fixed: fixed.collect(),
        vertices,
        symbols: tables.symbols,
        platforms: tables.platforms,
        log,
        stages: stages(lowered),
        steps: merge_steps(steps),
        finals,
        targets: parts.iter().flat_map(|part| part.inputs.targets()).cloned().collect(),
        builds: builds.collect(),
        build_platform: parts.first().map(|part| part.inputs.build_platform.clone()).unwrap_or_default(),
    })
}

/// The targets that need an instruction that hands on bytes which are not UTF-8, if one does.
fn handed_on(lowered: &Lowered<'_>, steps: &[Step]) -> Option<TargetSet> {
    let file = lowered.model.file;
    if file.replaced.is_empty() {
        return None;
    }
    let all = &file.instructions;
    let stages = lowered.first_stage..lowered.end_stage();
    let is_invalid = |step: &&Step| {
        let at = all.binary_search_by_key(&step.line, |instruction| instruction.line);
        let found = at.ok().and_then(|at| all.get(at)).filter(|_| stages.contains(&step.stage.0));
        found.is_some_and(|found| file.hands_on_invalid(found))
    };
    steps.iter().find(is_invalid).map(|step| step.targets)
}

/// The Dockerfile that a stage is in.
fn file_of(lowered: &[Lowered<'_>], stage: StageIx) -> FileIx {
    let own = lowered.iter().rfind(|build| build.first_stage <= stage.0 && stage.0 < build.end_stage());
    own.map_or(FileIx(0), |build| build.file)
}

fn insert_sorted<T: Ord, A: smallvec::Array<Item = T>>(list: &mut SmallVec<A>, item: T) {
    if let Err(at) = list.binary_search(&item) {
        list.insert(at, item);
    }
}

/// One step for each stage, line and vertex, in the order of the file.
fn merge_steps(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_unstable_by_key(|step| (step.stage, step.line, step.vertex));
    steps.dedup_by(|next, kept| {
        let same = (next.stage, next.line, next.vertex) == (kept.stage, kept.line, kept.vertex);
        if same {
            kept.targets = kept.targets.union(next.targets);
        }
        same
    });
    steps
}

/// The stages of all files, each with what all builds of its file make of it.
fn stages(builds: &[Lowered<'_>]) -> Vec<StageInfo> {
    let mut all: Vec<StageInfo> = Vec::new();
    for build in builds {
        let model = &build.model;
        let known = all.len() > build.first_stage as usize;
        for (at, stage) in model.layout.stages.iter().enumerate() {
            let needed = model.resolutions.iter().filter(|(_, resolution)| resolution.reachable[at]);
            let reachable = needed.clone().fold(TargetSet::EMPTY, |set, (targets, _)| set.union(*targets));
            let info = all.get_mut(build.first_stage as usize + at).filter(|_| known);
            if reachable.is_empty() && info.is_some() {
                continue;
            }
            let reachable = reachable.later(build.first_target);
            let mut parents = needed.map(|(_, resolution)| match resolution.bases[at] {
                Base::Stage(parent) => Some(StageIx(build.first_stage + parent.0)),
                _ => None,
            });
            let first = parents.next().flatten();
            let parent = first.filter(|_| parents.all(|parent| parent == first));
            match info {
                Some(info) if info.reachable.is_empty() => {
                    (info.reachable, info.parent) = (reachable, parent);
                }
                Some(info) => {
                    info.reachable = info.reachable.union(reachable);
                    info.parent = info.parent.filter(|own| parent == Some(*own));
                }
                None => all.push(StageInfo {
                    file: build.file,
                    name: stage.name.map(SmolStr::new),
                    line: stage.instruction.line,
                    reachable,
                    parent,
                }),
            }
        }
    }
    all
}

/// The problem of the earliest phase comes first.
fn refusal(mut failures: Vec<Failure>) -> Refusal {
    failures.sort_by_key(|failure| failure.phase);
    let mut failures = failures.into_iter();
    let first = failures.next().unwrap_or_else(|| Failure {
        phase: Phase::Target,
        targets: TargetSet::EMPTY,
        diagnostic: Diagnostic::error(Code::NoStage, "there is no stage to build"),
    });
    let mut others: Vec<Diagnostic> = Vec::new();
    for failure in failures {
        if failure.diagnostic != first.diagnostic
            && !others.contains(&failure.diagnostic)
            && others.len() < 100
        {
            others.push(failure.diagnostic);
        }
    }
    Refusal { error: first.diagnostic, targets: first.targets, others }
}
