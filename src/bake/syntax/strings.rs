//! Literal parts of strings: escapes.

/// The text that a literal part stands for; in quotes, with backslashes.
pub(super) fn literal(text: &str, quoted: bool) -> Result<String, String> {
    if !text.contains(['\\', '$', '%']) {
        return Ok(text.to_owned());
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$', '%']) {
        result.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            result.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("%%{") {
            result.push_str("%{");
            rest = after;
        } else if quoted && rest.starts_with('\\') {
            let (char, length) = escape(rest)?;
            result.push(char);
            rest = &rest[length..];
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            result.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// The character of the escape at the start of `text`, and its length.
fn escape(text: &str) -> Result<(char, usize), String> {
    let selector = text[1..].chars().next().ok_or("a backslash is followed by what it escapes")?;
    let (char, length) = match selector {
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        '"' => ('"', 2),
        '\\' => ('\\', 2),
        'u' | 'U' => {
            let count = if selector == 'u' { 4 } else { 8 };
            let digits =
                text.get(2..2 + count).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            let digits = digits.ok_or_else(|| {
                format!("the \\{selector} escape is followed by {count} hexadecimal digits")
            })?;
            let code = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
            let char = char::from_u32(code).ok_or_else(|| format!("U+{digits} is no character"))?;
            (char, 2 + count)
        }
        other => return Err(format!("\\{other} is no escape of HCL; a backslash itself is written \\\\")),
    };
    Ok((char, length))
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn escapes() {
        for (text, quoted, expected) in [
            (r#"a\n\t\"\\"#, true, Some("a\n\t\"\\")),
            (r"\u00e9\U0001F600", true, Some("é😀")),
            (r"\x", true, None),
            (r"\u12", true, None),
            (r"a\n", false, Some(r"a\n")),
            ("$${x} %%{y} $$ % $x", true, Some("${x} %{y} $$ % $x")),
        ] {
            assert_eq!(literal(text, quoted).ok().as_deref(), expected, "{text}");
        }
    }
}
