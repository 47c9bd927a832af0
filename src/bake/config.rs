//! From what a definition defines to what is built: names, inheritance, overrides and links.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::Defined;
use super::entries::Export;
use super::glob;
use super::overrides::{Overrides, Shared, apply};
use super::paths;
use super::target::{Group, Target, deduplicated};

/// What is asked for, with all that it needs.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) targets: BTreeMap<String, Target>,
}

/// Merges repeated targets, and gives entries that targets may share an origin.
pub(super) fn deduplicate(defined: &mut Defined) {
    for group in &mut defined.groups {
        group.targets = deduplicated(&group.targets);
    }
    let mut merged: Vec<Target> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for target in defined.targets.drain(..) {
        if let Some(other) = places.get(&target.name).and_then(|&at| merged.get_mut(at)) {
            other.merge(&target);
        } else {
            places.insert(target.name.clone(), merged.len());
            merged.push(target);
        }
    }
    let mut origin = 0;
    for target in &mut merged {
        for output in target.outputs.iter_mut().flatten() {
            origin += 1;
            output.origin = origin;
        }
        for secret in target.secrets.iter_mut().flatten() {
            origin += 1;
            secret.origin = origin;
        }
    }
    defined.targets = merged;
}

/// Makes paths relative to the files that they stand in.
pub(super) fn rebase(targets: &mut [Target]) {
    let bases: BTreeMap<String, super::target::Bases> =
        targets.iter().map(|target| (target.name.clone(), target.bases.clone())).collect();
    for target in targets {
        if let Some(other) = target.bases.context_of.as_ref().and_then(|name| bases.get(name)) {
            if other.context.is_some() {
                target.bases.context.clone_from(&other.context);
            } else if other.default.is_some() {
                target.bases.context.clone_from(&other.default);
            }
        }
        match (&mut target.context, &target.bases.context) {
            (Some(context), Some(base)) => *context = rebased(base, context),
            (None, _) if target.bases.default.is_some() => target.bases.use_default = true,
            _ => {}
        }
        for (name, path) in target.contexts.iter_mut().flatten() {
            if let Some(base) = target.bases.contexts.get(name) {
                *path = rebased(base, path);
            }
        }
    }
}

fn rebased(base: &str, path: &str) -> String {
    let special =
        ["cwd://", "target:", "docker-image:", "oci-layout://"].iter().any(|start| path.starts_with(start))
            || super::remote::is_remote(path);
    if base.is_empty() || path.is_empty() || special || path.starts_with('/') {
        path.to_owned()
    } else {
        paths::join(base, path)
    }
}

/// Chooses what the names ask for.
pub(super) fn choose(
    defined: &Defined,
    asked: &[String],
    overrides: &Overrides,
    shared: &mut Shared,
) -> Result<Chosen, String> {
    let mut resolver = Resolver { defined, overrides, shared };
    let mut names = Vec::new();
    for name in asked {
        names.extend(resolver.matching(&name.replace('.', "_"))?);
    }
    let names = deduplicated(&names);
    let mut chosen = Chosen::default();
    for name in &names {
        let (targets, groups) = resolver.members(name);
        for target in targets {
            let resolved = resolver.target(&target)?;
            chosen.targets.insert(target, resolved);
        }
        for group in groups {
            if let Some(found) = resolver.group(&group) {
                chosen.groups.insert(group, found.clone());
            }
        }
    }
    for name in &names {
        if name == "default" && chosen.groups.contains_key("default") {
            continue;
        }
        let default = chosen
            .groups
            .entry("default".to_owned())
            .or_insert_with(|| Group { name: "default".to_owned(), ..Group::default() });
        default.targets.push(name.clone());
    }
    if let Some(default) = chosen.groups.get_mut("default") {
        default.targets = deduplicated(&default.targets);
        default.targets.sort();
    }
    let names: Vec<String> = chosen.targets.keys().cloned().collect();
    let mut done = BTreeSet::new();
    for name in names {
        resolver.link(&name, &mut chosen.targets, &mut Vec::new(), &mut done)?;
    }
    Ok(chosen)
}

struct Resolver<'a> {
    defined: &'a Defined,
    overrides: &'a Overrides,
    shared: &'a mut Shared,
}

