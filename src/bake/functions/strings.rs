//! Strings.

use unicode_segmentation::UnicodeSegmentation as _;

use super::Param::{Number as Num, String as Str, Strings};
use super::{Builtin, elements, pure, text, variadic, whole};
use crate::bake::limits::MAX_VALUE_SIZE;
use crate::bake::value::{Type, Value};

pub(super) const TABLE: &[Builtin] = &[
    pure("basename", &[Str], |args| Ok(Value::string(basename(text(args, 0))))),
    pure("chomp", &[Str], |args| Ok(Value::string(text(args, 0).trim_end_matches(['\r', '\n'])))),
    pure("dirname", &[Str], |args| Ok(Value::string(dirname(text(args, 0))))),
    super::outside("homedir", &[], |_, world| {
        let home = world.home.as_deref().ok_or("the home directory is not known")?;
        Ok(Value::string(home))
    }),
    pure("indent", &[Num, Str], indent),
    variadic("join", &[Str], Strings, join),
    pure("lower", &[Str], |args| {
        Ok(Value::string(each_char(text(args, 0), |c| single(c, c.to_lowercase()))))
    }),
    pure("replace", &[Str, Str, Str], replace),
    pure("reverse", &[Str], |args| {
        Ok(Value::string(text(args, 0).graphemes(true).rev().collect::<String>()))
    }),
    pure("sanitize", &[Str], |args| {
        let keep = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
        Ok(Value::string(each_char(text(args, 0), keep)))
    }),
    pure("sort", &[Strings], sort),
    pure("split", &[Str, Str], |args| Ok(split(args))),
    pure("strlen", &[Str], |args| Ok(Value::int(text(args, 0).graphemes(true).count()))),
    pure("substr", &[Str, Num, Num], substr),
    pure("title", &[Str], |args| Ok(Value::string(title(text(args, 0))))),
    pure("trim", &[Str, Str], |args| {
        let cut: Vec<char> = text(args, 1).chars().collect();
        Ok(Value::string(text(args, 0).trim_matches(&cut[..])))
    }),
    pure("trimprefix", &[Str, Str], |args| {
        let (from, prefix) = (text(args, 0), text(args, 1));
        Ok(Value::string(from.strip_prefix(prefix).unwrap_or(from)))
    }),
    pure("trimspace", &[Str], |args| Ok(Value::string(text(args, 0).trim()))),
    pure("trimsuffix", &[Str, Str], |args| {
        let (from, suffix) = (text(args, 0), text(args, 1));
        Ok(Value::string(from.strip_suffix(suffix).unwrap_or(from)))
    }),
    pure("upper", &[Str], |args| {
        Ok(Value::string(each_char(text(args, 0), |c| single(c, c.to_uppercase()))))
    }),
];

fn each_char(text: &str, map: impl Fn(char) -> char) -> String {
    text.chars().map(map).collect()
}

/// The character that Go maps to: one for one, where Unicode's full mapping has several.
fn single(from: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        (Some('i'), Some('\u{307}')) => 'i',
        _ => from,
    }
}

pub(super) fn basename(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    match trimmed.rfind('/') {
        _ if trimmed.is_empty() => "/",
        Some(at) => &trimmed[at + 1..],
        None => trimmed,
    }
}

fn dirname(path: &str) -> String {
    let directory = path.rfind('/').map_or("", |at| &path[..=at]);
    crate::bake::paths::clean(directory)
}

fn indent(args: &[Value]) -> Result<Value, String> {
    let spaces = usize::try_from(whole(args, 0)?).map_err(|_| "a negative number of spaces".to_owned())?;
    let text = text(args, 1);
    let grown = spaces.saturating_mul(text.matches('\n').count());
    if grown > MAX_VALUE_SIZE || spaces > MAX_VALUE_SIZE {
        return Err(format!("the result is larger than {MAX_VALUE_SIZE} bytes, which is the limit"));
    }
    Ok(Value::string(text.replace('\n', &format!("\n{}", " ".repeat(spaces)))))
}

fn join(args: &[Value]) -> Result<Value, String> {
    if args.len() < 2 {
        return Err("at least one list is required".to_owned());
    }
    let mut items = Vec::new();
    for index in 1..args.len() {
        for item in elements(args, index) {
            items.push(item.as_str().ok_or("an element is null")?);
        }
    }
    let separators = text(args, 0).len().saturating_mul(items.len());
    if separators > MAX_VALUE_SIZE {
        return Err(format!("the result is larger than {MAX_VALUE_SIZE} bytes, which is the limit"));
    }
    Ok(Value::string(items.join(text(args, 0))))
}

fn replace(args: &[Value]) -> Result<Value, String> {
    let (text, from, to) = (text(args, 0), text(args, 1), text(args, 2));
    let count = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() };
    if count.saturating_mul(to.len()) > MAX_VALUE_SIZE {
        return Err(format!("the result is larger than {MAX_VALUE_SIZE} bytes, which is the limit"));
    }
    Ok(Value::string(text.replace(from, to)))
}

fn sort(args: &[Value]) -> Result<Value, String> {
    let mut items = Vec::new();
    for item in elements(args, 0) {
        items.push(item.as_str().ok_or("an element is null, which cannot be sorted")?);
    }
    items.sort_unstable();
    Ok(Value::list(Type::String, items.into_iter().map(Value::string).collect()))
}

fn split(args: &[Value]) -> Value {
    let (separator, text) = (text(args, 0), text(args, 1));
    let parts: Vec<Value> = if separator.is_empty() {
        text.chars().map(|char| Value::string(char.to_string())).collect()
    } else {
        text.split(separator).map(Value::string).collect()
    };
    Value::list(Type::String, parts)
}

fn substr(args: &[Value]) -> Result<Value, String> {
    let text = text(args, 0);
    let (mut offset, length) = (whole(args, 1)?, whole(args, 2)?);
    if offset < 0 {
        offset += i64::try_from(text.graphemes(true).count()).unwrap_or(0);
    } else if length == 0 {
        return Ok(Value::string(""));
    }
    let mut rest = text.graphemes(true);
    if offset > 0 {
        for _ in 0..offset {
            if rest.next().is_none() {
                return Ok(Value::string(""));
            }
        }
    }
    Ok(Value::string(match usize::try_from(length) {
        // A length of nothing from a negative offset never ends the count.
        Err(_) | Ok(0) => rest.as_str().to_owned(),
        Ok(length) => rest.take(length).collect::<String>(),
    }))
}

fn title(text: &str) -> String {
    let mut previous = ' ';
    each_in_order(text, |char| {
        let starts = is_separator(previous);
        previous = char;
        if starts { single(char, char.to_uppercase()) } else { char }
    })
}

fn each_in_order(text: &str, map: impl FnMut(char) -> char) -> String {
    text.chars().map(map).collect()
}

fn is_separator(char: char) -> bool {
    if char.is_ascii() {
        return !char.is_ascii_alphanumeric() && char != '_';
    }
    !char.is_alphanumeric() && char.is_whitespace()
}
