//! Wildcards of the shell, and braces.

use super::super::path::join;
use super::Shell;

/// Braces make at most this many words.
const MAX_WORDS: usize = 1_000;

/// Whether a text matches a pattern with `*`, `?` and `[…]`.
///
/// # Complexity
///
/// The length of the pattern times that of the text.
pub(in crate::builds) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some('?') => Some(p + 1),
            Some('[') => one_of(&pattern, p, text[t]),
            Some(&c) if c == text[t] => Some(p + 1),
            _ => None,
        };
        match (step, star) {
            (Some(next), _) => {
                p = next;
                t += 1;
            }
            (None, Some((at, from))) => {
                p = at + 1;
                t = from + 1;
                star = Some((at, t));
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Where a bracket expression ends, if the letter is of it.
fn one_of(pattern: &[char], at: usize, letter: char) -> Option<usize> {
    let close = pattern[at + 1..].iter().skip(1).position(|&c| c == ']')? + at + 2;
    let mut set = &pattern[at + 1..close];
    let negated = matches!(set.first(), Some('!' | '^'));
    if negated {
        set = &set[1..];
    }
    let mut found = false;
    let mut n = 0;
    while n < set.len() {
        if set.get(n + 1) == Some(&'-') && n + 2 < set.len() {
            found |= (set[n]..=set[n + 2]).contains(&letter);
            n += 3;
        } else {
            found |= set[n] == letter;
            n += 1;
        }
    }
    (found != negated).then_some(close + 1)
}

/// The words that `a{b,c}d` and `{1..3}` stand for; the word itself if there are no such braces.
pub(super) fn braces(word: &str) -> Vec<String> {
    let mut words = vec![word.to_owned()];
    // Each round opens the first pair of braces of every word.
    for _ in 0..4 {
        let mut next = Vec::new();
        for word in &words {
            match open(word) {
                Some(more) => next.extend(more),
                None => next.push(word.clone()),
            }
        }
        if next.len() > MAX_WORDS || next == words {
            break;
        }
        words = next;
    }
    words
}

fn open(word: &str) -> Option<Vec<String>> {
    let start = word.find('{')?;
    let end = start + word[start..].find('}')?;
    let (head, inner, tail) = (&word[..start], &word[start + 1..end], &word[end + 1..]);
    let items: Vec<String> = if let Some((from, to)) = inner.split_once("..") {
        let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
        if from.abs_diff(to) >= MAX_WORDS as u64 {
            return None;
        }
        if from <= to {
            (from..=to).map(|n| n.to_string()).collect()
        } else {
            (to..=from).rev().map(|n| n.to_string()).collect()
        }
    } else if inner.contains(',') && !inner.contains('{') {
        inner.split(',').map(str::to_owned).collect()
    } else {
        return None;
    };
    Some(items.into_iter().map(|item| format!("{head}{item}{tail}")).collect())
}

impl Shell<'_, '_> {
    /// The files and folders of the repository that a word with wildcards stands for; the word itself if none does.
    pub(super) fn wildcard(&mut self, word: &str) -> Vec<String> {
        let whole = join(&self.state.folder, word);
        let Some(pattern) = self.site.inside(&whole) else { return vec![word.to_owned()] };
        let levels = pattern.split('/').count();
        let only_folders = word.ends_with('/');
        let fixed: Vec<&str> =
            pattern.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
        let top = if fixed.is_empty() { ".".to_owned() } else { fixed.join("/") };
        let mut found: Vec<String> = Vec::new();
        for file in self.world.repo.files_under(&top) {
            let parts: Vec<&str> = file.split('/').collect();
            if parts.len() < levels || only_folders && parts.len() == levels {
                continue;
            }
            let path = parts[..levels].join("/");
            if found.last() == Some(&path) {
                continue;
            }
            let fits = pattern.split('/').zip(&parts).all(|(pattern, part)| {
                matches(pattern, part) && (!part.starts_with('.') || pattern.starts_with('.'))
            });
            if fits && found.len() < MAX_WORDS {
                found.push(path);
            }
        }
        if found.is_empty() {
            return vec![word.to_owned()];
        }
        // As the word was written: relative to the folder.
        let folder = self.site.inside(&self.state.folder).unwrap_or_default();
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let dot = if word.starts_with("./") { "./" } else { "" };
        found
            .into_iter()
            .map(|path| {
                let end = if only_folders { "/" } else { "" };
                match path.strip_prefix(&prefix) {
                    Some(inner) if !word.starts_with(['/', '.']) || !dot.is_empty() => {
                        format!("{dot}{inner}{end}")
                    }
                    _ => format!("{}/{path}{end}", super::super::path::ROOT),
                }
            })
            .collect()
    }
}
