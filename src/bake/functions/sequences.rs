//! Lists and tuples as wholes.

use super::Param::{Any, Number as Num, Strings};
use super::{Builtin, arg, elements, pure, variadic, whole};
use crate::bake::limits::MAX_VALUE_SIZE;
use crate::bake::value::{Type, Value, convert, unify};

pub(super) const TABLE: &[Builtin] = &[
    pure("compact", &[Strings], |args| {
        let kept =
            elements(args, 0).iter().filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
        Ok(Value::list(Type::String, kept.cloned().collect()))
    }),
    variadic("concat", &[], Any, concat),
    pure("flatten", &[Any], |args| {
        if !arg(args, 0)?.ty.is_sequence() {
            return Err("a list, set or tuple is required".to_owned());
        }
        let mut flat = Vec::new();
        flatten(arg(args, 0)?, &mut flat);
        Ok(Value::tuple(flat))
    }),
    pure("reverselist", &[Any], |args| {
        let list = arg(args, 0)?;
        let reversed = elements(args, 0).iter().rev().cloned().collect();
        match &list.ty {
            Type::Tuple(_) => Ok(Value::tuple(reversed)),
            Type::List(element) | Type::Set(element) => Ok(Value::list((**element).clone(), reversed)),
            ty => Err(format!("a list or tuple is required, not a {}", ty.name())),
        }
    }),
    variadic("setproduct", &[], Any, product),
    pure("slice", &[Any, Num, Num], slice),
];

fn concat(args: &[Value]) -> Result<Value, String> {
    if args.is_empty() {
        return Err("at least one argument is required".to_owned());
    }
    if args.iter().all(|value| matches!(value.ty, Type::List(_))) {
        let types: Vec<Type> = args.iter().map(|value| value.ty.clone()).collect();
        if let Some(unified) = unify(&types, true)
            && let Type::List(element) = &unified.ty
        {
            let mut all = Vec::new();
            for value in args {
                all.extend(convert(value, &unified.ty)?.elements().unwrap_or_default().iter().cloned());
            }
            return Ok(Value::list((**element).clone(), all));
        }
    }
    let mut all = Vec::new();
    for value in args {
        if !matches!(value.ty, Type::List(_) | Type::Tuple(_)) {
            return Err(format!("all arguments are lists or tuples, but here is a {}", value.ty.name()));
        }
        all.extend(value.elements().unwrap_or_default().iter().cloned());
    }
    Ok(Value::tuple(all))
}

fn flatten(value: &Value, flat: &mut Vec<Value>) {
    for item in value.elements().unwrap_or_default() {
        if item.ty.is_sequence() && !item.is_null() { flatten(item, flat) } else { flat.push(item.clone()) }
    }
}

fn product(args: &[Value]) -> Result<Value, String> {
    if args.len() < 2 {
        return Err("at least two arguments are required".to_owned());
    }
    let mut types = Vec::new();
    for value in args {
        types.push(match &value.ty {
            Type::List(element) | Type::Set(element) => (**element).clone(),
            Type::Tuple(own) if own.is_empty() => Type::Dynamic,
            Type::Tuple(own) => unify(own, true).ok_or("all elements have the same type")?.ty,
            _ => return Err("a set or a list is required".to_owned()),
        });
    }
    let lists: Vec<&[Value]> = args.iter().map(|value| value.elements().unwrap_or_default()).collect();
    let total = lists.iter().fold(1usize, |total, list| total.saturating_mul(list.len()));
    let sizes = args.iter().fold(0usize, |sum, value| sum.saturating_add(value.size()));
    if total.saturating_mul(lists.len()) > MAX_VALUE_SIZE / 64
        || total.saturating_mul(sizes) > MAX_VALUE_SIZE * 16
    {
        return Err("the product has more elements than values may have".to_owned());
    }
    let mut rows = vec![Vec::new()];
    for (list, ty) in lists.iter().zip(&types) {
        let mut longer = Vec::with_capacity(rows.len() * list.len());
        for row in &rows {
            for value in *list {
                let mut row = row.clone();
                row.push(convert(value, ty)?);
                longer.push(row);
            }
        }
        rows = longer;
    }
    let rows = rows.into_iter().map(Value::tuple).collect();
    let element = Type::tuple(types);
    let ordered = args.iter().all(|value| !matches!(value.ty, Type::Set(_)));
    Ok(if ordered { Value::list(element, rows) } else { Value::set(element, rows) })
}

fn slice(args: &[Value]) -> Result<Value, String> {
    let list = arg(args, 0)?;
    let items = elements(args, 0);
    let bound = |index: usize, what: &str| {
        let at = usize::try_from(whole(args, index)?).map_err(|_| format!("the {what} is negative"))?;
        if at > items.len() { Err(format!("the {what} is after the list's end")) } else { Ok(at) }
    };
    let element = match &list.ty {
        Type::List(element) => Some((**element).clone()),
        Type::Tuple(_) => None,
        _ => return Err("a list or tuple is required".to_owned()),
    };
    let (start, end) = (bound(1, "start")?, bound(2, "end")?);
    let part = items.get(start..end).ok_or("the start is after the end")?.to_vec();
    Ok(match element {
        Some(element) => Value::list(element, part),
        None => Value::tuple(part),
    })
}
