//! Text from a file, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::workflow::{is_command, without_brackets};

/// The text with tabs as spaces and characters that could steer a terminal replaced: control characters by their
/// pictures, such as ␛, and bidirectional overrides by U+FFFD.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\t' => shown.push_str("    "),
            _ => shown.push(picture(char)),
        }
    }
    Cow::Owned(shown)
}

/// A character, or what is shown in place of one that could steer a terminal.
pub(super) fn picture(char: char) -> char {
    match char {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(char)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '␡',
        _ if is_unsafe(char) => char::REPLACEMENT_CHARACTER,
        _ => char,
    }
}

/// The text line by line, each made [`visible`]; its line ends stay.
pub fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Whether a character steers a terminal or the direction of text, or is none.
pub(super) fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{fffe}' | '\u{ffff}')
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// The text for GitHub's Markdown, in a paragraph or a table: nothing in it is markup, a mention, a link or the end of a cell.
/// Every sign that could be is written as a character reference, which no parser takes for more than a letter, and what looks
/// like a mention, an issue or a link even so is parted by a joiner that nobody sees.
pub fn markdown(text: &str) -> String {
    references(text, "&#8288;", |char| "-./=,;()+%?".contains(char))
}

/// The text as code in GitHub's Markdown, in a paragraph or a table. A comment parts what looks like a link, so that what is
/// copied is the text.
pub fn markdown_code(text: &str) -> String {
    format!("<code>{}</code>", references(text, "<!-- -->", |char| "-./=,;()+%?".contains(char)))
}

/// The text with references for all signs but plain ones, and with `joint` in what a reader could make a link of: addresses
/// (`a@b`), `www.`, `mailto:`, `xmpp:` and `://`.
pub(super) fn references(text: &str, joint: &str, is_plain: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = visible(text);
    for (at, char) in text.char_indices() {
        if char.is_ascii_punctuation() && !is_plain(char) {
            let _ = write!(escaped, "&#{};", u32::from(char));
        } else {
            escaped.push(char);
        }
        let ends = |word: &str| {
            let start = at.checked_sub(word.len()).and_then(|start| text.get(start..at));
            start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let parts = match char {
            '@' | '#' => true,
            '.' => ends("www"),
            ':' => text[at..].starts_with("://") || ends("mailto") || ends("xmpp"),
            _ => false,
        };
        if parts {
            escaped.push_str(joint);
        }
    }
    escaped
}

/// JSON text with the characters that could steer a terminal or a workflow runner as escapes. They stand in strings only, so
/// the value stays the same.
pub fn json_visible(text: String) -> String {
    let text = match without_brackets(&text, "\\u005b") {
        Cow::Owned(text) => text,
        Cow::Borrowed(_) => text,
    };
    if !text.chars().any(|char| char != '\n' && is_unsafe(char)) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if char != '\n' && is_unsafe(char) {
            let _ = write!(shown, "\\u{:04x}", u32::from(char));
        } else {
            shown.push(char);
        }
    }
    shown
}

/// TOML with the characters that could steer a terminal as escapes, so that the values stay the same. Literal strings,
/// which have no escapes, become basic ones.
pub fn toml_visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if !line.chars().any(is_unsafe) && !is_command(line) {
            shown.push_str(line);
        } else if let Some((key, literal)) = line.strip_suffix('\'').and_then(|line| line.split_once(" = '"))
        {
            let basic = literal.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(shown, "{key} = \"{}\"", json_visible(basic));
        } else {
            shown.push_str(&json_visible(line.to_owned()));
        }
        shown.push_str(end);
    }
    shown
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { text.len() } else { text.width() }
}

/// The text, cut with an ellipsis where it takes more than `columns`.
pub fn cut<'t>(text: &'t str, columns: usize, ellipsis: &str) -> Cow<'t, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut used = 0;
    let end = text
        .char_indices()
        .find(|(_, char)| {
            used += char.width().unwrap_or(0);
            used > room
        })
        .map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}{ellipsis}", &text[..end]))
}

/// The words of `text` in lines of at most `columns`, where words allow. A number stays with its unit.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let separator = WordSeparator::Custom(|text| Box::new(phrases(text).map(Word::from)));
    let options = Options::new(columns)
        .word_separator(separator)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

