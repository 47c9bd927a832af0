//! Services as targets.

use std::collections::BTreeMap;

use super::load::{boolean, optional, texts};
use super::value::{Model, Value};
use super::{Environment, Project, dotenv};
use crate::bake::definition::{Defined, is_valid_name};
use crate::bake::entries::{
    Attest, Entry as _, Export, Secret, Ssh, canonical_attest, from_texts, parse_caches,
};
use crate::bake::files::Files;
use crate::bake::target::{Group, Target, deduplicated};
use crate::bake::units::{check_ulimit, parse_memory, show_memory};

/// Gives variables of services without a value that of the environment.
pub(super) fn environment_of_model(model: &mut Model, env: &Environment) {
    let Some(Value::Map(services)) = model.get_mut("services") else { return };
    for service in services.values_mut() {
        let Value::Map(service) = service else { continue };
        let Some(Value::List(variables)) = service.get_mut("environment") else { continue };
        for variable in variables {
            if let Value::Text(name) = variable
                && let Some(value) = env.get(name.as_str())
            {
                *name = format!("{name}={value}");
            }
        }
    }
}

/// Notes which folder paths are relative to.
pub(super) fn set_bases(defined: &mut Defined, base: &str) {
    for target in &mut defined.targets {
        target.bases.default = Some(base.to_owned());
        if target.context.is_some() {
            target.bases.context = Some(base.to_owned());
        }
        for name in target.contexts.iter().flatten().map(|(name, _)| name.clone()) {
            target.bases.contexts.insert(name, base.to_owned());
        }
    }
}

/// Names with values or without.
type Pairs = BTreeMap<String, Option<String>>;

fn pairs(value: Option<&Value>) -> Result<Pairs, String> {
    let mut pairs = Pairs::new();
    match value {
        None | Some(Value::Null) => {}
        Some(Value::Map(map)) => {
            for (name, value) in map {
                let value = if *value == Value::Null { None } else { Some(value.shown()) };
                pairs.insert(name.clone(), value);
            }
        }
        Some(Value::List(values)) => {
            for value in values {
                let text = value.shown();
                let (name, value) = match text.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (text.as_str(), None),
                };
                if name.ends_with(char::is_whitespace) {
                    return Err(format!("the variable {name:?} ends in a space"));
                }
                pairs.insert(name.to_owned(), value);
            }
        }
        Some(_) => return Err("a mapping or a list is expected".to_owned()),
    }
    Ok(pairs)
}

fn flag(value: Option<&Value>) -> Result<bool, String> {
    match value {
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::Text(text)) => boolean(text).ok_or_else(|| format!("{text:?} is neither true nor false")),
        _ => Ok(false),
    }
}

impl Project {
    /// The targets of services with a build. Consistency between services is checked once all files are there.
    pub(super) fn resolve(&self, files: &dyn Files, consistent: bool) -> Result<Defined, String> {
        if consistent {
            self.check()?;
        }
        let mut group = Group { name: "default".to_owned(), ..Group::default() };
        let mut defined = Defined::default();
        for (name, service) in &self.services {
            let wrong = |error: String| format!("services.{name}: {error}");
            let environment = self.variables(service, files).map_err(wrong)?;
            let Some(build) = service.get("build") else { continue };
            let target_name = name.replace('.', "_");
            if !is_valid_name(&target_name) {
                return Err(format!("{name:?} is no name of a target"));
            }
            let image = service.get("image").and_then(Value::text).unwrap_or_default();
            let mut target = self.target(build, &environment).map_err(wrong)?;
            if target.tags.as_ref().is_none_or(Vec::is_empty) && !image.is_empty() {
                target.tags = Some(vec![image.to_owned()]);
            }
            target.name.clone_from(&target_name);
            group.targets.push(target_name);
            defined.targets.push(target);
        }
        group.without_list = group.targets.is_empty();
        if !self.services.is_empty() {
            defined.groups.push(group);
        }
        Ok(defined)
    }

