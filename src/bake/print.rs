//! Resolved targets as JSON, as `docker buildx bake --print` prints them.

use serde_json::{Map, Value as Json, json};

use super::Resolved;
use super::target::Target;

/// What buildx prints.
pub(super) fn json(resolved: &Resolved) -> Json {
    let mut all = Map::new();
    if !resolved.groups.is_empty() {
        let mut groups = Map::new();
        for (name, group) in &resolved.groups {
            let mut own = Map::new();
            if !group.description.is_empty() {
                own.insert("description".to_owned(), group.description.as_str().into());
            }
            let nothing = group.without_list && group.targets.is_empty();
            own.insert("targets".to_owned(), if nothing { Json::Null } else { json!(group.targets) });
            groups.insert(name.clone(), own.into());
        }
        all.insert("group".to_owned(), groups.into());
    }
    let targets: Map<String, Json> =
        resolved.targets.iter().map(|(name, target)| (name.clone(), of_target(target))).collect();
    all.insert("target".to_owned(), targets.into());
    Json::Object(all)
}

/// Signs of templates doubled, so that what is printed is a definition again.
fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// Entries, unless there are none.
fn entries<E>(values: Option<&Vec<E>>, json: fn(&E) -> Json) -> Option<Json> {
    let values = values.filter(|values| !values.is_empty())?;
    Some(values.iter().map(json).collect::<Vec<_>>().into())
}

fn of_target(target: &Target) -> Json {
    let mut map = Map::new();
    let text = |value: &Option<String>| value.as_ref().map(|value| Json::from(value.as_str()));
    let list = |values: &Option<Vec<String>>| {
        values.as_ref().filter(|values| !values.is_empty()).map(|values| json!(values))
    };
    let strings = |values: &Option<std::collections::BTreeMap<String, Option<String>>>| {
        let values = values.as_ref().filter(|values| !values.is_empty())?;
        let entries = values.iter().map(|(name, value)| {
            (name.clone(), value.as_ref().map_or(Json::Null, |value| escaped(value).into()))
        });
        Some(Json::Object(entries.collect()))
    };
    let description =
        Some(&target.description).filter(|text| !text.is_empty()).map(|text| text.as_str().into());
    let annotations = target.annotations.as_ref().map(|all| all.iter().map(|text| escaped(text)).collect());
    let fields = [
        ("description", description),
        ("annotations", list(&annotations)),
        ("attest", entries(target.attest.as_ref(), super::Attest::json)),
        ("context", text(&target.context)),
        ("contexts", target.contexts.as_ref().filter(|all| !all.is_empty()).map(|all| json!(all))),
        ("dockerfile", text(&target.dockerfile)),
        ("dockerfile-inline", text(&target.dockerfile_inline.as_ref().map(|text| escaped(text)))),
        ("args", strings(&target.args)),
        ("labels", strings(&target.labels)),
        ("tags", list(&target.tags)),
        ("cache-from", entries(target.cache_from.as_ref(), super::CacheEntry::json)),
        ("cache-to", entries(target.cache_to.as_ref(), super::CacheEntry::json)),
        ("target", text(&target.target)),
        ("secret", entries(target.secrets.as_ref(), super::Secret::json)),
        ("ssh", entries(target.ssh.as_ref(), super::Ssh::json)),
        ("platforms", list(&target.platforms)),
        ("output", entries(target.outputs.as_ref(), super::Export::json)),
        ("pull", target.pull.map(Json::from)),
        ("no-cache", target.no_cache.map(Json::from)),
        ("network", text(&target.network)),
        ("no-cache-filter", list(&target.no_cache_filter)),
        ("shm-size", text(&target.shm_size)),
        ("ulimits", list(&target.ulimits)),
        ("resources", target.resources.as_ref().map(super::Resources::json)),
        ("call", text(&target.call)),
        ("entitlements", list(&target.entitlements)),
        ("extra-hosts", strings(&target.extra_hosts)),
        ("policy", entries(target.policy.as_ref(), super::Policy::json)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    }
    Json::Object(map)
}
