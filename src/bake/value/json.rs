//! Values as JSON and from it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Kind, Number, Type, Value, convert};
use crate::bake::json::{Json, Node, parse};

/// Reads a document with the type that it has by itself.
pub(crate) fn decode(text: &str) -> Result<Value, String> {
    let node = parse(text).map_err(|(message, _)| message)?;
    from_json(&node.kind, &implied_type(&node)?)
}

/// Reads a document as a value of a type.
pub(crate) fn decode_as(text: &str, ty: &Type) -> Result<Value, String> {
    let node = parse(text).map_err(|(message, _)| message)?;
    from_json(&node.kind, ty)
}

fn implied_type(node: &Node) -> Result<Type, String> {
    Ok(match &node.kind {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(values) => Type::tuple(values.iter().map(implied_type).collect::<Result<Vec<_>, _>>()?),
        Json::Object(fields) => {
            let mut types = BTreeMap::new();
            for field in fields {
                let ty = implied_type(&field.value)?;
                if types.insert(field.name.as_str().into(), ty.clone()).is_some_and(|before| before != ty) {
                    return Err(format!("duplicate {:?} property in JSON object", field.name));
                }
            }
            Type::object(types)
        }
    })
}

/// A document as a value of a type.
fn from_json(json: &Json, ty: &Type) -> Result<Value, String> {
    if matches!(json, Json::Null) {
        return Ok(Value::null(ty.clone()));
    }
    match (ty, json) {
        (Type::String, Json::String(text) | Json::Number(text)) => Ok(Value::string(text)),
        (Type::String, Json::Bool(value)) => Ok(Value::string(value.to_string())),
        (Type::Number, Json::Number(number)) => number_of(number),
        (Type::Number, Json::String(text)) => number_of(text),
        (Type::Bool, Json::Bool(value)) => Ok(Value::bool(*value)),
        (Type::Bool, Json::String(text)) => convert(&Value::string(text), &Type::Bool),
        (Type::List(element) | Type::Set(element), Json::Array(values)) => {
            let values =
                values.iter().map(|value| from_json(&value.kind, element)).collect::<Result<_, _>>()?;
            let element = (**element).clone();
            Ok(if matches!(ty, Type::List(_)) {
                Value::list(element, values)
            } else {
                Value::set(element, values)
            })
        }
        (Type::Tuple(types), Json::Array(values)) if types.len() == values.len() => {
            let values = values.iter().zip(types.iter()).map(|(value, ty)| from_json(&value.kind, ty));
            Ok(Value::tuple(values.collect::<Result<_, _>>()?))
        }
        (Type::Map(element), Json::Object(fields)) => {
            let values = fields
                .iter()
                .map(|field| Ok((field.name.as_str().into(), from_json(&field.value.kind, element)?)));
            Ok(Value::map((**element).clone(), values.collect::<Result<BTreeMap<_, _>, String>>()?))
        }
        (Type::Object(object), Json::Object(fields)) => {
            if let Some(name) = fields.iter().find(|field| !object.types.contains_key(field.name.as_str())) {
                return Err(format!("unsupported attribute {:?}", name.name));
            }
            let mut values = BTreeMap::new();
            for (name, ty) in &object.types {
                let value = match fields.iter().rev().find(|field| field.name == name.as_str()) {
                    Some(field) => from_json(&field.value.kind, ty)?,
                    None if object.optional.contains(name) => Value::null(ty.clone()),
                    None => return Err(format!("missing attribute {name:?}")),
                };
                values.insert(name.clone(), value);
            }
            Ok(Value::object(values))
        }
        _ => Err(format!("{} is required", ty.name())),
    }
}

fn number_of(text: &str) -> Result<Value, String> {
    Number::parse(text).map(Value::number).ok_or_else(|| "a number is required".to_owned())
}

/// A value as JSON, without spaces and with keys in order.
pub(crate) fn to_json(value: &Value) -> Result<String, String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), String> {
    match &value.kind {
        Kind::Unknown => return Err("value is not known".to_owned()),
        Kind::Null => text.push_str("null"),
        Kind::Bool(value) => {
            let _ = write!(text, "{value}");
        }
        Kind::Number(number) => {
            if number.magnitude.is_none() {
                return Err("cannot serialize infinity as JSON".to_owned());
            }
            text.push_str(&number.to_text());
        }
        Kind::String(content) => quote(content, text),
        Kind::Bytes(_) => return Err("a buffer of bytes is no JSON".to_owned()),
        Kind::Sequence(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(value, text)?;
            }
            text.push(']');
        }
        Kind::Mapping(values) => {
            text.push('{');
            for (index, (name, value)) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                quote(name, text);
                text.push(':');
                write(value, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// A string in quotes, with the escapes of Go's encoder: also for `<`, `>`, `&` and line separators.
pub(crate) fn quote(content: &str, text: &mut String) {
    text.push('"');
    for char in content.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(char));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
