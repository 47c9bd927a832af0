//! What `--set` changes.

use std::collections::BTreeMap;

use super::entries::{
    Attest, Entry as _, Export, Policy, Secret, Ssh, exchange_duplicates, from_texts, parse_bool,
    parse_caches,
};
use super::glob;
use super::target::Target;

/// One key of a target with all that is given for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Override {
    value: String,
    values: Vec<String>,
    append: bool,
}

/// Overrides by target and key.
pub(super) type Overrides = BTreeMap<String, BTreeMap<String, Override>>;

/// Reads `--set` values; `lookup` gives the value of an argument that is only named.
pub(super) fn parse(
    given: &[String],
    targets: &[Target],
    lookup: &dyn Fn(&str) -> Option<String>,
    looks_up: bool,
) -> Result<Overrides, String> {
    let mut overrides = Overrides::new();
    for text in given {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (text.as_str(), None),
        };
        let (plain, append) = match key.strip_suffix('+') {
            Some(plain) => (plain, true),
            None => (key, false),
        };
        let keys: Vec<&str> = plain.splitn(3, '.').collect();
        let (Some(&pattern), Some(&field)) = (keys.first(), keys.get(1)) else {
            return Err(format!("`--set {text}`: a key is TARGET.FIELD, not {plain:?}"));
        };
        if value.is_none() && field != "args" {
            return Err(format!("`--set {text}` has no value"));
        }
        let names = matching(pattern, targets)?;
        let field_key = keys.get(1..).unwrap_or_default().join(".");
        for name in names {
            let own = overrides.entry(name).or_default();
            let mut entry = own.get(&field_key).cloned().unwrap_or_default();
            match field {
                "output" | "cache-to" | "cache-from" | "tags" | "platform" | "secrets" | "ssh" | "attest"
                | "entitlements" | "network" | "annotations" | "policy" => {
                    if let Some(value) = value {
                        entry.append = append;
                        entry.values.push(value.to_owned());
                    }
                }
                "resources" | "secret" => {
                    if keys.len() != 3 {
                        return Err(format!("`--set {text}`: {field} needs a name, as in {field}.NAME"));
                    }
                    if append {
                        return Err(format!("`--set {text}`: {field} cannot be appended to"));
                    }
                    value.unwrap_or_default().clone_into(&mut entry.value);
                }
                "args" | "contexts" if keys.len() != 3 => {
                    return Err(format!("`--set {text}`: {field} needs a name, as in {field}.NAME"));
                }
                "args" if value.is_none() && looks_up => match keys.get(2).and_then(|name| lookup(name)) {
                    Some(value) => entry.value = value,
                    None => continue,
                },
                _ => value.unwrap_or_default().clone_into(&mut entry.value),
            }
            own.insert(field_key.clone(), entry);
        }
    }
    Ok(overrides)
}

/// The targets that a pattern names.
fn matching(pattern: &str, targets: &[Target]) -> Result<Vec<String>, String> {
    if targets.iter().any(|target| target.name == pattern) {
        return Ok(vec![pattern.to_owned()]);
    }
    let mut names = Vec::new();
    for target in targets {
        if glob::matches(pattern, &target.name)? {
            names.push(target.name.clone());
        }
    }
    if names.is_empty() { Err(format!("no target matches {pattern:?}")) } else { Ok(names) }
}

/// What overrides do to entries that several targets share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Whether an output pushes, by its origin.
    pub(super) push: BTreeMap<usize, String>,
    /// A secret's variable and file, by its origin.
    pub(super) secrets: BTreeMap<usize, (String, String)>,
}

/// Applies overrides to a target.
pub(super) fn apply(
    target: &mut Target,
    overrides: &BTreeMap<String, Override>,
    shared: &mut Shared,
) -> Result<(), String> {
    for (key, given) in overrides {
        let (field, name) = match key.split_once('.') {
            Some((field, name)) => (field, Some(name)),
            None => (key.as_str(), None),
        };
        if field != "secret" && field != "push" && field != "load" {
            one(target, field, name, given)?;
        }
    }
    for (field, set) in [("push", push as fn(&mut Target, bool, &mut Shared)), ("load", load)] {
        if let Some(given) = overrides.get(field) {
            set(target, flag(field, &given.value)?, shared);
        }
    }
    for (key, given) in overrides {
        if let Some(id) = key.strip_prefix("secret.") {
            secret(target, id, &given.value, shared)?;
        }
    }
    Ok(())
}

fn flag(field: &str, value: &str) -> Result<bool, String> {
    parse_bool(value).map_err(|error| format!("{field}: {error}"))
}

fn replaced<T>(own: &mut Option<Vec<T>>, values: Vec<T>, append: bool) {
    match own {
        Some(own) if append => own.extend(values),
        _ => *own = Some(values),
    }
}

