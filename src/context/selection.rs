//! What one source of a `COPY`, `ADD` or bind mount takes of a file system.

use super::glob::{Glob, Stars, Walk};
use super::patterns::{Matcher, Patterns, below};

/// The files below a path, or below the paths that fit a pattern, without some.
#[derive(Debug, Clone)]
pub struct Selection {
    root: Root,
    /// `--parents`: only what fits, seen from the root.
    include: Option<Include>,
    /// `--exclude`, seen from the root; the root itself always counts.
    exclude: Patterns,
}

#[derive(Debug, Clone)]
enum Root {
    /// A path; empty for everything.
    Path(String),
    /// The paths of which each part fits, and the folder before the first wildcard.
    Glob { parts: Vec<Glob>, fixed: String },
    /// Nothing: the pattern is none.
    Nothing,
}

#[derive(Debug, Clone)]
struct Include {
    text: String,
    patterns: Patterns,
}

impl Selection {
    /// Everything below `path`, whose slash in front does not count.
    pub fn path(path: &str) -> Self {
        let root = Root::Path(path.trim_matches('/').to_owned());
        Self { root, include: None, exclude: Patterns::default() }
    }

    /// A source of a `COPY`, in which wildcards stay in their folder (`fsutil`'s `ResolveWildcards`).
    pub fn source(path: &str) -> Self {
        let path = path.trim_matches('/');
        if !path.contains(['*', '?', '[']) {
            return Self::path(path);
        }
        let fixed = path.split(['*', '?', '[']).next().and_then(|start| start.rsplit_once('/'));
        let parts: Option<Vec<Glob>> =
            path.split('/').map(|part| Glob::new(part, Stars::StayInFolder)).collect();
        let root = parts.map_or(Root::Nothing, |parts| Root::Glob {
            parts,
            fixed: fixed.map_or_else(String::new, |(folder, _)| folder.to_owned()),
        });
        Self { root, include: None, exclude: Patterns::default() }
    }

    /// The same, with `--parents`: what fits a pattern below the source.
    #[must_use]
    pub fn including(self, pattern: &str) -> Self {
        let text = pattern.trim_start_matches('/').to_owned();
        Self { include: Some(Include { patterns: Patterns::new([&text]), text }), ..self }
    }

    /// The same without what fits some patterns.
    #[must_use]
    pub fn excluding<'p>(self, patterns: impl IntoIterator<Item = &'p str>) -> Self {
        Self { exclude: Patterns::new(patterns), ..self }
    }

    /// The folder that holds all it takes: the part of the path before any wildcard.
    pub fn folder(&self) -> Option<&str> {
        match &self.root {
            Root::Path(path) => Some(path),
            Root::Glob { fixed, .. } => Some(fixed),
            Root::Nothing => None,
        }
    }

    /// Whether it takes all there is below [`Selection::folder`].
    pub fn is_whole(&self) -> bool {
        matches!(self.root, Root::Path(_)) && self.include.is_none() && self.exclude.is_empty()
    }

    /// Whether it takes a file.
    pub fn takes(&self, path: &str) -> bool {
        self.taker().takes(path)
    }

    /// Asks of one file after the other whether it is taken.
    pub fn taker(&self) -> Taker<'_> {
        let include = self.include.as_ref().map(|include| include.patterns.matcher());
        Taker { selection: self, include, exclude: self.exclude.matcher(), walk: Walk::default() }
    }

    /// Whether it may take something of a file or folder.
    pub fn meets(&self, path: &str) -> bool {
        self.takes(path)
            || match (&self.root, &self.include, self.rest(path, &mut Walk::default())) {
                (_, Some(include), Some(rest)) => may_lead_to(rest, &include.text),
                (Root::Path(root), ..) => below(root, path),
                (Root::Glob { parts, .. }, ..) => {
                    let own = path.split('/').filter(|part| !part.is_empty());
                    own.clone().count() < parts.len()
                        && own.zip(parts).all(|(part, glob)| glob.matches(part, &mut Walk::default()))
                }
                (Root::Nothing, ..) => false,
            }
    }

    /// The path seen from the root that holds it.
    fn rest<'p>(&self, path: &'p str, walk: &mut Walk) -> Option<&'p str> {
        match &self.root {
            Root::Path(root) if below(path, root) => Some(path[root.len()..].trim_start_matches('/')),
            Root::Glob { parts, .. } => {
                let end = path.match_indices('/').nth(parts.len() - 1).map_or(path.len(), |(at, _)| at);
                let own = path[..end].split('/');
                let fits = own.clone().count() == parts.len()
                    && own.zip(parts).all(|(part, glob)| glob.matches(part, walk));
                fits.then(|| path[end..].trim_start_matches('/'))
            }
            Root::Path(_) | Root::Nothing => None,
        }
    }
}

