//! `format` and `formatlist`: patterns like those of C's `printf`.

use num_bigint::{BigInt, Sign};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Param::{Nullable, String as Str};
use super::{Builtin, text, variadic};
use crate::bake::limits::MAX_VALUE_SIZE;
use crate::bake::value::{Number, Type, Value, convert, to_json};

pub(super) const TABLE: &[Builtin] = &[
    variadic("format", &[Str], Nullable, |args| {
        let rest = args.get(1..).unwrap_or_default();
        if !rest.iter().all(Value::is_wholly_known) {
            return Ok(Value::unknown(Type::String));
        }
        Ok(Value::string(format(text(args, 0), rest)?))
    }),
    variadic("formatlist", &[Str], Nullable, format_list),
];

fn format_list(args: &[Value]) -> Result<Value, String> {
    let (pattern, rest) = (text(args, 0), args.get(1..).unwrap_or_default());
    let lists = |value: &&Value| value.ty.is_sequence() && !value.is_null();
    let mut lengths = rest.iter().filter(lists).map(|value| value.elements().map_or(0, <[_]>::len));
    let count = lengths.next();
    if let Some(count) = count
        && lengths.any(|length| length != count)
    {
        return Err("the lists have different lengths".to_owned());
    }
    let mut formatted = Vec::new();
    for index in 0..count.unwrap_or(1) {
        let row: Vec<Value> = rest
            .iter()
            .map(|value| match value.elements() {
                Some(elements) if value.ty.is_sequence() => elements.get(index).unwrap_or(value).clone(),
                _ => value.clone(),
            })
            .collect();
        formatted.push(Value::string(format(pattern, &row)?));
    }
    Ok(Value::list(Type::String, formatted))
}

#[derive(Debug, Clone, Default)]
struct Verb {
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: Option<usize>,
    places: Option<usize>,
    mode: char,
}

fn format(pattern: &str, args: &[Value]) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = pattern;
    let mut next = 1;
    let mut highest = 0;
    while let Some(at) = rest.find('%') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            result.push('%');
            rest = after;
            continue;
        }
        let (verb, index, length) = verb(rest, next)?;
        rest = &rest[length..];
        highest = highest.max(index);
        next = index + 1;
        let arg = index.checked_sub(1).and_then(|at| args.get(at));
        let arg =
            arg.ok_or_else(|| format!("the pattern takes argument {index}, but there are {}", args.len()))?;
        result.push_str(&one(&verb, arg)?);
        if result.len() > MAX_VALUE_SIZE {
            return Err(format!("the result is larger than {MAX_VALUE_SIZE} bytes, which is the limit"));
        }
    }
    result.push_str(rest);
    if highest < args.len() {
        return Err(format!("there are {} arguments, but the pattern takes {highest}", args.len()));
    }
    Ok(result)
}

/// The verb after a percent sign, the argument it takes, and its length.
fn verb(text: &str, next: usize) -> Result<(Verb, usize, usize), String> {
    let wrong = || format!("{:?} is no part of a pattern", text.chars().take(10).collect::<String>());
    let bytes = text.as_bytes();
    let mut verb = Verb::default();
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b'0') => verb.zero = true,
            Some(b'#') => verb.sharp = true,
            Some(b'-') => verb.minus = true,
            Some(b'+') => verb.plus = true,
            Some(b' ') => verb.space = true,
            _ => break,
        }
        at += 1;
    }
    let number = |at: &mut usize| {
        let start = *at;
        while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        let value = text.get(start..*at).unwrap_or_default();
        if value.is_empty() { Ok(None) } else { value.parse().map(Some).map_err(|_| wrong()) }
    };
    verb.width = number(&mut at)?;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        verb.places = Some(number(&mut at)?.unwrap_or(0));
    }
    let mut index = next;
    if bytes.get(at) == Some(&b'[') {
        at += 1;
        index = number(&mut at)?.filter(|&index| index > 0).ok_or_else(wrong)?;
        if bytes.get(at) != Some(&b']') {
            return Err(wrong());
        }
        at += 1;
    }
    let mode = bytes.get(at).copied().filter(u8::is_ascii_alphabetic).ok_or_else(wrong)?;
    verb.mode = char::from(mode);
    if verb.width.unwrap_or(0).max(verb.places.unwrap_or(0)) > MAX_VALUE_SIZE / 16 {
        return Err("a width is larger than the limit".to_owned());
    }
    Ok((verb, index, at + 1))
}