    fn check(&self) -> Result<(), String> {
        for (name, service) in &self.services {
            let image = service.get("image").and_then(Value::text).unwrap_or_default();
            let Some(build) = service.get("build") else {
                if image.is_empty() {
                    return Err(format!("the service {name:?} has neither an image nor a build"));
                }
                continue;
            };
            let given =
                |field: &str| build.get(field).and_then(Value::text).is_some_and(|text| !text.is_empty());
            if given("dockerfile") && given("dockerfile_inline") {
                return Err(format!("the service {name:?} has a dockerfile and a dockerfile_inline"));
            }
            for context in build.get("additional_contexts").and_then(Value::map).into_iter().flatten() {
                let Some(other) = context.1.text().and_then(|text| text.strip_prefix("service:")) else {
                    continue;
                };
                if self.services.get(other).and_then(|other| other.get("build")).is_none() {
                    return Err(format!(
                        "the service {name:?} uses {other:?}, which is no service with a build"
                    ));
                }
            }
            if let Some(Value::List(secrets)) = build.get("secrets") {
                for secret in secrets {
                    let source = secret.get("source").and_then(Value::text).unwrap_or_default();
                    if !self.secrets.contains_key(source) {
                        return Err(format!(
                            "the service {name:?} uses the secret {source:?}, which is not defined"
                        ));
                    }
                }
            }
        }
        for (name, secret) in &self.secrets {
            let given =
                |field: &str| secret.get(field).and_then(Value::text).is_some_and(|text| !text.is_empty());
            if !flag(secret.get("external"))? && !given("file") && !given("environment") {
                return Err(format!("the secret {name:?} has neither a file nor a variable"));
            }
        }
        Ok(())
    }

    /// The variables that a service runs with.
    fn variables(&self, service: &Value, files: &dyn Files) -> Result<Pairs, String> {
        let mut own = pairs(service.get("environment"))?;
        for (name, value) in &mut own {
            if value.is_none() {
                *value = self.env.get(name).cloned();
            }
        }
        let mut all: BTreeMap<String, String> =
            own.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
        if let Some(Value::List(entries)) = service.get("env_file") {
            for entry in entries {
                let path = entry.get("path").and_then(Value::text).unwrap_or_default();
                let Some(text) = optional(files, path)? else {
                    if flag(entry.get("required"))? {
                        return Err(format!("the file {path:?} of variables is missing"));
                    }
                    continue;
                };
                let lookup =
                    |name: &str| self.env.get(name).cloned().or_else(|| own.get(name).cloned().flatten());
                dotenv::parse(&text, &mut all, &lookup).map_err(|error| format!("{path}: {error}"))?;
            }
        }
        let mut result: Pairs = all.into_iter().map(|(name, value)| (name, Some(value))).collect();
        result.extend(own);
        Ok(result)
    }

