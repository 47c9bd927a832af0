//! One pattern of a path.

use std::sync::OnceLock;

use regex_lite::Regex;

use crate::budget::{Part, spend};

/// The work of a step at one character of a path.
const STEP: u64 = 5;

/// The work of a regular expression for each of its characters at one character of a path.
const EXPRESSION: u64 = 10;

/// The work of making a regular expression, for each of its characters.
const COMPILING: u64 = 200;

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
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// No wildcards.
    Exact(Box<str>),
    /// `**` and a text without wildcards: paths that end in it, even in the middle of a name.
    Suffix(Box<str>),
    /// Steps that are walked side by side.
    Steps(Box<[Step]>),
    /// What has brackets: a regular expression, compiled where it is needed.
    Brackets { expression: Box<str>, regex: OnceLock<Option<Regex>> },
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Char(char),
    /// `?`
    AnyInFolder,
    /// `*`
    ManyInFolder,
    /// `**` at the end.
    Many,
    /// `**` or `**/` before something: nothing, or anything that ends in `/`.
    Folders,
}

/// The plain text that every path has that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor<'g> {
    /// The path is this.
    Whole(&'g str),
    /// It begins with this.
    Start(&'g str),
    /// It ends with this.
    End(&'g str),
    /// Nothing is known.
    None,
}

/// Places that are walked at once, kept from path to path.
#[derive(Debug, Default)]
pub(super) struct Walk {
    now: Vec<usize>,
    next: Vec<usize>,
    /// For each place the round in which it was entered last.
    entered: Vec<u64>,
    round: u64,
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
            _ if is_plain(text) => Kind::Exact(text.into()),
            Some(rest) if stars == Stars::CrossFolders && is_plain(rest) => Kind::Suffix(rest.into()),
            _ if text.contains(['[', ']']) => {
                let expression = expression(text, stars);
                if !spend(Part::Patterns, COMPILING * expression.len() as u64) {
                    return None;
                }
                // Whether it is a pattern is known at once; the expression itself is large.
                Regex::new(&expression).ok()?;
                Kind::Brackets { expression: expression.into(), regex: OnceLock::new() }
            }
            _ => Kind::Steps(steps(text, stars).into()),
        };
        Some(Self { kind })
    }

    /// Whether the path fits, all of it.
    pub(super) fn matches(&self, path: &str, walk: &mut Walk) -> bool {
        match &self.kind {
            Kind::Exact(text) => path == &**text,
            Kind::Suffix(end) => path.ends_with(&**end) || end.strip_prefix('/') == Some(path),
            Kind::Steps(steps) => walk.fits(steps, path),
            Kind::Brackets { expression, regex } => {
                let work = EXPRESSION * (expression.len() * (1 + path.len())) as u64;
                if !spend(Part::Patterns, work) {
                    return false;
                }
                regex
                    .get_or_init(|| Regex::new(expression).ok())
                    .as_ref()
                    .is_some_and(|regex| regex.is_match(path))
            }
        }
    }

    /// What tells most paths that do not fit from those that may.
    pub(super) fn anchor<'g>(&'g self, text: &'g str) -> Anchor<'g> {
        match &self.kind {
            Kind::Exact(text) => Anchor::Whole(text),
            // `**/a` fits `a`, too.
            Kind::Suffix(end) => Anchor::End(end.strip_prefix('/').unwrap_or(end)),
            Kind::Steps(_) | Kind::Brackets { .. } => {
                let is_special = |char: char| matches!(char, '*' | '?' | '[' | ']' | '\\');
                let start = &text[..text.find(is_special).unwrap_or(text.len())];
                let end = &text[text.rfind(is_special).map_or(0, |at| at + 1)..];
                // A backslash takes the meaning of what follows it, and `**/` may stand for nothing.
                let escapes = text.contains('\\');
                let end = if text.contains("**") { end.strip_prefix('/').unwrap_or(end) } else { end };
                match (start.is_empty(), end.is_empty() || escapes) {
                    (false, _) => Anchor::Start(start),
                    (true, false) => Anchor::End(end),
                    (true, true) => Anchor::None,
                }
            }
        }
    }
}

/// The steps of a pattern without brackets. Runs of one kind of star are one star.
fn steps(text: &str, stars: Stars) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let step = match char {
            '*' if stars == Stars::CrossFolders && chars.peek() == Some(&'*') => {
                chars.next();
                // `**/` is `**`.
                chars.next_if_eq(&'/');
                if chars.peek().is_none() { Step::Many } else { Step::Folders }
            }
            '*' => Step::ManyInFolder,
            '?' => Step::AnyInFolder,
            '\\' => Step::Char(chars.next().unwrap_or('\\')),
            other => Step::Char(other),
        };
        let repeats = matches!(step, Step::Folders | Step::ManyInFolder) && steps.last() == Some(&step);
        if !repeats {
            steps.push(step);
        }
    }
    steps
}

