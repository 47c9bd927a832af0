//! The text of a Dockerfile, where its lines begin, and ranges inside it.
//!
//! Knows nothing of the language: it turns bytes into text that every later layer can slice, and offsets into
//! the lines and columns that people read.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::ids::FileIx;

/// The largest file that is read, in bytes. A frontend image gets the Dockerfile in one gRPC message, of which BuildKit
/// takes 16 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// The most lines of a file that is read. Tables and reports have a row for each.
pub const MAX_LINES: usize = 1 << 21;

/// A half-open range of byte offsets into [`Source::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The span as a range for slicing.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A line number, counted from 1 as editors and BuildKit do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(pub u32);

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A line of one of the Dockerfiles of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileLine {
    /// The Dockerfile.
    pub file: FileIx,
    /// The line in it.
    pub line: Line,
}

/// A Dockerfile as text.
///
/// BuildKit reads bytes and builds files with invalid UTF-8 in them. Each invalid sequence becomes U+FFFD here, just
/// as BuildKit's own lexer makes of it; [`Source::is_exact`] says whether that happened.
#[derive(Debug, Clone)]
pub struct Source {
    name: Box<str>,
    text: Box<str>,
    replaced: Box<[u32]>,
}

impl Source {
    /// Takes the bytes of a file called `name`.
    pub fn new(name: impl Into<Box<str>>, bytes: Vec<u8>) -> Result<Self, SourceError> {
        if bytes.len() > MAX_BYTES {
            return Err(SourceError::TooLarge { bytes: bytes.len() });
        }
        let (text, replaced) = match String::from_utf8(bytes) {
            Ok(text) => (text, Vec::new()),
            Err(error) => repaired(error.as_bytes()),
        };
        if text.len() > MAX_BYTES {
            return Err(SourceError::TooLarge { bytes: text.len() });
        }
        if text.len() > MAX_LINES && memchr::memchr_iter(b'\n', text.as_bytes()).nth(MAX_LINES).is_some() {
            return Err(SourceError::TooManyLines);
        }
        Ok(Self { name: name.into(), text: text.into_boxed_str(), replaced: replaced.into() })
    }

    /// The name to show in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is the file byte for byte: false where invalid UTF-8 was replaced.
    pub fn is_exact(&self) -> bool {
        self.replaced.is_empty()
    }

    /// Where invalid UTF-8 was replaced: the offset of each U+FFFD that the file does not hold itself, ascending.
    pub fn replaced(&self) -> &[u32] {
        &self.replaced
    }

    /// The text inside `span`, as [`cut`] takes it.
    pub fn slice(&self, span: Span) -> &str {
        cut(&self.text, span)
    }

    /// The table of line starts.
    pub fn lines(&self) -> LineTable {
        LineTable::new(&self.text)
    }
}

/// The text of bytes, each invalid sequence as one U+FFFD, and where those stand.
fn repaired(bytes: &[u8]) -> (String, Vec<u32>) {
    let (mut text, mut replaced) = (String::with_capacity(bytes.len()), Vec::new());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced.push(text.len() as u32);
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    (text, replaced)
}

/// The part of a text in a span, which may begin or end anywhere: an end inside a character counts as the start of it, one
/// behind the text as its end.
pub fn cut(text: &str, span: Span) -> &str {
    let [start, end] = [span.start, span.end].map(|at| floor(text, at as usize));
    text.get(start..end).unwrap_or_default()
}

/// At most so many characters of a text, the last an ellipsis where some are left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    // A character more tells whether something is left out.
    let mut ends = text.char_indices().map(|(at, _)| at).skip(most.saturating_sub(1));
    match (ends.next(), ends.next()) {
        (Some(end), Some(_)) => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}

/// The text, cut to so many bytes or a few less.
#[cfg(feature = "ingest")]
pub(crate) fn cut_bytes(text: &str, most: usize) -> &str {
    &text[..floor(text, most)]
}

