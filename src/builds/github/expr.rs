//! What GitHub's expressions come to, with unknown as a value.

use super::super::text::{is_known, readable, unknown};
use super::syntax::{Expr, Op, parse};
use super::value::{Value, from_json, one_of, to_json};

/// Where expressions look names up.
pub(super) trait Contexts {
    /// The value of a context such as `matrix`.
    fn context(&self, name: &str) -> Value;
}

/// The value of an expression without its `${{ }}`.
pub(super) fn evaluate(text: &str, contexts: &dyn Contexts) -> Value {
    match parse(text) {
        Some(expr) => eval(&expr, text.trim(), contexts),
        None => Value::Unknown(text.trim().to_owned()),
    }
}

/// The value of a scalar in which `${{ }}` may stand. One that is nothing else keeps its type.
pub(super) fn interpolate(text: &str, contexts: &dyn Contexts) -> Value {
    let trimmed = text.trim();
    if let Some((inner, "")) = trimmed.strip_prefix("${{").and_then(expression) {
        return evaluate(inner, contexts);
    }
    Value::Text(interpolate_text(text, contexts))
}

/// The text of a scalar in which `${{ }}` may stand.
pub(super) fn interpolate_text(text: &str, contexts: &dyn Contexts) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${{") {
        out.push_str(&rest[..at]);
        let Some((inner, after)) = expression(&rest[at + 3..]) else {
            out.push_str(&unknown(&rest[at..]));
            return out;
        };
        out.push_str(&evaluate(inner, contexts).to_text());
        rest = after;
    }
    out.push_str(rest);
    out
}

/// An expression up to its `}}`, and what follows that. Braces within quotes do not count.
fn expression(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'\'' {
            quoted = !quoted;
        } else if byte == b'}' && !quoted && bytes.get(at + 1) == Some(&b'}') {
            return Some((&text[..at], &text[at + 2..]));
        }
    }
    None
}

fn eval(expr: &Expr, source: &str, contexts: &dyn Contexts) -> Value {
    match expr {
        Expr::Null => Value::Null,
        Expr::Bool(value) => Value::Bool(*value),
        Expr::Number(value) => Value::Number(*value),
        Expr::Text(text) => Value::text(text),
        Expr::Context(name) => contexts.context(name),
        Expr::Property(of, name) => eval(of, source, contexts).get(name),
        Expr::Index(of, index) => {
            index_of(&eval(of, source, contexts), &eval(index, source, contexts), source)
        }
        Expr::Each(of) => match eval(of, source, contexts) {
            Value::Map(entries) => Value::List(entries.into_iter().map(|(_, value)| value).collect()),
            Value::List(items) => Value::List(items),
            Value::Unknown(why) => Value::Unknown(format!("{why}.*")),
            _ => Value::Null,
        },
        Expr::Not(inner) => match eval(inner, source, contexts).truth() {
            Some(truth) => Value::Bool(!truth),
            None => Value::Unknown(source.to_owned()),
        },
        Expr::Binary(op, left, right) => {
            let left = eval(left, source, contexts);
            match op {
                Op::And => and(left, &mut || eval(right, source, contexts), source),
                Op::Or => or(left, &mut || eval(right, source, contexts), source),
                _ => compare(*op, &left, &eval(right, source, contexts), source),
            }
        }
        Expr::Call(name, args) => {
            let args: Vec<Value> = args.iter().map(|arg| eval(arg, source, contexts)).collect();
            call(name, &args, source)
        }
    }
}

fn index_of(of: &Value, index: &Value, source: &str) -> Value {
    match (of, index) {
        (Value::List(items), Value::Number(at)) => {
            let item = at.to_string().parse::<usize>().ok().and_then(|at| items.get(at));
            item.cloned().unwrap_or(Value::Null)
        }
        (_, Value::Text(key)) if is_known(key) => of.get(key),
        (Value::List(items), Value::Text(_) | Value::Unknown(_)) => one_of(items.clone(), source),
        (Value::Map(entries), _) if !index.is_known() => {
            let mut values: Vec<Value> = entries.iter().map(|(_, value)| value.clone()).collect();
            values.push(Value::Null);
            one_of(values, source)
        }
        (Value::Unknown(why), _) => Value::Unknown(format!("{why}[{}]", readable(&index.to_text()))),
        (Value::OneOf(..), _) => Value::Unknown(source.to_owned()),
        _ => Value::Null,
    }
}

