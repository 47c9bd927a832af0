//! Variables and functions: defaults, what overrides them, and what is checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::{Engine, Place, Problem, of_expression, of_fail};
use crate::bake::csv;
use crate::bake::entries::parse_bool;
use crate::bake::error::{Error, Fault};
use crate::bake::eval::{Function, type_of};
use crate::bake::functions;
use crate::bake::limits::MAX_DEPTH;
use crate::bake::syntax::{Attribute, Expr, Step, calls, references};
use crate::bake::value::{Kind, Number, Type, Value, convert, decode_as};
use crate::source::Source;

impl Engine<'_> {
    /// Works out all that an expression refers to. What nothing defines is left out where that is allowed.
    pub(super) fn load(
        &mut self,
        place: Place,
        expr: &Expr,
        file: &Arc<Source>,
        without: &[SmolStr],
        may_miss: bool,
    ) -> Result<(), Problem> {
        for name in calls(expr) {
            match self.resolve_function(place, &name) {
                Err(Problem::Undefined(_)) if may_miss => {}
                Err(problem) => return Err(of_expression(problem, expr, file)),
                Ok(()) => {}
            }
        }
        for reference in references(expr) {
            if without.contains(reference.name) {
                continue;
            }
            let result = if self.blocks_known && matches!(reference.name.as_str(), "target" | "group") {
                let Some(Step::Attr(name)) = reference.steps.first() else {
                    let message = format!("`{}` is followed by a name", reference.name);
                    return Err(of_expression(Problem::Plain(message), expr, file));
                };
                let wanted = match reference.steps.get(1) {
                    Some(Step::Attr(attribute)) => Some(attribute.clone()),
                    _ => None,
                };
                self.resolve_named(reference.name, name, wanted.as_ref())
            } else {
                self.resolve_value(place, reference.name)
            };
            match result {
                Err(Problem::Undefined(_)) if may_miss => {}
                Err(problem) => return Err(of_expression(problem, expr, file)),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    pub(super) fn resolve_function(&mut self, place: Place, name: &SmolStr) -> Result<(), Problem> {
        if functions::is_builtin(name) || self.functions.contains_key(name) {
            return Ok(());
        }
        let Some(definition) = self.definitions.get(name).cloned() else {
            return Err(Problem::Undefined(format!("there is no function `{name}`")));
        };
        if !self.asked_functions.insert((place, name.clone())) {
            return Err(Problem::Plain(format!("the function `{name}` calls itself")));
        }
        let Some(result) = definition.result else {
            return Err(Problem::Plain(format!("the function `{name}` has no `result`")));
        };
        let Some(params) = definition.params else {
            return Err(Problem::Plain(format!("the function `{name}` has no `params`")));
        };
        let file = &definition.file;
        let fault = |expr: &Expr| -> Problem {
            let message = "the name of a parameter is expected here".to_owned();
            Fault { message, span: expr.span, file: Arc::clone(file) }.into()
        };
        let elements = params.expr.list().ok_or_else(|| fault(&params.expr))?;
        let mut names = Vec::new();
        for element in elements {
            names.push(SmolStr::new(element.keyword().ok_or_else(|| fault(element))?));
        }
        let variadic = match definition.variadic {
            Some(attribute) => Some(attribute.expr.keyword().ok_or_else(|| fault(&attribute.expr))?.into()),
            None => None,
        };
        let all: Vec<SmolStr> = names.iter().chain(&variadic).cloned().collect();
        self.deeper(|engine| engine.load(Place::Top, &result.expr, file, &all, false))?;
        let function =
            Function { params: names, variadic, result: &result.expr, file: Arc::clone(&definition.file) };
        self.functions.insert(name.clone(), Arc::new(function));
        Ok(())
    }

    /// Bounds how deep one thing asks for another.
    pub(super) fn deeper<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("references lead more than {MAX_DEPTH} deep, which is the limit");
            return Err(Problem::Plain(message));
        }
        let result = work(self);
        self.depth -= 1;
        result
    }

    pub(super) fn resolve_value(&mut self, place: Place, name: &SmolStr) -> Result<(), Problem> {
        if self.globals.contains_key(name) || self.names(place).iter().any(|(own, _)| own == name) {
            return Ok(());
        }
        if !self.asked_values.insert((place, name.clone())) {
            return Err(Problem::Plain(format!("the variable `{name}` refers to itself, or is not defined")));
        }
        let attribute = self.attributes.get(name).copied();
        let variable = self.variables.get(name).cloned();
        let (default, ty, typed, place) = match (attribute, &variable) {
            (Some(attribute), _) => (Some(attribute), Type::Dynamic, false, place),
            (None, Some(variable)) => {
                let (ty, typed) = declared_type(variable.ty, &variable.file)?;
                (variable.default, ty, typed, Place::Top)
            }
            (None, None) => return Err(Problem::Undefined(format!("there is no variable `{name}`"))),
        };
        let mut value = None;
        if let Some(default) = default {
            let file = &default.origin.file;
            self.deeper(|engine| engine.load(place, &default.expr, file, &[], true))?;
            let own = self.value(place, &default.expr, file)?;
            let converted = convert(&own, &ty).map_err(|error| {
                let message = format!("the default of `{name}` is no {}: {error}", ty.name());
                Problem::from(Fault { message, span: default.expr.span, file: Arc::clone(file) })
            })?;
            value = Some(converted);
        }
        let given = self.given(name, typed);
        let value = match (value, given) {
            (None, None) if typed => Value::null(ty),
            (value, Some((text, json))) if variable.is_some() => {
                overridden(name, &text, json, &ty, typed, value.as_ref()).map_err(Problem::Plain)?
            }
            (Some(value), _) => value,
            (None, _) => Value::string(""),
        };
        self.globals.insert(name.clone(), value);
        Ok(())
    }

    /// The text that overrides a variable, and whether it is JSON.
    fn given(&self, name: &str, prefer_json: bool) -> Option<(String, bool)> {
        let plain = (self.around.lookup)(name);
        if plain.is_none() || prefer_json {
            let json = format!("{name}_JSON");
            let taken =
                self.variables.contains_key(json.as_str()) || self.around.builtin.contains_key(json.as_str());
            if !taken && let Some(text) = (self.around.lookup)(&json) {
                return Some((text, true));
            }
        }
        plain.map(|text| (text, false))
    }

    /// Checks variables by their own conditions.
    pub(super) fn validate(&self, names: &[SmolStr]) -> Result<(), Error> {
        for variable in names.iter().filter_map(|name| self.variables.get(name)) {
            for validation in &variable.validations {
                let file = &variable.file;
                let Some(condition) = validation.condition else {
                    return Err(Error::at("a validation has a `condition`", file, validation.span));
                };
                let span = condition.expr.span;
                let at = |problem| super::of_problem(problem, Some((file, span)));
                let value = self.value(Place::Top, &condition.expr, file).map_err(at)?;
                if value.is_null() {
                    return Err(Error::at("the condition of a validation is null", file, span));
                }
                let holds = convert(&value, &Type::Bool).map_err(|error| {
                    Error::at(format!("a condition is true or false: {error}"), file, span)
                })?;
                if holds.as_bool() == Some(true) {
                    continue;
                }
                let message = match validation.message {
                    Some(message) => self.value(Place::Top, &message.expr, file).map_err(at)?,
                    None => Value::null(Type::String),
                };
                let words = message.as_str().unwrap_or("a check of this variable fails").to_owned();
                return Err(Error::at(words, file, span));
            }
        }
        Ok(())
    }
}

