//! `FROM --platform=…` that is constant, says what holds without it, or has no effect.

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Kind, Word};
use crate::ids::TargetIx;
use crate::model::platform::Platform;
use crate::model::resolve::{Base, Model, PlatformIx, Stage};
use crate::model::scope::GlobalScope;

pub(super) fn check(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    if model.stages.iter().all(|stage| stage.from.platform.is_none()) {
        return;
    }
    for stage in &model.stages {
        let Some(word) = stage.from.platform else { continue };
        constant(model, stage, word, found);
        redundant(model, stage, word, found);
    }
    ignored(model, found);
}

/// A platform without a variable in it, unless the stage is named after it.
fn constant(model: &Model<'_>, stage: &Stage<'_>, word: Word<'_>, found: &mut Vec<Diagnostic>) {
    if word.text.contains('$') {
        return;
    }
    let Some((text, _)) = expanded(model, word) else { return };
    let Ok(platform) = Platform::parse(&text, &model.inputs.build_platform) else { return };
    let name = stage.name.unwrap_or_default();
    if name.contains(&*platform.os) || name.contains(&*platform.architecture) {
        return;
    }
    let message = format!("the stage is for {platform} whatever platform is built for");
    let diagnostic = Diagnostic::warning(Code::FromPlatformFlagConstDisallowed, message)
        .at(stage.instruction.line)
        .span(word.span);
    found.push(diagnostic.help(
        "write `--platform=$BUILDPLATFORM` for a stage that only builds, leave the flag out for one that ends in \
         the image, or name the stage after its platform where it is meant",
    ));
}

/// `$TARGETPLATFORM` alone.
fn redundant(model: &Model<'_>, stage: &Stage<'_>, word: Word<'_>, found: &mut Vec<Diagnostic>) {
    const NAME: &str = "TARGETPLATFORM";
    if !word.text.contains(NAME) {
        return;
    }
    let Some((text, names)) = expanded(model, word) else { return };
    let value = model.symbols.find(NAME).and_then(|name| model.globals.get(name));
    let value = value.map(|value| model.symbols.text(value.of(TargetIx(0))));
    if names[..] == [NAME] && value == Some(&*text) {
        let message = format!("a stage is for {} without a flag as well", word.text);
        let diagnostic = Diagnostic::warning(Code::RedundantTargetPlatform, message)
            .at(stage.instruction.line)
            .span(word.span);
        found.push(diagnostic.help("leave `--platform` out"));
    }
}

/// What a word says for the first target, and the names it looks up.
fn expanded(model: &Model<'_>, word: Word<'_>) -> Option<(String, SmallVec<[SmolStr; 2]>)> {
    let looked_up = model.looked_up();
    let mut scope =
        GlobalScope { globals: &model.globals, symbols: &model.symbols, target: TargetIx(0), looked_up };
    let text = model.lexer().expand(word.text, &mut scope).ok()?.into_owned();
    let mut names = scope.looked_up.missing;
    names.extend(scope.looked_up.found.iter().map(|name| model.symbols.text(*name).into()));
    Some((text, names))
}

/// A flag on a stage or on scratch that asks for another platform than the stage has. On scratch it matters to commands
/// only: files hold no platform.
fn ignored(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    let mut said = vec![false; model.stages.len()];
    for (targets, resolution) in &model.resolutions {
        // The platform of each stage; `None` is the target's.
        let mut platforms: Vec<Option<PlatformIx>> = Vec::with_capacity(model.stages.len());
        for (at, stage) in model.stages.iter().enumerate() {
            let asked = resolution.froms[at].platform;
            let own = match resolution.bases[at] {
                Base::Stage(base) => platforms[base.index()],
                Base::Scratch => None,
                Base::Image(_) | Base::Context(_) | Base::Replaced(_) => asked,
            };
            platforms.push(own);
            let Some(asked) = asked.filter(|_| !said[at]) else { continue };
            let normal = |platform: PlatformIx| model.platforms[platform.0 as usize].normalized();
            let differ = |asked, own| asked != own && normal(asked) != normal(own);
            let differs = targets
                .iter()
                .find(|target| differ(asked, own.unwrap_or_else(|| model.platform_of(*target))));
            let (Some(target), Some(word)) = (differs, stage.from.platform) else { continue };
            let runs = || stage.body.iter().any(|instruction| matches!(instruction.kind, Kind::Run(_)));
            if resolution.bases[at] == Base::Scratch && !runs() {
                continue;
            }
            said[at] = true;
            let actual = normal(own.unwrap_or_else(|| model.platform_of(target)));
            let base = match resolution.bases[at] {
                Base::Stage(base) => Some(&model.stages[base.index()]),
                _ => None,
            };
            found.push(ignored_flag(stage, base, word, &actual));
        }
    }
}

fn ignored_flag(
    stage: &Stage<'_>,
    base: Option<&Stage<'_>>,
    word: Word<'_>,
    actual: &Platform,
) -> Diagnostic {
    let Some(base) = base else {
        let message =
            format!("`--platform` has no effect on scratch: commands of this stage run for {actual}");
        return Diagnostic::warning(Code::IgnoredPlatformFlag, message)
            .at(stage.instruction.line)
            .span(word.span)
            .help("run the commands in a stage on an image of that platform");
    };
    let name = base.name.unwrap_or_default();
    let message =
        format!("`--platform` has no effect on a stage: {name} is for {actual}, and so is this one");
    Diagnostic::warning(Code::IgnoredPlatformFlag, message)
        .at(stage.instruction.line)
        .span(word.span)
        .label(base.from.base.span, "decides the platform")
        .help(format!("put `--platform` on the FROM of `{name}` (line {})", base.instruction.line))
}
