//! `[ … ]`, `[[ … ]]` and `test`: what they come to, if that is known.

use super::super::path::join;
use super::super::text::{is_known, is_wholly_unknown};
use super::statements::Outcome;
use super::{Shell, matches};
use crate::shell::syntax::Word;

/// Conditions of more words are not decided.
const MAX_WORDS: usize = 200;

impl Shell<'_, '_> {
    /// `[[ … ]]`.
    pub(super) fn double_test(&mut self, words: &[Word]) -> Outcome {
        let mut terms = Vec::new();
        for word in words {
            let raw = self.raw(word);
            let operator = !raw.contains(['"', '\'', '$', '\\', '`']);
            let value = if operator { raw.clone() } else { self.word(&raw) };
            terms.push(Term { value, operator, quoted: raw.starts_with(['"', '\'']) });
        }
        self.decide(&terms)
    }

    /// What `test` comes to with these words.
    pub(super) fn test_words(&mut self, words: &[String]) -> Outcome {
        let terms: Vec<Term> = words
            .iter()
            .map(|word| Term { value: word.clone(), operator: is_known(word), quoted: false })
            .collect();
        self.decide(&terms)
    }

    fn decide(&mut self, terms: &[Term]) -> Outcome {
        if terms.len() > MAX_WORDS {
            return None;
        }
        let is = |term: &Term, names: &[&str]| term.operator && names.contains(&term.value.as_str());
        if terms.iter().any(|term| is(term, &["(", ")"])) {
            return None;
        }
        if let Some(at) = terms.iter().position(|term| is(term, &["||", "-o"])) {
            return match (self.decide(&terms[..at]), self.decide(&terms[at + 1..])) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        if let Some(at) = terms.iter().position(|term| is(term, &["&&", "-a"])) {
            return match (self.decide(&terms[..at]), self.decide(&terms[at + 1..])) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        match terms {
            [not, rest @ ..] if is(not, &["!"]) && !rest.is_empty() => self.decide(rest).map(|truth| !truth),
            [one] => filled(&one.value),
            [operator, operand] => self.unary(&operator.value, &operand.value),
            [left, operator, right] => binary(&left.value, &operator.value, &right.value, right.quoted),
            [] => Some(false),
            _ => None,
        }
    }

    fn unary(&mut self, operator: &str, operand: &str) -> Outcome {
        match operator {
            "-n" => filled(operand),
            "-z" => filled(operand).map(|filled| !filled),
            "-f" | "-e" | "-d" | "-r" | "-s" | "-x" if is_known(operand) => {
                let path = self.site.inside(&join(&self.state.folder, operand))?;
                let there = match operator {
                    "-d" => self.world.repo.has_folder(&path),
                    "-e" | "-r" => self.world.repo.has_file(&path) || self.world.repo.has_folder(&path),
                    _ => self.world.repo.has_file(&path),
                };
                // What is not in the repository may have been made.
                there.then_some(true)
            }
            _ => None,
        }
    }
}

struct Term {
    value: String,
    /// Written out, so that it may be an operator.
    operator: bool,
    quoted: bool,
}

/// Whether a text has any letter, if that is known.
fn filled(text: &str) -> Option<bool> {
    if is_wholly_unknown(text) { None } else { Some(!text.is_empty()) }
}

fn binary(left: &str, operator: &str, right: &str, quoted: bool) -> Outcome {
    if !is_known(left) || !is_known(right) {
        return match operator {
            "=" | "==" if left == right => Some(true),
            "!=" if left == right => Some(false),
            _ => None,
        };
    }
    let numbers = || Some((left.trim().parse::<i64>().ok()?, right.trim().parse::<i64>().ok()?));
    match operator {
        "=" | "==" if quoted => Some(left == right),
        "=" | "==" => Some(matches(right, left)),
        "!=" if quoted => Some(left != right),
        "!=" => Some(!matches(right, left)),
        "-eq" => numbers().map(|(a, b)| a == b),
        "-ne" => numbers().map(|(a, b)| a != b),
        "-lt" => numbers().map(|(a, b)| a < b),
        "-le" => numbers().map(|(a, b)| a <= b),
        "-gt" => numbers().map(|(a, b)| a > b),
        "-ge" => numbers().map(|(a, b)| a >= b),
        _ => None,
    }
}

/// The words of a text as written, with their quotes. `None` if a quote stays open.
pub(super) fn raw_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(open) if c == open && depth == 0 => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() && depth == 0 => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            Some(_) | None => {}
        }
        match c {
            '$' if quote != Some('\'') && matches!(chars.peek(), Some('(' | '{')) => {
                word.push(c);
                if let Some(bracket) = chars.next() {
                    word.push(bracket);
                    depth += 1;
                }
                continue;
            }
            ')' | '}' if depth > 0 => depth -= 1,
            '\\' if quote != Some('\'') => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    quote.is_none().then_some(words)
}