fn and(left: Value, right: &mut dyn FnMut() -> Value, source: &str) -> Value {
    match (left.truth(), left) {
        (Some(false), left) => left,
        (Some(true), _) => right(),
        (None, Value::OneOf(values, _)) => {
            let right = right();
            let values = values.into_iter().flat_map(|value| match value.truth() {
                Some(true) => vec![right.clone()],
                Some(false) => vec![value],
                None => vec![Value::Falsy, right.clone()],
            });
            one_of(values.collect(), source)
        }
        (None, _) => one_of(vec![Value::Falsy, right()], source),
    }
}

fn or(left: Value, right: &mut dyn FnMut() -> Value, source: &str) -> Value {
    match (left.truth(), left) {
        (Some(true), left) => left,
        (Some(false), _) => right(),
        (None, Value::OneOf(values, _)) => {
            let right = right();
            let values = values.into_iter().flat_map(|value| match value.truth() {
                Some(true) => vec![value],
                Some(false) => vec![right.clone()],
                None => vec![value, right.clone()],
            });
            one_of(values.collect(), source)
        }
        (None, _) => Value::Unknown(source.to_owned()),
    }
}

fn compare(op: Op, left: &Value, right: &Value, source: &str) -> Value {
    let answer = match op {
        Op::Eq => left.equals(right),
        Op::Ne => left.equals(right).map(|equal| !equal),
        _ if !left.is_known() || !right.is_known() => None,
        _ => {
            let (a, b) = (left.number(), right.number());
            Some(match op {
                Op::Lt => a < b,
                Op::Le => a <= b,
                Op::Gt => a > b,
                _ => a >= b,
            })
        }
    };
    answer.map_or_else(|| Value::Unknown(source.to_owned()), Value::Bool)
}

fn call(name: &str, args: &[Value], source: &str) -> Value {
    let known = args.iter().all(Value::is_known);
    let nothing = || Value::Unknown(source.to_owned());
    let text = |at: usize| args.get(at).map(Value::to_text).unwrap_or_default();
    match name {
        "format" => format(args),
        "join" => match args.first() {
            Some(Value::List(items)) => {
                let separator = if args.len() > 1 { text(1) } else { ",".to_owned() };
                let items: Vec<String> = items.iter().map(Value::to_text).collect();
                Value::Text(items.join(&separator))
            }
            Some(Value::Unknown(_) | Value::OneOf(..)) | None => nothing(),
            Some(other) => Value::Text(other.to_text()),
        },
        "fromjson" => match args.first() {
            Some(Value::Text(text)) if is_known(text) => from_json(text).unwrap_or_else(nothing),
            Some(Value::OneOf(values, why)) => {
                let each = values.iter().map(|value| call(name, std::slice::from_ref(value), source));
                one_of(each.collect(), why)
            }
            _ => nothing(),
        },
        "tojson" if known => Value::Text(to_json(&args[0..1].first().cloned().unwrap_or(Value::Null))),
        "contains" if known => match args.first() {
            Some(Value::List(items)) => Value::Bool(
                args.get(1).is_some_and(|item| items.iter().any(|other| other.equals(item) == Some(true))),
            ),
            _ => Value::Bool(text(0).to_lowercase().contains(&text(1).to_lowercase())),
        },
        "startswith" if known => Value::Bool(text(0).to_lowercase().starts_with(&text(1).to_lowercase())),
        "endswith" if known => Value::Bool(text(0).to_lowercase().ends_with(&text(1).to_lowercase())),
        "always" => Value::Bool(true),
        _ => nothing(),
    }
}

