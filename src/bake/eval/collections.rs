//! Objects, `for` expressions and splats.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{Evaluated, Frame, Scope, fail};
use crate::bake::syntax::{Expr, ExprKind, For, Key};
use crate::bake::value::{Kind, Type, Value, convert};
use crate::source::Span;

impl Scope<'_> {
    pub(super) fn object(&self, items: &[(Key, Expr)], span: Span) -> Evaluated {
        let mut values = BTreeMap::new();
        let mut known = true;
        for (key, value) in items {
            let name = self.key(key)?;
            let value = self.value(value)?;
            match name {
                Some(name) => {
                    let json = matches!(key.expr.kind, ExprKind::Json(_));
                    if values.insert(name, value).is_some() && json {
                        return fail("this key is set twice", key.expr.span);
                    }
                }
                None => known = false,
            }
        }
        if known { self.bounded(Value::object(values), span) } else { Ok(Value::unknown(Type::Dynamic)) }
    }

    fn key(&self, key: &Key) -> Evaluated<Option<SmolStr>> {
        let span = key.expr.span;
        if !key.computed
            && let ExprKind::Scope(name, steps) = &key.expr.kind
        {
            if !steps.is_empty() {
                return fail("a key with dots is written in quotes, and a reference in parentheses", span);
            }
            return Ok(Some(name.clone()));
        }
        Self::name_of(&self.value(&key.expr)?, span)
    }

    /// A key's value as a string, where it is known.
    fn name_of(value: &Value, span: Span) -> Evaluated<Option<SmolStr>> {
        if value.is_null() {
            return fail("a key is null", span);
        }
        if !value.is_known() {
            return Ok(None);
        }
        match convert(value, &Type::String) {
            Ok(value) => Ok(value.as_str().map(SmolStr::new)),
            Err(error) => fail(format!("a key is a string: {error}"), span),
        }
    }

    pub(super) fn for_each(&self, parts: &For, span: Span) -> Evaluated {
        let collection = self.value(&parts.collection)?;
        if collection.is_null() {
            return fail("a `for` goes through a value that is null", parts.collection.span);
        }
        if collection.ty == Type::Dynamic {
            return Ok(Value::unknown(Type::Dynamic));
        }
        if !collection.ty.is_sequence() && !collection.ty.is_mapping() {
            let message = format!("a `for` does not go through a {}", collection.ty.name());
            return fail(message, parts.collection.span);
        }
        if let Some(condition) = &parts.condition {
            // Evaluated once without values, so that what is wrong with it shows for empty collections, too.
            self.included(parts, condition, &Value::unknown(Type::Dynamic), &Value::unknown(Type::Dynamic))?;
        }
        let pairs: Vec<(Value, Value)> = match &collection.kind {
            Kind::Sequence(values) => {
                let set = matches!(collection.ty, Type::Set(_));
                let pair = |(at, value): (usize, &Value)| {
                    (if set { value.clone() } else { Value::int(at) }, value.clone())
                };
                values.iter().enumerate().map(pair).collect()
            }
            Kind::Mapping(values) => {
                values.iter().map(|(name, value)| (Value::string(name), value.clone())).collect()
            }
            _ => return Ok(Value::unknown(Type::Dynamic)),
        };
        let mut tuple = Vec::new();
        let mut object: BTreeMap<SmolStr, Value> = BTreeMap::new();
        let mut groups: BTreeMap<SmolStr, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for (key, value) in pairs {
            if let Some(condition) = &parts.condition {
                match self.included(parts, condition, &key, &value)? {
                    Some(true) => {}
                    Some(false) => continue,
                    None => {
                        known = false;
                        continue;
                    }
                }
            }
            let names = names(parts, &key, &value);
            let frame = Frame { names: &names, outer: self.frame };
            let scope = self.with(&frame);
            let Some(key) = &parts.key else {
                tuple.push(scope.value(&parts.value)?);
                continue;
            };
            let Some(name) = Self::name_of(&scope.value(key)?, key.span)? else {
                known = false;
                continue;
            };
            let value = scope.value(&parts.value)?;
            if parts.group {
                groups.entry(name).or_default().push(value);
            } else if object.insert(name.clone(), value).is_some() {
                let message =
                    format!("two elements have the key {name:?}; `...` after the value groups them");
                return fail(message, key.span);
            }
        }
        if !known {
            return Ok(Value::unknown(Type::Dynamic));
        }
        let value = if parts.key.is_none() {
            Value::tuple(tuple)
        } else if parts.group {
            Value::object(groups.into_iter().map(|(name, values)| (name, Value::tuple(values))).collect())
        } else {
            Value::object(object)
        };
        self.bounded(value, span)
    }

    fn included(&self, parts: &For, condition: &Expr, key: &Value, value: &Value) -> Evaluated<Option<bool>> {
        let names = names(parts, key, value);
        let frame = Frame { names: &names, outer: self.frame };
        let included = self.with(&frame).value(condition)?;
        if included.is_null() {
            return fail("the condition of a `for` is null", condition.span);
        }
        match convert(&included, &Type::Bool) {
            Ok(value) => Ok(value.as_bool()),
            Err(error) => fail(format!("the condition of a `for` is true or false: {error}"), condition.span),
        }
    }

    pub(super) fn splat(&self, source: &Expr, each: &Expr, span: Span) -> Evaluated {
        let value = self.value(source)?;
        let sequence = value.ty.is_sequence();
        if value.is_null() {
            return if sequence {
                fail("a splat goes through a value that is null", source.span)
            } else {
                Ok(Value::tuple(Vec::new()))
            };
        }
        if value.ty == Type::Dynamic || !value.is_known() {
            return Ok(Value::unknown(Type::Dynamic));
        }
        let list = matches!(value.ty, Type::List(_) | Type::Set(_));
        let alone = [value.clone()];
        let values = if sequence { value.elements().unwrap_or_default() } else { &alone };
        let results = values
            .iter()
            .map(|item| Scope { item: Some(item), ..*self }.value(each))
            .collect::<Evaluated<Vec<_>>>()?;
        if !list {
            return self.bounded(Value::tuple(results), span);
        }
        let Some(first) = results.first() else {
            let item = Value::unknown(value.ty.element().cloned().unwrap_or(Type::Dynamic));
            let ty = Scope { item: Some(&item), ..*self }.value(each)?.ty;
            return Ok(Value::list(ty, Vec::new()));
        };
        if results.iter().any(|result| result.ty != first.ty) {
            return fail("the elements of this splat have different types", each.span);
        }
        self.bounded(Value::list(Type::Dynamic, results), span)
    }
}

fn names(parts: &For, key: &Value, value: &Value) -> Vec<(SmolStr, Value)> {
    let mut names = Vec::with_capacity(2);
    names.extend(parts.key_name.iter().map(|name| (name.clone(), key.clone())));
    names.push((parts.value_name.clone(), value.clone()));
    names
}
