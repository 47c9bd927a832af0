//! Words: what quotes, variables and substitutions leave of them.

use super::super::text::{is_known, is_wholly_unknown, splittable, unknown, unsplit};
use super::{Shell, Var};

/// Words within words are followed to this depth.
const MAX_NESTING: u32 = 12;

/// Fields as they are put together.
#[derive(Default)]
pub(super) struct Fields {
    done: Vec<String>,
    current: String,
    /// Something, if only quotes, makes the current field count.
    started: bool,
}

impl Fields {
    fn push(&mut self, text: &str) {
        self.current.push_str(text);
        self.started |= !text.is_empty();
    }

    /// Adds what is written outside quotes.
    fn literal(&mut self, text: &str) {
        if is_known(text) { self.push(text) } else { self.push(&splittable(text)) }
    }

    /// Adds what is written within quotes.
    fn quoted(&mut self, text: &str) {
        if is_known(text) { self.push(text) } else { self.push(&unsplit(text)) }
    }

    fn end(&mut self) {
        if self.started || !self.current.is_empty() {
            self.done.push(std::mem::take(&mut self.current));
        }
        self.started = false;
    }

    /// Adds what stands outside quotes, which is split at blanks.
    fn split(&mut self, text: &str) {
        let text = splittable(text);
        let mut parts = text.split([' ', '\t', '\n']).peekable();
        if let Some(first) = parts.next() {
            self.push(first);
        }
        for part in parts {
            self.end();
            self.push(part);
        }
    }
}

impl Shell<'_, '_> {
    /// A word as one text, however many fields it is.
    pub(super) fn word(&mut self, raw: &str) -> String {
        let mut fields = Fields::default();
        self.expand(raw, &mut fields, 0);
        fields.end();
        unsplit(&fields.done.join(" "))
    }

    /// The fields that a word becomes.
    pub(super) fn fields(&mut self, raw: &str) -> Vec<String> {
        let mut fields = Fields::default();
        self.expand(raw, &mut fields, 0);
        fields.end();
        fields.done
    }

    /// A text with variables, quotes being letters: a here-document, a text in double quotes.
    pub(super) fn quoted(&mut self, raw: &str, nesting: u32) -> String {
        let mut fields = Fields::default();
        self.double_quoted(raw, &mut fields, nesting);
        let mut all = fields.done;
        all.push(fields.current);
        unsplit(&all.join(" "))
    }

    pub(super) fn nested_word(&mut self, raw: &str, nesting: u32) -> String {
        let mut fields = Fields::default();
        self.expand(raw, &mut fields, nesting + 1);
        fields.end();
        unsplit(&fields.done.join(" "))
    }

    fn expand(&mut self, raw: &str, fields: &mut Fields, nesting: u32) {
        if nesting > MAX_NESTING {
            fields.push(&unknown(raw));
            return;
        }
        let mut rest = raw;
        if let Some(after) = rest.strip_prefix('~')
            && (after.is_empty() || after.starts_with('/'))
        {
            fields.push(&unknown("$HOME"));
            rest = after;
        }
        while let Some(at) = rest.find(['\'', '"', '\\', '$', '`']) {
            fields.literal(&rest[..at]);
            let special = rest.as_bytes()[at];
            let after = &rest[at + 1..];
            rest = match special {
                b'\'' => {
                    let (inner, after) = after.split_once('\'').unwrap_or((after, ""));
                    fields.started = true;
                    fields.quoted(inner);
                    after
                }
                b'"' => {
                    let end = end_of_quotes(after);
                    fields.started = true;
                    self.double_quoted(&after[..end], fields, nesting);
                    after.get(end + 1..).unwrap_or_default()
                }
                b'\\' => {
                    let escaped = after.chars().next();
                    let length = escaped.map_or(0, char::len_utf8);
                    if escaped != Some('\n') {
                        fields.push(&after[..length]);
                    }
                    &after[length..]
                }
                b'$' if after.starts_with('\'') => {
                    let (inner, after) = after[1..].split_once('\'').unwrap_or((&after[1..], ""));
                    fields.push(inner);
                    after
                }
                _ => {
                    let (value, after) = self.dollar(special, after, nesting, false);
                    match value {
                        Var::Text(text) => fields.split(&text),
                        Var::List(items) => {
                            for (n, item) in items.iter().enumerate() {
                                if n > 0 {
                                    fields.end();
                                }
                                fields.split(item);
                            }
                        }
                    }
                    after
                }
            };
        }
        fields.literal(rest);
    }

