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
    BadCheckDirective = "bad-check-directive": "The options of `# check=` are malformed.",
    LimitExceeded = "limit-exceeded": "The file exceeds a limit of xsim's own, which the message names.",
    UndefinedVar = "undefined-var": "A variable is used that nothing defines, so it is empty.",
    UndefinedArgInFrom = "undefined-arg-in-from": "A FROM uses an argument that no ARG before the first FROM declares.",
    InvalidDefaultArgInFrom = "invalid-default-arg-in-from": "Without --build-arg a FROM names no valid image.",
    FromPlatformFlagConstDisallowed = "from-platform-flag-const-disallowed": "A FROM has a constant --platform, whatever is built for.",
    RedundantTargetPlatform = "redundant-target-platform": "--platform=$TARGETPLATFORM is what a FROM without the flag means.",
    IgnoredPlatformFlag = "ignored-platform-flag": "--platform on a FROM that names a stage or scratch has no effect.",
    InvalidBaseImagePlatform = "invalid-base-image-platform": "A base image is for another platform than its stage.",
    StageNameCasing = "stage-name-casing": "A stage's name has capital letters, which are kept in lower case.",
    DuplicateStageName = "duplicate-stage-name": "Two stages have one name; the later hides the earlier.",
    ReservedStageName = "reserved-stage-name": "A stage is called scratch or context, which mean something else.",
    MountFromIndex = "mount-from-index": "A mount's `from` with a number names an image, not a stage.",
    CopyFileOntoFile = "copy-file-onto-file": "The last of several files is taken as the destination: the directory was forgotten.",
    WorkdirRelativePath = "workdir-relative-path": "The first WORKDIR of a stage continues that of its base image.",
    NoEmptyContinuation = "no-empty-continuation": "An empty line inside a continued instruction.",
    ForeignFrontend = "foreign-frontend": "Another frontend than the one modelled here reads the file.",
    InvalidUtf8 = "invalid-utf8": "The file is not valid UTF-8; the bytes that are not were replaced.",
}

impl Code {
    /// The build check of BuildKit that says the same, which `# check=skip=` turns off.
    pub const fn build_check(self) -> Option<&'static str> {
        Some(match self {
            Self::UndefinedVar => "UndefinedVar",
            Self::UndefinedArgInFrom => "UndefinedArgInFrom",
            Self::InvalidDefaultArgInFrom => "InvalidDefaultArgInFrom",
            Self::FromPlatformFlagConstDisallowed => "FromPlatformFlagConstDisallowed",
            Self::RedundantTargetPlatform => "RedundantTargetPlatform",
            Self::InvalidBaseImagePlatform => "InvalidBaseImagePlatform",
            Self::StageNameCasing => "StageNameCasing",
            Self::DuplicateStageName => "DuplicateStageName",
            Self::ReservedStageName => "ReservedStageName",
            Self::WorkdirRelativePath => "WorkdirRelativePath",
            Self::NoEmptyContinuation => "NoEmptyContinuation",
            _ => return None,
        })
    }
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
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    let own = letters(word);
    // An edit changes the length by one and brings in or takes away two characters at most.
    let may_be = |candidate: &&str| {
        length.abs_diff(candidate.chars().count()) <= limit
            && (own ^ letters(candidate)).count_ones() as usize <= 2 * limit
    };
    candidates
        .into_iter()
        .filter(may_be)
        .map(|candidate| (distance(word, candidate, limit), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The characters of a word as a set of bits; several characters share one.
fn letters(word: &str) -> u32 {
    word.chars().fold(0, |set, char| set | 1 << (char.to_ascii_lowercase() as u32 % 32))
}

/// Edits (insert, delete, replace, swap neighbours) between two words, ignoring ASCII case; stops counting past `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
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
