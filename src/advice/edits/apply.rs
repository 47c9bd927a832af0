//! Changes of a text by spans, and their difference for people.
//!
//! What no edit touches stays byte for byte. Knows nothing of Dockerfiles.

use std::borrow::Cow;
use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use crate::diagnostic::Edit;
use crate::source::Span;

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

/// A part of a text with the edits applied that lie in it; `None` where they do not.
pub(in crate::advice) fn apply_within(text: &str, part: Span, edits: &[Edit]) -> Option<String> {
    let moved = edits.iter().map(|edit| {
        let (start, end) = (edit.span.start.checked_sub(part.start)?, edit.span.end.checked_sub(part.start)?);
        Some(Edit::replace(Span::new(start, end), edit.text.clone()))
    });
    apply(text.get(part.range())?, &moved.collect::<Option<Vec<_>>>()?)
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
        let mut patch = Self { lines: Vec::new() };
        let diff = TextDiff::from_lines(before, after);
        for (at, hunk) in diff.unified_diff().context_radius(CONTEXT).iter_hunks().enumerate() {
            if at == 0 {
                patch.head(format!("--- {}\n", quoted(&format!("a/{name}"))));
                patch.head(format!("+++ {}\n", quoted(&format!("b/{name}"))));
            }
            patch.head(format!("{}\n", hunk.header()));
            for change in hunk.iter_changes() {
                let (kind, mark) = match change.tag() {
                    ChangeTag::Equal => (PatchKind::Same, ' '),
                    ChangeTag::Delete => (PatchKind::Removed, '-'),
                    ChangeTag::Insert => (PatchKind::Added, '+'),
                };
                patch.line(kind, mark, change.value());
            }
        }
        patch
    }

    fn head(&mut self, text: String) {
        self.lines.push(PatchLine { kind: PatchKind::Head, text });
    }

    fn line(&mut self, kind: PatchKind, mark: char, line: &str) {
        let end = if line.ends_with('\n') { "" } else { "\n" };
        self.lines.push(PatchLine { kind, text: format!("{mark}{line}{end}") });
        if !end.is_empty() {
            self.head(NO_LINE_END.to_owned());
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
