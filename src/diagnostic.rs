//! Problems in a Dockerfile, as data: what, where, how bad, and what to write instead.
//!
//! Knows nothing of how they are shown. Every [`Code`] has a heading in `docs/diagnostics.md`.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::{Line, Span};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// The build works, though probably not as meant.
    Warning,
    /// BuildKit refuses the file.
    Error,
}

impl Severity {
    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares [`Code`] with the kebab-case name and one-line description of each value.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $description:literal,)*) => {
        /// The kind of a diagnostic: a stable name that scripts may rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $description] #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const VALUES: &[Self] = &[$(Self::$name),*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What it means, in one line.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => $description),* }
            }
        }
    };
}

codes! {
    EmptyFile = "empty-file": "The file is empty or holds no instruction.",
    NoStage = "no-stage": "No FROM opens a stage, or an instruction stands before the first one.",
    LineTooLong = "line-too-long": "A physical line is longer than the 65,535 bytes BuildKit reads.",
    Directive = "directive": "A parser directive is repeated or has a value it cannot have.",
    UnterminatedHeredoc = "unterminated-heredoc": "The closing word of a heredoc never comes.",
    UnknownInstruction = "unknown-instruction": "A line begins with a word that is no instruction.",
    UnknownFlag = "unknown-flag": "An instruction does not have this flag.",
    BadFlag = "bad-flag": "A flag is repeated, lacks its value, or has a value it cannot have.",
    BadArguments = "bad-arguments": "An instruction has too few, too many or malformed arguments.",
    BadMount = "bad-mount": "A --mount option is unknown, malformed or not allowed for its type.",
    BadExpansion = "bad-expansion": "A word cannot be expanded: unbalanced quotes or braces, an unknown modifier, or a required variable that is unset.",
    BadPlatform = "bad-platform": "A --platform value is empty or no platform.",
    BadImageReference = "bad-image-reference": "An image name is blank or malformed.",
    UnknownStage = "unknown-stage": "A target, stage index or stage name does not exist.",
    StageOrder = "stage-order": "A stage copies or mounts from a stage that comes later.",
    CircularStages = "circular-stages": "Stages need each other in a circle.",
    VariableInFrom = "variable-in-from": "A variable in COPY --from or --mount=from, which nothing expands.",
    BadOnbuild = "bad-onbuild": "An ONBUILD trigger is not an instruction that may be triggered.",
    BadCopy = "bad-copy": "A COPY or ADD combines sources and options that do not go together.",
    BadValue = "bad-value": "An instruction's value is refused: a port, signal, duration, mode or path.",
    BadContext = "bad-context": "A --build-context is malformed.",
    BadCheckDirective = "bad-check-directive": "The options of `# check=` are malformed.",
    LimitExceeded = "limit-exceeded": "The file exceeds a limit of xsim's own, which the message names.",
    UndefinedVariable = "undefined-variable": "A variable is used that nothing defines, so it is empty.",
    CopyFileOntoFile = "copy-file-onto-file": "The last of several files is taken as the destination: the directory was forgotten.",
    EmptyContinuation = "empty-continuation": "An empty line inside a continued instruction.",
    DuplicateStageName = "duplicate-stage-name": "Two stages have one name; the later hides the earlier.",
    ForeignFrontend = "foreign-frontend": "`# syntax=` hands the file to another frontend than the one modelled here.",
    IgnoredPlatformFlag = "ignored-platform-flag": "--platform on a FROM that names a stage or scratch has no effect.",
    MountFromIndex = "mount-from-index": "--mount=from with a number names an image, not a stage.",
    InvalidUtf8 = "invalid-utf8": "The file is not valid UTF-8; the bytes that are not were replaced.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in the file with a few words on what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say of it; may be empty.
    pub text: Cow<'static, str>,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Which kind.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop. May quote the file, control characters included: who
    /// shows it must escape them.
    pub message: String,
    /// The first line of the instruction that is to blame; `None` where no line is.
    pub line: Option<Line>,
    /// Where exactly, if that is known.
    pub span: Option<Span>,
    /// Further places.
    pub labels: Vec<Label>,
    /// What to write instead, or where the value may come from.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A warning without a place.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    /// A note without a place.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message.into())
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self { code, severity, message, line: None, span: None, labels: Vec::new(), help: None }
    }

    /// Blames an instruction by its first line.
    #[must_use]
    pub fn at(mut self, line: Line) -> Self {
        self.line = Some(line);
        self
    }

    /// Points at a span.
    #[must_use]
    pub fn span(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Points at a further span.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The candidate nearest to `word`, if it is near enough to be meant: at most a third of its letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate, limit), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap neighbours) between two words, ignoring ASCII case; stops counting past `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    if a.chars().count().abs_diff(b.chars().count()) > limit {
        return limit + 1;
    }
    let a: Vec<char> = a.chars().map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = before.clone();
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min().is_some_and(|least| *least > limit) && last.iter().min() > Some(&limit) {
            return limit + 1;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let flags = ["platform", "from", "chown"];
        assert_eq!(nearest("platfrom", flags), Some("platform"));
        assert_eq!(nearest("form", flags), Some("from"));
        assert_eq!(nearest("xyz", flags), None);
        assert_eq!(nearest("FRM", ["FROM", "RUN"]), Some("FROM"));
    }

    #[test]
    fn codes_are_kebab_case_and_distinct() {
        let names: std::collections::BTreeSet<_> = Code::VALUES.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::VALUES.len());
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit()))
        );
    }
}
