//! Words: quotes, variables and what scripts within them print.

use std::rc::Rc;

use smol_str::SmolStr;

use super::parser::Parser;
use super::{Change, MAX_NESTING, Part, Script, Word};
use crate::shell::word::{is_blank, is_meta, name_length};

/// What a word is in, which says what ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// The command: blanks and signs end it.
    Command,
    /// `"…"`
    Quotes,
    /// `${name:-…}`; whether around it are double quotes, and whether a slash ends it.
    Braces { quoted: bool, to_slash: bool },
    /// An inline document: nothing but its end.
    Document,
}

/// Text and other parts as they are read.
#[derive(Default)]
struct Pieces {
    parts: Vec<Part>,
    text: String,
    quoted: bool,
}

impl Pieces {
    fn text(&mut self, text: &str, quoted: bool) {
        if self.quoted != quoted {
            self.flush();
            self.quoted = quoted;
        }
        self.text.push_str(text);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text { text: SmolStr::new(&self.text), quoted: self.quoted });
            self.text.clear();
        }
    }

    fn part(&mut self, part: Part) {
        self.flush();
        self.parts.push(part);
    }
}

impl Parser<'_> {
    /// The word that begins here.
    pub(super) fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut pieces = Pieces::default();
        self.pieces(Within::Command, &mut pieces);
        pieces.flush();
        (self.at > start).then_some(Word { span: start..self.at, parts: pieces.parts })
    }

    /// All that is left, as an inline document that expands.
    pub(super) fn document(&mut self) -> Word {
        let start = self.at;
        let mut pieces = Pieces::default();
        self.pieces(Within::Document, &mut pieces);
        pieces.flush();
        Word { span: start..self.at, parts: pieces.parts }
    }

    fn pieces(&mut self, within: Within, pieces: &mut Pieces) {
        let literal = match within {
            Within::Command => false,
            Within::Quotes | Within::Document => true,
            Within::Braces { quoted, .. } => quoted,
        };
        while let Some(byte) = self.byte() {
            match byte {
                b'"' if within == Within::Quotes => return,
                b'}' if matches!(within, Within::Braces { .. }) => return,
                b'/' if matches!(within, Within::Braces { to_slash: true, .. }) => return,
                b'<' | b'>' if within == Within::Command && self.peek(1) == Some(b'(') => {
                    self.at += 1;
                    let part = self.output(1, true);
                    // What it stands for is the name of a file.
                    pieces.part(part);
                    pieces.part(Part::Unknown);
                }
                _ if within == Within::Command && (is_blank(byte) || is_meta(byte)) => return,
                b'\\' => self.escaped(within, literal, pieces),
                b'\''
                    if within == Within::Command
                        || matches!(within, Within::Braces { quoted: false, .. }) =>
                {
                    self.at += 1;
                    let rest = self.rest();
                    let length = rest.find('\'').unwrap_or(rest.len());
                    pieces.text(&rest[..length], true);
                    self.at += (length + 1).min(rest.len());
                    Self::empty_quotes(length, pieces);
                }
                b'"' if within != Within::Document => {
                    self.at += 1;
                    let before = self.at;
                    self.pieces(Within::Quotes, pieces);
                    Self::empty_quotes(self.at - before, pieces);
                    self.take("\"");
                }
                b'$' => self.dollar(within, literal, pieces),
                b'`' => {
                    let part = self.backticks(literal);
                    pieces.part(part);
                }
                _ => {
                    let rest = self.rest();
                    let stops = |byte: u8| {
                        matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'`' | b'}' | b'/' | b'<' | b'>')
                            || within == Within::Command && (is_blank(byte) || is_meta(byte))
                    };
                    let length = 1 + rest.bytes().skip(1).position(stops).unwrap_or(rest.len() - 1);
                    let end =
                        (length..=rest.len()).find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
                    pieces.text(&rest[..end], literal);
                    self.at += end;
                }
            }
        }
    }

    /// Quotes around nothing make a word all the same.
    fn empty_quotes(length: usize, pieces: &mut Pieces) {
        if length == 0 && pieces.text.is_empty() {
            pieces.part(Part::Text { text: SmolStr::default(), quoted: true });
        }
    }

    fn escaped(&mut self, within: Within, literal: bool, pieces: &mut Pieces) {
        self.at += 1;
        let Some(escaped) = self.rest().chars().next() else { return };
        if escaped == '\r' && self.peek(1) == Some(b'\n') {
            self.at += 2;
            return;
        }
        self.at += escaped.len_utf8();
        let special = match within {
            Within::Document => matches!(escaped, '$' | '`' | '\\' | '\n'),
            _ if literal && escaped == '}' => matches!(within, Within::Braces { .. }),
            _ if literal => matches!(escaped, '$' | '`' | '\\' | '\n' | '"'),
            _ => true,
        };
        if !special {
            pieces.text("\\", true);
        }
        if escaped != '\n' {
            pieces.text(escaped.encode_utf8(&mut [0; 4]), true);
        }
    }

    /// What a dollar sign begins.
    fn dollar(&mut self, within: Within, quoted: bool, pieces: &mut Pieces) {
        match self.peek(1) {
            Some(b'(') => {
                if self.peek(2) == Some(b'(')
                    && let Some(end) = self.arithmetic(3)
                {
                    self.at = end;
                    pieces.part(Part::Unknown);
                    return;
                }
                let part = self.output(2, quoted);
                pieces.part(part);
            }
            Some(b'{') => {
                let part = self.braces(quoted);
                pieces.part(part);
            }
            Some(b'\'') if within == Within::Command => {
                self.at += 2;
                let rest = self.rest();
                let mut escaped = false;
                let end = rest.bytes().position(|byte| {
                    let ends = byte == b'\'' && !escaped;
                    escaped = byte == b'\\' && !escaped;
                    ends
                });
                let length = end.unwrap_or(rest.len());
                let text = &rest[..length];
                self.at += (length + 1).min(rest.len());
                if text.contains('\\') {
                    pieces.part(Part::Unknown);
                } else {
                    pieces.text(text, true);
                }
            }
            Some(b'"') if within == Within::Command => self.at += 1,
            Some(sign @ (b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9')) => {
                self.at += 2;
                let name = SmolStr::new(char::from(sign).encode_utf8(&mut [0; 4]));
                pieces.part(Part::Parameter { name, change: None, quoted });
            }
            _ => {
                self.at += 1;
                let length = name_length(self.rest());
                if length == 0 {
                    pieces.text("$", true);
                } else {
                    let name = self.rest()[..length].into();
                    self.at += length;
                    pieces.part(Part::Parameter { name, change: None, quoted });
                }
            }
        }
    }

    /// `$(…)`, of whose opening so many bytes are passed over.
    fn output(&mut self, opening: usize, quoted: bool) -> Part {
        self.at += opening;
        if self.depth >= MAX_NESTING {
            return Part::Unknown;
        }
        self.depth += 1;
        // Documents are numbered over the whole of the text, so that the script within has none of its own.
        let list = self.enclosed();
        self.depth -= 1;
        let script = Script { list, ..Script::default() };
        Part::Output { script: Rc::new(script), quoted }
    }

    fn backticks(&mut self, quoted: bool) -> Part {
        self.at += 1;
        let (start, rest) = (self.at, self.rest());
        let mut escaped = false;
        let mut slashes = false;
        let end = rest.bytes().position(|byte| {
            let ends = byte == b'`' && !escaped;
            escaped = byte == b'\\' && !escaped;
            slashes |= byte == b'\\';
            ends
        });
        let length = end.unwrap_or(rest.len());
        self.at += (length + 1).min(rest.len());
        if self.depth >= MAX_NESTING {
            return Part::Unknown;
        }
        let script = if slashes {
            let text = without_slashes(&rest[..length], quoted);
            let mut script = Parser::new(&text, 0..text.len(), self.depth + 1).script();
            script.text = Some(text.into());
            script
        } else {
            Parser::new(self.text, start..start + length, self.depth + 1).script()
        };
        Part::Output { script: Rc::new(script), quoted }
    }

    /// `${…}`.
    fn braces(&mut self, quoted: bool) -> Part {
        self.at += 2;
        let other = |name: SmolStr| Part::Parameter { name, change: Some(Box::new(Change::Other)), quoted };
        if matches!(self.byte(), Some(b'#' | b'!')) && self.peek(1) != Some(b'}') {
            self.past_brace();
            return other(SmolStr::default());
        }
        let special = matches!(self.byte(), Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!'));
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let length = if special { 1 } else { name_length(self.rest()).max(digits) };
        let name = SmolStr::new(self.rest().get(..length).unwrap_or_default());
        self.at += length;
        if length == 0 || self.depth >= MAX_NESTING {
            self.past_brace();
            return other(name);
        }
        self.depth += 1;
        let change = self.change(quoted);
        self.depth -= 1;
        if !self.take("}") {
            self.past_brace();
        }
        Part::Parameter { name, change: change.map(Box::new), quoted }
    }

    /// What follows the name between braces.
    fn change(&mut self, quoted: bool) -> Option<Change> {
        let first = self.byte()?;
        let next = self.peek(1);
        let colon = usize::from(first == b':');
        match (first, next) {
            (b'}', _) => None,
            (b':', Some(sign @ (b'-' | b'=' | b'?' | b'+'))) | (sign @ (b'-' | b'=' | b'?' | b'+'), _) => {
                self.at += 1 + colon;
                let word = self.braced(Within::Braces { quoted, to_slash: false });
                Some(Change::Unset { sign, or_empty: colon == 1, word })
            }
            (b'#' | b'%', _) => {
                let longest = next == Some(first);
                self.at += 1 + usize::from(longest);
                let pattern = self.braced(Within::Braces { quoted: false, to_slash: false });
                Some(Change::Trim { at_end: first == b'%', longest, pattern })
            }
            (b'/', _) if !matches!(next, Some(b'#' | b'%')) => {
                let all = next == Some(b'/');
                self.at += 1 + usize::from(all);
                let pattern = self.braced(Within::Braces { quoted: false, to_slash: true });
                self.take("/");
                let with = self.braced(Within::Braces { quoted: false, to_slash: false });
                Some(Change::Replace { all, pattern, with })
            }
            _ => {
                self.braced(Within::Braces { quoted, to_slash: false });
                Some(Change::Other)
            }
        }
    }

    fn braced(&mut self, within: Within) -> Word {
        let start = self.at;
        let mut pieces = Pieces::default();
        self.pieces(within, &mut pieces);
        pieces.flush();
        Word { span: start..self.at, parts: pieces.parts }
    }

    /// Passes over the next closing brace.
    fn past_brace(&mut self) {
        let rest = self.rest();
        self.at += rest.find('}').map_or(rest.len(), |at| at + 1);
    }
}

/// The script between backticks, as the shell reads it.
fn without_slashes(text: &str, quoted: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek();
        let goes =
            c == '\\' && next.is_some_and(|next| matches!(next, '$' | '`' | '\\') || quoted && *next == '"');
        if goes {
            out.extend(chars.next());
        } else {
            out.push(c);
        }
    }
    out
}
