//! What Compose's schema asks of the parts of a model that targets are made of.

use std::collections::BTreeMap;

use super::value::Value;

/// Checks services and secrets.
pub(super) fn check(
    services: &BTreeMap<String, Value>,
    secrets: &BTreeMap<String, Value>,
) -> Result<(), String> {
    for (name, service) in services {
        let fine =
            !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || "._-".contains(char));
        if !fine {
            return Err(format!("{name:?} is no name of a service"));
        }
        of_service(service).map_err(|error| format!("services.{name}.{error}"))?;
    }
    for (name, secret) in secrets {
        of_secret(secret).map_err(|error| format!("secrets.{name}{error}"))?;
    }
    Ok(())
}

type Check = fn(&Value) -> bool;

fn text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

fn text_or_flag(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::Bool(_))
}

fn text_or_whole(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::Int(_))
}

fn text_list(value: &Value) -> bool {
    matches!(value, Value::List(values) if values.iter().all(text))
}

fn once(values: &[Value]) -> bool {
    values.iter().enumerate().all(|(index, value)| !values.iter().take(index).any(|other| other == value))
}

fn unique_text_list(value: &Value) -> bool {
    matches!(value, Value::List(values) if values.iter().all(text) && once(values))
}

fn pairs(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.values().all(|value| !matches!(value, Value::List(_) | Value::Map(_))),
        value => unique_text_list(value),
    }
}

fn texts(value: &Value) -> bool {
    text(value) || unique_text_list(value)
}

fn hosts(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.values().all(|value| text(value) || text_list(value)),
        value => unique_text_list(value),
    }
}

fn limits(value: &Value) -> bool {
    let Value::Map(map) = value else { return false };
    map.iter().all(|(name, limit)| {
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        let both = |limit: &BTreeMap<String, Value>| {
            limit.keys().all(|key| matches!(key.as_str(), "soft" | "hard") || key.starts_with("x-"))
                && ["soft", "hard"].iter().all(|key| limit.get(*key).is_some_and(text_or_whole))
        };
        !named
            || match limit {
                Value::Map(limit) => both(limit),
                limit => text_or_whole(limit),
            }
    })
}

fn mounts(value: &Value) -> bool {
    let Value::List(values) = value else { return false };
    values.iter().all(|value| match value {
        Value::Map(map) => map.iter().all(|(key, value)| match key.as_str() {
            "source" | "target" | "uid" | "gid" => text(value),
            "mode" => matches!(value, Value::Text(_) | Value::Int(_) | Value::Float(_)),
            key => key.starts_with("x-"),
        }),
        value => text(value),
    })
}

fn env_files(value: &Value) -> bool {
    let Value::List(values) = value else { return text(value) };
    values.iter().all(|value| match value {
        Value::Map(map) => {
            map.contains_key("path")
                && map.iter().all(|(key, value)| match key.as_str() {
                    "path" | "format" => text(value),
                    "required" => text_or_flag(value),
                    _ => false,
                })
        }
        value => text(value),
    })
}

const BUILD: &[(&str, Check)] = &[
    ("context", text),
    ("dockerfile", text),
    ("dockerfile_inline", text),
    ("entitlements", text_list),
    ("args", pairs),
    ("ssh", pairs),
    ("labels", pairs),
    ("cache_from", text_list),
    ("cache_to", text_list),
    ("no_cache", text_or_flag),
    ("no_cache_filter", texts),
    ("additional_contexts", pairs),
    ("network", text),
    ("provenance", text_or_flag),
    ("sbom", text_or_flag),
    ("pull", text_or_flag),
    ("target", text),
    ("shm_size", text_or_whole),
    ("extra_hosts", hosts),
    ("isolation", text),
    ("privileged", text_or_flag),
    ("secrets", mounts),
    ("tags", text_list),
    ("ulimits", limits),
    ("platforms", text_list),
];

fn of_service(service: &Value) -> Result<(), String> {
    let checks: [(&str, Check); 3] = [("image", text), ("environment", pairs), ("env_file", env_files)];
    for (field, check) in checks {
        if service.get(field).is_some_and(|value| !check(value)) {
            return Err(format!("{field} is of another kind"));
        }
    }
    match service.get("build") {
        None | Some(Value::Text(_)) => Ok(()),
        Some(Value::Map(build)) => {
            for (field, value) in build {
                match BUILD.iter().find(|(name, _)| name == field) {
                    Some((_, check)) if check(value) => {}
                    Some(_) => return Err(format!("build.{field} is of another kind")),
                    None if field.starts_with("x-") => {}
                    None => return Err(format!("build has no {field:?}")),
                }
            }
            Ok(())
        }
        Some(_) => Err("build is a context or a mapping".to_owned()),
    }
}

fn of_secret(secret: &Value) -> Result<(), String> {
    let Value::Map(map) = secret else { return Err(" is a mapping".to_owned()) };
    for (field, value) in map {
        let fine = match field.as_str() {
            "name" | "environment" | "file" | "driver" | "template_driver" => text(value),
            "external" => matches!(value, Value::Bool(_) | Value::Text(_) | Value::Map(_)),
            "labels" => pairs(value),
            "driver_opts" => matches!(value, Value::Map(_)),
            field => field.starts_with("x-"),
        };
        if !fine {
            return Err(format!(".{field} is unknown or of another kind"));
        }
    }
    Ok(())
}
