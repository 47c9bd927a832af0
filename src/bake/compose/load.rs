//! From texts to one model: interpolated, with what it includes and extends, and all files merged.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::canonical::{canonical, relative_paths, set_defaults};
use super::merge::{matches, merge, without};
use super::template::substitute;
use super::value::{Model, Path, Value, next, of};
use super::{Environment, dotenv};
use crate::bake::files::{Files, Kind, ReadError};
use crate::bake::limits::{MAX_FILE_BYTES, MAX_INCLUDED};
use crate::bake::paths;
use crate::yaml;

/// Reads Compose files.
pub(super) struct Loader<'a> {
    pub(super) files: &'a dyn Files,
    /// Files that were included or extended so far.
    pub(super) read: Cell<usize>,
}

impl Loader<'_> {
    /// Files over one another, with paths relative to `folder` where they are read from.
    pub(super) fn load(
        &self,
        texts: &[(String, String)],
        env: &Environment,
        folder: &str,
        included: &[String],
    ) -> Result<Model, String> {
        let mut model = Model::new();
        for (name, text) in texts {
            model = self.file(name, text, env, folder, model, included)?;
        }
        set_defaults(&mut model);
        relative_paths(&mut model, folder)?;
        Ok(model)
    }

    /// A file over a model.
    fn file(
        &self,
        name: &str,
        text: &str,
        env: &Environment,
        folder: &str,
        mut model: Model,
        included: &[String],
    ) -> Result<Model, String> {
        let wrong = |error: String| if name.is_empty() { error } else { format!("{name}: {error}") };
        let documents = yaml::documents(text).map_err(|error| wrong(error.to_string()))?;
        for document in &documents {
            let (mut own, replaced) = read(document, env).map_err(wrong)?;
            let mut chain = included.to_vec();
            chain.push(name.to_owned());
            self.include(&mut own, env, folder, &chain, &replaced)?;
            let mut before = Value::Map(model);
            without(&mut before, "", &replaced);
            self.extend_all(&mut own, env, folder, &replaced)?;
            model = canonical(merge(before, Value::Map(own), "")?)?;
        }
        Ok(model)
    }

    fn text(&self, path: &str) -> Result<String, String> {
        self.read.set(self.read.get() + 1);
        if self.read.get() > MAX_INCLUDED {
            return Err(format!(
                "more than {MAX_INCLUDED} files are included or extended, which is the limit"
            ));
        }
        let bytes = self.files.read(path).map_err(|error| format!("{path}: {error}"))?;
        if bytes.len() > MAX_FILE_BYTES {
            return Err(format!("{path} is larger than {MAX_FILE_BYTES} bytes, which is the limit"));
        }
        String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8"))
    }

    fn include(
        &self,
        model: &mut Model,
        env: &Environment,
        folder: &str,
        included: &[String],
        replaced: &[Path],
    ) -> Result<(), String> {
        let entries = match model.remove("include") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::List(entries)) => entries,
            Some(_) => return Err("`include` is a list".to_owned()),
        };
        for entry in entries {
            let (files, directory, env_files) = match &entry {
                Value::Text(path) => (vec![path.clone()], None, Vec::new()),
                Value::Map(_) => (
                    texts(entry.get("path"))?,
                    entry.get("project_directory").and_then(Value::text).map(str::to_owned),
                    texts(entry.get("env_file"))?,
                ),
                _ => return Err("an entry of `include` is a path or a mapping".to_owned()),
            };
            let at =
                |path: &str| if path.starts_with('/') { path.to_owned() } else { paths::join(folder, path) };
            let main = at(files.first().ok_or("an entry of `include` has a path")?);
            if included.contains(&main) {
                return Err(format!("{main} includes itself"));
            }
            let project = directory.map_or_else(|| paths::parent(&main), |directory| at(&directory));
            let mut inner = Environment::new();
            let env_files = if env_files.is_empty() {
                let default = paths::join(&project, ".env");
                if self.files.stat(&default).is_some_and(|stat| stat.kind == Kind::File) {
                    vec![default]
                } else {
                    Vec::new()
                }
            } else {
                env_files.iter().filter(|file| *file != "/dev/null").map(|file| at(file)).collect()
            };
            for file in env_files {
                let text = self.text(&file)?;
                let lookup = |name: &str| env.get(name).cloned();
                dotenv::parse(&text, &mut inner, &lookup).map_err(|error| format!("{file}: {error}"))?;
            }
            inner.extend(env.clone());
            let mut texts = Vec::new();
            for file in &files {
                let path = at(file);
                texts.push((path.clone(), self.text(&path)?));
            }
            let imported = self.load(&texts, &inner, &project, included)?;
            import(imported, model, replaced)?;
        }
        Ok(())
    }

    /// Gives services what they extend.
    fn extend_all(
        &self,
        model: &mut Model,
        env: &Environment,
        folder: &str,
        replaced: &[Path],
    ) -> Result<(), String> {
        let mut services = match model.remove("services") {
            None => return Ok(()),
            Some(Value::Map(services)) => services,
            Some(_) => return Err("`services` is a mapping".to_owned()),
        };
        let names: Vec<String> = services.keys().cloned().collect();
        for name in names {
            self.extend(&name, &mut services, env, folder, replaced, &mut Vec::new())?;
        }
        model.insert("services".to_owned(), Value::Map(services));
        Ok(())
    }

    fn extend(
        &self,
        name: &str,
        services: &mut BTreeMap<String, Value>,
        env: &Environment,
        folder: &str,
        replaced: &[Path],
        visited: &mut Vec<(String, String)>,
    ) -> Result<(), String> {
        let service = match services.get(name) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Map(service)) => service.clone(),
            Some(_) => return Err(format!("services.{name} is a mapping")),
        };
        let (other, file) = match service.get("extends") {
            None => return Ok(()),
            Some(Value::Text(other)) => (other.clone(), None),
            Some(entry @ Value::Map(_)) => {
                let other = entry.get("service").and_then(Value::text);
                let other = other.ok_or_else(|| format!("services.{name}.extends has a service"))?;
                match entry.get("file") {
                    None | Some(Value::Null) => (other.to_owned(), None),
                    Some(Value::Text(file)) => (other.to_owned(), Some(file.clone())),
                    Some(_) => return Err(format!("services.{name}.extends.file is a path")),
                }
            }
            Some(_) => return Err(format!("services.{name}.extends is a mapping or a name")),
        };
        let mark = (file.clone().unwrap_or_default(), name.to_owned());
        if visited.contains(&mark) || visited.len() > MAX_INCLUDED {
            return Err(format!("the service {name:?} extends itself"));
        }
        visited.push(mark);
        let base = if let Some(file) = file {
            let path = if file.starts_with('/') { file } else { paths::join(folder, &file) };
            let (mut others, inner) = self.others(&path, env)?;
            if !others.contains_key(&other) {
                return Err(format!("{path} has no service {other:?}, which {name:?} extends"));
            }
            self.extend(&other, &mut others, env, "", &inner, visited)?;
            others.remove(&other)
        } else {
            if !services.contains_key(&other) {
                return Err(format!("there is no service {other:?}, which {name:?} extends"));
            }
            self.extend(&other, services, env, folder, replaced, visited)?;
            services.get(&other).cloned()
        };
        visited.pop();
        let Some(base @ Value::Map(_)) = base else { return Ok(()) };
        let wrapped = Value::Map(BTreeMap::from([(name.to_owned(), base)]));
        let mut wrapped = Value::Map(BTreeMap::from([("services".to_owned(), wrapped)]));
        without(&mut wrapped, "", replaced);
        let base = wrapped.get("services").and_then(|services| services.get(name)).cloned();
        let mut merged = merge(base.unwrap_or(Value::Null), Value::Map(service), "services.x")?;
        if let Value::Map(map) = &mut merged {
            map.remove("extends");
        }
        services.insert(name.to_owned(), merged);
        Ok(())
    }

    /// The services of another file, with their paths made relative.
    fn others(&self, path: &str, env: &Environment) -> Result<(BTreeMap<String, Value>, Vec<Path>), String> {
        let text = self.text(path)?;
        let folder = paths::parent(path);
        let mut model = Model::new();
        let mut all = Vec::new();
        for document in yaml::documents(&text).map_err(|error| format!("{path}: {error}"))? {
            let (own, replaced) = read(&document, env).map_err(|error| format!("{path}: {error}"))?;
            let mut before = Value::Map(model);
            without(&mut before, "", &replaced);
            model = canonical(merge(before, Value::Map(own), "")?)?;
            all = replaced;
        }
        relative_paths(&mut model, &folder)?;
        match model.remove("services") {
            Some(Value::Map(services)) => Ok((services, all)),
            Some(_) => Err(format!("`services` of {path} is a mapping")),
            None => Err(format!("{path} has no services")),
        }
    }
}

