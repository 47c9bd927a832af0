//! Words as the shell reads them: quotes and backslashes taken off.
//!
//! Expands nothing; `$VAR`, `${VAR}` and `$(…)` stay as written.

use std::borrow::Cow;

/// Whether a byte ends a word and is a sign of the shell's own.
pub(super) const fn is_meta(byte: u8) -> bool {
    matches!(byte, b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b'\n')
}

/// Whether a byte only separates words; so does a carriage return, for files that were written on Windows.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// How long the name of a variable is with which a text begins; 0 for none.
pub(super) fn name_length(text: &str) -> usize {
    let is_name = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
    let begins = text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if begins { text.bytes().take_while(|byte| is_name(byte)).count() } else { 0 }
}

/// Removes quoting from one word. Borrows unless there is any.
pub(super) fn unquote(word: &str) -> Cow<'_, str> {
    if !word.bytes().any(|b| matches!(b, b'\'' | b'"' | b'\\')) {
        return Cow::Borrowed(word);
    }
    if let Some(inner) = wholly_quoted(word) {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    let mut in_double = false;
    while let Some(at) = rest.find(['\'', '"', '\\', '$', '`']) {
        out.push_str(&rest[..at]);
        let special = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match special {
            b'"' => in_double = !in_double,
            b'\'' if !in_double => rest = take_single(rest, &mut out),
            b'\\' => rest = take_escaped(rest, in_double, &mut out),
            b'$' if rest.starts_with('(') || rest.starts_with('{') => rest = take_expansion(rest, &mut out),
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The content of a word that is one quoted string without any quoting within.
fn wholly_quoted(word: &str) -> Option<&str> {
    let quote = word.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = word.get(1..)?.strip_suffix(quote)?;
    let plain = match quote {
        '\'' => !inner.contains('\''),
        _ => !inner.contains(['"', '\\', '$', '`']),
    };
    plain.then_some(inner)
}

/// Copies up to the closing single quote and returns what follows it.
fn take_single<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let (inner, rest) = rest.split_once('\'').unwrap_or((rest, ""));
    out.push_str(inner);
    rest
}

/// Copies what a backslash stands before: a line break goes, and within double quotes the backslash stays unless it
/// escapes something special.
fn take_escaped<'a>(rest: &'a str, in_double: bool, out: &mut String) -> &'a str {
    let Some(escaped) = rest.chars().next() else { return rest };
    if in_double && !matches!(escaped, '"' | '\\' | '$' | '`' | '\n') {
        out.push('\\');
    }
    if escaped != '\n' {
        out.push(escaped);
    }
    &rest[escaped.len_utf8()..]
}

/// Copies `(…)` or `{…}` after a `$` as written, to the bracket that closes it, without heed of quotes within.
fn take_expansion<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let (open, close) = if rest.starts_with('(') { (b'(', b')') } else { (b'{', b'}') };
    let mut depth = 0_usize;
    let mut end = rest.len();
    for (at, byte) in rest.bytes().enumerate() {
        depth += usize::from(byte == open);
        if byte == close {
            depth -= 1;
            if depth == 0 {
                end = at + 1;
                break;
            }
        }
    }
    out.push('$');
    out.push_str(&rest[..end]);
    &rest[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_off() {
        let cases = [
            ("plain", "plain"),
            ("'a b'", "a b"),
            ("\"a b\"", "a b"),
            ("a\\ b", "a b"),
            ("a'b'\"c\"d", "abcd"),
            ("\"a\\\"b\\n\"", "a\"b\\n"),
            ("'it'\\''s'", "it's"),
            ("-j\"$(nproc)\"", "-j$(nproc)"),
            ("\"${X:-\"y\"}\"", "${X:-\"y\"}"),
            ("$(echo \"a\")'b'", "$(echo \"a\")b"),
            ("\"\"", ""),
            ("'open", "open"),
            ("\\", ""),
            ("a\\\nb", "ab"),
            ("'ü'\"ß\"", "üß"),
        ];
        for (word, text) in cases {
            assert_eq!(unquote(word), text, "{word}");
        }
        assert!(matches!(unquote("'a b'"), Cow::Borrowed(_)));
    }
}
