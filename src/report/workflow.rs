//! Workflow commands: what runners take out of a log and obey, broken in every text that is none.
//!
//! A runner of GitHub Actions obeys a line that begins, behind blanks, with `::`, and `##[…]` anywhere in a line; Azure
//! Pipelines and `TeamCity` obey `##vso[…]` and `##teamcity[…]`. A line ends at a line feed or a carriage return. None of that
//! may come out of a file that was only read, whether its text stands in a report, an excerpt or an error.

use std::borrow::Cow;

use memchr::memmem;

/// The text with a backslash in each place that a runner could take for the start of a command.
pub fn defused(text: &str) -> Cow<'_, str> {
    broken(text, "\\:", "\\[")
}

/// The same for markup, in which the text stays what it is.
pub(super) fn in_markup(text: &str) -> Cow<'_, str> {
    broken(text, "&#58;", "&#91;")
}

fn broken<'t>(text: &'t str, colon: &str, bracket: &str) -> Cow<'t, str> {
    let has = |sign: &str| memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
    if !has("::") {
        return if has("##") { without_brackets(text, bracket) } else { Cow::Borrowed(text) };
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive(['\n', '\r']) {
        let command = line.trim_start_matches(is_blank);
        safe.push_str(&line[..line.len() - command.len()]);
        let rest = match command.strip_prefix(':').filter(|rest| rest.starts_with(':')) {
            Some(rest) => {
                safe.push_str(colon);
                rest
            }
            None => command,
        };
        safe.push_str(&without_brackets(rest, bracket));
    }
    if safe.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(safe) }
}

/// Whether a runner could take a part of the text for a command.
pub fn is_command(text: &str) -> bool {
    matches!(defused(text), Cow::Owned(_))
}

/// The same for languages in which no line begins with words of a file; `bracket` is how such a language writes `[`.
pub(super) fn without_brackets<'t>(text: &'t str, bracket: &str) -> Cow<'t, str> {
    let mut safe = String::new();
    let mut done = 0;
    let mut seen = 0;
    for at in memmem::find_iter(text.as_bytes(), b"##") {
        // A run of signs is looked at once.
        if at < seen {
            continue;
        }
        let word =
            text[at..].trim_start_matches('#').trim_start_matches(|char: char| char.is_ascii_alphabetic());
        let end = text.len() - word.len();
        seen = end;
        if word.starts_with('[') {
            safe.push_str(&text[done..end]);
            safe.push_str(bracket);
            done = end + 1;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    safe.push_str(&text[done..]);
    Cow::Owned(safe)
}

/// What a runner skips at the start of a line, and what readers of streams drop there.
fn is_blank(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_broken_and_all_else_stays() {
        for (text, safe) in [
            ("", ""),
            ("a::b ##x [y] #[z]\n#### title\n", "a::b ##x [y] #[z]\n#### title\n"),
            ("::error::x", "\\::error::x"),
            ("a\n \t\u{a0}::x\n::y", "a\n \t\u{a0}\\::x\n\\::y"),
            ("a\r::x\r\n::y", "a\r\\::x\r\n\\::y"),
            ("\u{feff}::x", "\u{feff}\\::x"),
            ("a ##[add-mask]b ##[x]", "a ##\\[add-mask]b ##\\[x]"),
            ("####[x] ##vso[task.x]", "####\\[x] ##vso\\[task.x]"),
            (" ::##[x]", " \\::##\\[x]"),
            ("##a##[x]##", "##a##\\[x]##"),
        ] {
            assert_eq!(defused(text), safe, "{text:?}");
            assert_eq!(is_command(text), text != safe);
        }
        assert_eq!(without_brackets("##[a] ##b", "&#91;"), "##&#91;a] ##b");
    }

    #[test]
    fn long_texts_take_one_pass() {
        assert_eq!(defused(&"#".repeat(1 << 20)).len(), 1 << 20);
        assert_eq!(defused(&"##a".repeat(1 << 18)).len(), 3 << 18);
    }
}
