//! A base image that is for another platform than its stage.

use crate::advice::facts::context::Context;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::ids::{StageIx, TargetIx};
use crate::model::platform::Platform;
use crate::model::reference::familiar;

/// The rule.
pub const RULE: Rule = Rule {
    code: "invalid-base-image-platform",
    summary: "a base image is for another platform than its stage",
    build_check: Some("InvalidBaseImagePlatform"),
    is_of_file: true,
    doc: Some(Doc {
        what: "Finds a stage on an image whose configuration, given with `--image-config`, is for another platform.",
        why: "A registry that has the image for one platform gives that one whatever is asked for. The stage runs under \
              emulation, and an image that ends in it starts nowhere but there.",
        before: "FROM alpine:3.22\nRUN apk add git\n",
        after: "FROM debian:trixie\nRUN apt-get update\n",
        silent: "An image whose configuration is not given; a build without `--platform`, of which the image decides.",
        no_fix: Some("which image there is for every platform, the file does not say."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if context.inputs.images.is_empty() {
        return;
    }
    for stage in &context.stages {
        let targets = (0..context.node.graph.targets().len()).map(TargetIx::new);
        let wrong = targets.into_iter().find_map(|target| wrong(context, stage.index, target));
        let Some((image, actual, expected)) = wrong else { continue };
        let message = format!(
            "{} is an image for {}, and the stage is for {expected}",
            familiar(image),
            actual.normalized()
        );
        let help = "Take an image that exists for every platform that is built for.";
        let diagnostic = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        found.push(diagnostic.span(stage.from.base.span));
    }
}

/// The image a stage is based on for a target that needs it, its platform, and the one it should have, where they differ.
fn wrong<'c>(
    context: &Context<'c>,
    stage: StageIx,
    target: TargetIx,
) -> Option<(&'c str, &'c Platform, &'c Platform)> {
    let resolved = context.resolved;
    if !resolved.is_needed(stage, target) {
        return None;
    }
    let image = resolved.image(resolved.base(stage, target)?)?;
    let asked = resolved.asked_platform(stage, target);
    if asked.is_none() && context.inputs.implicit_target {
        return None;
    }
    let expected = asked.or_else(|| context.node.graph.targets().get(target.index()))?;
    let actual = resolved.inputs().known_image(image, expected)?.config.platform.as_ref()?;
    let differs = actual.os != expected.os || actual.architecture != expected.architecture;
    differs.then_some((image, actual, expected))
}
