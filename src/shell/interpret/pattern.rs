//! Patterns of `case`, `${name#…}` and `[[ … == … ]]`.

use super::text::Text;

/// Texts and patterns beyond so many bytes are not compared.
const MAX: usize = 1024;

/// Whether all of a text matches a pattern, in which a backslash takes the meaning of the character after it. `None` where that
/// is not known.
pub(super) fn matches(pattern: &Text, text: &Text) -> Option<bool> {
    let raw = pattern.with_gaps();
    if raw == "*" {
        return Some(true);
    }
    if let (Some(pattern), Some(text)) = (pattern.known(), text.known()) {
        return whole(pattern, text);
    }
    // What both begin with may tell.
    let fixed = raw.split(['*', '?', '[', '\\', '\0']).next().unwrap_or_default();
    let known = text.with_gaps().split('\0').next().unwrap_or_default();
    (!fixed.starts_with(known) && !known.starts_with(fixed)).then_some(false)
}

/// Whether a pattern is nothing but text; then that text.
pub(super) fn literal(pattern: &str) -> Option<String> {
    if pattern.contains(['*', '?', '[']) && !pattern.contains('\\') {
        return None;
    }
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' | '[' => return None,
            '\\' => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    Some(out)
}

/// Whether a text matches; `None` for what is too long.
pub(super) fn whole(pattern: &str, text: &str) -> Option<bool> {
    if let Some(literal) = literal(pattern) {
        return Some(literal == text);
    }
    if pattern.len() > MAX || text.len() > MAX {
        return None;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = one(&pattern[p..], text[t]);
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if let Some(length) = step {
            p += length;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return Some(false);
        }
    }
    Some(pattern[p..].iter().all(|&c| c == '*'))
}

/// How many characters of the pattern match one of the text; `None` where they do not.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match *pattern.first()? {
        '*' => None,
        '?' => Some(1),
        '\\' => (*pattern.get(1)? == c).then_some(2),
        '[' => {
            let negated = matches!(pattern.get(1), Some('!' | '^'));
            let first = 1 + usize::from(negated);
            let close = (first + 1..pattern.len()).find(|&at| pattern[at] == ']');
            let Some(close) = close else { return (c == '[').then_some(1) };
            let mut found = false;
            let mut at = first;
            while at < close {
                if pattern.get(at + 1) == Some(&'-') && at + 2 < close {
                    found |= (pattern[at]..=pattern[at + 2]).contains(&c);
                    at += 3;
                } else {
                    found |= pattern[at] == c;
                    at += 1;
                }
            }
            (found != negated).then_some(close + 1)
        }
        other => (other == c).then_some(1),
    }
}

/// What is left of a text without what a pattern takes off one end; `None` where that is not known.
pub(super) fn trim(text: &str, pattern: &str, at_end: bool, longest: bool) -> Option<String> {
    if let Some(literal) = literal(pattern) {
        let rest = if at_end { text.strip_suffix(&*literal) } else { text.strip_prefix(&*literal) };
        return Some(rest.unwrap_or(text).to_owned());
    }
    if text.len() > 256 || pattern.len() > 64 {
        return None;
    }
    let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // A short piece at the end begins late, a short piece at the beginning ends early.
    if at_end != longest {
        places.reverse();
    }
    for at in places {
        let (before, after) = text.split_at(at);
        let (piece, rest) = if at_end { (after, before) } else { (before, after) };
        if whole(pattern, piece)? {
            return Some(rest.to_owned());
        }
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("linux/arm*", "linux/arm64", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("*.tar.*", "a.tar.gz", true),
            ("a**b", "ab", true),
        ];
        for (pattern, text, wanted) in cases {
            assert_eq!(whole(pattern, text), Some(wanted), "{pattern} {text}");
        }
    }

    #[test]
    fn trimming() {
        let cases = [
            ("linux/arm/v7", "*/", false, false, "arm/v7"),
            ("linux/arm/v7", "*/", false, true, "v7"),
            ("linux/arm/v7", "/*", true, false, "linux/arm"),
            ("linux/arm/v7", "/*", true, true, "linux"),
            ("v7", "v", false, false, "7"),
            ("7", "v", false, false, "7"),
        ];
        for (text, pattern, at_end, longest, wanted) in cases {
            assert_eq!(trim(text, pattern, at_end, longest).as_deref(), Some(wanted), "{text} {pattern}");
        }
    }

    #[test]
    fn what_is_not_known_may_match() {
        let text = Text::new("linux/\0");
        assert_eq!(matches(&"linux/arm64".into(), &text), None);
        assert_eq!(matches(&"windows/*".into(), &text), Some(false));
        assert_eq!(matches(&"*".into(), &Text::unknown()), Some(true));
    }
}
