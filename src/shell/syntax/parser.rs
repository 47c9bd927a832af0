//! Lists, pipelines and simple commands.

use std::ops::Range;

use super::{
    Assignment, Command, Document, Join, MAX_NESTING, Part, Redirect, RedirectKind, Script, Simple, Word,
};
use crate::shell::word::{is_blank, is_meta, name_length};

/// Reads a script.
pub fn parse(text: &str) -> Script {
    Parser::new(text, 0..text.len(), 0).script()
}

/// A document that is still to come.
struct Pending {
    number: usize,
    end: String,
    expands: bool,
    strips_tabs: bool,
}

/// The signs of redirections, the longer ones first.
const OPERATORS: [(&str, RedirectKind); 11] = [
    ("<<<", RedirectKind::Text),
    ("<<-", RedirectKind::Document(0)),
    ("<<", RedirectKind::Document(0)),
    ("<&", RedirectKind::Other),
    ("<>", RedirectKind::Other),
    ("<", RedirectKind::Read),
    (">>", RedirectKind::Append),
    (">&", RedirectKind::Other),
    (">|", RedirectKind::Write),
    (">", RedirectKind::Write),
    ("", RedirectKind::Other),
];

/// Words of the shell's own that begin nothing: out of place they are passed over.
const CLOSERS: [&str; 9] = ["then", "do", "done", "fi", "esac", "else", "elif", "}", "]]"];

pub(super) struct Parser<'s> {
    pub(super) text: &'s str,
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) depth: u32,
    /// How many `(` are open, and how many `case`: what closes one of them also ends what was left open in it.
    pub(super) open: u32,
    pub(super) cases: u32,
    pending: Vec<Pending>,
    documents: Vec<Document>,
}

impl<'s> Parser<'s> {
    pub(super) fn new(text: &'s str, range: Range<usize>, depth: u32) -> Self {
        Self {
            text,
            at: range.start,
            end: range.end,
            depth,
            open: 0,
            cases: 0,
            pending: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Reads all of it.
    pub(super) fn script(mut self) -> Script {
        let list = self.list(&[]);
        Script { list, documents: self.documents, text: None }
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.peek(0)
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }

    pub(super) fn rest(&self) -> &'s str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Goes on by one character, if there is one.
    pub(super) fn skip(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// Passes over blanks, continued lines and comments, not over the ends of lines.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.byte() {
                Some(byte) if is_blank(byte) => self.at += 1,
                Some(b'\\') if self.peek(1) == Some(b'\n') => self.at += 2,
                Some(b'\\') if self.rest().starts_with("\\\r\n") => self.at += 3,
                Some(b'#') => {
                    let rest = self.rest();
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Passes over what may stand between commands.
    pub(super) fn separators(&mut self) {
        loop {
            self.blanks();
            match self.byte() {
                Some(b'\n') => self.newline(),
                Some(b';') if self.peek(1) != Some(b';') && self.peek(1) != Some(b'&') => self.at += 1,
                Some(b'&') => self.at += 1,
                _ => return,
            }
        }
    }

    /// Passes over blanks and line ends.
    pub(super) fn lines(&mut self) {
        loop {
            self.blanks();
            if self.byte() != Some(b'\n') {
                return;
            }
            self.newline();
        }
    }

    /// The end of a line, and the documents that begin behind it.
    fn newline(&mut self) {
        self.at += 1;
        for pending in std::mem::take(&mut self.pending) {
            let start = self.at;
            let mut end = self.end;
            while self.at < self.end {
                let rest = self.rest();
                let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
                let line = rest[..length].trim_end_matches(['\n', '\r']);
                let line = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
                let here = self.at;
                self.at += length;
                if line == pending.end {
                    end = here;
                    break;
                }
            }
            let body = if pending.expands && self.depth < MAX_NESTING {
                let mut inner = Parser::new(self.text, start..end, self.depth + 1);
                inner.document()
            } else {
                let text = self.text.get(start..end).unwrap_or_default();
                Word { span: start..end, parts: vec![Part::Text { text: text.into(), quoted: true }] }
            };
            if let Some(document) = self.documents.get_mut(pending.number) {
                *document = Document { span: start..end, body };
            }
        }
    }

    /// The word of the shell's own that stands here, or any other plain one.
    pub(super) fn plain(&self) -> &'s str {
        let rest = self.rest();
        let ends = |byte: u8| is_meta(byte) || is_blank(byte);
        let length = rest.bytes().take(9).position(ends).unwrap_or_else(|| rest.len().min(9));
        rest.get(..length).unwrap_or_default()
    }

    /// Takes a word of the shell's own, if it is here.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let found = self.plain() == word;
        if found {
            self.at += word.len();
        }
        found
    }

    /// Commands up to one of `ends`, which is left.
    pub(super) fn list(&mut self, ends: &[&str]) -> Vec<Command> {
        let mut list = Vec::new();
        loop {
            self.separators();
            let Some(byte) = self.byte() else { return list };
            if byte == b')' {
                if self.open > 0 {
                    return list;
                }
                self.at += 1;
                continue;
            }
            if byte == b';' {
                // `;;`, `;&` or `;;&`.
                if self.cases > 0 {
                    return list;
                }
                self.at += 1;
                continue;
            }
            let word = self.plain();
            if ends.contains(&word) {
                return list;
            }
            if CLOSERS.contains(&word) {
                self.at += word.len();
                continue;
            }
            let Some(command) = self.and_or() else {
                // Nothing can begin here: `| x`.
                self.skip();
                continue;
            };
            self.blanks();
            let background = self.byte() == Some(b'&') && self.peek(1) != Some(b'&');
            list.push(if background { Command::Background(Box::new(command)) } else { command });
        }
    }

    fn and_or(&mut self) -> Option<Command> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let join = match (self.byte(), self.peek(1)) {
                (Some(b'&'), Some(b'&')) => Join::And,
                (Some(b'|'), Some(b'|')) => Join::Or,
                _ => break,
            };
            self.at += 2;
            self.lines();
            let Some(command) = self.pipeline() else { break };
            rest.push((join, command));
        }
        Some(if rest.is_empty() { first } else { Command::AndOr { first: Box::new(first), rest } })
    }

