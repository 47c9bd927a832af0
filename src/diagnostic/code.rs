//! What stops a build, by kind.
//!
//! Each has a section in `docs/diagnostics.md`.

use std::fmt;

use super::{Rule, Severity};

/// Declares [`Code`] with the rule of each value.
macro_rules! codes {
    ($($name:ident = $text:literal: $description:literal,)*) => {
        /// The kind of an error that stops a build.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $description] $name,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const VALUES: &[Self] = &[$(Self::$name),*];

            /// Its rule.
            pub const fn rule(self) -> &'static Rule {
                match self {
                    $(Self::$name => const {
                        &Rule { code: $text, severity: Severity::Error, summary: $description, ..Rule::PLAIN }
                    }),*
                }
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
}

impl Code {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        self.rule().code
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
