//! Jenkins: the `sh` steps of Jenkinsfiles.

use std::collections::BTreeMap;

use super::super::definition::{Place, Tool};
use super::super::path::join;
use super::super::site::Site;
use super::super::text::{Text, splittable, unknown};
use super::super::world::World;
use super::{is_foreign, script, shell};

/// Follows every Jenkinsfile at the root or in a folder for pipelines.
pub(super) fn list(world: &mut World<'_>) {
    let is_jenkins = |file: &&str| {
        let base = file.rsplit('/').next().unwrap_or(file);
        let folder_counts = file.matches('/').count() <= 2 && !is_foreign(file);
        folder_counts
            && (base.starts_with("Jenkinsfile")
                || base.ends_with(".Jenkinsfile")
                || base.ends_with(".jenkinsfile"))
    };
    let files: Vec<String> = world.repo.files_under(".").filter(is_jenkins).map(str::to_owned).collect();
    for file in files {
        let Some(text) = world.repo.text(&file) else { continue };
        pipeline(world, &file, &text);
    }
}

/// A text in quotes.
struct Quoted<'a> {
    text: &'a str,
    /// Whether Groovy replaces `${…}` in it.
    templates: bool,
    end: usize,
}

fn quoted(text: &str, at: usize) -> Option<Quoted<'_>> {
    let rest = text.get(at..)?;
    for quote in ["'''", "\"\"\"", "'", "\""] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let mut from = 0;
            loop {
                let end = from + inner.get(from..)?.find(quote)?;
                let slashes = inner[..end].bytes().rev().take_while(|&b| b == b'\\').count();
                if slashes % 2 == 0 {
                    let text = &inner[..end];
                    return Some(Quoted {
                        text,
                        templates: quote.starts_with('"'),
                        end: at + 2 * quote.len() + end,
                    });
                }
                from = end + 1;
            }
        }
    }
    None
}

fn pipeline(world: &mut World<'_>, file: &str, text: &str) {
    let environment = environment(text);
    let mut site = Site::new(Tool::BuildxCli);
    site.runner = Some(match after_word(text, "label").and_then(|at| quoted(text, at)) {
        Some(label) => Text::of(groovy(&label, &environment)),
        None => Text::unknown("a Jenkins agent"),
    });
    let bytes = text.as_bytes();
    // The folders of `dir('…') {`, each with the depth of braces at which it ends.
    let mut folders: Vec<(usize, String)> = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                while folders.last().is_some_and(|(end, _)| *end > depth) {
                    folders.pop();
                }
            }
            b'/' if text[at..].starts_with("//") => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                continue;
            }
            b'/' if text[at..].starts_with("/*") => {
                at += text[at..].find("*/").map_or(text.len() - at, |end| end + 2);
                continue;
            }
            b'\'' | b'"' => {
                at = quoted(text, at).map_or(at + 1, |quoted| quoted.end);
                continue;
            }
            _ => {}
        }
        let word_starts =
            at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'_' | b'.'));
        if !word_starts || !bytes[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let rest = &text[at..];
        let length =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(rest.len());
        let word = &rest[..length];
        let next = at + length;
        let argument = |at: usize| {
            let inner = &text[at..];
            let skip = inner.len() - inner.trim_start_matches([' ', '(', '\n', '\t']).len();
            let inner = &inner[skip..];
            let named = inner.strip_prefix("script:").map_or(0, |rest| inner.len() - rest.trim_start().len());
            quoted(text, at + skip + named)
        };
        at = next;
        match word {
            "dir" => {
                if let Some(folder) = argument(next) {
                    let outer =
                        folders.last().map_or(super::super::path::ROOT, |(_, folder)| folder.as_str());
                    let folder_text = join(outer, &groovy(&folder, &environment));
                    at = folder.end;
                    folders.push((depth + 1, folder_text));
                }
            }
            "sh" => {
                if let Some(step) = argument(next) {
                    let start = step.end - step.text.len();
                    let line = line_at(text, start.saturating_sub(3));
                    let mut state = shell(&environment);
                    if let Some((_, folder)) = folders.last() {
                        state.folder.clone_from(folder);
                    }
                    let script_text = groovy(&step, &environment);
                    let leading = u32::from(step.text.starts_with('\n'));
                    let script_text = script_text.strip_prefix('\n').unwrap_or(&script_text);
                    script(world, &mut site, script_text, file, line + leading, state);
                    at = step.end;
                }
            }
            "docker.build" => {
                if let Some(name) = argument(next) {
                    at = name.end;
                    let rest = text[name.end..].trim_start();
                    let options = rest
                        .strip_prefix(',')
                        .map(str::trim_start)
                        .and_then(|rest| quoted(text, text.len() - rest.len()));
                    let options =
                        options.map_or_else(|| ".".to_owned(), |options| groovy(&options, &environment));
                    let folder = folders
                        .last()
                        .map_or(super::super::path::ROOT, |(_, folder)| folder.as_str())
                        .to_owned();
                    let words =
                        ["docker", "build"].into_iter().chain(options.split_whitespace()).map(str::to_owned);
                    if let Some(call) = super::super::docker::parse(&words.collect::<Vec<_>>()) {
                        let place = Place { file: file.to_owned(), line: line_at(text, next) };
                        world.build(&site, &call, &folder, &environment, place, None, None);
                    }
                }
            }
            _ => {}
        }
        if !world.spend() {
            return;
        }
    }
}

