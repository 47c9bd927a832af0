//! A platform that is written out in a `FROM`.

use super::super::context::{Context, Pin};
use super::super::edit::Edit;
use super::super::finding::{Allowed, Finding, Fix, When};
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::model::platform::Platform;
use crate::model::reference::normalize;

/// The rule.
pub const RULE: Rule = Rule {
    code: "constant-platform",
    severity: Severity::Warning,
    summary: "a stage is pinned to a platform that is written out",
    build_check: Some("FromPlatformFlagConstDisallowed"),
    is_about_time: false,
    doc: Doc {
        what: "Finds a stage below the images whose `FROM` names a platform, such as `--platform=linux/amd64`, while \
               others are built too.",
        why: "The stage runs natively on machines of that one platform only; on all others every step of it is \
              emulated. `$BUILDPLATFORM` means the same on the machine it was written on, and is native everywhere.",
        before: "FROM --platform=linux/amd64 node:22 AS web\nCOPY . .\nRUN npm ci && npm run build\n\
                 FROM nginx:1.29\nCOPY --from=web /dist /usr/share/nginx/html\n",
        after: "FROM --platform=$BUILDPLATFORM node:22 AS web\nCOPY . .\nRUN npm ci && npm run build\n\
                FROM nginx:1.29\nCOPY --from=web /dist /usr/share/nginx/html\n",
        silent: "A stage whose name holds the platform's system or architecture, as with a stage for each; one that \
                 only that platform's image needs; an image itself, which runtime-of-another-platform speaks of.",
        no_fix: None,
    },
    detect,
};

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let targets = context.node.graph.targets();
    for stage in context.needed().filter(|stage| stage.pin == Pin::Constant && stage.parent.is_none()) {
        let Some(word) = stage.from.platform else { continue };
        let Ok(platform) = Platform::parse(word.text, &context.inputs.build_platform) else { continue };
        let platform = platform.normalized();
        let name = stage.name.unwrap_or_default();
        let named = name.contains(&*platform.os) || name.contains(&*platform.architecture);
        // BuildKit's own check is silent where the name says it; an image is another rule's.
        let mut users = stage.reachable.iter().map(|target| &targets[target.index()]);
        let elsewhere = users.all(|target| *target == platform) || context.is_in_image(stage.index);
        if named || elsewhere {
            continue;
        }
        let message = format!("the stage is pinned to {}, whatever machine builds", word.text);
        let help = "Write `--platform=$BUILDPLATFORM`, unless its image exists for this platform only: the stage is \
                    then native on every machine.";
        let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform");
        let finding = context.finding(&RULE, Some(stage.index), stage.instruction, message, help);
        let span = flag.map_or(finding.span, |flag| flag.span);
        let fix = flag.zip(normalize(stage.from.base.text).ok()).map(|(flag, reference)| Fix {
            description: "pin the stage to the machine that builds".to_owned(),
            edits: vec![Edit::replace(flag.span, "--platform=$BUILDPLATFORM")],
            when: When::OnRequest,
            licence: vec![Allowed::Platform(reference)],
        });
        findings.push(finding.at(span).fixed(fix));
    }
}
