//! `RUN --mount=from=0`: an image called `0`, not the first stage.

use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Kind, Mount};
use crate::model::resolve::Model;

pub(super) fn check(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    for stage in &model.stages {
        for instruction in stage.body {
            let Kind::Run(run) = &instruction.kind else { continue };
            for mount in run.mounts {
                let Some((from, index)) = indexed(mount) else { continue };
                let message =
                    format!("`from={from}` of a mount is the image docker.io/library/{from}, not a stage");
                let help = match model.stages.get(index) {
                    Some(meant) => match meant.name {
                        Some(name) => format!("write `from={name}`"),
                        None => format!(
                            "name the stage of line {}: `AS name`, then `from=name`",
                            meant.instruction.line
                        ),
                    },
                    None => "name a stage or an image".to_owned(),
                };
                found.push(
                    Diagnostic::warning(Code::MountFromIndex, message)
                        .at(instruction.line)
                        .span(mount.span)
                        .help(help),
                );
            }
        }
    }
}

/// The number a mount takes its files from; other kinds of mounts do not look at `from`.
pub(crate) fn indexed<'m>(mount: &Mount<'m>) -> Option<(&'m str, usize)> {
    let from = mount.from?;
    let kind = mount.options.iter().rev().find(|option| option.key == "type").and_then(|option| option.value);
    let takes_files = kind.is_none_or(|kind| kind == "bind" || kind == "cache");
    if !takes_files || !from.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((from, from.parse().ok()?))
}
