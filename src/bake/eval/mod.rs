//! Expressions to values.

mod collections;
mod index;
mod ops;
mod types;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use smol_str::SmolStr;

use super::functions;
use super::limits::{Budget, MAX_CALLS, MAX_VALUE_SIZE};
use super::syntax::{Call, Expr, ExprKind};
use super::value::{Type, Value, convert, unify};
use crate::source::{Source, Span};

pub(super) use self::types::type_of;

/// Why an expression has no value.
#[derive(Debug, Clone)]
pub(super) struct Fail {
    pub(super) message: String,
    pub(super) span: Span,
    /// The file, where it is another one than that of the expression.
    pub(super) file: Option<Arc<Source>>,
}

pub(super) type Evaluated<T = Value> = Result<T, Box<Fail>>;

pub(super) fn fail<T>(message: impl Into<String>, span: Span) -> Evaluated<T> {
    Err(Box::new(Fail { message: message.into(), span, file: None }))
}

/// A function of the definition.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) params: Vec<SmolStr>,
    pub(super) variadic: Option<SmolStr>,
    pub(super) result: &'a Expr,
    pub(super) file: Arc<Source>,
}

/// What all expressions of a definition share.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) budget: Budget,
    /// Seconds since 1970.
    pub(super) now: i64,
    pub(super) home: Option<String>,
    /// Functions whose results change from run to run, and that were called.
    pub(super) volatile: RefCell<BTreeSet<&'static str>>,
    pub(super) calls: Cell<usize>,
    /// The files of the definition.
    pub(super) marker: std::marker::PhantomData<&'a ()>,
}

/// Names with values, the inner hiding those of the outer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) names: &'a [(SmolStr, Value)],
    pub(super) outer: Option<&'a Frame<'a>>,
}

impl Frame<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let own = self.names.iter().rev().find(|(own, _)| own == name);
        own.map(|(_, value)| value).or_else(|| self.outer.and_then(|outer| outer.get(name)))
    }
}

/// What an expression may refer to.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) globals: &'a HashMap<SmolStr, Value>,
    pub(super) functions: &'a HashMap<SmolStr, Arc<Function<'a>>>,
    pub(super) frame: Option<&'a Frame<'a>>,
    /// The element that a splat is at.
    pub(super) item: Option<&'a Value>,
}

