//! What the words of a Dockerfile stand for in one build, for who asks after it was built.

use crate::dockerfile::Dockerfile;
use crate::graph::BuildGraph;
use crate::ids::{BuildIx, StageIx, TargetIx, TargetSet};
use crate::model::inputs::Inputs;
use crate::model::platform::Platform;
use crate::model::resolve::{Base, Link, Model, Resolution, Stage, StateIx};

/// What the words of a Dockerfile stand for in one build on one node: its stages, and for each target what they are based
/// on and take files from.
///
/// A stage of the same `FROM` may be based on another stage for one target and on an image for the next, and may be needed
/// for some of them only; so nearly all questions name a target, by its position among those of the daemon. Stages are counted
/// within the file.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'b> {
    model: &'b Model<'b>,
    graph: &'b BuildGraph,
    /// The position of the build's first target among those of the daemon.
    first: usize,
}

/// Where a `COPY --from` or a mount takes files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilesOf<'b> {
    /// A stage of the file.
    Stage(StageIx),
    /// An image, by its canonical reference.
    Image(&'b str),
    /// A named context, by its position in the inputs.
    Context(u32),
    /// Nothing: an empty file system.
    Scratch,
}

impl<'b> Resolved<'b> {
    pub(super) fn new(model: &'b Model<'b>, graph: &'b BuildGraph, build: BuildIx) -> Self {
        let first = graph.builds().get(build.index()).map_or(0, |build| build.first_target.index());
        Self { model, graph, first }
    }

    /// The position of a target among those of the build.
    fn own(self, target: TargetIx) -> Option<TargetIx> {
        target.index().checked_sub(self.first).map(TargetIx::new)
    }

    /// The tree.
    pub const fn file(self) -> &'b Dockerfile<'b> {
        self.model.file
    }

    /// What was to be built.
    pub const fn inputs(self) -> &'b Inputs {
        self.model.inputs
    }

    /// The stages as written, those that nobody needs included.
    pub fn stages(self) -> &'b [Stage<'b>] {
        &self.model.layout.stages
    }

    /// The stage that is built; `None` only for a file without stages.
    pub const fn target_stage(self) -> Option<StageIx> {
        self.model.target
    }

    /// The stage that `--from` or `--target` means by a name, whatever its letter case: the last one of that name.
    pub fn stage_named(self, name: &str) -> Option<StageIx> {
        self.model.stage_named(&name.to_lowercase())
    }

    fn resolution(self, target: TargetIx) -> Option<&'b Resolution<'b>> {
        let target = self.own(target)?;
        let found = self.model.resolutions.iter().find(|(targets, _)| targets.contains(target));
        found.map(|(_, resolution)| resolution)
    }

    /// What a stage is based on for a target. Known for stages that the target does not need, too.
    pub fn base(self, stage: StageIx, target: TargetIx) -> Option<Base> {
        self.resolution(target)?.bases.get(stage.index()).copied()
    }

    /// What a stage is based on: each base with the targets for which it is that. One entry where all agree.
    pub fn bases(self, stage: StageIx) -> Vec<(Base, TargetSet)> {
        let mut bases: Vec<(Base, TargetSet)> = Vec::new();
        for (targets, resolution) in &self.model.resolutions {
            let Some(&base) = resolution.bases.get(stage.index()) else { continue };
            match bases.iter_mut().find(|(known, _)| *known == base) {
                Some((_, known)) => *known = known.union(targets.later(self.first)),
                None => bases.push((base, targets.later(self.first))),
            }
        }
        bases
    }

    /// The canonical reference of the image that a base is; `None` where it is none.
    pub fn image(self, base: Base) -> Option<&'b str> {
        match base {
            Base::Image(reference) => Some(self.graph.text(reference)),
            Base::Stage(_) | Base::Scratch | Base::Context(_) | Base::Replaced(_) => None,
        }
    }

    /// The stage that a stage is based on for a target.
    pub fn parent(self, stage: StageIx, target: TargetIx) -> Option<StageIx> {
        match self.base(stage, target)? {
            Base::Stage(parent) => Some(parent),
            _ => None,
        }
    }

    /// A stage, the one it is based on, and so on, for a target.
    pub fn ancestry(self, stage: StageIx, target: TargetIx) -> impl Iterator<Item = StageIx> + use<'b> {
        // A stage is based on an earlier one, so this ends.
        std::iter::successors(Some(stage), move |stage| self.parent(*stage, target))
    }

    /// What a `FROM` names for a target, with its variables expanded.
    pub fn from(self, stage: StageIx, target: TargetIx) -> Option<&'b str> {
        Some(self.graph.text(self.resolution(target)?.froms.get(stage.index())?.base))
    }

    /// The platform that a `FROM` asks for with `--platform`, for a target; `None` where it asks for none.
    pub fn asked_platform(self, stage: StageIx, target: TargetIx) -> Option<&'b Platform> {
        let platform = self.resolution(target)?.froms.get(stage.index())?.platform?;
        Some(self.graph.platform(platform))
    }

    /// Whether a target needs a stage.
    pub fn is_needed(self, stage: StageIx, target: TargetIx) -> bool {
        let resolution = self.resolution(target);
        resolution
            .and_then(|resolution| resolution.reachable.get(stage.index()))
            .is_some_and(|needed| *needed)
    }

    /// What an instruction takes files from for a target: the `--from` of a copy, or each mount of a command in order. Empty
    /// where it takes from the build context alone.
    ///
    /// # Arguments
    /// * `instruction`: its position among all instructions of the file.
    pub fn files_of(self, instruction: usize, target: TargetIx) -> Vec<FilesOf<'b>> {
        let Some(resolution) = self.resolution(target) else { return Vec::new() };
        let states = match self.model.layout.links.get(instruction) {
            Some(Link::Copy(state)) => std::slice::from_ref(state),
            Some(Link::Mounts(states)) => *states,
            Some(Link::None) | None => &[],
        };
        states.iter().map(|state| self.files_of_state(*state, resolution)).collect()
    }

    fn files_of_state(self, state: StateIx, resolution: &Resolution<'_>) -> FilesOf<'b> {
        if (state.0 as usize) < self.model.layout.stages.len() {
            return FilesOf::Stage(StageIx(state.0));
        }
        match resolution.bases.get(state.0 as usize) {
            Some(Base::Image(reference)) => FilesOf::Image(self.graph.text(*reference)),
            Some(Base::Context(context) | Base::Replaced(context)) => FilesOf::Context(*context),
            Some(Base::Stage(_) | Base::Scratch) | None => FilesOf::Scratch,
        }
    }
}
