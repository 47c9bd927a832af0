//! Definitions in JSON: the same bodies, where strings are templates.

use std::sync::Arc;

use super::template::parse_template;
use super::{Attribute, Block, Body, Expr, ExprKind, JsonText, Key, Origin};
use crate::bake::error::Fault;
use crate::bake::json::{self, Field, Json, Node};
use crate::bake::value::{Number, Type, Value};
use crate::source::{Source, Span};

/// The blocks of a definition with their labels, and of blocks in them.
const BLOCKS: &[(&str, usize)] = &[("variable", 1), ("function", 1), ("group", 1), ("target", 1)];
const BLOCKS_OF_VARIABLE: &[(&str, usize)] = &[("validation", 0)];

/// Reads a file.
pub(in crate::bake) fn parse_json(file: &Arc<Source>) -> Result<Body, Fault> {
    let fault = |(message, span): (String, Span)| Fault { message, span, file: Arc::clone(file) };
    let node = json::parse(file.text()).map_err(fault)?;
    if !matches!(node.kind, Json::Object(_)) {
        return Err(fault(("a definition in JSON is an object".to_owned(), node.span)));
    }
    let mut body = Body { file: Some(Arc::clone(file)), span: node.span, ..Body::default() };
    let origin = Origin { file: Arc::clone(file) };
    fill(node, &origin, BLOCKS, &mut body);
    Ok(body)
}

/// The fields of an object, or of the objects in an array.
fn fields(node: Node, faults: &mut Vec<(String, Span)>) -> Vec<Field> {
    let span = node.span;
    match node.kind {
        Json::Null => Vec::new(),
        Json::Object(fields) => fields,
        Json::Array(nodes) => {
            let mut all = Vec::new();
            for node in nodes {
                match node.kind {
                    Json::Object(fields) => all.extend(fields),
                    _ => faults.push(("a JSON object is required here".to_owned(), node.span)),
                }
            }
            all
        }
        _ => {
            faults.push(("a JSON object or an array of objects is required here".to_owned(), span));
            Vec::new()
        }
    }
}

fn fill(node: Node, origin: &Origin, schema: &[(&str, usize)], body: &mut Body) {
    for field in fields(node, &mut body.faults) {
        if let Some(&(kind, labels)) = schema.iter().find(|(kind, _)| *kind == field.name) {
            unpack(kind, labels, field, origin, body);
        } else if field.name != "//" {
            let name = field.name.as_str().into();
            let span = field.span;
            let expr = expression(field.value);
            body.attributes.push(Attribute { name, span, expr, origin: origin.clone() });
        }
    }
}

/// The blocks that a field stands for.
fn unpack(kind: &str, labels: usize, field: Field, origin: &Origin, body: &mut Body) {
    if labels == 0 {
        add(kind, None, field.span, field.value, origin, body);
        return;
    }
    let span = field.value.span;
    let labelled = fields(field.value, &mut body.faults);
    if labelled.is_empty() {
        body.faults.push((format!("a {kind} has a name, which is a key here"), span));
    }
    for field in labelled {
        add(kind, Some(&field.name), field.span, field.value, origin, body);
    }
}

fn add(kind: &str, label: Option<&str>, span: Span, value: Node, origin: &Origin, body: &mut Body) {
    let nodes = match value.kind {
        Json::Null => return,
        Json::Object(_) => vec![value],
        Json::Array(nodes) => nodes,
        _ => {
            let message = format!("a JSON object or an array of objects is required here, for a {kind}");
            body.faults.push((message, value.span));
            return;
        }
    };
    for node in nodes {
        let mut inner = Body { span: node.span, ..Body::default() };
        fill(node, origin, if kind == "variable" { BLOCKS_OF_VARIABLE } else { &[] }, &mut inner);
        let labels = label.iter().map(|&label| label.into()).collect();
        body.blocks.push(Block { kind: kind.into(), labels, body: inner, span, origin: origin.clone() });
    }
}

fn expression(node: Node) -> Expr {
    let span = node.span;
    let kind = match node.kind {
        Json::Null => ExprKind::Literal(Value::null(Type::Dynamic)),
        Json::Bool(value) => ExprKind::Literal(Value::bool(value)),
        Json::Number(text) => {
            ExprKind::Literal(Number::parse(&text).map_or(Value::null(Type::Number), Value::number))
        }
        Json::String(text) => string(text, span),
        Json::Array(nodes) => ExprKind::Tuple(nodes.into_iter().map(expression).collect()),
        Json::Object(fields) => ExprKind::Object(
            fields
                .into_iter()
                .map(|field| {
                    let expr = Expr { span: field.span, kind: string(field.name, field.span) };
                    (Key { expr, computed: true }, expression(field.value))
                })
                .collect(),
        ),
    };
    Expr { span, kind }
}

fn string(text: String, span: Span) -> ExprKind {
    if !text.contains(['$', '%']) {
        let literal = Expr { span, kind: ExprKind::Literal(Value::string(&text)) };
        return ExprKind::Json(JsonText { text, template: Ok(Box::new(literal)) });
    }
    // Escapes that JSON takes out shift what follows; the span stays inside the string.
    let template = parse_template(&text, span.start + 1).map(Box::new).map_err(|(message, at)| {
        (message, Span::new(at.start.min(span.end), at.end.clamp(at.start.min(span.end), span.end)))
    });
    ExprKind::Json(JsonText { text, template })
}
