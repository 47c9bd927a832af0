//! The way through lists, branches and loops.

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::super::syntax::{CaseItem, Command, Compound, Join, Part, Script, Word};
use super::state::{Exported, Flow, State, Status, Variable};
use super::text::Text;
use super::{Call, Dialect, MAX_CALLS, MAX_ROUNDS, MAX_WORK, World, pattern};
use crate::budget;

/// A way through a script.
pub(super) struct Run<'w> {
    pub(super) world: &'w dyn World,
    /// The shell that runs.
    pub(super) dialect: Dialect,
    pub(super) calls: Vec<Call>,
    /// Steps that are left.
    work: usize,
    /// Whether work ran out.
    pub(super) beyond: bool,
    /// How many functions and scripts are open.
    depth: u32,
    /// How many branches are open that perhaps are not taken.
    pub(super) perhaps: u32,
    /// How many loops are open whose rounds are not known.
    pub(super) repeated: u32,
    /// How many of the scripts that are open are not in the text.
    pub(super) detached: u32,
    /// How many of the commands that are open have their output read.
    pub(super) read: u32,
}

/// The work of a step.
const STEP: u64 = 400;

/// How a branch turns out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Yes,
    No,
    Perhaps,
}

impl<'w> Run<'w> {
    pub(super) fn new(world: &'w dyn World, dialect: Dialect) -> Self {
        Self {
            world,
            dialect,
            calls: Vec::new(),
            work: MAX_WORK,
            beyond: false,
            depth: 0,
            perhaps: 0,
            repeated: 0,
            detached: 0,
            read: 0,
        }
    }

