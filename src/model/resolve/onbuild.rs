//! `ONBUILD`: the instructions that a base puts into the stages built on it.

use smallvec::SmallVec;

use super::reach::linked;
use super::{Base, Link, Model, Resolution, StateIx, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::dockerfile::{Arena, MAX_INSTRUCTIONS, parse_trigger};
use crate::ids::{StageIx, TargetIx};
use crate::model::inputs::ContextSource;

impl<'a> Model<'a> {
    /// Puts the triggers of base stages and images into the stages that need them, and into those that are needed because
    /// of that.
    ///
    /// BuildKit reads the triggers of images that are copied from or replace a stage, too, and fails where they are wrong,
    /// but does not run them.
    pub(super) fn fire_triggers(
        &mut self,
        mut states: SmallVec<[StateIx; 16]>,
        resolution: &mut Resolution<'a>,
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<(), Diagnostic> {
        let known = self.inputs.images.iter().any(|image| !image.config.onbuild.is_empty())
            || self
                .inputs
                .contexts
                .iter()
                .any(|context| matches!(context.source, ContextSource::Result { .. }));
        let written =
            self.file.instructions.iter().any(|instruction| matches!(instruction.kind, Kind::Onbuild(_)));
        if !known && !written {
            return Ok(());
        }
        let mut linker = self.linker(self.layout.images.clone(), arena);
        let mut count = 0;
        while !states.is_empty() {
            let mut needed: SmallVec<[StateIx; 16]> = SmallVec::new();
            for state in states {
                let stage = self.layout.stages.get(state.0 as usize);
                let line = match stage {
                    Some(stage) => Some(stage.instruction.line),
                    None => self.image_of(resolution, state).and_then(|image| image.line),
                };
                let placed = |diagnostic: Diagnostic| match line {
                    Some(line) => diagnostic.at(line),
                    None => diagnostic,
                };
                let blamed = |diagnostic| placed(at_trigger(diagnostic));
                let runs =
                    stage.is_some() && !matches!(resolution.bases[state.0 as usize], Base::Replaced(_));
                let fired = self.fired(resolution, state, target, arena).map_err(blamed)?;
                count += fired.len();
                if count > MAX_INSTRUCTIONS {
                    let message = format!(
                        "the triggers of ONBUILD exceed the limit of {MAX_INSTRUCTIONS} instructions"
                    );
                    return Err(placed(Diagnostic::error(Code::LimitExceeded, message)));
                }
                let mut triggers = Vec::with_capacity(fired.len());
                for instruction in fired {
                    let link = linker
                        .link(instruction, self.lexer(), &self.layout.names, &mut self.symbols)
                        .map_err(blamed)?;
                    if let Link::Copy(state) = link
                        && let Some(image) =
                            linker.images.get_mut((state.0 as usize).wrapping_sub(self.layout.stages.len()))
                        && image.line == Some(instruction.line)
                    {
                        image.line = line;
                    }
                    needed.extend(linked(link));
                    triggers.push(Trigger { instruction, link });
                }
                if runs {
                    resolution.triggers.insert(StageIx(state.0), triggers);
                }
            }
            let known = self.layout.images.len() + resolution.extra_images.len();
            for image in &linker.images[known..] {
                resolution.bases.push(self.image_base(image.name, None, target, image.line)?);
                resolution.extra_images.push(*image);
            }
            states = self.reach(needed, resolution);
        }
        Ok(())
    }

    /// The instructions that the base of a stage or image triggers in it.
    fn fired(
        &self,
        resolution: &Resolution<'a>,
        state: StateIx,
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<Vec<&'a Instruction<'a>>, Diagnostic> {
        match resolution.bases[state.0 as usize] {
            Base::Stage(base) => {
                let body = self.layout.stages[base.index()].body.iter();
                let triggers = body.filter_map(|instruction| match &instruction.kind {
                    Kind::Onbuild(onbuild) => Some(&onbuild.trigger),
                    _ => None,
                });
                let triggers = triggers.map(|trigger| match trigger {
                    Ok(instruction) => Ok(*instruction),
                    Err(diagnostic) => Err((**diagnostic).clone()),
                });
                triggers.collect()
            }
            base @ (Base::Image(_) | Base::Context(_) | Base::Replaced(_)) => {
                let from = resolution.froms.get(state.0 as usize);
                let platform =
                    from.and_then(|from| from.platform).unwrap_or_else(|| self.platform_of(target));
                let image = self.known_image(base, platform);
                let texts = image.as_ref().map_or(&[][..], |image| &image.onbuild);
                let parse = |text: &String| match parse_trigger(arena.keep(text), arena) {
                    Ok(instruction) if matches!(instruction.kind, Kind::From(_)) => {
                        Err(Diagnostic::error(Code::BadOnbuild, "ONBUILD cannot trigger FROM"))
                    }
                    Ok(instruction) => Ok(instruction),
                    Err(diagnostic) => Err(*diagnostic),
                };
                texts.iter().map(parse).collect()
            }
            Base::Scratch => Ok(Vec::new()),
        }
    }
}

/// A problem inside a trigger, without its places: they are those of the trigger's own text.
fn at_trigger(mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.span = None;
    diagnostic.labels.clear();
    diagnostic.message = format!("in an ONBUILD trigger of the base: {}", diagnostic.message);
    diagnostic
}
