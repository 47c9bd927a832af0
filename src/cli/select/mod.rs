//! A build in place of a Dockerfile: `.github/workflows/release.yml:42`, `docker-bake.hcl#app`, `Makefile#image`, or the
//! folder whose workflows say what is built of it.

mod chosen;
mod doubt;
mod many;
mod take;

use std::path::{Path, PathBuf};

pub(super) use chosen::{root_of, under};
pub(super) use many::{Task, tasks};

use super::args::{FileArg, Given};
use super::exit::Failure;
use super::limit::FINDING;
use super::project::Project;
use super::repository::Disk;
use super::{definition, locate, output};
use crate::budget;
use crate::builds::{Definition, Legs, Platforms, list, together};

/// What holds the pipelines of a repository.
const PIPELINES: [&str; 7] = [
    ".github/workflows",
    ".gitlab-ci.yml",
    "Jenkinsfile",
    ".buildkite",
    "cloudbuild.yaml",
    ".circleci",
    ".travis.yml",
];

/// The Dockerfile of a build, and its context where that is a folder.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    pub(super) dockerfile: PathBuf,
    pub(super) context: Option<PathBuf>,
}

/// What a build means that was typed in place of a Dockerfile: its definition completes what was given; what is typed beats it.
/// `None` for what is no build.
pub(super) fn meant(typed: &Path, given: &mut Given) -> Result<Option<Meant>, Failure> {
    let Some((root, found)) = chosen::builds(typed)? else { return Ok(None) };
    let shown = typed.display().to_string();
    let Some(definition) = together(&found) else {
        // A group of a bake definition, or a target that takes results of others, is read as a whole.
        if definition::named(typed).is_some() {
            return Ok(None);
        }
        let message = format!("{shown}: several builds are defined there; name one of them");
        return Err(Failure::Several(message, chosen::listed(&found, &root)));
    };
    take::on_native_machines(&found, given);
    taken(&definition, &root, given, &shown).map(Some)
}

/// Takes a definition and says so.
fn taken(definition: &Definition, root: &Path, given: &mut Given, typed: &str) -> Result<Meant, Failure> {
    let taken = take::take(definition, root, given).map_err(|why| {
        Failure::Usage(format!("{typed}: which Dockerfile is built is not known before it runs: {why}"))
    })?;
    let dockerfile = taken.meant.dockerfile.display();
    let place = definition.place.to_string();
    // A place that was typed says of itself what it says.
    let says = if typed.starts_with(definition.place.file.as_str()) {
        String::new()
    } else {
        format!(" as {place} says")
    };
    let mut notes = vec![format!("{typed} builds {dockerfile}{says}")];
    notes.extend(taken.notes);
    notes.extend(doubt::note(&taken.meant, given, &taken.unknown)?);
    output::note(&notes.join("; "));
    Ok(taken.meant)
}

/// Replaces a build by its Dockerfile. Leaves all else as it is.
pub(super) fn build(input: &mut FileArg, given: &mut Given) -> Result<(), Failure> {
    if let Some(meant) = meant(input.file(), given)? {
        input.set(meant.dockerfile, meant.context);
    }
    Ok(())
}

/// Does the same for a Dockerfile of which only the path is typed.
pub(super) fn path(path: &mut PathBuf, given: &mut Given) -> Result<(), Failure> {
    if let Some(meant) = meant(path, given)? {
        *path = meant.dockerfile;
        if given.time.context.is_none() {
            given.time.context = meant.context;
        }
    }
    Ok(())
}

/// Does the same for a folder whose pipelines define one build for several platforms, where nothing says more.
pub(super) fn folder(input: &mut FileArg, given: &mut Given) -> Result<(), Failure> {
    let folder = input.file().to_owned();
    if input.context().is_some() || !has_pipelines(&folder) || names_platforms(&folder, given)? {
        return Ok(());
    }
    let disk = Disk::open(&folder)?;
    let own = locate::dockerfile(&folder).ok();
    let several = |definition: &Definition| {
        matches!(&definition.platforms, Platforms::Known(list) if list.len() > 1)
            || matches!(definition.legs, Legs::Merged)
    };
    let found = {
        let _run = budget::start(FINDING);
        list(&disk.repo()).definitions.into_iter()
    };
    let mut found: Vec<Definition> =
        found.filter(|definition| several(definition) && definition.dockerfile.value().is_some()).collect();
    if let Some(own) = &own {
        // A folder with a Dockerfile of its own means that one.
        let own = disk.inside(own)?;
        found.retain(|definition| definition.dockerfile.value() == Some(&own));
    }
    match (together(&found), own) {
        (Some(definition), _) => {
            let place = definition.place.to_string();
            take::on_native_machines(&found, given);
            let meant = taken(&definition, &folder, given, &place)?;
            input.set(meant.dockerfile, meant.context);
        }
        (None, _) if found.is_empty() => {}
        (None, None) => {
            let message =
                format!("{} has no Dockerfile of its own; name one of its builds", folder.display());
            return Err(Failure::Several(message, chosen::listed(&found, &folder)));
        }
        (None, Some(_)) => output::list(
            "note",
            "the pipelines build this file in several ways for several platforms; name one of them to see it",
            &chosen::listed(&found, &folder),
        ),
    }
    Ok(())
}

/// Whether a path is a folder with pipelines.
pub(super) fn has_pipelines(folder: &Path) -> bool {
    folder.is_dir() && PIPELINES.iter().any(|sign| folder.join(sign).exists())
}

/// Whether the command line or the settings of its project say for which platforms a file is built.
fn names_platforms(file: &Path, given: &Given) -> Result<bool, Failure> {
    Ok(!Project::find(file, &given.project)?.complete(given)?.0.platform.is_empty())
}
