//! Sets.

use super::Param::{Any, Set};
use super::{Builtin, arg, elements, pure, variadic};
use crate::bake::value::{Type, Value, convert, unify};

pub(super) const TABLE: &[Builtin] = &[
    pure("sethaselement", &[Set, Any], |args| {
        let wanted = arg(args, 1)?;
        let element = arg(args, 0)?.ty.element();
        if element.is_some_and(|element| *element != wanted.ty) {
            return Ok(Value::bool(false));
        }
        Ok(Value::bool(elements(args, 0).iter().any(|value| value.equals(wanted))))
    }),
    variadic("setintersection", &[Set], Set, |args| fold(args, |a, b| kept(a, b, true))),
    pure("setsubtract", &[Set, Set], |args| fold(args, |a, b| kept(a, b, false))),
    variadic("setsymmetricdifference", &[Set], Set, |args| {
        fold(args, |a, b| [kept(a, b, false), kept(b, a, false)].concat())
    }),
    variadic("setunion", &[Set], Set, |args| fold(args, |a, b| [a, b].concat())),
];

/// The elements of `a` that are in `b`, or that are not.
fn kept(a: &[Value], b: &[Value], inside: bool) -> Vec<Value> {
    a.iter().filter(|value| b.iter().any(|other| other.equals(value)) == inside).cloned().collect()
}

fn fold(args: &[Value], combine: fn(&[Value], &[Value]) -> Vec<Value>) -> Result<Value, String> {
    let mut types = Vec::new();
    for value in args {
        let element = value.ty.element().cloned().unwrap_or(Type::Dynamic);
        if !(element == Type::Dynamic && value.elements().is_some_and(<[_]>::is_empty)) {
            types.push(element);
        }
    }
    let element = if types.is_empty() {
        Type::Dynamic
    } else {
        unify(&types, true).ok_or("the sets have elements of types that do not fit")?.ty
    };
    let ty = Type::set(element.clone());
    if args.iter().map(|value| value.elements().map_or(0, <[_]>::len)).sum::<usize>() > 10_000 {
        return Err("sets of more than 10,000 elements are not combined".to_owned());
    }
    let mut result: Option<Vec<Value>> = None;
    for value in args {
        let value = convert(value, &ty)?;
        let own = value.elements().unwrap_or_default();
        result = Some(match result {
            Some(before) => combine(&before, own),
            None => own.to_vec(),
        });
    }
    Ok(Value::set(element, result.unwrap_or_default()))
}