    fn target(&self, build: &Value, environment: &Pairs) -> Result<Target, String> {
        let text = |field: &str| {
            build.get(field).and_then(Value::text).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let mut target = Target {
            context: text("context"),
            dockerfile: text("dockerfile"),
            dockerfile_inline: text("dockerfile_inline"),
            network: text("network"),
            target: text("target"),
            ..Target::default()
        };
        if let Some(Value::Map(contexts)) = build.get("additional_contexts") {
            let contexts = contexts.iter().map(|(name, value)| (name.clone(), value.shown()));
            target.contexts = Some(named_contexts(contexts));
        }
        let args = pairs(build.get("args"))?;
        let resolved: BTreeMap<_, _> = args
            .into_iter()
            .filter_map(|(name, value)| {
                let outside =
                    || environment.get(&name).cloned().flatten().or_else(|| self.env.get(&name).cloned());
                let value = value.or_else(outside)?;
                Some((name, Some(value)))
            })
            .collect();
        target.args = Some(resolved).filter(|args| !args.is_empty());
        let labels = pairs(build.get("labels"))?;
        target.labels =
            Some(labels.into_iter().map(|(name, value)| (name, Some(value.unwrap_or_default()))).collect());
        target.tags = build.get("tags").map(|tags| texts(Some(tags))).transpose()?;
        target.platforms = build.get("platforms").map(|platforms| texts(Some(platforms))).transpose()?;
        let caches = |field: &str| {
            let given = texts(build.get(field))?;
            let caches = parse_caches(given.iter().map(String::as_str))?;
            Ok::<_, String>((!given.is_empty()).then_some(caches))
        };
        target.cache_from = caches("cache_from")?;
        target.cache_to = caches("cache_to")?;
        let size = match build.get("shm_size") {
            Some(Value::Int(bytes)) => *bytes,
            Some(Value::Text(size)) => size.parse().or_else(|_| parse_memory(size))?,
            _ => 0,
        };
        target.shm_size = (size > 0).then(|| show_memory(size));
        if let Some(Value::Map(limits)) = build.get("ulimits") {
            let mut given = Vec::new();
            for (name, limit) in limits {
                let part = |field: &str| match limit.get(field) {
                    Some(Value::Int(value)) => Ok(*value),
                    None => Ok(0),
                    Some(_) => Err(format!("the limit {name:?} is a number")),
                };
                let limit = format!("{name}={}:{}", part("soft")?, part("hard")?);
                check_ulimit(&limit)?;
                given.push(limit);
            }
            target.ulimits = (!given.is_empty()).then_some(given);
        }
        target.extra_hosts = Some(hosts(build.get("extra_hosts"))?);
        if let Some(Value::Map(keys)) = build.get("ssh") {
            let keys = keys.iter().map(|(id, path)| {
                let path = if *path == Value::Null { String::new() } else { path.shown() };
                let paths = if path.is_empty() { Vec::new() } else { vec![path] };
                Ssh { id: id.clone(), paths }
            });
            target.ssh = Some(keys.collect());
        }
        if let Some(Value::List(secrets)) = build.get("secrets") {
            target.secrets =
                Some(secrets.iter().map(|secret| self.secret(secret)).collect::<Result<_, _>>()?);
        }
        let attests: Vec<String> = ["sbom", "provenance"]
            .iter()
            .filter_map(|kind| text(kind).map(|value| canonical_attest(kind, &value)))
            .collect();
        target.attest = (!attests.is_empty())
            .then(|| attests.iter().map(|text| Attest::from_text(text)).collect::<Result<_, _>>())
            .transpose()?;
        target.no_cache = flag(build.get("no_cache"))?.then_some(true);
        target.pull = flag(build.get("pull"))?.then_some(true);
        if let Some(extension) = build.get("x-bake").filter(|extension| **extension != Value::Null) {
            extend(&mut target, extension).map_err(|error| format!("x-bake: {error}"))?;
        }
        Ok(target)
    }

    fn secret(&self, mount: &Value) -> Result<Secret, String> {
        let id = mount.get("source").and_then(Value::text).unwrap_or_default();
        let secret = self.secrets.get(id);
        let text = |field: &str| {
            let value = secret.and_then(|secret| secret.get(field)).and_then(Value::text);
            value.unwrap_or_default().to_owned()
        };
        if flag(secret.and_then(|secret| secret.get("external")))? {
            return Err(format!("the secret {id:?} is external"));
        }
        Ok(Secret { id: id.to_owned(), source: text("file"), variable: text("environment"), origin: 0 })
    }
}

/// Contexts of services as those of targets.
fn named_contexts(contexts: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    contexts
        .map(|(name, value)| {
            let other = value.strip_prefix("service:").or_else(|| value.strip_prefix("target:"));
            let value = other.map(|other| format!("target:{}", other.replace('.', "_"))).unwrap_or(value);
            (name, value)
        })
        .collect()
}

fn hosts(value: Option<&Value>) -> Result<Pairs, String> {
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    match value {
        None | Some(Value::Null) => {}
        Some(Value::Map(map)) => {
            for (host, value) in map {
                let addresses = match value {
                    Value::Null => vec![String::new()],
                    Value::List(values) => values.iter().map(Value::shown).collect(),
                    value => vec![value.shown()],
                };
                hosts.insert(host.clone(), addresses);
            }
        }
        Some(Value::List(values)) => {
            for value in values {
                let text = value.shown();
                let pair = text.split_once('=').or_else(|| text.split_once(':'));
                let (host, addresses) = pair.ok_or_else(|| format!("the host {text:?} has no address"))?;
                let addresses = addresses.split(',').map(str::to_owned);
                hosts.entry(host.to_owned()).or_default().extend(addresses);
            }
        }
        Some(_) => return Err("extra_hosts is a mapping or a list".to_owned()),
    }
    let mut joined = Pairs::new();
    for (host, addresses) in hosts {
        if host.is_empty() || host.contains([':', '=']) {
            return Err(format!("{host:?} is no name of a host"));
        }
        let plain = |address: &String| {
            let inner = address.strip_prefix('[').and_then(|address| address.strip_suffix(']'));
            inner.filter(|inner| !inner.is_empty()).unwrap_or(address).to_owned()
        };
        joined.insert(host, Some(addresses.iter().map(plain).collect::<Vec<_>>().join(",")));
    }
    Ok(joined)
}

/// A string, or what YAML takes for one where it is asked for.
fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::List(_) | Value::Map(_) => Err("a string is expected".to_owned()),
        Value::Null => Ok(String::new()),
        value => Ok(value.shown()),
    }
}

