//! Targets and groups as values that expressions refer to.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::blocks::Output;
use crate::bake::entries::{Attest, CacheEntry, Export};
use crate::bake::paths;
use crate::bake::syntax::{Block, ExprKind, Step};
use crate::bake::target::Target;
use crate::bake::value::{Type, Value};

/// A target or group as an object of all its attributes.
pub(super) fn value(output: &Output) -> Value {
    match output {
        Output::Group(group) => Value::object(
            [
                ("name", Value::string(&group.name)),
                ("description", Value::string(&group.description)),
                ("targets", texts(Some(&group.targets))),
            ]
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
        ),
        Output::Target(target) => of_target(target),
    }
}

fn text(value: Option<&String>) -> Value {
    value.map_or(Value::null(Type::String), Value::string)
}

fn texts(values: Option<&Vec<String>>) -> Value {
    match values {
        Some(values) => Value::list(Type::String, values.iter().map(Value::string).collect()),
        None => Value::null(Type::list(Type::String)),
    }
}

fn flag(value: Option<bool>) -> Value {
    value.map_or(Value::null(Type::Bool), Value::bool)
}

fn map(values: Option<&BTreeMap<String, Option<String>>>) -> Value {
    match values {
        Some(values) => {
            let entries = values.iter().map(|(name, value)| (name.as_str().into(), text(value.as_ref())));
            Value::map(Type::String, entries.collect())
        }
        None => Value::null(Type::map(Type::String)),
    }
}

/// Entries as a list of maps of strings; without entries, an empty list.
fn maps<E>(entries: Option<&Vec<E>>, fields: impl Fn(&E) -> BTreeMap<SmolStr, Value>) -> Value {
    let maps = entries.into_iter().flatten().map(|entry| Value::map(Type::String, fields(entry))).collect();
    Value::list(Type::map(Type::String), maps)
}

fn strings<'a>(
    attributes: &BTreeMap<String, String>,
    more: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<SmolStr, Value> {
    let own = attributes.iter().map(|(name, value)| (name.as_str().into(), Value::string(value)));
    own.chain(more.into_iter().map(|(name, value)| (name.into(), Value::string(value)))).collect()
}

fn of_target(target: &Target) -> Value {
    let cache = |entry: &CacheEntry| strings(&entry.attributes, [("type", entry.kind.as_str())]);
    let export = |entry: &Export| {
        strings(&entry.attributes, [("type", entry.kind.as_str()), ("dest", entry.destination.as_str())])
    };
    let attest = |entry: &Attest| {
        let disabled = entry.disabled.then_some(("disabled", "true"));
        strings(&entry.attributes, [("type", entry.kind.as_str())].into_iter().chain(disabled))
    };
    let contexts = target.contexts.as_ref().map(|contexts| {
        contexts.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect::<BTreeMap<_, _>>()
    });
    let secrets = target.secrets.iter().flatten().map(|secret| {
        let fields = [("id", &secret.id), ("src", &secret.source), ("env", &secret.variable)];
        Value::object(fields.into_iter().map(|(name, value)| (name.into(), Value::string(value))).collect())
    });
    let secret_type = Type::object(
        [("id", Type::String), ("src", Type::String), ("env", Type::String)].map(|(n, t)| (n.into(), t)),
    );
    let ssh = target.ssh.iter().flatten().map(|ssh| {
        let fields = [("id", Value::string(&ssh.id)), ("paths", texts(Some(&ssh.paths)))];
        Value::object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    });
    let ssh_type =
        Type::object([("id", Type::String), ("paths", Type::list(Type::String))].map(|(n, t)| (n.into(), t)));
    let fields = [
        ("name", Value::string(&target.name)),
        ("description", Value::string(&target.description)),
        ("inherits", texts(target.inherits.as_ref())),
        ("annotations", texts(target.annotations.as_ref())),
        ("attest", maps(target.attest.as_ref(), attest)),
        ("context", text(target.context.as_ref())),
        ("contexts", map(contexts.as_ref())),
        ("dockerfile", text(target.dockerfile.as_ref())),
        ("dockerfile-inline", text(target.dockerfile_inline.as_ref())),
        ("args", map(target.args.as_ref())),
        ("labels", map(target.labels.as_ref())),
        ("tags", texts(target.tags.as_ref())),
        ("cache-from", maps(target.cache_from.as_ref(), cache)),
        ("cache-to", maps(target.cache_to.as_ref(), cache)),
        ("target", text(target.target.as_ref())),
        ("secret", Value::list(secret_type, secrets.collect())),
        ("ssh", Value::list(ssh_type, ssh.collect())),
        ("platforms", texts(target.platforms.as_ref())),
        ("output", maps(target.outputs.as_ref(), export)),
        ("pull", flag(target.pull)),
        ("no-cache", flag(target.no_cache)),
        ("network", text(target.network.as_ref())),
        ("no-cache-filter", texts(target.no_cache_filter.as_ref())),
        ("shm-size", text(target.shm_size.as_ref())),
        ("ulimits", texts(target.ulimits.as_ref())),
        ("resources", Value::null(Type::Dynamic)),
        ("call", text(target.call.as_ref())),
        ("entitlements", texts(target.entitlements.as_ref())),
        ("extra-hosts", map(target.extra_hosts.as_ref())),
        ("policy", Value::list(Type::map(Type::String), Vec::new())),
    ];
    Value::object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// Notes which folders the paths of a target are relative to.
pub(super) fn set_bases(target: &mut Target, block: &Block) {
    let file = block.origin.file.name();
    let base = if file == "-" { String::new() } else { paths::parent(file) };
    target.bases.default = Some(base.clone());
    if let Some(attribute) = block.body.attribute("context") {
        target.bases.context = Some(base.clone());
        if let ExprKind::Scope(root, steps) = &attribute.expr.kind
            && root == "target"
            && let [first, Step::Attr(field)] = &steps[..]
            && field == "context"
        {
            target.bases.context_of = match first {
                Step::Attr(name) => Some(name.to_string()),
                Step::Index(key) => key.as_str().map(str::to_owned),
            };
        }
    }
    if block.body.attribute("contexts").is_some() {
        for name in target.contexts.iter().flatten().map(|(name, _)| name.clone()) {
            target.bases.contexts.insert(name, base.clone());
        }
    }
}
