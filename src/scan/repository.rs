//! The builds of a repository as jobs.

use super::{Asked, Job, Settings};
use crate::budget;
use crate::builds::{
    Builder, Definition, Platforms, Repo, Source, Text, are_native_pair, groups, list, native_platform,
    together,
};
use crate::sim::built_in;

/// Builds of one repository that become rows.
const MAX_BUILDS: usize = 500;

/// What may be taken to find the builds of a repository.
const FINDING: budget::Limit = budget::Limit::Work(budget::WORK / 3);

/// The builds that a repository's pipelines define, legs of one image put together; where they define none, each of its
/// Dockerfiles as the settings say.
pub fn jobs(
    name: &str,
    repo: &Repo<'_>,
    files: &dyn Source,
    dockerfiles: &[String],
    settings: &Settings,
) -> Vec<Job> {
    let found = {
        let _run = budget::start(FINDING);
        list(repo)
    };
    if found.definitions.is_empty() {
        let jobs = dockerfiles.iter().take(MAX_BUILDS).map(|file| match files.read(file) {
            Some(text) => Job::of_text(name, file, file, text.into_bytes(), settings),
            None => failed(name, file, file, "it cannot be read".to_owned()),
        });
        let jobs: Vec<Job> = jobs.collect();
        return with_left(jobs, name, dockerfiles.len().saturating_sub(MAX_BUILDS));
    }
    let (groups, left) = groups(found.definitions, MAX_BUILDS);
    let jobs = groups.iter().filter_map(|legs| job(name, legs, files, settings)).collect();
    with_left(jobs, name, left)
}

fn failed(repository: &str, file: &str, place: &str, error: String) -> Job {
    let (repository, file, place) = (repository.to_owned(), file.to_owned(), place.to_owned());
    Job { repository, file, place, error: Some(error), ..Job::default() }
}

/// Says that not all builds became rows.
fn with_left(mut jobs: Vec<Job>, name: &str, left: usize) -> Vec<Job> {
    if left > 0 {
        let why = format!("{left} more builds exceed the limit of {MAX_BUILDS} for a repository");
        jobs.push(failed(name, "", "", why));
    }
    jobs
}

fn job(repository: &str, legs: &[Definition], files: &dyn Source, settings: &Settings) -> Option<Job> {
    let whole = together(legs)?;
    let mut asked = Asked { target: None, ..Asked::default() };
    let mut unknown = Vec::new();
    match &whole.platforms {
        Platforms::Known(list) => asked.platforms.clone_from(list),
        Platforms::Unknown(why, _) => {
            asked.platforms.clone_from(&settings.platforms);
            unknown.push(format!("platforms: {why}"));
        }
    }
    if let Some(target) = &whole.target {
        match target.value() {
            Some(value) => asked.target = Some(value.to_owned()),
            None => unknown.push(format!("target: {target}")),
        }
    }
    for (name, value) in &whole.args {
        match (known(name), value.value()) {
            (Ok(name), Some(value)) => asked.arguments.push((name, value.to_owned())),
            (Ok(name) | Err(name), _) => unknown.push(format!("argument {name}: {value}")),
        }
    }
    if whole.more_args {
        unknown.push("further arguments".to_owned());
    }
    for (name, value) in &whole.build_contexts {
        match (known(name), value.value()) {
            (Ok(name), Some(value)) => asked.contexts.push((name, outside(value))),
            (Ok(name) | Err(name), _) => unknown.push(format!("context {name}: {value}")),
        }
    }
    let labels = whole.labels();
    if are_native_pair(legs) {
        asked.machine = Some("native-pair".to_owned());
    } else {
        match labels.as_slice() {
            [label] if built_in(label).is_some() => asked.machine = Some(label.clone()),
            _ => {
                let native = native_platform(&labels);
                asked.build_platform = native.filter(|platform| platform.starts_with("linux/"));
            }
        }
        if matches!(whole.builder, Builder::Cloud | Builder::Remote) {
            unknown.push("machine: a builder elsewhere".to_owned());
        }
    }
    let job = Job {
        repository: repository.to_owned(),
        file: whole.dockerfile.readable(),
        place: whole.place.to_string(),
        asked,
        unknown,
        ..Job::default()
    };
    Some(with_text(job, &whole, files))
}

/// A name, or its words where it is not known.
fn known(name: &str) -> Result<String, String> {
    let name = Text::known(name);
    name.value().map(str::to_owned).ok_or_else(|| name.readable())
}

/// A context of a build that stands alone: of the result of another target nothing is known.
fn outside(value: &str) -> String {
    match value.strip_prefix("target:") {
        Some(target) => format!("docker-image://result.invalid/{}:latest", target.to_lowercase()),
        None => value.to_owned(),
    }
}

/// The job with its Dockerfile, or why there is none.
fn with_text(mut job: Job, definition: &Definition, files: &dyn Source) -> Job {
    match definition.dockerfile.value() {
        None => job.unknown.insert(0, format!("Dockerfile: {}", definition.dockerfile)),
        Some("-") => job.unknown.insert(0, "Dockerfile: standard input".to_owned()),
        Some(file) if file.contains("://") => job.unknown.insert(0, format!("Dockerfile: {file}")),
        Some(file) => match files.read(file) {
            Some(text) => job.text = Some(text.into_bytes()),
            None => job.error = Some(format!("{file} is not in the repository")),
        },
    }
    job
}
