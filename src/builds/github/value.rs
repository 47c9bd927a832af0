//! Values of GitHub's expressions, unknown ones among them.

use crate::yaml::{Node, Style, Value as Yaml};

use super::super::text::{is_known, unknown};

/// The key under which a map says that it has more entries than are known.
pub(in crate::builds) const OPEN: &str = "*";

/// A value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::builds) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    /// A text, of which pieces may be unknown.
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// Anything; why it is not known.
    Unknown(String),
    /// One of these, and why it is not known which.
    OneOf(Vec<Value>, String),
    /// Something that counts as false, as the left of `&&` may be.
    Falsy,
}

impl Value {
    pub(in crate::builds) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Whether it counts as true, if that is known.
    pub(in crate::builds) fn truth(&self) -> Option<bool> {
        match self {
            Self::Null | Self::Falsy => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Number(value) => Some(*value != 0.0 && !value.is_nan()),
            Self::Text(text) if text.is_empty() => Some(false),
            // A text with a known piece is not empty.
            Self::Text(text) => {
                (is_known(text) || !super::super::text::is_wholly_unknown(text)).then_some(true)
            }
            Self::List(_) | Self::Map(_) => Some(true),
            Self::Unknown(_) => None,
            Self::OneOf(values, _) => {
                let mut truths = values.iter().map(Self::truth);
                let first = truths.next()??;
                truths.all(|truth| truth == Some(first)).then_some(first)
            }
        }
    }

    /// What it is in a text.
    pub(in crate::builds) fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => number(*value),
            Self::Text(text) => text.clone(),
            Self::List(_) => "Array".to_owned(),
            Self::Map(_) => "Object".to_owned(),
            Self::Unknown(why) | Self::OneOf(_, why) => unknown(&format!("${{{{ {} }}}}", inner(why))),
            Self::Falsy => unknown("false or empty"),
        }
    }

    /// Whether any of it is unknown.
    pub(in crate::builds) fn is_known(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => true,
            Self::Text(text) => is_known(text),
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Map(entries) => entries.iter().all(|(_, value)| value.is_known()),
            Self::Unknown(_) | Self::OneOf(..) | Self::Falsy => false,
        }
    }

    /// The value under a key, whose case does not matter. What is not there is null.
    pub(in crate::builds) fn get(&self, key: &str) -> Self {
        match self {
            Self::Map(entries) => {
                let own = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
                let open = || entries.iter().find(|(name, _)| name == OPEN);
                match own.or_else(open) {
                    Some((name, Self::Unknown(why))) if name == OPEN => Self::Unknown(format!("{why}.{key}")),
                    Some((_, value)) => value.clone(),
                    None => Self::Null,
                }
            }
            Self::Unknown(why) => Self::Unknown(format!("{why}.{key}")),
            Self::OneOf(values, why) => {
                one_of(values.iter().map(|value| value.get(key)).collect(), &format!("{why}.{key}"))
            }
            Self::Text(text) if !is_known(text) => {
                Self::Unknown(format!("{}.{key}", super::super::text::readable(text)))
            }
            _ => Self::Null,
        }
    }

    /// Equality as `==` has it, if known.
    pub(in crate::builds) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::OneOf(values, _), other) | (other, Self::OneOf(values, _)) => {
                let mut answers = values.iter().map(|value| value.equals(other));
                let first = answers.next()??;
                answers.all(|answer| answer == Some(first)).then_some(first)
            }
            (Self::Unknown(_) | Self::Falsy, _) | (_, Self::Unknown(_) | Self::Falsy) => None,
            (Self::Text(a), Self::Text(b)) if is_known(a) && is_known(b) => {
                Some(a.to_lowercase() == b.to_lowercase())
            }
            (Self::Text(a), Self::Text(b)) if a == b => Some(true),
            (Self::Text(text), _) | (_, Self::Text(text)) if !is_known(text) => None,
            (Self::List(_) | Self::Map(_), _) | (_, Self::List(_) | Self::Map(_)) => Some(self == other),
            (Self::Null, Self::Null) => Some(true),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            _ => self.number().partial_cmp(&other.number()).map_or(Some(false), |order| Some(order.is_eq())),
        }
    }

    /// The number that it counts as.
    pub(in crate::builds) fn number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Number(value) => *value,
            Self::Text(text) if text.trim().is_empty() => 0.0,
            Self::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }
}

/// An expression without the braces that a reason may have already.
fn inner(why: &str) -> &str {
    let why = why.trim();
    why.strip_prefix("${{").and_then(|why| why.strip_suffix("}}")).map_or(why, str::trim)
}

/// The one value that all are, or one of them.
pub(in crate::builds) fn one_of(values: Vec<Value>, why: &str) -> Value {
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        match value {
            Value::OneOf(more, _) => {
                for value in more {
                    if !distinct.contains(&value) {
                        distinct.push(value);
                    }
                }
            }
            value if distinct.contains(&value) => {}
            value => distinct.push(value),
        }
    }
    match distinct.len() {
        0 => Value::Null,
        1 => distinct.remove(0),
        2..=16 => Value::OneOf(distinct, why.to_owned()),
        _ => Value::Unknown(why.to_owned()),
    }
}

/// A number as GitHub writes it into text.
fn number(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value}") }
}

/// The value that a node of YAML is, its texts as `text` has them.
pub(in crate::builds) fn from_yaml(node: &Node, text: &mut dyn FnMut(&str, bool) -> Value) -> Value {
    match &node.value {
        Yaml::Scalar(raw, style) => {
            if *style == Style::Plain {
                if node.is_null() {
                    return Value::Null;
                }
                if let Some(value) = node.as_bool() {
                    return Value::Bool(value);
                }
                if let Some(value) = node.as_number() {
                    return Value::Number(value);
                }
            }
            text(raw, *style == Style::Plain)
        }
        Yaml::Sequence(items) => Value::List(items.iter().map(|item| from_yaml(item, text)).collect()),
        Yaml::Mapping(entries) => Value::Map(
            entries
                .iter()
                .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), from_yaml(value, text))))
                .collect(),
        ),
    }
}

/// The value that a JSON text is.
pub(in crate::builds) fn from_json(text: &str) -> Option<Value> {
    fn convert(value: serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(value) => Value::Number(value.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(value) => Value::Text(value),
            serde_json::Value::Array(items) => Value::List(items.into_iter().map(convert).collect()),
            serde_json::Value::Object(entries) => {
                Value::Map(entries.into_iter().map(|(key, value)| (key, convert(value))).collect())
            }
        }
    }
    serde_json::from_str(text).ok().map(convert)
}

/// The JSON text of a value that is known.
pub(in crate::builds) fn to_json(value: &Value) -> String {
    fn convert(value: &Value) -> serde_json::Value {
        match value {
            Value::Bool(value) => (*value).into(),
            Value::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => (*value as i64).into(),
            Value::Number(value) => (*value).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(convert).collect::<Vec<_>>().into(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, value)| (key.clone(), convert(value))).collect(),
            ),
            _ => serde_json::Value::Null,
        }
    }
    serde_json::to_string_pretty(&convert(value)).unwrap_or_default()
}