    fn double_quoted(&mut self, raw: &str, fields: &mut Fields, nesting: u32) {
        let mut rest = raw;
        while let Some(at) = rest.find(['\\', '$', '`']) {
            fields.quoted(&rest[..at]);
            let special = rest.as_bytes()[at];
            let after = &rest[at + 1..];
            if special == b'\\' {
                let escaped = after.chars().next();
                let length = escaped.map_or(0, char::len_utf8);
                match escaped {
                    Some('\n') => {}
                    Some('"' | '\\' | '$' | '`') => fields.push(&after[..length]),
                    _ => {
                        fields.push("\\");
                        fields.push(&after[..length]);
                    }
                }
                rest = &after[length..];
                continue;
            }
            let (value, after) = self.dollar(special, after, nesting, true);
            match value {
                Var::Text(text) => fields.push(&unsplit(&text)),
                Var::List(items) => {
                    if items.is_empty() && fields.current.is_empty() {
                        // `"$@"` without arguments is no word at all.
                        fields.started = false;
                    }
                    for (n, item) in items.iter().enumerate() {
                        if n > 0 {
                            fields.end();
                        }
                        fields.push(item);
                        fields.started = true;
                    }
                }
            }
            rest = after;
        }
        fields.quoted(rest);
    }

    /// What stands after `$` or a backtick, and what follows it.
    fn dollar<'t>(&mut self, special: u8, after: &'t str, nesting: u32, quoted: bool) -> (Var, &'t str) {
        if special == b'`' {
            let (inner, rest) = after.split_once('`').unwrap_or((after, ""));
            let inner = inner.replace("\\`", "`");
            return (Var::Text(self.substitution(&inner, nesting)), rest);
        }
        if let Some(inner) = after.strip_prefix("((") {
            let end = inner.find("))").unwrap_or(inner.len());
            let rest = inner.get(end + 2..).unwrap_or_default();
            return (Var::Text(self.arithmetic(&inner[..end])), rest);
        }
        if let Some(inner) = after.strip_prefix('(') {
            let end = closing(after, b'(', b')');
            let inner = inner.get(..end.saturating_sub(2)).unwrap_or_default();
            return (Var::Text(self.substitution(inner, nesting)), &after[end..]);
        }
        if let Some(inner) = after.strip_prefix('{') {
            let end = closing(after, b'{', b'}');
            let inner = inner.get(..end.saturating_sub(2)).unwrap_or_default();
            return (self.parameter(inner, nesting, quoted), &after[end..]);
        }
        let first = after.chars().next();
        let length = match first {
            Some(c) if c.is_ascii_digit() || matches!(c, '@' | '*' | '#' | '?' | '$' | '!' | '-') => 1,
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len())
            }
            _ => return (Var::Text("$".to_owned()), after),
        };
        (self.parameter(&after[..length], nesting, quoted), &after[length..])
    }

    /// `$(( … ))`: known for a number, a variable, and two of them with `+` or `-`.
    fn arithmetic(&mut self, raw: &str) -> String {
        let text = self.quoted(raw, MAX_NESTING);
        let mut sum = 0_i64;
        let mut sign = 1;
        for word in text.replace('+', " + ").replace('-', " - ").split_whitespace() {
            match word {
                "+" => sign = 1,
                "-" => sign = -1,
                _ => {
                    let value = match word.parse::<i64>() {
                        Ok(value) => Some(value),
                        Err(_) => match self.state.vars.get(word) {
                            Some(Var::Text(text)) => text.trim().parse().ok(),
                            _ => None,
                        },
                    };
                    let Some(value) = value else { return unknown(&format!("$(({raw}))")) };
                    sum += sign * value;
                    sign = 1;
                }
            }
        }
        sum.to_string()
    }

    /// The words of a `for` loop, with braces and wildcards of the repository's files.
    pub(super) fn listed(&mut self, raw: &str) -> Vec<String> {
        let plain = !raw.starts_with(['"', '\'']);
        let raws = if plain && !raw.contains('$') { super::glob::braces(raw) } else { vec![raw.to_owned()] };
        let mut words = Vec::new();
        for raw in raws {
            for field in self.fields(&raw) {
                if plain && is_known(&field) && field.contains(['*', '?', '[']) {
                    words.extend(self.wildcard(&field));
                } else if is_wholly_unknown(&field) || is_known(&field) || raw.contains('"') {
                    words.push(field);
                } else {
                    words.push(splittable(&unknown(&field)));
                }
            }
        }
        words
    }
}

/// The end of a text in double quotes, from after the first to the last.
fn end_of_quotes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            b'$' if matches!(bytes.get(at + 1), Some(b'(' | b'{')) => {
                let (open, close) = if bytes[at + 1] == b'(' { (b'(', b')') } else { (b'{', b'}') };
                at += 1 + closing(&text[at + 1..], open, close);
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The byte after the bracket that closes the first one, with heed of quotes.
fn closing(text: &str, open: u8, close: u8) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\'' if open == b'(' => {
                at += 1 + bytes[at + 1..].iter().position(|&b| b == b'\'').unwrap_or(bytes.len() - at - 1);
            }
            _ if byte == open => depth += 1,
            _ if byte == close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}