fn one(verb: &Verb, arg: &Value) -> Result<String, String> {
    if verb.mode != 'v' && arg.is_null() {
        return Err("null has no form but that of %v".to_owned());
    }
    match verb.mode {
        'v' => {
            if !verb.sharp && !arg.is_null() {
                if let Some(text) = arg.as_str() {
                    return Ok(padded(verb, text));
                }
                if let Some(number) = arg.as_number() {
                    return Ok(padded(verb, &number.format('g', None)));
                }
            }
            Ok(padded(verb, &to_json(arg)?))
        }
        't' => Ok(convert(arg, &Type::Bool)?.as_bool().unwrap_or_default().to_string()),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let value = convert(arg, &Type::Number)?;
            match value.as_number().and_then(Number::integer) {
                Some((whole, true)) => Ok(integer(verb, &whole)),
                _ => Err("a whole number is required".to_owned()),
            }
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let value = convert(arg, &Type::Number)?;
            let number = value.as_number().ok_or("a number is required")?;
            let places = match verb.mode {
                'g' | 'G' => verb.places,
                _ => Some(verb.places.unwrap_or(6)),
            };
            Ok(signed(verb, &number.format(verb.mode, places)))
        }
        's' | 'q' => {
            let value = convert(arg, &Type::String)?;
            let mut text = value.as_str().unwrap_or_default().to_owned();
            if let Some(places) = verb.places.filter(|&places| places > 0) {
                text = text.graphemes(true).take(places).collect();
            }
            if verb.mode == 'q' {
                text = to_json(&Value::string(text))?;
            }
            Ok(padded(verb, &text))
        }
        other => Err(format!("%{other} is no verb")),
    }
}

/// Filled up to the width, in characters.
fn padded(verb: &Verb, text: &str) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
    let pad = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus { format!("{text}{pad}") } else { format!("{pad}{text}") }
}

/// A number with its sign, filled up to the width.
fn signed(verb: &Verb, text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None if verb.plus => ("+", text.trim_start_matches('+')),
        None if verb.space => (" ", text.trim_start_matches('+')),
        None => ("", text),
    };
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
    if verb.zero && !verb.minus {
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    let pad = " ".repeat(missing);
    if verb.minus { format!("{sign}{digits}{pad}") } else { format!("{pad}{sign}{digits}") }
}

fn integer(verb: &Verb, value: &BigInt) -> String {
    let (base, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = value.magnitude().to_str_radix(base);
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    if let Some(places) = verb.places {
        digits = format!("{}{digits}", "0".repeat(places.saturating_sub(digits.len())));
    }
    if verb.sharp {
        digits.insert_str(0, prefix);
    }
    if value.sign() == Sign::Minus {
        digits.insert(0, '-');
    }
    let zero = verb.zero && verb.places.is_none();
    signed(&Verb { zero, ..verb.clone() }, &digits)
}

#[cfg(test)]
mod tests {
    use super::format;
    use crate::bake::value::{Number, Value};

    #[test]
    fn patterns() {
        let number = |text: &str| Number::parse(text).map_or(Value::bool(false), Value::number);
        for (pattern, args, expected) in [
            ("%s-%d", vec![Value::string("a"), number("12")], Some("a-12")),
            ("%5d|%-5d|%05d", vec![number("42"), number("42"), number("42")], Some("   42|42   |00042")),
            ("%x %X %b %o", vec![number("255"); 4], Some("ff FF 11111111 377")),
            ("%.2f %e", vec![number("3.14159"), number("1500")], Some("3.14 1.500000e+03")),
            ("%[2]s %[1]s", vec![Value::string("a"), Value::string("b")], Some("b a")),
            ("%v %v %#v", vec![number("1.5"), Value::bool(true), Value::string("x")], Some("1.5 true \"x\"")),
            ("%%", vec![], Some("%")),
            ("%d", vec![number("1.5")], None),
            ("%s", vec![], None),
            ("x", vec![Value::bool(true)], None),
            ("%", vec![], None),
        ] {
            assert_eq!(format(pattern, &args).ok().as_deref(), expected, "{pattern}");
        }
    }
}
