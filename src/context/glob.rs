//! One pattern of a path.

use regex_lite::Regex;

/// Longer patterns match nothing: no file system has such paths.
const MAX_PATTERN: usize = 4096;

/// What `**` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stars {
    /// Any number of folders, as in `.dockerignore`.
    CrossFolders,
    /// The same as `*`, as in the sources of a `COPY`.
    StayInFolder,
}

/// A pattern of whole paths.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// No wildcards.
    Exact,
    /// `**` and a text without wildcards: paths that end in it, even in the middle of a name.
    Suffix,
    Wild(Regex),
}

impl Glob {
    /// Understands `text`; `None` where it is no pattern.
    ///
    /// Follows `moby/patternmatcher` (`Pattern.compile`) and Go's `path/filepath.Match`.
    pub(super) fn new(text: &str, stars: Stars) -> Option<Self> {
        if text.len() > MAX_PATTERN {
            return None;
        }
        let is_plain = |text: &str| !text.contains(['*', '?', '[', ']', '\\']);
        let kind = match text.strip_prefix("**") {
            _ if is_plain(text) => Kind::Exact,
            Some(rest) if stars == Stars::CrossFolders && is_plain(rest) => Kind::Suffix,
            _ => Kind::Wild(Regex::new(&expression(text, stars)).ok()?),
        };
        Some(Self { text: text.to_owned(), kind })
    }

    /// Whether the path fits, all of it.
    pub(super) fn matches(&self, path: &str) -> bool {
        match &self.kind {
            Kind::Exact => path == self.text,
            Kind::Suffix => {
                let end = &self.text[2..];
                path.ends_with(end) || end.strip_prefix('/') == Some(path)
            }
            Kind::Wild(regex) => regex.is_match(path),
        }
    }
}

fn expression(text: &str, stars: Stars) -> String {
    let mut expression = String::from("(?s)^");
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '*' if stars == Stars::CrossFolders && chars.peek() == Some(&'*') => {
                chars.next();
                // `**/` is `**`.
                chars.next_if_eq(&'/');
                expression.push_str(if chars.peek().is_none() { ".*" } else { "(.*/)?" });
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' | ']' => expression.push(char),
            '\\' => escape(chars.next().unwrap_or('\\'), &mut expression),
            other => escape(other, &mut expression),
        }
    }
    expression + "$"
}

/// A character that stands for itself. Within brackets `-` and `^` have to keep their meaning.
fn escape(char: char, expression: &mut String) {
    if ".+()|{}$\\*?[]".contains(char) {
        expression.push('\\');
    }
    expression.push(char);
}
