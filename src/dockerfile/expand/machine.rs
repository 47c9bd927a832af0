//! The machine that reads a word: one pass over its characters, with a stack of what is still open.

use super::substitute::{Part, substitute};
use super::words::Words;
use super::{BYTE_ORDER_MARK, ExpandError, Lexer, MAX_EXPANSION, Variables};

/// A construct that is still open.
#[derive(Debug)]
enum Frame<'w> {
    /// Inside `"…"`, which began in the output at `mark`.
    DoubleQuote { mark: usize },
    /// Inside `${name…`, up to the character that closes this part.
    Part { name: &'w str, part: Part, mark: usize, outer_raw_escapes: bool },
}

/// Reads one word.
pub(super) struct Machine<'w, 'v, V> {
    lexer: Lexer,
    text: &'w str,
    at: usize,
    vars: &'v mut V,
    out: &'v mut String,
    open: Vec<Frame<'w>>,
    words: Option<&'v mut Words>,
}

impl<'w, 'v, V: Variables> Machine<'w, 'v, V> {
    pub(super) fn new(
        lexer: Lexer,
        text: &'w str,
        vars: &'v mut V,
        out: &'v mut String,
        words: Option<&'v mut Words>,
    ) -> Self {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        out.clear();
        out.reserve(text.len());
        Self { lexer, text, at: 0, vars, out, open: Vec::new(), words }
    }

    /// Passes over text in which nothing has a meaning, where no words are collected either.
    fn plain(&mut self) {
        if !self.open.is_empty() || self.words.is_some() {
            return;
        }
        let rest = &self.text[self.at..];
        let escape = self.lexer.escape as u8;
        let means_something = |byte| matches!(byte, b'$' | b'<' | b'\'' | b'"') || byte == escape;
        let length = rest.bytes().position(means_something).unwrap_or(rest.len());
        self.out.push_str(&rest[..length]);
        self.at += length;
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// Reads the whole word.
    ///
    /// A word that ends inside a `${…}` is refused for that, whatever else is wrong at its end.
    pub(super) fn run(&mut self) -> Result<(), ExpandError> {
        self.read().map_err(|error| {
            let mut parts = self.open.iter().rev().filter_map(|frame| match frame {
                Frame::Part { part, .. } => Some(part.closing()),
                Frame::DoubleQuote { .. } => None,
            });
            match parts.next() {
                Some(closing) if self.at == self.text.len() && !error.is_limit() => {
                    ExpandError::Unclosed(closing)
                }
                _ => error,
            }
        })
    }

    fn read(&mut self) -> Result<(), ExpandError> {
        loop {
            self.plain();
            let Some(char) = self.advance() else { break };
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
            _ => name_length(rest),
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
            substitute(self.out, mark, name, self.vars.get(name), &part)?;
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

/// How many bytes of letters, digits and `_` a text begins with.
fn name_length(text: &str) -> usize {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match text.bytes().position(|byte| !is_part(byte)) {
        None => text.len(),
        Some(end) if text.as_bytes()[end].is_ascii() => end,
        Some(_) => {
            let is_part = |c: char| c.is_alphabetic() || is_digit(c) || c == '_';
            text.find(|c| !is_part(c)).unwrap_or(text.len())
        }
    }
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit() || !char.is_ascii() && char.is_numeric()
}
