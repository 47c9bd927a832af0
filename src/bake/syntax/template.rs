//! Strings with interpolations and directives, and heredocs.

use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::strings::literal;
use super::{Expr, ExprKind, For};
use crate::bake::value::Value;
use crate::source::Span;
use smol_str::SmolStr;

/// Where a template ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End<'a> {
    Quote,
    /// With its marker.
    Heredoc(&'a str),
    Text,
}

enum Part {
    Literal(String, Span),
    Interpolation(Expr),
    If(Expr, Span),
    For(Option<SmolStr>, SmolStr, Box<Expr>, Span),
    Else(Span),
    EndIf(Span),
    EndFor(Span),
}

/// Reads a text that is a template from end to end.
pub(super) fn parse_template(text: &str, base: u32) -> Parsed<Expr> {
    let mut parser = Parser::new(text, base, None);
    let kind = parser.template(End::Text, false)?;
    Ok(Expr { span: Span::new(base, base + text.len() as u32), kind })
}

impl Parser<'_> {
    pub(super) fn quoted(&mut self) -> Parsed<ExprKind> {
        self.lexer.next();
        self.deeper(|parser| parser.template(End::Quote, false))
    }

    pub(super) fn heredoc(&mut self) -> Parsed<ExprKind> {
        let opening = self.word();
        self.lexer.next();
        let flush = opening.starts_with("<<-");
        let marker = opening.trim_start_matches("<<").trim_start_matches('-').trim_end();
        self.deeper(|parser| parser.template(End::Heredoc(marker), flush))
    }

    /// A block's label: a string without templates.
    pub(super) fn label(&mut self) -> Parsed<String> {
        let start = self.lexer.at;
        let kind = self.quoted()?;
        match kind {
            ExprKind::Template(parts) => match &parts[..] {
                [Expr { kind: ExprKind::Literal(value), .. }] => {
                    Ok(value.as_str().unwrap_or_default().to_owned())
                }
                _ => Err(("a label holds no template".to_owned(), self.since(start))),
            },
            _ => Err(("a label holds no template".to_owned(), self.since(start))),
        }
    }

    fn template(&mut self, end: End<'_>, flush: bool) -> Parsed<ExprKind> {
        let mut parts = self.parts(end)?;
        if flush {
            strip_indentation(&mut parts);
        }
        let mut melded: Vec<Part> = Vec::new();
        for part in parts {
            if let (Some(Part::Literal(before, span)), Part::Literal(text, more)) = (melded.last_mut(), &part)
            {
                before.push_str(text);
                *span = span.to(*more);
            } else {
                melded.push(part);
            }
        }
        let alone = matches!(&melded[..], [Part::Interpolation(_)]);
        let mut parts = melded.into_iter().peekable();
        let mut exprs = Vec::new();
        while let Some(part) = parts.next() {
            exprs.push(self.assemble(part, &mut parts)?);
        }
        if alone && let Some(expr) = exprs.pop() {
            return Ok(ExprKind::Wrap(Box::new(expr)));
        }
        if exprs.is_empty() {
            let at = self.lexer.at;
            exprs.push(text(String::new(), self.lexer.span(at, at)));
        }
        Ok(ExprKind::Template(exprs))
    }

    /// One part with all that belongs to its directive.
    fn assemble(&mut self, part: Part, parts: &mut impl Iterator<Item = Part>) -> Parsed<Expr> {
        match part {
            Part::Literal(content, span) => Ok(text(content, span)),
            Part::Interpolation(expr) => Ok(expr),
            Part::If(condition, span) => self.deeper(|parser| {
                let (mut yes, mut no, mut other) = (Vec::new(), Vec::new(), false);
                loop {
                    match parts.next() {
                        Some(Part::Else(_)) if !other => other = true,
                        Some(Part::EndIf(end)) => {
                            let whole = span.to(end);
                            let branch = |parts: Vec<Expr>| branch(parts, whole);
                            let branches = [condition, branch(yes), branch(no)];
                            return Ok(Expr { span: whole, kind: ExprKind::Conditional(Box::new(branches)) });
                        }
                        Some(part) => {
                            let expr = parser.assemble(part, parts)?;
                            if other { no.push(expr) } else { yes.push(expr) }
                        }
                        None => return Err(("this `if` has no `endif`".to_owned(), span)),
                    }
                }
            }),
            Part::For(key_name, value_name, collection, span) => self.deeper(|parser| {
                let mut content = Vec::new();
                loop {
                    match parts.next() {
                        Some(Part::EndFor(end)) => {
                            let whole = span.to(end);
                            let value = branch(content, whole);
                            let parts = For {
                                key_name,
                                value_name,
                                collection: *collection,
                                key: None,
                                value,
                                condition: None,
                                group: false,
                            };
                            let tuple = Expr { span: whole, kind: ExprKind::For(Box::new(parts)) };
                            return Ok(Expr { span: whole, kind: ExprKind::Join(Box::new(tuple)) });
                        }
                        Some(part) => content.push(parser.assemble(part, parts)?),
                        None => return Err(("this `for` has no `endfor`".to_owned(), span)),
                    }
                }
            }),
            Part::Else(span) | Part::EndIf(span) | Part::EndFor(span) => {
                Err(("this directive has no beginning".to_owned(), span))
            }
        }
    }

    fn parts(&mut self, end: End<'_>) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        let mut trim_next = false;
        let mut line_start = true;
        let opened = self.lexer.at;
        loop {
            let rest = self.lexer.rest();
            let start = self.lexer.at;
            if rest.is_empty() {
                return if end == End::Text {
                    Ok(parts)
                } else {
                    Err((
                        "this string is not closed".to_owned(),
                        self.lexer.span(opened.saturating_sub(1), opened),
                    ))
                };
            }
            if let End::Heredoc(marker) = end
                && line_start
                && let Some(length) = closing(rest, marker)
            {
                self.lexer.at += length;
                return Ok(parts);
            }
            if end == End::Quote && rest.starts_with('"') {
                self.lexer.at += 1;
                return Ok(parts);
            }
            if rest.starts_with("${") || rest.starts_with("%{") {
                let trim = rest[2..].starts_with('~');
                if trim
                    && !trim_next
                    && let Some(Part::Literal(content, _)) = parts.last_mut()
                {
                    content.truncate(content.trim_end().len());
                }
                self.lexer.at += 2 + usize::from(trim);
                let control = rest.starts_with('%');
                let (part, trims) = self.with_newlines(false, |parser| {
                    let part = if control {
                        parser.directive(start)?
                    } else {
                        Part::Interpolation(parser.expression()?)
                    };
                    match parser.lexer.next() {
                        (Token::CBrace, _) => Ok((part, false)),
                        (Token::TrimEnd, _) => Ok((part, true)),
                        (_, span) => Err((
                            "a closing brace is expected at the end of `${` or `%{`; written \
                                           `$${` or `%%{`, it is plain text"
                                .to_owned(),
                            span,
                        )),
                    }
                })?;
                parts.push(part);
                trim_next = trims;
                line_start = false;
                continue;
            }
            let length = literal_length(rest, end == End::Quote);
            let written = &rest[..length];
            if end == End::Quote && rest[length..].starts_with(['\n', '\r']) {
                let span = self.lexer.span(start + length, start + length + 1);
                return Err((
                    "a string in quotes ends on its line; longer text is written as a heredoc".to_owned(),
                    span,
                ));
            }
            let span = self.lexer.span(start, start + length);
            let mut content = literal(written, end == End::Quote).map_err(|message| (message, span))?;
            if std::mem::take(&mut trim_next) {
                content.drain(..content.len() - content.trim_start().len());
            }
            parts.push(Part::Literal(content, span));
            self.lexer.at += length;
            line_start = written.ends_with('\n');
        }
    }

    fn directive(&mut self, start: usize) -> Parsed<Part> {
        if self.peek() != Token::Name {
            return self.fault("a directive is expected after `%{`: if, else, endif, for or endfor");
        }
        let word = self.word();
        self.lexer.next();
        let part = match word {
            "if" => {
                let condition = self.expression()?;
                Part::If(condition, self.since(start))
            }
            "for" => {
                let (key, value) = self.for_names()?;
                let collection = self.expression()?;
                Part::For(key, value, Box::new(collection), self.since(start))
            }
            "else" => Part::Else(self.since(start)),
            "endif" => Part::EndIf(self.since(start)),
            "endfor" => Part::EndFor(self.since(start)),
            _ => return Err((format!("`{word}` is no directive of templates"), self.since(start))),
        };
        Ok(part)
    }
}

