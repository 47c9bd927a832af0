//! `PowerShell`, as far as steps that build images on Windows need it: variables, paths and calls of docker.

use std::collections::BTreeMap;

use super::definition::Place;
use super::docker;
use super::path::join;
use super::site::Site;
use super::text::{splittable, unknown};
use super::world::World;

/// Follows a script in `folder`; `line` is that of its first row.
pub(super) fn run(
    world: &mut World<'_>,
    site: &mut Site,
    text: &str,
    file: &str,
    line: u32,
    folder: &str,
    environment: &BTreeMap<String, String>,
) {
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let mut folder = folder.to_owned();
    for (text, row) in statements(text) {
        if !world.spend() {
            return;
        }
        let place = Place { file: file.to_owned(), line: line.saturating_add(row) };
        if let Some((name, value)) = assignment(&text) {
            let value = expand(value, &variables, environment);
            let name = name.to_lowercase();
            // What two ways set differently is not known; ways are not told apart.
            let value = match variables.get(&name) {
                Some(own) if *own != value => unknown(&format!("${name}")),
                _ => value,
            };
            variables.insert(name, value);
            continue;
        }
        let words = words(&text, &variables, environment);
        let words = words.strip_prefix(&["&".to_owned()][..]).unwrap_or(&words);
        let Some(first) = words.first() else { continue };
        match first.to_lowercase().as_str() {
            "cd" | "set-location" | "push-location" => {
                if let Some(to) = words.get(1) {
                    folder = join(&folder, to);
                }
            }
            _ => {
                let Some(call) = docker::parse(words).filter(|call| !call.dry) else { continue };
                world.build(site, &call, &folder, environment, place, None, None);
            }
        }
    }
}

/// Lines joined where a backtick ends them, with the row of the first; here-strings are left out.
fn statements(text: &str) -> Vec<(String, u32)> {
    let mut statements = Vec::new();
    let mut rows = text.lines().zip(0_u32..);
    while let Some((row_text, row)) = rows.next() {
        let mut whole = row_text.trim().to_owned();
        if whole.ends_with("@\"") || whole.ends_with("@'") {
            let end = if whole.ends_with('"') { "\"@" } else { "'@" };
            for (inner, _) in rows.by_ref() {
                if inner.trim_start().starts_with(end) {
                    break;
                }
            }
            continue;
        }
        while whole.ends_with('`') {
            whole.pop();
            let Some((next, _)) = rows.next() else { break };
            whole.push(' ');
            whole.push_str(next.trim());
        }
        let whole = whole.trim_start_matches(['{', '}', ' ']).to_owned();
        if !whole.is_empty() && !whole.starts_with('#') {
            statements.push((whole, row));
        }
    }
    statements
}

fn assignment(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('$')?;
    let (name, value) = rest.split_once('=')?;
    let name = name.trim_end().trim_end_matches('+');
    (name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')))
        .then(|| (name.trim_end(), value.trim()))
}

fn words(
    text: &str,
    variables: &BTreeMap<String, String>,
    environment: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
        .into_iter()
        .map(|word| {
            let bare = word.starts_with('$') && !word.contains('"');
            let value = expand(&word, variables, environment);
            if bare { splittable(&value) } else { value }
        })
        .collect()
}

/// A text in quotes or without, its variables replaced.
fn expand(
    text: &str,
    variables: &BTreeMap<String, String>,
    environment: &BTreeMap<String, String>,
) -> String {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inner.to_owned();
    }
    let quoted = text.starts_with('"') && text.ends_with('"') && text.len() > 1;
    // What is neither a text nor a variable is an expression.
    if !quoted && text.contains(['(', '[', '|']) && text.contains(' ') {
        return unknown(text);
    }
    let text = text.replace('"', "");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if after.starts_with('(') {
            out.push_str(&unknown(&rest[at..]));
            return out;
        }
        let braced = after.starts_with('{');
        let after = after.trim_start_matches('{');
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')))
            .unwrap_or(after.len());
        let name = after[..end].trim_end_matches(':');
        let lower = name.to_lowercase();
        let value = match lower.strip_prefix("env:") {
            Some(_) => environment
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(&name[4..]))
                .map(|(_, value)| value),
            None => variables.get(&lower),
        };
        match value {
            Some(value) => out.push_str(value),
            None => out.push_str(&unknown(&format!("${name}"))),
        }
        rest = &after[name.len()..];
        if braced {
            rest = rest.strip_prefix('}').unwrap_or(rest);
        }
    }
    out.push_str(rest);
    out
}