/// The type that a variable declares, and whether it declares one.
fn declared_type(attribute: Option<&Attribute>, file: &Arc<Source>) -> Result<(Type, bool), Problem> {
    let Some(attribute) = attribute else { return Ok((Type::Dynamic, false)) };
    if matches!(&attribute.expr.kind, crate::bake::syntax::ExprKind::Literal(value) if value.is_null()) {
        return Ok((Type::Dynamic, false));
    }
    let ty = type_of(&attribute.expr).map_err(|fail| of_fail(*fail, file))?;
    let typed = ty != Type::Dynamic || attribute.expr.keyword() == Some("any");
    Ok((ty, typed))
}

/// The value that a text gives a variable.
fn overridden(
    name: &str,
    text: &str,
    json: bool,
    ty: &Type,
    typed: bool,
    default: Option<&Value>,
) -> Result<Value, String> {
    if typed && json {
        return decode_as(text, ty)
            .map_err(|error| format!("the JSON for `{name}` is no {}: {error}", ty.name()));
    }
    if matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Map(_)) {
        return from_csv(name, text, ty);
    }
    if typed && ty.is_primitive() {
        return primitive(name, text, ty);
    }
    let unsupported = |ty: &Type| format!("`{name}` is a {}, which a text does not override", ty.name());
    if typed {
        return Err(unsupported(ty));
    }
    match default {
        None => Ok(Value::string(text)),
        Some(value) if value.ty == Type::Dynamic => Ok(Value::string(text)),
        Some(value) if value.ty.is_primitive() => primitive(name, text, &value.ty),
        Some(value) => Err(unsupported(&value.ty)),
    }
}

