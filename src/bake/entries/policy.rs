use serde_json::{Value as Json, json};

use super::{Entry, parse_bool};
use crate::bake::csv::fields;
use crate::bake::value::{Kind, Value};

/// How a build's sources are checked against policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Files of policies.
    pub files: Vec<String>,
    /// Those before it do not count.
    pub reset: bool,
    /// Nothing is checked.
    pub disabled: bool,
    /// Whether warnings fail.
    pub strict: Option<bool>,
    /// How much is said, as Go's logrus numbers it.
    pub log_level: Option<u8>,
}

/// Levels by their names, from the worst.
const LEVELS: [&str; 7] = ["panic", "fatal", "error", "warning", "info", "debug", "trace"];

impl Policy {
    fn read(fields: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut policy = Self::default();
        for field in fields {
            let wrong = || format!("{field:?} is no part of a policy");
            let (key, value) = field.split_once('=').ok_or_else(wrong)?;
            match key.to_lowercase().trim() {
                "filename" if !value.is_empty() => policy.files.push(value.to_owned()),
                "reset" => policy.reset = parse_bool(value)?,
                "disabled" => policy.disabled = parse_bool(value)?,
                "strict" => policy.strict = Some(parse_bool(value)?),
                "log-level" => {
                    let name = value.to_lowercase();
                    let name = if name == "warn" { "warning" } else { name.as_str() };
                    let level = LEVELS.iter().position(|level| *level == name).ok_or_else(wrong)?;
                    policy.log_level = u8::try_from(level).ok();
                }
                _ => return Err(wrong()),
            }
        }
        Ok(policy)
    }

    pub(in crate::bake) fn json(&self) -> Json {
        let files: Vec<Json> =
            self.files.iter().map(|name| json!({"Filename": name, "Data": null})).collect();
        json!({
            "Files": if files.is_empty() { Json::Null } else { files.into() },
            "Reset": self.reset,
            "Disabled": self.disabled,
            "Strict": self.strict,
            "LogLevel": self.log_level.and_then(|level| LEVELS.get(usize::from(level))),
        })
    }
}

impl Entry for Policy {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::read(fields(text)?)
    }

    fn from_object(value: &Value) -> Result<Self, String> {
        let entries =
            value.entries().ok_or_else(|| format!("a map is required, but have {}", value.ty.name()))?;
        let mut fields = Vec::new();
        for (name, value) in entries {
            let text = match &value.kind {
                Kind::Null | Kind::Unknown => continue,
                Kind::String(text) if text.is_empty() => continue,
                Kind::String(text) => text.to_string(),
                Kind::Bool(value) => value.to_string(),
                Kind::Number(number) => number.to_text(),
                _ => return Err(format!("string required, but have {}", value.ty.name())),
            };
            fields.push(format!("{name}={text}"));
        }
        Self::read(fields)
    }
}
