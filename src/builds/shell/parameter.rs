//! `${name…}`: variables, positional parameters, and what braces do to them.

use super::super::path::{ROOT, parent};
use super::super::text::{is_known, is_wholly_unknown, splittable, unknown};
use super::super::world::is_outside;
use super::{Shell, Var, matches};

impl Shell<'_, '_> {
    /// What stands between the braces of `${…}`, or after a `$`.
    pub(super) fn parameter(&mut self, inner: &str, nesting: u32, quoted: bool) -> Var {
        if nesting > 12 {
            return Var::Text(unknown(&format!("${{{inner}}}")));
        }
        let (length_of, inner_name) = match inner.strip_prefix('#') {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, inner),
        };
        if inner.starts_with('!') && inner.len() > 1 {
            return self.indirect(&inner[1..]);
        }
        let end = match inner_name.chars().next() {
            Some(c) if c.is_ascii_alphabetic() || c == '_' => inner_name
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(inner_name.len()),
            Some(c) if c.is_ascii_digit() => {
                inner_name.find(|c: char| !c.is_ascii_digit()).unwrap_or(inner_name.len())
            }
            Some(c) => c.len_utf8(),
            None => 0,
        };
        let (name, mut operation) = inner_name.split_at(end);
        let mut index = None;
        if let Some(rest) = operation.strip_prefix('[')
            && let Some((subscript, rest)) = rest.split_once(']')
        {
            index = Some(subscript);
            operation = rest;
        }
        let value = self.lookup(name, index, inner);
        // A list that nothing sets has no words.
        let value = match (value, index) {
            (None, Some("@" | "*")) if !is_outside(name) => Some(Var::List(Vec::new())),
            (value, _) => value,
        };
        if length_of {
            return Var::Text(match value {
                Some(Var::List(items)) => items.len().to_string(),
                Some(Var::Text(text)) if is_known(&text) => text.chars().count().to_string(),
                None => "0".to_owned(),
                _ => unknown(&format!("${{{inner}}}")),
            });
        }
        if operation.is_empty() {
            return value.unwrap_or_else(|| self.unset(name, quoted));
        }
        self.operate(name, value, operation, inner, nesting, quoted)
    }

    /// A variable that nothing sets: from outside, if at all.
    #[expect(clippy::unused_self, reason = "beside the other ways to come to a value")]
    fn unset(&self, name: &str, quoted: bool) -> Var {
        let text = unknown(&format!("${name}"));
        Var::Text(if quoted { text } else { splittable(&text) })
    }

    /// `${!name}`.
    fn indirect(&mut self, name: &str) -> Var {
        match self.state.vars.get(name) {
            Some(Var::Text(other)) if is_known(other) => {
                let other = other.clone();
                let whole = format!("!{name}");
                self.lookup(&other, None, &whole).unwrap_or_else(|| self.unset(&other, true))
            }
            _ => Var::Text(unknown(&format!("${{!{name}}}"))),
        }
    }

    fn lookup(&mut self, name: &str, index: Option<&str>, whole: &str) -> Option<Var> {
        let value = match name {
            "@" | "*" => Some(Var::List(self.state.args.clone())),
            "#" if self.state.args.iter().all(|arg| !super::super::text::may_be_words(arg)) => {
                Some(Var::Text(self.state.args.len().to_string()))
            }
            "#" | "?" | "$" | "!" | "-" => Some(Var::Text(unknown(&format!("${name}")))),
            "0" => Some(Var::Text(self.zero.clone())),
            "PWD" => Some(Var::Text(self.state.folder.clone())),
            "GITHUB_WORKSPACE" | "CI_PROJECT_DIR" | "BUILDKITE_BUILD_CHECKOUT_PATH" | "WORKSPACE"
                if !self.state.vars.contains_key(name) =>
            {
                Some(Var::Text(ROOT.to_owned()))
            }
            "BASH_SOURCE" => Some(Var::Text(super::super::path::join(ROOT, &self.script.file))),
            _ if name.starts_with(|c: char| c.is_ascii_digit()) => {
                let at: usize = name.parse().ok()?;
                if self.state.args.iter().any(|arg| super::super::text::may_be_words(arg)) {
                    return Some(Var::Text(unknown(&format!("${name}"))));
                }
                return self.state.args.get(at.checked_sub(1)?).map(|arg| Var::Text(arg.clone()));
            }
            _ => self.state.vars.get(name).cloned(),
        }?;
        Some(match (index, value) {
            (None, Var::List(items)) if name != "@" && name != "*" => {
                Var::Text(items.first().cloned().unwrap_or_default())
            }
            (None, value) | (Some("@" | "*"), value @ Var::List(_)) => value,
            (Some("@" | "*"), Var::Text(text)) if is_wholly_unknown(&text) => {
                Var::List(vec![splittable(&text)])
            }
            (Some("@" | "*"), Var::Text(text)) => Var::Text(text),
            (Some(index), value) => {
                let at = index.trim_start_matches('$').parse::<usize>().ok();
                match (at, value) {
                    (Some(at), Var::List(items))
                        if items.iter().all(|i| !super::super::text::may_be_words(i)) =>
                    {
                        Var::Text(items.get(at).cloned().unwrap_or_default())
                    }
                    (Some(0), value @ Var::Text(_)) => value,
                    _ => Var::Text(unknown(&format!("${{{whole}}}"))),
                }
            }
        })
    }

    fn operate(
        &mut self,
        name: &str,
        value: Option<Var>,
        operation: &str,
        whole: &str,
        nesting: u32,
        quoted: bool,
    ) -> Var {
        let hidden = || Var::Text(unknown(&format!("${{{whole}}}")));
        let (or_empty, rest) = match operation.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, operation),
        };
        let kind = rest.chars().next();
        if let Some(kind @ ('-' | '=' | '+' | '?')) = kind {
            let word = &rest[1..];
            let present = match &value {
                None => Some(false),
                Some(Var::Text(text)) if text.is_empty() => Some(!or_empty),
                Some(Var::Text(text)) if is_wholly_unknown(text) => None,
                Some(Var::List(items)) if items.is_empty() => Some(false),
                Some(_) => Some(true),
            };
            // Variables that a system sets may be there though nothing in the repository sets them.
            let present = if value.is_none() && is_outside(name) { None } else { present };
            return match (kind, present) {
                ('-' | '=' | '?', Some(true)) => value.unwrap_or_else(hidden),
                ('-' | '=', Some(false)) => {
                    let default = self.default_word(word, nesting, quoted);
                    if kind == '=' {
                        self.state.set(name, default.clone());
                    }
                    default
                }
                ('+', Some(true)) => self.default_word(word, nesting, quoted),
                ('+', Some(false)) => Var::Text(String::new()),
                ('+', None) => {
                    let there = self.default_word(word, nesting, quoted);
                    let values = [Var::Text(String::new()), there];
                    let piece = self.world.choices.between(&format!("${{{whole}}}"), values);
                    Var::Text(if quoted { piece } else { splittable(&piece) })
                }
                _ if quoted => hidden(),
                _ => Var::Text(splittable(&unknown(&format!("${{{whole}}}")))),
            };
        }
        if let Some(Var::List(items)) = &value
            && let Some(part) =
                operation.strip_prefix(':').and_then(|range| slice(items, range, name == "@" || name == "*"))
        {
            return Var::List(part);
        }
        let Some(Var::Text(text)) = value else { return hidden() };
        let pattern_at = |n: usize| operation.get(n..).unwrap_or_default();
        let result = if let Some(pattern) = operation.strip_prefix("##") {
            self.trim(&text, pattern, true, true)
        } else if operation.starts_with('#') {
            self.trim(&text, pattern_at(1), true, false)
        } else if let Some(pattern) = operation.strip_prefix("%%") {
            self.trim(&text, pattern, false, true)
        } else if operation.starts_with('%') {
            self.trim(&text, pattern_at(1), false, false)
        } else if operation.starts_with('/') {
            self.replace(&text, operation)
        } else if !is_known(&text) {
            None
        } else {
            match operation {
                "," | ",," | "@L" => Some(text.to_lowercase()),
                "^^" | "@U" => Some(text.to_uppercase()),
                _ => or_empty.then(|| substring(&text, rest)).flatten(),
            }
        };
        result.map_or_else(hidden, Var::Text)
    }

    fn default_word(&mut self, word: &str, nesting: u32, quoted: bool) -> Var {
        if quoted {
            Var::Text(self.quoted(&word.replace(['"'], ""), nesting + 1))
        } else {
            Var::Text(self.nested_word(word, nesting))
        }
    }

    /// `#`, `##`, `%`, `%%`. Works on texts with unknown pieces where only known ones are cut off.
    fn trim(&mut self, text: &str, pattern: &str, front: bool, longest: bool) -> Option<String> {
        let pattern = self.pattern(pattern);
        if !is_known(&pattern) {
            return None;
        }
        if !is_known(text) {
            let literal = !pattern.contains(['*', '?', '[']);
            let cut =
                if front { text.strip_prefix(pattern.as_str()) } else { text.strip_suffix(pattern.as_str()) };
            return cut.filter(|_| literal).map(str::to_owned);
        }
        if front && pattern == "*/" || !front && pattern == "/*" {
            return Some(match (front, longest) {
                (true, true) => text.rsplit('/').next().unwrap_or(text).to_owned(),
                (true, false) => text.split_once('/').map_or(text, |(_, rest)| rest).to_owned(),
                (false, true) => text.split('/').next().unwrap_or(text).to_owned(),
                (false, false) if text.contains('/') => parent(text).to_owned(),
                (false, false) => text.to_owned(),
            });
        }
        let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        if front == longest {
            ends.reverse();
        }
        if ends.len() > 4_096 {
            return None;
        }
        for at in ends {
            let (head, tail) = text.split_at(at);
            if front && matches(&pattern, head) {
                return Some(tail.to_owned());
            }
            if !front && matches(&pattern, tail) {
                return Some(head.to_owned());
            }
        }
        Some(text.to_owned())
    }

    /// `${x/from/to}` and `${x//from/to}` for texts without wildcards.
    fn replace(&mut self, text: &str, operation: &str) -> Option<String> {
        let all = operation.starts_with("//");
        let rest = operation.trim_start_matches('/');
        let rest = if rest.is_empty() && operation.len() >= 3 { "/" } else { rest };
        let (from, to) = split_pattern(rest);
        let (from, to) = (self.word(&from), self.word(to));
        if !is_known(&from) || from.is_empty() || from.contains(['*', '?', '[']) {
            return None;
        }
        if !is_known(text) {
            return None;
        }
        Some(if all { text.replace(&from, &to) } else { text.replacen(&from, &to, 1) })
    }

    /// A pattern of `case` or `${x%…}` without its quotes.
    pub(super) fn pattern(&mut self, raw: &str) -> String {
        self.word(raw)
    }
}

