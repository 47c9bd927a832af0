//! Pipelines of other systems: GitLab, Jenkins, Buildkite, Cloud Build and those that run lists of scripts.

mod buildkite;
mod cloudbuild;
mod gitlab;
mod jenkins;
mod plain;
mod travis;

use std::collections::BTreeMap;

use super::definition::Tool;
use super::path::ROOT;
use super::shell::{Script, Shell, State};
use super::site::Site;
use super::text::unknown;
use super::world::World;
use crate::yaml::Node;

/// Variables with their values.
type Variables = BTreeMap<String, String>;

/// Legs of the matrix of one job; more are one leg of unknown values. GitLab's own limit is 200, Buildkite's 50.
const MAX_LEGS: usize = 200;

/// Follows the pipelines of every system.
pub(super) fn list(world: &mut World<'_>) {
    gitlab::list(world);
    jenkins::list(world);
    buildkite::list(world);
    cloudbuild::list(world);
    plain::list(world);
    travis::list(world);
}

/// Runs a script of a pipeline at the root of the repository; gives back what it left behind.
fn script(world: &mut World<'_>, site: &mut Site, text: &str, file: &str, line: u32, state: State) -> State {
    let script = Script::new(text.to_owned(), file, line);
    site.tool = Tool::BuildxCli;
    world.begin();
    Shell::run(world, site, &script, state, 0)
}

/// Lines between two pieces of a script that are kept to have each at its place.
const MAX_GAP: u32 = 1_000;

/// A piece of a script, with its place.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    file: String,
    line: u32,
}

/// Runs the pieces that one shell gets, one after another; a loop may begin in one and end in the next.
fn pieces(world: &mut World<'_>, site: &mut Site, pieces: &[Piece], mut state: State) -> State {
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        if !world.spend() {
            break;
        }
        let mut text = String::new();
        let mut next = first.line;
        let follows = |piece: &&Piece, next: u32| {
            piece.file == first.file && piece.line >= next && piece.line - next <= MAX_GAP
        };
        while let Some(piece) = rest.first().filter(|piece| follows(piece, next)) {
            // Each stands on its own line of the file.
            text.extend(std::iter::repeat_n('\n', (piece.line - next) as usize));
            text.push_str(piece.text.trim_end_matches('\n'));
            text.push('\n');
            let rows = piece.text.trim_end_matches('\n').matches('\n').count() + 1;
            next = piece.line.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
            rest = &rest[1..];
        }
        state = script(world, site, &text, &first.file, first.line, state);
    }
    state
}

/// Whether a file lies in a folder of other projects' code or of tests' data.
fn is_foreign(file: &str) -> bool {
    const FOREIGN: &[&str] =
        &["vendor", "third_party", "node_modules", "testdata", "fixtures", "examples", "test-fixtures"];
    file.split('/').any(|part| FOREIGN.contains(&part))
}

/// A shell at the root with these variables.
fn shell(environment: &Variables) -> State {
    State::new(ROOT, environment)
}

/// A text with the variables that are known replaced, the others unknown; `$$` is a `$`.
fn expand(text: &str, variables: &Variables) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let braced = after.starts_with('{');
        let inner = after.strip_prefix('{').unwrap_or(after);
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        let name = &inner[..end];
        match variables.get(name) {
            Some(value) => out.push_str(value),
            None if name.is_empty() => out.push('$'),
            None => out.push_str(&unknown(&format!("${name}"))),
        }
        rest = &inner[end..];
        if braced {
            rest = rest.strip_prefix('}').unwrap_or(rest);
        }
    }
    out.push_str(rest);
    out
}

/// Adds what an `environment` sets: a mapping, or a list of `NAME=value`, of mappings, or of names with values. What stands in a
/// value is `value`'s to read.
fn declared(node: Option<&Node>, into: &mut Variables, value: &dyn Fn(&str, &Variables) -> String) {
    let Some(node) = node else { return };
    let set = |name: &str, node: &Node, into: &mut Variables| {
        // A secret, or whatever else the system brings.
        let text = node.as_str().or_else(|| node.str("value")).map(|text| value(text, into));
        into.insert(name.to_owned(), text.unwrap_or_else(|| unknown(&format!("${name}"))));
    };
    if node.as_mapping().is_some() {
        node.entries().for_each(|(name, node)| set(name, node, into));
        return;
    }
    for item in node.items() {
        match (item.str("name"), item.as_str()) {
            (Some(name), _) => set(name, item, into),
            (None, Some(text)) => assignments(text, into, value),
            (None, None) => item.entries().for_each(|(name, node)| set(name, node, into)),
        }
    }
}

/// Adds what a text like `A=1 B="x y"` sets.
fn assignments(text: &str, into: &mut Variables, value: &dyn Fn(&str, &Variables) -> String) {
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (raw, next) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name {
            return;
        }
        let text = value(raw, into);
        into.insert(name.to_owned(), text);
        rest = next.trim_start();
    }
}

/// Every combination of the values of some names, the first name's changing slowest.
fn product<'n>(axes: impl IntoIterator<Item = (&'n str, Vec<&'n str>)>) -> Vec<Variables> {
    let mut legs = vec![Variables::new()];
    for (name, values) in axes {
        let many = legs.len().saturating_mul(values.len()) > MAX_LEGS;
        let values: Vec<String> = if many {
            vec![unknown(&format!("${name}"))]
        } else {
            values.into_iter().map(str::to_owned).collect()
        };
        let with = |leg: Variables| {
            values.iter().map(move |value| {
                let mut leg = leg.clone();
                leg.insert(name.to_owned(), value.clone());
                leg
            })
        };
        legs = legs.into_iter().flat_map(with).collect();
    }
    legs
}

#[cfg(test)]
mod tests {
    use super::super::text::{is_known, readable};
    use super::*;

    #[test]
    fn an_environment_is_a_mapping_or_a_list() {
        for text in [
            "{A: x, B: $A.y, C: {from_secret: c}}",
            "['A=x B=\"$A.y\"', {C: {from_secret: c}}]",
            "[{name: A, value: x}, {name: B, value: $A.y}, {name: C}]",
        ] {
            let node = crate::yaml::parse(text).expect("YAML");
            let mut variables = Variables::new();
            declared(Some(&node), &mut variables, &expand);
            let found: Vec<String> =
                variables.iter().map(|(name, value)| format!("{name}={}", readable(value))).collect();
            assert_eq!(found, ["A=x", "B=x.y", "C=$C"], "{text}");
            assert!(!is_known(&variables["C"]));
        }
    }

    #[test]
    fn variables_are_replaced_where_they_are_known() {
        let variables = Variables::from([("A".to_owned(), "x".to_owned())]);
        for (text, expected) in [("$A-${A}.$$A$", "x-x.$A$"), ("a $B", "a $B"), ("${A", "x")] {
            assert_eq!(readable(&expand(text, &variables)), expected, "{text}");
        }
        assert!(!is_known(&expand("$B", &variables)));
    }

    #[test]
    fn too_many_legs_are_one_of_unknown_values() {
        let values: Vec<String> = (0..150).map(|n| n.to_string()).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let legs = product([("a", vec!["1", "2"]), ("b", values), ("c", vec!["3"])]);
        assert_eq!(legs.len(), 2);
        assert!(legs.iter().all(|leg| !is_known(&leg["b"]) && leg["c"] == "3"));
    }
}
