//! What a definition says, in the place of what is not typed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::args::Given;
use super::Meant;
use super::chosen::under;
use crate::builds::{Builder, Definition, Platforms, native_platform};
use crate::sim::built_in;

/// What was taken of a definition.
pub(super) struct Taken {
    pub(super) meant: Meant,
    /// What to say of it.
    pub(super) notes: Vec<String>,
    /// Arguments whose values are not known before it runs.
    pub(super) unknown: Vec<String>,
}

/// The one build that all are: the same but for their platforms, which are put together.
pub(super) fn one(found: &[Definition]) -> Option<Definition> {
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
                for platform in more {
                    if !own.contains(platform) {
                        own.push(platform.clone());
                    }
                }
            }
            (own, other) if *own == *other => {}
            _ => return None,
        }
        // Arguments that differ between legs are not known of them all.
        whole.args.retain(|argument| other.args.contains(argument));
    }
    Some(whole)
}

fn labels(definition: &Definition) -> Vec<String> {
    let runner = definition.runner.as_ref().and_then(|runner| runner.value());
    runner.map(|runner| runner.split(", ").map(str::to_owned).collect()).unwrap_or_default()
}

/// Where each leg runs on a machine of its own platform, or on a builder that has such machines, the legs together are a build
/// on a pair of them: nothing is emulated, and each machine runs what is needed for its own platform.
pub(super) fn on_native_machines(legs: &[Definition], given: &mut Given) {
    let natives = |leg: &Definition| -> Option<Vec<String>> {
        let Platforms::Known(list) = &leg.platforms else { return None };
        let elsewhere = matches!(leg.builder, Builder::Cloud | Builder::Remote);
        let native = native_platform(&labels(leg));
        let is_native = elsewhere || list.iter().all(|platform| Some(platform) == native.as_ref());
        is_native.then(|| list.clone())
    };
    let all: Option<Vec<Vec<String>>> = legs.iter().map(natives).collect();
    let all: Option<BTreeSet<String>> = all.map(|all| all.into_iter().flatten().collect());
    let pair = all.is_some_and(|all| all.iter().eq(["linux/amd64", "linux/arm64"]));
    if pair && given.time.machine.is_none() && given.build.node.is_none() {
        given.time.machine = Some("native-pair".to_owned());
    }
}

/// Puts what a definition says in the place of what is not typed.
///
/// # Errors
/// The words for a Dockerfile that is not known before it runs.
pub(super) fn take(definition: &Definition, root: &Path, given: &mut Given) -> Result<Taken, String> {
    let dockerfile = definition.dockerfile.value().filter(|file| *file != "-");
    let dockerfile = dockerfile.ok_or_else(|| definition.dockerfile.readable())?;
    let context = definition.context.value().filter(|context| !context.contains("://") && *context != "-");
    let context = context.map(|context| match under(root, context) {
        root if root.as_os_str().is_empty() => PathBuf::from("."),
        folder => folder,
    });
    let meant = Meant { dockerfile: under(root, dockerfile), context };
    let mut notes = Vec::new();
    if given.build.platform.is_empty() {
        match &definition.platforms {
            Platforms::Known(list) => given.build.platform.clone_from(list),
            Platforms::Unknown(why, values) => {
                let values = if values.is_empty() {
                    String::new()
                } else {
                    format!(", one of {}", values.join(" or "))
                };
                notes.push(format!("its platforms are not known: {why}{values}; say --platform"));
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
    let name_of = |text: &String| text.split('=').next().unwrap_or_default().to_owned();
    let typed: Vec<String> = given.build.arguments.iter().map(name_of).collect();
    let mut unknown = Vec::new();
    for (name, value) in definition.args.iter().filter(|(name, _)| !typed.contains(name)) {
        match value.value() {
            Some(value) => given.build.arguments.push(format!("{name}={value}")),
            None => unknown.push(name.clone()),
        }
    }
    let runner = labels(definition);
    if given.time.machine.is_none() && given.build.node.is_none() {
        match runner.as_slice() {
            [label] if built_in(label).is_some() => given.time.machine = Some(label.clone()),
            _ => {
                given.build.node = native_platform(&runner).filter(|platform| platform.starts_with("linux/"));
            }
        }
    }
    Ok(Taken { meant, notes, unknown })
}