impl Walk {
    /// Whether the steps lead through all of the path. Takes at most as many steps as the pattern has for each character.
    fn fits(&mut self, steps: &[Step], path: &str) -> bool {
        // Twice as many places as steps: within a run of folders is another place than before it.
        let places = 2 * steps.len() + 1;
        if self.entered.len() < places {
            self.entered.resize(places, 0);
        }
        self.now.clear();
        self.round += 1;
        self.enter(0, steps, true);
        for char in path.chars() {
            std::mem::swap(&mut self.now, &mut self.next);
            // `enter` fills `now`; what was there is read from `next`.
            self.now.clear();
            self.round += 1;
            if !spend(Part::Patterns, STEP * (1 + self.next.len() as u64)) {
                return false;
            }
            for at in 0..self.next.len() {
                let place = self.next[at];
                let step = place / 2;
                let Some(kind) = steps.get(step) else { continue };
                match kind {
                    Step::Char(own) if *own == char => self.enter(step + 1, steps, true),
                    Step::AnyInFolder if char != '/' => self.enter(step + 1, steps, true),
                    Step::ManyInFolder if char != '/' => self.enter(step, steps, true),
                    Step::Many => self.enter(step, steps, true),
                    Step::Folders => {
                        self.enter(step, steps, false);
                        if char == '/' {
                            self.enter(step + 1, steps, true);
                        }
                    }
                    _ => {}
                }
            }
            if self.now.is_empty() {
                return false;
            }
        }
        self.now.iter().any(|place| place / 2 == steps.len())
    }

    /// Enters a step and those behind it that may stand for nothing; `may_skip` is whether this one may.
    fn enter(&mut self, step: usize, steps: &[Step], may_skip: bool) {
        let (mut step, mut may_skip) = (step, may_skip);
        loop {
            // Within a run of folders, the way on is behind a `/` only.
            let place = 2 * step + usize::from(!may_skip);
            if self.entered[place] == self.round {
                return;
            }
            self.entered[place] = self.round;
            self.now.push(place);
            let skips = matches!(steps.get(step), Some(Step::ManyInFolder | Step::Many | Step::Folders));
            if !may_skip || !skips {
                return;
            }
            (step, may_skip) = (step + 1, true);
        }
    }
}

/// The regular expression that BuildKit makes of a pattern.
fn expression(text: &str, stars: Stars) -> String {
    const FOLDERS: &str = "(?:.*/)?";
    let mut expression = String::from("(?s)^");
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '*' if stars == Stars::CrossFolders && chars.peek() == Some(&'*') => {
                chars.next();
                // `**/` is `**`.
                chars.next_if_eq(&'/');
                if chars.peek().is_none() {
                    expression.push_str(".*");
                } else if !expression.ends_with(FOLDERS) {
                    // A run of them says no more than one, and takes a table of its own.
                    expression.push_str(FOLDERS);
                }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::budget;

    /// What BuildKit does, word for word.
    fn by_expression(text: &str, stars: Stars, path: &str) -> Option<bool> {
        Some(Regex::new(&expression(text, stars)).ok()?.is_match(path))
    }

    fn text() -> impl Strategy<Value = String> {
        let parts = [
            "*", "**", "**/", "?", "/", "a", "b", "é", ".", "-", "\\", "\\*", "[ab]", "[^a]", "[a-c]", "[",
            "]",
        ];
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..9).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn patterns_fit_what_their_expression_fits(
            text in text(),
            paths in prop::collection::vec("[ab/é.*-]{0,8}", 4),
            crosses in any::<bool>(),
        ) {
            let stars = if crosses { Stars::CrossFolders } else { Stars::StayInFolder };
            let glob = Glob::new(&text, stars);
            let mut walk = Walk::default();
            for path in &paths {
                let fits = glob.as_ref().map(|glob| glob.matches(path, &mut walk));
                // `**` before plain text ends in the middle of a name, which the expression does not know.
                let is_suffix = matches!(glob.as_ref().map(|glob| &glob.kind), Some(Kind::Suffix(_)));
                if !is_suffix {
                    prop_assert_eq!(fits, by_expression(&text, stars, path), "{:?} {:?}", text, path);
                }
                if fits == Some(true) {
                    let has = match glob.as_ref().map(|glob| glob.anchor(&text)) {
                        Some(Anchor::Whole(whole)) => path == whole,
                        Some(Anchor::Start(start)) => path.starts_with(start),
                        Some(Anchor::End(end)) => path.ends_with(end),
                        _ => true,
                    };
                    prop_assert!(has, "{:?} {:?}", text, path);
                }
            }
        }
    }

    #[test]
    fn work_grows_with_pattern_and_path_only() {
        let mut walk = Walk::default();
        let run = budget::start(budget::Limit::Work(STEP * 8_000_000));
        let path = "a/".repeat(500) + "b";
        for text in ["*a".repeat(2_000), "**/a*/".repeat(600), "?".repeat(4_000), "**/".repeat(1_300) + "c"] {
            let glob = Glob::new(&text, Stars::CrossFolders).unwrap();
            glob.matches(&path, &mut walk);
        }
        assert_eq!(budget::exceeded(), None);
        drop(run);
    }
}
