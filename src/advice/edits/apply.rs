//! Changes of a text by spans, and their difference for people.
//!
//! What no edit touches stays byte for byte. Knows nothing of Dockerfiles.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use similar::algorithms::{Capture, Replace, myers};
use similar::{DiffOp, DiffTag};

use crate::diagnostic::Edit;

/// Lines shown around each change.
const CONTEXT: usize = 3;

/// What a difference says behind a line that ends with the file.
pub const NO_LINE_END: &str = "\\ No newline at end of file\n";

/// Applies edits to a text; `None` where they overlap or do not fit it.
///
/// Insertions at one place keep their order. Inserted line ends become those of the text.
///
/// # Complexity
/// Linear in the text, and in the edits but for sorting them.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in sorted {
        let start = edit.span.start as usize;
        if start < at {
            return None;
        }
        out.push_str(text.get(at..start)?);
        if crlf && edit.text.contains('\n') {
            out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.text);
        }
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// The difference of two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Its lines, each with its line end.
    pub lines: Vec<PatchLine>,
}

/// A line of a [`Patch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchLine {
    /// What it is.
    pub kind: PatchKind,
    /// The line as it is printed, its mark included.
    pub text: String,
}

/// What a line of a [`Patch`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// The names of the files, or where a part of it stands.
    Head,
    /// A line that stays.
    Same,
    /// A line that goes.
    Removed,
    /// A line that comes.
    Added,
}

impl Patch {
    /// The unified difference of two texts, as `patch` and `git apply` read it; empty where they are equal.
    pub fn between(before: &str, after: &str, name: &str) -> Self {
        let name = name.trim_start_matches('/');
        let old: Vec<&str> = before.split_inclusive('\n').collect();
        let new: Vec<&str> = after.split_inclusive('\n').collect();
        // By the one algorithm that is used: the library's way from texts brings the code of all of them.
        let mut ops = Replace::new(Capture::new());
        let Ok(()) = myers::diff(&mut ops, &old[..], 0..old.len(), &new[..], 0..new.len());
        let hunks = ops.into_inner().into_grouped_ops(CONTEXT);
        let mut patch = Self { lines: Vec::new() };
        if !hunks.is_empty() {
            patch.head(format!("--- {}\n", quoted(&format!("a/{name}"))));
            patch.head(format!("+++ {}\n", quoted(&format!("b/{name}"))));
        }
        for hunk in &hunks {
            patch.hunk(hunk, &old, &new);
        }
        patch
    }

    /// The lines of some operations near each other, and where they stand.
    fn hunk(&mut self, ops: &[DiffOp], old: &[&str], new: &[&str]) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
        let was = place(first.old_range().start..last.old_range().end);
        let is = place(first.new_range().start..last.new_range().end);
        self.head(format!("@@ -{was} +{is} @@\n"));
        for op in ops {
            let (was, is) = (&old[op.old_range()], &new[op.new_range()]);
            if op.tag() == DiffTag::Equal {
                self.lines(PatchKind::Same, ' ', was);
            } else {
                self.lines(PatchKind::Removed, '-', was);
                self.lines(PatchKind::Added, '+', is);
            }
        }
    }

    fn head(&mut self, text: String) {
        self.lines.push(PatchLine { kind: PatchKind::Head, text });
    }

    fn lines(&mut self, kind: PatchKind, mark: char, lines: &[&str]) {
        for line in lines {
            if line.ends_with('\n') {
                self.lines.push(PatchLine { kind, text: format!("{mark}{line}") });
            } else {
                self.lines.push(PatchLine { kind, text: format!("{mark}{line}\n") });
                self.head(NO_LINE_END.to_owned());
            }
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl std::fmt::Display for Patch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.lines.iter().try_for_each(|line| f.write_str(&line.text))
    }
}

/// A path as git writes it in the head of a difference: where it holds more than plain signs, in quotes and with its other
/// bytes in octal, so that nothing of it steers a terminal or a workflow runner.
fn quoted(path: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if path.bytes().all(is_plain) && !path.contains("##") {
        return Cow::Borrowed(path);
    }
    let mut quoted = String::from("\"");
    for byte in path.bytes() {
        if is_plain(byte) && byte != b'#' {
            quoted.push(char::from(byte));
        } else {
            let _ = write!(quoted, "\\{byte:03o}");
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

/// Lines as the head of a hunk counts them: the first and how many, from one; the one before where there are none.
fn place(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn edits_leave_the_rest_alone() {
        let edits = [
            Edit::replace(Span::new(5, 6), "b"),
            Edit::insert(0, "# one\n"),
            Edit::insert(0, "# two\n"),
            Edit::delete(Span::new(6, 7)),
        ];
        assert_eq!(apply("FROM a x", &edits).as_deref(), Some("# one\n# two\nFROM bx"));
        assert_eq!(apply("FROM a\r\n", &[Edit::insert(0, "X\n")]).as_deref(), Some("X\r\nFROM a\r\n"));
        let overlapping = [Edit::delete(Span::new(0, 3)), Edit::delete(Span::new(2, 4))];
        assert_eq!(apply("FROM a", &overlapping), None);
        assert_eq!(apply("FROM a", &[Edit::delete(Span::new(3, 40))]), None);
    }

    #[test]
    fn differences_are_unified() {
        let patch = Patch::between("a\nb\n", "a\nc\n", "Dockerfile");
        assert_eq!(patch.to_string(), "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert!(Patch::between("a", "a", "x").is_empty());
        let ends = Patch::between("a", "a\n-- b", "x").to_string();
        let none = "\\ No newline at end of file\n";
        assert_eq!(ends, format!("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n{none}+a\n+-- b\n{none}"));
        let names = Patch::between("a", "b", "/x/\u{9b}\"##[y]").to_string();
        assert!(names.starts_with("--- \"a/x/\\302\\233\\042\\043\\043[y]\"\n+++ \"b/x/"), "{names}");
        let far: String = ('a'..='p').flat_map(|c| [c, '\n']).collect();
        let patch = Patch::between(&far, &far.replace("b\n", "B\n").replace("o\n", ""), "x");
        let heads: Vec<&str> =
            patch.lines.iter().filter(|l| l.kind == PatchKind::Head).map(|l| &*l.text).collect();
        assert_eq!(heads, ["--- a/x\n", "+++ b/x\n", "@@ -1,5 +1,5 @@\n", "@@ -12,5 +12,4 @@\n"]);
    }
}
