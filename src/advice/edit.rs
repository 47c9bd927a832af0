//! Changes of a text by spans, and their difference for people.
//!
//! What no edit touches stays byte for byte. Knows nothing of Dockerfiles.

use crate::source::Span;

/// The text in `span` becomes `text`. An empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Edit {
    /// Puts `text` in place of a span.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Puts `text` before the byte at `at`.
    pub fn insert(at: u32, text: impl Into<String>) -> Self {
        Self { span: Span::new(at, at), text: text.into() }
    }

    /// Takes a span out.
    pub fn delete(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

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
        let name = name.trim_start_matches('/').replace(char::is_control, "?");
        let diff = similar::TextDiff::from_lines(before, after);
        let mut unified = diff.unified_diff();
        unified.context_radius(3).header(&format!("a/{name}"), &format!("b/{name}"));
        let text = unified.to_string();
        let lines = text.split_inclusive('\n').map(|line| PatchLine { kind: kind(line), text: line.into() });
        Self { lines: lines.collect() }
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

fn kind(line: &str) -> PatchKind {
    if line.starts_with("--- ") || line.starts_with("+++ ") || line.starts_with("@@") {
        return PatchKind::Head;
    }
    match line.as_bytes().first() {
        Some(b'+') => PatchKind::Added,
        Some(b'-') => PatchKind::Removed,
        Some(b'\\') => PatchKind::Head,
        _ => PatchKind::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
