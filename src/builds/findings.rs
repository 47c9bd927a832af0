//! What the definitions of builds tell of caches and machines that nobody may have meant.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{Builder, Definition, Place, Platforms, Tool};
use super::github::native_platform;
use super::jobs::{Job, Leg};
use super::repo::Repo;

/// Something to know about a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about: a name in kebab case.
    pub code: &'static str,
    /// Where.
    pub place: Place,
    /// What is the case and what to do about it.
    pub message: String,
}

/// All findings, by place.
pub(super) fn find(repo: &Repo<'_>, definitions: &[Definition], jobs: &[Job], legs: &[Leg]) -> Vec<Finding> {
    let of =
        |definition: &Definition| legs.get(definition.leg?.index()).and_then(|leg| jobs.get(leg.job.index()));
    let mut findings = shared_scopes(definitions, &of);
    findings.extend(small_caches(repo, definitions));
    findings.extend(idle_emulators(definitions, &of));
    findings.extend(needless_emulation(definitions));
    findings.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    findings.dedup();
    findings
}

/// The value of an attribute of a cache, the first without a name being its reference.
fn attribute<'c>(cache: &'c str, name: &str) -> Option<&'c str> {
    cache.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
}

fn caches(definition: &Definition) -> impl Iterator<Item = String> {
    definition.cache_to.iter().map(super::text::Text::readable)
}

/// Caches of GitHub without a scope that several builds of a workflow write: each overwrites what the others keep.
fn shared_scopes<'j>(
    definitions: &[Definition],
    of: &dyn Fn(&Definition) -> Option<&'j Job>,
) -> Vec<Finding> {
    let mut writers: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
    for definition in definitions {
        let writes = caches(definition)
            .any(|cache| attribute(&cache, "type") == Some("gha") && attribute(&cache, "scope").is_none());
        if let Some(job) = of(definition).filter(|_| writes) {
            writers.entry(&job.workflow).or_default().push(definition);
        }
    }
    let mut findings = Vec::new();
    for writers in writers.into_values() {
        let what = |definition: &Definition| {
            format!(
                "{} {} {:?} {:?}",
                definition.dockerfile, definition.context, definition.target, definition.platforms
            )
        };
        let distinct: BTreeSet<String> = writers.iter().map(|definition| what(definition)).collect();
        if distinct.len() < 2 {
            continue;
        }
        let places: BTreeSet<&Place> = writers.iter().map(|definition| &definition.place).collect();
        for place in places {
            findings.push(Finding {
                code: "shared-cache-scope",
                place: place.clone(),
                message: format!(
                    "{} different builds of this workflow write the cache type=gha without a scope, and each overwrites what the \
                     others keep; give each a scope of its own in cache-from and cache-to",
                    distinct.len()
                ),
            });
        }
    }
    findings
}

/// Caches that keep the last stage only, of Dockerfiles that have more.
fn small_caches(repo: &Repo<'_>, definitions: &[Definition]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for definition in definitions {
        let small = caches(definition).find(|cache| {
            let kind = attribute(cache, "type");
            kind == Some("inline") || kind.is_some() && matches!(attribute(cache, "mode"), None | Some("min"))
        });
        let (Some(small), Some(file)) = (small, definition.dockerfile.value()) else { continue };
        let Some(text) = repo.text(file) else { continue };
        let stages = text.lines().filter(|line| {
            line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("from"))
        });
        let stages = stages.count();
        if stages < 2 {
            continue;
        }
        let instead = if attribute(&small, "type") == Some("inline") {
            "a cache of another type with mode=max keeps them"
        } else {
            "mode=max keeps them"
        };
        findings.push(Finding {
            code: "cache-without-stages",
            place: definition.place.clone(),
            message: format!(
                "{small} keeps the steps of the last stage only, and {file} has {stages}: those of the others run anew each \
                 time; {instead}"
            ),
        });
    }
    findings
}

fn native(definition: &Definition) -> Option<String> {
    let label = definition.runner.as_ref()?.value()?;
    native_platform(&label.split(", ").map(str::to_owned).collect::<Vec<_>>())
}

/// Jobs that set up QEMU and build for their machine's platform alone.
fn idle_emulators<'j>(
    definitions: &[Definition],
    of: &dyn Fn(&Definition) -> Option<&'j Job>,
) -> Vec<Finding> {
    let mut jobs: BTreeMap<(&str, &str), Vec<&Definition>> = BTreeMap::new();
    for definition in definitions {
        if let Some(job) = of(definition) {
            jobs.entry((&job.place.file, &job.name)).or_default().push(definition);
        }
    }
    let mut findings = Vec::new();
    for builds in jobs.into_values() {
        let idle = builds.iter().all(|definition| match (&definition.platforms, native(definition)) {
            (Platforms::Known(list), Some(native)) => list.iter().all(|platform| *platform == native),
            _ => false,
        });
        let set_up = builds.iter().find(|definition| definition.qemu);
        if let (true, Some(first)) = (idle, set_up) {
            findings.push(Finding {
                code: "idle-emulator",
                place: first.place.clone(),
                message: "QEMU is set up, but every image that this job builds is for the platform of its machine; unless another \
                          step runs foreign programs, the job starts sooner without"
                    .to_owned(),
            });
        }
    }
    findings
}

/// Builds for arm64 that are emulated on GitHub's own machines, which there are for arm64, too.
fn needless_emulation(definitions: &[Definition]) -> Vec<Finding> {
    let emulates = |definition: &&Definition| {
        let hosted = definition
            .runner
            .as_ref()
            .and_then(|runner| runner.value())
            .is_some_and(|label| label.starts_with("ubuntu-"));
        let arm = matches!(&definition.platforms, Platforms::Known(list) if list.iter().any(|platform| platform == "linux/arm64"));
        let here = matches!(definition.builder, Builder::Docker | Builder::DockerContainer);
        let in_steps = matches!(definition.tool, Tool::BuildPushAction | Tool::BakeAction | Tool::BuildxCli);
        in_steps
            && hosted
            && arm
            && here
            && definition.qemu
            && native(definition).as_deref() == Some("linux/amd64")
    };
    definitions
        .iter()
        .filter(emulates)
        .map(|definition| Finding {
            code: "native-runner",
            place: definition.place.clone(),
            message: "what runs for linux/arm64 is emulated on an amd64 machine; a leg of its own on ubuntu-24.04-arm, merged \
                      afterwards, runs it natively at no higher price"
                .to_owned(),
        })
        .collect()
}
