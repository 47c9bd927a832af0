//! The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`.
//!
//! `*` stands for any run of characters and `?` for any one, neither for a line end. A backslash takes the meaning from
//! `*`, `?` and itself, and is dropped before `}` and `/`. BuildKit turns these patterns into regular expressions;
//! matching here finds what those find, in time and memory bounded by [`MAX_CELLS`].

/// The most cells (pattern length × value length) a match may take, and the most bytes a replacement may make.
pub const MAX_CELLS: usize = 1 << 24;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
    greedy: bool,
}

#[derive(Debug, Clone, Copy)]
enum Token {
    Char(char),
    Any,
    Star,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatternError {
    /// A backslash before a character that needs none, or at the end.
    InvalidEscape,
    /// The match would exceed [`MAX_CELLS`].
    TooLarge,
}

impl Pattern {
    fn new(text: impl Iterator<Item = char>, greedy: bool) -> Result<Self, PatternError> {
        let mut tokens = Vec::new();
        let mut chars = text.peekable();
        while let Some(char) = chars.next() {
            tokens.push(match char {
                '*' => Token::Star,
                '?' => Token::Any,
                '\\' => match chars.peek() {
                    Some('}' | '/') => continue,
                    Some(&escaped @ ('*' | '?' | '\\')) => {
                        chars.next();
                        Token::Char(escaped)
                    }
                    _ => return Err(PatternError::InvalidEscape),
                },
                other => Token::Char(other),
            });
        }
        Ok(Self { tokens, greedy })
    }

    /// From where in `value` which part of the pattern matches.
    fn table(&self, value: &[char]) -> Result<Table, PatternError> {
        let width = value.len() + 1;
        if (self.tokens.len() + 1).saturating_mul(width) > MAX_CELLS {
            return Err(PatternError::TooLarge);
        }
        let mut rows = vec![false; (self.tokens.len() + 1) * width];
        rows[self.tokens.len() * width..].fill(true);
        for (row, token) in self.tokens.iter().enumerate().rev() {
            for at in (0..width).rev() {
                let next = |column: usize| rows[(row + 1) * width + column];
                rows[row * width + at] = match *token {
                    Token::Char(char) => at < value.len() && value[at] == char && next(at + 1),
                    Token::Any => at < value.len() && value[at] != '\n' && next(at + 1),
                    Token::Star => {
                        next(at) || at < value.len() && value[at] != '\n' && rows[row * width + at + 1]
                    }
                };
            }
        }
        Ok(Table { rows, width })
    }

    /// Where the match that starts at `start` ends.
    fn end(&self, table: &Table, value: &[char], start: usize) -> usize {
        let mut at = start;
        for (row, token) in self.tokens.iter().enumerate() {
            if !matches!(token, Token::Star) {
                at += 1;
                continue;
            }
            let mut best = None;
            let mut candidate = at;
            loop {
                if table.matches(row + 1, candidate) {
                    best = Some(candidate);
                    if !self.greedy {
                        break;
                    }
                }
                if candidate == value.len() || value[candidate] == '\n' {
                    break;
                }
                candidate += 1;
            }
            at = best.unwrap_or(at);
        }
        at
    }
}

/// Whether the tokens from a row on match the value from a column on.
struct Table {
    rows: Vec<bool>,
    width: usize,
}

impl Table {
    fn matches(&self, row: usize, column: usize) -> bool {
        self.rows[row * self.width + column]
    }
}

/// `value` without the shortest, or with `greedy` the longest, prefix that matches.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, PatternError> {
    let value: Vec<char> = value.chars().collect();
    Ok(trim(pattern.chars(), &value, greedy)?.iter().collect())
}

/// `value` without the shortest, or with `greedy` the longest, suffix that matches.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, PatternError> {
    let value: Vec<char> = value.chars().rev().collect();
    Ok(trim(reversed(pattern).into_iter(), &value, greedy)?.iter().rev().collect())
}

fn trim(pattern: impl Iterator<Item = char>, value: &[char], greedy: bool) -> Result<&[char], PatternError> {
    let pattern = Pattern::new(pattern, greedy)?;
    let table = pattern.table(value)?;
    Ok(if table.matches(0, 0) { &value[pattern.end(&table, value, 0)..] } else { value })
}

/// The pattern backwards, each backslash kept in front of what it escapes.
fn reversed(pattern: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match (char, if char == '\\' { chars.next() } else { None }) {
            ('\\', Some(escaped)) => out.extend([escaped, '\\']),
            _ => out.push(char),
        }
    }
    out.reverse();
    out
}

