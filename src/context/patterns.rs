//! Lists of patterns, the last of which that fits decides: `.dockerignore`, `--exclude`.

use crate::budget::{Part, spend};
use crate::model::path::clean;

use super::glob::{Glob, Stars, Walk};
use super::index::Index;

/// The work of a pattern that a path may fit, before it is tried.
const CANDIDATE: u64 = 10;

/// A list of patterns as `moby/patternmatcher` understands it.
///
/// A pattern fits a path or any folder above it. A later `!pattern` takes out what earlier ones let in.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    index: Index,
}

#[derive(Debug, Clone)]
struct Pattern {
    text: Box<str>,
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
        // BuildKit refuses what is no pattern; here it matches nothing.
        if let Some(glob) = Glob::new(body, Stars::CrossFolders).filter(|_| !body.is_empty()) {
            self.index.add(self.list.len(), glob.anchor(body));
            self.list.push(Pattern { text: body.into(), glob, is_exception });
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Matches paths, each after one near it for the least work.
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher {
            own: self,
            path: String::new(),
            above: Vec::new(),
            walk: Walk::default(),
            found: Vec::new(),
        }
    }

    /// Whether the path, or a folder above it, is matched in the end.
    pub fn matches(&self, path: &str) -> bool {
        self.matcher().matches(path)
    }
}

/// Matches one path after the other against a list of patterns (`MatchesUsingParentResults`).
#[derive(Debug)]
pub struct Matcher<'p> {
    own: &'p Patterns,
    /// The path asked for last.
    path: String,
    /// For each of its folders where its name ends, and what is known of it.
    above: Vec<(usize, Verdict)>,
    walk: Walk,
    /// The patterns that a path may fit, kept for their memory.
    found: Vec<u32>,
}

/// What patterns make of a folder.
#[derive(Debug, Clone, Default)]
struct Verdict {
    /// The patterns that fit it or a folder above it, in order. They hold for all that is below.
    fitting: Vec<u32>,
    is_matched: bool,
}

impl Matcher<'_> {
    /// Whether the path, or a folder above it, is matched in the end.
    pub fn matches(&mut self, path: &str) -> bool {
        if self.own.is_empty() {
            return false;
        }
        // What is known of folders that the last path lay in, too.
        let shares = |end: &(usize, Verdict)| {
            path.get(..end.0) == self.path.get(..end.0) && path[end.0..].starts_with('/')
        };
        let known = self.above.iter().take_while(|end| shares(end)).count();
        self.above.truncate(known);
        path.clone_into(&mut self.path);
        let done = self.above.last().map_or(0, |(end, _)| end + 1);
        let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).filter(|at| *at >= done).collect();
        for end in ends {
            let verdict = self.verdict(&path[..end]);
            self.above.push((end, verdict));
        }
        self.verdict(path).is_matched
    }

    /// Whether nothing below a folder that is matched can be taken out again, so that it need not be walked.
    pub fn prunes(&mut self, folder: &str) -> bool {
        let may_return = |pattern: &Pattern| {
            pattern.is_exception
                && (pattern.text.contains(['*', '?', '[', '\\']) || below(&pattern.text, folder))
        };
        self.matches(folder) && !self.own.list.iter().any(may_return)
    }

    /// What patterns make of a path whose folders are known. Only patterns that fit it or one of them play a part.
    fn verdict(&mut self, path: &str) -> Verdict {
        if !spend(Part::Patterns, self.own.index.work(path)) {
            return Verdict::default();
        }
        let above = self.above.last().map_or(&[][..], |(_, verdict)| &verdict.fitting);
        self.found.clear();
        self.own.index.find(path, &mut self.found);
        if !spend(Part::Patterns, CANDIDATE * (self.found.len() + above.len()) as u64) {
            return Verdict::default();
        }
        let (mut above, mut found) =
            (above.iter().copied().peekable(), self.found.iter().copied().peekable());
        let mut verdict = Verdict::default();
        while let Some(at) = above.peek().into_iter().chain(found.peek()).min().copied() {
            let is_known = above.next_if_eq(&at).is_some();
            found.next_if_eq(&at);
            let Some(pattern) = self.own.list.get(at as usize) else { continue };
            // A pattern that would change nothing is not asked, and does not hold below either.
            let fits = is_known
                || pattern.is_exception == verdict.is_matched && pattern.glob.matches(path, &mut self.walk);
            if fits {
                verdict.fitting.push(at);
                verdict.is_matched = !pattern.is_exception;
            }
        }
        verdict
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
        assert_eq!(Patterns::read("[a\n!\nok").list.len(), 1);
    }

    #[test]
    fn folders_that_hold_no_exception_need_no_walk() {
        let patterns = Patterns::read("target\ndocs\n!docs/keep\n");
        let mut matcher = patterns.matcher();
        assert!(matcher.prunes("target") && matcher.prunes("target/debug"));
        assert!(!matcher.prunes("docs") && matcher.prunes("docs/drop"));
        assert!(!Patterns::read("target\n!**/keep").matcher().prunes("target"));
    }

    /// The rule as `patternmatcher` writes it: every pattern is asked at every folder.
    fn one_by_one(patterns: &Patterns, path: &str) -> bool {
        let mut above = vec![false; patterns.list.len()];
        let mut matched = false;
        for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            matched = false;
            for (pattern, above) in patterns.list.iter().zip(&mut above) {
                let fits = || pattern.glob.matches(&path[..end], &mut Walk::default());
                *above |= pattern.is_exception == matched && fits();
                if *above {
                    matched = !pattern.is_exception;
                }
            }
        }
        matched
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_shared_changes_nothing(
            lines in proptest::collection::vec("!?(\\*\\*/|\\*\\*|\\*|\\?|a|b|/|ab|\\[ab\\]){1,5}", 0..6),
            paths in proptest::collection::vec("[ab]{1,2}(/[ab]{1,2}){0,3}", 1..6),
        ) {
            let patterns = Patterns::read(&lines.join("\n"));
            let mut matcher = patterns.matcher();
            for path in &paths {
                proptest::prop_assert_eq!(matcher.matches(path), one_by_one(&patterns, path), "{:?} {}", lines, path);
            }
        }
    }
}
