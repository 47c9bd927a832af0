//! Which paths of a stage other stages take, by what the file says.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin::is_below;
use crate::analysis::FilesOf;
use crate::dockerfile::ast::Kind;
use crate::ids::StageIx;
use crate::model::path::clean;

/// Whether something at `path` in a stage may get into another stage or the images: by a copy of it, of a folder around
/// it or in it, or because an image is the stage.
pub(in crate::advice) fn escapes(context: &Context<'_>, stage: StageIx, path: &str) -> bool {
    let mut heirs = vec![stage];
    let mut at = 0;
    while let Some(&heir) = heirs.get(at) {
        at += 1;
        if context.is_in_image(heir) {
            return true;
        }
        for child in context.children(heir) {
            if !heirs.contains(&child.index) {
                heirs.push(child.index);
            }
        }
    }
    let taken = taken(context, &heirs);
    taken.iter().any(|other| overlaps(other, path))
}

/// Whether another stage copies or mounts something at `path` of a stage.
pub(in crate::advice) fn is_taken(context: &Context<'_>, stage: StageIx, path: &str) -> bool {
    taken(context, &[stage]).iter().any(|other| overlaps(other, path))
}

/// The paths that other stages copy or mount from one of `stages`.
pub(in crate::advice) fn taken(context: &Context<'_>, stages: &[StageIx]) -> Vec<String> {
    taken_by_others(context, stages, &[])
}

/// The paths that stages other than `own` copy or mount from one of `stages`.
pub(in crate::advice) fn taken_by_others(
    context: &Context<'_>,
    stages: &[StageIx],
    own: &[StageIx],
) -> Vec<String> {
    let mut paths = Vec::new();
    let others = context.stages.iter().filter(|stage| !own.contains(&stage.index));
    for instruction in others.flat_map(|stage| stage.body) {
        let all = &context.file.instructions;
        let at = all.partition_point(|other| other.span.start < instruction.span.start);
        // Where each source of files is one of the stages, for some target.
        let from = |position: usize| {
            context.node.graph.all_targets().iter().any(|target| {
                let files = context.resolved.files_of(at, target);
                matches!(files.get(position), Some(FilesOf::Stage(stage)) if stages.contains(stage))
            })
        };
        match &instruction.kind {
            Kind::Copy(copy) if copy.from.is_some() && from(0) => {
                paths.extend(copy.sources.iter().map(|source| absolute(source.text)));
            }
            Kind::Run(run) => {
                let own = run.mounts.iter().enumerate().filter(|(position, _)| from(*position));
                paths.extend(own.map(|(_, mount)| {
                    let source = mount.options.iter().find(|option| matches!(option.key, "source" | "src"));
                    absolute(source.and_then(|option| option.value).unwrap_or("/"))
                }));
            }
            _ => {}
        }
    }
    paths
}

fn absolute(path: &str) -> String {
    let path = path.trim_matches('"');
    if path.starts_with('/') { clean(path).into_owned() } else { clean(&format!("/{path}")).into_owned() }
}

/// Whether two paths may hold the same file; patterns and variables match anything behind them.
fn overlaps(a: &str, b: &str) -> bool {
    let fixed = |path: &str| {
        let end = path.find(['*', '?', '[', '$']).map(|at| path[..at].rfind('/').unwrap_or(0).max(1));
        path[..end.unwrap_or(path.len())].to_owned()
    };
    let (a, b) = (fixed(a), fixed(b));
    is_below(&a, &b) || is_below(&b, &a)
}
