//! Bodies and expressions of HCL.

use std::sync::Arc;

use super::lexer::{Lexer, Token};
use super::{Attribute, Block, Body, Expr, ExprKind, Operator, Origin};
use crate::bake::error::Fault;
use crate::bake::limits::MAX_DEPTH;
use crate::source::{Source, Span};

/// The most operators, indices and splats in one attribute.
const MAX_LINKS: usize = 1000;

pub(super) type Parsed<T> = Result<T, (String, Span)>;

/// Operators by how tightly they bind, the loosest first.
const LEVELS: &[&[Operator]] = &[
    &[Operator::Or],
    &[Operator::And],
    &[Operator::Equal, Operator::NotEqual],
    &[Operator::Greater, Operator::GreaterEqual, Operator::Less, Operator::LessEqual],
    &[Operator::Add, Operator::Subtract],
    &[Operator::Multiply, Operator::Divide, Operator::Modulo],
];

/// Reads a file.
pub(in crate::bake) fn parse(file: &Arc<Source>) -> Result<Body, Fault> {
    let text = file.text();
    let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let origin = Origin { file: Arc::clone(file) };
    let mut parser = Parser::new(&text[skipped..], skipped as u32, Some(origin));
    if !file.is_exact() {
        let end = text.find('\u{fffd}').unwrap_or(0) as u32;
        let message = "the file is not UTF-8".to_owned();
        return Err(Fault { message, span: Span::new(end, end), file: Arc::clone(file) });
    }
    parser.body(Token::End).map_err(|(message, span)| Fault { message, span, file: Arc::clone(file) })
}

/// Reads a text that is one expression.
pub(in crate::bake) fn parse_expression(text: &str, base: u32) -> Parsed<Expr> {
    let mut parser = Parser::new(text, base, None);
    parser.lexer.newlines = vec![false];
    let expr = parser.expression()?;
    match parser.lexer.next() {
        (Token::End, _) => Ok(expr),
        (_, span) => Err(("something follows the expression".to_owned(), span)),
    }
}

