//! One line of comma-separated values, as `--mount` takes them.

use bumpalo::collections::String as BumpString;
use smallvec::SmallVec;

use super::arena::Arena;

/// The fields of `line`, quotes undone, or why it is malformed.
///
/// RFC 4180 as Go's `encoding/csv` reads it: a field in double quotes may hold commas, and `""` for a quote.
pub(super) fn fields<'a>(arena: &'a Arena, line: &'a str) -> Result<SmallVec<[&'a str; 8]>, &'static str> {
    let mut rest = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
    let mut fields = SmallVec::new();
    if rest.is_empty() {
        return Err("it is empty");
    }
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, tail) =
                rest.split_once(',').map_or((rest, None), |(field, tail)| (field, Some(tail)));
            if field.contains('"') {
                return Err("a quote stands inside an unquoted field");
            }
            fields.push(field);
            match tail {
                Some(tail) => rest = tail,
                None => return Ok(fields),
            }
            continue;
        };
        let (field, tail) = quoted_field(arena, quoted)?;
        fields.push(field);
        match tail.strip_prefix(',') {
            Some(tail) => rest = tail,
            None if tail.is_empty() => return Ok(fields),
            None => return Err("text follows a closing quote"),
        }
    }
}

/// The field after an opening quote, and what follows its closing one.
fn quoted_field<'a>(arena: &'a Arena, text: &'a str) -> Result<(&'a str, &'a str), &'static str> {
    const UNCLOSED: &str = "a quote is not closed";
    let (first, mut tail) = text.split_once('"').ok_or(UNCLOSED)?;
    if !tail.starts_with('"') {
        return Ok((first, tail));
    }
    let mut field = BumpString::from_str_in(first, arena.bump());
    while let Some(after) = tail.strip_prefix('"') {
        field.push('"');
        let (part, next) = after.split_once('"').ok_or(UNCLOSED)?;
        field.push_str(part);
        tail = next;
    }
    Ok((field.into_bump_str(), tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let arena = Arena::new();
        let cases: [(&str, Result<&[&str], ()>); 12] = [
            ("type=bind,from=a", Ok(&["type=bind", "from=a"])),
            ("a", Ok(&["a"])),
            ("a,", Ok(&["a", ""])),
            (",", Ok(&["", ""])),
            ("", Err(())),
            (r#""a,b",c"#, Ok(&["a,b", "c"])),
            (r#""a""b""#, Ok(&["a\"b"])),
            (r#""""""#, Ok(&["\""])),
            (r#"a"b"#, Err(())),
            (r#""a"#, Err(())),
            (r#""a"b"#, Err(())),
            ("a,b\r\n", Ok(&["a", "b"])),
        ];
        for (line, expected) in cases {
            let found = fields(&arena, line);
            assert_eq!(found.as_deref().map_err(drop), expected, "{line}");
        }
    }
}
