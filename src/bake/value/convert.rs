//! Conversions between types: which there are, and what they make of a value.

use std::collections::BTreeMap;

use super::{Attributes, Kind, Number, Type, Value, unify};

/// Converts a value, also where only its content can say whether that works.
pub(crate) fn convert(value: &Value, wanted: &Type) -> Result<Value, String> {
    if value.ty == *wanted || *wanted == Type::Dynamic {
        return Ok(value.clone());
    }
    if !exists(&value.ty, wanted, true) {
        return Err(mismatch(&value.ty, wanted));
    }
    apply(value, wanted, true)
}

fn mismatch(have: &Type, wanted: &Type) -> String {
    match wanted {
        Type::Object(object) => {
            if let Type::Object(own) = have {
                let missing = object
                    .types
                    .keys()
                    .find(|name| !own.types.contains_key(*name) && !object.optional.contains(*name));
                if let Some(name) = missing {
                    return format!("attribute {name:?} is required");
                }
            }
            format!("object required, but have {}", have.name())
        }
        _ => format!("{} required, but have {}", wanted.name(), have.name()),
    }
}

/// Whether there is a conversion. With `lossy`, also those that may fail for some values.
pub(super) fn exists(from: &Type, to: &Type, lossy: bool) -> bool {
    if from == to || *to == Type::Dynamic {
        return true;
    }
    if *from == Type::Dynamic {
        return lossy;
    }
    match (from, to) {
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => lossy,
        (Type::Object(from), Type::Object(to)) => to.types.iter().all(|(name, to_type)| {
            from.types
                .get(name)
                .map_or_else(|| to.optional.contains(name), |from| exists(from, to_type, lossy))
        }),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| exists(from, to, lossy))
        }
        (Type::List(from) | Type::Set(from), Type::List(to))
        | (Type::Set(from), Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => exists(from, to, lossy),
        (Type::List(from), Type::Set(to)) => lossy && exists(from, to, lossy),
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => elements_exist(from, to, lossy),
        (Type::Object(from), Type::Map(to)) => {
            let types: Vec<Type> = from.types.values().cloned().collect();
            if types.is_empty() {
                return true;
            }
            let Some(to) = common(&types, to, lossy) else { return false };
            types.iter().all(|from| exists(from, &to, lossy))
        }
        (Type::Map(from), Type::Object(to)) => {
            lossy
                && to
                    .types
                    .iter()
                    .all(|(name, to_type)| exists(from, to_type, lossy) || to.optional.contains(name))
        }
        _ => false,
    }
}

/// The element type to convert to: `wanted`, or what the types have in common where it is open.
fn common(types: &[Type], wanted: &Type, lossy: bool) -> Option<Type> {
    if *wanted == Type::Dynamic {
        unify(types, lossy).map(|unified| unified.ty)
    } else {
        Some(wanted.clone())
    }
}

fn elements_exist(from: &[Type], to: &Type, lossy: bool) -> bool {
    if from.is_empty() {
        return true;
    }
    let Some(wanted) = common(from, to, lossy) else { return false };
    if *to == Type::Dynamic && wanted == Type::Dynamic && from.iter().any(|ty| *ty != Type::Dynamic) {
        return false;
    }
    from.iter().all(|from| exists(from, &wanted, lossy))
}

