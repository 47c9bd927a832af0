//! The forms of a model made one: short forms written out, defaults set, paths from one folder.

use std::collections::BTreeMap;

use super::merge::unique;
use super::value::{Model, Value};
use crate::bake::paths;

/// Short forms written out, and of entries with one key the last.
pub(super) fn canonical(mut model: Value) -> Result<Model, String> {
    unique(&mut model, "")?;
    if let Value::Map(model) = &mut model {
        if let Some(Value::Map(services)) = model.get_mut("services") {
            for (name, service) in services {
                if let Value::Map(service) = service {
                    canonical_service(name, service)?;
                }
            }
        }
        if let Some(Value::Map(secrets)) = model.get_mut("secrets") {
            for secret in secrets.values_mut() {
                match secret {
                    Value::Map(secret) => {
                        if matches!(secret.get("external"), Some(Value::Map(_))) {
                            secret.insert("external".to_owned(), Value::Bool(true));
                        }
                    }
                    Value::Null => {}
                    _ => return Err("a secret is a mapping".to_owned()),
                }
            }
        }
    }
    unique(&mut model, "")?;
    match model {
        Value::Map(model) => Ok(model),
        _ => Err("the top level is a mapping".to_owned()),
    }
}

fn canonical_service(name: &str, service: &mut BTreeMap<String, Value>) -> Result<(), String> {
    let at = |field: &str| format!("services.{name}.{field}");
    if let Some(files) = service.get_mut("env_file") {
        let entries = match std::mem::replace(files, Value::Null) {
            Value::Text(path) => vec![Value::Text(path)],
            Value::List(entries) => entries,
            _ => return Err(format!("{} is a path or a list", at("env_file"))),
        };
        let entry = |entry: Value| match entry {
            Value::Text(path) => Value::Map(BTreeMap::from([
                ("path".to_owned(), Value::Text(path)),
                ("required".to_owned(), Value::Bool(true)),
            ])),
            Value::Map(mut map) => {
                map.entry("required".to_owned()).or_insert(Value::Bool(true));
                Value::Map(map)
            }
            _ => Value::Null,
        };
        *files = Value::List(entries.into_iter().map(entry).collect());
    }
    let build = match service.get_mut("build") {
        None => return Ok(()),
        Some(Value::Map(build)) => build,
        Some(value @ Value::Text(_)) => {
            let context = std::mem::replace(value, Value::Null);
            *value = Value::Map(BTreeMap::from([("context".to_owned(), context)]));
            return Ok(());
        }
        Some(_) => return Err(format!("{} is a context or a mapping", at("build"))),
    };
    if let Some(Value::List(secrets)) = build.get_mut("secrets") {
        for secret in secrets {
            match secret {
                Value::Text(source) => {
                    let source = ("source".to_owned(), Value::Text(std::mem::take(source)));
                    *secret = Value::Map(BTreeMap::from([source]));
                }
                Value::Map(_) => {}
                _ => return Err(format!("{} has an entry of another kind", at("build.secrets"))),
            }
        }
    }
    for field in ["provenance", "sbom"] {
        if let Some(value) = build.get_mut(field) {
            *value = Value::Text(value.shown());
        }
    }
    if let Some(contexts) = build.get_mut("additional_contexts") {
        match contexts {
            Value::Map(_) => {}
            Value::List(values) => {
                let mut map = BTreeMap::new();
                for value in values {
                    let pair = value.text().and_then(|text| text.split_once('='));
                    let (key, value) =
                        pair.ok_or_else(|| format!("{} are pairs", at("build.additional_contexts")))?;
                    map.insert(key.to_owned(), Value::Text(value.to_owned()));
                }
                *contexts = Value::Map(map);
            }
            _ => return Err(format!("{} is a mapping or a list", at("build.additional_contexts"))),
        }
    }
    if let Some(ssh) = build.get_mut("ssh") {
        match ssh {
            Value::Map(_) => {}
            Value::List(values) => {
                let mut map = BTreeMap::new();
                for value in values {
                    let text = value.text().ok_or_else(|| format!("{} are strings", at("build.ssh")))?;
                    match text.split_once('=') {
                        Some((id, path)) => map.insert(id.to_owned(), Value::Text(path.to_owned())),
                        None if text == "default" => map.insert(text.to_owned(), Value::Null),
                        None => return Err(format!("{}: {text:?} has no path", at("build.ssh"))),
                    };
                }
                *ssh = Value::Map(map);
            }
            _ => return Err(format!("{} is a mapping or a list", at("build.ssh"))),
        }
    }
    if let Some(Value::Map(limits)) = build.get("ulimits")
        && limits.values().any(|limit| !matches!(limit, Value::Map(_) | Value::Int(_)))
    {
        return Err(format!("{} are numbers or mappings", at("build.ulimits")));
    }
    Ok(())
}

pub(super) fn set_defaults(model: &mut Model) {
    let Some(Value::Map(services)) = model.get_mut("services") else { return };
    for service in services.values_mut() {
        if let Value::Map(service) = service
            && let Some(Value::Map(build)) = service.get_mut("build")
        {
            build.entry("context".to_owned()).or_insert_with(|| Value::Text(".".to_owned()));
        }
    }
}

/// Makes paths relative to the folder that bake runs in.
pub(super) fn relative_paths(model: &mut Model, folder: &str) -> Result<(), String> {
    let plain = |text: &mut String| {
        if !text.is_empty() && !text.starts_with('/') {
            *text = paths::join(folder, text);
        }
    };
    let context = |value: &mut Value| match value {
        Value::Text(text) => {
            let remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
            if !text.contains("://") && !remote.iter().any(|start| text.starts_with(start)) {
                plain(text);
            }
            Ok(())
        }
        _ => Err("a context is a string".to_owned()),
    };
    if let Some(Value::Map(services)) = model.get_mut("services") {
        for service in services.values_mut() {
            let Value::Map(service) = service else { continue };
            if let Some(Value::Map(extends)) = service.get_mut("extends")
                && let Some(Value::Text(file)) = extends.get_mut("file")
            {
                plain(file);
            }
            if let Some(Value::List(files)) = service.get_mut("env_file") {
                for file in files {
                    if let Value::Map(file) = file
                        && let Some(Value::Text(path)) = file.get_mut("path")
                    {
                        plain(path);
                    }
                }
            }
            let Some(Value::Map(build)) = service.get_mut("build") else { continue };
            if let Some(value) = build.get_mut("context") {
                context(value)?;
            }
            if let Some(Value::Map(contexts)) = build.get_mut("additional_contexts") {
                contexts.values_mut().try_for_each(context)?;
            }
            if let Some(Value::Map(keys)) = build.get_mut("ssh") {
                for path in keys.values_mut() {
                    if let Value::Text(path) = path {
                        plain(path);
                    }
                }
            }
        }
    }
    if let Some(Value::Map(secrets)) = model.get_mut("secrets") {
        for secret in secrets.values_mut() {
            if let Value::Map(secret) = secret
                && let Some(Value::Text(file)) = secret.get_mut("file")
            {
                plain(file);
            }
        }
    }
    Ok(())
}
