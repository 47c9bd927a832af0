//! Patterns as Go's `path.Match` reads them.

/// Whether a pattern matches a whole name. A pattern that is none is an error where matching comes upon it.
pub(super) fn matches(pattern: &str, name: &str) -> Result<bool, String> {
    let mut pattern = pattern;
    let mut name = name;
    while !pattern.is_empty() {
        let (star, chunk, rest) = chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        if let Some(after) = prefix(chunk, name)?
            && (after.is_empty() || !pattern.is_empty())
        {
            name = after;
            continue;
        }
        let mut found = None;
        if star {
            let mut starts = name.char_indices();
            let mut next = starts.next();
            while let Some((at, char)) = next {
                if char == '/' {
                    break;
                }
                let tail = &name[at + char.len_utf8()..];
                if let Some(after) = prefix(chunk, tail)?
                    && (!pattern.is_empty() || after.is_empty())
                {
                    found = Some(after);
                    break;
                }
                next = starts.next();
            }
        }
        if let Some(after) = found {
            name = after;
        } else {
            check(pattern)?;
            return Ok(false);
        }
    }
    Ok(name.is_empty())
}

/// Leading stars, what stands before the next star, and the rest.
fn chunk(pattern: &str) -> (bool, &str, &str) {
    let trimmed = pattern.trim_start_matches('*');
    let star = trimmed.len() < pattern.len();
    let mut bracket = false;
    let mut chars = trimmed.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => {
                chars.next();
            }
            '[' => bracket = true,
            ']' => bracket = false,
            '*' if !bracket => return (star, &trimmed[..at], &trimmed[at..]),
            _ => {}
        }
    }
    (star, trimmed, "")
}

fn bad() -> String {
    "the pattern is not well-formed".to_owned()
}

/// Whether the rest of a pattern is one.
fn check(pattern: &str) -> Result<(), String> {
    let mut rest = pattern;
    while !rest.is_empty() {
        let (_, chunk, after) = chunk(rest);
        prefix(chunk, "")?;
        rest = after;
    }
    Ok(())
}

/// What follows the part of `name` that a chunk without stars matches.
fn prefix<'a>(chunk: &str, name: &'a str) -> Result<Option<&'a str>, String> {
    let mut failed = false;
    let mut pattern = chunk.chars();
    let mut rest = name;
    while let Some(char) = pattern.next() {
        failed |= rest.is_empty();
        let next = rest.chars().next().unwrap_or('\0');
        match char {
            '[' => {
                let mut negated = false;
                if pattern.as_str().starts_with('^') {
                    negated = true;
                    pattern.next();
                }
                let (mut matched, mut ranges) = (false, 0);
                loop {
                    if pattern.as_str().starts_with(']') && ranges > 0 {
                        pattern.next();
                        break;
                    }
                    let low = bound(&mut pattern)?;
                    let mut high = low;
                    if pattern.as_str().starts_with('-') {
                        pattern.next();
                        high = bound(&mut pattern)?;
                    }
                    matched |= (low..=high).contains(&next);
                    ranges += 1;
                }
                failed |= matched == negated;
            }
            '?' => failed |= next == '/',
            '\\' => {
                let escaped = pattern.next().ok_or_else(bad)?;
                failed |= escaped != next;
            }
            other => failed |= other != next,
        }
        if !failed {
            rest = &rest[next.len_utf8()..];
        }
    }
    Ok((!failed).then_some(rest))
}

fn bound(pattern: &mut std::str::Chars<'_>) -> Result<char, String> {
    match pattern.next() {
        None | Some('-' | ']') => Err(bad()),
        Some('\\') => pattern.next().ok_or_else(bad),
        Some(char) => Ok(char),
    }
    .and_then(|char| if pattern.as_str().is_empty() { Err(bad()) } else { Ok(char) })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*", "app", Some(true)),
            ("app-*", "app-a", Some(true)),
            ("*-a", "app-b", Some(false)),
            ("a?p", "app", Some(true)),
            ("[a-c]pp", "app", Some(true)),
            ("[^a]pp", "app", Some(false)),
            ("a*b*c", "aXbYc", Some(true)),
            ("[", "app", None),
            ("a[", "app", None),
        ] {
            assert_eq!(matches(pattern, name).ok(), expected, "{pattern} {name}");
        }
    }
}
