//! The finished graph: vertices that the result needs, in an order in which inputs come first.

use foldhash::HashSet;
use petgraph::graph::{DiGraph, NodeIndex};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::lower::Lowering;
use super::vertex::{EdgeKind, Op, Vertex};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::{Arena, Dockerfile};
use crate::ids::{StageIx, TargetIx, TargetSet, VertexIx};
use crate::model::Observation;
use crate::model::inputs::Inputs;
use crate::model::platform::Platform;
use crate::model::resolve::{Base, Failure, Model, Phase, PlatformIx, resolve};
use crate::model::scope::{Assignment, EnvId, EnvLog, EnvReader};
use crate::source::Line;
use crate::symbols::{Symbol, Symbols};

/// The vertices of one build on one node, for all its target platforms.
#[derive(Debug)]
pub struct BuildGraph {
    graph: DiGraph<Vertex, EdgeKind, u32>,
    symbols: Symbols,
    platforms: Vec<Platform>,
    log: EnvLog,
    stages: Vec<StageInfo>,
    steps: Vec<Step>,
    finals: Vec<(TargetSet, Option<VertexIx>)>,
    targets: Vec<Platform>,
    build_platform: Platform,
    target: StageIx,
}

/// A stage, as far as a graph knows it.
#[derive(Debug, Clone)]
pub struct StageInfo {
    /// Its name, in lower case.
    pub name: Option<SmolStr>,
    /// The line of its `FROM`.
    pub line: Line,
    /// The targets that need it.
    pub reachable: TargetSet,
    /// The stage it is based on, where all its targets agree on one.
    pub parent: Option<StageIx>,
}

/// A vertex at the instruction that asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The stage.
    pub stage: StageIx,
    /// The first line of the instruction.
    pub line: Line,
    /// The vertex.
    pub vertex: VertexIx,
    /// The targets that need it there.
    pub targets: TargetSet,
}

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

/// Resolves and lowers a parsed file. A file that did not parse is refused with the problem BuildKit stops at.
pub fn analyze<'a>(file: &'a Dockerfile<'a>, inputs: &'a Inputs, arena: &'a Arena) -> Outcome<'a> {
    let mut problems = file.problems.iter().map(|problem| problem.diagnostic.clone());
    if let Some(error) = problems.next() {
        let refusal = Refusal { error, targets: inputs.all_targets(), others: problems.take(100).collect() };
        return Outcome { graph: Err(refusal), observations: Vec::new(), model: None };
    }
    let mut model = resolve(file, inputs, arena);
    let graph = build(&mut model).map_err(|refusal| *refusal);
    let observations = std::mem::take(&mut model.observations);
    let model = graph.is_ok().then_some(model);
    Outcome { graph, observations, model }
}

