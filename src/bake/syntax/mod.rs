//! HCL: text to bodies of attributes and blocks with their expressions, and the same of JSON.

mod body;
mod from_json;
mod lexer;
mod parser;
mod strings;
mod template;
mod terms;
mod walk;

use std::sync::Arc;

use smol_str::SmolStr;

use super::value::Value;
use crate::source::{Source, Span};

pub(super) use self::body::{Attribute, Block, Body};
pub(super) use self::from_json::parse_json;
pub(super) use self::parser::{parse, parse_expression};
pub(super) use self::walk::{calls, references};

/// An expression.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) span: Span,
    pub(super) kind: ExprKind,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Literal(Value),
    /// Parts of a string.
    Template(Vec<Expr>),
    /// `"${x}"`: the value itself.
    Wrap(Box<Expr>),
    /// The iterations of a `%{for}` directive.
    Join(Box<Expr>),
    Parens(Box<Expr>),
    /// A name with what is taken from its value.
    Scope(SmolStr, Vec<Step>),
    /// What is taken from the value of an expression.
    Relative(Box<Expr>, Vec<Step>),
    Index(Box<Expr>, Box<Expr>),
    /// For each element of the first, the second, in which [`ExprKind::Item`] is the element.
    Splat(Box<Expr>, Box<Expr>),
    Item,
    Call(Call),
    Conditional(Box<[Expr; 3]>),
    Binary(Operator, Box<[Expr; 2]>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Tuple(Vec<Expr>),
    /// Keys and values; the keys of JSON are templates.
    Object(Vec<(Key, Expr)>),
    For(Box<For>),
    /// A string of a JSON document, which is a template.
    Json(JsonText),
}

#[derive(Debug)]
pub(super) struct JsonText {
    pub(super) text: String,
    /// The template, or what is wrong with it.
    pub(super) template: Result<Box<Expr>, (String, Span)>,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) expr: Expr,
    /// In parentheses: never a literal name.
    pub(super) computed: bool,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: SmolStr,
    pub(super) args: Vec<Expr>,
    /// The last argument's elements are arguments.
    pub(super) expand: bool,
}

#[derive(Debug)]
pub(super) struct For {
    pub(super) key_name: Option<SmolStr>,
    pub(super) value_name: SmolStr,
    pub(super) collection: Expr,
    /// Makes an object.
    pub(super) key: Option<Expr>,
    pub(super) value: Expr,
    pub(super) condition: Option<Expr>,
    pub(super) group: bool,
}

/// One step from a value to a part of it.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Attr(SmolStr),
    Index(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Expr {
    /// A name alone, where one stands for itself.
    pub(super) fn keyword(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Scope(name, steps) if steps.is_empty() => Some(name),
            ExprKind::Json(JsonText { text, .. }) => {
                let mut chars = text.chars();
                let plain = chars.next().is_some_and(lexer::starts_name) && chars.all(lexer::continues_name);
                plain.then_some(text.as_str())
            }
            _ => None,
        }
    }

    /// The elements, where a list is written out.
    pub(super) fn list(&self) -> Option<&[Self]> {
        match &self.kind {
            ExprKind::Tuple(elements) => Some(elements),
            _ => None,
        }
    }
}

/// Text of an expression and where it stands, for errors.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) file: Arc<Source>,
}
