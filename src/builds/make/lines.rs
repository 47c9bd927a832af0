//! A makefile's logical lines: continuations joined, comments off, recipes apart.

/// A line of a makefile, or of several that a backslash joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// The first of its lines in the file, from 1.
    pub(super) number: u32,
    /// Whether it begins with a tab: a line of a recipe, if there is a rule before it.
    pub(super) recipe: bool,
}

/// The logical lines of a makefile. The joined lines of a recipe keep their breaks, which the shell sees.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut physical = text.lines().zip(1_u32..).peekable();
    while let Some((first, number)) = physical.next() {
        let recipe = first.starts_with('\t');
        let mut text = if recipe { first[1..].to_owned() } else { first.to_owned() };
        while text.bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1 {
            let Some((next, _)) = physical.next() else { break };
            if recipe {
                text.push('\n');
                text.push_str(next.strip_prefix('\t').unwrap_or(next));
            } else {
                text.pop();
                let joined = text.trim_end().len();
                text.truncate(joined);
                text.push(' ');
                text.push_str(next.trim_start());
            }
        }
        lines.push(Line { text, number, recipe });
    }
    lines
}

/// A line without its comment.
pub(super) fn without_comment(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b'#' if depth == 0 && (at == 0 || bytes[at - 1] != b'\\') => return &text[..at],
            _ => {}
        }
    }
    text
}

/// Where a character of `wanted` first stands outside of references.
pub(super) fn outside(text: &str, wanted: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'$' if matches!(bytes.get(at + 1), Some(b'(' | b'{')) => {
                depth += 1;
                at += 1;
            }
            b'(' | b'{' if depth > 0 => depth += 1,
            b')' | b'}' if depth > 0 => depth -= 1,
            _ if depth == 0 && wanted(&bytes[at..]) => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined() {
        let text = "A = b \\\n  c\nx: y # z\n\techo a \\\n\t  b\n\\\n";
        let shown: Vec<(String, u32, bool)> =
            lines(text).into_iter().map(|l| (l.text, l.number, l.recipe)).collect();
        assert_eq!(shown[0], ("A = b c".to_owned(), 1, false));
        assert_eq!(shown[2], ("echo a \\\n  b".to_owned(), 4, true));
        assert_eq!(without_comment("x: y # z"), "x: y ");
        assert_eq!(without_comment("a \\# b"), "a \\# b");
        assert_eq!(outside("$(subst :,a,b): c", |rest| rest[0] == b':'), Some(14));
    }
}
