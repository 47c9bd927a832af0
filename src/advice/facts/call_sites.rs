//! Where a script calls a program, in its own words: what the shell parser found has no places to edit.

use std::ops::Range;

/// The places of `script` at which a command begins that calls `program`, as `go build` or `gcc`: the words of the call, with the
/// path before them (`/usr/local/go/bin/go build`).
///
/// What another program is given (`time go build`, `apk add gcc`) is no such place, nor is what cannot be told.
pub(in crate::advice) fn calls<'s>(script: &'s str, program: &'s str) -> impl Iterator<Item = Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')');
    script.match_indices(program).filter_map(move |(at, _)| {
        let end = at + program.len();
        // Before anything else: a script may be one long word that holds the name at every other letter.
        if !script[end..].chars().next().is_none_or(ends) {
            return None;
        }
        let start = script[..at].trim_end_matches(is_path).len();
        let is_whole = start == at || script[..at].ends_with('/');
        (is_whole && is_command_position(&script[..start])).then_some(start..end)
    })
}

/// The assignments before a call, from the nearest on.
pub(in crate::advice) fn assigned_before(script: &str, call: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut before = &script[..call];
    loop {
        let rest = without_space(before);
        let start = word_start(rest);
        if start == rest.len() || !is_assignment(&rest[start..]) {
            return found;
        }
        found.push(start..rest.len());
        before = &rest[..start];
    }
}

/// Where the command ends that a place of the script belongs to: before the sign that ends it, and the blanks before that.
pub(in crate::advice) fn command_end(script: &str, from: usize) -> usize {
    let bytes = script.as_bytes();
    let (mut at, mut quote, mut inner) = (from, None, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            // What is between the signs of a substitution belongs to the command around it.
            (None, b'(') if inner > 0 || bytes.get(at.wrapping_sub(1)) == Some(&b'$') => inner += 1,
            (None, b')') if inner > 0 => inner -= 1,
            (None, b';' | b'&' | b'|' | b'\n') if inner > 0 => {}
            (None | Some(b'"'), b'\\') => at += 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            // `2>&1` and `&>` send output.
            (None, b'&') if bytes.get(at - 1) == Some(&b'>') || bytes.get(at + 1) == Some(&b'>') => {}
            (None, b';' | b'&' | b'|' | b'\n' | b')') => break,
            _ => {}
        }
        at += 1;
    }
    let end = at.min(script.len());
    from + script[from..end].trim_end().len()
}

/// What paths of programs are made of; bytes above ASCII are let be.
const fn is_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+')
}

/// Whether a shell takes the word after `before` for the name of a command: before it stand only assignments and words of the
/// shell's own, back to where a command begins.
fn is_command_position(mut before: &str) -> bool {
    loop {
        let rest = without_space(before);
        if rest.is_empty() || rest.ends_with([';', '&', '|', '(', '{', '!', '`', '\n']) {
            return true;
        }
        let start = word_start(rest);
        let word = &rest[start..];
        let passes = is_assignment(word)
            || matches!(word, "then" | "do" | "else" | "if" | "elif" | "while" | "until" | "env");
        if !passes || rest.len() == before.len() {
            return false;
        }
        before = &rest[..start];
    }
}

/// The text without spaces at its end; the end of a line is one where the line is continued.
fn without_space(mut text: &str) -> &str {
    loop {
        text = text.trim_end_matches([' ', '\t']);
        match text.strip_suffix("\\\n").or_else(|| text.strip_suffix("\\\r\n")) {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
            && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
    })
}

/// Where the last word of a text begins; spaces between quotes belong to it.
fn word_start(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices().rev() {
        match quote {
            None if c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(') => return at + c.len_utf8(),
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_where_commands_begin() {
        let cases: [(&str, &[&str]); 19] = [
            ("go build", &["go build"]),
            ("/usr/local/go/bin/go build .", &["/usr/local/go/bin/go build"]),
            ("cd x && go build ./a; go build", &["go build", "go build"]),
            ("CGO_ENABLED=0 go build", &["go build"]),
            ("CGO_LDFLAGS=\"-s -w\" A='b c' go build", &["go build"]),
            ("env A=b go build", &["go build"]),
            ("if go build; then x; fi", &["go build"]),
            ("mkdir x \\\n  && \\\n  go build", &["go build"]),
            ("set -e\ngo build", &["go build"]),
            ("A=1 \\\r\n go build", &["go build"]),
            ("(go build)", &["go build"]),
            ("time go build", &[]),
            ("echo \"go build\"", &[]),
            ("cargo build", &[]),
            ("é/go build", &[]),
            ("é;/go build", &["/go build"]),
            ("go builder", &[]),
            ("x=go build", &[]),
            ("echo a=b go build", &[]),
        ];
        for (script, found) in cases {
            let texts: Vec<&str> = calls(script, "go build").map(|call| &script[call]).collect();
            assert_eq!(texts, found, "{script}");
        }
    }

    #[test]
    fn commands_end_where_a_sign_ends_them() {
        let cases = [
            ("cargo build --release && strip x", " && strip x"),
            ("cargo build 2>&1 | tee log", " | tee log"),
            ("cargo build -F \"a;b\" 'c&d'; x", "; x"),
            ("(cargo build)", ")"),
            ("cargo build  \nx", "  \nx"),
            ("cargo build", ""),
        ];
        for (script, rest) in cases {
            let from = script.find("build").unwrap_or_default();
            assert_eq!(&script[command_end(script, from)..], rest, "{script}");
        }
        let script = "set -e; A=1 B='c d' go build";
        let found: Vec<&str> =
            assigned_before(script, script.len() - 8).into_iter().map(|range| &script[range]).collect();
        assert_eq!(found, ["B='c d'", "A=1"]);
    }
}