/// A document with its variables replaced.
fn read(document: &yaml::Node, env: &Environment) -> Result<(Model, Vec<Path>), String> {
    let mut replaced = Vec::new();
    let mut value = of(document, "", &mut replaced)?.unwrap_or(Value::Null);
    interpolate(&mut value, "", env)?;
    match value {
        Value::Map(model) => Ok((model, replaced)),
        _ => Err("the top level is a mapping".to_owned()),
    }
}

fn interpolate(value: &mut Value, path: &str, env: &Environment) -> Result<(), String> {
    match value {
        Value::Text(text) => {
            let replaced = substitute(text, &|name| env.get(name).cloned())
                .map_err(|error| format!("{path}: {error}"))?;
            *value = cast(replaced, path)?;
        }
        Value::List(values) => {
            for value in values {
                interpolate(value, &next(path, "[]"), env)?;
            }
        }
        Value::Map(map) => {
            for (key, value) in map {
                interpolate(value, &next(path, key), env)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Values that are strings in the file and something else in the model.
fn cast(text: String, path: &str) -> Result<Value, String> {
    const BOOLEANS: &[&str] = &[
        "services.*.init",
        "services.*.depends_on.*.required",
        "services.*.depends_on.*.restart",
        "services.*.healthcheck.disable",
        "services.*.oom_kill_disable",
        "services.*.privileged",
        "services.*.read_only",
        "services.*.stdin_open",
        "services.*.tty",
        "services.*.volumes.[].read_only",
        "services.*.volumes.[].volume.nocopy",
        "networks.*.external",
        "networks.*.internal",
        "networks.*.attachable",
        "networks.*.enable_ipv4",
        "networks.*.enable_ipv6",
        "volumes.*.external",
        "secrets.*.external",
        "configs.*.external",
    ];
    const INTEGERS: &[&str] = &[
        "services.*.cpu_count",
        "services.*.cpu_period",
        "services.*.cpu_quota",
        "services.*.cpu_rt_period",
        "services.*.cpu_rt_runtime",
        "services.*.cpu_shares",
        "services.*.deploy.replicas",
        "services.*.deploy.update_config.parallelism",
        "services.*.deploy.rollback_config.parallelism",
        "services.*.deploy.restart_policy.max_attempts",
        "services.*.deploy.placement.max_replicas_per_node",
        "services.*.healthcheck.retries",
        "services.*.oom_score_adj",
        "services.*.pids_limit",
        "services.*.ports.[].target",
        "services.*.scale",
        "services.*.ulimits.*",
        "services.*.ulimits.*.hard",
        "services.*.ulimits.*.soft",
    ];
    const NUMBERS: &[&str] = &[
        "services.*.cpu_percent",
        "services.*.cpus",
        "services.*.deploy.update_config.max_failure_ratio",
        "services.*.deploy.rollback_config.max_failure_ratio",
    ];
    let is = |patterns: &[&str]| patterns.iter().any(|pattern| matches(path, pattern));
    if is(BOOLEANS) {
        return boolean(&text)
            .map(Value::Bool)
            .ok_or_else(|| format!("{path} is true or false, not {text:?}"));
    }
    if is(INTEGERS) {
        return text.parse().map(Value::Int).map_err(|_| format!("{path} is a whole number, not {text:?}"));
    }
    if is(NUMBERS) {
        return text.parse().map(Value::Float).map_err(|_| format!("{path} is a number, not {text:?}"));
    }
    Ok(Value::Text(text))
}

/// A boolean as Compose reads strings.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A string or a list of strings.
pub(super) fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Text(text)) => Ok(vec![text.clone()]),
        Some(Value::List(values)) => values
            .iter()
            .map(|value| {
                value.text().map(str::to_owned).ok_or_else(|| "a string is expected in a list".to_owned())
            })
            .collect(),
        Some(_) => Err("a string or a list of strings is expected".to_owned()),
    }
}

/// Adds what a file defines that another one includes; what the other defines itself wins.
fn import(imported: Model, model: &mut Model, replaced: &[Path]) -> Result<(), String> {
    for (kind, value) in imported {
        if !matches!(kind.as_str(), "services" | "volumes" | "networks" | "secrets" | "configs" | "models") {
            continue;
        }
        let Value::Map(entries) = value else { continue };
        let own = model.entry(kind.clone()).or_insert_with(|| Value::Map(BTreeMap::new()));
        let Value::Map(own) = own else { return Err(format!("`{kind}` is a mapping")) };
        for (name, entry) in entries {
            let merged = match own.remove(&name) {
                None => entry,
                Some(over) => {
                    let inner = Value::Map(BTreeMap::from([(name.clone(), entry)]));
                    let mut outer = Value::Map(BTreeMap::from([(kind.clone(), inner)]));
                    without(&mut outer, "", replaced);
                    let base = outer.get(&kind).and_then(|inner| inner.get(&name)).cloned();
                    merge(base.unwrap_or(Value::Null), over, &next(&kind, &name))?
                }
            };
            own.insert(name, merged);
        }
    }
    Ok(())
}

/// Reads a file of variables, if it is there.
pub(super) fn optional(files: &dyn Files, path: &str) -> Result<Option<String>, String> {
    if files.stat(path).is_none_or(|stat| stat.kind == Kind::Directory) {
        return Ok(None);
    }
    match files.read(path) {
        Ok(bytes) if bytes.len() > MAX_FILE_BYTES => {
            Err(format!("{path} is larger than {MAX_FILE_BYTES} bytes, which is the limit"))
        }
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| format!("{path} is not UTF-8")),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(format!("{path}: {error}")),
    }
}
