//! What the targets of a graph are called.

use super::BuildGraph;
use crate::ids::{TargetIx, TargetSet};

/// The names of targets as a list: `linux/amd64, linux/arm64`; of builds that have names `api, web` where all their targets are
/// meant, else `api, web for linux/amd64`.
///
/// # Arguments
/// * `builds`: the builds with their names and targets; none where builds have no names.
/// * `platforms`: the platforms of targets, as a list.
pub fn list_outputs<'b>(
    builds: impl Iterator<Item = (&'b str, TargetSet)>,
    targets: TargetSet,
    platforms: impl Fn(TargetSet) -> String,
) -> String {
    // Builds of which the same platforms are meant stand together, those that are meant whole first.
    let mut meant: Vec<(String, Vec<&str>)> = vec![(String::new(), Vec::new())];
    let mut is_group = false;
    for (name, all) in builds {
        is_group = true;
        let own = all.intersection(targets);
        if own.is_empty() {
            continue;
        }
        let part = if own == all { String::new() } else { platforms(own) };
        match meant.iter_mut().find(|(known, _)| *known == part) {
            Some((_, names)) => names.push(name),
            None => meant.push((part, vec![name])),
        }
    }
    if !is_group {
        return platforms(targets);
    }
    let words = meant.into_iter().filter(|(_, names)| !names.is_empty()).map(|(part, names)| {
        let names = names.join(", ");
        if part.is_empty() { names } else { format!("{names} for {part}") }
    });
    words.collect::<Vec<_>>().join("; ")
}

impl BuildGraph {
    /// Whether the builds have names, as those of a bake definition do.
    pub fn is_group(&self) -> bool {
        self.builds().first().is_some_and(|build| !build.name.is_empty())
    }

    /// What a target is called: its platform, after the name of its build where builds have names.
    pub fn output(&self, target: TargetIx) -> String {
        let platform = self.targets().get(target.index()).map(ToString::to_string).unwrap_or_default();
        match self.build_of(target).filter(|_| self.is_group()) {
            Some(build) => format!("{} {platform}", build.name),
            None => platform,
        }
    }

    /// What targets are called, as [`list_outputs`] lists them.
    pub fn outputs(&self, targets: TargetSet) -> String {
        let builds = self.builds().iter().filter(|_| self.is_group());
        list_outputs(builds.map(|build| (build.name.as_str(), build.targets)), targets, |targets| {
            let names = targets.iter().filter_map(|target| self.targets().get(target.index()));
            names.map(ToString::to_string).collect::<Vec<_>>().join(", ")
        })
    }

    /// The targets of the builds whose result a stage is; none for a stage that is no result.
    pub fn results_of(&self, stage: crate::ids::StageIx) -> TargetSet {
        let builds = self.builds().iter().filter(|build| build.stage == stage);
        builds.fold(TargetSet::EMPTY, |set, build| set.union(build.targets))
    }
}
