//! One Compose file over another: what is merged, what is appended, and what is replaced.

use std::collections::{BTreeMap, BTreeSet};

use super::value::{Path, Value, next};

/// How values at a path are merged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Usual,
    Replace,
    Build,
    Pairs,
    Hosts,
    Mapping,
}

/// Whether a path is of the form of a pattern, in which `*` stands for any part.
pub(super) fn matches(path: &str, pattern: &str) -> bool {
    let (mut own, mut wanted) = (path.split('.'), pattern.split('.'));
    loop {
        match (own.next(), wanted.next()) {
            (None, None) => return true,
            (Some(own), Some(wanted)) if wanted == "*" || wanted == own => {}
            _ => return false,
        }
    }
}

fn rule(path: &str) -> Rule {
    const RULES: &[(&str, Rule)] = &[
        ("services.*.build", Rule::Build),
        ("services.*.build.args", Rule::Pairs),
        ("services.*.build.additional_contexts", Rule::Pairs),
        ("services.*.build.extra_hosts", Rule::Hosts),
        ("services.*.build.labels", Rule::Pairs),
        ("services.*.annotations", Rule::Pairs),
        ("services.*.command", Rule::Replace),
        ("services.*.depends_on", Rule::Mapping),
        ("services.*.dns", Rule::Pairs),
        ("services.*.dns_opt", Rule::Pairs),
        ("services.*.dns_search", Rule::Pairs),
        ("services.*.entrypoint", Rule::Replace),
        ("services.*.env_file", Rule::Pairs),
        ("services.*.environment", Rule::Pairs),
        ("services.*.extra_hosts", Rule::Hosts),
        ("services.*.healthcheck.test", Rule::Replace),
        ("services.*.label_file", Rule::Pairs),
        ("services.*.labels", Rule::Pairs),
        ("services.*.logging", Rule::Replace),
        ("services.*.models", Rule::Mapping),
        ("services.*.networks", Rule::Mapping),
        ("services.*.sysctls", Rule::Pairs),
        ("services.*.tmpfs", Rule::Pairs),
        ("services.*.ulimits.*", Rule::Replace),
    ];
    RULES.iter().find(|(pattern, _)| matches(path, pattern)).map_or(Rule::Usual, |&(_, rule)| rule)
}

/// `over` over `base`.
pub(super) fn merge(base: Value, over: Value, path: &str) -> Result<Value, String> {
    match rule(path) {
        Rule::Replace => return Ok(over),
        Rule::Build => return mappings(build(base), build(over), path).map(Value::Map),
        Rule::Pairs => {
            let mut all = sequence(base);
            all.extend(sequence(over));
            return Ok(Value::List(all));
        }
        Rule::Hosts => {
            let mut all = sequence(base);
            let new: Vec<Value> = sequence(over).into_iter().filter(|value| !all.contains(value)).collect();
            all.extend(new);
            return Ok(Value::List(all));
        }
        Rule::Mapping => return mappings(mapping(base), mapping(over), path).map(Value::Map),
        Rule::Usual => {}
    }
    match (base, over) {
        (base, Value::Null) => Ok(base),
        (Value::Map(base), Value::Map(over)) => mappings(base, over, path).map(Value::Map),
        (Value::List(mut base), Value::List(over)) => {
            base.extend(over);
            Ok(Value::List(base))
        }
        (Value::Map(_) | Value::List(_), _) => Err(format!("{path} is of another kind in one of the files")),
        (_, over) => Ok(over),
    }
}

fn mappings(
    mut base: BTreeMap<String, Value>,
    over: BTreeMap<String, Value>,
    path: &str,
) -> Result<BTreeMap<String, Value>, String> {
    for (key, value) in over {
        let merged = match base.remove(&key) {
            Some(own) => merge(own, value, &next(path, &key))?,
            None => value,
        };
        base.insert(key, merged);
    }
    Ok(base)
}

fn build(value: Value) -> BTreeMap<String, Value> {
    match value {
        Value::Map(map) => map,
        Value::Text(context) => BTreeMap::from([("context".to_owned(), Value::Text(context))]),
        _ => BTreeMap::new(),
    }
}

fn mapping(value: Value) -> BTreeMap<String, Value> {
    match value {
        Value::Map(map) => map,
        Value::List(values) => {
            values.iter().filter_map(Value::text).map(|text| (text.to_owned(), Value::Null)).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// A mapping as pairs of `key=value`.
fn sequence(value: Value) -> Vec<Value> {
    match value {
        Value::List(values) => values,
        Value::Text(text) => vec![Value::Text(text)],
        Value::Map(map) => {
            let mut pairs = Vec::new();
            for (key, value) in map {
                match value {
                    Value::Null => pairs.push(key),
                    Value::List(values) => {
                        pairs.extend(values.iter().map(|value| format!("{key}={}", value.shown())));
                    }
                    value => pairs.push(format!("{key}={}", value.shown())),
                }
            }
            pairs.sort();
            pairs.into_iter().map(Value::Text).collect()
        }
        _ => Vec::new(),
    }
}

/// Lists in which of entries with the same key the later counts, in the place of the earlier.
const UNIQUE: &[&str] = &[
    "services.*.build.args",
    "services.*.build.additional_contexts",
    "services.*.build.tags",
    "services.*.build.labels",
    "services.*.environment",
    "services.*.env_file",
];

/// Leaves of entries with one key the last.
pub(super) fn unique(value: &mut Value, path: &str) -> Result<(), String> {
    match value {
        Value::Map(map) => {
            for (key, value) in map {
                unique(value, &next(path, key))?;
            }
            Ok(())
        }
        Value::List(values) if UNIQUE.iter().any(|pattern| matches(path, pattern)) => {
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            let mut kept: Vec<Value> = Vec::new();
            for value in values.drain(..) {
                let key = match (&value, value.get("path")) {
                    (Value::Text(text), _) if path.ends_with("env_file") => text.clone(),
                    (Value::Text(text), _) => text.split('=').next().unwrap_or_default().to_owned(),
                    (_, Some(Value::Text(path))) => path.clone(),
                    _ => return Err(format!("{path} has an entry that is no string")),
                };
                if let Some(other) = places.get(&key).and_then(|&at| kept.get_mut(at)) {
                    *other = value;
                } else {
                    places.insert(key, kept.len());
                    kept.push(value);
                }
            }
            *values = kept;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Takes out what `!reset` and `!override` of a later file replace.
pub(super) fn without(value: &mut Value, path: &str, replaced: &[Path]) {
    if let Value::Map(map) = value {
        let gone: BTreeSet<String> = map
            .keys()
            .filter(|key| replaced.iter().any(|pattern| *pattern == next(path, key)))
            .cloned()
            .collect();
        map.retain(|key, _| !gone.contains(key));
        for (key, value) in map {
            without(value, &next(path, key), replaced);
        }
    }
}
