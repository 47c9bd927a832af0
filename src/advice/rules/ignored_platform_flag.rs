//! `--platform` on a `FROM` where BuildKit does not look at it.

use crate::advice::facts::context::Context;
use crate::advice::facts::text_ranges::flag_with_space;
use crate::advice::facts::variables::{PLATFORM_ARGS, variables};
use crate::diagnostic::{Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::ids::{StageIx, TargetIx};
use crate::model::platform::Platform;
use crate::model::resolve::Base;

/// The rule.
pub const RULE: Rule = Rule {
    code: "ignored-platform-flag",
    severity: Severity::Warning,
    summary: "`--platform` on a FROM that names a stage or scratch has no effect",
    doc: Some(Doc {
        what: "Finds `FROM --platform=… stage` and `FROM --platform=… scratch`.",
        why: "A stage has the platform of the stage it is based on, and an empty one that of the target; BuildKit \
              overwrites what the flag says without a word. Who wrote it believes that the stage is pinned.",
        before: "FROM golang:1.25 AS base\nFROM --platform=$BUILDPLATFORM base AS tools\nRUN go version\n",
        after: "FROM golang:1.25 AS base\nFROM base AS tools\nRUN go version\n",
        silent: "`FROM --platform=… image`, also where the image is called like a later stage; a flag that repeats what the \
                 stage is pinned to. Where an argument names the stage, there is no fix: others may pass an image.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let targets = context.node.graph.targets();
    for stage in context.stages.iter().filter(|stage| stage.from.platform.is_some()) {
        // What an argument of the project's own names may be an image in another build, for which the flag decides.
        let is_chosen = variables(stage.from.base.text).any(|name| !PLATFORM_ARGS.contains(&name));
        let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform");
        let ignored =
            (0..targets.len()).map(TargetIx::new).find_map(|target| ignored(context, stage.index, target));
        let (Some(flag), Some(Ignored { base, actual })) = (flag, ignored) else { continue };
        let (message, help) = match base.map(|base| context.stage(base)) {
            Some(base) if is_chosen => (
                format!(
                    "`--platform` has no effect here: the argument names the stage {}, which is for {actual}",
                    base.name.unwrap_or_default()
                ),
                "The flag counts only where an image is passed; to pin the stage, pin the one that is named."
                    .to_owned(),
            ),
            None if is_chosen => continue,
            Some(base) => {
                let root = context.stage(root(context, base.index));
                let name = base.name.unwrap_or("the stage it is based on");
                (
                    format!(
                        "`--platform` has no effect on a stage: {name} is for {actual}, and so is this one"
                    ),
                    format!(
                        "Take the flag out. The platform is decided on line {}, where {} is taken from an image.",
                        root.instruction.line, name
                    ),
                )
            }
            None => (
                "`--platform` has no effect on an empty stage, which is the target's".to_owned(),
                "Take the flag out: copying into an empty stage depends on no platform.".to_owned(),
            ),
        };
        let fix = Fix {
            description: "take out the flag that nothing reads".to_owned(),
            edits: vec![Edit::delete(flag_with_space(context.text(), flag.span))],
            applicability: Applicability::Always,
            licence: Vec::new(),
        };
        let diagnostic = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        found.push(diagnostic.span(flag.span).fixed((!is_chosen).then_some(fix)));
    }
}

/// A flag that asks for another platform than its stage has.
struct Ignored {
    /// The stage it is based on; `None` for an empty one.
    base: Option<StageIx>,
    /// The platform it has for the target.
    actual: String,
}

/// What a stage has instead of what its flag asks for, for a target; `None` where it has what is asked for, or what decides is
/// an image.
fn ignored(context: &Context<'_>, stage: StageIx, target: TargetIx) -> Option<Ignored> {
    let resolved = context.resolved;
    let asked = resolved.asked_platform(stage, target)?.normalized();
    let base = match resolved.base(stage, target)? {
        Base::Stage(base) => Some(base),
        Base::Scratch => None,
        Base::Image(_) | Base::Context(_) | Base::Replaced(_) => return None,
    };
    let actual = platform(context, stage, target)?.normalized();
    (asked != actual).then(|| Ignored { base, actual: actual.to_string() })
}

/// The platform that a stage has for a target: that which the image asks for in which its ancestry begins, or the target's.
fn platform<'c>(context: &Context<'c>, stage: StageIx, target: TargetIx) -> Option<&'c Platform> {
    let resolved = context.resolved;
    let root = resolved.ancestry(stage, target).last()?;
    let asked = || resolved.asked_platform(root, target);
    let asked = if resolved.base(root, target) == Some(Base::Scratch) { None } else { asked() };
    asked.or_else(|| context.node.graph.targets().get(target.index()))
}

/// The stage in which the ancestry of a stage begins, for the first target.
fn root(context: &Context<'_>, stage: StageIx) -> StageIx {
    context.resolved.ancestry(stage, TargetIx::new(0)).last().unwrap_or(stage)
}
