//! Word expansion: quotes, escapes and variables, by the rules of BuildKit's `frontend/dockerfile/shell/lex.go`.
//!
//! Knows nothing of scopes: [`Variables`] answers for each name. Nesting costs no stack, so `${A:-${A:-…}}` may be as
//! deep as the file is long, and everything is written into one buffer, so depth costs no copying either.

use std::borrow::Cow;
use std::fmt;

use super::pattern::{self, PatternError};

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
        let mut machine = Machine::new(*self, word, vars, None);
        machine.run()?;
        Ok(Cow::Owned(machine.out))
    }

    /// The words of `text` after expansion: unquoted white space separates, also where a variable brought it.
    pub fn expand_words(&self, text: &str, vars: &mut impl Variables) -> Result<Vec<String>, ExpandError> {
        let mut words = Words::default();
        let mut machine = Machine::new(*self, text, vars, Some(&mut words));
        machine.run()?;
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
    /// The pattern match would take more than [`pattern::MAX_CELLS`] steps.
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
                write!(f, "matching the pattern exceeds the limit of {} steps", pattern::MAX_CELLS)
            }
        }
    }
}

impl std::error::Error for ExpandError {}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Collects the words of the outermost level.
#[derive(Debug, Default)]
struct Words {
    done: Vec<String>,
    word: String,
    inside: bool,
}

impl Words {
    fn add(&mut self, char: char) {
        if !char.is_whitespace() {
            self.add_raw(char);
        } else if self.inside && !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
            self.inside = false;
        }
    }

    fn add_raw(&mut self, char: char) {
        self.word.push(char);
        self.inside = true;
    }

    fn finish(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.done.push(self.word);
        }
        self.done
    }
}

/// A construct that is still open.
#[derive(Debug)]
enum Frame<'w> {
    /// Inside `"…"`, which began in the output at `mark`.
    DoubleQuote { mark: usize },
    /// Inside `${name…`, up to the character that closes this part.
    Part { name: &'w str, part: Part, mark: usize, outer_raw_escapes: bool },
}

/// Which part of a `${name…}` is being read.
#[derive(Debug, Clone)]
enum Part {
    /// The word after `-`, `+`, `?`, `#` or `%` (or what stands in their place), with a colon or without.
    Modifier { operator: Option<char>, colon: bool },
    /// The pattern of `/pattern/replacement`.
    Pattern { all: bool },
    /// The replacement, which starts in the output at `at`.
    Replacement { all: bool, at: usize },
}

struct Machine<'w, 'v, V> {
    lexer: Lexer,
    text: &'w str,
    at: usize,
    vars: &'v mut V,
    out: String,
    open: Vec<Frame<'w>>,
    words: Option<&'v mut Words>,
}

impl<'w, 'v, V: Variables> Machine<'w, 'v, V> {
    fn new(lexer: Lexer, text: &'w str, vars: &'v mut V, words: Option<&'v mut Words>) -> Self {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        Self { lexer, text, at: 0, vars, out: String::with_capacity(text.len()), open: Vec::new(), words }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn run(&mut self) -> Result<(), ExpandError> {
        while let Some(char) = self.advance() {
            if self.out.len() > MAX_EXPANSION {
                return Err(ExpandError::TooLong);
            }
            match self.open.last() {
                Some(Frame::DoubleQuote { .. }) => self.in_double_quote(char)?,
                Some(Frame::Part { part, .. }) if char == part.closing() => self.close_part()?,
                _ => self.in_word(char)?,
            }
        }
        if self.out.len() > MAX_EXPANSION {
            return Err(ExpandError::TooLong);
        }
        match self.open.last() {
            None => Ok(()),
            Some(Frame::DoubleQuote { .. }) => Err(ExpandError::Unclosed('"')),
            Some(Frame::Part { part, .. }) => Err(ExpandError::Unclosed(part.closing())),
        }
    }

    /// Adds to the output, and to the word being collected where no `${…}` is open.
    fn push(&mut self, char: char, raw: bool) {
        self.out.push(char);
        if self.open.is_empty()
            && let Some(words) = &mut self.words
        {
            if raw { words.add_raw(char) } else { words.add(char) }
        }
    }

    fn in_word(&mut self, char: char) -> Result<(), ExpandError> {
        match char {
            '$' => return self.dollar(),
            '<' => self.angle(),
            '\'' if !self.lexer.ignore_quotes => return self.single_quote(),
            '"' if !self.lexer.ignore_quotes => {
                let mark = self.out.len();
                if self.lexer.raw_quotes {
                    self.out.push('"');
                }
                self.open.push(Frame::DoubleQuote { mark });
            }
            _ if char == self.lexer.escape => {
                if self.lexer.raw_escapes {
                    self.push(char, true);
                }
                if let Some(escaped) = self.advance() {
                    self.push(escaped, true);
                }
            }
            _ => self.push(char, false),
        }
        Ok(())
    }

