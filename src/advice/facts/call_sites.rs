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

/// The script with other words in place of each call of `program`; `None` where it calls it nowhere.
pub(in crate::advice) fn called_as(
    script: &str,
    program: &str,
    words: impl Fn(&str) -> String,
) -> Option<String> {
    let mut called = String::with_capacity(script.len() + 16);
    let mut done = 0;
    for call in calls(script, program) {
        called.push_str(&script[done..call.start]);
        called.push_str(&words(&script[call.clone()]));
        done = call.end;
    }
    called.push_str(&script[done..]);
    (done > 0).then_some(called)
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
    fn only_calls_are_renamed() {
        let renamed =
            called_as("apk add gcc && gcc -o a a.c && /usr/bin/gcc b.c", "gcc", |_| "cross".to_owned());
        assert_eq!(renamed.as_deref(), Some("apk add gcc && cross -o a a.c && cross b.c"));
        assert_eq!(called_as("apk add gcc", "gcc", |_| String::new()), None);
    }
}
