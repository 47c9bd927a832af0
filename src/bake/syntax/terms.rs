//! Terms of expressions: literals, names, calls, collections, and what is taken from them.

use smol_str::SmolStr;

use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::{Call, Expr, ExprKind, For, Key, Operator, Step};
use crate::bake::value::{Number, Type, Value};

impl Parser<'_> {
    pub(super) fn with_traversals(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let term = self.term()?;
        self.traversals(term, start)
    }

    fn traversals(&mut self, from: Expr, start: usize) -> Parsed<Expr> {
        let mut expr = from;
        loop {
            if matches!(self.peek(), Token::Dot | Token::OBracket) {
                self.link()?;
            }
            expr = match self.peek() {
                Token::Dot => {
                    self.lexer.next();
                    match self.peek() {
                        Token::Name => {
                            let step = Step::Attr(self.word().into());
                            self.lexer.next();
                            self.relative(expr, step, start)
                        }
                        Token::Number => {
                            let step = self.legacy_index()?;
                            self.relative(expr, step, start)
                        }
                        Token::Operator(Operator::Multiply) => {
                            self.lexer.next();
                            self.attribute_splat(expr, start)?
                        }
                        _ => return self.fault("an attribute's name is expected after a dot"),
                    }
                }
                Token::OBracket => {
                    self.lexer.next();
                    if self.peek() == Token::Operator(Operator::Multiply) {
                        self.lexer.next();
                        self.expect(Token::CBracket, "a closing bracket is expected here")?;
                        let at = self.start();
                        let item = Expr { span: self.since(at), kind: ExprKind::Item };
                        let each = self.deeper(|parser| parser.traversals(item, at))?;
                        let kind = ExprKind::Splat(Box::new(expr), Box::new(each));
                        Expr { span: self.since(start), kind }
                    } else {
                        self.index(expr, start)?
                    }
                }
                _ => return Ok(expr),
            };
        }
    }

    fn relative(&self, expr: Expr, step: Step, start: usize) -> Expr {
        let kind = match expr.kind {
            ExprKind::Scope(name, mut steps) => {
                steps.push(step);
                ExprKind::Scope(name, steps)
            }
            ExprKind::Relative(source, mut steps) => {
                steps.push(step);
                ExprKind::Relative(source, steps)
            }
            kind => ExprKind::Relative(Box::new(Expr { span: expr.span, kind }), vec![step]),
        };
        Expr { span: self.since(start), kind }
    }

    fn legacy_index(&mut self) -> Parsed<Step> {
        let word = self.word();
        if word.contains('.') {
            return self.fault("write indices in brackets, as in [0][1]");
        }
        let key = number(word);
        self.lexer.next();
        Ok(Step::Index(key))
    }

    fn attribute_splat(&mut self, source: Expr, start: usize) -> Parsed<Expr> {
        let at = self.start();
        let mut each = Expr { span: self.since(at), kind: ExprKind::Item };
        while self.peek() == Token::Dot {
            self.lexer.next();
            let step = match self.peek() {
                Token::Number => self.legacy_index()?,
                Token::Name => {
                    let step = Step::Attr(self.word().into());
                    self.lexer.next();
                    step
                }
                _ => return self.fault("an attribute's name is expected after a dot"),
            };
            each = self.relative(each, step, at);
        }
        Ok(Expr { span: self.since(start), kind: ExprKind::Splat(Box::new(source), Box::new(each)) })
    }

    fn index(&mut self, collection: Expr, start: usize) -> Parsed<Expr> {
        let key = self.with_newlines(false, |parser| {
            let key = parser.expression()?;
            parser.expect(Token::CBracket, "an index ends with a closing bracket")?;
            Ok(key)
        })?;
        let literal = match &key.kind {
            ExprKind::Literal(value) => Some(value.clone()),
            ExprKind::Template(parts) => match &parts[..] {
                [Expr { kind: ExprKind::Literal(value), .. }] => Some(value.clone()),
                _ => None,
            },
            _ => None,
        };
        Ok(match literal {
            Some(value) => self.relative(collection, Step::Index(value), start),
            None => {
                Expr { span: self.since(start), kind: ExprKind::Index(Box::new(collection), Box::new(key)) }
            }
        })
    }

    fn term(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let kind = match self.peek() {
            Token::OParen => {
                self.lexer.next();
                let inner = self.with_newlines(false, |parser| {
                    let inner = parser.expression()?;
                    parser.expect(Token::CParen, "a closing parenthesis is expected here")?;
                    Ok(inner)
                })?;
                ExprKind::Parens(Box::new(inner))
            }
            Token::Number => {
                let value = number(self.word());
                if value.is_null() {
                    return self.fault("this number is larger than numbers can be");
                }
                self.lexer.next();
                ExprKind::Literal(value)
            }
            Token::Name => {
                let name: SmolStr = self.word().into();
                self.lexer.next();
                match self.peek() {
                    Token::OParen | Token::DoubleColon => self.call(name)?,
                    _ => match name.as_str() {
                        "true" => ExprKind::Literal(Value::bool(true)),
                        "false" => ExprKind::Literal(Value::bool(false)),
                        "null" => ExprKind::Literal(Value::null(Type::Dynamic)),
                        _ => ExprKind::Scope(name, Vec::new()),
                    },
                }
            }
            Token::Quote => self.quoted()?,
            Token::Heredoc => self.heredoc()?,
            Token::Operator(Operator::Subtract) => {
                self.lexer.next();
                ExprKind::Negate(Box::new(self.deeper(Self::with_traversals)?))
            }
            Token::Bang => {
                self.lexer.next();
                ExprKind::Not(Box::new(self.deeper(Self::with_traversals)?))
            }
            Token::OBracket => {
                self.lexer.next();
                self.with_newlines(false, Self::tuple)?
            }
            Token::OBrace => {
                self.lexer.next();
                self.object()?
            }
            Token::End => return self.fault("an expression is expected here, and the file ends"),
            _ => return self.fault("an expression is expected here"),
        };
        Ok(Expr { span: self.since(start), kind })
    }

    fn call(&mut self, first: SmolStr) -> Parsed<ExprKind> {
        let mut name = first;
        while self.peek() == Token::DoubleColon {
            self.lexer.next();
            if self.peek() != Token::Name {
                return self.fault("a function's name is expected after `::`");
            }
            name = format!("{name}::{}", self.word()).into();
            self.lexer.next();
        }
        self.expect(Token::OParen, "a function's arguments are expected here, in parentheses")?;
        let (args, expand) = self.with_newlines(false, |parser| {
            let mut args = Vec::new();
            loop {
                if parser.peek() == Token::CParen {
                    parser.lexer.next();
                    return Ok((args, false));
                }
                args.push(parser.expression()?);
                match parser.peek() {
                    Token::CParen => {
                        parser.lexer.next();
                        return Ok((args, false));
                    }
                    Token::Ellipsis => {
                        parser.lexer.next();
                        parser.expect(Token::CParen, "`...` stands after the last argument")?;
                        return Ok((args, true));
                    }
                    Token::Comma => {
                        parser.lexer.next();
                    }
                    _ => return parser.fault("a comma or the closing parenthesis is expected here"),
                }
            }
        })?;
        Ok(ExprKind::Call(Call { name, args, expand }))
    }

    fn tuple(&mut self) -> Parsed<ExprKind> {
        if self.is_word("for") {
            return self.for_expression(Token::CBracket);
        }
        let mut elements = Vec::new();
        loop {
            if self.peek() == Token::CBracket {
                break;
            }
            elements.push(self.expression()?);
            match self.peek() {
                Token::CBracket => break,
                Token::Comma => {
                    self.lexer.next();
                }
                _ => return self.fault("a comma or the closing bracket is expected here"),
            }
        }
        self.lexer.next();
        Ok(ExprKind::Tuple(elements))
    }

    fn object(&mut self) -> Parsed<ExprKind> {
        let at = self.lexer.at;
        if self.with_newlines(false, |parser| Ok(parser.is_word("for")))? {
            return self.with_newlines(false, |parser| parser.for_expression(Token::CBrace));
        }
        self.lexer.at = at;
        self.with_newlines(true, |parser| {
            let mut items = Vec::new();
            loop {
                match parser.peek() {
                    Token::Newline => {
                        parser.lexer.next();
                        continue;
                    }
                    Token::CBrace => break,
                    _ => {}
                }
                let computed = parser.peek() == Token::OParen;
                let key = parser.expression()?;
                match parser.peek() {
                    Token::Assign | Token::Colon => parser.lexer.next(),
                    _ => return parser.fault("a key's value is expected here, after an equals sign"),
                };
                let value = parser.expression()?;
                items.push((Key { expr: key, computed }, value));
                match parser.peek() {
                    Token::CBrace => break,
                    Token::Comma | Token::Newline => {
                        parser.lexer.next();
                    }
                    _ => return parser.fault("a line's end, a comma or the closing brace is expected here"),
                }
            }
            parser.lexer.next();
            Ok(ExprKind::Object(items))
        })
    }

    pub(super) fn name(&mut self, message: &str) -> Parsed<SmolStr> {
        if self.peek() != Token::Name {
            return self.fault(message);
        }
        let name = self.word().into();
        self.lexer.next();
        Ok(name)
    }

    /// The names of a `for`, up to its collection.
    pub(super) fn for_names(&mut self) -> Parsed<(Option<SmolStr>, SmolStr)> {
        let first = self.name("the name of a variable is expected after `for`")?;
        let names = if self.peek() == Token::Comma {
            self.lexer.next();
            (Some(first), self.name("the name of a variable is expected after the comma")?)
        } else {
            (None, first)
        };
        if !self.is_word("in") {
            return self.fault("`in` is expected here");
        }
        self.lexer.next();
        Ok(names)
    }

    fn for_expression(&mut self, close: Token) -> Parsed<ExprKind> {
        self.lexer.next();
        let (key_name, value_name) = self.for_names()?;
        let collection = self.expression()?;
        self.expect(Token::Colon, "a colon is expected after the collection of a `for`")?;
        let mut value = self.expression()?;
        let mut key = None;
        if self.peek() == Token::Arrow {
            self.lexer.next();
            key = Some(std::mem::replace(&mut value, self.expression()?));
        }
        let group = self.peek() == Token::Ellipsis;
        if group {
            self.lexer.next();
        }
        let condition = if self.is_word("if") {
            self.lexer.next();
            Some(self.expression()?)
        } else {
            None
        };
        self.expect(close, "the end of the `for` expression is expected here")?;
        let object = close == Token::CBrace;
        if object != key.is_some() || group && !object {
            let message = if object {
                "a `for` that makes an object has a key, as in `key => value`"
            } else {
                "a `for` that makes a tuple has no key and no `...`"
            };
            return Err((message.to_owned(), value.span));
        }
        let parts = For { key_name, value_name, collection, key, value, condition, group };
        Ok(ExprKind::For(Box::new(parts)))
    }
}

/// A number's value; null where it is out of range.
fn number(text: &str) -> Value {
    Number::parse(text).map_or(Value::null(Type::Number), Value::number)
}