/// A list of strings, or words in one string.
fn words(extension: &Value, field: &str) -> Result<Vec<String>, String> {
    match extension.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(values)) => values.iter().map(scalar).collect(),
        Some(value) => Ok(scalar(value)?.split_whitespace().map(str::to_owned).collect()),
    }
}

fn optional_flag(extension: &Value, field: &str) -> Result<Option<bool>, String> {
    match extension.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::Text(text)) => {
            boolean(text).map(Some).ok_or_else(|| format!("{field} is true or false, not {text:?}"))
        }
        Some(_) => Err(format!("{field} is true or false")),
    }
}

/// Adds what the extension `x-bake` says.
fn extend(target: &mut Target, extension: &Value) -> Result<(), String> {
    if extension.map().is_none() {
        return Err("a mapping is expected".to_owned());
    }
    let add = |own: &mut Option<Vec<String>>, more: Vec<String>| {
        if !more.is_empty() {
            let mut all = own.take().unwrap_or_default();
            all.extend(more);
            *own = Some(deduplicated(&all));
        }
    };
    add(&mut target.tags, words(extension, "tags")?);
    let cache_from = parse_caches(words(extension, "cache-from")?.iter().map(String::as_str))?;
    let cache_to = parse_caches(words(extension, "cache-to")?.iter().map(String::as_str))?;
    for (own, more) in [(&mut target.cache_from, cache_from), (&mut target.cache_to, cache_to)] {
        if !more.is_empty() {
            own.get_or_insert_default().extend(more);
            *own = own.take().map(crate::bake::entries::without_duplicates);
        }
    }
    let secrets: Vec<Secret> = from_texts(&words(extension, "secret")?)?;
    if !secrets.is_empty() {
        target.secrets.get_or_insert_default().extend(secrets);
    }
    let keys: Vec<Ssh> = from_texts(&words(extension, "ssh")?)?;
    if !keys.is_empty() {
        let all = target.ssh.get_or_insert_default();
        all.extend(keys);
        let mut kept = crate::bake::entries::last_by_key(std::mem::take(all), |key| key.id.clone());
        kept.sort_by(|a, b| (&a.id, &a.paths).cmp(&(&b.id, &b.paths)));
        *all = kept;
    }
    add(&mut target.platforms, words(extension, "platforms")?);
    let outputs: Vec<Export> = from_texts(&words(extension, "output")?)?;
    if !outputs.is_empty() {
        target.outputs.get_or_insert_default().extend(outputs);
    }
    if let Some(pull) = optional_flag(extension, "pull")? {
        target.pull = Some(pull);
    }
    if let Some(no_cache) = optional_flag(extension, "no-cache")? {
        target.no_cache = Some(no_cache);
    }
    add(&mut target.no_cache_filter, words(extension, "no-cache-filter")?);
    match extension.get("contexts") {
        None | Some(Value::Null) => {}
        Some(Value::Map(contexts)) => {
            let mut more = Vec::new();
            for (name, value) in contexts {
                more.push((name.clone(), scalar(value)?));
            }
            let own = target.contexts.get_or_insert_default();
            for (name, value) in named_contexts(more.into_iter()) {
                own.entry(name).or_insert(value);
            }
        }
        Some(_) => return Err("contexts is a mapping".to_owned()),
    }
    Ok(())
}