    fn pipeline(&mut self) -> Option<Command> {
        self.blanks();
        let mut negated = false;
        while self.keyword("!") {
            negated = !negated;
            self.blanks();
        }
        let mut parts = vec![self.command()?];
        loop {
            self.blanks();
            if self.byte() != Some(b'|') || self.peek(1) == Some(b'|') {
                break;
            }
            self.at += 1;
            if self.byte() == Some(b'&') {
                self.at += 1;
            }
            self.lines();
            let Some(command) = self.command() else { break };
            parts.push(command);
        }
        match parts.len() {
            1 if !negated => parts.pop(),
            _ => Some(Command::Pipeline { parts, negated }),
        }
    }

    fn command(&mut self) -> Option<Command> {
        self.blanks();
        match self.compound() {
            Some(kind) => {
                let mut redirects = Vec::new();
                self.blanks();
                while let Some(redirect) = self.redirect() {
                    redirects.push(redirect);
                    self.blanks();
                }
                Some(Command::Compound { kind, redirects })
            }
            None => self.simple(),
        }
    }

    fn simple(&mut self) -> Option<Command> {
        let mut simple = Simple { span: self.at..self.at, ..Simple::default() };
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect() {
                simple.redirects.push(redirect);
            } else if let Some(assignment) = simple.words.is_empty().then(|| self.assignment()).flatten() {
                simple.assignments.push(assignment);
            } else if let Some(word) = self.word() {
                simple.words.push(word);
                if simple.words.len() == 1
                    && simple.assignments.is_empty()
                    && let Some(function) = self.function_after(&simple.words[0])
                {
                    return Some(Command::Compound { kind: function, redirects: Vec::new() });
                }
            } else {
                break;
            }
            simple.span.end = self.at;
        }
        let is_empty = simple.span.is_empty();
        (!is_empty).then_some(Command::Simple(simple))
    }

    /// `name=…` where a command may begin.
    fn assignment(&mut self) -> Option<Assignment> {
        let start = self.at;
        let length = name_length(self.rest());
        let appends = self.peek(length) == Some(b'+') && self.peek(length + 1) == Some(b'=');
        if length == 0 || !appends && self.peek(length) != Some(b'=') {
            return None;
        }
        let name = self.rest()[..length].into();
        self.at += length + 1 + usize::from(appends);
        let value = if self.byte() == Some(b'(') { Some(self.array()) } else { self.word() };
        let value = value.unwrap_or_else(|| Word { span: self.at..self.at, parts: Vec::new() });
        Some(Assignment { name, value, appends, span: start..self.at })
    }

    /// A list in parentheses, whose words are passed over.
    fn array(&mut self) -> Word {
        let start = self.at;
        self.at += 1;
        loop {
            self.lines();
            match self.byte() {
                None => break,
                Some(b')') => {
                    self.at += 1;
                    break;
                }
                _ if self.word().is_none() => self.skip(),
                _ => {}
            }
        }
        Word { span: start..self.at, parts: vec![Part::Unknown] }
    }

    /// A redirection, if one stands here.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.at;
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let both = digits == 0 && self.byte() == Some(b'&') && self.peek(1) == Some(b'>');
        let sign = digits + usize::from(both);
        let operator = match self.peek(sign) {
            Some(b'<' | b'>') if digits < 4 => self.text.get(self.at + sign..self.end).unwrap_or_default(),
            _ => return None,
        };
        if operator.starts_with("<(") || operator.starts_with(">(") {
            return None;
        }
        let (written, mut kind) = OPERATORS.into_iter().find(|(sign, _)| operator.starts_with(sign))?;
        let descriptor = self.rest()[..digits].parse().ok();
        self.at += sign + written.len();
        self.blanks();
        let Some(target) = self.word() else {
            // A sign without a file is passed over.
            let target = Word { span: start..self.at, parts: Vec::new() };
            return Some(Redirect { kind: RedirectKind::Other, descriptor, target });
        };
        if let RedirectKind::Document(number) = &mut kind {
            *number = self.documents.len();
            self.documents.push(Document::default());
            let expands = target.parts.iter().all(|part| matches!(part, Part::Text { quoted: false, .. }));
            let end = target.literal().map_or_else(String::new, |end| end.to_string());
            self.pending.push(Pending { number: *number, end, expands, strips_tabs: written == "<<-" });
        }
        Some(Redirect { kind, descriptor, target })
    }
}