/// Does a conversion that [`exists`].
pub(super) fn apply(value: &Value, to: &Type, lossy: bool) -> Result<Value, String> {
    if value.ty == *to || *to == Type::Dynamic {
        return Ok(value.clone());
    }
    match &value.kind {
        Kind::Unknown => return Ok(Value::unknown(replaced(&value.ty, &to.required()))),
        Kind::Null => return Ok(Value::null(replaced(&value.ty, &to.required()))),
        _ => {}
    }
    match (&value.kind, to) {
        (_, Type::String) => text(value),
        (Kind::String(text), Type::Number) => {
            Number::parse(text).map(Value::number).ok_or_else(|| "a number is required".to_owned())
        }
        (Kind::String(text), Type::Bool) => match text.as_str() {
            "true" | "1" => Ok(Value::bool(true)),
            "false" | "0" => Ok(Value::bool(false)),
            other => Err(match other.to_lowercase().as_str() {
                word @ ("true" | "false") => {
                    format!("a bool is required; to convert from string, use lowercase {word:?}")
                }
                _ => "a bool is required".to_owned(),
            }),
        },
        (Kind::Sequence(values), Type::Tuple(types)) => {
            let values = values.iter().zip(types.iter()).map(|(value, to)| apply(value, to, lossy));
            Ok(Value::tuple(values.collect::<Result<_, _>>()?))
        }
        (Kind::Sequence(values), Type::List(element) | Type::Set(element)) => {
            sequence(value, values, element, matches!(to, Type::Set(_)), lossy)
        }
        (Kind::Mapping(values), Type::Map(element)) => mapping(value, values, element, lossy),
        (Kind::Mapping(values), Type::Object(object)) => to_object(value, values, object, lossy),
        _ => Err(mismatch(&value.ty, to)),
    }
}

fn text(value: &Value) -> Result<Value, String> {
    match &value.kind {
        Kind::Number(number) => Ok(Value::string(number.to_text())),
        Kind::Bool(value) => Ok(Value::string(if *value { "true" } else { "false" })),
        _ => Err(mismatch(&value.ty, &Type::String)),
    }
}

fn sequence(
    whole: &Value,
    values: &[Value],
    element: &Type,
    set: bool,
    lossy: bool,
) -> Result<Value, String> {
    let wanted = match &whole.ty {
        Type::Tuple(types) if !types.is_empty() => {
            common(types, element, lossy).ok_or("all elements must have the same type")?
        }
        _ => element.clone(),
    };
    let mut converted =
        values.iter().map(|value| apply(value, &wanted, lossy)).collect::<Result<Vec<_>, _>>()?;
    if matches!(whole.ty, Type::Tuple(_)) && !set && !converted.is_empty() {
        let types: Vec<Type> = converted.iter().map(|value| value.ty.clone()).collect();
        let unified = unify(&types, lossy).ok_or("cannot find a common base type for all elements")?;
        converted =
            converted.iter().map(|value| apply(value, &unified.ty, lossy)).collect::<Result<_, _>>()?;
    }
    if let Some(first) = converted.first()
        && converted.iter().any(|value| value.ty != first.ty)
    {
        return Err("element types must all match for conversion to list".to_owned());
    }
    let empty = match (&wanted, &whole.ty) {
        (Type::Dynamic, Type::List(own) | Type::Set(own)) => (**own).clone(),
        _ => wanted.required(),
    };
    Ok(if set { Value::set(empty, converted) } else { Value::list(empty, converted) })
}

fn mapping(
    whole: &Value,
    values: &BTreeMap<smol_str::SmolStr, Value>,
    element: &Type,
    lossy: bool,
) -> Result<Value, String> {
    let wanted = match &whole.ty {
        Type::Object(object) if !object.types.is_empty() => {
            let types: Vec<Type> = object.types.values().cloned().collect();
            common(&types, element, lossy).ok_or("all elements must have the same type")?
        }
        _ => element.clone(),
    };
    let mut converted = BTreeMap::new();
    for (name, value) in values {
        converted.insert(name.clone(), apply(value, &wanted, lossy)?);
    }
    if matches!(wanted, Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Object(_))
        && !converted.is_empty()
    {
        let types: Vec<Type> = converted.values().map(|value| value.ty.clone()).collect();
        let unified = unify(&types, lossy).ok_or("cannot find a common base type for all elements")?;
        for value in converted.values_mut() {
            *value = apply(value, &unified.ty, lossy)?;
        }
    }
    if let Some(first) = converted.values().next()
        && converted.values().any(|value| value.ty != first.ty)
    {
        return Err("attribute types must all match for conversion to map".to_owned());
    }
    let empty = match (&wanted, &whole.ty) {
        (Type::Dynamic, Type::Map(own)) => (**own).clone(),
        _ => wanted.required(),
    };
    Ok(Value::map(empty, converted))
}

