//! The legs of a matrix.

use super::value::{OPEN, Value};

/// A matrix of more legs is not expanded.
pub(super) const MAX_LEGS: usize = 10_000;

/// Characters of a leg's values that are shown; GitHub cuts after 100, too.
const MAX_SHOWN: usize = 100;

/// The legs of a matrix whose expressions are evaluated: the `matrix` context of each.
///
/// What an unknown list holds is unknown in the one leg that stands for all. Of more than [`MAX_LEGS`] legs, one stands
/// for all.
pub(super) fn legs(matrix: &Value) -> Vec<Value> {
    let Value::Map(entries) = matrix else {
        return vec![match matrix {
            Value::Unknown(why) | Value::OneOf(_, why) => unknown_leg(why),
            Value::Text(text) if !super::super::text::is_known(text) => {
                unknown_leg(&super::super::text::readable(text))
            }
            _ => Value::Map(Vec::new()),
        }];
    };
    let mut axes: Vec<(&str, Vec<Value>)> = Vec::new();
    let (mut include, mut exclude) = (None, None);
    for (name, value) in entries {
        match name.as_str() {
            "include" => include = Some(value),
            "exclude" => exclude = Some(value),
            _ => axes.push((name, values(value))),
        }
    }
    let size = axes.iter().fold(1_usize, |size, (_, values)| size.saturating_mul(values.len()));
    if size > MAX_LEGS {
        return vec![unknown_leg("matrix")];
    }
    let mut legs: Vec<Vec<(String, Value)>> = if axes.is_empty() { Vec::new() } else { vec![Vec::new()] };
    for (name, values) in &axes {
        legs = legs
            .into_iter()
            .flat_map(|leg| {
                values.iter().map(move |value| {
                    let mut leg = leg.clone();
                    leg.push(((*name).to_owned(), value.clone()));
                    leg
                })
            })
            .collect();
    }
    if let Some(Value::List(excluded)) = exclude {
        legs.retain(|leg| !excluded.iter().any(|excluded| covers(excluded, leg)));
    }
    let names: Vec<&str> = axes.iter().map(|(name, _)| *name).collect();
    include_into(&mut legs, include, &names);
    legs.truncate(MAX_LEGS);
    legs.into_iter().map(Value::Map).collect()
}

/// Why it is not known how many legs a matrix has, if it is not.
pub(super) fn open(matrix: &Value) -> Option<String> {
    let why = |value: &Value| match value {
        Value::Unknown(why) | Value::OneOf(_, why) => Some(why.clone()),
        Value::Text(text) if !super::super::text::is_known(text) => Some(super::super::text::readable(text)),
        _ => None,
    };
    match matrix {
        Value::Map(entries) => {
            let lists = entries.iter().filter_map(|(_, value)| match value {
                Value::List(items) => Some(items.len()),
                _ => None,
            });
            let size = lists.fold(1_usize, usize::saturating_mul);
            let first = entries.iter().find_map(|(_, value)| why(value));
            first.or_else(|| (size > MAX_LEGS).then(|| format!("more than {MAX_LEGS} legs")))
        }
        other => why(other),
    }
}

/// The values of a leg as GitHub shows them behind the name of its job.
pub(super) fn shown(leg: &Value) -> String {
    fn add(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Map(entries) => entries.iter().for_each(|(_, value)| add(value, out)),
            Value::List(items) => items.iter().for_each(|value| add(value, out)),
            Value::Null => {}
            scalar => out.push(super::super::text::readable(&scalar.to_text())),
        }
    }
    let mut values = Vec::new();
    add(leg, &mut values);
    let text = values.join(", ");
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The known scalars of a leg, each by its path.
pub(super) fn known(leg: &Value) -> Vec<(String, String)> {
    fn add(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
        match value {
            Value::Map(entries) => {
                for (name, value) in entries.iter().filter(|(name, _)| name != OPEN) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    add(&path, value, out);
                }
            }
            Value::Text(_) | Value::Number(_) | Value::Bool(_) if value.is_known() => {
                out.push((path.to_owned(), value.to_text()));
            }
            _ => {}
        }
    }
    let mut known = Vec::new();
    add("", leg, &mut known);
    known
}

/// A leg of which nothing is known.
fn unknown_leg(why: &str) -> Value {
    Value::Map(vec![(OPEN.to_owned(), Value::Unknown(format!("matrix of {why}")))])
}

/// The values of an axis; one that is unknown stands for all that are not known.
fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.clone(),
        Value::Unknown(why) | Value::OneOf(_, why) => vec![Value::Unknown(why.clone())],
        other => vec![other.clone()],
    }
}

/// Whether every entry of an exclusion surely is in a leg.
fn covers(excluded: &Value, leg: &[(String, Value)]) -> bool {
    let Value::Map(wanted) = excluded else { return false };
    wanted.iter().all(|(name, value)| {
        leg.iter().find(|(own, _)| own == name).is_some_and(|(_, own)| within(value, own))
    })
}

/// Whether a value equals another; of a map, whether its entries do.
fn within(wanted: &Value, own: &Value) -> bool {
    match (wanted, own) {
        (Value::Map(wanted), own @ Value::Map(_)) => {
            wanted.iter().all(|(name, value)| within(value, &own.get(name)))
        }
        _ => wanted.equals(own) == Some(true),
    }
}

