//! Which builds are meant by what was typed.

use std::path::{Path, PathBuf};

use super::super::definition;
use super::super::exit::Failure;
use super::super::limit::FINDING;
use super::super::repository::Disk;
use crate::budget;
use crate::builds::{Definition, Place, list, of_target};

/// Lines that a place typed by hand may be away from that of a build.
const NEAR: u32 = 4;

/// How many builds a message lists.
const MAX_LISTED: usize = 20;

/// What of a definition is chosen.
enum Choice {
    Line(u32),
    Target(String),
    /// All that the file defines.
    File,
}

/// The root of the repository and the builds that a path means; at least one. `None` if it means no build.
pub(super) fn builds(typed: &Path) -> Result<Option<(PathBuf, Vec<Definition>)>, Failure> {
    let Some((file, choice)) = chosen(typed) else { return Ok(None) };
    let root = root_of(&file)?;
    let disk = Disk::open(if root.as_os_str().is_empty() { Path::new(".") } else { &root })?;
    let path = disk.inside(&file)?;
    let repo = disk.repo();
    let _run = budget::start(FINDING);
    let found: Vec<Definition> = match &choice {
        Choice::Target(name) => of_target(&repo, &path, name).definitions,
        Choice::Line(line) => at_line(list(&repo).definitions, &path, *line),
        Choice::File => {
            let places = |definition: &Definition| -> bool {
                std::iter::once(&definition.place).chain(&definition.via).any(|place| place.file == path)
            };
            list(&repo).definitions.into_iter().filter(places).collect()
        }
    };
    if found.is_empty() {
        let more = match choice {
            Choice::File if is_makefile(&file) => {
                format!(" that a pipeline runs; a target is named as {}#TARGET", typed.display())
            }
            _ => "; `xsim builds` lists those that are".to_owned(),
        };
        return Err(Failure::Usage(format!("{}: no build is defined there{more}", typed.display())));
    }
    Ok(Some((root, found)))
}

/// The file and what is chosen of it, if a path means a build.
fn chosen(typed: &Path) -> Option<(PathBuf, Choice)> {
    if typed.is_file() && definition::named(typed).is_none() && (is_makefile(typed) || is_pipeline(typed)) {
        return Some((typed.to_owned(), Choice::File));
    }
    let text = typed.to_str().filter(|_| !typed.exists())?;
    if let Some((file, name)) = text.rsplit_once('#').filter(|(_, name)| !name.is_empty()) {
        return Path::new(file).is_file().then(|| (PathBuf::from(file), Choice::Target(name.to_owned())));
    }
    let (file, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    Path::new(file).is_file().then(|| (PathBuf::from(file), Choice::Line(line)))
}

fn base(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether a file's name ends with one of the extensions, in any letter case.
fn ends(path: &Path, extensions: &[&str]) -> bool {
    let own = path.extension().unwrap_or_default();
    extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension))
}

fn is_makefile(path: &Path) -> bool {
    let name = base(path);
    matches!(name.as_str(), "makefile" | "gnumakefile")
        || name.starts_with("makefile.")
        || ends(path, &["mk"])
}

/// Whether a file is called like a pipeline, or like a definition of a release.
pub(super) fn is_pipeline(path: &Path) -> bool {
    let name = base(path);
    let is_yaml = ends(path, &["yml", "yaml"]);
    let within = |folder: &str| {
        let parents = path.parent().into_iter().flat_map(Path::components);
        parents.filter_map(|part| part.as_os_str().to_str()).any(|part| part == folder)
    };
    name.starts_with("jenkinsfile")
        || is_yaml
            && ([".github", ".buildkite", ".circleci"].iter().any(|folder| within(folder))
                || [
                    ".gitlab-ci",
                    "cloudbuild",
                    ".goreleaser",
                    "goreleaser",
                    ".travis",
                    "azure-pipelines",
                    ".drone",
                ]
                .iter()
                .any(|start| name.starts_with(start)))
}

/// The root of the repository that holds a file: the next folder above it with `.git` or `.github`, else its own.
pub(in crate::cli) fn root_of(file: &Path) -> Result<PathBuf, Failure> {
    let path = file.canonicalize().map_err(|error| Failure::File(file.to_owned(), error))?;
    let folders = || path.ancestors().skip(1);
    let root = folders().find(|folder| folder.join(".git").exists() || folder.join(".github").exists());
    let root = root.or_else(|| folders().next()).unwrap_or(Path::new("."));
    // As people would write it from where they are.
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    Ok(root.strip_prefix(&here).unwrap_or(root).to_owned())
}

/// The builds declared on a line, or the nearest to it.
fn at_line(all: Vec<Definition>, file: &str, line: u32) -> Vec<Definition> {
    let away = |definition: &Definition| {
        let places = std::iter::once(&definition.place).chain(&definition.via);
        places.filter(|place| place.file == file).map(|place| place.line.abs_diff(line)).min()
    };
    let nearest = all.iter().filter_map(away).min();
    all.into_iter()
        .filter(|definition| nearest.is_some_and(|near| near <= NEAR && away(definition) == Some(near)))
        .collect()
}

/// The builds, an item each, as they are typed.
pub(super) fn listed(found: &[Definition], root: &Path) -> Vec<String> {
    let item = |definition: &Definition| {
        let Place { file, line } = &definition.place;
        let file = under(root, file);
        let typed = match &definition.bake_target {
            Some(target) if definition::named(&file).is_some() => format!("{}#{target}", file.display()),
            Some(target) => format!("{}:{line} ({target})", file.display()),
            None => format!("{}:{line}", file.display()),
        };
        format!("{typed}  builds {}", definition.dockerfile)
    };
    let mut items: Vec<String> = found.iter().map(item).collect();
    items.dedup();
    let more = items.len().saturating_sub(MAX_LISTED);
    items.truncate(MAX_LISTED);
    if more > 0 {
        items.push(format!("and {more} more"));
    }
    items
}

/// A file below a folder; `./a` says no more than `a`.
pub(in crate::cli) fn under(folder: &Path, file: &str) -> PathBuf {
    let path = folder.join(file);
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}
