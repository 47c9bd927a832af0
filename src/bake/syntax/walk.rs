//! What an expression refers to: names and functions.

use smol_str::SmolStr;

use super::{Expr, ExprKind, JsonText, Step, parse_expression};

/// A name that an expression takes from outside of it, with what it takes from the value.
#[derive(Debug)]
pub(in crate::bake) struct Reference<'a> {
    pub(in crate::bake) name: &'a SmolStr,
    pub(in crate::bake) steps: &'a [Step],
}

/// The names that an expression refers to, in order.
pub(in crate::bake) fn references(expr: &Expr) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    visit(expr, &mut Vec::new(), &mut |expr, locals: &[&SmolStr]| {
        if let ExprKind::Scope(name, steps) = &expr.kind
            && !locals.contains(&name)
        {
            found.push(Reference { name, steps });
        }
    });
    found
}

/// The functions that an expression calls, in order. Of a string in JSON, those that it would call if it were an
/// expression itself.
pub(in crate::bake) fn calls(expr: &Expr) -> Vec<SmolStr> {
    let mut found = Vec::new();
    visit_calls(expr, &mut found);
    found
}

fn visit_calls(expr: &Expr, found: &mut Vec<SmolStr>) {
    match &expr.kind {
        ExprKind::Json(JsonText { text, .. }) => {
            if let Ok(expr) = parse_expression(text, 0) {
                collect(&expr, found);
            }
        }
        _ => collect(expr, found),
    }
}

fn collect(expr: &Expr, found: &mut Vec<SmolStr>) {
    visit(expr, &mut Vec::new(), &mut |expr, _| match &expr.kind {
        ExprKind::Call(call) => found.push(call.name.clone()),
        ExprKind::Json(_) => visit_calls(expr, found),
        _ => {}
    });
}

/// Sees every expression before those in it, with the names that `for` gives.
fn visit<'a>(expr: &'a Expr, locals: &mut Vec<&'a SmolStr>, see: &mut impl FnMut(&'a Expr, &[&SmolStr])) {
    see(expr, locals);
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Item | ExprKind::Scope(..) => {}
        ExprKind::Template(parts) | ExprKind::Tuple(parts) => {
            for part in parts {
                visit(part, locals, see);
            }
        }
        ExprKind::Wrap(inner)
        | ExprKind::Join(inner)
        | ExprKind::Parens(inner)
        | ExprKind::Relative(inner, _)
        | ExprKind::Not(inner)
        | ExprKind::Negate(inner) => visit(inner, locals, see),
        ExprKind::Index(a, b) | ExprKind::Splat(a, b) => {
            visit(a, locals, see);
            visit(b, locals, see);
        }
        ExprKind::Call(call) => {
            for arg in &call.args {
                visit(arg, locals, see);
            }
        }
        ExprKind::Conditional(parts) => {
            for part in parts.iter() {
                visit(part, locals, see);
            }
        }
        ExprKind::Binary(_, parts) => {
            for part in parts.iter() {
                visit(part, locals, see);
            }
        }
        ExprKind::Object(items) => {
            for (key, value) in items {
                let literal = matches!(&key.expr.kind, ExprKind::Scope(_, steps) if steps.is_empty());
                if !literal {
                    visit(&key.expr, locals, see);
                }
                visit(value, locals, see);
            }
        }
        ExprKind::For(parts) => {
            visit(&parts.collection, locals, see);
            let before = locals.len();
            locals.extend(&parts.key_name);
            locals.push(&parts.value_name);
            for part in parts.key.iter().chain([&parts.value]).chain(&parts.condition) {
                visit(part, locals, see);
            }
            locals.truncate(before);
        }
        ExprKind::Json(JsonText { template, .. }) => {
            if let Ok(template) = template {
                visit(template, locals, see);
            }
        }
    }
}
