//! Regular expressions, of the syntax that Go's and ours have in common.

use std::collections::BTreeMap;

use regex_lite::{Captures, Regex, RegexBuilder};

use super::Param::String as Str;
use super::{Builtin, pure, text};
use crate::bake::limits::MAX_VALUE_SIZE;
use crate::bake::value::{Type, Value};

pub(super) const TABLE: &[Builtin] = &[
    pure("regex", &[Str, Str], |args| {
        let (regex, shape) = compile(text(args, 0))?;
        let captures = regex.captures(text(args, 1)).ok_or("the pattern matches nothing in the text")?;
        Ok(matched(&regex, &shape, &captures))
    }),
    pure("regex_replace", &[Str, Str, Str], replace),
    pure("regexall", &[Str, Str], |args| {
        let (regex, shape) = compile(text(args, 0))?;
        let all = regex.captures_iter(text(args, 1)).map(|captures| matched(&regex, &shape, &captures));
        Ok(Value::list(shape.ty(), all.collect()))
    }),
];

/// What a match is made of.
enum Shape {
    Whole,
    Groups(usize),
    Names(Vec<String>),
}

impl Shape {
    fn ty(&self) -> Type {
        match self {
            Self::Whole => Type::String,
            Self::Groups(count) => Type::tuple((0..*count).map(|_| Type::String)),
            Self::Names(names) => Type::object(names.iter().map(|name| (name.as_str().into(), Type::String))),
        }
    }
}

fn build(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| format!("the pattern is none: {error}"))
}

fn compile(pattern: &str) -> Result<(Regex, Shape), String> {
    let regex = build(pattern)?;
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named: Vec<String> = names.iter().flatten().map(|&name| name.to_owned()).collect();
    let shape = match (names.len(), named.len()) {
        (0, _) => Shape::Whole,
        (groups, 0) => Shape::Groups(groups),
        (groups, named_groups) if groups == named_groups => Shape::Names(named),
        _ => return Err("a pattern has groups with names or without, but not both".to_owned()),
    };
    Ok((regex, shape))
}

fn matched(regex: &Regex, shape: &Shape, captures: &Captures<'_>) -> Value {
    let group = |index: usize| {
        captures.get(index).map_or(Value::null(Type::String), |group| Value::string(group.as_str()))
    };
    match shape {
        Shape::Whole => group(0),
        Shape::Groups(count) => Value::tuple((1..=*count).map(group).collect()),
        Shape::Names(_) => {
            let named = regex.capture_names().enumerate().filter_map(|(index, name)| Some((name?, index)));
            let entries: BTreeMap<_, _> = named.map(|(name, index)| (name.into(), group(index))).collect();
            Value::object(entries)
        }
    }
}

fn replace(args: &[Value]) -> Result<Value, String> {
    let regex = build(text(args, 1))?;
    let (text, by) = (text(args, 0), text(args, 2));
    let mut result = String::new();
    let mut last = 0;
    for captures in regex.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        result.push_str(text.get(last..whole.start()).unwrap_or_default());
        captures.expand(by, &mut result);
        last = whole.end();
        if result.len() > MAX_VALUE_SIZE {
            return Err(format!("the result is larger than {MAX_VALUE_SIZE} bytes, which is the limit"));
        }
    }
    result.push_str(text.get(last..).unwrap_or_default());
    Ok(Value::string(result))
}
