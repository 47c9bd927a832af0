//! A build in place of a Dockerfile: `.github/workflows/release.yml:42`, `docker-bake.hcl#app`, `Makefile#image`, or the
//! folder whose workflows say what is built of it.

use std::path::{Path, PathBuf};

use super::args::{FileArg, Given};
use super::exit::Failure;
use super::limit::FINDING;
use super::project::Project;
use super::repository::Disk;
use super::{definition, locate, output};
use crate::budget;
use crate::builds::{Definition, Platforms, list, native_platform, of_target};
use crate::sim::built_in;

/// Lines that a place typed by hand may be away from that of a build.
const NEAR: u32 = 4;

/// How many builds a message lists.
const MAX_LISTED: usize = 20;

/// What of a definition is chosen.
enum Choice {
    Line(u32),
    Target(String),
}

/// Replaces a build by its Dockerfile with what its definition says of context, platforms, target, arguments and machine;
/// what is typed beats it. Leaves all else as it is.
pub(super) fn build(input: &mut FileArg, given: &mut Given) -> Result<(), Failure> {
    let typed = input.file().to_owned();
    let Some((file, choice)) = chosen(&typed) else { return Ok(()) };
    let root = root_of(&file)?;
    let disk = Disk::open(if root.as_os_str().is_empty() { Path::new(".") } else { &root })?;
    let path = disk.inside(&file)?;
    let repo = disk.repo();
    let _run = budget::start(FINDING);
    let found: Vec<Definition> = match &choice {
        Choice::Target(name) => of_target(&repo, &path, name).definitions,
        Choice::Line(line) => at_line(list(&repo).definitions, &path, *line),
    };
    let shown = typed.display();
    match one(&found) {
        Some(definition) => {
            on_native_machines(&found, given);
            take(&definition, &root, input, given, &shown.to_string())
        }
        None if found.is_empty() => Err(Failure::Usage(format!(
            "{shown}: no build is defined there; `xsim builds` lists those that are"
        ))),
        // A group of a bake definition, or a target that takes results of others, is read as a whole.
        None if matches!(choice, Choice::Target(_)) && definition::named(&typed).is_some() => Ok(()),
        None => Err(Failure::Usage(format!("{shown}: several builds are defined there:{}", listed(&found)))),
    }
}

/// Does the same for a folder whose workflows define one build for several platforms, where nothing says more.
pub(super) fn folder(input: &mut FileArg, given: &mut Given) -> Result<(), Failure> {
    let folder = input.file().to_owned();
    let signs = [".github/workflows", ".gitlab-ci.yml", "Jenkinsfile", ".buildkite", "cloudbuild.yaml"];
    let says_nothing =
        input.context().is_none() && folder.is_dir() && signs.iter().any(|sign| folder.join(sign).exists());
    if !says_nothing || !Project::find(&folder, &given.project)?.complete(given)?.0.platform.is_empty() {
        return Ok(());
    }
    let disk = Disk::open(&folder)?;
    let own = locate::dockerfile(&folder).ok();
    let several = |definition: &Definition| {
        matches!(&definition.platforms, Platforms::Known(list) if list.len() > 1)
            || matches!(definition.legs, crate::builds::Legs::Merged)
    };
    let _run = budget::start(FINDING);
    let found = list(&disk.repo()).definitions.into_iter();
    let mut found: Vec<Definition> =
        found.filter(|definition| several(definition) && definition.dockerfile.value().is_some()).collect();
    if let Some(own) = &own {
        // A folder with a Dockerfile of its own means that one.
        let own = disk.inside(own)?;
        found.retain(|definition| definition.dockerfile.value() == Some(&own));
    }
    match (one(&found), own) {
        (Some(definition), _) => {
            let place = definition.place.to_string();
            on_native_machines(&found, given);
            take(&definition, &folder, input, given, &place)
        }
        (None, None) if !found.is_empty() => Err(Failure::Usage(format!(
            "{} has no Dockerfile of its own; name one of its builds:{}",
            folder.display(),
            listed(&found)
        ))),
        _ => Ok(()),
    }
}

