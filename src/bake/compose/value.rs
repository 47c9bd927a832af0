//! YAML as values: what a scalar is, and what tags ask for.

use std::collections::BTreeMap;

use crate::yaml::{Node, Style, Value as Yaml};

/// A model: the top level of a Compose file.
pub(super) type Model = BTreeMap<String, Value>;

/// A value of a Compose file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

/// A path into a document, its parts joined by dots.
pub(super) type Path = String;

/// A path one step longer. Dots in names are no joints.
pub(super) fn next(path: &str, part: &str) -> Path {
    let part = part.replace('.', "\u{1}");
    if path.is_empty() { part } else { format!("{path}.{part}") }
}

impl Value {
    pub(super) fn map(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.get(key)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As Go prints it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Null => "<nil>".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float(*value),
            Self::Text(text) => text.clone(),
            Self::List(values) => {
                format!("[{}]", values.iter().map(Self::shown).collect::<Vec<_>>().join(" "))
            }
            Self::Map(map) => {
                let entries = map.iter().map(|(key, value)| format!("{key}:{}", value.shown()));
                format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

/// A double as Go's `%v` writes it.
fn float(value: f64) -> String {
    let Some(number) = crate::bake::value::Number::float(value) else { return "NaN".to_owned() };
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e21).contains(&magnitude) {
        number.format('e', None)
    } else {
        number.to_text()
    }
}

/// A node as a value; what `!reset` marks is left out, and its path noted as that of `!override`.
pub(super) fn of(node: &Node, path: &str, replaced: &mut Vec<Path>) -> Result<Option<Value>, String> {
    match node.tag.as_deref() {
        Some("reset") => {
            replaced.push(path.to_owned());
            return Ok(None);
        }
        Some("override") => {
            replaced.push(path.to_owned());
            return of_content(node, path, &mut Vec::new()).map(Some);
        }
        _ => {}
    }
    of_content(node, path, replaced).map(Some)
}

fn of_content(node: &Node, path: &str, replaced: &mut Vec<Path>) -> Result<Value, String> {
    Ok(match &node.value {
        Yaml::Scalar(text, style) => scalar(text, *style, node.tag.as_deref()),
        Yaml::Sequence(items) => {
            let mut values = Vec::new();
            for (index, item) in items.iter().enumerate() {
                values.extend(of(item, &next(path, &index.to_string()), replaced)?);
            }
            Value::List(values)
        }
        Yaml::Mapping(entries) => {
            let mut map = BTreeMap::new();
            let mut seen = std::collections::BTreeSet::new();
            for (key, value) in entries {
                let Yaml::Scalar(name, style) = &key.value else {
                    return Err(format!("line {}: a key is no string", key.line));
                };
                if !matches!(scalar(name, *style, key.tag.as_deref()), Value::Text(_)) {
                    return Err(format!(
                        "line {}: the key {name} is no string; write it in quotes",
                        key.line
                    ));
                }
                if !seen.insert(name) {
                    return Err(format!("line {}: the key {name:?} is there twice", key.line));
                }
                if let Some(value) = of(value, &next(path, name), replaced)? {
                    map.insert(name.clone(), value);
                }
            }
            Value::Map(map)
        }
    })
}

fn scalar(text: &str, style: Style, tag: Option<&str>) -> Value {
    if style != Style::Plain || tag == Some("str") {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    integer(text).or_else(|| decimal(text)).unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// An integer as Go reads it with any prefix: `0x1f`, `0o17`, `017`, `1_000`.
fn integer(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let plain = digits.replace('_', "");
    let lower = plain.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let value = i64::from_str_radix(digits, base).ok().filter(|_| !digits.starts_with(['-', '+']))?;
    Some(Value::Int(if text.starts_with('-') { -value } else { value }))
}

fn decimal(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts = digits.starts_with(|char: char| char.is_ascii_digit())
        || digits.starts_with('.') && digits[1..].starts_with(|char: char| char.is_ascii_digit());
    let plain = text.replace('_', "");
    let fine =
        plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if starts && fine { plain.parse().ok().map(Value::Float) } else { None }
}
