//! Rust source to tokens: enough to find paths without taking a comment or a string for code.

/// A word or punctuation mark, with the line it stands on, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    pub(crate) text: &'s str,
    pub(crate) line: usize,
}

/// The tokens of `source` without comments, strings, characters and lifetimes. `::` is one token, and so is a macro's
/// name with its `!`.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, code) = measure(rest, first);
        let (text, after) = rest.split_at(length);
        if code {
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    tokens
}

/// How many bytes the token at the start of `rest` has, and whether it is code.
fn measure(rest: &str, first: char) -> (usize, bool) {
    if first.is_whitespace() {
        (first.len_utf8(), false)
    } else if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if let Some(length) = string(rest) {
        (length, false)
    } else if first == '\'' {
        (character_or_lifetime(rest), false)
    } else if first.is_alphanumeric() || first == '_' {
        (word(rest), true)
    } else if rest.starts_with("::") {
        (2, true)
    } else {
        (first.len_utf8(), true)
    }
}

fn word(rest: &str) -> usize {
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let after = &rest[length..];
    if after.starts_with('!') && !after.starts_with("!=") { length + 1 } else { length }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a string literal of any kind, if `rest` begins with one.
fn string(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c", ""].into_iter().find(|prefix| {
        rest.strip_prefix(prefix).is_some_and(|after| {
            after.starts_with('"') || prefix.ends_with('r') && after.trim_start_matches('#').starts_with('"')
        })
    })?;
    let body = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let start = hashes + 1;
        return Some(
            prefix.len() + start + body[start..].find(&end).map_or(body.len() - start, |at| at + end.len()),
        );
    }
    let mut escaped = false;
    let end = body.char_indices().skip(1).find(|&(_, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    Some(prefix.len() + end.map_or(body.len(), |(at, _)| at + 1))
}

fn character_or_lifetime(rest: &str) -> usize {
    let body = &rest[1..];
    if let Some(escape) = body.strip_prefix('\\') {
        // The character after the backslash may itself be a quote.
        let length = escape.chars().next().map_or(0, char::len_utf8);
        return 2 + length + escape[length..].find('\'').map_or(0, |at| at + 1);
    }
    let mut characters = body.char_indices().skip(1);
    match characters.next() {
        Some((at, '\'')) => 1 + at + 1,
        _ => 1 + word(body),
    }
}

#[test]
fn only_code_is_left() {
    let source = r##"
// crate::comment
/* crate /* nested */ crate */ use a::b; // crate
let s = "crate \" crate"; let r = r#"crate " crate"#; let b = b"crate"; let c = '"'; let q = '\''; let u = '\u{1F600}';
fn f<'a>(x: &'a str) -> char { 'c' }
"##;
    let words: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
    assert!(!words.contains(&"crate"), "{words:?}");
    assert_eq!(words[..5], ["use", "a", "::", "b", ";"]);
    assert_eq!(words[words.len() - 15..].concat(), "fnf<>(x:&str)->char{}");
    assert_eq!(tokens("a\n\n\"x\ny\" b").last(), Some(&Token { text: "b", line: 4 }));
}
