//! `--mount=from=0`, which is an image called 0.

use crate::advice::facts::context::Written;
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Kind, Mount};
use crate::ids::StageIx;
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "mount-from-index",
    severity: Severity::Error,
    summary: "`--mount=from=` with a number names an image, not a stage",
    doc: Some(Doc {
        what: "Finds `RUN --mount=from=0`, where a stage of that position was meant.",
        why: "`COPY --from=0` counts stages; a mount does not. It pulls `docker.io/library/0`, which does not exist, \
              and would not be the stage if it did.",
        before: "FROM node:22 AS web\nRUN npm run build\nFROM nginx:1.29\n\
                 RUN --mount=from=0,source=/dist,target=/dist cp -r /dist /srv\n",
        after: "FROM node:22 AS web\nRUN npm run build\nFROM nginx:1.29\n\
                RUN --mount=from=web,source=/dist,target=/dist cp -r /dist /srv\n",
        silent: "`COPY --from=0`; a stage that is itself called by a number.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for stage in &written.stages {
        for instruction in stage.body {
            let Kind::Run(run) = &instruction.kind else { continue };
            for mount in run.mounts {
                let Some((from, index)) = indexed(mount).filter(|(from, _)| !is_name(written, from)) else {
                    continue;
                };
                let message =
                    format!("`from={from}` is an image called {from}, not the stage of that position");
                let other = written.stages.get(index).filter(|other| other.index < stage.index);
                let help = match other.and_then(|other| other.name) {
                    Some(name) => format!("Write `from={name}`."),
                    None => "Give the stage a name and write that: mounts do not count stages.".to_owned(),
                };
                let fix = other.and_then(|other| fix(written, other.index, mount.span, from));
                let diagnostic = written.diagnostic(&RULE, Some(stage.index), instruction, message, help);
                found.push(diagnostic.span(mount.span).fixed(fix));
            }
        }
    }
}

/// Whether a stage or a named context is called so: then the number is its name.
fn is_name(written: &Written<'_>, from: &str) -> bool {
    written.stages.iter().any(|stage| stage.name == Some(from))
        || written.inputs.contexts.iter().any(|context| context.name == from)
}

fn fix(written: &Written<'_>, stage: StageIx, mount: Span, from: &str) -> Option<Fix> {
    let name = written.stage(stage).name?;
    let mut span = text_ranges::find_once(written.text(), mount, &format!("from={from}"))?;
    span.start += "from=".len() as u32;
    Some(Fix {
        description: format!("mount from the stage {name} by its name"),
        edits: vec![Edit::replace(span, name)],
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    })
}

/// The number a mount takes its files from; other kinds of mounts do not look at `from`.
fn indexed<'m>(mount: &Mount<'m>) -> Option<(&'m str, usize)> {
    let from = mount.from?;
    let kind = mount.options.iter().rev().find(|option| option.key == "type").and_then(|option| option.value);
    let takes_files = kind.is_none_or(|kind| kind == "bind" || kind == "cache");
    if !takes_files || !from.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((from, from.parse().ok()?))
}