/// Lowers a model to its graph.
fn build(model: &mut Model<'_>) -> Result<BuildGraph, Box<Refusal>> {
    let refused = |failures| Err(Box::new(refusal(failures)));
    if !model.failures.is_empty() {
        return refused(std::mem::take(&mut model.failures));
    }
    let mut lowering = Lowering::new(model);
    lowering.run();
    let Lowering { mut interner, log, results, .. } = lowering;
    let Some(target) = model.target.filter(|_| model.failures.is_empty()) else {
        return refused(std::mem::take(&mut model.failures));
    };
    let roots: SmallVec<[_; 4]> =
        results[target.index()].iter().map(|run| (run.targets, run.state.root)).collect();
    let needed = interner.needed(roots.iter().filter_map(|&(targets, root)| Some((root?, targets))));
    let mut ops = std::mem::take(&mut interner.ops);
    let mut number = vec![None; ops.len()];
    let mut steps: Vec<Step> = Vec::with_capacity(interner.places.len());
    let mut graph: DiGraph<Vertex, EdgeKind, u32> = DiGraph::with_capacity(ops.len(), ops.len() * 2);
    for (place, &targets) in interner.places.iter().zip(&needed) {
        if targets.is_empty() {
            continue;
        }
        let vertex = *number[place.vertex.index()].get_or_insert_with(|| {
            // Each operation is taken once; what stays behind is never looked at.
            let left = Op::Merge { lower: VertexIx(0), upper: VertexIx(0) };
            let op = std::mem::replace(&mut ops[place.vertex.index()], left);
            let (lines, stages) = (SmallVec::new(), SmallVec::new());
            let node = graph.add_node(Vertex { op, lines, stages, targets: TargetSet::EMPTY });
            VertexIx::new(node.index())
        });
        let entry = &mut graph[NodeIndex::new(vertex.index())];
        entry.targets = entry.targets.union(targets);
        if let Some((stage, line)) = place.owner {
            insert_sorted(&mut entry.lines, line);
            insert_sorted(&mut entry.stages, stage);
            steps.push(Step { stage, line, vertex, targets });
        }
    }
    let empty = |vertex: &Vertex| matches!(&vertex.op, Op::Exec(exec) if exec.args.is_empty());
    if let Some(vertex) = graph.node_weights().find(|vertex| empty(vertex)) {
        let diagnostic = Diagnostic::error(Code::BadArguments, "RUN [] has no command to run");
        let failure = Failure { phase: Phase::Marshal, targets: vertex.targets, diagnostic };
        return refused(vec![failure]);
    }
    let number = |old: VertexIx| number[old.index()].unwrap_or(old);
    let finals = roots
        .iter()
        .map(|&(targets, root)| (targets, root.map(|root| number(interner.vertex(root)))))
        .collect();
    for vertex in graph.node_weights_mut() {
        vertex.op.renumber(number);
    }
    connect(&mut graph);
    let stages = stages(model);
    Ok(BuildGraph {
        graph,
        symbols: std::mem::take(&mut model.symbols),
        platforms: std::mem::take(&mut model.platforms),
        log,
        stages,
        steps: merge_steps(steps),
        finals,
        targets: model.inputs.targets().to_vec(),
        build_platform: model.inputs.build_platform.clone(),
        target,
    })
}

