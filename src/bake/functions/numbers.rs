//! Arithmetic and logic.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::Param::{Any, Bool, Nullable, Number as Num};
use super::{Builtin, arg, number, pure, text, variadic, whole};
use crate::bake::value::{Number, Type, Value};

pub(super) const TABLE: &[Builtin] = &[
    pure("absolute", &[Num], |args| Ok(Value::number(number(args, 0)?.absolute()))),
    pure("add", &[Num, Num], |args| of(number(args, 0)?.add(number(args, 1)?))),
    pure("and", &[Bool, Bool], |args| logic(args, |a, b| a && b)),
    pure("ceil", &[Num], |args| Ok(Value::number(number(args, 0)?.ceil()))),
    pure("divide", &[Num, Num], |args| of(number(args, 0)?.divide(number(args, 1)?))),
    pure("equal", &[Nullable, Nullable], |args| Ok(Value::bool(arg(args, 0)?.equals(arg(args, 1)?)))),
    pure("floor", &[Num], |args| Ok(Value::number(number(args, 0)?.floor()))),
    pure("greaterthan", &[Num, Num], |args| compare(args, |order| order == Ordering::Greater)),
    pure("greaterthanorequalto", &[Num, Num], |args| compare(args, |order| order != Ordering::Less)),
    pure("int", &[Num], |args| Ok(Value::number(number(args, 0)?.truncate()))),
    pure("lessthan", &[Num, Num], |args| compare(args, |order| order == Ordering::Less)),
    pure("lessthanorequalto", &[Num, Num], |args| compare(args, |order| order != Ordering::Greater)),
    pure("log", &[Num, Num], |args| {
        float(libm::log(number(args, 0)?.to_f64()) / libm::log(number(args, 1)?.to_f64()))
    }),
    variadic("max", &[], Num, |args| extreme(args, Ordering::Greater)),
    variadic("min", &[], Num, |args| extreme(args, Ordering::Less)),
    pure("modulo", &[Num, Num], |args| of(number(args, 0)?.modulo(number(args, 1)?))),
    pure("multiply", &[Num, Num], |args| of(number(args, 0)?.multiply(number(args, 1)?))),
    pure("negate", &[Num], |args| Ok(Value::number(number(args, 0)?.negate()))),
    pure("not", &[Bool], |args| Ok(Value::bool(!arg(args, 0)?.as_bool().unwrap_or_default()))),
    pure("notequal", &[Nullable, Nullable], |args| Ok(Value::bool(!arg(args, 0)?.equals(arg(args, 1)?)))),
    pure("or", &[Bool, Bool], |args| logic(args, |a, b| a || b)),
    pure("parseint", &[Any, Num], parse_int),
    pure("pow", &[Num, Num], |args| float(libm::pow(number(args, 0)?.to_f64(), number(args, 1)?.to_f64()))),
    variadic("range", &[], Num, range),
    pure("signum", &[Num], |args| Ok(Value::number(Number::int(whole(args, 0)?.signum())))),
    pure("subtract", &[Num, Num], |args| of(number(args, 0)?.add(&number(args, 1)?.negate()))),
];

fn of(result: Option<Number>) -> Result<Value, String> {
    result.map(Value::number).ok_or_else(|| "the operation has no result".to_owned())
}

fn float(result: f64) -> Result<Value, String> {
    of(Number::float(result))
}

fn logic(args: &[Value], decide: fn(bool, bool) -> bool) -> Result<Value, String> {
    let side = |index| arg(args, index).map(|value| value.as_bool().unwrap_or_default());
    Ok(Value::bool(decide(side(0)?, side(1)?)))
}

fn compare(args: &[Value], decide: fn(Ordering) -> bool) -> Result<Value, String> {
    Ok(Value::bool(decide(number(args, 0)?.compare(number(args, 1)?))))
}

fn extreme(args: &[Value], wanted: Ordering) -> Result<Value, String> {
    let mut best = arg(args, 0).map_err(|_| "at least one number is required".to_owned())?;
    for value in args {
        if let (Some(a), Some(b)) = (value.as_number(), best.as_number())
            && a.compare(b) == wanted
        {
            best = value;
        }
    }
    Ok(best.clone())
}

fn parse_int(args: &[Value]) -> Result<Value, String> {
    if arg(args, 0)?.ty != Type::String {
        return Err(format!("the first argument is a string, not a {}", arg(args, 0)?.ty.name()));
    }
    let base = whole(args, 1)?;
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let base = base.ok_or("the base is between 2 and 62")?;
    let written = text(args, 0);
    let (negative, digits) = match written.as_bytes().first() {
        Some(b'-') => (true, &written[1..]),
        Some(b'+') => (false, &written[1..]),
        _ => (false, written),
    };
    let mut value = BigInt::from(0);
    if digits.is_empty() || digits.len() > 4096 {
        return Err(format!("{written:?} is no integer of base {base}"));
    }
    for digit in digits.bytes() {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            _ => u8::MAX,
        };
        if u32::from(digit) >= base {
            return Err(format!("{written:?} is no integer of base {base}"));
        }
        value = value * base + digit;
    }
    Ok(Value::number(Number::big(&if negative { -value } else { value })))
}

fn range(args: &[Value]) -> Result<Value, String> {
    const MOST: usize = 1024;
    let zero = Number::int(0);
    let (start, end) = match args.len() {
        1 => (zero.clone(), number(args, 0)?.clone()),
        2 | 3 => (number(args, 0)?.clone(), number(args, 1)?.clone()),
        _ => return Err("one, two or three numbers are required".to_owned()),
    };
    let step = match args.get(2).and_then(Value::as_number) {
        Some(step) => step.clone(),
        None => Number::int(if end.compare(&start) == Ordering::Less { -1 } else { 1 }),
    };
    if step.is_zero() {
        return Err("the step is zero".to_owned());
    }
    let down = step.is_negative();
    let ahead = if down { Ordering::Less } else { Ordering::Greater };
    if end.compare(&start) == ahead.reverse() {
        return Err("the step leads away from the end".to_owned());
    }
    let mut values = Vec::new();
    let mut next = start;
    while next.compare(&end) == ahead.reverse() {
        if values.len() >= MOST {
            return Err(format!("more than {MOST} numbers are in the range"));
        }
        values.push(Value::number(next.clone()));
        next = next.add(&step).ok_or("the range has no end")?;
    }
    Ok(Value::list(Type::Number, values))
}
