//! Word expansion: quotes, escapes and variables, by the rules of BuildKit's `frontend/dockerfile/shell/lex.go`.
//!
//! Knows nothing of scopes: [`Variables`] answers for each name. Nesting costs no stack, so `${A:-${A:-…}}` may be as
//! deep as the file is long, and everything is written into one buffer, so depth costs no copying either.

mod machine;
mod pattern;
mod substitute;
mod words;

use std::borrow::Cow;
use std::fmt;

use self::machine::Machine;
pub use self::pattern::MAX_CELLS;
use self::words::Words;

/// The longest value an expansion may have, in bytes: `ENV A=$A$A` doubles with every line.
pub const MAX_EXPANSION: usize = 1 << 20;

/// What names stand for while a word is expanded.
pub trait Variables {
    /// The value of `name`, if it has one.
    fn get(&self, name: &str) -> Option<&str>;

    /// Told of each name that was looked up, with whether it has a value.
    fn looked_up(&mut self, _name: &str, _found: bool) {}

    /// Asked before a pattern match of so many steps; `false` refuses it.
    fn may_spend(&mut self, _steps: usize) -> bool {
        true
    }
}

/// No variables at all.
#[derive(Debug, Clone, Copy)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn get(&self, _name: &str) -> Option<&str> {
        None
    }
}

/// How to read a word.
#[derive(Debug, Clone, Copy)]
pub struct Lexer {
    /// The character that takes the meaning from the next one.
    pub escape: char,
    /// Keep quotes in the result.
    pub raw_quotes: bool,
    /// Keep escape characters in the result.
    pub raw_escapes: bool,
    /// Quotes mean nothing: the text of a heredoc.
    pub ignore_quotes: bool,
    /// Leave variables without a value as they are written.
    pub keep_unset: bool,
}

impl Lexer {
    /// The way arguments of instructions are read.
    pub const fn new(escape: char) -> Self {
        Self { escape, raw_quotes: false, raw_escapes: false, ignore_quotes: false, keep_unset: false }
    }

    /// The way the lines of a heredoc are read.
    pub const fn heredoc() -> Self {
        Self { ignore_quotes: true, ..Self::new('\\') }
    }

    /// Whether [`Lexer::expand`] would return `word` as it is.
    pub fn is_literal(&self, word: &str) -> bool {
        let escape = self.escape as u8;
        !word.starts_with(BYTE_ORDER_MARK)
            && !word
                .bytes()
                .any(|b| b == b'$' || b == escape || !self.ignore_quotes && (b == b'\'' || b == b'"'))
    }

    /// The word with quotes and escapes removed and variables replaced.
    pub fn expand<'w>(&self, word: &'w str, vars: &mut impl Variables) -> Result<Cow<'w, str>, ExpandError> {
        if self.is_literal(word) {
            return Ok(Cow::Borrowed(word));
        }
        let mut buffer = String::new();
        self.expand_in(&mut buffer, word, vars)?;
        Ok(Cow::Owned(buffer))
    }

    /// As [`Lexer::expand`], with a buffer of the caller's for a word that changes.
    pub fn expand_in<'w>(
        &self,
        buffer: &'w mut String,
        word: &'w str,
        vars: &mut impl Variables,
    ) -> Result<&'w str, ExpandError> {
        if self.is_literal(word) {
            return Ok(word);
        }
        Machine::new(*self, word, vars, buffer, None).run()?;
        Ok(buffer)
    }

    /// The words of `text` after expansion: unquoted white space separates, also where a variable brought it.
    pub fn expand_words(&self, text: &str, vars: &mut impl Variables) -> Result<Vec<String>, ExpandError> {
        let mut words = Words::default();
        Machine::new(*self, text, vars, &mut String::new(), Some(&mut words)).run()?;
        Ok(words.finish())
    }
}

/// Why a word cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpandError {
    /// A quote or brace is not closed.
    Unclosed(char),
    /// `${}`, `${:…}` or `${{…}`.
    BadSubstitution,
    /// A modifier BuildKit does not have.
    UnsupportedModifier(String),
    /// `${name?message}` and the variable is unset, or empty with `:?`.
    Required {
        /// The variable.
        name: String,
        /// The message written, or what is the matter.
        message: String,
    },
    /// A pattern with a backslash where none may stand.
    InvalidPattern(String),
    /// The value would be longer than [`MAX_EXPANSION`].
    TooLong,
    /// The pattern match would take more than [`MAX_CELLS`] steps.
    PatternTooLarge,
}

impl ExpandError {
    /// Whether a limit of xsim's own is the reason, not a rule of BuildKit.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::TooLong | Self::PatternTooLarge)
    }
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed(char) => write!(f, "the word ends before its closing {char}"),
            Self::BadSubstitution => f.write_str("a variable name must follow `${`"),
            Self::UnsupportedModifier(text) if text.is_empty() => f.write_str("`${` is not closed by `}`"),
            Self::UnsupportedModifier(text) => write!(f, "the modifier `{text}` is not supported"),
            Self::Required { name, message } => write!(f, "{name}: {message}"),
            Self::InvalidPattern(text) => {
                write!(
                    f,
                    "in the pattern `{text}` a backslash may stand before `*`, `?`, `/`, `}}` and `\\` only"
                )
            }
            Self::TooLong => write!(f, "the expanded value exceeds the limit of {MAX_EXPANSION} bytes"),
            Self::PatternTooLarge => {
                write!(f, "matching the pattern exceeds the limit of {MAX_CELLS} steps")
            }
        }
    }
}

impl std::error::Error for ExpandError {}

const BYTE_ORDER_MARK: char = '\u{feff}';
