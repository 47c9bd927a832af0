//! Pieces of text between whose values the run decides: what `if` and `else` of a condition that is not known each set.
//!
//! A command line with such pieces is read once for each way. What all ways say of a build does not depend on the condition.

use std::collections::BTreeMap;

use super::shell::Var;
use super::text::{MAX_CHOICES, first_numbered, numbered, unknown, unnumbered, unsplit};

/// Values that a piece may have; one of more is just unknown.
const MAX_VALUES: usize = 8;

/// Bytes of all values of a piece.
const MAX_BYTES: usize = 16 << 10;

/// The values of the pieces, by number. None of them holds a numbered piece.
#[derive(Debug, Default)]
pub(super) struct Choices {
    values: Vec<Vec<Var>>,
    /// The same choice has the same number, so that what a loop or a call makes again is seen to be the same.
    numbers: BTreeMap<(String, Vec<Var>), usize>,
}

impl Choices {
    /// A piece that has one of these values.
    pub(super) fn between(&mut self, why: &str, values: impl IntoIterator<Item = Var>) -> String {
        let Some(values) = self.flat(values) else { return unknown(why) };
        let key = (why.to_owned(), values);
        if let Some(number) = self.numbers.get(&key) {
            return numbered(why, *number);
        }
        let number = self.values.len();
        if number >= MAX_CHOICES {
            return unknown(why);
        }
        self.values.push(key.1.clone());
        self.numbers.insert(key, number);
        numbered(why, number)
    }

    /// The values with those of the pieces in them; `None` if there are too many.
    fn flat(&self, values: impl IntoIterator<Item = Var>) -> Option<Vec<Var>> {
        let mut flat: Vec<Var> = Vec::new();
        let mut open: Vec<Var> = values.into_iter().collect();
        let mut bytes = 0;
        while let Some(value) = open.pop() {
            let value = match value {
                Var::Text(text) => match self.first(&text) {
                    Some((at, inner)) => {
                        if open.len() + flat.len() + inner.len() > MAX_VALUES {
                            return None;
                        }
                        open.extend(inner.iter().map(|value| {
                            let value = match value {
                                Var::Text(text) => text.clone(),
                                Var::List(items) => items.join(" "),
                            };
                            Var::Text(format!("{}{value}{}", &text[..at.start], &text[at.end..]))
                        }));
                        continue;
                    }
                    None => Var::Text(unnumbered(text)),
                },
                Var::List(items) => Var::List(items.into_iter().map(unnumbered).collect()),
            };
            if !flat.contains(&value) {
                bytes += match &value {
                    Var::Text(text) => text.len(),
                    Var::List(items) => items.iter().map(String::len).sum(),
                };
                flat.push(value);
            }
            if flat.len() > MAX_VALUES || bytes > MAX_BYTES {
                return None;
            }
        }
        flat.reverse();
        Some(flat)
    }

    /// The first piece of a text that has values: where it stands, and they.
    fn first(&self, text: &str) -> Option<(std::ops::Range<usize>, &[Var])> {
        let (at, number) = first_numbered(text)?;
        Some((at, self.values.get(number)?))
    }

    /// Whether a text is empty, or not set at all, in one of the ways that the run may take.
    pub(super) fn may_be_empty(&self, text: &str) -> bool {
        let empty = |value: &Var| matches!(value, Var::Text(text) if text.is_empty());
        self.first(text).is_some_and(|(at, values)| at == (0..text.len()) && values.iter().any(empty))
    }

    /// The words for each way that the run may take; one, if no piece has values to choose from.
    ///
    /// Pieces that are decided together take their first values together, then their second ones, and so on.
    pub(super) fn ways(&self, words: &[String]) -> Vec<Vec<String>> {
        let count = words.iter().filter_map(|word| self.first(word)).map(|(_, values)| values.len()).max();
        match count {
            None => vec![words.to_vec()],
            Some(count) => (0..count).map(|way| self.way(words, way)).collect(),
        }
    }

    fn way(&self, words: &[String], way: usize) -> Vec<String> {
        let mut done = Vec::new();
        // The next word is the last one.
        let mut open: Vec<String> = words.iter().rev().cloned().collect();
        while let Some(word) = open.pop() {
            let Some((at, values)) = self.first(&word) else {
                done.push(word);
                continue;
            };
            let Some(value) = values.get(way.min(values.len().saturating_sub(1))) else { continue };
            let (head, piece, tail) = (&word[..at.start], &word[at.clone()], &word[at.end..]);
            let splits = unsplit(piece) != piece;
            let parts: Vec<&str> = match value {
                Var::List(items) => items.iter().map(String::as_str).collect(),
                Var::Text(text) if splits => text.split_whitespace().collect(),
                Var::Text(text) => vec![text],
            };
            match parts.as_slice() {
                [] if head.is_empty() && tail.is_empty() => {}
                [] => open.push(format!("{head}{tail}")),
                [one] => open.push(format!("{head}{one}{tail}")),
                [first, middle @ .., last] => {
                    open.push(format!("{last}{tail}"));
                    open.extend(middle.iter().rev().map(|&part| part.to_owned()));
                    open.push(format!("{head}{first}"));
                }
            }
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::{readable, splittable};
    use super::*;

    fn text(text: &str) -> Var {
        Var::Text(text.to_owned())
    }

    fn joined(choices: &Choices, words: &[String]) -> Vec<String> {
        choices.ways(words).iter().map(|way| way.join(" ")).collect()
    }

    #[test]
    fn ways_have_the_values_that_belong_together() {
        let mut choices = Choices::default();
        let engine = choices.between("$ENGINE", [text("podman"), text("docker")]);
        let options =
            choices.between("$OPTIONS", [text("build --format=oci"), Var::List(vec!["build".to_owned()])]);
        let words = [engine.clone(), splittable(&options), ".".to_owned()];
        assert_eq!(joined(&choices, &words), ["podman build --format=oci .", "docker build ."]);
        assert_eq!(readable(&engine), "$ENGINE");
        assert_eq!(
            engine,
            choices.between("$ENGINE", [text("podman"), text("docker")]),
            "it is the same again"
        );
    }

    #[test]
    fn values_in_values_are_values() {
        let mut choices = Choices::default();
        let maybe = choices.between("$PUSH", [text(""), text("--push")]);
        let more = format!("{maybe} -q");
        let nested = choices.between("$X", [Var::Text(more), text("--load")]);
        let mut ways = joined(&choices, &[splittable(&nested), "a".to_owned()]);
        ways.sort();
        assert_eq!(ways, ["--load a", "--push -q a", "-q a"]);
    }

    #[test]
    fn what_grows_is_unknown_in_the_end() {
        let mut choices = Choices::default();
        let mut value = text("a");
        for _ in 0..100 {
            let Var::Text(before) = &value else { unreachable!("a text") };
            let longer = text(&format!("{before}a"));
            value = Var::Text(choices.between("$A", [value.clone(), longer]));
        }
        assert_eq!(value, Var::Text(unknown("$A")));
        assert!(choices.values.len() < 10);
    }
}