/// `value` with the first match replaced by the literal `replacement`, or every match by the template `replacement`.
pub(super) fn replace(
    pattern: &str,
    value: &str,
    replacement: &str,
    all: bool,
) -> Result<String, PatternError> {
    let pattern = Pattern::new(pattern.chars(), true)?;
    let value: Vec<char> = value.chars().collect();
    let table = pattern.table(&value)?;
    let mut out = String::new();
    let mut at = 0;
    // As Go's regexp: an empty match directly after a match is not one.
    let mut last_end = None;
    while at <= value.len() {
        if out.len() > MAX_CELLS {
            return Err(PatternError::TooLarge);
        }
        let empty_after_match = |end: usize| end == at && last_end == Some(at);
        let end = table.matches(0, at).then(|| pattern.end(&table, &value, at));
        match end.filter(|&end| !empty_after_match(end)) {
            Some(end) => {
                let whole: String = value[at..end].iter().collect();
                if all {
                    template(replacement, &whole, &mut out);
                } else {
                    out.push_str(replacement);
                    out.extend(&value[end..]);
                    return Ok(out);
                }
                last_end = Some(end);
                if end > at {
                    at = end;
                    continue;
                }
            }
            None => last_end = None,
        }
        out.extend(value.get(at));
        at += 1;
    }
    Ok(out)
}

/// Expands a replacement as Go's `Regexp.Expand` does for a match without groups: `$0` is the match, `$$` a dollar
/// sign, any other `$name` or `${name}` nothing.
fn template(replacement: &str, whole: &str, out: &mut String) {
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let braced = rest.strip_prefix('{');
        let text = braced.unwrap_or(rest);
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let closed = braced.is_none() || text[end..].starts_with('}');
        if end == 0 || !closed {
            out.push('$');
            continue;
        }
        if &text[..end] == "0" {
            out.push_str(whole);
        }
        rest = &text[end + usize::from(braced.is_some())..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes() {
        // pattern, value, shortest prefix, longest prefix, shortest suffix, longest suffix removed
        let cases = [
            ("*/", "a/b/c", ["b/c", "c", "a/b/c", "a/b/c"]),
            ("/*", "a/b/c", ["a/b/c", "a/b/c", "a/b", "a"]),
            ("?", "abc", ["bc", "bc", "ab", "ab"]),
            ("", "abc", ["abc", "abc", "abc", "abc"]),
            ("*", "abc", ["abc", "", "abc", ""]),
            ("a.c", "abc", ["abc", "abc", "abc", "abc"]),
            (r"\*", "*a*", ["a*", "a*", "*a", "*a"]),
            (r"\/b", "a/b", ["a/b", "a/b", "a", "a"]),
            ("*b*", "abcbd", ["cbd", "", "abc", ""]),
        ];
        for (pattern, value, [p, pp, s, ss]) in cases {
            assert_eq!(trim_prefix(pattern, value, false).unwrap(), p, "#{pattern} {value}");
            assert_eq!(trim_prefix(pattern, value, true).unwrap(), pp, "##{pattern} {value}");
            assert_eq!(trim_suffix(pattern, value, false).unwrap(), s, "%{pattern} {value}");
            assert_eq!(trim_suffix(pattern, value, true).unwrap(), ss, "%%{pattern} {value}");
        }
    }

    #[test]
    fn replacements() {
        let cases = [
            ("a", "banana", "o", false, "bonana"),
            ("a", "banana", "o", true, "bonono"),
            ("a*n", "banana", "-", true, "b-a"),
            ("", "ab", "-", false, "-ab"),
            ("", "ab", "-", true, "-a-b-"),
            ("*", "ab", "-", true, "-"),
            ("a", "aa", "$0$0", true, "aaaa"),
            ("a", "aa", "$0", false, "$0a"),
            ("a", "a", "$$x${y}$z-$", true, "$x-$"),
            ("x", "ab", "-", true, "ab"),
        ];
        for (pattern, value, replacement, all, expected) in cases {
            assert_eq!(
                replace(pattern, value, replacement, all).unwrap(),
                expected,
                "{pattern} {value} {replacement}"
            );
        }
    }

    #[test]
    fn refused_patterns() {
        for pattern in [r"\a", r"a\"] {
            assert_eq!(trim_prefix(pattern, "a", false), Err(PatternError::InvalidEscape), "{pattern}");
        }
        let long = "a".repeat(10_000);
        assert_eq!(trim_prefix(&long, &long, false), Err(PatternError::TooLarge));
    }
}
