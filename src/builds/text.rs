//! Text of which parts may be unknown.
//!
//! A definition is put together from pieces, and some are only known when it runs. Such a piece is kept *within* the
//! text as a run of private characters that spell why it is unknown, so that the same string goes through expressions,
//! Make and the shell, and comes out with what is known still known.

use std::fmt;

/// Begins an unknown piece. Chosen from a private plane, where no text has anything.
const OPEN: char = '\u{F0200}';
/// Ends an unknown piece.
const CLOSE: char = '\u{F0201}';
/// Stands before a piece that a shell would split at blanks: it may be several words, or none.
const SPLIT: char = '\u{F0202}';
/// The first of 256 characters that spell the bytes of a reason.
const BYTES: u32 = 0xF0000;
/// The first of the characters that number the pieces between whose values the run decides.
const CHOICES: u32 = 0xF1000;
/// The last character of that plane.
const LAST: u32 = 0xFFFFD;
/// A reason is cut at this many bytes.
const MAX_REASON: usize = 160;

/// A text, parts of which may be unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(String);

impl Text {
    /// A text that is known, whatever it holds.
    pub fn known(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A text of which nothing is known but where it comes from.
    pub fn unknown(why: &str) -> Self {
        Self(unknown(why))
    }

    /// A text with unknown pieces in it.
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, if all of it is known.
    pub fn value(&self) -> Option<&str> {
        is_known(&self.0).then_some(&self.0)
    }

    /// The text with unknown pieces spelt as in the definition.
    pub fn readable(&self) -> String {
        readable(&self.0)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.readable())
    }
}

/// An unknown piece: what the definition says in its place, such as `$(git describe)`.
pub(super) fn unknown(why: &str) -> String {
    let why = readable(why);
    let mut text = String::with_capacity(4 * why.len().min(MAX_REASON) + 8);
    text.push(OPEN);
    text.extend(why.bytes().take(MAX_REASON).filter_map(|byte| char::from_u32(BYTES + u32::from(byte))));
    text.push(CLOSE);
    text
}

/// How many pieces can have a number.
pub(super) const MAX_CHOICES: usize = (LAST - CHOICES) as usize;

/// An unknown piece with a number, by which the values are found that it can have.
pub(super) fn numbered(why: &str, number: usize) -> String {
    let mut text = unknown(why);
    let number = u32::try_from(number).ok().and_then(|number| char::from_u32(CHOICES + number));
    if let Some(number) = number {
        text.insert(text.len() - CLOSE.len_utf8(), number);
    }
    text
}

/// The first piece of a text that has a number: where it stands, with the sign that it may be split, and its number.
pub(super) fn first_numbered(text: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let (at, number) = text.char_indices().find(|(_, c)| (CHOICES..=LAST).contains(&u32::from(*c)))?;
    let open = text[..at].rfind(OPEN)?;
    let start = text[..open].strip_suffix(SPLIT).map_or(open, str::len);
    let end = at + text[at..].find(CLOSE)? + CLOSE.len_utf8();
    usize::try_from(u32::from(number) - CHOICES).ok().map(|number| (start..end, number))
}

/// The text with its numbered pieces as others.
pub(super) fn unnumbered(text: String) -> String {
    let is_number = |c: char| (CHOICES..=LAST).contains(&u32::from(c));
    if text.is_ascii() || !text.contains(is_number) { text } else { text.replace(is_number, "") }
}

/// Whether no piece of a text is unknown.
pub(super) fn is_known(text: &str) -> bool {
    !text.contains(OPEN)
}

/// The text with a NUL in place of each unknown piece.
pub(super) fn with_gaps(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_open = false;
    for c in text.chars() {
        match c {
            OPEN if !is_open => {
                is_open = true;
                out.push('\0');
            }
            CLOSE => is_open = false,
            SPLIT => {}
            _ if is_open => {}
            _ => out.push(c),
        }
    }
    out
}

/// Whether a text is nothing but one unknown piece.
pub(super) fn is_wholly_unknown(text: &str) -> bool {
    let text = text.trim_start_matches(SPLIT);
    text.starts_with(OPEN) && text.find(CLOSE).is_some_and(|at| at + CLOSE.len_utf8() == text.len())
}

/// Whether a text is one unknown piece that a shell may take for several words or for none.
pub(super) fn may_be_words(text: &str) -> bool {
    text.starts_with(SPLIT) && is_wholly_unknown(text)
}

/// The text as a shell reads it outside quotes: its unknown pieces may be several words.
pub(super) fn splittable(text: &str) -> String {
    unsplit(text).replace(OPEN, &format!("{SPLIT}{OPEN}"))
}

/// The text as one word.
pub(super) fn unsplit(text: &str) -> String {
    text.replace(SPLIT, "")
}

/// A text from a file: private characters of this module are taken out.
pub(super) fn clean(text: String) -> String {
    let private = |c: char| (BYTES..=LAST).contains(&u32::from(c));
    if text.is_ascii() || !text.contains(private) {
        return text;
    }
    text.replace(private, "\u{FFFD}")
}

/// The text with unknown pieces spelt out.
pub(super) fn readable(text: &str) -> String {
    if is_known(text) && !text.contains(SPLIT) {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c {
            OPEN | CLOSE | SPLIT => {}
            _ => match u32::from(c).checked_sub(BYTES).and_then(|byte| u8::try_from(byte).ok()) {
                Some(byte) => bytes.push(byte),
                None if (CHOICES..=LAST).contains(&u32::from(c)) => {}
                None => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            },
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_pieces_pass_through_text() {
        let text = format!("linux/{}", unknown("${{ steps.a.outputs.ö }}"));
        assert!(!is_known(&text) && !is_wholly_unknown(&text));
        assert_eq!(readable(&text), "linux/${{ steps.a.outputs.ö }}");
        let nested = unknown(&text);
        assert!(is_wholly_unknown(&nested));
        assert_eq!(readable(&nested), readable(&text));
        assert!(may_be_words(&splittable(&nested)) && !may_be_words(&nested));
        assert_eq!(unsplit(&splittable(&text)), text);
        assert!(is_known(&clean(text)));
        assert!(!is_wholly_unknown(&format!("{nested}{nested}")));
        let choice = numbered("$X", 7);
        assert!(is_wholly_unknown(&choice) && readable(&choice) == "$X");
        let within = format!("a={}", splittable(&choice));
        assert_eq!(first_numbered(&within), Some((2..within.len(), 7)));
        assert!(first_numbered(&nested).is_none() && is_known(&clean(choice)));
    }
}
