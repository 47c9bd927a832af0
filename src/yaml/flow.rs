//! Lists and mappings in brackets whose lines begin further left than YAML asks for.
//!
//! The parsers that read Compose files and workflows take them; the one that is used here does not.

/// The text with the line of a character put behind the one before it, each character where it was. Nothing, if another character
/// begins that line, or a comment ends the line before.
pub(super) fn joined(text: &str, character: usize) -> Option<String> {
    let (at, _) = text.char_indices().nth(character)?;
    let head = text[..at].trim_end_matches([' ', '\t']);
    let mut end = head.len();
    // Blank lines and whole lines of comment between them count for nothing.
    loop {
        let before = text[..end].strip_suffix('\n')?;
        let before = before.strip_suffix('\r').unwrap_or(before);
        end = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before[end..].trim();
        if !line.is_empty() && !line.starts_with('#') {
            let blank = text[before.len()..head.len()].chars().count();
            let joined = || [before, &" ".repeat(blank), &text[head.len()..]].concat();
            return (!line.contains('#')).then(joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn lines_are_put_together() {
        let at = |text: &str| joined(text, text.chars().position(|c| c == ']').expect("a bracket"));
        assert_eq!(at("a: [\n  b\n]").as_deref(), Some("a: [\n  b ]"));
        assert_eq!(at("a: [\n  b\n # c\n\n]").as_deref(), Some("a: [\n  b       ]"));
        assert_eq!(at("a: [\r\n  b\r\n # é\r\n]").as_deref(), Some("a: [\r\n  b        ]"));
        let long = format!("a: [\n  b\n{}]", "# é\n".repeat(200_000));
        assert_eq!(at(&long).map(|text| text.chars().count()), Some(long.chars().count()), "in linear time");
        assert_eq!(at("a: [\n  b # c\n]"), None);
        assert_eq!(at("]"), None);
        assert_eq!(at("a: [b]"), None);
    }
}