    /// `<<` and the white space after it stay in one word, so that `<< EOF` is found as a heredoc.
    fn angle(&mut self) {
        self.push('<', true);
        if self.peek() == Some('<') {
            self.at += 1;
            self.push('<', true);
            while let Some(space @ ('\t' | '\r' | ' ')) = self.peek() {
                self.at += 1;
                self.push(space, true);
            }
        }
    }

    fn single_quote(&mut self) -> Result<(), ExpandError> {
        let rest = &self.text[self.at..];
        let length = rest.find('\'').ok_or(ExpandError::Unclosed('\''))?;
        if self.lexer.raw_quotes {
            self.push('\'', true);
        }
        for char in rest[..length].chars() {
            self.push(char, true);
        }
        if self.lexer.raw_quotes {
            self.push('\'', true);
        }
        self.mark_inside_word();
        self.at += length + 1;
        Ok(())
    }

    /// Even empty quotes open a word.
    fn mark_inside_word(&mut self) {
        if self.open.is_empty()
            && let Some(words) = &mut self.words
        {
            words.inside = true;
        }
    }

    fn in_double_quote(&mut self, char: char) -> Result<(), ExpandError> {
        match char {
            '"' => {
                if self.lexer.raw_quotes {
                    self.out.push('"');
                }
                if let Some(Frame::DoubleQuote { mark }) = self.open.pop()
                    && self.open.is_empty()
                    && let Some(words) = &mut self.words
                {
                    words.word.push_str(&self.out[mark..]);
                    words.inside = true;
                }
            }
            '$' => return self.dollar(),
            _ if char == self.lexer.escape => {
                if self.lexer.raw_escapes {
                    self.out.push(char);
                }
                match self.peek() {
                    None => {}
                    Some(next) if next == '"' || next == '$' || next == self.lexer.escape => {
                        self.at += next.len_utf8();
                        self.out.push(next);
                    }
                    Some(_) => self.out.push(char),
                }
            }
            _ => self.out.push(char),
        }
        Ok(())
    }

    /// After a `$`.
    fn dollar(&mut self) -> Result<(), ExpandError> {
        let mark = self.out.len();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                self.out.push('$');
            } else if !self.push_value(name) && self.lexer.keep_unset {
                self.out.extend(["$", name]);
            }
            self.words_from(mark);
            return Ok(());
        }
        self.at += 1;
        match self.peek() {
            None => return Err(ExpandError::Unclosed('}')),
            Some('{' | '}' | ':') => return Err(ExpandError::BadSubstitution),
            Some(_) => {}
        }
        let name = self.name();
        let part = match self.advance() {
            Some('}') => {
                if !self.push_value(name) && self.lexer.keep_unset {
                    self.out.extend(["${", name, "}"]);
                }
                self.words_from(mark);
                return Ok(());
            }
            Some(':') => {
                let operator = self.advance();
                if let Some(operator @ ('#' | '%')) = operator {
                    return Err(ExpandError::UnsupportedModifier(format!(":{operator}")));
                }
                Part::Modifier { operator, colon: true }
            }
            Some(operator @ ('+' | '-' | '?' | '#' | '%')) => {
                Part::Modifier { operator: Some(operator), colon: false }
            }
            Some('/') => {
                let all = self.peek() == Some('/');
                self.at += usize::from(all);
                Part::Pattern { all }
            }
            other => {
                return Err(ExpandError::UnsupportedModifier(other.map(String::from).unwrap_or_default()));
            }
        };
        let raw_escapes = !matches!(part, Part::Modifier { operator: Some('+' | '-' | '?') | None, .. });
        let raw_escapes = raw_escapes && !matches!(part, Part::Modifier { colon: true, .. });
        let outer_raw_escapes = std::mem::replace(&mut self.lexer.raw_escapes, raw_escapes);
        self.open_part();
        self.open.push(Frame::Part { name, part, mark, outer_raw_escapes });
        Ok(())
    }

    /// BuildKit collects words in one buffer that every nested part empties, so `80${A:-90}` is the word `90`.
    fn open_part(&mut self) {
        if let Some(words) = &mut self.words {
            words.word.clear();
        }
    }

    /// The output since `mark` came from a variable: its white space separates words, unless quoted.
    fn words_from(&mut self, mark: usize) {
        if self.open.is_empty()
            && let Some(words) = &mut self.words
        {
            self.out[mark..].chars().for_each(|char| words.add(char));
        }
    }

    /// Writes the value of `name`, and says whether it has one.
    fn push_value(&mut self, name: &str) -> bool {
        let value = self.vars.get(name);
        let found = value.is_some();
        self.out.push_str(value.unwrap_or_default());
        self.vars.looked_up(name, found);
        found
    }

    /// A name: letters, digits and `_`; or digits; or one special character. May be empty.
    fn name(&mut self) -> &'w str {
        let rest = &self.text[self.at..];
        let length = match rest.chars().next() {
            Some(first) if is_digit(first) => rest.find(|c| !is_digit(c)).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c: char| !c.is_alphabetic() && !is_digit(c) && c != '_').unwrap_or(rest.len()),
        };
        self.at += length;
        &rest[..length]
    }

    /// At the character that closes the innermost part.
    fn close_part(&mut self) -> Result<(), ExpandError> {
        let Some(Frame::Part { name, part, mark, outer_raw_escapes }) = self.open.pop() else {
            return Ok(());
        };
        self.open_part();
        if let Part::Pattern { all } = part {
            let part = Part::Replacement { all, at: self.out.len() };
            self.open.push(Frame::Part { name, part, mark, outer_raw_escapes });
            return Ok(());
        }
        self.lexer.raw_escapes = outer_raw_escapes;
        let value = self.vars.get(name);
        let set = value.is_some();
        if !set && self.lexer.keep_unset {
            self.restore(name, &part, mark);
        } else {
            let steps = part.steps(self.out.len() - mark, value.unwrap_or_default().len());
            if steps > 0 && !self.vars.may_spend(steps) {
                return Err(ExpandError::PatternTooLarge);
            }
            substitute(&mut self.out, mark, name, self.vars.get(name), &part)?;
        }
        self.vars.looked_up(name, set);
        self.words_from(mark);
        Ok(())
    }

    /// Writes an unset `${name…}` back as it was, its inner words expanded.
    fn restore(&mut self, name: &str, part: &Part, mark: usize) {
        let inner = self.out.split_off(mark);
        self.out.extend(["${", name]);
        match *part {
            Part::Modifier { operator, colon } => {
                self.out.push_str(if colon { ":" } else { "" });
                self.out.extend(operator);
                self.out.push_str(&inner);
            }
            Part::Replacement { at, .. } => {
                let (pattern, replacement) = inner.split_at(at - mark);
                self.out.extend(["/", pattern, "/", replacement]);
            }
            Part::Pattern { .. } => {}
        }
        self.out.push('}');
    }
}

