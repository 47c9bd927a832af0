//! Lists of patterns, the last of which that fits decides: `.dockerignore`, `--exclude`.

use crate::model::path::clean;

use super::glob::{Glob, Stars};

/// A list of patterns as `moby/patternmatcher` understands it.
///
/// A pattern fits a path or any folder above it. A later `!pattern` takes out what earlier ones let in.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    patterns: Vec<Pattern>,
    /// Those that are none, as written. BuildKit refuses a build with them.
    bad: Vec<String>,
}

#[derive(Debug, Clone)]
struct Pattern {
    text: String,
    glob: Glob,
    is_exception: bool,
}

impl Patterns {
    /// Reads a `.dockerignore`: a pattern a line, `#` for comments (`patternmatcher/ignorefile`).
    pub fn read(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines();
        let line = |line: &str| {
            let pattern = line.trim();
            if line.starts_with('#') || pattern.is_empty() {
                return None;
            }
            let (mark, pattern) = match pattern.strip_prefix('!') {
                Some(rest) => ("!", rest.trim()),
                None => ("", pattern),
            };
            let pattern = if pattern.is_empty() { pattern.into() } else { clean(pattern) };
            let relative = pattern.strip_prefix('/').filter(|rest| !rest.is_empty());
            Some(format!("{mark}{}", relative.unwrap_or(&pattern)))
        };
        Self::new(lines.filter_map(line))
    }

    /// Patterns as they are.
    pub fn new(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut patterns = Self::default();
        for text in texts {
            patterns.push(text.as_ref().trim());
        }
        patterns
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let cleaned = clean(text);
        let (is_exception, body) = match cleaned.strip_prefix('!') {
            Some(body) => (true, body),
            None => (false, &*cleaned),
        };
        match Glob::new(body, Stars::CrossFolders).filter(|_| !body.is_empty()) {
            Some(glob) => self.patterns.push(Pattern { text: body.to_owned(), glob, is_exception }),
            None => self.bad.push(text.to_owned()),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Patterns that BuildKit refuses.
    pub fn bad(&self) -> &[String] {
        &self.bad
    }

    /// Whether the path, or a folder above it, is matched in the end (`MatchesUsingParentResults`).
    pub fn matches(&self, path: &str) -> bool {
        let mut above = vec![false; self.patterns.len()];
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let mut matched = false;
        for end in ends {
            matched = false;
            for (pattern, above) in self.patterns.iter().zip(&mut above) {
                *above |= pattern.is_exception == matched && pattern.glob.matches(&path[..end]);
                if *above {
                    matched = !pattern.is_exception;
                }
            }
        }
        matched
    }

    /// Whether nothing below a folder that is matched can be taken out again, so that it need not be walked.
    pub fn prunes(&self, folder: &str) -> bool {
        let may_return = |pattern: &Pattern| {
            pattern.is_exception
                && (pattern.text.contains(['*', '?', '[', '\\']) || below(&pattern.text, folder))
        };
        self.matches(folder) && !self.patterns.iter().any(may_return)
    }
}

/// Whether `path` is `folder` or lies in it; an empty folder holds everything.
pub(super) fn below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_buildkit() {
        for (ignore, path, expected) in [
            ("a.txt", "a.txt", true),
            ("a.txt", "b/a.txt", false),
            ("**/a.txt", "b/c/a.txt", true),
            ("**/a.txt", "a.txt", true),
            ("/a.txt", "a.txt", true),
            ("node_modules", "node_modules/x/y.js", true),
            ("node_modules", "web/node_modules/x.js", false),
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("*.md\n!README.md", "README.md", false),
            ("!README.md\n*.md", "README.md", true),
            ("docs\n!docs/keep", "docs/keep/a", false),
            ("docs\n!docs/keep", "docs/drop", true),
            ("*\n!src", "src/main.c", false),
            ("*\n!src", "Makefile", true),
            ("**", "a/b", true),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a**", "abc/d", true),
            ("**c", "a/bc", true),
            ("**/c", "bc", false),
            ("?.c", "a.c", true),
            ("?.c", "ab.c", false),
            ("[ab].c", "b.c", true),
            ("[^ab].c", "b.c", false),
            ("x.y", "xzy", false),
            ("\\*.c", "*.c", true),
            ("\\*.c", "a.c", false),
            ("# a.txt\n\n a.txt ", "a.txt", true),
            ("./a/../b", "b", true),
            ("", "a", false),
            (".", "a", false),
        ] {
            assert_eq!(Patterns::read(ignore).matches(path), expected, "{ignore:?} {path:?}");
        }
        assert_eq!(Patterns::read("[a\n!\nok").bad(), ["[a", "!"]);
    }

    #[test]
    fn folders_that_hold_no_exception_need_no_walk() {
        let patterns = Patterns::read("target\ndocs\n!docs/keep\n");
        assert!(patterns.prunes("target") && patterns.prunes("target/debug"));
        assert!(!patterns.prunes("docs") && patterns.prunes("docs/drop"));
        assert!(!Patterns::read("target\n!**/keep").prunes("target"));
    }
}
