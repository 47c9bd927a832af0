//! Which builds are legs of one image.

use std::collections::BTreeMap;

use super::definition::{Definition, Legs, Place, Platforms};
use super::repo::Repo;

/// Marks builds of one step that differ in their one platform, by whether their workflow merges images afterwards.
pub(super) fn mark(repo: &Repo<'_>, definitions: &mut [Definition]) {
    let mut groups: BTreeMap<(Place, Vec<Place>, String), Vec<usize>> = BTreeMap::new();
    for (at, definition) in definitions.iter().enumerate() {
        if definition.job.is_some() && definition.legs == Legs::Single {
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
        let merges = group.first().and_then(|&at| definitions[at].job.as_ref()).is_some_and(|job| {
            repo.text(&job.workflow).is_some_and(|text| {
                [
                    "imagetools create",
                    "manifest create",
                    "manifest-action",
                    "manifest push",
                    "create-manifest",
                ]
                .iter()
                .any(|sign| text.contains(sign))
            })
        });
        for at in group {
            definitions[at].legs = if merges { Legs::Merged } else { Legs::Apart };
        }
    }
}
