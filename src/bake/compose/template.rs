//! Interpolation: `$NAME` and `${NAME:-default}` in the values of Compose files and of files of variables.

use crate::bake::limits::MAX_DEPTH;

/// Looks up a variable.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces variables in a text.
pub(super) fn substitute(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    at_depth(text, lookup, 0)
}

fn at_depth(text: &str, lookup: Lookup<'_>, depth: usize) -> Result<String, String> {
    if depth > MAX_DEPTH {
        return Err(format!("variables are nested more than {MAX_DEPTH} deep, which is the limit"));
    }
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some(inner) = after.strip_prefix('{') {
            let length =
                braced_length(inner).ok_or_else(|| format!("{text:?} is no template; `$` itself is `$$`"))?;
            result.push_str(&braced(&inner[..length], lookup, depth)?);
            rest = &inner[length..];
        } else {
            let length = name_length(after);
            if length == 0 {
                result.push('$');
            } else {
                result.push_str(&lookup(&after[..length]).unwrap_or_default());
            }
            rest = &after[length..];
        }
    }
    result.push_str(rest);
    Ok(result)
}

fn name_length(text: &str) -> usize {
    if !text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_') {
        return 0;
    }
    text.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(text.len())
}

/// How far what follows `${` belongs to it: to the brace after a name, or to the last one of the line after an operator.
fn braced_length(inner: &str) -> Option<usize> {
    let name = name_length(inner);
    if name == 0 {
        return None;
    }
    let after = &inner[name..];
    if after.starts_with('}') {
        return Some(name + 1);
    }
    let operator = after.strip_prefix(':').unwrap_or(after);
    if !operator.starts_with(['-', '+', '?']) {
        return None;
    }
    let start = inner.len() - operator.len() + 1;
    let line = inner[start..].find('\n').map_or(inner.len(), |end| start + end);
    inner[start..line].rfind('}').map(|end| start + end + 1)
}

/// The value of `NAME…}` and of what follows its own closing brace.
fn braced(text: &str, lookup: Lookup<'_>, depth: usize) -> Result<String, String> {
    let close = closing(text).unwrap_or(text.len() - 1);
    let (own, rest) = (&text[..close], &text[close + 1..]);
    let name_end = name_length(own);
    let (name, operation) = own.split_at(name_end);
    let value = lookup(name);
    let (or_empty, operation) = match operation.strip_prefix(':') {
        Some(operation) => (true, operation),
        None => (false, operation),
    };
    let present = value.as_ref().is_some_and(|value| !or_empty || !value.is_empty());
    let word = operation.get(1..).unwrap_or_default();
    let replaced = match operation.as_bytes().first() {
        Some(b'-') if !present => at_depth(word, lookup, depth + 1)?,
        Some(b'+') if present => at_depth(word, lookup, depth + 1)?,
        Some(b'?') if !present => {
            let reason = at_depth(word, lookup, depth + 1)?;
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            return Err(format!("the variable {name} is required and has no value{reason}"));
        }
        _ => value.unwrap_or_default(),
    };
    Ok(replaced + &at_depth(rest, lookup, depth + 1)?)
}

/// The brace that closes the one before the text. What follows an opening brace is skipped, as Compose does.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // The opening brace and the character after it are behind.
    let mut open = 1;
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::substitute;

    #[test]
    fn variables_are_replaced() {
        let lookup = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("$A-${A}", Some("1-1")),
            ("${B:-x}${EMPTY:-y}${EMPTY-z}", Some("xy")),
            ("${A:+set}${B+set}", Some("set")),
            ("${B:-${A}}", Some("1")),
            ("${B:-a}b${A}c", Some("ab1c")),
            ("$$A $ 5", Some("$A $ 5")),
            ("${A", None),
            ("${B:?gone}", None),
            ("${}", None),
        ] {
            assert_eq!(substitute(text, &lookup).ok().as_deref(), expected, "{text}");
        }
    }
}
