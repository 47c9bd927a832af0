//! The functions that definitions may call.

mod addresses;
mod bytes;
mod collections;
mod dates;
mod digests;
mod format;
mod numbers;
mod patterns;
mod rsa;
mod sequences;
mod sets;
mod strings;
mod versions;

use super::eval::{Evaluated, World, fail};
use super::value::{Type, Value, convert};
use crate::source::Span;

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Param {
    Any,
    /// Also null.
    Nullable,
    String,
    Number,
    Bool,
    List,
    Strings,
    Set,
    Bytes,
}

impl Param {
    fn ty(self) -> Type {
        match self {
            Self::Any | Self::Nullable => Type::Dynamic,
            Self::String => Type::String,
            Self::Number => Type::Number,
            Self::Bool => Type::Bool,
            Self::List => Type::list(Type::Dynamic),
            Self::Strings => Type::list(Type::String),
            Self::Set => Type::set(Type::Dynamic),
            Self::Bytes => Type::Bytes,
        }
    }
}

/// A function by what it takes and does.
#[derive(Debug)]
pub(super) struct Builtin {
    name: &'static str,
    params: &'static [Param],
    variadic: Option<Param>,
    run: Run,
}

#[derive(Debug, Clone, Copy)]
enum Run {
    /// From arguments alone.
    Pure(fn(&[Value]) -> Result<Value, String>),
    /// Also from the clock, or what else differs from run to run.
    Outside(fn(&[Value], &World<'_>) -> Result<Value, String>),
}

const fn pure(
    name: &'static str,
    params: &'static [Param],
    run: fn(&[Value]) -> Result<Value, String>,
) -> Builtin {
    Builtin { name, params, variadic: None, run: Run::Pure(run) }
}

const fn variadic(
    name: &'static str,
    params: &'static [Param],
    more: Param,
    run: fn(&[Value]) -> Result<Value, String>,
) -> Builtin {
    Builtin { name, params, variadic: Some(more), run: Run::Pure(run) }
}

const fn outside(
    name: &'static str,
    params: &'static [Param],
    run: fn(&[Value], &World<'_>) -> Result<Value, String>,
) -> Builtin {
    Builtin { name, params, variadic: None, run: Run::Outside(run) }
}

const TABLES: &[&[Builtin]] = &[
    addresses::TABLE,
    bytes::TABLE,
    collections::TABLE,
    dates::TABLE,
    digests::TABLE,
    format::TABLE,
    numbers::TABLE,
    patterns::TABLE,
    sequences::TABLE,
    sets::TABLE,
    strings::TABLE,
    versions::TABLE,
];

/// The function of a name.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    TABLES.iter().flat_map(|table| table.iter()).find(|builtin| builtin.name == name)
}

/// Whether a name is taken by a function, so that a definition cannot define it.
pub(super) fn is_builtin(name: &str) -> bool {
    matches!(name, "try" | "can" | "convert") || find(name).is_some()
}

impl Builtin {
    pub(super) fn call(&self, args: &[(Value, Span)], span: Span, world: &World<'_>) -> Evaluated {
        let name = self.name;
        let wanted = self.params.len();
        if args.len() < wanted || args.len() > wanted && self.variadic.is_none() {
            let least = if self.variadic.is_some() { "at least " } else { "" };
            let message = format!("`{name}` takes {least}{wanted} arguments, but here are {}", args.len());
            return fail(message, span);
        }
        let mut values = Vec::with_capacity(args.len());
        let mut known = true;
        let mut work = 0usize;
        for (index, (value, span)) in args.iter().enumerate() {
            let Some(param) = self.params.get(index).copied().or(self.variadic) else { continue };
            let value = convert(value, &param.ty())
                .or_else(|error| fail(format!("argument {} of `{name}`: {error}", index + 1), *span))?;
            if value.is_null() && param != Param::Nullable {
                return fail(format!("argument {} of `{name}` is null", index + 1), *span);
            }
            known &= value.is_known();
            work = work.saturating_add(value.size());
            values.push(value);
        }
        world.budget.spend(1 + work / 16).or_else(|message| fail(message, span))?;
        if !known {
            return Ok(Value::unknown(Type::Dynamic));
        }
        let result = match self.run {
            Run::Pure(run) => run(&values),
            Run::Outside(run) => {
                if name != "homedir" {
                    world.volatile.borrow_mut().insert(name);
                }
                run(&values, world)
            }
        };
        result.or_else(|error| fail(format!("`{name}`: {error}"), span))
    }
}

/// An argument's text.
fn text(args: &[Value], index: usize) -> &str {
    args.get(index).and_then(Value::as_str).unwrap_or_default()
}

/// An argument's whole number.
fn whole(args: &[Value], index: usize) -> Result<i64, String> {
    let number = args.get(index).and_then(Value::as_number).and_then(super::value::Number::to_i64);
    number.ok_or_else(|| "a whole number is required".to_owned())
}

/// An argument's number.
fn number(args: &[Value], index: usize) -> Result<&super::value::Number, String> {
    args.get(index).and_then(Value::as_number).ok_or_else(|| "a number is required".to_owned())
}

/// An argument.
fn arg(args: &[Value], index: usize) -> Result<&Value, String> {
    args.get(index).ok_or_else(|| "an argument is missing".to_owned())
}

/// The elements of an argument.
fn elements(args: &[Value], index: usize) -> &[Value] {
    args.get(index).and_then(Value::elements).unwrap_or_default()
}
