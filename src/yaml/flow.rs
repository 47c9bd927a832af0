//! Lists and mappings in brackets whose lines begin further left than YAML asks for.
//!
//! The parsers that read Compose files and workflows take them; the one that is used here does not.

/// The text with the line of a character put behind the one before it, each character where it was. Nothing, if another character
/// begins that line, or a comment ends the line before.
pub(super) fn joined(text: &str, character: usize) -> Option<String> {
    let (at, _) = text.char_indices().nth(character)?;
    let head = text[..at].trim_end_matches([' ', '\t']);
    let mut out = text.to_owned();
    let mut line_end = head.strip_suffix('\n')?.len();
    // Blank lines and whole lines of comment between them count for nothing.
    loop {
        out.replace_range(line_end..=line_end, " ");
        if out[..line_end].ends_with('\r') {
            line_end -= 1;
            out.replace_range(line_end..=line_end, " ");
        }
        let start = out[..line_end].rfind('\n').map_or(0, |at| at + 1);
        let line = &out[start..line_end];
        let is_comment = line.trim_start().starts_with('#');
        if !is_comment && !line.trim().is_empty() {
            return (!line.contains('#')).then_some(out);
        }
        if start == 0 {
            return None;
        }
        // As many characters as there were.
        let blank = " ".repeat(line.chars().count());
        out.replace_range(start..line_end, &blank);
        line_end = start - 1;
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
        assert_eq!(at("a: [\n  b # c\n]"), None);
        assert_eq!(at("]"), None);
        assert_eq!(at("a: [b]"), None);
    }
}
