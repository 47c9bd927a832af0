//! `--mount=from=0`, which is an image called 0.

use super::super::context::Context;
use super::super::edit::Edit;
use super::super::finding::{Allowed, Finding, Fix, When};
use super::super::place;
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::dockerfile::ast::Kind;
use crate::ids::StageIx;
use crate::model::checks::indexed;

/// The rule.
pub const RULE: Rule = Rule {
    code: "mount-from-index",
    severity: Severity::Error,
    summary: "`--mount=from=` with a number names an image, not a stage",
    build_check: None,
    is_about_time: false,
    doc: Doc {
        what: "Finds `RUN --mount=from=0`, where a stage of that position was meant.",
        why: "`COPY --from=0` counts stages; a mount does not. It pulls `docker.io/library/0`, which does not exist, \
              and would not be the stage if it did.",
        before: "FROM node:22 AS web\nRUN npm run build\nFROM nginx:1.29\n\
                 RUN --mount=from=0,source=/dist,target=/dist cp -r /dist /srv\n",
        after: "FROM node:22 AS web\nRUN npm run build\nFROM nginx:1.29\n\
                RUN --mount=from=web,source=/dist,target=/dist cp -r /dist /srv\n",
        silent: "`COPY --from=0`; a stage that is itself called by a number.",
        no_fix: None,
    },
    detect,
};

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for stage in &context.stages {
        for instruction in stage.body {
            let Kind::Run(run) = &instruction.kind else { continue };
            for mount in run.mounts {
                let is_name = |from: &str| context.stages.iter().any(|stage| stage.name == Some(from));
                let Some((from, index)) = indexed(mount).filter(|(from, _)| !is_name(from)) else { continue };
                let message =
                    format!("`from={from}` is an image called {from}, not the stage of that position");
                let other = context.stages.get(index).filter(|other| other.index < stage.index);
                let help = match other.and_then(|other| other.name) {
                    Some(name) => format!("Write `from={name}`."),
                    None => "Give the stage a name and write that: mounts do not count stages.".to_owned(),
                };
                let fix = other.and_then(|other| fix(context, other.index, mount.span, from));
                let finding = context.finding(&RULE, Some(stage.index), instruction, message, help);
                findings.push(finding.at(mount.span).fixed(fix));
            }
        }
    }
}

fn fix(context: &Context<'_>, stage: StageIx, mount: crate::source::Span, from: &str) -> Option<Fix> {
    let name = context.stage(stage).name?;
    let mut span = place::find_once(context.text(), mount, &format!("from={from}"))?;
    span.start += "from=".len() as u32;
    Some(Fix {
        description: format!("mount from the stage {name} by its name"),
        edits: vec![Edit::replace(span, name)],
        when: When::OnRequest,
        licence: vec![Allowed::Repair],
    })
}