fn insert_sorted<T: Ord>(list: &mut SmallVec<[T; 4]>, item: T) {
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

/// Draws the edges that the operations name.
fn connect(graph: &mut DiGraph<Vertex, EdgeKind, u32>) {
    let mut inputs: SmallVec<[(VertexIx, EdgeKind); 8]> = SmallVec::new();
    for node in graph.node_indices() {
        graph[node].op.inputs(|input, kind| inputs.push((input, kind)));
        for (input, kind) in inputs.drain(..) {
            graph.add_edge(NodeIndex::new(input.index()), node, kind);
        }
    }
}

fn stages(model: &Model<'_>) -> Vec<StageInfo> {
    let stages = model.stages.iter().enumerate().map(|(at, stage)| {
        let needed = model.resolutions.iter().filter(|(_, resolution)| resolution.reachable[at]);
        let reachable = needed.clone().fold(TargetSet::EMPTY, |set, (targets, _)| set.union(*targets));
        let mut parents = needed.map(|(_, resolution)| match resolution.bases[at] {
            Base::Stage(parent) => Some(parent),
            _ => None,
        });
        let first = parents.next().flatten();
        let parent = first.filter(|_| parents.all(|parent| parent == first));
        StageInfo { name: stage.name.map(SmolStr::new), line: stage.instruction.line, reachable, parent }
    });
    stages.collect()
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

impl BuildGraph {
    /// How many vertices there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A vertex.
    pub fn vertex(&self, vertex: VertexIx) -> &Vertex {
        &self.graph[NodeIndex::new(vertex.index())]
    }

    /// All vertices; inputs come before what uses them.
    pub fn vertices(&self) -> impl DoubleEndedIterator<Item = (VertexIx, &Vertex)> {
        self.graph.node_indices().map(|node| (VertexIx(node.index() as u32), &self.graph[node]))
    }

    /// The inputs of a vertex and how it uses each, in order and without repeats.
    pub fn inputs(&self, vertex: VertexIx) -> Vec<(VertexIx, EdgeKind)> {
        let mut inputs = Vec::new();
        self.vertex(vertex).op.inputs(|input, kind| inputs.push((input, kind)));
        if inputs.len() > 1 {
            let mut seen = HashSet::default();
            inputs.retain(|input| seen.insert(*input));
        }
        inputs
    }

    /// The vertices that use `vertex`.
    pub fn users(&self, vertex: VertexIx) -> impl Iterator<Item = VertexIx> {
        let mut users: Vec<VertexIx> = self
            .graph
            .neighbors(NodeIndex::new(vertex.index()))
            .map(|node| VertexIx(node.index() as u32))
            .collect();
        users.sort_unstable();
        users.dedup();
        users.into_iter()
    }

    /// The steps in the order of the file.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The steps of a stage.
    pub fn stage_steps(&self, stage: StageIx) -> &[Step] {
        let start = self.steps.partition_point(|step| step.stage < stage);
        let end = self.steps.partition_point(|step| step.stage <= stage);
        &self.steps[start..end]
    }

    /// The stages of the file, those that are not needed included.
    pub fn stages(&self) -> &[StageInfo] {
        &self.stages
    }

    /// The stage that is built.
    pub fn target_stage(&self) -> StageIx {
        self.target
    }

    /// The target platforms.
    pub fn targets(&self) -> &[Platform] {
        &self.targets
    }

    /// All targets as a set.
    pub fn all_targets(&self) -> TargetSet {
        TargetSet::first(self.targets.len())
    }

    /// The platform of the node.
    pub fn build_platform(&self) -> &Platform {
        &self.build_platform
    }

    /// The last vertex for a target; `None` where the image is empty.
    pub fn final_vertex(&self, target: TargetIx) -> Option<VertexIx> {
        self.finals.iter().find(|(targets, _)| targets.contains(target)).and_then(|(_, vertex)| *vertex)
    }

    /// A string.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.symbols.text(symbol)
    }

    /// The symbol of a string, if any part of the build says it.
    pub fn symbol(&self, text: &str) -> Option<Symbol> {
        self.symbols.find(text)
    }

    /// A platform.
    pub fn platform(&self, platform: PlatformIx) -> &Platform {
        &self.platforms[platform.0 as usize]
    }

    /// The variables of an environment, in order.
    pub fn variables(&self, env: EnvId) -> Vec<Assignment> {
        self.log.variables(env)
    }

    /// A reader of a few variables in many environments.
    pub fn env_reader(&self, names: &[&str]) -> EnvReader<'_> {
        EnvReader::new(&self.log, names.iter().map(|name| self.symbols.find(name)).collect())
    }

    /// Proves that the graph is what it should be: inputs come first, who needs a vertex needs its inputs, lines ascend.
    ///
    /// # Panics
    /// Where it is not.
    #[doc(hidden)]
    pub fn verify(&self) {
        for (index, vertex) in self.vertices() {
            assert!(!vertex.targets.is_empty(), "{index:?} is needed by nobody");
            assert!(vertex.lines.is_sorted_by(|a, b| a < b), "{index:?}: lines {:?}", vertex.lines);
            assert_eq!(vertex.lines.is_empty(), vertex.stages.is_empty(), "{index:?}");
            for (input, _) in self.inputs(index) {
                assert!(input < index, "{input:?} is an input of {index:?}");
                let missing = vertex.targets.without(self.vertex(input).targets);
                assert!(missing.is_empty(), "{input:?} is needed by {index:?} for {missing:?}");
            }
        }
        let edges = self.vertices().map(|(index, _)| self.inputs(index).len()).sum::<usize>();
        assert!(self.graph.edge_count() >= edges);
    }
}
