//! Jenkins: the `sh` steps of Jenkinsfiles.

use std::rc::Rc;

use super::super::definition::{Place, Tool};
use super::super::path::join;
use super::super::site::Site;
use super::super::text::{Text, splittable, unknown};
use super::super::world::World;
use super::{Variables, is_foreign, script, shell};

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

/// Blocks of variables that are looked at, and the bytes of one.
const MAX_BLOCKS: usize = 1_000;
const MAX_BLOCK: usize = 16 << 10;

/// A label of more bytes is no name of a machine.
const MAX_LABEL: usize = 4 << 10;

/// A machine of which nothing is known.
const AGENT: &str = "a Jenkins agent";

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
    let mut site = Site::new(Tool::BuildxCli);
    site.runner = Some(match after_word(text, "label").and_then(|at| quoted(text, at)) {
        Some(label) => machine(&label, &set_anywhere(text)),
        None => Text::unknown(AGENT),
    });
    // The machines of `agent {` and `node('…') {`, each with the depth of braces at which they end.
    let mut machines: Vec<(usize, Text)> = site.runner.iter().map(|runner| (0, runner.clone())).collect();
    // The variables of `environment {` and `withEnv([…]) {`, each with the depth of braces at which they end.
    let mut scopes: Vec<(usize, Rc<Variables>)> = vec![(0, Rc::new(names_set(text)))];
    let bytes = text.as_bytes();
    // The folders of `dir('…') {`, each with the depth of braces at which it ends.
    let mut folders: Vec<(usize, String)> = Vec::new();
    let (mut at, mut depth, mut blocks) = (0, 0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                while folders.last().is_some_and(|(end, _)| *end > depth) {
                    folders.pop();
                }
                while machines.last().is_some_and(|(end, _)| *end > depth) {
                    machines.pop();
                }
                while scopes.last().is_some_and(|(end, _)| *end > depth) {
                    scopes.pop();
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
        let environment = scopes.last().map(|(_, variables)| Rc::clone(variables)).unwrap_or_default();
        site.runner = machines.last().map(|(_, machine)| machine.clone());
        match word {
            "agent" | "environment" | "withEnv" if blocks >= MAX_BLOCKS => {}
            "agent" => {
                blocks += 1;
                let body = block(&text[next..]).unwrap_or_default();
                if let Some(label) = after_word(body, "label").and_then(|at| quoted(body, at)) {
                    machines.push((depth, machine(&label, &environment)));
                }
            }
            "node" => {
                if let Some(label) = argument(next).filter(|label| {
                    text[label.end..]
                        .trim_start_matches(|c: char| c == ')' || c.is_whitespace())
                        .starts_with('{')
                }) {
                    at = label.end;
                    machines.push((depth + 1, machine(&label, &environment)));
                }
            }
            "environment" => {
                blocks += 1;
                let may_copy = (0..=environment.len() / 64).all(|_| world.spend());
                if let Some(body) = block(&text[next..]).filter(|_| may_copy) {
                    let mut own = Variables::clone(&environment);
                    add_lines(body, &mut own);
                    scopes.push((depth, Rc::new(own)));
                }
            }
            "withEnv" if (0..=environment.len() / 64).all(|_| world.spend()) => {
                blocks += 1;
                let (list, end) = quoted_list(text, next);
                let mut own = Variables::clone(&environment);
                for item in &list {
                    if let Some((name, value)) = groovy(item, &environment).split_once('=') {
                        own.insert(name.trim().to_owned(), value.to_owned());
                    }
                }
                scopes.push((depth + 1, Rc::new(own)));
                at = end;
            }
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

/// The machine that a label asks for.
fn machine(label: &Quoted<'_>, variables: &Variables) -> Text {
    let name = groovy(label, variables);
    if name.len() > MAX_LABEL { Text::unknown(AGENT) } else { Text::of(name) }
}

/// What stands between braces, if a text begins with one; of a long one its beginning.
fn block(text: &str) -> Option<&str> {
    let body = text.trim_start().strip_prefix('{')?;
    let mut end = body.len().min(MAX_BLOCK);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let body = &body[..end];
    let mut depth = 1_u32;
    let closes = |byte: u8| {
        depth = match byte {
            b'{' => depth + 1,
            b'}' => depth - 1,
            _ => depth,
        };
        depth == 0
    };
    Some(&body[..body.bytes().position(closes).unwrap_or(body.len())])
}

/// Adds what lines like `NAME = 'value'` set.
fn add_lines(body: &str, variables: &mut Variables) {
    for line in body.lines() {
        let Some((name, value)) = line.trim().split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim());
        if !is_name(name) {
            continue;
        }
        let text = match quoted(value, 0) {
            Some(quoted) if quoted.end == value.len() => groovy(&quoted, variables),
            _ => unknown(&format!("${name}")),
        };
        variables.insert(name.to_owned(), text);
    }
}

/// The name that a text begins with, and what follows.
fn leading(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(end)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The texts of a list like `(["A=b", 'C=d'])`, and where they end.
fn quoted_list(text: &str, at: usize) -> (Vec<Quoted<'_>>, usize) {
    let (mut list, mut at) = (Vec::new(), at);
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || "([,".contains(c)).len();
        match quoted(text, at) {
            Some(item) => {
                at = item.end;
                list.push(item);
            }
            None => return (list, at),
        }
    }
}

/// What all `environment` of a pipeline set; unknown where they differ.
fn set_anywhere(text: &str) -> Variables {
    let mut variables = Variables::new();
    for (at, word) in text.match_indices("environment").take(MAX_BLOCKS) {
        let mut own = Variables::new();
        add_lines(block(&text[at + word.len()..]).unwrap_or_default(), &mut own);
        for (name, value) in own {
            if variables.get(&name).is_some_and(|before| *before != value) {
                variables.insert(name.clone(), unknown(&format!("${name}")));
            } else {
                variables.insert(name, value);
            }
        }
    }
    variables
}

/// The variables that a pipeline sets somewhere, be it by `env.NAME = …`, as parameters or in lists: unknown where it is not
/// seen to what.
fn names_set(text: &str) -> Variables {
    let mut names = set_anywhere(text);
    let mut add = |name: &str| {
        names.insert(name.to_owned(), String::new());
    };
    for (at, _) in text.match_indices("env.") {
        let (name, rest) = leading(&text[at + 4..]);
        let rest = rest.trim_start();
        if is_name(name) && rest.starts_with('=') && !rest.starts_with("==") {
            add(name);
        }
    }
    for (at, mark) in text.match_indices("name:").chain(text.match_indices(['[', ',', '<'])) {
        let value = text[at + mark.len()..].trim_start();
        let Some(value) = value.strip_prefix(['\'', '"']) else { continue };
        let (name, rest) = leading(value);
        let ends = if mark == "name:" { rest.starts_with(['\'', '"']) } else { rest.starts_with('=') };
        if is_name(name) && ends {
            add(name);
        }
    }
    names.into_keys().map(|name| (name.clone(), unknown(&format!("${name}")))).collect()
}

/// What a text in quotes is once Groovy has replaced what it replaces.
fn groovy(quoted: &Quoted<'_>, variables: &Variables) -> String {
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
