//! Definitions that are one build: legs of a matrix, each for a platform of its own.

use std::collections::BTreeSet;

use super::definition::{Builder, Definition, Platforms};
use super::native_platform;

/// The one build that all are: the same but for their platforms, which are put together. `None` where they are several builds.
pub fn together(found: &[Definition]) -> Option<Definition> {
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

/// Groups of definitions that are one build each, in the order of their first ones, and how many definitions are left over
/// where there are more than `most` groups.
pub fn groups(definitions: Vec<Definition>, most: usize) -> (Vec<Vec<Definition>>, usize) {
    let mut groups: Vec<Vec<Definition>> = Vec::new();
    let mut left = 0;
    for definition in definitions {
        let fits = |group: &Vec<Definition>| {
            group.first().is_some_and(|first| together(&[first.clone(), definition.clone()]).is_some())
        };
        match groups.iter().position(fits) {
            Some(at) => groups[at].push(definition),
            None if groups.len() < most => groups.push(vec![definition]),
            None => left += 1,
        }
    }
    (groups, left)
}

impl Definition {
    /// The labels of the machine that runs it; none where they are not known.
    pub fn labels(&self) -> Vec<String> {
        let runner = self.runner.as_ref().and_then(|runner| runner.value());
        runner.map(|runner| runner.split(", ").map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Whether legs are together a build on a pair of native machines, one amd64 and one arm64: each runs on a machine of its own
/// platform, or on a builder that has such machines.
pub fn are_native_pair(legs: &[Definition]) -> bool {
    let natives = |leg: &Definition| -> Option<Vec<String>> {
        let Platforms::Known(list) = &leg.platforms else { return None };
        let elsewhere = matches!(leg.builder, Builder::Cloud | Builder::Remote);
        let native = native_platform(&leg.labels());
        let is_native = elsewhere || list.iter().all(|platform| Some(platform) == native.as_ref());
        is_native.then(|| list.clone())
    };
    let all: Option<Vec<Vec<String>>> = legs.iter().map(natives).collect();
    let all: Option<BTreeSet<String>> = all.map(|all| all.into_iter().flatten().collect());
    all.is_some_and(|all| all.iter().eq(["linux/amd64", "linux/arm64"]))
}
