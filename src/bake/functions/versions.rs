//! Versions against constraints, with the grammar of Masterminds' semver.

use std::cmp::Ordering;

use super::Param::String as Str;
use super::{Builtin, pure, text};
use crate::bake::value::Value;

pub(super) const TABLE: &[Builtin] = &[pure("semvercmp", &[Str, Str], |args| {
    let version =
        Version::parse(text(args, 0)).ok_or_else(|| format!("{:?} is no version", text(args, 0)))?;
    let alternatives = alternatives(text(args, 1))?;
    Ok(Value::bool(alternatives.iter().any(|all| {
        let with_pre = all.iter().any(|constraint| !constraint.version.pre.is_empty());
        all.iter().all(|constraint| constraint.holds(&version, with_pre))
    })))
})];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    numbers: [u64; 3],
    pre: String,
}

/// A number, `x`, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    Number(u64),
    Any,
}

/// What a version in a text is made of, and its length.
struct Parts {
    segments: [Option<Segment>; 3],
    pre: String,
    length: usize,
}

fn parts(text: &str, wildcards: bool) -> Option<Parts> {
    let mut at = usize::from(text.starts_with('v'));
    let mut segments = [None; 3];
    for (index, segment) in segments.iter_mut().enumerate() {
        let start = if index == 0 {
            at
        } else if text[at..].starts_with('.') {
            at + 1
        } else {
            break;
        };
        let is = |char: char| char.is_ascii_digit() || wildcards && matches!(char, 'x' | 'X' | '*');
        let length = text[start..].find(|char| !is(char)).unwrap_or(text.len() - start);
        if length == 0 {
            break;
        }
        let word = &text[start..start + length];
        *segment = Some(match word {
            "x" | "X" | "*" => Segment::Any,
            _ => Segment::Number(word.parse().ok()?),
        });
        at = start + length;
    }
    segments[0]?;
    let identifiers = |text: &str| {
        let is = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '.';
        let length = text.find(|char| !is(char)).unwrap_or(text.len());
        text[..length].trim_end_matches('.').len()
    };
    let mut pre = String::new();
    if text[at..].starts_with('-') {
        let length = identifiers(&text[at + 1..]);
        text[at + 1..at + 1 + length].clone_into(&mut pre);
        at += if length > 0 { 1 + length } else { 0 };
    }
    if text[at..].starts_with('+') {
        let length = identifiers(&text[at + 1..]);
        at += if length > 0 { 1 + length } else { 0 };
    }
    Some(Parts { segments, pre, length: at })
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let parts = parts(text, false)?;
        if parts.length != text.len() {
            return None;
        }
        Self::of(parts.segments, parts.pre)
    }

    fn of(segments: [Option<Segment>; 3], pre: String) -> Option<Self> {
        let zero_first = |word: &str| {
            word.len() > 1 && word.starts_with('0') && word.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !pre.is_empty() && pre.split('.').any(|word| word.is_empty() || zero_first(word)) {
            return None;
        }
        let number = |segment| if let Some(Segment::Number(number)) = segment { number } else { 0 };
        Some(Self { numbers: segments.map(number), pre })
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| compare_pre(&self.pre, &other.pre))
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        _ => {}
    }
    let (mut own, mut others) = (a.split('.'), b.split('.'));
    loop {
        match (own.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => {
                return match (a.parse::<u64>(), b.parse::<u64>()) {
                    (Ok(a), Ok(b)) => a.cmp(&b),
                    (Ok(_), Err(_)) => Ordering::Less,
                    (Err(_), Ok(_)) => Ordering::Greater,
                    _ => a.cmp(b),
                };
            }
        }
    }
}

#[derive(Debug)]
struct Constraint {
    operator: String,
    version: Version,
    any_minor: bool,
    any_patch: bool,
    open: bool,
}

/// Constraints that hold together, one list for each alternative.
fn alternatives(text: &str) -> Result<Vec<Vec<Constraint>>, String> {
    ranges(text).split("||").map(all_of).collect()
}

/// `1.2 - 1.4` as `>= 1.2, <= 1.4`.
fn ranges(text: &str) -> String {
    let mut result = text.to_owned();
    let mut from = 0;
    while let Some(found) = result[from..].find(" - ") {
        let at = from + found;
        from = at + 3;
        let head = result[..at].trim_end();
        let start = head
            .rfind(|char: char| char.is_whitespace() || char == '|' || char == ',')
            .map_or(0, |at| at + 1);
        let tail = result[at + 3..].trim_start();
        let Some(length) = parts(tail, true).map(|parts| parts.length) else { continue };
        if parts(&head[start..], true).is_none_or(|parts| parts.length != head.len() - start) {
            continue;
        }
        let replaced =
            format!("{}>= {}, <= {} {}", &head[..start], &head[start..], &tail[..length], &tail[length..]);
        from = replaced.len() - tail[length..].len();
        result = replaced;
    }
    result
}