fn one(target: &mut Target, field: &str, name: Option<&str>, given: &Override) -> Result<(), String> {
    let value = given.value.clone();
    let named = || name.map(str::to_owned).ok_or_else(|| format!("{field} needs a name, as in {field}.NAME"));
    match field {
        "context" => target.context = Some(value),
        "dockerfile" => target.dockerfile = Some(value),
        "args" => {
            target.args.get_or_insert_default().insert(named()?, Some(value));
        }
        "contexts" => {
            target.contexts.get_or_insert_default().insert(named()?, value);
        }
        "labels" => {
            target.labels.get_or_insert_default().insert(named()?, Some(value));
        }
        "extra-hosts" => {
            target.extra_hosts.get_or_insert_default().insert(named()?, Some(value));
        }
        "tags" => replaced(&mut target.tags, given.values.clone(), given.append),
        "platform" => replaced(&mut target.platforms, given.values.clone(), given.append),
        "no-cache-filter" => replaced(&mut target.no_cache_filter, given.values.clone(), given.append),
        "ulimits" => replaced(&mut target.ulimits, given.values.clone(), given.append),
        "policy" => {
            let policies =
                given.values.iter().map(|text| Policy::from_text(text)).collect::<Result<_, _>>()?;
            replaced(&mut target.policy, policies, given.append);
        }
        "cache-from" => {
            let caches = parse_caches(given.values.iter().map(String::as_str))?;
            replaced(&mut target.cache_from, caches, given.append);
        }
        "cache-to" => {
            let caches = parse_caches(given.values.iter().map(String::as_str))?;
            replaced(&mut target.cache_to, caches, given.append);
        }
        "target" => target.target = Some(value),
        "call" => target.call = Some(value),
        "secrets" => replaced(&mut target.secrets, from_texts::<Secret>(&given.values)?, given.append),
        "ssh" => replaced(&mut target.ssh, from_texts::<Ssh>(&given.values)?, given.append),
        "output" => {
            let mut outputs = from_texts::<Export>(&given.values)?;
            if given.append && target.outputs.is_none() {
                // Exchanged and kept: what is taken out comes back when the target is normalized.
                exchange_duplicates(&mut outputs);
            }
            replaced(&mut target.outputs, outputs, given.append);
        }
        "entitlements" => target.entitlements.get_or_insert_default().extend(given.values.iter().cloned()),
        "annotations" => target.annotations.get_or_insert_default().extend(given.values.iter().cloned()),
        "attest" => target.attest.get_or_insert_default().extend(from_texts::<Attest>(&given.values)?),
        "no-cache" => target.no_cache = Some(flag(field, &value)?),
        "pull" => target.pull = Some(flag(field, &value)?),
        "shm-size" => target.shm_size = Some(value),
        "network" => target.network = Some(value),
        "resources" => target.resources.get_or_insert_default().set(&named()?, &value)?,
        other => return Err(format!("`--set` has no field {other:?}")),
    }
    Ok(())
}

fn secret(target: &mut Target, id: &str, value: &str, shared: &mut Shared) -> Result<(), String> {
    if id.is_empty() {
        return Err("secret needs a name, as in secret.NAME".to_owned());
    }
    let Some(own) = target.secrets.iter_mut().flatten().find(|secret| secret.id == id) else {
        return Err(format!("the secret {id:?} is not defined, so it cannot be set"));
    };
    let next = Secret::from_text(value)?;
    if !next.id.is_empty() && next.id != id {
        return Err(format!("the secret {id:?} is set to one with the id {:?}", next.id));
    }
    if own.origin > 0 {
        shared.secrets.insert(own.origin, (next.variable.clone(), next.source.clone()));
    }
    own.variable = next.variable;
    own.source = next.source;
    Ok(())
}

fn push(target: &mut Target, push: bool, shared: &mut Shared) {
    let outputs = target.outputs.get_or_insert_default();
    let mut set = |output: &mut Export| {
        if output.origin > 0 {
            shared.push.insert(output.origin, push.to_string());
        }
        output.attributes.insert("push".to_owned(), push.to_string());
    };
    if push {
        let alone = outputs.iter().all(|output| output.kind == "docker");
        outputs.iter_mut().filter(|output| output.kind == "image").for_each(&mut set);
        if alone {
            let mut image = Export::of("image");
            image.attributes.insert("push".to_owned(), "true".to_owned());
            outputs.push(image);
        }
        return;
    }
    let mut index = 0;
    while let Some(output) = outputs.get_mut(index) {
        match output.kind.as_str() {
            "registry" => {
                outputs.swap_remove(index);
                continue;
            }
            "image" => set(output),
            _ => {}
        }
        index += 1;
    }
}

fn load(target: &mut Target, load: bool, _: &mut Shared) {
    if !load {
        return;
    }
    let outputs = target.outputs.get_or_insert_default();
    for output in outputs.iter() {
        match output.kind.as_str() {
            "docker" if output.destination.is_empty() => return,
            "docker" | "image" | "registry" | "oci" => {}
            _ => return,
        }
    }
    outputs.push(Export::of("docker"));
}