impl Part {
    const fn closing(&self) -> char {
        if matches!(self, Self::Pattern { .. }) { '/' } else { '}' }
    }

    /// How many steps matching may take, given the lengths of the inner words and of the value.
    const fn steps(&self, inner: usize, value: usize) -> usize {
        match self {
            Self::Modifier { operator: Some('#' | '%'), .. } | Self::Replacement { .. } => {
                (inner + 1) * (value + 1)
            }
            _ => 0,
        }
    }
}

/// Replaces what stands in `out` after `mark`, the inner words of a `${name…}`, by what the whole stands for.
fn substitute(
    out: &mut String,
    mark: usize,
    name: &str,
    value: Option<&str>,
    part: &Part,
) -> Result<(), ExpandError> {
    let text = value.unwrap_or_default();
    match *part {
        Part::Modifier { operator, colon } => {
            let counts_as_set = value.is_some() && !(colon && text.is_empty());
            match operator {
                Some('-') if !counts_as_set => return Ok(()),
                Some('+') if counts_as_set => return Ok(()),
                Some('-') => replace_from(out, mark, text),
                Some('+') => out.truncate(mark),
                Some('?') if counts_as_set => replace_from(out, mark, text),
                Some('?') => {
                    let message = match (&out[mark..], value) {
                        ("", None) => "is not allowed to be unset",
                        ("", Some(_)) => "is not allowed to be empty",
                        (written, _) => written,
                    };
                    return Err(ExpandError::Required { name: name.to_owned(), message: message.to_owned() });
                }
                Some(operator @ ('#' | '%')) => {
                    let pattern = &out[mark..];
                    let (pattern, greedy) = match pattern.strip_prefix(operator) {
                        Some(pattern) => (pattern, true),
                        None => (pattern, false),
                    };
                    let trim = if operator == '#' { pattern::trim_prefix } else { pattern::trim_suffix };
                    let trimmed =
                        trim(pattern, text, greedy).map_err(|error| pattern_error(error, pattern))?;
                    replace_from(out, mark, &trimmed);
                }
                other => {
                    let text = other.map_or_else(String::new, |char| format!(":{char}"));
                    return Err(ExpandError::UnsupportedModifier(text));
                }
            }
        }
        Part::Replacement { all, at } => {
            let (pattern, replacement) = out[mark..].split_at(at - mark);
            let replaced = pattern::replace(pattern, text, replacement, all)
                .map_err(|error| pattern_error(error, pattern))?;
            replace_from(out, mark, &replaced);
        }
        Part::Pattern { .. } => {}
    }
    Ok(())
}

fn replace_from(out: &mut String, mark: usize, text: &str) {
    out.truncate(mark);
    out.push_str(text);
}

fn pattern_error(error: PatternError, pattern: &str) -> ExpandError {
    match error {
        PatternError::InvalidEscape => ExpandError::InvalidPattern(pattern.to_owned()),
        PatternError::TooLarge => ExpandError::PatternTooLarge,
    }
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit() || !char.is_ascii() && char.is_numeric()
}
