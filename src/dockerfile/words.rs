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
    (&text[..end], Some(rest.trim_start_matches(|c: char| c.is_ascii() && is_separator(c as u8))))
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
pub(super) fn quoted(text: &str, escape: char) -> SmallVec<[&str; 8]> {
    let mut words = SmallVec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if start.is_none() {
            if char.is_whitespace() {
                continue;
            }
            start = Some(at);
        }
        match quote {
            None if char.is_whitespace() => {
                words.extend(start.take().map(|start| &text[start..at]));
                continue;
            }
            None if char == '\'' || char == '"' => quote = Some(char),
            Some(open) if char == open => quote = None,
            _ => {}
        }
        let escapes = char == escape && quote != Some('\'');
        if escapes && chars.next().is_none() {
            let word = &text[start.unwrap_or(at)..at];
            words.extend((!word.is_empty()).then_some(word));
            return words;
        }
    }
    words.extend(start.map(|start| &text[start..]));
    words
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
            assert_eq!(&*quoted(text, '\\'), words, "{text}");
        }
    }
}
