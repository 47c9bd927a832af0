//! `getopts`.

use super::super::text::{is_known, may_be_words, unknown};
use super::statements::Outcome;
use super::{Shell, Var};

/// The variable that holds how far a word of several options was read.
const WITHIN: &str = "xsim getopts";

impl Shell<'_, '_> {
    /// Takes the next option of the script's arguments, as `getopts` does.
    pub(super) fn getopts(&mut self, words: &[String]) -> Outcome {
        let [letters, name, given @ ..] = words else { return None };
        let args = if given.is_empty() { self.state.args.clone() } else { given.to_vec() };
        let mut at = self.number("OPTIND").unwrap_or(1).max(1);
        let within = self.number(WITHIN).unwrap_or(1).max(1);
        if args.iter().any(|arg| may_be_words(arg)) {
            for name in [name.as_str(), "OPTARG", "OPTIND"] {
                self.state.set(name, Var::Text(unknown(&format!("${name}"))));
            }
            return None;
        }
        let word = args.get(at - 1).filter(|word| word.starts_with('-') && word.len() > 1 && *word != "--");
        let Some(word) = word.filter(|word| is_known(word) || word.len() > 2) else {
            self.state.set(name, Var::Text("?".to_owned()));
            return Some(false);
        };
        let mut rest = word.chars().skip(within);
        let letter = rest.next().unwrap_or('?');
        let rest: String = rest.collect();
        let takes =
            letters.split(letter).nth(1).filter(|_| letter != ':').map(|after| after.starts_with(':'));
        let mut next = (at + usize::from(rest.is_empty()), if rest.is_empty() { 1 } else { within + 1 });
        if takes == Some(true) {
            let value = if rest.is_empty() {
                at += 1;
                args.get(at - 1).cloned().unwrap_or_default()
            } else {
                rest
            };
            self.state.set("OPTARG", Var::Text(value));
            next = (at + 1, 1);
        }
        let letter = if takes.is_some() { letter } else { '?' };
        self.state.set(name, Var::Text(letter.to_string()));
        self.state.set("OPTIND", Var::Text(next.0.to_string()));
        self.state.set(WITHIN, Var::Text(next.1.to_string()));
        Some(true)
    }

    fn number(&self, name: &str) -> Option<usize> {
        match self.state.vars.get(name) {
            Some(Var::Text(text)) => text.parse().ok(),
            _ => None,
        }
    }
}