fn text(content: String, span: Span) -> Expr {
    Expr { span, kind: ExprKind::Literal(Value::string(content)) }
}

/// What stands between directives.
fn branch(parts: Vec<Expr>, whole: Span) -> Expr {
    let parts = if parts.is_empty() { vec![text(String::new(), whole)] } else { parts };
    Expr { span: whole, kind: ExprKind::Template(parts) }
}

/// The length of the line that closes a heredoc, without its end.
fn closing(rest: &str, marker: &str) -> Option<usize> {
    let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
    let line = line.strip_suffix('\r').unwrap_or(line);
    (line.trim() == marker).then_some(line.len())
}

/// The length of the literal text at the start, one line at most.
fn literal_length(rest: &str, quoted: bool) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return if quoted { at } else { at + 1 },
            b'\r' | b'"' if quoted => return at,
            b'\\' if quoted => {
                let next = rest[at + 1..].chars().next();
                at += 1 + next.filter(|&char| char != '\n').map_or(0, char::len_utf8);
            }
            b'$' | b'%' => {
                if bytes.get(at + 1) == Some(&byte) && bytes.get(at + 2) == Some(&b'{') {
                    at += 3;
                } else if bytes.get(at + 1) == Some(&b'{') {
                    return at;
                } else {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

/// Takes from each line what all lines are indented by.
fn strip_indentation(parts: &mut [Part]) {
    let mut least = usize::MAX;
    let mut newline = true;
    let mut adjust = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if newline {
            newline = false;
            let spaces = match part {
                Part::Literal(content, _) => {
                    let trimmed = content.trim_start();
                    if trimmed.is_empty() && content.ends_with('\n') {
                        usize::MAX
                    } else {
                        adjust.push(index);
                        content[..content.len() - trimmed.len()].chars().count()
                    }
                }
                _ => 0,
            };
            least = least.min(spaces);
        }
        if let Part::Literal(content, _) = part
            && content.ends_with('\n')
        {
            newline = true;
        }
    }
    for index in adjust {
        if let Some(Part::Literal(content, _)) = parts.get_mut(index) {
            let cut = content.char_indices().nth(least).map_or(content.len(), |(at, _)| at);
            content.drain(..cut);
        }
    }
}
