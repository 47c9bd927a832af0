//! Values of attributes as what they mean for targets and groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blocks::Output;
use crate::bake::entries::{CacheEntry, Resources, entries, parse_caches, values};
use crate::bake::error::{Error, Fault};
use crate::bake::syntax::{Expr, ExprKind};
use crate::bake::target::{Group, Target};
use crate::bake::value::{Type, Value, convert};
use crate::source::Source;

/// Sets an attribute.
pub(super) fn attribute(output: &mut Output, name: &str, value: &Value) -> Result<(), String> {
    match output {
        Output::Target(target) => of_target(target, name, value),
        Output::Group(group) => of_group(group, name, value),
    }
}

fn of_group(group: &mut Group, name: &str, value: &Value) -> Result<(), String> {
    match name {
        "description" => group.description = text(value)?.ok_or("null is no description")?,
        _ => group.targets = list(value)?.unwrap_or_default(),
    }
    Ok(())
}

fn of_target(target: &mut Target, name: &str, value: &Value) -> Result<(), String> {
    match name {
        "description" => target.description = text(value)?.ok_or("null is no description")?,
        "inherits" => target.inherits = list(value)?,
        "annotations" => target.annotations = list(value)?,
        "attest" => target.attest = not_null(value, entries)?,
        "context" => target.context = text(value)?,
        "contexts" => {
            let map = map(value)?;
            let known = |(name, value): (String, Option<String>)| Some((name, value?));
            target.contexts = match map {
                Some(map) if map.values().any(Option::is_none) => return Err("a context is null".to_owned()),
                Some(map) => Some(map.into_iter().filter_map(known).collect()),
                None => None,
            };
        }
        "dockerfile" => target.dockerfile = text(value)?,
        "dockerfile-inline" => target.dockerfile_inline = text(value)?,
        "args" => target.args = map(value)?,
        "labels" => target.labels = map(value)?,
        "tags" => target.tags = list(value)?,
        "cache-from" => target.cache_from = not_null(value, caches)?,
        "cache-to" => target.cache_to = not_null(value, caches)?,
        "target" => target.target = text(value)?,
        "secret" => target.secrets = not_null(value, entries)?,
        "ssh" => target.ssh = not_null(value, entries)?,
        "platforms" => target.platforms = list(value)?,
        "output" => target.outputs = not_null(value, entries)?,
        "pull" => target.pull = flag(value)?,
        "no-cache" => target.no_cache = flag(value)?,
        "network" => target.network = text(value)?,
        "no-cache-filter" => target.no_cache_filter = list(value)?,
        "shm-size" => target.shm_size = text(value)?,
        "ulimits" => target.ulimits = list(value)?,
        "resources" => target.resources = not_null(value, Resources::from_value)?,
        "call" => target.call = text(value)?,
        "entitlements" => target.entitlements = list(value)?,
        "extra-hosts" => target.extra_hosts = map(value)?,
        "policy" => target.policy = not_null(value, entries)?,
        _ => {}
    }
    Ok(())
}

/// Entries, which null is not: only plain attributes may be null.
fn not_null<T>(value: &Value, read: impl Fn(&Value) -> Result<T, String>) -> Result<Option<T>, String> {
    if value.is_null() { Err("null is not allowed".to_owned()) } else { read(value).map(Some) }
}

/// Cache entries; a string may be several.
fn caches(value: &Value) -> Result<Vec<CacheEntry>, String> {
    let mut all = Vec::new();
    for value in values(value)? {
        match value.as_str() {
            Some(text) => all.extend(parse_caches([text])?),
            None => all.push(crate::bake::entries::Entry::from_object(value)?),
        }
    }
    Ok(all)
}

fn known(value: &Value) -> Result<(), String> {
    if value.is_wholly_known() { Ok(()) } else { Err("the value cannot be known".to_owned()) }
}

fn text(value: &Value) -> Result<Option<String>, String> {
    known(value)?;
    Ok(convert(value, &Type::String)?.as_str().map(str::to_owned))
}

fn flag(value: &Value) -> Result<Option<bool>, String> {
    known(value)?;
    Ok(convert(value, &Type::Bool)?.as_bool())
}

fn list(value: &Value) -> Result<Option<Vec<String>>, String> {
    known(value)?;
    let list = convert(value, &Type::list(Type::String))?;
    if list.is_null() {
        return Ok(None);
    }
    let texts = list.elements().unwrap_or_default().iter();
    texts
        .map(|value| value.as_str().map(str::to_owned).ok_or("an element is null"))
        .collect::<Result<_, _>>()
        .map(Some)
        .map_err(str::to_owned)
}

fn map(value: &Value) -> Result<Option<BTreeMap<String, Option<String>>>, String> {
    known(value)?;
    let map = convert(value, &Type::map(Type::String))?;
    let entries = map.entries().into_iter().flatten();
    let entries =
        entries.map(|(name, value)| (name.to_string(), value.as_str().map(str::to_owned))).collect();
    Ok((!map.is_null()).then_some(entries))
}

/// A description, which refers to nothing.
pub(super) fn literal_text(expr: &Expr, file: &Arc<Source>) -> Result<(), Error> {
    let plain = match &expr.kind {
        ExprKind::Literal(value) => convert(value, &Type::String).is_ok_and(|value| !value.is_null()),
        ExprKind::Template(parts) => parts.iter().all(|part| matches!(part.kind, ExprKind::Literal(_))),
        ExprKind::Json(_) => true,
        ExprKind::Parens(inner) => return literal_text(inner, file),
        _ => {
            crate::bake::syntax::references(expr).is_empty()
                && crate::bake::syntax::calls(expr).is_empty()
                && !matches!(expr.kind, ExprKind::Tuple(_) | ExprKind::Object(_) | ExprKind::For(_))
        }
    };
    if plain {
        return Ok(());
    }
    let message = "a variable's description is a plain string".to_owned();
    Err(Fault { message, span: expr.span, file: Arc::clone(file) }.into())
}