/// Adds `include` as GitHub does: to every leg whose own values it leaves as they are, else as a leg of its own.
fn include_into(legs: &mut Vec<Vec<(String, Value)>>, include: Option<&Value>, axes: &[&str]) {
    let more = match include {
        None | Some(Value::Null) => return,
        Some(Value::List(items)) => items,
        Some(other) => {
            // Which legs there are more is not known, nor what the known ones get.
            let why = super::super::text::readable(&other.to_text());
            let hidden = (OPEN.to_owned(), Value::Unknown(format!("matrix of {why}")));
            if legs.is_empty() {
                legs.push(Vec::new());
            }
            for leg in legs {
                leg.push(hidden.clone());
            }
            return;
        }
    };
    let originals = legs.len();
    for item in more {
        let Value::Map(item) = item else {
            let why = super::super::text::readable(&item.to_text());
            legs.push(vec![(OPEN.to_owned(), Value::Unknown(format!("matrix of {why}")))]);
            continue;
        };
        let shared: Vec<&(String, Value)> =
            item.iter().filter(|(name, _)| axes.contains(&name.as_str())).collect();
        let (mut taken, mut may_be_taken) = (false, false);
        for leg in legs.iter_mut().take(originals) {
            let own = |name: &str| leg.iter().find(|(own, _)| own == name).map(|(_, value)| value);
            let answers: Vec<Option<bool>> = shared
                .iter()
                .map(|(name, value)| own(name).map_or(Some(false), |own| own.equals(value)))
                .collect();
            if answers.contains(&Some(false)) {
                continue;
            }
            if answers.contains(&None) {
                // It may be this leg: then what it adds is there, else not.
                may_be_taken = true;
                for (name, _) in item.iter().filter(|(name, _)| !axes.contains(&name.as_str())) {
                    put(leg, name, Value::Unknown(format!("matrix.{name}")));
                }
                continue;
            }
            taken = true;
            for (name, value) in item {
                put(leg, name, value.clone());
            }
        }
        // What says all that tells legs apart is one of them, be it of its own or not.
        if !taken && (!may_be_taken || shared.len() == axes.len()) {
            legs.push(item.clone());
        }
    }
}

fn put(leg: &mut Vec<(String, Value)>, name: &str, value: Value) {
    match leg.iter_mut().find(|(own, _)| own == name) {
        Some((_, own)) => *own = value,
        None => leg.push((name.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::from_json;
    use std::collections::BTreeSet;

    use super::*;

    fn shown(json: &str) -> Vec<String> {
        let matrix = from_json(json).expect("valid");
        let show = |leg: &Value| match leg {
            Value::Map(entries) => entries
                .iter()
                .map(|(name, value)| format!("{name}={}", value.to_text()))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(" "),
            _ => String::new(),
        };
        let mut shown: Vec<String> = legs(&matrix).iter().map(show).collect();
        shown.sort();
        shown
    }

    #[test]
    fn legs_are_those_of_github() {
        let json = r#"{"fruit": ["apple", "pear"], "animal": ["cat", "dog"], "include": [
            {"color": "green"}, {"color": "pink", "animal": "cat"}, {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"}, {"fruit": "banana", "animal": "cat"}]}"#;
        assert_eq!(
            shown(json),
            [
                "animal=cat color=pink fruit=apple shape=circle",
                "animal=cat color=pink fruit=pear",
                "animal=cat fruit=banana",
                "animal=dog color=green fruit=apple shape=circle",
                "animal=dog color=green fruit=pear",
                "fruit=banana",
            ]
        );
        assert_eq!(shown(r#"{"a": [1, 2], "b": [3], "exclude": [{"a": 1}]}"#), ["a=2 b=3"]);
        assert_eq!(shown(r#"{"include": [{"p": "x"}, {"p": "y"}]}"#), ["p=x", "p=y"]);
        assert_eq!(shown(r#"{"o": [{"p": 1}, {"p": 2}], "exclude": [{"o": {"p": 1}}]}"#).len(), 1);
    }

    #[test]
    fn what_is_unknown_stands_for_all() {
        let hidden = Value::Unknown("needs.a.outputs.b".to_owned());
        let whole = legs(&hidden);
        assert!(whole.len() == 1 && !whole[0].get("x").is_known());
        let axis = Value::Map(vec![
            ("os".into(), hidden.clone()),
            ("arch".into(), Value::List(vec![Value::text("a"), Value::text("b")])),
        ]);
        let axis = legs(&axis);
        assert_eq!(axis.iter().map(|leg| leg.get("arch").to_text()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(axis.iter().all(|leg| !leg.get("os").is_known()));
        let include = |json: &str| {
            let mut matrix = vec![
                ("os".to_owned(), hidden.clone()),
                ("d".to_owned(), Value::List(vec![Value::Bool(false)])),
            ];
            matrix.push(("include".to_owned(), from_json(json).expect("valid")));
            legs(&Value::Map(matrix)).iter().map(|leg| leg.get("os").is_known()).collect::<Vec<_>>()
        };
        assert_eq!(include(r#"[{"os": "a", "x": 1}]"#), [false], "it may be in the list");
        assert_eq!(include(r#"[{"os": "a", "d": true}, {"os": "b", "d": false}]"#), [false, true, true]);
        let many = Value::List((0..200).map(|n| Value::Number(f64::from(n))).collect());
        let huge = Value::Map(["a", "b", "c"].map(|name| (name.to_owned(), many.clone())).into());
        assert_eq!(legs(&huge).len(), 1);
    }
}
