//! Statements: lists, conditions, loops, functions.

use std::rc::Rc;

use super::super::text::{is_known, may_be_words, readable, unknown, unsplit};
use super::{Ended, Function, MAX_DEPTH, MAX_ROUNDS, Shell, State, Var, matches};
use crate::builds::definition::Place;
use crate::shell::syntax::{CaseItem, Command, Compound, Join, Redirect, RedirectKind, Word};

/// Whether a command succeeds, if that is known.
pub(super) type Outcome = Option<bool>;

/// Programs that are there to decide, and are not taken to succeed.
const QUESTIONS: &[&str] = &[
    "command", "which", "type", "hash", "grep", "egrep", "fgrep", "diff", "cmp", "pgrep", "id", "test", "[",
];

impl Shell<'_, '_> {
    /// A word as written.
    pub(super) fn raw(&self, word: &Word) -> String {
        self.script.text.get(word.span.clone()).unwrap_or_default().to_owned()
    }

    /// Runs commands one after the other.
    pub(super) fn statements(&mut self, list: &[Command]) -> Outcome {
        let mut outcome = Some(true);
        for command in list {
            if self.state.ended != Ended::No {
                break;
            }
            outcome = self.statement(command);
        }
        outcome
    }

    fn statement(&mut self, command: &Command) -> Outcome {
        if self.state.ended != Ended::No || !self.world.enter() {
            return None;
        }
        let outcome = self.by_kind(command);
        self.world.leave();
        outcome
    }

