//! Cutting an instruction's arguments into words, each in the way its instruction wants.

use std::borrow::Cow;

use smallvec::SmallVec;

/// The white space that separates words and arguments; other Unicode spaces belong to words.
const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

/// The text in lower case, copied only where it is not.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Splits at the first run of white space: what stands before it, and what after if there is one.
pub(super) fn split_first(text: &str) -> (&str, Option<&str>) {
    let Some(end) = text.bytes().position(is_separator) else { return (text, None) };
    let rest = &text[end..];
    let next = rest.bytes().position(|byte| !is_separator(byte)).unwrap_or(rest.len());
    (&text[..end], Some(&rest[next..]))
}

/// The words between runs of white space. An empty text has none.
pub(super) fn plain(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = (!text.is_empty()).then_some(text);
    std::iter::from_fn(move || {
        let (word, tail) = split_first(rest?);
        rest = tail;
        Some(word)
    })
}

/// The words of `ARG`, `ENV` and `LABEL`: quotes hold words together and stay, as do escapes.
///
/// The escape character protects the next one, except inside single quotes. At the very end it is dropped; since
/// that leaves a word with a hole, words are handed on as ranges of `text`, and such a word ends before the escape.
pub(super) fn quoted(text: &str, escape: u8) -> SmallVec<[&str; 8]> {
    let mut words = SmallVec::new();
    let mut start = None;
    let mut quote = None;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let length = char_length(byte);
        if quote.is_none() && starts_with_space(text, at, byte) {
            words.extend(start.take().map(|start| &text[start..at]));
            at += length;
            continue;
        }
        start.get_or_insert(at);
        match quote {
            None if byte == b'\'' || byte == b'"' => quote = Some(byte),
            Some(open) if byte == open => quote = None,
            _ => {}
        }
        at += length;
        if byte == escape && quote != Some(b'\'') {
            let Some(&escaped) = text.as_bytes().get(at) else {
                let word = &text[start.unwrap_or(at)..at - 1];
                words.extend((!word.is_empty()).then_some(word));
                return words;
            };
            at += char_length(escaped);
        }
    }
    words.extend(start.map(|start| &text[start..]));
    words
}

/// How many bytes the character has that begins with `first`.
const fn char_length(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

/// Whether the character at `at`, which begins with `first`, is white space.
fn starts_with_space(text: &str, at: usize, first: u8) -> bool {
    match first {
        0..0x80 => matches!(first, b'\t'..=b'\r' | b' '),
        _ => text[at..].starts_with(char::is_whitespace),
    }
}

/// The text without white space at its ends, which nearly always has none.
pub(super) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words() {
        let cases: [(&str, &[&str]); 5] = [
            ("", &[]),
            ("a", &["a"]),
            ("a  b\tc", &["a", "b", "c"]),
            ("a\u{a0}b c", &["a\u{a0}b", "c"]),
            ("'a b' c", &["'a", "b'", "c"]),
        ];
        for (text, words) in cases {
            assert_eq!(plain(text).collect::<Vec<_>>(), words, "{text}");
        }
    }

    #[test]
    fn quoted_words() {
        let cases: [(&str, &[&str]); 12] = [
            ("", &[]),
            ("a=1 b=2", &["a=1", "b=2"]),
            ("a='x y' b", &["a='x y'", "b"]),
            (r#"a="x y"z b"#, &[r#"a="x y"z"#, "b"]),
            (r"a=x\ y b", &[r"a=x\ y", "b"]),
            (r#"a="x\" y" b"#, &[r#"a="x\" y""#, "b"]),
            (r"a='x\' b", &[r"a='x\'", "b"]),
            (r"a\", &["a"]),
            (r"a \", &["a"]),
            ("a='open b", &["a='open b"]),
            ("''", &["''"]),
            ("a\u{a0}b", &["a", "b"]),
        ];
        for (text, words) in cases {
            assert_eq!(&*quoted(text, b'\\'), words, "{text}");
        }
    }
}
