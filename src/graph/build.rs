//! The finished graph: vertices that the result needs, in an order in which inputs come first.

use foldhash::HashSet;
use smol_str::SmolStr;

use super::vertex::{EdgeKind, Vertex};
use crate::ids::{FileIx, StageIx, TargetIx, TargetSet, VertexIx};
use crate::model::platform::Platform;
use crate::model::reference;
use crate::model::resolve::PlatformIx;
use crate::model::scope::{Assignment, EnvId, EnvLog, EnvReader};
use crate::source::{FileLine, Line};
use crate::symbols::{Symbol, Symbols};

/// The vertices of all builds that one daemon runs together, for all their targets; mostly that is one build.
#[derive(Debug)]
pub struct BuildGraph {
    /// Inputs before what uses them.
    pub(super) vertices: Vec<Vertex>,
    pub(super) symbols: Symbols,
    pub(super) platforms: Vec<Platform>,
    pub(super) log: EnvLog,
    pub(super) stages: Vec<StageInfo>,
    pub(super) steps: Vec<Step>,
    pub(super) finals: Vec<(TargetSet, Option<VertexIx>)>,
    pub(super) targets: Vec<Platform>,
    pub(super) builds: Vec<BuildInfo>,
    pub(super) build_platform: Platform,
    /// Images whose configuration says for which platform they are, whatever is asked for.
    pub(super) fixed: Vec<(Symbol, Platform)>,
}

/// A build, as far as a graph knows it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BuildInfo {
    /// Its name; empty for a Dockerfile that is built on its own.
    pub name: String,
    /// Its Dockerfile.
    pub file: FileIx,
    /// Its targets, which follow each other.
    pub targets: TargetSet,
    /// The position of the first of them.
    pub first_target: TargetIx,
    /// The stage that is built.
    pub stage: StageIx,
    /// The first stage of its file: a graph counts the stages of all files together.
    pub first_stage: StageIx,
}

/// A stage, as far as a graph knows it.
#[derive(Debug, Clone)]
pub struct StageInfo {
    /// Its Dockerfile.
    pub file: FileIx,
    pub(crate) name: Option<SmolStr>,
    /// The line of its `FROM`.
    pub line: Line,
    /// The targets that need it.
    pub reachable: TargetSet,
    /// The stage it is based on, where all its targets agree on one.
    pub parent: Option<StageIx>,
}

impl StageInfo {
    /// Its name, in lower case.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
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

impl BuildGraph {
    /// How many vertices there are.
    pub fn len(&self) -> usize {
        self.vertices.len()
    }

    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A vertex.
    pub fn vertex(&self, vertex: VertexIx) -> &Vertex {
        &self.vertices[vertex.index()]
    }

    /// All vertices; inputs come before what uses them.
    pub fn vertices(&self) -> impl DoubleEndedIterator<Item = (VertexIx, &Vertex)> {
        self.vertices.iter().enumerate().map(|(at, vertex)| (VertexIx::new(at), vertex))
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

    /// The stage that is built; the first build's, where there are several.
    pub fn target_stage(&self) -> StageIx {
        self.builds.first().map_or(StageIx(0), |build| build.stage)
    }

    /// The builds that the daemon runs together; at least one.
    pub fn builds(&self) -> &[BuildInfo] {
        &self.builds
    }

    /// The build that a target belongs to.
    pub fn build_of(&self, target: TargetIx) -> Option<&BuildInfo> {
        self.builds.iter().find(|build| build.targets.contains(target))
    }

    /// The stage that a line is in; `None` before the first `FROM` of its file.
    pub fn stage_at(&self, at: FileLine) -> Option<StageIx> {
        let own = self.stages.iter().rposition(|stage| stage.file == at.file && stage.line <= at.line);
        own.map(StageIx::new)
    }

    /// A line of the file that a stage is in.
    pub fn place(&self, stage: StageIx, line: Line) -> FileLine {
        FileLine { file: self.stages.get(stage.index()).map_or(FileIx(0), |stage| stage.file), line }
    }

    /// The platform of each target.
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

    /// The platform that an image is for whatever is asked for, as its configuration or its name says; `None` for one that is
    /// taken to exist for every platform.
    pub fn only_platform(&self, reference: Symbol) -> Option<Platform> {
        let fixed = self.fixed.iter().find(|(known, _)| *known == reference);
        fixed.map(|(_, platform)| platform.clone()).or_else(|| reference::platform_of(self.text(reference)))
    }

    /// The value of a variable in an environment.
    pub fn variable(&self, env: EnvId, name: &str) -> Option<&str> {
        let value = self.log.value(env, self.symbols.find(name)?)?;
        Some(self.text(value))
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
            assert!(vertex.places.is_sorted_by(|a, b| a < b), "{index:?}: {:?}", vertex.places);
            assert_eq!(vertex.places.is_empty(), vertex.stages.is_empty(), "{index:?}");
            for (input, _) in self.inputs(index) {
                assert!(input < index, "{input:?} is an input of {index:?}");
                let missing = vertex.targets.without(self.vertex(input).targets);
                assert!(missing.is_empty(), "{input:?} is needed by {index:?} for {missing:?}");
            }
        }
    }
}
