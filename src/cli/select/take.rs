//! What a definition says, in the place of what is not typed.

use std::path::{Path, PathBuf};

use super::super::args::Given;
use super::Meant;
use super::chosen::under;
use crate::builds::{Definition, Platforms, are_native_pair, native_platform};
use crate::sim::built_in;

/// What was taken of a definition.
pub(super) struct Taken {
    pub(super) meant: Meant,
    /// What to say of it.
    pub(super) notes: Vec<String>,
    /// Arguments whose values are not known before it runs.
    pub(super) unknown: Vec<String>,
}

/// Builds legs that are together a build on a pair of native machines on such a pair: nothing is emulated, and each machine runs
/// what is needed for its own platform.
pub(super) fn on_native_machines(legs: &[Definition], given: &mut Given) {
    if are_native_pair(legs) && given.time.machine.is_none() && given.build.node.is_none() {
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
    let mut notes = Vec::new();
    let context = context.filter(|folder| {
        let is_there = folder.is_dir();
        if !is_there {
            notes.push(format!("its context {} is not there: it is made before the build", folder.display()));
        }
        is_there
    });
    let meant = Meant { dockerfile: under(root, dockerfile), context };
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
    let runner = definition.labels();
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
