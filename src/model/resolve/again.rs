//! A further build of a file that differs from an earlier one in the stage that is built alone: what its words stand for is
//! known, and only which of its stages are needed is asked again.

use std::sync::Arc;

use foldhash::HashMap;

use super::{Failure, Model, Phase, Resolution, Results, Tables};
use crate::dockerfile::Arena;
use crate::dockerfile::ast::Kind;
use crate::ids::TargetIx;
use crate::model::globals;
use crate::model::inputs::Inputs;
use crate::model::observation::Observation;

/// A build that was resolved before, and what was met when it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Earlier<'m, 'a> {
    pub(crate) model: &'m Model<'a>,
    pub(crate) observations: &'m [Observation],
}

impl<'a> Earlier<'_, 'a> {
    /// Whether words stand for the same in a build with other inputs.
    pub(crate) fn holds_for(&self, inputs: &Inputs) -> bool {
        self.model.inputs.differs_in_stage_alone(inputs) && !self.reads_target_stage()
    }

    /// Whether a `FROM`, or an argument before the first, may depend on the stage that is built.
    fn reads_target_stage(&self) -> bool {
        let stages = self.model.layout.stages.iter().map(|stage| stage.from);
        let mut words = stages.flat_map(|from| [Some(from.base), from.platform]).flatten();
        let before = self.model.layout.stages.first().map_or(0, |stage| stage.first);
        let arguments = self.model.file.instructions.iter().take(before);
        let mut arguments = arguments.filter_map(|instruction| match &instruction.kind {
            Kind::Arg(arguments) => Some(arguments),
            _ => None,
        });
        let says = |text: &str| text.contains(globals::TARGETSTAGE);
        words.any(|word| says(word.text))
            || arguments.any(|arguments| {
                let mut each = arguments.iter();
                each.any(|arg| says(arg.name.text) || arg.default.is_some_and(|word| says(word.text)))
            })
    }

    /// The model of the same file with another stage to build.
    pub(super) fn resolve(
        self,
        inputs: &'a Inputs,
        arena: &'a Arena,
        tables: Tables,
        results: Results,
    ) -> Model<'a> {
        let known = self.model;
        let Tables { symbols, platforms, more_platforms } = tables;
        let mut model = Model {
            file: known.file,
            inputs,
            symbols,
            platforms,
            more_platforms,
            targets: known.targets.clone(),
            results,
            build_args: known.build_args.clone(),
            globals: known.globals.clone(),
            layout: Arc::clone(&known.layout),
            target: None,
            resolutions: Vec::with_capacity(known.resolutions.len()),
            failures: Vec::new(),
            observations: self.observations.to_vec(),
            steps_left: known.steps_left,
        };
        globals::set_target_stage(&mut model);
        model.find_target();
        if model.failures.is_empty() {
            model.reach_again(known, arena);
        }
        model
    }
}

impl<'a> Model<'a> {
    fn reach_again(&mut self, known: &Self, arena: &'a Arena) {
        let count = self.layout.stages.len() + self.layout.images.len();
        for (targets, resolution) in &known.resolutions {
            let begun = Resolution {
                // Images that only triggers name are behind these.
                bases: resolution.bases.iter().take(count).copied().collect(),
                froms: resolution.froms.clone(),
                reachable: Vec::new(),
                extra_images: Vec::new(),
                triggers: HashMap::default(),
            };
            match self.reach_target(begun, targets.iter().next().unwrap_or(TargetIx(0)), arena) {
                Ok(resolution) => self.resolutions.push((*targets, resolution)),
                Err(diagnostic) => {
                    self.failures.push(Failure { phase: Phase::Images, targets: *targets, diagnostic });
                }
            }
        }
    }
}
