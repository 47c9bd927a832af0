//! Inline documents: which words of a line open one, and what closes it.

use super::ast::Escape;
use super::expand::{ExpandError, Lexer, NoVariables};

/// What a word such as `<<EOF`, `3<<-"EOF"` opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opening {
    /// The closing word, unquoted.
    pub(super) name: String,
    /// `<<-`: leading tabs do not count.
    pub(super) chomp: bool,
    /// No part of the word is quoted.
    pub(super) expand: bool,
}

/// The documents that a joined line opens, in order.
pub(super) fn openings(line: &str) -> Result<Vec<Opening>, ExpandError> {
    // Nearly no line opens one.
    if !line.contains("<<") {
        return Ok(Vec::new());
    }
    let lexer = Lexer {
        raw_quotes: true,
        raw_escapes: true,
        keep_unset: true,
        ..Lexer::new(Escape::Backslash.char())
    };
    // A line the lexer cannot read opens nothing; the shell may still make sense of it.
    let words = lexer.expand_words(line, &mut NoVariables).unwrap_or_default();
    words.iter().filter_map(|word| opening(word).transpose()).collect()
}

/// What `word` opens, if anything.
pub(super) fn opening(word: &str) -> Result<Option<Opening>, ExpandError> {
    const SPACE: [char; 5] = [' ', '\t', '\n', '\x0c', '\r'];
    let Some(rest) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else {
        return Ok(None);
    };
    let (chomp, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches(SPACE);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let lexer = Lexer { keep_unset: true, ..Lexer::new(Escape::Backslash.char()) };
    if lexer.is_literal(rest) && !rest.contains(char::is_whitespace) {
        return Ok(Some(Opening { name: rest.to_owned(), chomp, expand: true }));
    }
    let words = lexer.expand_words(rest, &mut NoVariables)?;
    let [name] = &words[..] else { return Ok(None) };
    let raw = Lexer { raw_quotes: true, ..lexer }.expand_words(rest, &mut NoVariables)?;
    let quotes = |text: &str| text.bytes().filter(|&b| b == b'\'' || b == b'"').count();
    let expand = raw.first().is_some_and(|raw| quotes(raw) == quotes(name));
    Ok(Some(Opening { name: name.clone(), chomp, expand }))
}

/// `text` without the tabs at the start of each line.
pub(crate) fn chomp(text: &str) -> String {
    text.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, expected: &[(&str, bool, bool)]) {
        let found = openings(line).unwrap();
        let found: Vec<_> = found.iter().map(|o| (&*o.name, o.chomp, o.expand)).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn openings_in_a_line() {
        case("RUN <<EOF", &[("EOF", false, true)]);
        case("RUN cat <<EOF > /x", &[("EOF", false, true)]);
        case("RUN <<A cat && cat <<-B", &[("A", false, true), ("B", true, true)]);
        case("RUN python3 3<<EOF", &[("EOF", false, true)]);
        case(
            "COPY <<'a' <<\"b\" <<c'd' /",
            &[("a", false, false), ("b", false, false), ("cd", false, false)],
        );
        case("COPY << EOF /x", &[("EOF", false, true)]);
        case("RUN <<$X", &[("$X", false, true)]);
        case("RUN <<\"E F\"", &[("E F", false, false)]);
    }

    #[test]
    fn what_opens_nothing() {
        for line in [
            "RUN echo a",
            "RUN echo \"<<EOF\"",
            "RUN cat <<<EOF",
            "RUN x=$((1<<2",
            "RUN a<<EOF",
            "RUN <<",
            "RUN <<''",
        ] {
            case(line, &[]);
        }
    }

    #[test]
    fn tabs_go() {
        assert_eq!(chomp("\ta\n\t\tb\tc\n d\n"), "a\nb\tc\n d\n");
    }
}