fn primitive(name: &str, text: &str, ty: &Type) -> Result<Value, String> {
    match ty {
        Type::String => Ok(Value::string(text)),
        Type::Bool => parse_bool(text).map(Value::bool).map_err(|error| format!("`{name}`: {error}")),
        Type::Number => {
            let number = go_float(text).and_then(Number::float).filter(|number| !is_infinite(number));
            number.map(Value::number).ok_or_else(|| format!("`{name}`: {text:?} is no number"))
        }
        _ => Err(format!("`{name}` is a {}, which a text does not override", ty.name())),
    }
}

fn is_infinite(number: &Number) -> bool {
    number.integer().is_none()
}

/// A number as Go's `ParseFloat` reads it.
fn go_float(text: &str) -> Option<f64> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if plain { text.parse().ok() } else { hexadecimal(text) }
}

/// A hexadecimal number: `0x1p-2`.
fn hexadecimal(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"))?;
    let at = digits.find(['p', 'P'])?;
    let (mantissa, exponent) = (&digits[..at], digits[at + 1..].parse::<i32>().ok()?);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let value = u64::from_str_radix(&format!("{whole}{part}"), 16).ok()?;
    let exponent = exponent.checked_sub(4 * i32::try_from(part.len()).ok()?)?;
    let value = libm::ldexp(value as f64, exponent);
    Some(if negative { -value } else { value })
}

fn from_csv(name: &str, text: &str, ty: &Type) -> Result<Value, String> {
    let fields = csv::fields(text).map_err(|error| format!("`{name}`: {error}"))?;
    let element = |element: &Type| {
        if element.is_primitive() {
            Ok(element.clone())
        } else {
            Err(format!("`{name}` is a {}, which is overridden by {name}_JSON only", ty.name()))
        }
    };
    let all =
        |element: &Type| fields.iter().map(|field| primitive(name, field, element)).collect::<Result<_, _>>();
    match ty {
        Type::List(own) => Ok(Value::list(Type::Dynamic, all(&element(own)?)?)),
        Type::Set(own) => Ok(Value::set(Type::Dynamic, all(&element(own)?)?)),
        Type::Tuple(types) if types.len() == fields.len() => {
            let values = types.iter().zip(&fields).map(|(own, field)| primitive(name, field, &element(own)?));
            Ok(Value::tuple(values.collect::<Result<_, _>>()?))
        }
        Type::Map(own) => {
            let own = element(own)?;
            let mut values = BTreeMap::new();
            for field in &fields {
                let pair = csv::fields_by(field, ':').map_err(|error| format!("`{name}`: {error}"))?;
                let [key, value] = &pair[..] else {
                    return Err(format!("`{name}`: {field:?} is no pair of key and value"));
                };
                values.insert(key.as_str().into(), primitive(name, value, &own)?);
            }
            Ok(Value::map(own, values))
        }
        _ => Err(format!("`{name}` is a {} of another length", ty.name())),
    }
}

/// Whether a value is a map or an object, and its entries.
pub(super) fn entries(value: &Value) -> Option<Vec<(SmolStr, Value)>> {
    match &value.kind {
        Kind::Mapping(entries) => {
            Some(entries.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        _ => None,
    }
}