    /// Counts work; `false` where none is left.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        let steps = steps.max(1);
        let left = self.work.checked_sub(steps);
        self.beyond |= left.is_none() || !budget::spend(budget::Part::Shell, STEP * steps as u64);
        self.work = left.unwrap_or_default();
        !self.beyond
    }

    /// A copy of the state, for another way through.
    pub(super) fn fork(&mut self, state: &State) -> State {
        self.spend(state.size());
        state.clone()
    }

    /// Goes one level deeper, if that is not too deep.
    pub(super) fn enter(&mut self) -> bool {
        let fits = self.depth < MAX_CALLS;
        if fits {
            self.depth += 1;
        } else {
            self.beyond = true;
        }
        fits
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn list(&mut self, list: &[Command], state: &mut State, script: &Rc<Script>) {
        for command in list {
            if state.flow != Flow::On || !self.spend(1) {
                return;
            }
            self.command(command, state, script);
        }
    }

    fn command(&mut self, command: &Command, state: &mut State, script: &Rc<Script>) {
        match command {
            Command::Simple(simple) => self.simple(simple, state, script),
            Command::Pipeline { parts, negated } => {
                self.pipeline(parts, state, script);
                if *negated {
                    state.status = match state.status {
                        Status::Zero => Status::Failed,
                        Status::Failed => Status::Zero,
                        Status::Assumed | Status::Unknown => Status::Unknown,
                    };
                }
            }
            Command::AndOr { first, rest } => self.and_or(first, rest, state, script),
            Command::Background(command) => {
                self.apart(state, |run, state| run.command(command, state, script));
                state.status = Status::Zero;
            }
            Command::Compound { kind, redirects } => {
                let redirected = self.redirected(redirects, state, script);
                let output = redirected.as_ref().map(|_| std::mem::take(&mut state.output));
                let input = self.input_of(redirects, state, script);
                let before = input.map(|input| state.input.replace(input));
                self.compound(kind, state, script);
                if let Some(before) = before {
                    state.input = before;
                }
                if let (Some(target), Some(output)) = (redirected, output) {
                    let written = std::mem::replace(&mut state.output, output);
                    target.write(state, &written);
                }
            }
        }
    }

    fn pipeline(&mut self, parts: &[Command], state: &mut State, script: &Rc<Script>) {
        if let [only] = parts {
            return self.command(only, state, script);
        }
        let mut input = state.input.clone();
        for (at, part) in parts.iter().enumerate() {
            let mut inner = self.fork(state);
            inner.input = input.take();
            let is_last = at + 1 == parts.len();
            if !is_last {
                inner.output = Text::default();
            }
            self.read += u32::from(!is_last);
            self.command(part, &mut inner, script);
            self.read -= u32::from(!is_last);
            state.files = inner.files;
            state.status = inner.status;
            if is_last {
                state.output = inner.output;
            } else {
                input = Some(inner.output);
            }
        }
    }

    fn and_or(&mut self, first: &Command, rest: &[(Join, Command)], state: &mut State, script: &Rc<Script>) {
        self.command(first, state, script);
        for (join, command) in rest {
            if state.flow != Flow::On {
                return;
            }
            let taken = match (join, state.status) {
                (Join::And, Status::Zero | Status::Assumed) | (Join::Or, Status::Failed) => Taken::Yes,
                (Join::And, Status::Failed) | (Join::Or, Status::Zero) => Taken::No,
                _ => Taken::Perhaps,
            };
            match taken {
                Taken::Yes => self.command(command, state, script),
                Taken::No => {}
                Taken::Perhaps => {
                    let assumed = state.status == Status::Assumed;
                    let mut other = self.fork(state);
                    self.branch(&mut other, |run, other| run.command(command, other, script));
                    *state = std::mem::replace(state, other.clone()).either(other);
                    if assumed && state.flow == Flow::On {
                        state.status = Status::Assumed;
                    }
                }
            }
        }
    }

    /// Goes through something that perhaps does not happen.
    fn branch(&mut self, state: &mut State, what: impl FnOnce(&mut Self, &mut State)) {
        self.perhaps += 1;
        what(self, state);
        self.perhaps -= 1;
    }

    /// Goes through something in a shell of its own.
    pub(super) fn apart(&mut self, state: &mut State, what: impl FnOnce(&mut Self, &mut State)) {
        let mut inner = self.fork(state);
        what(self, &mut inner);
        state.files = inner.files;
        state.output = inner.output;
        state.status = match (inner.flow, inner.status) {
            (Flow::Failed, _) => Status::Failed,
            (_, status) => status,
        };
    }

    fn compound(&mut self, kind: &Compound, state: &mut State, script: &Rc<Script>) {
        match kind {
            Compound::Group(list) => self.list(list, state, script),
            Compound::Subshell(list) => self.apart(state, |run, state| run.list(list, state, script)),
            Compound::If { arms, otherwise } => self.conditional(arms, otherwise, state, script),
            Compound::Case { word, items } => {
                let text = self.joined(word, state, script);
                self.case(&text, items, state, script);
            }
            Compound::For { name, words, body } => {
                self.loop_over(name, words.as_deref(), body, state, script);
            }
            Compound::While { condition, body } => {
                self.unknown_rounds(&[condition, body], state, script, |run, state| {
                    run.list(condition, state, script);
                });
            }
            Compound::Function { name, body } => {
                let function = super::state::Function { script: Rc::clone(script), body: Rc::clone(body) };
                Rc::make_mut(&mut state.functions).insert(name.clone(), function);
                state.status = Status::Zero;
            }
            Compound::Test(words) => state.status = self.double_bracket(words, state, script),
            Compound::Opaque => state.status = Status::Unknown,
        }
    }

    fn case(&mut self, text: &Text, items: &[CaseItem], state: &mut State, script: &Rc<Script>) {
        let before = self.perhaps;
        let mut ends: Option<State> = None;
        let mut falls = false;
        state.status = Status::Zero;
        for item in items {
            let taken =
                if falls { Taken::Yes } else { self.case_matches(&item.patterns, text, state, script) };
            match taken {
                Taken::No => {}
                Taken::Yes => {
                    self.list(&item.body, state, script);
                    falls = item.falls_through;
                    if !falls {
                        break;
                    }
                }
                Taken::Perhaps => {
                    let mut inner = self.fork(state);
                    self.perhaps += 1;
                    self.list(&item.body, &mut inner, script);
                    ends = Some(match ends {
                        Some(ends) => ends.either(inner),
                        None => inner,
                    });
                }
            }
        }
        self.perhaps = before;
        self.join(ends, state);
    }

    /// Joins the ends of branches that were perhaps taken with the way beside them.
    fn join(&mut self, ends: Option<State>, state: &mut State) {
        if let Some(ends) = ends {
            self.spend(state.size());
            *state = state.clone().either(ends);
        }
    }

    fn conditional(
        &mut self,
        arms: &[(Vec<Command>, Vec<Command>)],
        otherwise: &[Command],
        state: &mut State,
        script: &Rc<Script>,
    ) {
        let before = self.perhaps;
        let mut ends: Option<State> = None;
        let mut done = false;
        for (condition, body) in arms {
            self.list(condition, state, script);
            if state.flow != Flow::On {
                done = true;
                break;
            }
            match state.status {
                Status::Zero => {
                    self.list(body, state, script);
                    done = true;
                    break;
                }
                Status::Failed => {}
                Status::Assumed | Status::Unknown => {
                    let mut inner = self.fork(state);
                    self.perhaps += 1;
                    self.list(body, &mut inner, script);
                    ends = Some(match ends {
                        Some(ends) => ends.either(inner),
                        None => inner,
                    });
                }
            }
        }
        if !done {
            state.status = Status::Zero;
            self.list(otherwise, state, script);
        }
        self.perhaps = before;
        self.join(ends, state);
    }

    fn case_matches(
        &mut self,
        patterns: &[Word],
        text: &Text,
        state: &mut State,
        script: &Rc<Script>,
    ) -> Taken {
        let mut perhaps = false;
        for word in patterns {
            let wanted = self.pattern(word, state, script);
            self.spend(wanted.with_gaps().len() + text.with_gaps().len());
            match pattern::matches(&wanted, text) {
                Some(true) => return if perhaps { Taken::Perhaps } else { Taken::Yes },
                Some(false) => {}
                None => perhaps = true,
            }
        }
        if perhaps { Taken::Perhaps } else { Taken::No }
    }

    fn loop_over(
        &mut self,
        name: &SmolStr,
        words: Option<&[Word]>,
        body: &[Command],
        state: &mut State,
        script: &Rc<Script>,
    ) {
        let fields = match words {
            Some(words) => self.fields(words, state, script).into_iter().map(|field| field.text).collect(),
            None if name.is_empty() => vec![Text::unknown()],
            None => state.arguments.to_vec(),
        };
        // A text of which parts are not known, or with a wildcard, may be any number of words.
        let counted =
            fields.iter().all(|text| text.known().is_some_and(|text| !text.contains(['*', '?', '['])));
        if !counted || fields.len() > MAX_ROUNDS {
            self.unknown_rounds(&[body], state, script, |_, state| {
                if !name.is_empty() {
                    state.set(name.clone(), Text::unknown());
                }
                state.status = Status::Unknown;
            });
            return;
        }
        state.status = Status::Zero;
        for text in fields {
            if !self.spend(1) {
                break;
            }
            state.set(name.clone(), text);
            self.list(body, state, script);
            match state.flow {
                Flow::Continued => state.flow = Flow::On,
                Flow::Broken => {
                    state.flow = Flow::On;
                    break;
                }
                Flow::On => {}
                _ => break,
            }
        }
    }

    /// A loop whose rounds are not known: what it sets may have any value, and its body runs perhaps.
    fn unknown_rounds(
        &mut self,
        lists: &[&[Command]],
        state: &mut State,
        script: &Rc<Script>,
        first: impl FnOnce(&mut Self, &mut State),
    ) {
        let mut names = BTreeMap::new();
        for list in lists {
            assigned(list, &mut names);
        }
        self.spend(names.len());
        for (name, exports) in names {
            let exported = match state.variables.get(&name) {
                _ if exports || state.exports_all => Exported::Perhaps,
                Some(known) => known.exported,
                None if state.unseen => Exported::Perhaps,
                None => Exported::No,
            };
            state.put(name, Variable { value: Some(Text::unknown()), exported });
        }
        first(self, state);
        let mut inner = self.fork(state);
        self.repeated += 1;
        self.branch(&mut inner, |run, inner| {
            if let Some(body) = lists.last() {
                run.list(body, inner, script);
            }
        });
        self.repeated -= 1;
        if !matches!(inner.flow, Flow::Failed | Flow::Ended | Flow::Returned) {
            inner.flow = Flow::On;
        }
        if inner.output != state.output {
            inner.output = state.output.and(&Text::unknown());
        }
        *state = state.clone().either(inner);
        state.status = Status::Unknown;
    }
}