/// The pattern and the replacement of `from/to`, where a slash in the pattern is escaped.
fn split_pattern(text: &str) -> (String, &str) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'/' if at > 0 => return (text[..at].to_owned(), &text[at + 1..]),
            _ => at += 1,
        }
    }
    (text.to_owned(), "")
}

/// `${list[@]:from:length}`; of the arguments the first is number 1.
fn slice(items: &[String], range: &str, arguments: bool) -> Option<Vec<String>> {
    if items.iter().any(|item| super::super::text::may_be_words(item)) {
        return None;
    }
    let (from, length) = range.split_once(':').map_or((range, None), |(from, length)| (from, Some(length)));
    let from: usize = from.trim().parse().ok()?;
    let from = if arguments { from.checked_sub(1)? } else { from };
    let length = match length {
        Some(length) => length.trim().parse().ok()?,
        None => usize::MAX,
    };
    Some(items.iter().skip(from).take(length).cloned().collect())
}

/// `${x:from}` and `${x:from:length}` for numbers.
fn substring(text: &str, operation: &str) -> Option<String> {
    let (from, length) =
        operation.split_once(':').map_or((operation, None), |(from, length)| (from, Some(length)));
    let from: usize = from.trim().parse().ok()?;
    let length = match length {
        Some(length) => length.trim().parse().ok()?,
        None => usize::MAX,
    };
    Some(text.chars().skip(from).take(length).collect())
}
