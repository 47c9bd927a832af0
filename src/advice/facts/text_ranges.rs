//! Where instructions stand among the lines of a file: what to take along when one moves, and what to leave.

use crate::dockerfile::ast::{Instruction, Word};
use crate::source::{Span, cut};

/// Where a byte of a word's text stands in the file: between them are the ends of continued lines, and comments. `None` where the
/// text is not that of the file.
pub(in crate::advice) fn in_file(file: &str, word: &Word<'_>, at: usize) -> Option<u32> {
    let raw = file.get(word.span.range())?;
    let (mut from, mut joined) = (0, 0);
    loop {
        from += continuation(raw.get(from..)?);
        if joined == at {
            return Some(word.span.start + from as u32);
        }
        let (here, there) = (raw.as_bytes().get(from)?, word.text.as_bytes().get(joined)?);
        if here != there {
            return None;
        }
        from += 1;
        joined += 1;
    }
}

/// How long the end of a continued line is that begins here, with the comments and blank lines after it; 0 for none.
fn continuation(text: &str) -> usize {
    let mut rest = text;
    let Some(end) = rest.strip_prefix(['\\', '`']).map(|rest| rest.trim_start_matches([' ', '\t', '\r']))
    else {
        return 0;
    };
    let Some(mut after) = end.strip_prefix('\n') else { return 0 };
    loop {
        rest = after;
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let is_passed = line.trim().is_empty() || line.trim_start().starts_with('#');
        if !is_passed || !line.ends_with('\n') {
            return text.len() - rest.len() + continuation(rest);
        }
        after = &rest[line.len()..];
    }
}

/// Where the first line starts: behind a byte order mark.
fn first_line(text: &str) -> u32 {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() as u32 } else { 0 }
}

/// The start of the line that holds the byte at `at`.
pub(in crate::advice) fn line_start(text: &str, at: u32) -> u32 {
    // By bytes: `at` may stand inside a character.
    let before = text.as_bytes().get(..at as usize).unwrap_or_default();
    before.iter().rposition(|byte| *byte == b'\n').map_or(first_line(text), |end| end as u32 + 1)
}

/// The offset after the line end of the line that holds the byte at `at`.
pub(in crate::advice) fn line_end(text: &str, at: u32) -> u32 {
    let after = text.as_bytes().get(at as usize..).unwrap_or_default();
    after.iter().position(|byte| *byte == b'\n').map_or(text.len() as u32, |end| at + end as u32 + 1)
}

/// The start of the line that so many lines stand above, at most the end of the text.
pub(in crate::advice) fn nth_line(text: &str, above: usize) -> u32 {
    (0..above).fold(first_line(text), |at, _| line_end(text, at))
}

/// An instruction with the whole of its lines. Should the lines around it be blank, the one after it too, so that
/// taking it out leaves no gap.
pub(in crate::advice) fn whole_lines(text: &str, instruction: &Instruction<'_>) -> Span {
    let start = line_start(text, instruction.span.start);
    // The span may end with the line end itself.
    let last = instruction.span.end.max(instruction.span.start + 1) - 1;
    let end = line_end(text, last);
    let after = line_end(text, end);
    let blank_before = start == first_line(text)
        || text[line_start(text, start - 1) as usize..start as usize].trim().is_empty();
    let blank_after = after > end && text[end as usize..after as usize].trim().is_empty();
    Span::new(start, if blank_before && blank_after { after } else { end })
}

/// Where to put a line before an instruction: at the start of its line, or of the comments right above it.
pub(in crate::advice) fn before(text: &str, instruction: &Instruction<'_>) -> u32 {
    let mut at = line_start(text, instruction.span.start);
    let first = first_line(text);
    while at > first {
        let above = line_start(text, at - 1);
        let line = text[above as usize..at as usize].trim();
        let is_directive = above == first
            || text[first as usize..above as usize].lines().all(|l| l.trim_start().starts_with('#'));
        if !line.starts_with('#') || is_directive {
            break;
        }
        at = above;
    }
    at
}

/// The span of `needle` in a span of the text, where it is there exactly once.
pub(in crate::advice) fn find_once(text: &str, within: Span, needle: &str) -> Option<Span> {
    let part = text.get(within.range())?;
    let at = part.find(needle)?;
    let again = part[at + needle.len()..].contains(needle);
    let start = within.start + at as u32;
    (!again).then(|| Span::new(start, start + needle.len() as u32))
}

/// A flag of a `FROM` with the space behind it: what to take out so that the rest stays as it is.
pub(in crate::advice) fn flag_with_space(text: &str, flag: Span) -> Span {
    let rest = cut(text, Span::new(flag.end, text.len() as u32));
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Span::new(flag.start, flag.end + space as u32)
}

/// Whether `text` holds `name` as a word of its own: not as part of a longer identifier.
pub(in crate::advice) fn mentions(text: &str, name: &str) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|b| *b == b'_' || b.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    let Some(first) = name.chars().next() else { return false };
    // Names of variables begin with a capital, which a script has few of: a search for all of the name is dearer to set up.
    text.match_indices(first).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        text[at..].starts_with(name) && !is_word(before) && !is_word(bytes.get(at + name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::{Arena, parse_text};

    #[test]
    fn lines_go_whole() {
        let text = "FROM a\n\nARG X\n\nRUN \\\n  b\n# c\nRUN d";
        let arena = Arena::new();
        let file = parse_text(text, &arena);
        let gone = |at: usize| {
            let span = whole_lines(text, &file.instructions[at]);
            &text[span.range()]
        };
        assert_eq!(gone(1), "ARG X\n\n");
        assert_eq!(gone(2), "RUN \\\n  b\n");
        assert_eq!(gone(3), "RUN d");
        assert_eq!(&text[before(text, &file.instructions[3]) as usize..], "# c\nRUN d");
    }

    #[test]
    fn a_byte_order_mark_stays_first() {
        let text = "\u{feff}FROM a\nRUN b\n";
        let arena = Arena::new();
        let file = parse_text(text, &arena);
        assert_eq!(before(text, &file.instructions[0]), 3);
        assert_eq!(whole_lines(text, &file.instructions[0]), Span::new(3, 10));
    }

    #[test]
    fn words_of_their_own() {
        assert!(mentions("a $TARGETARCH b", "TARGETARCH"));
        assert!(mentions("${TARGETARCH}", "TARGETARCH"));
        assert!(!mentions("$MYTARGETARCH $TARGETARCH_X", "TARGETARCH"));
    }
}