fn line_at(text: &str, at: usize) -> u32 {
    let head = text.as_bytes().get(..at).unwrap_or_default();
    u32::try_from(memchr::memchr_iter(b'\n', head).count() + 1).unwrap_or(u32::MAX)
}

/// Where what follows a word begins.
fn after_word(text: &str, word: &str) -> Option<usize> {
    let at = text.find(&format!("{word} "))? + word.len();
    let rest = &text[at..];
    Some(at + rest.len() - rest.trim_start().len())
}

/// What `environment { NAME = 'value' }` sets.
fn environment(text: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let mut rest = text;
    while let Some(at) = rest.find("environment") {
        rest = &rest[at + "environment".len()..];
        let Some(body) = rest.trim_start().strip_prefix('{') else { continue };
        let mut depth = 1_u32;
        let closes = |byte: u8| {
            depth = match byte {
                b'{' => depth + 1,
                b'}' => depth - 1,
                _ => depth,
            };
            depth == 0
        };
        let end = body.bytes().position(closes).unwrap_or(body.len());
        for line in body[..end].lines() {
            let Some((name, value)) = line.trim().split_once('=') else { continue };
            let name = name.trim();
            if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') || name.is_empty() {
                continue;
            }
            let value = value.trim();
            let text = match quoted(value, 0) {
                Some(quoted) if quoted.end == value.len() => groovy(&quoted, &variables),
                _ => unknown(&format!("${name}")),
            };
            variables.insert(name.to_owned(), text);
        }
    }
    variables
}

/// What a text in quotes is once Groovy has replaced what it replaces.
fn groovy(quoted: &Quoted<'_>, variables: &BTreeMap<String, String>) -> String {
    if !quoted.templates {
        return quoted.text.replace("\\\\", "\\");
    }
    let mut out = String::new();
    let mut rest = quoted.text;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if rest.as_bytes()[at] == b'\\' {
            let length = after.chars().next().map_or(0, char::len_utf8);
            match &after[..length] {
                "n" => out.push('\n'),
                // A line that goes on is the shell's.
                "\n" => out.push_str("\\\n"),
                other => out.push_str(other),
            }
            rest = &after[length..];
            continue;
        }
        let (name, next) = if let Some(inner) = after.strip_prefix('{') {
            let end = inner.find('}').unwrap_or(inner.len());
            (&inner[..end], inner.get(end + 1..).unwrap_or_default())
        } else {
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
            after.split_at(end)
        };
        let plain = name.trim().trim_start_matches("env.");
        match variables.get(plain) {
            Some(value) => out.push_str(value),
            None if name.is_empty() => out.push('$'),
            None => out.push_str(&splittable(&unknown(&format!("${{{name}}}")))),
        }
        rest = next;
    }
    out.push_str(rest);
    out
}