impl Resolver<'_> {
    fn group(&self, name: &str) -> Option<&Group> {
        self.defined.groups.iter().find(|group| group.name == name)
    }

    /// Groups and targets that a pattern names; a name without wildcards is taken as it is.
    fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        if !pattern.contains(['*', '?', '[', ']']) {
            return Ok(vec![pattern.to_owned()]);
        }
        let groups = self.defined.groups.iter().map(|group| &group.name);
        let targets = self.defined.targets.iter().map(|target| &target.name);
        let names: Vec<String> =
            groups.chain(targets).filter(|name| glob::matches(pattern, name) == Ok(true)).cloned().collect();
        if names.is_empty() { Err(format!("no target matches {pattern:?}")) } else { Ok(names) }
    }

    /// The targets and groups of a group, or a target alone.
    fn members(&self, name: &str) -> (Vec<String>, Vec<String>) {
        let (targets, groups) = self.members_of(name, &mut BTreeMap::new());
        (deduplicated(&targets), deduplicated(&groups))
    }

    fn members_of(
        &self,
        name: &str,
        visited: &mut BTreeMap<String, (Vec<String>, Vec<String>)>,
    ) -> (Vec<String>, Vec<String>) {
        if let Some(known) = visited.get(name) {
            return known.clone();
        }
        let Some(group) = self.group(name) else { return (vec![name.to_owned()], Vec::new()) };
        visited.insert(name.to_owned(), (Vec::new(), Vec::new()));
        let mut targets = Vec::new();
        let mut groups = vec![name.to_owned()];
        for member in &group.targets {
            let (own, inner) = self.members_of(member, visited);
            if own.is_empty() {
                targets.push(member.clone());
            } else {
                targets.extend(own);
            }
            groups.extend(inner);
        }
        // Each name once: groups of groups of groups would list them again and again.
        let found = (deduplicated(&targets), deduplicated(&groups));
        visited.insert(name.to_owned(), found.clone());
        found
    }

    fn target(&mut self, name: &str) -> Result<Target, String> {
        let mut target = self
            .inherited(name, &mut BTreeMap::new(), 0)?
            .ok_or_else(|| format!("the target {name:?} inherits from itself"))?;
        if target.context.is_none() {
            let base = target.bases.default.clone().filter(|_| target.bases.use_default);
            target.context = Some(base.map_or_else(|| ".".to_owned(), |base| rebased(&base, ".")));
        }
        if target.dockerfile.as_ref().is_none_or(String::is_empty) {
            target.dockerfile = Some("Dockerfile".to_owned());
        }
        Ok(target)
    }

    /// A target with all that it inherits; `None` where it is just being worked out.
    fn inherited(
        &mut self,
        name: &str,
        visited: &mut BTreeMap<String, Option<Target>>,
        depth: usize,
    ) -> Result<Option<Target>, String> {
        if let Some(known) = visited.get(name) {
            return Ok(known.clone());
        }
        if depth > super::limits::MAX_DEPTH {
            return Err(format!(
                "targets inherit more than {} deep, which is the limit",
                super::limits::MAX_DEPTH
            ));
        }
        visited.insert(name.to_owned(), None);
        let target = self.defined.targets.iter().find(|target| target.name == name);
        let target = target.ok_or_else(|| super::error::no_target(name))?;
        let mut merged = Target { name: name.to_owned(), ..Target::default() };
        for parent in target.inherits.iter().flatten() {
            if let Some(parent) = self.inherited(parent, visited, depth + 1)? {
                merged.merge(&parent);
            }
        }
        merged.merge(target);
        if let Some(overrides) = self.overrides.get(name) {
            apply(&mut merged, overrides, self.shared).map_err(|error| format!("target {name}: {error}"))?;
        }
        merged.normalize();
        // These two are no sets: handed on, they would double with each target that inherits one twice.
        merged.inherits = None;
        if merged.policy.as_ref().is_some_and(|policy| policy.len() > super::limits::MAX_MATRIX) {
            return Err(format!("the target {name:?} has more than {} policies", super::limits::MAX_MATRIX));
        }
        visited.insert(name.to_owned(), Some(merged.clone()));
        Ok(Some(merged))
    }

    /// Adds the targets that a target uses as contexts.
    fn link(
        &mut self,
        name: &str,
        all: &mut BTreeMap<String, Target>,
        visited: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Result<(), String> {
        if done.contains(name) {
            return Ok(());
        }
        if visited.len() > super::limits::MAX_DEPTH {
            return Err(format!(
                "targets use one another more than {} deep, which is the limit",
                super::limits::MAX_DEPTH
            ));
        }
        visited.push(name.to_owned());
        let contexts = all.get(name).and_then(|target| target.contexts.clone()).unwrap_or_default();
        for used in contexts.values().filter_map(|context| context.strip_prefix("target:")) {
            if used == name {
                return Err(format!("the target {name:?} uses itself as a context"));
            }
            if visited.iter().any(|other| other == used) {
                return Err(format!("the targets {name:?} and {used:?} use each other as contexts"));
            }
            if !all.contains_key(used) {
                let mut linked = self.target(used)?;
                linked.outputs = Some(vec![Export::of("cacheonly")]);
                linked.linked = true;
                all.insert(used.to_owned(), linked);
            }
            self.link(used, all, visited, done)?;
            let Some(other) = all.get(used).cloned() else { continue };
            let Some(own) = all.get_mut(name) else { continue };
            for entitlement in other.entitlements.iter().flatten() {
                let list = own.entitlements.get_or_insert_default();
                if !list.contains(entitlement) {
                    list.push(entitlement.clone());
                }
            }
            let (platforms, others) = (own.platforms.as_deref(), other.platforms.as_deref());
            if let (Some(platforms @ [_, _, ..]), Some(others @ [_, _, ..])) = (platforms, others)
                && !platforms.iter().all(|platform| others.contains(platform))
            {
                return Err(format!(
                    "the target {used:?} is not built for all platforms of {name:?}, which uses it"
                ));
            }
        }
        visited.pop();
        done.insert(name.to_owned());
        Ok(())
    }
}
