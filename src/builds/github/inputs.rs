//! Inputs of workflows and actions, with their defaults.

use super::scope::Scope;
use super::value::{OPEN, Value};
use crate::yaml::Node;

/// The inputs of a workflow that is started by events: what people give by hand is not known.
pub(super) fn of_dispatch(on: &Node) -> Value {
    let dispatch = on.at(&["workflow_dispatch", "inputs"]);
    let names = dispatch.into_iter().flat_map(Node::entries).map(|(name, _)| name);
    let mut entries: Vec<(String, Value)> =
        names.map(|name| (name.to_owned(), Value::Unknown(format!("inputs.{name}")))).collect();
    if on.get("workflow_dispatch").is_none() {
        return Value::Map(entries);
    }
    entries.push((OPEN.to_owned(), Value::Unknown("inputs".to_owned())));
    Value::Map(entries)
}

/// The inputs of a workflow or an action that declares `declared` and is given `given`.
pub(super) fn of_call(
    declared: Option<&Node>,
    given: &[(String, Value)],
    scope: &Scope,
    typed: bool,
) -> Value {
    let find =
        |name: &str| given.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let mut entries = Vec::new();
    for (name, declaration) in declared.into_iter().flat_map(Node::entries) {
        let kind = declaration.str("type").unwrap_or("string");
        let value = match (find(name), declaration.get("default")) {
            (Some(value), _) => match (typed, value) {
                // Actions get texts only.
                (false, value) if value.is_known() => Value::Text(value.to_text()),
                (_, value) => value.clone(),
            },
            (None, Some(default)) => {
                let value = scope.value(default);
                if typed || !value.is_known() { value } else { Value::Text(value.to_text()) }
            }
            (None, None) if typed && kind == "boolean" => Value::Bool(false),
            (None, None) if typed && kind == "number" => Value::Number(0.0),
            (None, None) => Value::text(""),
        };
        entries.push((name.to_owned(), value));
    }
    Value::Map(entries)
}