fn to_object(
    whole: &Value,
    values: &BTreeMap<smol_str::SmolStr, Value>,
    object: &Attributes,
    lossy: bool,
) -> Result<Value, String> {
    let mut converted = BTreeMap::new();
    for (name, to) in &object.types {
        let value = match values.get(name) {
            Some(value) if exists(&value.ty, to, lossy) => apply(value, to, lossy)?,
            Some(value) => {
                return Err(format!(
                    "map element type is incompatible with attribute {name:?}: {}",
                    mismatch(&value.ty, to)
                ));
            }
            None if object.optional.contains(name) => Value::null(to.required()),
            None if matches!(whole.ty, Type::Map(_)) => {
                return Err(format!("map has no element for required attribute {name:?}"));
            }
            None => return Err(format!("attribute {name:?} is required")),
        };
        converted.insert(name.clone(), value);
    }
    Ok(Value::object(converted))
}

/// `to` with what is open in it taken from `from`.
fn replaced(from: &Type, to: &Type) -> Type {
    if *from == Type::Dynamic {
        return to.clone();
    }
    match to {
        Type::Dynamic => from.clone(),
        Type::Map(element) => match from {
            Type::Map(own) => Type::map(replaced(own, element)),
            Type::Object(own) => {
                let types: Vec<Type> = own.types.values().cloned().collect();
                Type::map(replaced(&unified(&types), element))
            }
            _ => to.clone(),
        },
        Type::List(element) | Type::Set(element) => {
            let inner = match from {
                Type::List(own) | Type::Set(own) => replaced(own, element),
                Type::Tuple(own) => replaced(&unified(own), element),
                _ => return to.clone(),
            };
            if matches!(to, Type::List(_)) { Type::list(inner) } else { Type::set(inner) }
        }
        Type::Object(object) => Type::object(object.types.iter().map(|(name, ty)| {
            let own = match from {
                Type::Map(own) => Some(&**own),
                Type::Object(own) => own.types.get(name),
                _ => None,
            };
            (name.clone(), own.map_or_else(|| ty.clone(), |own| replaced(own, ty)))
        })),
        Type::Tuple(types) => match from {
            Type::Tuple(own) if own.len() == types.len() => {
                Type::tuple(own.iter().zip(types.iter()).map(|(own, ty)| replaced(own, ty)))
            }
            _ => to.clone(),
        },
        _ => to.clone(),
    }
}

fn unified(types: &[Type]) -> Type {
    unify(types, true).map_or(Type::Dynamic, |unified| unified.ty)
}

#[cfg(test)]
mod tests {
    use super::convert;
    use crate::bake::value::{Number, Type, Value};

    #[test]
    fn strings_become_numbers_and_booleans_where_they_are_written_so() {
        let string = |text: &str| Value::string(text);
        assert!(
            convert(&string("12"), &Type::Number).is_ok_and(|v| v.equals(&Value::number(Number::int(12))))
        );
        assert!(convert(&string("true"), &Type::Bool).is_ok_and(|v| v.equals(&Value::bool(true))));
        assert!(convert(&string("True"), &Type::Bool).is_err_and(|error| error.contains("lowercase")));
        assert!(convert(&string("x"), &Type::Number).is_err());
    }

    #[test]
    fn a_tuple_becomes_a_list_of_what_its_elements_have_in_common() {
        let tuple = Value::tuple(vec![Value::string("a"), Value::number(Number::int(1))]);
        let list = convert(&tuple, &Type::list(Type::Dynamic));
        assert!(list.is_ok_and(|list| list.ty == Type::list(Type::String)));
    }
}
