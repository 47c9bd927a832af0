//! Types as definitions write them: `list(string)`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Evaluated, fail};
use crate::bake::syntax::{Call, Expr, ExprKind, parse_expression};
use crate::bake::value::{Attributes, Type};

/// The type that an expression writes.
pub(in crate::bake) fn type_of(expr: &Expr) -> Evaluated<Type> {
    match expr.keyword() {
        Some("bool") => return Ok(Type::Bool),
        Some("string") => return Ok(Type::String),
        Some("number") => return Ok(Type::Number),
        Some("any") => return Ok(Type::Dynamic),
        Some(word @ ("list" | "map" | "set" | "object" | "tuple")) => {
            return fail(format!("`{word}` says of what, as in `{word}(…)`"), expr.span);
        }
        Some(word) => return fail(format!("`{word}` is no type"), expr.span),
        None => {}
    }
    match &expr.kind {
        ExprKind::Call(call) => constructed(call, expr),
        ExprKind::Json(text) => match parse_expression(&text.text, expr.span.start) {
            Ok(inner) if matches!(inner.kind, ExprKind::Call(_)) => type_of(&inner).map_err(|mut fail| {
                fail.span = expr.span;
                fail
            }),
            _ => fail("a type is expected here, such as `string` or `list(string)`", expr.span),
        },
        _ => fail("a type is expected here, such as `string` or `list(string)`", expr.span),
    }
}

fn constructed(call: &Call, expr: &Expr) -> Evaluated<Type> {
    let [arg] = &call.args[..] else {
        return fail(format!("`{}` takes one argument in a type", call.name), expr.span);
    };
    match call.name.as_str() {
        "list" => Ok(Type::list(type_of(arg)?)),
        "set" => Ok(Type::set(type_of(arg)?)),
        "map" => Ok(Type::map(type_of(arg)?)),
        "tuple" => match arg.list() {
            Some(elements) => Ok(Type::tuple(elements.iter().map(type_of).collect::<Evaluated<Vec<_>>>()?)),
            None => fail("`tuple` takes a list of types", arg.span),
        },
        "object" => object(arg),
        name => fail(format!("`{name}` makes no type"), expr.span),
    }
}

fn object(arg: &Expr) -> Evaluated<Type> {
    let ExprKind::Object(items) = &arg.kind else {
        return fail("`object` takes attributes with their types, in braces", arg.span);
    };
    let mut attributes = Attributes { types: BTreeMap::new(), optional: BTreeSet::new() };
    for (key, value) in items {
        let Some(name) = key.expr.keyword() else {
            return fail("an attribute's name is expected here", key.expr.span);
        };
        let name: smol_str::SmolStr = name.into();
        let mut ty = value;
        if let ExprKind::Call(call) = &value.kind
            && call.name == "optional"
        {
            match &call.args[..] {
                [inner] => ty = inner,
                _ => return fail("`optional` takes one type", value.span),
            }
            attributes.optional.insert(name.clone());
        }
        if attributes.types.insert(name, type_of(ty)?).is_some() {
            return fail("this attribute has a type already", key.expr.span);
        }
    }
    Ok(Type::Object(Arc::new(attributes)))
}
