//! Maps, objects, and elements of collections.

use std::collections::BTreeMap;

use super::Param::{Any, List, Nullable, Number as Num, String as Str, Strings};
use super::{Builtin, arg, elements, pure, text, variadic, whole};
use crate::bake::value::{Kind, Type, Value, convert, unify};

pub(super) const TABLE: &[Builtin] = &[
    pure("chunklist", &[List, Num], chunks),
    variadic("coalesce", &[], Nullable, coalesce),
    variadic("coalescelist", &[], Nullable, coalesce_list),
    pure("contains", &[Any, Any], contains),
    pure("distinct", &[List], distinct),
    pure("element", &[Any, Num], element),
    pure("hasindex", &[Any, Any], |args| {
        if !matches!(arg(args, 0)?.ty, Type::List(_) | Type::Tuple(_) | Type::Map(_)) {
            return Err("a list, a map or a tuple is required".to_owned());
        }
        Ok(Value::bool(at(arg(args, 0)?, arg(args, 1)?).is_some()))
    }),
    pure("index", &[Any, Any], index),
    pure("indexof", &[Any, Any], index_of),
    pure("keys", &[Any], keys),
    pure("length", &[Any], length),
    pure("lookup", &[Any, Str, Any], lookup),
    variadic("merge", &[], Nullable, merge),
    pure("values", &[Any], values),
    pure("zipmap", &[Strings, Any], zipmap),
];

fn chunks(args: &[Value]) -> Result<Value, String> {
    let list = arg(args, 0)?;
    let size = usize::try_from(whole(args, 1)?).map_err(|_| "the size is negative".to_owned())?;
    let items = elements(args, 0);
    if items.is_empty() {
        return Ok(Value::list(list.ty.clone(), Vec::new()));
    }
    if size == 0 {
        return Ok(Value::list(list.ty.clone(), vec![list.clone()]));
    }
    let chunks = items.chunks(size).map(|chunk| Value::list(Type::Dynamic, chunk.to_vec())).collect();
    Ok(Value::list(list.ty.clone(), chunks))
}

fn coalesce(args: &[Value]) -> Result<Value, String> {
    let types: Vec<Type> = args.iter().map(|value| value.ty.clone()).collect();
    let unified = unify(&types, true).ok_or("all arguments have the same type")?;
    match args.iter().find(|value| !value.is_null()) {
        Some(_) if unified.unknown => Ok(Value::unknown(Type::Dynamic)),
        Some(value) => convert(value, &unified.ty),
        None => Err("all arguments are null".to_owned()),
    }
}

fn coalesce_list(args: &[Value]) -> Result<Value, String> {
    if args.is_empty() {
        return Err("at least one argument is required".to_owned());
    }
    if !args.iter().all(|value| matches!(value.ty, Type::List(_) | Type::Tuple(_))) {
        return Err("all arguments are lists or tuples".to_owned());
    }
    let found = args.iter().find(|value| value.elements().is_some_and(|elements| !elements.is_empty()));
    found.cloned().ok_or_else(|| "all arguments are null or empty".to_owned())
}

fn contains(args: &[Value]) -> Result<Value, String> {
    if !arg(args, 0)?.ty.is_sequence() {
        return Err("a list, tuple or set is required".to_owned());
    }
    let wanted = arg(args, 1)?;
    Ok(Value::bool(elements(args, 0).iter().any(|value| value.equals(wanted))))
}

fn distinct(args: &[Value]) -> Result<Value, String> {
    let mut kept: Vec<Value> = Vec::new();
    for value in elements(args, 0) {
        if kept.len() > 10_000 {
            return Err("the list has more than 10,000 different elements, which is the limit".to_owned());
        }
        if !kept.iter().any(|other| other.equals(value)) {
            kept.push(value.clone());
        }
    }
    Ok(Value::list(arg(args, 0)?.ty.element().cloned().unwrap_or(Type::Dynamic), kept))
}

fn element(args: &[Value]) -> Result<Value, String> {
    let list = arg(args, 0)?;
    if !matches!(list.ty, Type::List(_) | Type::Tuple(_)) {
        return Err(format!("a {} has no elements by number", list.ty.name()));
    }
    let items = elements(args, 0);
    let index = whole(args, 1)?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if length == 0 {
        return Err("the list is empty".to_owned());
    }
    let found = usize::try_from(index.rem_euclid(length)).ok().and_then(|index| items.get(index));
    found.cloned().ok_or_else(|| "the list has no such element".to_owned())
}

