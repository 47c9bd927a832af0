//! `test`, `[` and `[[`.

use std::rc::Rc;

use super::super::syntax::{Script, Word};
use super::Dialect;
use super::pattern;
use super::run::Run;
use super::state::{State, Status};
use super::text::Text;

/// Expressions longer than this many words are not followed.
const MAX_WORDS: usize = 64;

fn status(holds: Option<bool>) -> Status {
    match holds {
        Some(true) => Status::Zero,
        Some(false) => Status::Failed,
        None => Status::Unknown,
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    and(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

/// A word of an expression: as a text, and as a pattern where it may be one.
struct Token {
    text: Text,
    pattern: Option<Text>,
    /// Whether it may be an operator: it stands in no quotes.
    is_plain: bool,
}

impl Token {
    fn is(&self, operator: &str) -> bool {
        self.is_plain && self.text.known() == Some(operator)
    }
}

impl Run<'_> {
    /// The status of `[ … ]` for its words without the brackets.
    ///
    /// Of `==` dash knows nothing: for it what holds it is an error, and so false.
    pub(super) fn bracket(&self, words: &[Text], state: &State) -> Status {
        let has_double = words.iter().any(|word| word.known() == Some("=="));
        if has_double && self.dialect == Dialect::Dash {
            return Status::Failed;
        }
        let tokens: Vec<Token> =
            words.iter().map(|text| Token { text: text.clone(), pattern: None, is_plain: true }).collect();
        // A text that is not known may be several words, or none.
        if words.len() > MAX_WORDS {
            return Status::Unknown;
        }
        match status(Self::expression(&tokens, ["-o", "-a"], state)) {
            Status::Zero if has_double && self.dialect == Dialect::Unknown => Status::Unknown,
            status => status,
        }
    }

    /// The status of `[[ … ]]`.
    pub(super) fn double_bracket(
        &mut self,
        words: &[Word],
        state: &mut State,
        script: &Rc<Script>,
    ) -> Status {
        if words.len() > MAX_WORDS {
            return Status::Unknown;
        }
        let mut tokens = Vec::new();
        for word in words {
            let text = self.joined(word, state, script);
            let pattern = Some(self.pattern(word, state, script));
            let is_plain = word.literal().is_some();
            tokens.push(Token { text, pattern, is_plain });
        }
        status(Self::expression(&tokens, ["||", "&&"], state))
    }

    fn expression(tokens: &[Token], [or_sign, and_sign]: [&str; 2], state: &State) -> Option<bool> {
        if tokens.len() <= 3 {
            return Self::primary(tokens, state);
        }
        if let Some(at) = tokens.iter().position(|token| token.is(or_sign)) {
            let rest = Self::expression(&tokens[at + 1..], [or_sign, and_sign], state);
            return or(Self::expression(&tokens[..at], [or_sign, and_sign], state), rest);
        }
        if let Some(at) = tokens.iter().position(|token| token.is(and_sign)) {
            let rest = Self::expression(&tokens[at + 1..], [or_sign, and_sign], state);
            return and(Self::expression(&tokens[..at], [or_sign, and_sign], state), rest);
        }
        Self::primary(tokens, state)
    }

    fn primary(tokens: &[Token], state: &State) -> Option<bool> {
        match tokens {
            [] => Some(false),
            [not, rest @ ..] if not.is("!") && !rest.is_empty() => {
                Self::primary(rest, state).map(|holds| !holds)
            }
            [one] => one.text.has_any(),
            [operator, word] if operator.is_plain => match operator.text.known()? {
                "-n" => word.text.has_any(),
                "-z" => word.text.has_any().map(|has| !has),
                "-f" | "-e" | "-s" | "-r" => {
                    let path = super::program::absolute(&word.text, &state.dir);
                    state.files.contains_key(path.known()?).then_some(true)
                }
                _ => None,
            },
            [a, operator, b] => {
                let equal = || match &b.pattern {
                    Some(pattern) => pattern::matches(pattern, &a.text),
                    None => a.text.equals(&b.text),
                };
                let number = |token: &Token| token.text.known()?.trim().parse::<i64>().ok();
                let compare = |holds: fn(&i64, &i64) -> bool| Some(holds(&number(a)?, &number(b)?));
                match operator.text.known()? {
                    "=" | "==" => equal(),
                    "!=" => equal().map(|same| !same),
                    "-eq" => compare(i64::eq),
                    "-ne" => compare(i64::ne),
                    "-lt" => compare(i64::lt),
                    "-le" => compare(i64::le),
                    "-gt" => compare(i64::gt),
                    "-ge" => compare(i64::ge),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
