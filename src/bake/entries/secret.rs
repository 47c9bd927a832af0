use serde_json::{Value as Json, json};

use super::Entry;
use crate::bake::csv::fields;
use crate::bake::value::{Attributes, Type, Value, convert};

/// A secret that steps may mount.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secret {
    /// What steps call it.
    pub id: String,
    /// The file it is read from, or nothing.
    pub source: String,
    /// The variable it is read from, or nothing.
    pub variable: String,
    pub(in crate::bake) origin: usize,
}

/// Keys of an agent that steps may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    /// What steps call it.
    pub id: String,
    /// Sockets or keys; none is the agent of the environment.
    pub paths: Vec<String>,
}

impl Entry for Secret {
    fn from_text(text: &str) -> Result<Self, String> {
        let mut secret = Self::default();
        let mut variable = false;
        for field in fields(text)? {
            let (key, value) = field.split_once('=').ok_or_else(|| format!("{field:?} has no value"))?;
            match key.to_lowercase().as_str() {
                "type" if matches!(value, "file" | "env") => variable = value == "env",
                "type" => return Err(format!("{value:?} is no type of secrets")),
                "id" => value.clone_into(&mut secret.id),
                "source" | "src" => value.clone_into(&mut secret.source),
                "env" => value.clone_into(&mut secret.variable),
                key => return Err(format!("secrets have no {key:?}")),
            }
        }
        if variable && secret.variable.is_empty() {
            secret.variable = std::mem::take(&mut secret.source);
        }
        Ok(secret)
    }

    fn from_object(value: &Value) -> Result<Self, String> {
        let object = fixed(value, &[("id", Type::String), ("src", Type::String), ("env", Type::String)])?;
        let text = |name: &str| member(&object, name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { id: text("id"), source: text("src"), variable: text("env"), origin: 0 })
    }
}

impl Entry for Ssh {
    fn from_text(text: &str) -> Result<Self, String> {
        let (id, paths) = match text.split_once('=') {
            Some((id, paths)) => (id, paths.split(',').map(str::to_owned).collect()),
            None => (text, Vec::new()),
        };
        Ok(Self { id: id.to_owned(), paths })
    }

    fn from_object(value: &Value) -> Result<Self, String> {
        let object = fixed(value, &[("id", Type::String), ("paths", Type::list(Type::String))])?;
        let id = member(&object, "id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let paths = member(&object, "paths").and_then(Value::elements).unwrap_or_default();
        let paths = paths.iter().map(|path| path.as_str().map(str::to_owned).ok_or("a path is null"));
        Ok(Self { id, paths: paths.collect::<Result<_, _>>()? })
    }
}

/// A value as an object of the given attributes, each of which may be missing.
pub(super) fn fixed(value: &Value, attributes: &[(&str, Type)]) -> Result<Value, String> {
    let types = attributes.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect();
    let optional = attributes.iter().map(|(name, _)| (*name).into()).collect();
    let object = convert(value, &Type::Object(Attributes { types, optional }.into()))?;
    if object.is_null() { Err("an entry is null".to_owned()) } else { Ok(object) }
}

pub(super) fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.entries()?.get(name)
}

impl Secret {
    pub(in crate::bake) fn json(&self) -> Json {
        let mut map = serde_json::Map::new();
        for (name, value) in [("id", &self.id), ("src", &self.source), ("env", &self.variable)] {
            if !value.is_empty() {
                map.insert(name.to_owned(), value.as_str().into());
            }
        }
        Json::Object(map)
    }
}

impl Ssh {
    pub(in crate::bake) fn json(&self) -> Json {
        let mut map = serde_json::Map::new();
        if !self.id.is_empty() {
            map.insert("id".to_owned(), self.id.as_str().into());
        }
        if !self.paths.is_empty() {
            map.insert("paths".to_owned(), json!(self.paths));
        }
        Json::Object(map)
    }
}