    fn by_kind(&mut self, command: &Command) -> Outcome {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Background(inner) => {
                self.statement(inner);
                Some(true)
            }
            Command::Pipeline { parts, negated } => match parts.as_slice() {
                [one] => self.statement(one).map(|outcome| outcome != *negated),
                parts => {
                    for part in parts {
                        self.subshell(|shell| shell.statement(part));
                    }
                    None
                }
            },
            Command::AndOr { first, rest } => self.and_or(first, rest),
            Command::Compound { kind, redirects } => self.compound(kind, redirects),
        }
    }

    fn compound(&mut self, kind: &Compound, _redirects: &[Redirect]) -> Outcome {
        match kind {
            Compound::Group(list) => self.statements(list),
            Compound::Subshell(list) => self.subshell(|shell| shell.statements(list)),
            Compound::If { arms, otherwise } => self.conditional(arms, otherwise),
            Compound::Case { word, items } => self.case(word, items),
            Compound::For { name, words, body } => self.for_loop(name, words.as_deref(), body),
            Compound::While { condition, body } => self.while_loop(condition, body),
            Compound::Function { name, body } => {
                let function = Function { script: Rc::clone(&self.script), body: Rc::clone(body) };
                Rc::make_mut(&mut self.state.functions).insert(name.to_string(), function);
                Some(true)
            }
            Compound::Test(words) => self.double_test(words),
            Compound::Opaque => None,
        }
    }

    /// Runs something whose effects on the state do not last.
    pub(super) fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let before = self.state.clone();
        let outcome = run(self);
        self.state = before;
        outcome
    }

    /// Runs something that may not run.
    fn perhaps(&mut self, run: impl FnOnce(&mut Self) -> Outcome) {
        let before = self.state.clone();
        run(self);
        let after = std::mem::replace(&mut self.state, before.clone());
        self.state = before.join(after, &mut self.world.choices);
    }

    /// `a && b || c`. Programs are taken to succeed; only what the shell itself decides can fail.
    fn and_or(&mut self, first: &Command, rest: &[(Join, Command)]) -> Outcome {
        let mut outcome = self.statement(first);
        let mut sure = !self.decides(first);
        for (join, command) in rest {
            if self.state.ended != Ended::No {
                return outcome;
            }
            match (join, outcome) {
                (Join::And, Some(false)) | (Join::Or, Some(true)) => continue,
                (Join::And, Some(true)) | (Join::Or, Some(false)) => outcome = self.statement(command),
                (Join::And, None) if sure => outcome = self.statement(command),
                _ => {
                    self.perhaps(|shell| shell.statement(command));
                    outcome = None;
                }
            }
            sure = sure && !self.decides(command);
        }
        outcome
    }

    /// Whether a command is there to decide: `[ … ]`, `command -v x`, `grep -q x`.
    fn decides(&self, command: &Command) -> bool {
        match command {
            Command::Simple(simple) => {
                simple.words.first().is_some_and(|name| QUESTIONS.contains(&self.raw(name).as_str()))
            }
            Command::Pipeline { .. }
            | Command::Compound { kind: Compound::Test(_) | Compound::Opaque, .. } => true,
            Command::AndOr { first, .. } => self.decides(first),
            _ => false,
        }
    }

    fn conditional(&mut self, arms: &[(Vec<Command>, Vec<Command>)], otherwise: &[Command]) -> Outcome {
        let mut ways = Vec::new();
        for (condition, body) in arms {
            match self.statements(condition) {
                Some(false) => {}
                Some(true) => {
                    self.statements(body);
                    return self.close(ways);
                }
                None => {
                    let before = self.state.clone();
                    self.statements(body);
                    ways.push(std::mem::replace(&mut self.state, before));
                }
            }
        }
        self.statements(otherwise);
        self.close(ways)
    }

    /// Joins the ways that were taken with the present one.
    fn close(&mut self, ways: Vec<State>) -> Outcome {
        let none = ways.is_empty();
        for way in ways {
            let own = self.state.clone();
            self.state = own.join(way, &mut self.world.choices);
        }
        none.then_some(true)
    }

    fn case(&mut self, word: &Word, items: &[CaseItem]) -> Outcome {
        let value = self.word(&self.raw(word));
        let mut ways = Vec::new();
        for item in items {
            let mut truth = Some(false);
            for pattern in &item.patterns {
                let pattern = self.word(&self.raw(pattern));
                let one = (is_known(&pattern) && is_known(&value)).then(|| matches(&pattern, &value));
                let one = if pattern == "*" { Some(true) } else { one };
                truth = match (truth, one) {
                    (_, Some(true)) | (Some(true), _) => Some(true),
                    (None, _) | (_, None) => None,
                    _ => Some(false),
                };
            }
            match truth {
                Some(false) => {}
                Some(true) if !item.falls_through => {
                    self.statements(&item.body);
                    return self.close(ways);
                }
                _ => {
                    let before = self.state.clone();
                    self.statements(&item.body);
                    ways.push(std::mem::replace(&mut self.state, before));
                }
            }
        }
        self.close(ways)
    }

    fn for_loop(&mut self, variable: &str, words: Option<&[Word]>, body: &[Command]) -> Outcome {
        if variable.is_empty() {
            // A loop that counts.
            self.forget(body);
            self.perhaps(|shell| shell.statements(body));
            return None;
        }
        let values = match words {
            Some(words) => words.iter().flat_map(|word| self.listed(&self.raw(word))).collect(),
            None => self.state.args.clone(),
        };
        let known = values.len() <= MAX_ROUNDS && !values.iter().any(|word| may_be_words(word));
        if !known {
            self.forget(body);
            let all: Vec<String> = values.iter().take(3).map(|word| readable(word)).collect();
            self.state.set(variable, Var::Text(unknown(&format!("${variable} of {}", all.join(" ")))));
            self.perhaps(|shell| shell.statements(body));
            return None;
        }
        for word in values {
            self.state.set(variable, Var::Text(unsplit(&word)));
            self.statements(body);
            if self.ends_loop() {
                break;
            }
        }
        Some(true)
    }

    /// Whether a loop comes to its end. `continue` is taken for the end of a round, `break` for that of the loop.
    fn ends_loop(&mut self) -> bool {
        match self.state.ended {
            Ended::No => false,
            Ended::Continue => {
                self.state.ended = Ended::No;
                false
            }
            Ended::Break => {
                self.state.ended = Ended::No;
                true
            }
            Ended::Return | Ended::Exit => true,
        }
    }

    fn while_loop(&mut self, condition: &[Command], body: &[Command]) -> Outcome {
        let until = self.is_until(condition);
        for _ in 0..MAX_ROUNDS {
            match self.statements(condition).map(|truth| truth != until) {
                Some(false) => return Some(true),
                Some(true) => {
                    self.statements(body);
                    if self.ends_loop() {
                        return None;
                    }
                }
                None => {
                    self.forget(body);
                    self.perhaps(|shell| shell.statements(body));
                    if self.state.ended < Ended::Return {
                        self.state.ended = Ended::No;
                    }
                    return None;
                }
            }
        }
        self.forget(body);
        None
    }

    /// Whether the loop with this condition runs until it holds.
    fn is_until(&self, condition: &[Command]) -> bool {
        let start = match condition.first() {
            Some(Command::Simple(simple)) => simple.span.start,
            Some(Command::Compound { kind: Compound::Test(words), .. }) => {
                words.first().map_or(0, |word| word.span.start.saturating_sub(3))
            }
            _ => return false,
        };
        let before = self.script.text.get(..start).unwrap_or_default().trim_end();
        before.trim_end_matches('!').trim_end().ends_with("until")
    }

    /// Makes what a loop sets unknown.
    fn forget(&mut self, body: &[Command]) {
        let mut names = Vec::new();
        assigned(body, &mut names);
        for name in names {
            let value = match self.state.vars.get(&name) {
                Some(Var::List(_)) => Var::unknown_list(&name),
                _ => Var::Text(unknown(&format!("${name}"))),
            };
            self.state.set(&name, value);
        }
    }

    /// Calls a function that the script defines.
    pub(super) fn call(&mut self, function: &Function, args: Vec<String>, at: Place) -> Outcome {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let own = std::mem::replace(&mut self.script, Rc::clone(&function.script));
        let own_args = std::mem::replace(&mut self.state.args, args);
        self.calls.push(at);
        self.depth += 1;
        let outcome = self.statements(&function.body);
        self.depth -= 1;
        self.calls.pop();
        self.script = own;
        self.state.args = own_args;
        if self.state.ended == Ended::Return {
            self.state.ended = Ended::No;
        }
        outcome
    }

    /// The file that redirections feed to a command.
    pub(super) fn input(&mut self, redirects: &[Redirect]) -> Option<String> {
        let read = redirects.iter().find(|redirect| redirect.kind == RedirectKind::Read)?;
        Some(self.word(&self.raw(&read.target)))
    }
}

/// The variables that commands assign.
fn assigned(list: &[Command], names: &mut Vec<String>) {
    for command in list {
        match command {
            Command::Simple(simple) => {
                names.extend(simple.assignments.iter().map(|assignment| assignment.name.to_string()));
            }
            Command::Pipeline { parts, .. } => assigned(parts, names),
            Command::AndOr { first, rest } => {
                assigned(std::slice::from_ref(first), names);
                for (_, command) in rest {
                    assigned(std::slice::from_ref(command), names);
                }
            }
            Command::Background(inner) => assigned(std::slice::from_ref(inner), names),
            Command::Compound { kind, .. } => match kind {
                Compound::Group(list) | Compound::Subshell(list) => assigned(list, names),
                Compound::If { arms, otherwise } => {
                    for (_, body) in arms {
                        assigned(body, names);
                    }
                    assigned(otherwise, names);
                }
                Compound::Case { items, .. } => items.iter().for_each(|item| assigned(&item.body, names)),
                Compound::For { name, body, .. } => {
                    names.push(name.to_string());
                    assigned(body, names);
                }
                Compound::While { body, .. } => assigned(body, names),
                Compound::Function { .. } | Compound::Test(_) | Compound::Opaque => {}
            },
        }
    }
}