/// The variables that commands may set, and whether they may export them.
fn assigned(list: &[Command], names: &mut BTreeMap<SmolStr, bool>) {
    for command in list {
        match command {
            Command::Simple(simple) => {
                if simple.words.is_empty() {
                    for assignment in &simple.assignments {
                        names.entry(assignment.name.clone()).or_default();
                    }
                }
                let first = simple.words.first().and_then(Word::literal).unwrap_or_default();
                if matches!(
                    &*first,
                    "export" | "read" | "local" | "declare" | "typeset" | "readonly" | "unset" | "getopts"
                ) {
                    for word in &simple.words[1..] {
                        if let Some(Part::Text { text, .. }) = word.parts.first() {
                            let name = text.split('=').next().unwrap_or_default();
                            if super::super::word::name_length(name) == name.len() && !name.is_empty() {
                                *names.entry(name.into()).or_default() |= first != "read";
                            }
                        }
                    }
                }
            }
            Command::Pipeline { parts, .. } => assigned(parts, names),
            Command::AndOr { first, rest } => {
                assigned(std::slice::from_ref(first), names);
                for (_, command) in rest {
                    assigned(std::slice::from_ref(command), names);
                }
            }
            Command::Background(_) => {}
            Command::Compound { kind, .. } => match kind {
                Compound::Group(list) => assigned(list, names),
                Compound::If { arms, otherwise } => {
                    for (condition, body) in arms {
                        assigned(condition, names);
                        assigned(body, names);
                    }
                    assigned(otherwise, names);
                }
                Compound::Case { items, .. } => items.iter().for_each(|item| assigned(&item.body, names)),
                Compound::For { name, body, .. } => {
                    names.entry(name.clone()).or_default();
                    assigned(body, names);
                }
                Compound::While { condition, body } => {
                    assigned(condition, names);
                    assigned(body, names);
                }
                // A function sets what it sets where it is called.
                Compound::Function { body, .. } => assigned(body, names),
                Compound::Subshell(_) | Compound::Test(_) | Compound::Opaque => {}
            },
        }
    }
}
