//! Parts of values: attributes, elements.

use std::cmp::Ordering;

use super::{Evaluated, fail};
use crate::bake::syntax::Step;
use crate::bake::value::{Kind, Type, Value, convert};
use crate::source::Span;

/// Takes one step after another.
pub(super) fn steps(value: Value, steps: &[Step], span: Span) -> Evaluated {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Attr(name) => attribute(&value, name, span),
        Step::Index(key) => index(&value, key, span),
    })
}

fn attribute(value: &Value, name: &str, span: Span) -> Evaluated {
    if value.is_null() {
        return fail(format!("the value is null and so has no attribute `{name}`"), span);
    }
    match (&value.ty, &value.kind) {
        (Type::Object(_) | Type::Map(_), Kind::Mapping(entries)) => match entries.get(name) {
            Some(value) => Ok(value.clone()),
            None => fail(format!("there is no attribute `{name}`"), span),
        },
        (Type::Object(object), _) => match object.types.get(name) {
            Some(ty) => Ok(Value::unknown(ty.clone())),
            None => fail(format!("there is no attribute `{name}`"), span),
        },
        (Type::Map(element), _) => Ok(Value::unknown((**element).clone())),
        (Type::Dynamic, _) => Ok(Value::unknown(Type::Dynamic)),
        (ty, _) => fail(format!("a {} has no attributes such as `{name}`", ty.name()), span),
    }
}

pub(super) fn index(value: &Value, key: &Value, span: Span) -> Evaluated {
    if value.is_null() {
        return fail("the value is null and so has no elements", span);
    }
    if key.is_null() {
        return fail("an index is null", span);
    }
    if value.ty == Type::Dynamic || key.ty == Type::Dynamic {
        return Ok(Value::unknown(Type::Dynamic));
    }
    match &value.ty {
        Type::List(_) | Type::Tuple(_) => {
            let key = convert(key, &Type::Number)
                .or_else(|error| fail(format!("an index is a number: {error}"), span))?;
            let (Some(number), Some(elements)) = (key.as_number(), value.elements()) else {
                return Ok(Value::unknown(Type::Dynamic));
            };
            if number.compare(&crate::bake::value::Number::int(0)) == Ordering::Less {
                return fail("an index is not negative", span);
            }
            let element =
                number.to_i64().and_then(|at| usize::try_from(at).ok()).and_then(|at| elements.get(at));
            match element {
                Some(value) => Ok(value.clone()),
                None => {
                    fail(format!("there are {} elements, and none with this index", elements.len()), span)
                }
            }
        }
        Type::Map(_) | Type::Object(_) => {
            let key = convert(key, &Type::String)
                .or_else(|error| fail(format!("a key is a string: {error}"), span))?;
            let (Some(name), Some(entries)) = (key.as_str(), value.entries()) else {
                return Ok(Value::unknown(Type::Dynamic));
            };
            match entries.get(name) {
                Some(value) => Ok(value.clone()),
                None => fail(format!("there is no element with the key {name:?}"), span),
            }
        }
        Type::Set(_) => fail("the elements of a set have no index", span),
        ty => fail(format!("a {} has no elements", ty.name()), span),
    }
}
