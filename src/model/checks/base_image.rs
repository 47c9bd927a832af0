//! Base images: one that only a `--build-arg` makes valid, and one for another platform than its stage.

use crate::diagnostic::{Code, Diagnostic};
use crate::ids::TargetIx;
use crate::model::globals;
use crate::model::reference;
use crate::model::resolve::{Base, Model, Tables};
use crate::model::scope::GlobalScope;

pub(super) fn check(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    if !model.build_args.is_empty() && model.stages.iter().any(|stage| stage.from.base.text.contains('$')) {
        defaults(model, found);
    }
    if !model.inputs.images.is_empty() {
        platforms(model, found);
    }
}

/// What `FROM` says where no build argument is given. Without any, that is what it says anyway.
fn defaults(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    let mut bare = Model::new(model.file, model.inputs, Tables::usual());
    globals::evaluate_defaults(&mut bare);
    if !bare.failures.is_empty() {
        return;
    }
    for stage in model.stages.iter().filter(|stage| stage.from.base.text.contains('$')) {
        let word = stage.from.base;
        let looked_up = bare.looked_up();
        let mut scope =
            GlobalScope { globals: &bare.globals, symbols: &bare.symbols, target: TargetIx(0), looked_up };
        let Ok(text) = bare.lexer().expand(word.text, &mut scope) else { return };
        let Err(reason) = reference::normalize(&text) else { continue };
        let message = if text.is_empty() {
            format!("without --build-arg {} is empty, which is no image", word.text)
        } else {
            format!("without --build-arg {} is {text:?}, which is no image: {reason}", word.text)
        };
        let diagnostic = Diagnostic::warning(Code::InvalidDefaultArgInFrom, message)
            .at(stage.instruction.line)
            .span(word.span);
        found.push(diagnostic.help("give the ARG before the first FROM a default that names an image"));
    }
}

/// Configurations that were given for images.
fn platforms(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    let mut said = vec![false; model.stages.len()];
    for (targets, resolution) in &model.resolutions {
        for (at, stage) in model.stages.iter().enumerate() {
            let base = resolution.bases[at];
            let Base::Image(reference) = base else { continue };
            if said[at] || !resolution.reachable[at] {
                continue;
            }
            for target in targets.iter() {
                let platform = resolution.froms[at].platform.unwrap_or_else(|| model.platform_of(target));
                let expected = &model.platforms[platform.0 as usize];
                let known = model.known_image(base, platform);
                let Some(actual) = known.as_ref().and_then(|known| known.platform.as_ref()) else { continue };
                let explicit = resolution.froms[at].platform.is_some() || !model.inputs.implicit_target;
                if actual.os == expected.os && actual.architecture == expected.architecture || !explicit {
                    continue;
                }
                said[at] = true;
                let name = reference::familiar(model.symbols.text(reference));
                let message = format!(
                    "{name} is an image for {}, and the stage is for {expected}",
                    actual.normalized()
                );
                let diagnostic = Diagnostic::warning(Code::InvalidBaseImagePlatform, message)
                    .at(stage.instruction.line)
                    .span(stage.from.base.span);
                found.push(diagnostic.help("take an image that exists for every platform that is built for"));
                break;
            }
        }
    }
}