pub(super) struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) depth: usize,
    /// Links of chains in the expression that is read: each makes its tree one deeper.
    links: usize,
    origin: Option<Origin>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, base: u32, origin: Option<Origin>) -> Self {
        Self { lexer: Lexer::new(text, base), depth: 0, links: 0, origin }
    }

    pub(super) fn peek(&mut self) -> Token {
        self.lexer.peek().0
    }

    pub(super) fn fault<T>(&mut self, message: &str) -> Parsed<T> {
        let (_, end) = self.lexer.peek();
        Err((message.to_owned(), self.lexer.span(self.lexer.at, end)))
    }

    pub(super) fn expect(&mut self, token: Token, message: &str) -> Parsed<Span> {
        if self.peek() == token { Ok(self.lexer.next().1) } else { self.fault(message) }
    }

    /// The text of the token that stands next.
    pub(super) fn word(&mut self) -> &'a str {
        let (_, end) = self.lexer.peek();
        self.lexer.text.get(self.lexer.at..end).unwrap_or_default()
    }

    pub(super) fn is_word(&mut self, word: &str) -> bool {
        self.peek() == Token::Name && self.word() == word
    }

    pub(super) fn start(&mut self) -> usize {
        self.lexer.peek();
        self.lexer.at
    }

    pub(super) fn since(&self, start: usize) -> Span {
        self.lexer.span(start, self.lexer.at)
    }

    /// Goes one level deeper for as long as `read` reads.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fault(&format!("nested more than {MAX_DEPTH} deep, which is the limit"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Counts a link of a chain.
    pub(super) fn link(&mut self) -> Parsed<()> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return self.fault("an expression has more operators than are read");
        }
        Ok(())
    }

    /// Reads with or without line ends as tokens.
    pub(super) fn with_newlines<T>(
        &mut self,
        newlines: bool,
        read: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        self.lexer.newlines.push(newlines);
        let result = read(self);
        self.lexer.newlines.pop();
        result
    }

    fn body(&mut self, end: Token) -> Parsed<Body> {
        let start = self.start();
        let mut body = Body::default();
        loop {
            match self.peek() {
                token if token == end => {
                    self.lexer.next();
                    break;
                }
                Token::Newline => {
                    self.lexer.next();
                }
                Token::Name => self.item(&mut body)?,
                Token::Quote => return self.fault("names of attributes are not quoted"),
                Token::End => return self.fault("a block is not closed before the end of the file"),
                _ => return self.fault("an attribute or a block is expected here"),
            }
        }
        body.span = self.since(start);
        Ok(body)
    }

    fn item(&mut self, body: &mut Body) -> Parsed<()> {
        let name = self.word();
        let (_, span) = self.lexer.next();
        match self.peek() {
            Token::Assign => {
                let attribute = self.attribute(name, span, body)?;
                match self.peek() {
                    Token::Newline | Token::End => {
                        self.lexer.next();
                    }
                    Token::Comma => {
                        return self.fault("attributes are separated by line ends, not by commas");
                    }
                    _ => return self.fault("an attribute ends with its line"),
                }
                body.attributes.push(attribute);
                Ok(())
            }
            Token::Quote | Token::OBrace | Token::Name => {
                let block = self.deeper(|parser| parser.block(name, span))?;
                body.blocks.push(block);
                Ok(())
            }
            _ => Err((format!("`{name}` is followed neither by an equals sign nor by a block"), span)),
        }
    }

    fn attribute(&mut self, name: &str, span: Span, body: &Body) -> Parsed<Attribute> {
        self.lexer.next();
        if body.attribute(name).is_some() {
            return Err((format!("`{name}` is set twice in the same body"), span));
        }
        self.links = 0;
        let expr = self.expression()?;
        let origin = self.origin.clone().ok_or_else(|| ("no attribute is expected here".to_owned(), span))?;
        Ok(Attribute { name: name.into(), span, expr, origin })
    }

    fn block(&mut self, kind: &str, span: Span) -> Parsed<Block> {
        let mut labels = Vec::new();
        let mut place = None;
        loop {
            let start = self.start();
            match self.peek() {
                Token::OBrace => break,
                Token::Name => {
                    labels.push(self.word().into());
                    self.lexer.next();
                }
                Token::Quote => labels.push(self.label()?.into()),
                Token::Assign => return self.fault("a block is written without an equals sign"),
                _ => return self.fault("a block's label or its opening brace is expected here"),
            }
            place.get_or_insert(self.since(start));
        }
        self.lexer.next();
        let body = match self.peek() {
            Token::Newline | Token::End | Token::CBrace => self.body(Token::CBrace)?,
            _ => self.single()?,
        };
        match self.peek() {
            Token::Newline | Token::End => {
                self.lexer.next();
            }
            _ => return self.fault("a block ends with its line"),
        }
        let origin = self.origin.clone().ok_or_else(|| ("no block is expected here".to_owned(), span))?;
        Ok(Block { kind: kind.into(), labels, body, span: place.unwrap_or(span), origin })
    }

    /// The only attribute of a block on one line.
    fn single(&mut self) -> Parsed<Body> {
        if self.peek() != Token::Name {
            return self.fault("an attribute is expected here");
        }
        let name = self.word();
        let (_, span) = self.lexer.next();
        if self.peek() != Token::Assign {
            return self.fault("a block on one line has one attribute");
        }
        let mut body = Body { span, ..Body::default() };
        let attribute = self.attribute(name, span, &body)?;
        body.attributes.push(attribute);
        self.expect(Token::CBrace, "a block on one line has one attribute and ends on it")?;
        Ok(body)
    }

    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let condition = self.binary(LEVELS)?;
        if self.peek() != Token::Question {
            return Ok(condition);
        }
        self.lexer.next();
        let yes = self.expression()?;
        self.expect(Token::Colon, "the other value of the conditional is expected here, after a colon")?;
        let no = self.expression()?;
        let kind = ExprKind::Conditional(Box::new([condition, yes, no]));
        Ok(Expr { span: self.since(start), kind })
    }

    fn binary(&mut self, levels: &[&[Operator]]) -> Parsed<Expr> {
        let Some((level, tighter)) = levels.split_first() else { return self.with_traversals() };
        let start = self.start();
        let mut left = self.binary(tighter)?;
        while let Token::Operator(operator) = self.peek() {
            if !level.contains(&operator) {
                break;
            }
            self.link()?;
            self.lexer.next();
            let right = self.binary(tighter)?;
            let span = self.since(start);
            left = Expr { span, kind: ExprKind::Binary(operator, Box::new([left, right])) };
        }
        Ok(left)
    }
}