impl<'a> Scope<'a> {
    /// The same with more names.
    pub(super) fn with<'b>(&self, frame: &'b Frame<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { frame: Some(frame), ..*self }
    }

    fn lookup(&self, name: &str) -> Option<&Value> {
        self.frame.and_then(|frame| frame.get(name)).or_else(|| self.globals.get(name))
    }

    fn spend(&self, amount: usize, span: Span) -> Evaluated<()> {
        self.world.budget.spend(amount).or_else(|message| fail(message, span))
    }

    /// A value, if it is no larger than values may be.
    fn bounded(&self, value: Value, span: Span) -> Evaluated {
        if value.size() > MAX_VALUE_SIZE {
            return fail(format!("a value is larger than {MAX_VALUE_SIZE} bytes, which is the limit"), span);
        }
        self.spend(value.size() / 16, span)?;
        Ok(value)
    }

    pub(super) fn value(&self, expr: &Expr) -> Evaluated {
        self.spend(1, expr.span)?;
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Wrap(inner) | ExprKind::Parens(inner) => self.value(inner),
            ExprKind::Join(tuple) => self.join(tuple),
            ExprKind::Scope(name, steps) => {
                let Some(value) = self.lookup(name) else {
                    return fail(format!("there is no variable `{name}`"), expr.span);
                };
                index::steps(value.clone(), steps, expr.span)
            }
            ExprKind::Relative(source, steps) => index::steps(self.value(source)?, steps, expr.span),
            ExprKind::Index(collection, key) => {
                let collection = self.value(collection)?;
                let key = self.value(key)?;
                index::index(&collection, &key, expr.span)
            }
            ExprKind::Splat(source, each) => self.splat(source, each, expr.span),
            ExprKind::Item => Ok(self.item.cloned().unwrap_or(Value::unknown(Type::Dynamic))),
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Conditional(parts) => self.conditional(parts, expr.span),
            ExprKind::Binary(operator, sides) => self.binary(*operator, sides, expr.span),
            ExprKind::Not(operand) => self.not(operand),
            ExprKind::Negate(operand) => self.negate(operand),
            ExprKind::Tuple(elements) => {
                let values = elements.iter().map(|element| self.value(element)).collect::<Evaluated<_>>()?;
                self.bounded(Value::tuple(values), expr.span)
            }
            ExprKind::Object(items) => self.object(items, expr.span),
            ExprKind::For(parts) => self.for_each(parts, expr.span),
            ExprKind::Json(text) => match &text.template {
                Ok(template) => self.value(template),
                Err((message, span)) => fail(message.clone(), *span),
            },
        }
    }

    /// The value as a string.
    fn text(value: &Value, span: Span) -> Evaluated<Option<SmolStr>> {
        if value.is_null() {
            return fail("the value is null, which has no place in a string", span);
        }
        if !value.is_known() {
            return Ok(None);
        }
        match convert(value, &Type::String) {
            Ok(value) => Ok(value.as_str().map(SmolStr::new)),
            Err(error) => fail(format!("the value has no place in a string: {error}"), span),
        }
    }

    fn template(&self, parts: &[Expr]) -> Evaluated {
        let mut text = String::new();
        let mut known = true;
        for part in parts {
            match Self::text(&self.value(part)?, part.span)? {
                Some(part) => text.push_str(&part),
                None => known = false,
            }
            if text.len() > MAX_VALUE_SIZE {
                break;
            }
        }
        let span = parts.first().map_or(Span::default(), |part| part.span);
        if known { self.bounded(Value::string(text), span) } else { Ok(Value::unknown(Type::String)) }
    }

    fn join(&self, tuple: &Expr) -> Evaluated {
        let value = self.value(tuple)?;
        let Some(values) = value.elements() else { return Ok(Value::unknown(Type::String)) };
        let mut text = String::new();
        for value in values {
            match Self::text(value, tuple.span)? {
                Some(part) => text.push_str(&part),
                None => return Ok(Value::unknown(Type::String)),
            }
        }
        self.bounded(Value::string(text), tuple.span)
    }

    fn conditional(&self, [condition, yes, no]: &[Expr; 3], span: Span) -> Evaluated {
        // Both are evaluated for their types; only what is wrong with the one that is taken counts.
        let (yes_value, no_value) = (self.value(yes), self.value(no));
        if self.world.budget.is_spent() {
            yes_value.as_ref().map_err(Clone::clone)?;
            no_value.as_ref().map_err(Clone::clone)?;
        }
        let open = |value: &Evaluated| {
            value.as_ref().is_ok_and(|value| value.is_null() && value.ty == Type::Dynamic)
        };
        let ty = |value: &Evaluated| value.as_ref().map_or(Type::Dynamic, |value| value.ty.clone());
        let (yes_type, no_type) = (ty(&yes_value), ty(&no_value));
        let mut unknown = false;
        let result = if open(&yes_value) {
            no_type
        } else if open(&no_value) {
            yes_type
        } else if yes_type == Type::Dynamic || no_type == Type::Dynamic {
            Type::Dynamic
        } else if let Some(unified) = unify(&[yes_type.clone(), no_type.clone()], true) {
            unknown = unified.unknown;
            unified.ty
        } else {
            let message = format!(
                "both values of a conditional have one type, but these are {} and {}",
                yes_type.name(),
                no_type.name()
            );
            return fail(message, yes.span.to(no.span));
        };
        let chosen = self.value(condition)?;
        if chosen.is_null() {
            return fail("the condition is null; it must be true or false", condition.span);
        }
        if !chosen.is_known() {
            return Ok(Value::unknown(result));
        }
        let Some(chosen) = convert(&chosen, &Type::Bool).ok().and_then(|value| value.as_bool()) else {
            return fail("the condition is neither true nor false", condition.span);
        };
        let value = if chosen { yes_value? } else { no_value? };
        if unknown {
            return Ok(Value::unknown(Type::Dynamic));
        }
        convert(&value, &result)
            .or_else(|error| fail(format!("both values of a conditional have one type: {error}"), span))
    }

    fn call(&self, call: &Call, span: Span) -> Evaluated {
        match call.name.as_str() {
            "try" | "can" | "convert" => return self.special(call, span),
            _ => {}
        }
        let mut values = Vec::with_capacity(call.args.len());
        for (index, arg) in call.args.iter().enumerate() {
            let value = self.value(arg)?;
            if call.expand && index + 1 == call.args.len() {
                if !value.is_known() {
                    return Ok(Value::unknown(Type::Dynamic));
                }
                match value.elements() {
                    Some(elements) => values.extend(elements.iter().map(|value| (value.clone(), arg.span))),
                    None => return fail("what `...` stands after is no list, tuple or set", arg.span),
                }
            } else {
                values.push((value, arg.span));
            }
        }
        if let Some(builtin) = functions::find(&call.name) {
            let value = builtin.call(&values, span, self.world)?;
            return self.bounded(value, span);
        }
        match self.functions.get(&call.name) {
            Some(function) => self.call_defined(&call.name, function, values, span),
            None => fail(format!("there is no function `{}`", call.name), span),
        }
    }

    fn call_defined(
        &self,
        name: &str,
        function: &Function<'_>,
        values: Vec<(Value, Span)>,
        span: Span,
    ) -> Evaluated {
        let wanted = function.params.len();
        if values.len() < wanted || values.len() > wanted && function.variadic.is_none() {
            return fail(format!("`{name}` takes {wanted} arguments, but here are {}", values.len()), span);
        }
        if let Some((_, span)) = values.iter().find(|(value, _)| value.is_null()) {
            return fail(format!("an argument of `{name}` is null"), *span);
        }
        if values.iter().any(|(value, _)| !value.is_known()) {
            return Ok(Value::unknown(Type::Dynamic));
        }
        let mut values = values.into_iter().map(|(value, _)| value);
        let mut names: Vec<_> = function.params.iter().cloned().zip(values.by_ref().take(wanted)).collect();
        if let Some(variadic) = &function.variadic {
            names.push((variadic.clone(), Value::tuple(values.collect())));
        }
        let depth = self.world.calls.get() + 1;
        if depth > MAX_CALLS {
            return fail(
                format!("functions call one another more than {MAX_CALLS} deep, which is the limit"),
                span,
            );
        }
        self.world.calls.set(depth);
        let frame = Frame { names: &names, outer: None };
        let scope = Scope { frame: Some(&frame), item: None, ..*self };
        let result = scope.value(function.result).map_err(|mut fail| {
            fail.file.get_or_insert_with(|| Arc::clone(&function.file));
            fail
        });
        self.world.calls.set(depth - 1);
        result
    }

    /// Functions that see expressions and not values.
    fn special(&self, call: &Call, span: Span) -> Evaluated {
        match (call.name.as_str(), &call.args[..]) {
            ("try", args) if !args.is_empty() => {
                let mut last = None;
                for arg in args {
                    match self.value(arg) {
                        Ok(value) => return Ok(value),
                        Err(error) if self.world.budget.is_spent() => return Err(error),
                        Err(error) => last = Some(error),
                    }
                }
                let why = last.map_or_else(String::new, |fail| format!(": {}", fail.message));
                fail(format!("none of the expressions has a value{why}"), span)
            }
            ("can", [arg]) => match self.value(arg) {
                Ok(_) => Ok(Value::bool(true)),
                Err(error) if self.world.budget.is_spent() => Err(error),
                Err(_) => Ok(Value::bool(false)),
            },
            ("convert", [value, ty]) => {
                let ty = type_of(ty)?;
                let value = self.value(value)?;
                convert(&value, &ty).or_else(|error| fail(error, span))
            }
            (name, _) => fail(format!("`{name}` has another number of arguments"), span),
        }
    }
}
