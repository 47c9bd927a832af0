//! What `COPY --from`, mounts and paths of the context take files from.

use super::intern::PlaceIx;
use super::lower::Lowering;
use super::state::Run;
use super::vertex::{Op, Source};
use crate::ids::{StageIx, TargetIx};
use crate::model::resolve::{Base, StateIx};

impl Lowering<'_, '_> {
    /// Equal for two targets only where a source is the same for both.
    pub(super) fn key_of(
        &self,
        state: StateIx,
        target: TargetIx,
        resolution: usize,
    ) -> (u32, Option<PlaceIx>) {
        match self.model.layout.stages.get(state.0 as usize) {
            Some(_) => {
                let run = self.run_of(StageIx(state.0), target);
                (u32::MAX, run.and_then(|(_, run)| run.state.root))
            }
            None => match self.model.resolutions[resolution].1.bases[state.0 as usize] {
                Base::Scratch => (u32::MAX, None),
                _ => (target.0, None),
            },
        }
    }

    /// The file system of a stage or image, for a run whose targets agree on it.
    ///
    /// The error is the verb's object: what must come earlier in the file.
    pub(super) fn source(
        &mut self,
        state: StateIx,
        run: &Run,
        resolution: usize,
    ) -> Result<Option<PlaceIx>, StageIx> {
        let Some(target) = run.targets.iter().next() else { return Ok(None) };
        if (state.0 as usize) < self.model.layout.stages.len() {
            let stage = StageIx(state.0);
            if stage == self.stage {
                // Only a trigger can name its own stage: it sees what the stage is so far.
                return Ok(run.state.root);
            }
            let base = self.model.resolutions[resolution].1.bases[stage.index()];
            return match self.run_of(stage, target) {
                Some((_, run)) => Ok(run.state.root),
                None => match base {
                    Base::Replaced(context) => {
                        let explicit = self.model.resolutions[resolution].1.froms[stage.index()].platform;
                        let platform = explicit.unwrap_or_else(|| self.model.platform_of(target));
                        let mut state = self.empty_state(platform);
                        self.begin_context(context, platform, &mut state);
                        Ok(state.root)
                    }
                    _ => Err(stage),
                },
            };
        }
        if let Some(place) = self.images.get(&(state, target)) {
            return Ok(*place);
        }
        let resolved = &self.model.resolutions[resolution].1;
        let line = self.model.image_of(resolved, state).and_then(|image| image.line);
        let owner = line.map(|line| self.owned_by(line));
        let platform = self.model.platform_of(target);
        let place = match resolved.bases[state.0 as usize] {
            Base::Image(reference) => {
                let known = self.model.known_image(resolved.bases[state.0 as usize], platform);
                let is_empty = known.is_some_and(|known| known.is_empty);
                let op = Op::Source(Source::Image { reference, platform, pull: self.model.inputs.pull });
                if is_empty { None } else { Some(self.shared.interner.place(op, [], owner)) }
            }
            Base::Context(context) | Base::Replaced(context) => {
                let mut state = self.empty_state(platform);
                self.begin_context(context, platform, &mut state);
                state.root
            }
            Base::Scratch | Base::Stage(_) => None,
        };
        self.images.insert((state, target), place);
        Ok(place)
    }

    /// The build context.
    pub(super) fn context(&mut self) -> PlaceIx {
        if let Some(context) = self.context {
            return context;
        }
        let name = match &self.model.inputs.context {
            Some(context) => self.model.symbols.intern(&context.identity()),
            None => self.model.symbols.intern("context"),
        };
        let place = self.shared.interner.place(Op::Source(Source::Local(name)), [], None);
        self.context = Some(place);
        place
    }

    /// The stage's name for messages.
    pub(super) fn stage_name(&self, stage: StageIx) -> String {
        let name = self.model.layout.stages.get(stage.index()).and_then(|stage| stage.name);
        name.map_or_else(|| format!("number {}", stage.0), |name| format!("{name:?}"))
    }
}