/// Asks of files whether a [`Selection`] takes them; what near paths share is worked out once.
#[derive(Debug)]
pub struct Taker<'s> {
    selection: &'s Selection,
    include: Option<Matcher<'s>>,
    exclude: Matcher<'s>,
    walk: Walk,
}

impl Taker<'_> {
    /// Whether the file is taken.
    pub fn takes(&mut self, path: &str) -> bool {
        let Some(rest) = self.selection.rest(path, &mut self.walk) else { return false };
        rest.is_empty()
            || self.include.as_mut().is_none_or(|include| include.matches(rest))
                && !self.exclude.matches(rest)
    }
}

/// Whether something below `folder` may fit `pattern`.
fn may_lead_to(folder: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('/');
    for own in folder.split('/') {
        match parts.next() {
            Some(part) if part.contains("**") => return true,
            Some(part)
                if Glob::new(part, Stars::StayInFolder)
                    .is_some_and(|glob| glob.matches(own, &mut Walk::default())) => {}
            _ => return false,
        }
    }
    parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_take_what_buildkit_copies() {
        for (source, path, expected) in [
            ("/", "a/b", true),
            ("/go.mod", "go.mod", true),
            ("/go.mod", "go.mod2", false),
            ("/src", "src/a/b.c", true),
            ("/src", "srcs/a", false),
            ("/*.c", "a.c", true),
            ("/*.c", "src/a.c", false),
            ("/**/*.c", "src/a.c", true),
            ("/**/*.c", "src/deep/a.c", false),
            ("/sr?/x", "src/x/y", true),
            ("/package*.json", "package-lock.json", true),
            ("/[", "[", false),
        ] {
            assert_eq!(Selection::source(source).takes(path), expected, "{source} {path}");
        }
    }

    #[test]
    fn flags_narrow_what_is_taken() {
        let without_tests = Selection::source("/src").excluding(["**/*_test.go", "vendor"]);
        assert!(without_tests.takes("src/a.go") && !without_tests.takes("src/b/a_test.go"));
        assert!(!without_tests.takes("src/vendor/x/y.go") && without_tests.meets("src"));
        let parents = Selection::source("/").including("packages/*/package.json");
        assert!(parents.takes("packages/a/package.json") && !parents.takes("packages/a/index.js"));
        assert!(parents.meets("packages") && parents.meets("packages/a") && parents.meets(""));
        assert!(!parents.meets("packages/a/index.js") && !parents.meets("docs"));
        assert!(Selection::source("/").including("a/**/b").meets("a/x/y"));
        let lists = Selection::source("/package*.json");
        assert!(
            lists.meets("package.json")
                && lists.meets("")
                && !lists.meets("web/app.js")
                && !lists.meets("web")
        );
        assert!(!Selection::source("/src").meets("docs"));
        assert!(
            Selection::source("/src/a/*.c").meets("src")
                && Selection::source("/src/a/*.c").meets("src/a/b.c")
        );
    }
}