/// A number of things, in the singular where it is one: `1 step`, `2 steps`.
pub fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A text that begins a heading.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The parts, each with the space behind it, after which a line may end: words, and numbers with their units, such as `1 m 40 s`.
fn phrases(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut end = text.find(' ');
        while let Some(at) = end {
            let (before, after) = (&text[..at], &text[at + 1..]);
            let last = before.rsplit(' ').next().unwrap_or_default();
            if !belongs(last, after.split(' ').next().unwrap_or_default()) {
                break;
            }
            end = after.find(' ').map(|space| at + 1 + space);
        }
        let (phrase, left) = end.map_or((text, None), |at| (&text[..=at], Some(&text[at + 1..])));
        rest = left;
        Some(phrase)
    })
}

/// Whether `next` goes on with a quantity that `last` begins.
fn belongs(last: &str, next: &str) -> bool {
    const UNITS: &[&str] =
        &["ms", "s", "m", "h", "d", "%", "B", "kB", "MB", "GB", "TB", "µs", "us", "ns", "cores"];
    let unit = next.trim_end_matches([',', '.', ';', ':', ')']);
    let goes_on = matches!(last, "m" | "h" | "d" | "line" | "(line")
        && next.starts_with(|char: char| char.is_ascii_digit());
    goes_on || (last.ends_with(|char: char| char.is_ascii_digit()) && UNITS.contains(&unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(visible("plain é"), "plain é");
        assert_eq!(visible("a\x1b[31mb\x07\tc\u{202e}d\u{9b}e\x7f"), "a␛[31mb␇    c\u{fffd}d\u{fffd}e␡");
    }

    #[test]
    fn nothing_is_markup() {
        assert_eq!(markdown("B is faster (1.2 times)"), "B is faster (1.2 times)");
        assert_eq!(
            markdown("a|b `c` **d** <img> [e](f) @g #1 h://"),
            "a&#124;b &#96;c&#96; &#42;&#42;d&#42;&#42; &#60;img&#62; &#91;e&#93;(f) &#64;&#8288;g &#35;&#8288;1 h&#58;&#8288;//"
        );
        assert_eq!(markdown_code("a</code>\n|"), "<code>a&#60;/code&#62;␊&#124;</code>");
        assert_eq!(markdown("WWW.x a.b mailto:c"), "WWW.&#8288;x a.b mailto&#58;&#8288;c");
        assert_eq!(markdown_code("a@b é:x"), "<code>a&#64;<!-- -->b é&#58;x</code>");
    }

    #[test]
    fn json_keeps_its_value() {
        let value = "a\x1bb\u{9b}c\u{202e}d\x7fe\"é";
        let json = json_visible(serde_json::to_string_pretty(&[value]).unwrap());
        assert_eq!(json, "[\n  \"a\\u001bb\\u009bc\\u202ed\\u007fe\\\"é\"\n]");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [value]);
    }

    #[test]
    fn toml_keeps_its_value() {
        let values = [
            "plain",
            "\u{9b}31m",
            "'\u{202e}",
            "say \"\u{9b}\" \\ to",
            "##[x]",
            "'##[x]\"",
            "\u{2028}'\"\\\n\x1b",
        ];
        for value in values {
            let text = toml::to_string(&std::collections::BTreeMap::from([("does", value)])).unwrap();
            let shown = toml_visible(&text);
            assert!(
                !shown.trim_end_matches('\n').chars().any(|char| char != '\n' && is_unsafe(char)),
                "{shown:?}"
            );
            let read: std::collections::BTreeMap<String, String> = toml::from_str(&shown).unwrap();
            assert_eq!(read["does"], value, "{shown}");
        }
        assert_eq!(visible_lines("a\x1b\nb"), "a␛\nb");
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(cut("abcdef", 6, "…"), "abcdef");
        assert_eq!(cut("abcdef", 5, "…"), "abcd…");
        assert_eq!(cut("日本語", 5, "…"), "日本…");
        assert_eq!(cut("abc", 0, ""), "");
    }

    #[test]
    fn wrapping() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("long-word b", 4), ["long-word", "b"]);
        assert_eq!(wrap("takes 5 s", 7), ["takes", "5 s"]);
        assert_eq!(wrap("a (1 m 40 s) b", 10), ["a", "(1 m 40 s)", "b"]);
    }
}