/// The element of a list, tuple or map that a key of the fitting type names.
fn at<'a>(collection: &'a Value, key: &Value) -> Option<&'a Value> {
    match (&collection.kind, &key.kind) {
        (Kind::Sequence(items), Kind::Number(number)) => items.get(usize::try_from(number.to_i64()?).ok()?),
        (Kind::Mapping(entries), Kind::String(name)) => entries.get(name),
        _ => None,
    }
}

fn index(args: &[Value]) -> Result<Value, String> {
    let (collection, key) = (arg(args, 0)?, arg(args, 1)?);
    let wanted = match collection.ty {
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) => Type::String,
        _ => return Err("a list, a map or a tuple is required".to_owned()),
    };
    if key.ty != wanted {
        return Err(format!("the key is a {}", wanted.name()));
    }
    at(collection, key).cloned().ok_or_else(|| "there is no such element".to_owned())
}

fn index_of(args: &[Value]) -> Result<Value, String> {
    if !matches!(arg(args, 0)?.ty, Type::List(_) | Type::Tuple(_)) {
        return Err("a list or tuple is required".to_owned());
    }
    let wanted = arg(args, 1)?;
    let found = elements(args, 0).iter().position(|value| value.equals(wanted));
    found.map(Value::int).ok_or_else(|| "the element is not in the list".to_owned())
}

fn keys(args: &[Value]) -> Result<Value, String> {
    let map = arg(args, 0)?;
    let names: Vec<Value> = map.entries().into_iter().flat_map(BTreeMap::keys).map(Value::string).collect();
    match map.ty {
        Type::Map(_) => Ok(Value::list(Type::String, names)),
        Type::Object(_) => Ok(Value::tuple(names)),
        _ => Err("a map or object is required".to_owned()),
    }
}

fn length(args: &[Value]) -> Result<Value, String> {
    match (&arg(args, 0)?.kind, &arg(args, 0)?.ty) {
        (Kind::Sequence(items), _) => Ok(Value::int(items.len())),
        (Kind::Mapping(entries), Type::Map(_)) => Ok(Value::int(entries.len())),
        _ => Err("a list, a map, a set or a tuple is required".to_owned()),
    }
}

fn lookup(args: &[Value]) -> Result<Value, String> {
    let (map, default) = (arg(args, 0)?, arg(args, 2)?);
    let found = map.entries().and_then(|entries| entries.get(text(args, 1)));
    match &map.ty {
        Type::Object(_) => Ok(found.unwrap_or(default).clone()),
        Type::Map(element) => {
            let default = convert(default, element)?;
            Ok(found.cloned().unwrap_or(default))
        }
        _ => Err("a map is required".to_owned()),
    }
}

fn merge(args: &[Value]) -> Result<Value, String> {
    let mut merged = BTreeMap::new();
    let mut same = true;
    let mut open = false;
    for value in args {
        open |= value.ty == Type::Dynamic;
        if !value.ty.is_mapping() && value.ty != Type::Dynamic {
            return Err(format!("all arguments are maps or objects, but here is a {}", value.ty.name()));
        }
        same &= args.first().is_some_and(|first| first.ty == value.ty);
        for (name, value) in value.entries().into_iter().flatten() {
            merged.insert(name.clone(), value.clone());
        }
    }
    Ok(match args.first().map(|first| &first.ty) {
        Some(Type::Map(element)) if same && !open => Value::map((**element).clone(), merged),
        _ => Value::object(merged),
    })
}

fn values(args: &[Value]) -> Result<Value, String> {
    let map = arg(args, 0)?;
    let values: Vec<Value> = map.entries().into_iter().flat_map(BTreeMap::values).cloned().collect();
    match &map.ty {
        Type::Map(element) => Ok(Value::list((**element).clone(), values)),
        Type::Object(_) => Ok(Value::tuple(values)),
        _ => Err("a map is required".to_owned()),
    }
}

fn zipmap(args: &[Value]) -> Result<Value, String> {
    let (keys, items) = (elements(args, 0), elements(args, 1));
    if !matches!(arg(args, 1)?.ty, Type::List(_) | Type::Tuple(_)) {
        return Err("the values are a list or tuple".to_owned());
    }
    if keys.len() != items.len() {
        return Err(format!("there are {} keys and {} values", keys.len(), items.len()));
    }
    let mut zipped = BTreeMap::new();
    for (key, value) in keys.iter().zip(items) {
        zipped.insert(key.as_str().ok_or("a key is null")?.into(), value.clone());
    }
    Ok(match &arg(args, 1)?.ty {
        Type::List(element) => Value::map((**element).clone(), zipped),
        _ => Value::object(zipped),
    })
}
