//! Words of HCL outside of strings.

use super::Operator;
use crate::source::Span;

/// What stands next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Name,
    Number,
    Quote,
    /// `<<` or `<<-` with its marker.
    Heredoc,
    Newline,
    End,
    OBrace,
    CBrace,
    OBracket,
    CBracket,
    OParen,
    CParen,
    Comma,
    Dot,
    Ellipsis,
    Colon,
    DoubleColon,
    Question,
    Assign,
    Arrow,
    Bang,
    Operator(Operator),
    /// `~}`.
    TrimEnd,
    Bad,
}

/// Reads tokens of a text from where it stands.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Offset of the text in its file.
    pub(super) base: u32,
    /// Whether a line's end is a token; the innermost bracket says so.
    pub(super) newlines: Vec<bool>,
}

pub(super) fn starts_name(char: char) -> bool {
    char.is_alphabetic() || char == '_'
}

pub(super) fn continues_name(char: char) -> bool {
    char.is_alphanumeric()
        || char == '_'
        || char == '-'
        || unicode_normalization::char::is_combining_mark(char)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, base: u32) -> Self {
        Self { text, at: 0, base, newlines: vec![true] }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    fn wants_newlines(&self) -> bool {
        self.newlines.last().copied().unwrap_or(true)
    }

    /// Skips what means nothing here, and says what follows and where that ends.
    pub(super) fn peek(&mut self) -> (Token, usize) {
        self.skip();
        self.token()
    }

    /// Takes the token that stands next.
    pub(super) fn next(&mut self) -> (Token, Span) {
        let (token, end) = self.peek();
        let span = self.span(self.at, end);
        self.at = end;
        (token, span)
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let skipped = if rest.starts_with([' ', '\t']) {
                1
            } else if rest.starts_with('#') || rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                match rest.find("*/") {
                    Some(end) => end + 2,
                    None => return,
                }
            } else if !self.wants_newlines() && rest.starts_with('\n') {
                1
            } else if !self.wants_newlines() && rest.starts_with("\r\n") {
                2
            } else {
                return;
            };
            self.at += skipped;
        }
    }

    fn token(&self) -> (Token, usize) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return (Token::End, self.at) };
        let (token, length) = match first {
            '\n' => (Token::Newline, 1),
            '\r' if rest.starts_with("\r\n") => (Token::Newline, 2),
            '"' => (Token::Quote, 1),
            '0'..='9' => (Token::Number, number(rest)),
            _ if starts_name(first) => {
                (Token::Name, rest.find(|char| !continues_name(char)).unwrap_or(rest.len()))
            }
            _ => symbol(rest).unwrap_or((Token::Bad, first.len_utf8())),
        };
        (token, self.at + length)
    }
}

fn number(text: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(text);
    if text[length..].starts_with('.') {
        let part = digits(&text[length + 1..]);
        if part > 0 {
            length += 1 + part;
        }
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(&text[length + 1 + sign..]);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

fn symbol(text: &str) -> Option<(Token, usize)> {
    const SYMBOLS: &[(&str, Token)] = &[
        ("...", Token::Ellipsis),
        ("::", Token::DoubleColon),
        ("=>", Token::Arrow),
        ("==", Token::Operator(Operator::Equal)),
        ("!=", Token::Operator(Operator::NotEqual)),
        (">=", Token::Operator(Operator::GreaterEqual)),
        ("<=", Token::Operator(Operator::LessEqual)),
        ("&&", Token::Operator(Operator::And)),
        ("||", Token::Operator(Operator::Or)),
        ("~}", Token::TrimEnd),
        ("**", Token::Bad),
        ("{", Token::OBrace),
        ("}", Token::CBrace),
        ("[", Token::OBracket),
        ("]", Token::CBracket),
        ("(", Token::OParen),
        (")", Token::CParen),
        (",", Token::Comma),
        (".", Token::Dot),
        (":", Token::Colon),
        ("?", Token::Question),
        ("=", Token::Assign),
        ("!", Token::Bang),
        (">", Token::Operator(Operator::Greater)),
        ("<", Token::Operator(Operator::Less)),
        ("+", Token::Operator(Operator::Add)),
        ("-", Token::Operator(Operator::Subtract)),
        ("*", Token::Operator(Operator::Multiply)),
        ("/", Token::Operator(Operator::Divide)),
        ("%", Token::Operator(Operator::Modulo)),
    ];
    if let Some(length) = heredoc_opening(text) {
        return Some((Token::Heredoc, length));
    }
    SYMBOLS
        .iter()
        .find(|(written, _)| text.starts_with(written))
        .map(|&(written, token)| (token, written.len()))
}

/// The length of `<<MARKER` with its line's end, where that stands here.
fn heredoc_opening(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("<<")?;
    let marker = rest.strip_prefix('-').unwrap_or(rest);
    let length = marker.find(|char| !continues_name(char))?;
    if length == 0 || !marker.starts_with(starts_name) {
        return None;
    }
    let after = &marker[length..];
    let end = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
    (end > 0).then(|| text.len() - after.len() + end)
}
