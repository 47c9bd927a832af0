//! A base image that is for another platform than its stage.

use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::variables::{PLATFORM_ARGS, variables};
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::ids::{StageIx, TargetIx};
use crate::model::platform::Platform;
use crate::model::reference::familiar;
use crate::model::reference::platform_of;

/// The rule.
pub const RULE: Rule = Rule {
    code: "invalid-base-image-platform",
    summary: "a base image is for another platform than its stage",
    build_check: Some("InvalidBaseImagePlatform"),
    is_of_file: true,
    doc: Some(Doc {
        what: "Finds a stage on an image whose configuration, given with `--image-config`, is for another platform or has none for it, \
               images that are built on one whose name says another architecture, such as `amd64/alpine`, and stages that are \
               chosen by the platform where there is none for this one.",
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
    for stage in &context.stages {
        if let Some((name, target)) = missing(context, stage) {
            let message = format!(
                "no stage is called {name}, so an image of that name is pulled for {}",
                target.short()
            );
            let help = "Add the stage of that platform, or build for those that have one.";
            let diagnostic = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
            found.push(diagnostic.span(stage.from.base.span));
            continue;
        }
        let targets = (0..context.node.graph.targets().len()).map(TargetIx::new);
        let wrong = targets.into_iter().find_map(|target| wrong(context, stage.index, target));
        let Some((image, actual, expected)) = wrong else { continue };
        let message = match actual {
            Some(actual) => format!(
                "{} is an image for {}, and the stage is for {expected}",
                familiar(image),
                actual.normalized()
            ),
            None => format!("the configuration given for {} has none for {expected}", familiar(image)),
        };
        let help = "Take an image that exists for every platform that is built for.";
        let diagnostic = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        found.push(diagnostic.span(stage.from.base.span));
    }
}

/// The stage that a `FROM` means by a variable, as others are called likewise, and that there is none of for a target.
fn missing<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<(String, &'c Platform)> {
    const LEAST: usize = 3;
    let (start, _) = stage.from.base.text.split_once('$').filter(|(start, _)| start.len() >= LEAST)?;
    variables(stage.from.base.text).find(|name| PLATFORM_ARGS.contains(name))?;
    let is_likewise = |other: &StageView<'_>| other.name.is_some_and(|name| name.starts_with(start));
    if !context.stages.iter().any(is_likewise) {
        return None;
    }
    let resolved = context.resolved;
    context.node.graph.targets().iter().enumerate().find_map(|(at, platform)| {
        let target = TargetIx::new(at);
        let needed = resolved.is_needed(stage.index, target);
        let image = resolved.image(resolved.base(stage.index, target).filter(|_| needed)?)?;
        let name = familiar(image);
        let name = name.strip_suffix(":latest").unwrap_or(name);
        let is_plain = name.len() > start.len() && !name.contains(['/', ':', '@', '.']);
        is_plain.then(|| (name.to_owned(), platform))
    })
}

/// The image a stage is based on for a target that needs it, its platform, and the one it should have, where they differ.
fn wrong<'c>(
    context: &Context<'c>,
    stage: StageIx,
    target: TargetIx,
) -> Option<(&'c str, Option<Platform>, &'c Platform)> {
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
    let inputs = resolved.inputs();
    let known = inputs.known_image(image, expected);
    if known.is_none() && inputs.images.iter().any(|other| other.reference == image) {
        return Some((image, None, expected));
    }
    // A name tells the architecture; that the system is Linux is a guess.
    let is_told = |named: &Platform| named.os == expected.os && context.is_in_image(stage);
    let by_name = || platform_of(image).filter(is_told);
    let actual = known.and_then(|known| known.config.platform.clone()).or_else(by_name)?;
    let differs = actual.os != expected.os || actual.architecture != expected.architecture;
    differs.then_some((image, Some(actual), expected))
}
