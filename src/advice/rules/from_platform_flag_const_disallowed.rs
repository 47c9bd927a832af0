//! A platform that is written out in a `FROM`.

use super::runtime_platform;
use crate::advice::facts::context::{Context, StageView};
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::model::platform::Platform;
use crate::model::reference::normalize;

/// The rule.
pub const RULE: Rule = Rule {
    code: "from-platform-flag-const-disallowed",
    aliases: &["constant-platform"],
    severity: Severity::Warning,
    summary: "a stage is pinned to a platform that is written out",
    build_check: Some("FromPlatformFlagConstDisallowed"),
    doc: Some(Doc {
        what: "Finds a stage whose `FROM` names a platform, such as `--platform=linux/amd64`, whatever is built for.",
        why: "The stage runs natively on machines of that one platform only; on all others every step of it is \
              emulated. `$BUILDPLATFORM` means the same on the machine it was written on, and is native everywhere. A stage \
              that ends in the image is to have no flag at all.",
        before: "FROM --platform=linux/amd64 node:22 AS web\nCOPY . .\nRUN npm ci && npm run build\n\
                 FROM nginx:1.29\nCOPY --from=web /dist /usr/share/nginx/html\n",
        after: "FROM --platform=$BUILDPLATFORM node:22 AS web\nCOPY . .\nRUN npm ci && npm run build\n\
                FROM nginx:1.29\nCOPY --from=web /dist /usr/share/nginx/html\n",
        silent: "A stage whose name holds the platform's system or architecture, as with a stage for each; an image of a \
                 wrong platform, which runtime-of-another-platform speaks of.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for stage in &context.stages {
        let Some(word) = stage.from.platform.filter(|word| !word.text.contains('$')) else { continue };
        let text = word.text.trim_matches(['"', '\'']);
        let Ok(platform) = Platform::parse(text, &context.inputs.build_platform) else { continue };
        let name = stage.name.unwrap_or_default();
        // BuildKit's own check is silent where the name says it.
        if name.contains(&*platform.os) || name.contains(&*platform.architecture) || is_said(stage, found) {
            continue;
        }
        let message = format!("the stage is for {platform} whatever platform is built for");
        // On a stage the flag does nothing: the platform is that of what the stage descends from.
        let help = if stage.parent.is_some() {
            "Take the flag out: a stage has the platform of the one that its FROM names."
        } else {
            "Write `--platform=$BUILDPLATFORM` for a stage that only builds, leave the flag out for one that ends \
                    in the image, or name the stage after its platform where it is meant."
        };
        let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform");
        let fix = flag
            .filter(|_| may_be_pinned(context, stage, &platform))
            .zip(normalize(stage.from.base.text).ok());
        let fix = fix.map(|(flag, reference)| Fix {
            description: "pin the stage to the machine that builds".to_owned(),
            edits: vec![Edit::replace(flag.span, "--platform=$BUILDPLATFORM")],
            applicability: Applicability::OnRequest,
            licence: vec![Allowed::Platform(reference)],
        });
        let diagnostic = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        let span = flag.map_or(word.span, |flag| flag.span);
        // Who builds it for that platform alone most likely means it.
        let is_meant = is_of_its_own(context, stage, &platform);
        let severity = if is_meant { Severity::Note } else { RULE.severity };
        found.push(Diagnostic { severity, ..diagnostic.span(span).fixed(fix) });
    }
}

/// Whether runtime-of-another-platform, which has more to say, has said it of this `FROM`.
fn is_said(stage: &StageView<'_>, found: &[Diagnostic]) -> bool {
    let line = Some(stage.instruction.line);
    found.iter().any(|known| known.rule == &runtime_platform::RULE && known.line == line)
}

/// Whether a stage below the images is needed for other platforms than its own.
fn may_be_pinned(context: &Context<'_>, stage: &StageView<'_>, platform: &Platform) -> bool {
    let is_on_image = stage.parent.is_none() && stage.from.base.text != "scratch";
    is_on_image && !is_of_its_own(context, stage, platform) && !context.is_in_image(stage.index)
}

/// Whether no target needs a stage but those of its own platform.
fn is_of_its_own(context: &Context<'_>, stage: &StageView<'_>, platform: &Platform) -> bool {
    let targets = context.node.graph.targets();
    let platform = platform.normalized();
    stage.reachable.iter().all(|target| targets[target.index()] == platform)
}