/// The start of the character at an offset, at most the end of the text.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Why a file cannot be taken as a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceError {
    /// Larger than [`MAX_BYTES`].
    TooLarge {
        /// The size found.
        bytes: usize,
    },
    /// Of more than [`MAX_LINES`].
    TooManyLines,
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { bytes } => {
                write!(f, "a Dockerfile of {bytes} bytes exceeds the limit of {MAX_BYTES} bytes")
            }
            Self::TooManyLines => write!(f, "the file exceeds the limit of {MAX_LINES} lines"),
        }
    }
}

impl std::error::Error for SourceError {}

/// Where each line starts, for turning offsets into lines and columns.
#[derive(Debug, Clone)]
pub struct LineTable {
    starts: Vec<u32>,
    end: u32,
}

impl LineTable {
    fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts
            .extend(text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at as u32 + 1));
        Self { starts, end: text.len() as u32 }
    }

    /// The line that holds the byte at `offset`.
    pub fn line(&self, offset: u32) -> Line {
        Line(self.starts.partition_point(|&start| start <= offset) as u32)
    }

    /// The span of a line without its line end, or `None` past the last line.
    pub fn span(&self, line: Line, source: &Source) -> Option<Span> {
        let index = (line.0 as usize).checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(self.end);
        let text = source.text.get(start as usize..end as usize)?;
        Some(Span::new(start, start + text.trim_end_matches(['\r', '\n']).len() as u32))
    }

    /// The number of lines; a final line end does not open a further one.
    pub fn count(&self) -> u32 {
        let lines = self.starts.len() as u32;
        if self.starts.last() == Some(&self.end) && lines > 1 { lines - 1 } else { lines }
    }

    /// The column of `offset`, in characters from 1.
    pub fn column(&self, offset: u32, source: &Source) -> u32 {
        let start = self.starts[(self.line(offset).0 - 1) as usize];
        cut(&source.text, Span::new(start, offset)).chars().count() as u32 + 1
    }

    /// The column of `offset` as editors and the language server protocol count it: UTF-16 code units from 0.
    pub fn column_utf16(&self, offset: u32, source: &Source) -> u32 {
        let start = self.starts[(self.line(offset).0 - 1) as usize];
        cut(&source.text, Span::new(start, offset)).chars().map(|c| c.len_utf16() as u32).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let source = Source::new("Dockerfile", "FROM a\r\nRÜN b\n".into()).unwrap();
        let lines = source.lines();
        assert_eq!(lines.count(), 2);
        assert_eq!(lines.line(0), Line(1));
        assert_eq!(lines.line(8), Line(2));
        assert_eq!(source.slice(lines.span(Line(1), &source).unwrap()), "FROM a");
        assert_eq!(lines.column(11, &source), 3);
        assert_eq!(lines.span(Line(9), &source), None);
    }

    #[test]
    fn invalid_utf8_is_replaced_and_said() {
        let source = Source::new("Dockerfile", b"# \xff\n".to_vec()).unwrap();
        assert_eq!(source.text(), "# \u{fffd}\n");
        assert!(!source.is_exact());
        let mixed = Source::new("Dockerfile", b"\xef\xbf\xbd \xe2\x82 \xff\xfe".to_vec()).unwrap();
        assert_eq!(mixed.text(), "\u{fffd} \u{fffd} \u{fffd}\u{fffd}");
        assert_eq!(mixed.replaced(), [4, 8, 11]);
    }

    #[test]
    fn spans_are_cut_at_characters() {
        let text = "aé𝄞";
        for (start, end, expected) in
            [(0, 1, "a"), (0, 2, "a"), (0, 3, "aé"), (2, 7, "é𝄞"), (2, 6, "é"), (3, 99, "𝄞"), (9, 3, "")]
        {
            assert_eq!(cut(text, Span::new(start, end)), expected, "{start}..{end}");
        }
    }

    #[test]
    fn columns_in_utf16() {
        let source = Source::new("Dockerfile", "FROM a\nENV é=𝄞 b\n".into()).unwrap();
        let at = source.text().find(" b").unwrap() as u32;
        assert_eq!(source.lines().column_utf16(at, &source), 8);
        assert_eq!(source.lines().column(at, &source), 8);
    }
}