fn all_of(text: &str) -> Result<Vec<Constraint>, String> {
    let wrong = || format!("{text:?} is no constraint on versions");
    let mut rest = text.trim();
    let mut all = Vec::new();
    loop {
        let operators = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];
        let operator = operators.iter().find(|operator| rest.starts_with(*operator)).copied().unwrap_or("");
        let after = rest[operator.len()..].trim_start();
        let found = parts(after, true).ok_or_else(wrong)?;
        let [major, minor, patch] = found.segments;
        let number = |segment: Option<Segment>| matches!(segment, Some(Segment::Number(_)));
        let (mut segments, mut any_minor, mut any_patch, mut open) = (found.segments, false, false, false);
        if !number(major) {
            (segments, open) = ([None; 3], true);
        } else if !number(minor) {
            (segments, any_minor, open) = ([major, None, None], true, true);
        } else if !number(patch) {
            (segments, any_patch, open) = ([major, minor, None], true, true);
        }
        let version = Version::of(segments, found.pre).ok_or_else(wrong)?;
        all.push(Constraint { operator: operator.to_owned(), version, any_minor, any_patch, open });
        let tail = &after[found.length..];
        let next = tail.trim_start();
        if next.is_empty() {
            return Ok(all);
        }
        rest = match next.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if next.len() < tail.len() => next,
            None => return Err(wrong()),
        };
    }
}

impl Constraint {
    fn holds(&self, version: &Version, with_pre: bool) -> bool {
        if !version.pre.is_empty() && !with_pre {
            return false;
        }
        let order = version.compare(&self.version);
        let [major, minor, patch] = version.numbers;
        let [own_major, own_minor, own_patch] = self.version.numbers;
        match self.operator.as_str() {
            "" | "=" if !self.open => order == Ordering::Equal,
            "" | "=" | "~" | "~>" => self.tilde(version, order),
            "!=" if self.open => {
                major != own_major
                    || !self.any_minor && minor != own_minor
                    || !self.any_minor && !self.any_patch && patch != own_patch
                    || !self.any_minor
                        && self.any_patch
                        && compare_pre(&version.pre, &self.version.pre) != Ordering::Equal
                    || !self.any_minor && !self.any_patch && order != Ordering::Equal
            }
            "!=" => order != Ordering::Equal,
            ">" if self.open && major != own_major => major > own_major,
            ">" if self.open && self.any_minor => false,
            ">" if self.open && self.any_patch => minor > own_minor,
            ">" => order == Ordering::Greater,
            "<" => order == Ordering::Less,
            ">=" | "=>" => order != Ordering::Less,
            "<=" | "=<" if self.open => {
                major < own_major || major == own_major && (minor <= own_minor || self.any_minor)
            }
            "<=" | "=<" => order != Ordering::Greater,
            _ => self.caret(version, order),
        }
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        if order == Ordering::Less {
            return false;
        }
        if self.version.numbers == [0; 3] && !self.any_minor && !self.any_patch {
            return true;
        }
        let ([major, minor, _], [own_major, own_minor, _]) = (version.numbers, self.version.numbers);
        major == own_major && (minor == own_minor || self.any_minor)
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        let ([major, minor, patch], [own_major, own_minor, own_patch]) =
            (version.numbers, self.version.numbers);
        if order == Ordering::Less {
            return false;
        }
        if own_major > 0 || self.any_minor {
            return major == own_major;
        }
        if major > 0 {
            return false;
        }
        if own_minor > 0 || self.any_patch {
            return minor == own_minor;
        }
        minor == 0 && patch == own_patch
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, alternatives};

    #[test]
    fn constraints_hold() {
        for (version, constraint, expected) in [
            ("1.2.3", ">= 1.2", Some(true)),
            ("1.2.3", "~1.2.0, != 1.2.3", Some(false)),
            ("2.0.0", "^1.0 || ^2", Some(true)),
            ("0.2.9", "^0.2.3", Some(true)),
            ("1.3.0", "1.2 - 1.4", Some(true)),
            ("v1.5", "1.x", Some(true)),
            ("1.0.0-rc.1", ">=1.0.0-0", Some(true)),
            ("1.0.0-rc.1", ">=0.9", Some(false)),
            ("1.0.0", ">>1", None),
        ] {
            let holds =
                alternatives(constraint).ok().zip(Version::parse(version)).map(|(alternatives, version)| {
                    alternatives.iter().any(|all| {
                        let pre = all.iter().any(|constraint| !constraint.version.pre.is_empty());
                        all.iter().all(|constraint| constraint.holds(&version, pre))
                    })
                });
            assert_eq!(holds, expected, "{version} {constraint}");
        }
    }
}
