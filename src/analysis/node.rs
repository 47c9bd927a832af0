//! What one node of a builder does: its graph, how each command runs, and what each instruction became.

use crate::graph::emulate::{Crossing, Execution, Host, exec_of, executions, only_platforms};
use crate::graph::foreign::{ForeignCall, ForeignCalls, foreign_calls, mark_mixed};
use crate::graph::split::{Split, splits};
use crate::graph::vertex::{Op, Source, VertexKind};
use crate::graph::{BuildGraph, Step};
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::model::Observation;
use crate::model::platform::Platform;
use crate::source::Line;

/// What one node does: it builds its own target platforms and shares nothing with other nodes.
#[derive(Debug)]
pub struct NodeAnalysis {
    /// The node's name, where there are several.
    pub name: Option<String>,
    /// What the node can execute.
    pub host: Host,
    /// The vertices.
    pub graph: BuildGraph,
    /// Where stages stop being one for all platforms.
    pub splits: Vec<Split>,
    /// What was met on the way to the graph that may not be meant; in the first build, where there are several.
    pub observations: Vec<Observation>,
    /// The same of each build after the first.
    pub further: Vec<Vec<Observation>>,
    executions: Vec<Option<Execution>>,
    only: Vec<Option<Platform>>,
    crossings: Vec<Option<Platform>>,
    foreign: ForeignCalls,
}

impl NodeAnalysis {
    pub(super) fn new(
        name: Option<String>,
        host: Host,
        graph: BuildGraph,
        observations: Vec<Vec<Observation>>,
    ) -> Self {
        let mut each = observations.into_iter();
        let (observations, further) = (each.next().unwrap_or_default(), each.collect());
        let foreign = foreign_calls(&graph, &host);
        let only = only_platforms(&graph);
        let mut executions = executions(&graph, &host, &only);
        mark_mixed(&mut executions, &foreign, &graph);
        let mut crossing = Crossing::new(&graph);
        let crossings =
            graph.vertices().map(|(_, vertex)| exec_of(vertex).and_then(|exec| crossing.of(exec))).collect();
        let splits = splits(&graph);
        Self { name, host, graph, splits, observations, further, executions, only, crossings, foreign }
    }

    /// How a command runs; `None` for what is no command.
    pub fn execution(&self, vertex: VertexIx) -> Option<Execution> {
        self.executions[vertex.index()]
    }

    /// The platform whose programs a command runs: its own, unless its file system descends from an image that is for
    /// another one whatever is asked for.
    pub fn guest(&self, vertex: VertexIx) -> Option<&Platform> {
        let exec = exec_of(self.graph.vertex(vertex))?;
        let only = self.only.get(vertex.index()).and_then(Option::as_ref);
        Some(only.unwrap_or_else(|| self.graph.platform(exec.platform)))
    }

    /// For which platform the programs in a vertex's file system are: that of the image it begins with, whatever was asked
    /// for. `None` for what begins with no image.
    ///
    /// # Complexity
    /// Linear in the file steps below the vertex.
    pub fn nature(&self, mut vertex: VertexIx) -> Option<&Platform> {
        loop {
            if let Some(only) = self.only.get(vertex.index())? {
                return Some(only);
            }
            vertex = match &self.graph.vertex(vertex).op {
                Op::Source(Source::Image { platform, .. } | Source::OciLayout { platform, .. }) => {
                    return Some(self.graph.platform(*platform));
                }
                Op::Source(_) => return None,
                Op::Exec(exec) => return Some(self.graph.platform(exec.platform)),
                Op::File(file) => file.base?,
                Op::Merge { lower, .. } => *lower,
            };
        }
    }

    /// The platform a command builds for, where that is another than its own.
    pub fn cross_to(&self, vertex: VertexIx) -> Option<&Platform> {
        self.crossings[vertex.index()].as_ref()
    }

    /// The foreign programs a native command runs.
    pub fn foreign(&self, vertex: VertexIx) -> &[ForeignCall] {
        self.foreign.get(&vertex).map_or(&[], Vec::as_slice)
    }

    /// What each instruction became, in the order of the file; only instructions that make a step.
    pub fn instructions(&self) -> Vec<Instruction> {
        let same = |a: &Step, b: &Step| (a.stage, a.line) == (b.stage, b.line);
        self.graph.steps().chunk_by(same).map(|steps| self.instruction(steps)).collect()
    }

    fn instruction(&self, steps: &[Step]) -> Instruction {
        let Step { stage, line, .. } = steps[0];
        let is_from = self.graph.stages()[stage.index()].line == line;
        // The image of a COPY --from and the merge of a --link are not what the instruction does.
        let rank = |vertex: VertexIx| match self.graph.vertex(vertex).kind() {
            VertexKind::Source if is_from => 0,
            VertexKind::Exec => 1,
            VertexKind::File => 2,
            VertexKind::Merge => 3,
            VertexKind::Source => 4,
        };
        let best = steps.iter().map(|step| rank(step.vertex)).min().unwrap_or(0);
        let of_kind = steps.iter().filter(|step| rank(step.vertex) == best);
        let mut runs: Vec<Run> =
            of_kind.map(|step| Run { vertex: step.vertex, targets: step.targets }).collect();
        runs.sort_by_key(|run| run.targets.iter().next());
        Instruction { stage, line, runs, vertices: steps.iter().map(|step| step.vertex).collect() }
    }

    /// What the node does, counted.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        let all = self.graph.all_targets();
        for (index, vertex) in self.graph.vertices() {
            if vertex.places.is_empty() {
                continue;
            }
            summary.vertices += 1;
            if vertex.targets == all {
                summary.shared += 1;
            }
            if vertex.kind() == VertexKind::Exec {
                summary.commands += 1;
            }
            match self.execution(index) {
                Some(Execution::Emulated) => summary.emulated += 1,
                Some(Execution::Mixed) => summary.mixed += 1,
                Some(Execution::Unsupported) => summary.unsupported += 1,
                Some(Execution::Native) if self.cross_to(index).is_some() => summary.crossing += 1,
                _ => {}
            }
        }
        for instruction in self.instructions() {
            summary.instructions += 1;
            summary.once += usize::from(instruction.runs.len() == 1);
        }
        summary
    }
}

/// What an instruction became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The stage.
    pub stage: StageIx,
    /// Its first line.
    pub line: Line,
    /// The vertices that do its work, each with the targets it does it for, by their first target. One where the
    /// instruction runs once.
    pub runs: Vec<Run>,
    /// All vertices it owns: also the image of a `COPY --from` and the merge of a `COPY --link`.
    pub vertices: Vec<VertexIx>,
}

/// One run of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The vertex.
    pub vertex: VertexIx,
    /// The targets that need it here.
    pub targets: TargetSet,
}

/// What a build does, counted. Vertices that no instruction owns do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Instructions that make a step.
    pub instructions: usize,
    /// Instructions whose step is one for all platforms that need it.
    pub once: usize,
    /// Vertices.
    pub vertices: usize,
    /// Vertices that all target platforms share.
    pub shared: usize,
    /// Commands.
    pub commands: usize,
    /// Commands under emulation.
    pub emulated: usize,
    /// Native commands that run a foreign program.
    pub mixed: usize,
    /// Native commands that build for another platform.
    pub crossing: usize,
    /// Commands that cannot run.
    pub unsupported: usize,
}
