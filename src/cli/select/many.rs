//! The builds of a folder, for a command that looks at all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::args::Given;
use super::super::exit::Failure;
use super::super::limit::FINDING;
use super::super::repository::Disk;
use super::super::search;
use super::super::workflow::is_workflow;
use super::chosen::{root_of, under};
use super::{has_pipelines, names_platforms, take};
use crate::budget;
use crate::builds::{Definition, groups, list, together};
use crate::workflow::workflow_of;

/// Builds of one Dockerfile that are looked at.
const MAX_OF_ONE: usize = 16;

/// A Dockerfile and how it is built.
pub(in crate::cli) struct Task {
    pub(in crate::cli) file: PathBuf,
    pub(in crate::cli) context: Option<PathBuf>,
    /// What was given, completed by the definition of the build.
    pub(in crate::cli) given: Given,
}

/// What files and folders mean: a file is itself, a folder all Dockerfiles in it and below, each as the pipelines of the
/// folder build it; one that they do not build as it was given. Builds of one file lie next to each other.
pub(in crate::cli) fn tasks(
    paths: &[PathBuf],
    context: Option<&Path>,
    given: &Given,
) -> Result<Vec<Task>, Failure> {
    let mut tasks = Vec::new();
    for path in paths {
        let of_workflow = is_workflow(path).then(|| root_of(path)).transpose()?;
        let mut defined = match &of_workflow {
            Some(root) => definitions(root, Some(path))?,
            None if has_pipelines(path) => definitions(path, None)?,
            None => BTreeMap::new(),
        };
        let root = of_workflow.as_ref().unwrap_or(path);
        let mut files = match search::files(std::slice::from_ref(path)) {
            // A workflow means what it builds.
            _ if of_workflow.is_some() => Vec::new(),
            Ok(files) => files,
            // What the pipelines build may be called otherwise.
            Err(_) if !defined.is_empty() => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let more: Vec<PathBuf> = defined.keys().filter(|file| !files.contains(file)).cloned().collect();
        files.extend(more);
        for file in files {
            let own = defined.remove(&file).unwrap_or_default();
            if own.is_empty() {
                tasks.push(Task { file, context: context.map(Path::to_owned), given: given.clone() });
                continue;
            }
            // Settings that cannot be read are said where the file is checked.
            let typed = names_platforms(&file, given).unwrap_or(false);
            for group in groups(own, MAX_OF_ONE).0 {
                let Some(whole) = together(&group) else { continue };
                let mut own = given.clone();
                if !typed {
                    take::on_native_machines(&group, &mut own);
                }
                let platforms = own.build.platform.clone();
                let Ok(taken) = take::take(&whole, root, &mut own) else { continue };
                if typed {
                    own.build.platform = platforms;
                }
                tasks.push(Task { file: file.clone(), context: taken.meant.context, given: own });
            }
        }
    }
    Ok(tasks)
}

/// The builds that a folder's pipelines define, or one of its workflows, by their Dockerfiles as they are found in it.
fn definitions(
    folder: &Path,
    workflow: Option<&Path>,
) -> Result<BTreeMap<PathBuf, Vec<Definition>>, Failure> {
    let disk = Disk::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    let workflow = workflow.map(|workflow| disk.inside(workflow)).transpose()?;
    let _run = budget::start(FINDING);
    let mut found: BTreeMap<PathBuf, Vec<Definition>> = BTreeMap::new();
    let builds = list(&disk.repo());
    let is_of = |definition: &&Definition| {
        workflow.as_deref().is_none_or(|workflow| workflow_of(&builds, definition) == Some(workflow))
    };
    for definition in builds.definitions.iter().filter(is_of).cloned() {
        let Some(file) = definition.dockerfile.value() else { continue };
        let file = under(folder, file);
        if file.is_file() && disk.inside(&file).is_ok() {
            found.entry(file).or_default().push(definition);
        }
    }
    Ok(found)
}
