//! Physical lines, and the logical ones that continuations join them to.

use std::ops::Range;

use bumpalo::collections::String as BumpString;
use smallvec::{SmallVec, smallvec};

use super::arena::Arena;
use super::ast::Word;
use crate::source::{Line, Span};

/// The longest physical line BuildKit reads, in bytes with its line end: the buffer of Go's `bufio.Scanner`.
pub const MAX_LINE: usize = 65_536;

/// Hands out the lines of a text one by one, until one is too long.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many lines were handed out.
    pub(super) count: u32,
    /// A line was too long; it and all that follow were not handed out.
    pub(super) too_long: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, count: 0, too_long: false }
    }

    /// The next line with its line end, and where it starts.
    pub(super) fn next(&mut self) -> Option<(&'a str, usize)> {
        let rest = &self.text[self.at..];
        if rest.is_empty() || self.too_long {
            return None;
        }
        let (length, limit) = memchr::memchr(b'\n', rest.as_bytes())
            .map_or((rest.len(), MAX_LINE - 1), |end| (end + 1, MAX_LINE));
        if length > limit {
            self.too_long = true;
            return None;
        }
        let start = self.at;
        self.at += length;
        self.count += 1;
        Some((&rest[..length], start))
    }

    /// Where the next line starts.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The number of the line handed out last.
    pub(super) fn line(&self) -> Line {
        Line(self.count)
    }
}

/// One instruction's line, continuations joined, that remembers where its pieces stood.
#[derive(Debug)]
pub(super) struct Logical<'a> {
    /// The joined text.
    pub(super) text: &'a str,
    /// Where each piece begins, in `text` and in the file.
    pieces: Pieces,
}

#[derive(Debug)]
enum Pieces {
    /// All of it stands in the file as it is, from this offset on.
    One(u32),
    Many(Places),
}

/// For each piece its offset in the joined text and that in the file.
type Places = SmallVec<[(u32, u32); 8]>;

impl<'a> Logical<'a> {
    /// A line of one piece that starts at `start` of the file.
    pub(super) fn one(text: &'a str, start: usize) -> Self {
        Self { text, pieces: Pieces::One(start as u32) }
    }

    /// Where the bytes `range` of `part`, a slice of the line's text, stand in the file.
    pub(super) fn span_of(&self, part: &str, range: Range<usize>) -> Span {
        let offset = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let (start, end) = (offset + range.start, offset + range.end);
        let first = self.position(start);
        if end <= start {
            return Span::new(first, first);
        }
        Span::new(first, self.position(end - 1) + 1)
    }

    /// Where `part` stands in the file; the whole line where it is no slice of the line's text.
    pub(super) fn span(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        let inside = start.checked_add(part.len()).is_some_and(|end| end <= self.text.len());
        if inside { self.span_of(part, 0..part.len()) } else { self.span_of(self.text, 0..self.text.len()) }
    }

    /// `part` with the place where it stands.
    pub(super) fn word(&self, part: &'a str) -> Word<'a> {
        Word { text: part, span: self.span(part) }
    }

    fn position(&self, offset: usize) -> u32 {
        match &self.pieces {
            Pieces::One(start) => start + offset as u32,
            Pieces::Many(pieces) => {
                let index = pieces.partition_point(|&(joined, _)| joined <= offset as u32).saturating_sub(1);
                let (joined, start) = pieces[index];
                start + offset as u32 - joined
            }
        }
    }
}

/// Joins pieces to a logical line.
#[derive(Debug)]
pub(super) struct Joiner<'a> {
    arena: &'a Arena,
    first: (&'a str, usize),
    rest: Option<(BumpString<'a>, Places)>,
}

impl<'a> Joiner<'a> {
    pub(super) fn new(arena: &'a Arena, text: &'a str, start: usize) -> Self {
        Self { arena, first: (text, start), rest: None }
    }

    pub(super) fn push(&mut self, text: &str, start: usize) {
        let (first, first_start) = self.first;
        let (joined, pieces) = self.rest.get_or_insert_with(|| {
            let mut joined = BumpString::with_capacity_in(first.len() + text.len() + 64, self.arena.bump());
            joined.push_str(first);
            (joined, smallvec![(0, first_start as u32)])
        });
        pieces.push((joined.len() as u32, start as u32));
        joined.push_str(text);
    }

    pub(super) fn finish(self) -> Logical<'a> {
        match self.rest {
            None => Logical::one(self.first.0, self.first.1),
            Some((joined, pieces)) => Logical { text: joined.into_bump_str(), pieces: Pieces::Many(pieces) },
        }
    }
}

/// The line without its continuation character, if it ends in one that is not itself escaped.
pub(super) fn continued(line: &str, escape: u8) -> Option<&str> {
    let escape = char::from(escape);
    let before = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuations() {
        let cases = [
            ("a \\", Some("a ")),
            ("\\", Some("")),
            ("a\\ \t", Some("a")),
            ("a\\\\", None),
            ("a", None),
            ("a\\\\\\", None),
        ];
        for (line, expected) in cases {
            assert_eq!(continued(line, b'\\'), expected, "{line}");
        }
        assert_eq!(continued("a `", b'`'), Some("a "));
    }

    #[test]
    fn lines_as_long_as_buildkit_reads() {
        let cases = [(65_535, true, 1), (65_536, true, 0), (65_535, false, 1), (65_536, false, 0)];
        for (length, newline, count) in cases {
            let text = format!("{}{}", "a".repeat(length), if newline { "\n" } else { "" });
            let mut reader = Reader::new(&text);
            while reader.next().is_some() {}
            assert_eq!((reader.count, reader.too_long), (count, count == 0), "{length} {newline}");
        }
    }

    #[test]
    fn spans_across_pieces() {
        let arena = Arena::new();
        let mut joiner = Joiner::new(&arena, "RUN a ", 10);
        joiner.push("  b", 20);
        let line = joiner.finish();
        assert_eq!(line.text, "RUN a   b");
        assert_eq!(line.span(&line.text[4..5]), Span::new(14, 15));
        assert_eq!(line.span(&line.text[8..]), Span::new(22, 23));
        assert_eq!(line.span(line.text), Span::new(10, 23));
    }
}