/// `format('{0}:{1}', a, b)`; braces that are doubled stand for themselves.
fn format(args: &[Value]) -> Value {
    let Some(Value::Text(template)) = args.first() else { return Value::Unknown("format()".to_owned()) };
    let mut out = String::new();
    let mut chars = template.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' | '}' if chars.peek().is_some_and(|&(_, next)| next == c) => {
                chars.next();
                out.push(c);
            }
            '{' => {
                let end = template[at..].find('}').map(|end| at + end);
                let number = end.and_then(|end| template.get(at + 1..end)?.trim().parse::<usize>().ok());
                let (Some(end), Some(number)) = (end, number) else {
                    return Value::Unknown("format()".to_owned());
                };
                out.push_str(&args.get(number + 1).map(Value::to_text).unwrap_or_default());
                while chars.peek().is_some_and(|&(at, _)| at <= end) {
                    chars.next();
                }
            }
            _ => out.push(c),
        }
    }
    Value::Text(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given;

    impl Contexts for Given {
        fn context(&self, name: &str) -> Value {
            match name {
                "matrix" => Value::Map(vec![
                    ("os".into(), Value::text("linux")),
                    ("n".into(), Value::Number(3.0)),
                    ("item".into(), Value::Map(vec![("platform".into(), Value::text("linux/arm64"))])),
                ]),
                "inputs" => Value::Map(vec![("flag".into(), Value::Bool(false))]),
                other => Value::Unknown(other.to_owned()),
            }
        }
    }

    #[test]
    fn expressions_come_to_what_is_known() {
        let cases = [
            ("matrix.os", "linux"),
            ("matrix['OS']", "linux"),
            ("matrix.item.platform", "linux/arm64"),
            ("matrix.none", ""),
            ("matrix.n == '3'", "true"),
            ("matrix.n", "3"),
            ("!matrix.none && 'a' || 'b'", "a"),
            ("inputs.flag && 'a' || 'b'", "b"),
            ("matrix.os == 'LINUX' && 'x' || 'y'", "x"),
            ("github.ref == 'x' && 'same' || 'same'", "same"),
            ("format('{0}-{1}{{}}', matrix.os, 4)", "linux-4{}"),
            ("join(fromJSON('[\"a\",\"b\"]'), '-')", "a-b"),
            ("fromJSON('{\"a\": [1, 2]}').a[1]", "2"),
            ("contains('abc', 'B')", "true"),
            ("contains(fromJSON('[\"x\"]'), 'x') && startsWith('ab', 'A')", "true"),
            ("'it''s'", "it's"),
            ("1 < 2 && 2 >= 2", "true"),
            ("true && !false", "true"),
            ("!!'a'", "true"),
        ];
        for (expr, text) in cases {
            assert_eq!(evaluate(expr, &Given).to_text(), text, "{expr}");
        }
    }

    #[test]
    fn what_depends_on_the_run_stays_unknown() {
        for expr in [
            "steps.a.outputs.b",
            "github.ref_protected && 'a' || 'b'",
            "secrets.X || 'y'",
            "fromJSON(needs.a.outputs.matrix)",
            "hashFiles('x')",
            "github.ref == 'x'",
            "nonsense(",
            "a b",
        ] {
            assert!(!evaluate(expr, &Given).is_known(), "{expr}");
        }
        let text = interpolate_text("linux/${{ vars.ARCH }}-${{ matrix.os }}", &Given);
        assert_eq!(readable(&text), "linux/${{ vars.ARCH }}-linux");
        let Value::OneOf(values, _) = evaluate("github.ref_protected && 'a' || 'b'", &Given) else {
            panic!("one of two")
        };
        assert!(
            values.len() == 2 && values.contains(&Value::text("a")) && values.contains(&Value::text("b"))
        );
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
        assert!(!evaluate(&deep, &Given).is_known());
        assert_eq!(evaluate(&format!("{}1", "!".repeat(9_999)), &Given).to_text(), "false");
    }
}