/// The file and what is chosen of it, if a path means a build.
fn chosen(typed: &Path) -> Option<(PathBuf, Choice)> {
    let text = typed.to_str()?;
    if typed.exists() {
        return None;
    }
    if let Some((file, name)) = text.rsplit_once('#').filter(|(_, name)| !name.is_empty()) {
        return Path::new(file).is_file().then(|| (PathBuf::from(file), Choice::Target(name.to_owned())));
    }
    let (file, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    Path::new(file).is_file().then(|| (PathBuf::from(file), Choice::Line(line)))
}

/// The root of the repository that holds a file: the next folder above it with `.git` or `.github`, else its own.
fn root_of(file: &Path) -> Result<PathBuf, Failure> {
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

/// The one build that all are: the same but for their platforms, which are put together.
fn one(found: &[Definition]) -> Option<Definition> {
    let first = found.first()?;
    let mut whole = first.clone();
    for other in &found[1..] {
        let same = other.dockerfile == first.dockerfile
            && other.context == first.context
            && other.target == first.target
            && other.bake_target == first.bake_target;
        if !same {
            return None;
        }
        match (&mut whole.platforms, &other.platforms) {
            (Platforms::Known(own), Platforms::Known(more)) => {
                own.extend(
                    more.iter().filter(|platform| !first_has(own, platform)).cloned().collect::<Vec<_>>(),
                );
            }
            (own, other) if *own == *other => {}
            _ => return None,
        }
        // Arguments that differ between legs are not known of them all.
        whole
            .args
            .retain(|(name, value)| other.args.iter().any(|(own, others)| own == name && others == value));
    }
    Some(whole)
}

fn first_has(list: &[String], platform: &str) -> bool {
    list.iter().any(|own| own == platform)
}

fn listed(found: &[Definition]) -> String {
    let mut lines: Vec<String> = found
        .iter()
        .map(|definition| {
            let target = definition.bake_target.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!("\n  {}{target}: {}", definition.place, definition.dockerfile)
        })
        .collect();
    lines.dedup();
    let more = lines.len().saturating_sub(MAX_LISTED);
    lines.truncate(MAX_LISTED);
    let rest = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    lines.concat() + &rest
}

/// Where each leg runs on a machine of its own platform, the legs together are a build on a pair of such machines: nothing
/// is emulated, and each machine runs what is needed for its own platform.
fn on_native_machines(legs: &[Definition], given: &mut Given) {
    let native = |leg: &Definition| {
        let label = leg.runner.as_ref()?.value()?;
        let native = native_platform(&label.split(", ").map(str::to_owned).collect::<Vec<_>>())?;
        let Platforms::Known(list) = &leg.platforms else { return None };
        list.iter().all(|platform| *platform == native).then_some(native)
    };
    let natives: Option<std::collections::BTreeSet<String>> = legs.iter().map(native).collect();
    let pair = natives.is_some_and(|natives| natives.iter().eq(["linux/amd64", "linux/arm64"]));
    if pair && given.time.machine.is_none() && given.build.node.is_none() {
        given.time.machine = Some("native-pair".to_owned());
    }
}

/// Puts what a definition says in the place of what is not typed.
fn take(
    definition: &Definition,
    root: &Path,
    input: &mut FileArg,
    given: &mut Given,
    typed: &str,
) -> Result<(), Failure> {
    let Some(dockerfile) = definition.dockerfile.value().filter(|file| *file != "-") else {
        let why = definition.dockerfile.readable();
        return Err(Failure::Usage(format!(
            "{typed}: which Dockerfile is built is not known before it runs: {why}"
        )));
    };
    let mut notes = vec![format!("{typed} builds {dockerfile} as {} says", definition.place)];
    let context = definition.context.value().filter(|context| !context.contains("://") && *context != "-");
    input.set(root.join(dockerfile), context.map(|context| root.join(context)));
    if given.build.platform.is_empty() {
        match &definition.platforms {
            Platforms::Known(list) => given.build.platform.clone_from(list),
            Platforms::Unknown(why, _) => {
                notes.push(format!("its platforms are not known: {why}; say --platform"));
            }
        }
    }
    if given.build.target.is_none() {
        match definition.target.as_ref().map(|target| (target.value(), target)) {
            Some((Some(target), _)) => given.build.target = Some(target.to_owned()),
            Some((None, why)) => notes.push(format!("its target is not known: {why}; say --target")),
            None => {}
        }
    }
    let typed_names: Vec<String> = given
        .build
        .arguments
        .iter()
        .map(|text| text.split('=').next().unwrap_or_default().to_owned())
        .collect();
    let mut unknown = Vec::new();
    for (name, value) in definition.args.iter().filter(|(name, _)| !typed_names.contains(name)) {
        match value.value() {
            Some(value) => given.build.arguments.push(format!("{name}={value}")),
            None => unknown.push(name.as_str()),
        }
    }
    if !unknown.is_empty() {
        notes.push(format!("not known before it runs, and left at their defaults: {}", unknown.join(", ")));
    }
    let runner: Vec<String> =
        definition.runner.iter().filter_map(|runner| runner.value()).map(str::to_owned).collect();
    if given.time.machine.is_none() && given.build.node.is_none() {
        match runner.first() {
            Some(label) if built_in(label).is_some() => given.time.machine = Some(label.clone()),
            _ => {
                given.build.node = native_platform(&runner).filter(|platform| platform.starts_with("linux/"));
            }
        }
    }
    output::note(&notes.join("; "));
    Ok(())
}
