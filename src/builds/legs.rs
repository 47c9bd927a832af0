//! Which builds are legs of one image.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{Definition, Legs, Place, Platforms};
use super::jobs::{Job, Leg, Step};

/// Marks builds of one step that differ in their one platform, by whether their workflow merges images afterwards.
pub(super) fn mark(jobs: &[Job], legs: &[Leg], definitions: &mut [Definition]) {
    let workflow = |leg: &Leg| jobs.get(leg.job.index()).map(|job| job.workflow.as_str());
    let merging: BTreeSet<&str> =
        legs.iter().filter(|leg| leg.steps.contains(&Step::Merge)).filter_map(workflow).collect();
    let mut groups: BTreeMap<(Place, Vec<Place>, String), Vec<usize>> = BTreeMap::new();
    for (at, definition) in definitions.iter().enumerate() {
        if definition.leg.is_some() && definition.legs == Legs::Single {
            let image = format!("{} {:?}", definition.dockerfile, definition.target);
            groups.entry((definition.place.clone(), definition.via.clone(), image)).or_default().push(at);
        }
    }
    for group in groups.into_values() {
        let mut platforms: Vec<&Platforms> = group.iter().map(|&at| &definitions[at].platforms).collect();
        platforms.dedup();
        if platforms.len() < 2 || platforms.contains(&&Platforms::Known(Vec::new())) {
            continue;
        }
        let leg = group.first().and_then(|&at| definitions[at].leg).and_then(|leg| legs.get(leg.index()));
        let merges = leg.and_then(workflow).is_some_and(|workflow| merging.contains(workflow));
        for at in group {
            definitions[at].legs = if merges { Legs::Merged } else { Legs::Apart };
        }
    }
}
