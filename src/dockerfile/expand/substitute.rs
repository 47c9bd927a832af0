//! What a `${name…}` with a modifier stands for.

use super::ExpandError;
use super::pattern::{self, PatternError};

/// Which part of a `${name…}` is being read.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// The word after `-`, `+`, `?`, `#` or `%` (or what stands in their place), with a colon or without.
    Modifier { operator: Option<char>, colon: bool },
    /// The pattern of `/pattern/replacement`.
    Pattern { all: bool },
    /// The replacement, which starts in the output at `at`.
    Replacement { all: bool, at: usize },
}

impl Part {
    pub(super) const fn closing(&self) -> char {
        if matches!(self, Self::Pattern { .. }) { '/' } else { '}' }
    }

    /// How many steps matching may take, given the lengths of the inner words and of the value.
    pub(super) const fn steps(&self, inner: usize, value: usize) -> usize {
        match self {
            Self::Modifier { operator: Some('#' | '%'), .. } | Self::Replacement { .. } => {
                (inner + 1) * (value + 1)
            }
            _ => 0,
        }
    }
}

/// Replaces what stands in `out` after `mark`, the inner words of a `${name…}`, by what the whole stands for.
pub(super) fn substitute(
    out: &mut String,
    mark: usize,
    name: &str,
    value: Option<&str>,
    part: &Part,
) -> Result<(), ExpandError> {
    let text = value.unwrap_or_default();
    match *part {
        Part::Modifier { operator, colon } => {
            let counts_as_set = value.is_some() && !(colon && text.is_empty());
            match operator {
                Some('-') if !counts_as_set => return Ok(()),
                Some('+') if counts_as_set => return Ok(()),
                Some('-') => replace_from(out, mark, text),
                Some('+') => out.truncate(mark),
                Some('?') if counts_as_set => replace_from(out, mark, text),
                Some('?') => {
                    let message = match (&out[mark..], value) {
                        ("", None) => "is not allowed to be unset",
                        ("", Some(_)) => "is not allowed to be empty",
                        (written, _) => written,
                    };
                    return Err(ExpandError::Required { name: name.to_owned(), message: message.to_owned() });
                }
                Some(operator @ ('#' | '%')) => {
                    let pattern = &out[mark..];
                    let (pattern, greedy) = match pattern.strip_prefix(operator) {
                        Some(pattern) => (pattern, true),
                        None => (pattern, false),
                    };
                    let trim = if operator == '#' { pattern::trim_prefix } else { pattern::trim_suffix };
                    let trimmed =
                        trim(pattern, text, greedy).map_err(|error| pattern_error(error, pattern))?;
                    replace_from(out, mark, &trimmed);
                }
                other => {
                    let text = other.map_or_else(String::new, |char| format!(":{char}"));
                    return Err(ExpandError::UnsupportedModifier(text));
                }
            }
        }
        Part::Replacement { all, at } => {
            let (pattern, replacement) = out[mark..].split_at(at - mark);
            let replaced = pattern::replace(pattern, text, replacement, all)
                .map_err(|error| pattern_error(error, pattern))?;
            replace_from(out, mark, &replaced);
        }
        Part::Pattern { .. } => {}
    }
    Ok(())
}

fn replace_from(out: &mut String, mark: usize, text: &str) {
    out.truncate(mark);
    out.push_str(text);
}

fn pattern_error(error: PatternError, pattern: &str) -> ExpandError {
    match error {
        PatternError::InvalidEscape => ExpandError::InvalidPattern(pattern.to_owned()),
        PatternError::TooLarge => ExpandError::PatternTooLarge,
    }
}
