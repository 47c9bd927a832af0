//! Which paths of a stage other stages take, by what the file says.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin::is_below;
use crate::analysis::FilesOf;
use crate::dockerfile::ast::{Kind, Mount};
use crate::ids::StageIx;
use crate::model::path::{base, clean};

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

/// The paths that stages of this build copy or mount from a stage; others may take more where another stage is asked for.
pub(in crate::advice) fn taken_here(context: &Context<'_>, stage: StageIx) -> Vec<String> {
    let takes = context.takes().get(stage.index()).into_iter().flatten();
    takes.filter(|take| !context.stage(take.by).reachable.is_empty()).map(|take| take.path.clone()).collect()
}

/// The paths that stages other than `own` copy or mount from one of `stages`.
pub(in crate::advice) fn taken_by_others(
    context: &Context<'_>,
    stages: &[StageIx],
    own: &[StageIx],
) -> Vec<String> {
    let takes = stages.iter().filter_map(|stage| context.takes().get(stage.index())).flatten();
    takes.filter(|take| !own.contains(&take.by)).map(|take| take.path.clone()).collect()
}

/// That a stage copies or mounts a path of another.
#[derive(Debug)]
pub(in crate::advice) struct Take {
    /// The stage that does.
    by: StageIx,
    /// The absolute path.
    path: String,
}

impl Take {
    /// The last part of the path.
    pub(in crate::advice) fn name(&self) -> &str {
        base(&self.path)
    }

    /// Whether it is a folder of programs, or one that holds such folders, for all that the path says.
    pub(in crate::advice) fn may_hold_programs(&self) -> bool {
        const FOLDERS: [&str; 7] = ["bin", "go", "local", "usr", "cargo", ".cargo", "root"];
        self.path == "/" || self.name().contains(['*', '$', '?']) || FOLDERS.contains(&self.name())
    }
}

/// What is taken from each stage, for some target, in the order of the file.
pub(in crate::advice) fn takes(context: &Context<'_>) -> Vec<Vec<Take>> {
    let mut takes: Vec<Vec<Take>> = context.stages.iter().map(|_| Vec::new()).collect();
    let all = &context.file.instructions;
    for stage in &context.stages {
        for instruction in stage.body {
            let paths: Vec<Vec<String>> = match &instruction.kind {
                Kind::Copy(copy) if copy.from.is_some() => {
                    vec![copy.sources.iter().map(|source| absolute(source.text)).collect()]
                }
                Kind::Run(run) => run.mounts.iter().map(|mount| vec![mounted(mount)]).collect(),
                _ => continue,
            };
            let at = all.partition_point(|other| other.span.start < instruction.span.start);
            let targets = context.node.graph.all_targets().iter();
            let files: Vec<_> = targets.map(|target| context.resolved.files_of(at, target)).collect();
            for (position, paths) in paths.iter().enumerate() {
                let mut from: Vec<StageIx> = Vec::new();
                for files in &files {
                    if let Some(FilesOf::Stage(stage)) = files.get(position)
                        && !from.contains(stage)
                    {
                        from.push(*stage);
                    }
                }
                for from in from {
                    if let Some(taken) = takes.get_mut(from.index()) {
                        taken.extend(paths.iter().map(|path| Take { by: stage.index, path: path.clone() }));
                    }
                }
            }
        }
    }
    takes
}

/// The path that a mount shows of where it takes files from.
fn mounted(mount: &Mount<'_>) -> String {
    let source = mount.options.iter().find(|option| matches!(option.key, "source" | "src"));
    absolute(source.and_then(|option| option.value).unwrap_or("/"))
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
