//! What a script builds: an interpreter of shell scripts that runs nothing.
//!
//! Variables, functions, loops over known words and decided conditions are followed as a shell does; of what is not
//! decided both ways are taken, and what differs between them is unknown afterwards. Commands other than the shell's own
//! have no effect, except those that build images or run other definitions (`commands.rs`).

mod commands;
mod condition;
mod expand;
mod glob;
mod options;
mod parameter;
mod programs;
mod statements;
mod substitute;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::choices::Choices;
use super::definition::Place;
use super::site::Site;
use super::text::unknown;
use super::world::World;
use crate::shell::MAX_SCRIPT;
use crate::shell::syntax::{Command, parse};

pub(super) use glob::matches;
pub(super) use substitute::output_of;

/// Scripts and functions may call each other to this depth.
const MAX_DEPTH: u32 = 24;

/// A loop is followed this many times.
const MAX_ROUNDS: usize = 1_000;

/// Variables hold texts of at most this many bytes; longer ones are unknown.
const MAX_VALUE: usize = 64 << 10;

/// A script and where it stands.
#[derive(Debug)]
pub(super) struct Script {
    text: String,
    list: Vec<Command>,
    /// The file that holds it.
    pub(super) file: String,
    /// The line of its first row.
    line: u32,
    /// The bytes at which its rows end.
    ends: Vec<usize>,
}

impl Script {
    /// Reads a script whose first row is line `line` of a file.
    pub(super) fn new(mut text: String, file: &str, line: u32) -> Rc<Self> {
        let mut end = text.len().min(MAX_SCRIPT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        let list = parse(&text).list;
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        Rc::new(Self { text, list, file: file.to_owned(), line, ends })
    }

    /// The place of a byte.
    fn place(&self, at: usize) -> Place {
        let row = u32::try_from(self.ends.partition_point(|&end| end < at)).unwrap_or(u32::MAX);
        Place { file: self.file.clone(), line: self.line.saturating_add(row) }
    }
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Var {
    Text(String),
    List(Vec<String>),
}

impl Var {
    /// A list of which nothing is known, not even whether it is empty.
    fn unknown_list(name: &str) -> Self {
        Self::List(vec![super::text::splittable(&unknown(&format!("${{{name}[@]}}")))])
    }
}

/// A function: its body and the script that holds it.
#[derive(Debug, Clone)]
pub(super) struct Function {
    script: Rc<Script>,
    body: Rc<Vec<Command>>,
}

/// What a script has set so far.
#[derive(Debug, Clone)]
pub(super) struct State {
    vars: Rc<BTreeMap<String, Var>>,
    exported: Rc<BTreeSet<String>>,
    functions: Rc<BTreeMap<String, Function>>,
    /// Positional parameters, `$1` first; unknown ones are one unknown text in it.
    pub(super) args: Vec<String>,
    /// The folder, absolute.
    pub(super) folder: String,
    /// Whether the script has come to its end by `exit` or `return`.
    ended: Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    No,
    Continue,
    Break,
    Return,
    Exit,
}

impl State {
    /// A new shell in `folder` with an environment.
    pub(super) fn new(folder: &str, environment: &BTreeMap<String, String>) -> Self {
        let vars = environment.iter().map(|(name, value)| (name.clone(), Var::Text(value.clone()))).collect();
        Self {
            vars: Rc::new(vars),
            exported: Rc::new(environment.keys().cloned().collect()),
            functions: Rc::default(),
            args: Vec::new(),
            folder: folder.to_owned(),
            ended: Ended::No,
        }
    }

    /// What a program that it starts gets as environment.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let text = |name: &String| match self.vars.get(name)? {
            Var::Text(text) => Some((name.clone(), text.clone())),
            Var::List(_) => None,
        };
        self.exported.iter().filter_map(text).collect()
    }

    fn set(&mut self, name: &str, value: Var) {
        let long = |text: &String| text.len() > MAX_VALUE;
        let value = match value {
            Var::Text(text) if long(&text) => Var::Text(unknown(&format!("${name}"))),
            Var::List(items) if items.len() > MAX_ROUNDS || items.iter().any(long) => {
                Var::Text(unknown(&format!("${name}")))
            }
            value => value,
        };
        Rc::make_mut(&mut self.vars).insert(name.to_owned(), value);
    }

    fn remove(&mut self, name: &str) -> Option<Var> {
        if self.vars.contains_key(name) { Rc::make_mut(&mut self.vars).remove(name) } else { None }
    }

    fn export(&mut self, name: &str) {
        if !self.exported.contains(name) {
            Rc::make_mut(&mut self.exported).insert(name.to_owned());
        }
    }

    /// Joins what two ways left behind: what differs is unknown, but for the values it can have.
    fn join(mut self, other: Self, choices: &mut Choices) -> Self {
        match (self.ended, other.ended) {
            (Ended::No, Ended::No) => {}
            (Ended::No, _) => return self,
            (_, Ended::No) => return other,
            (a, b) => self.ended = a.min(b),
        }
        if !Rc::ptr_eq(&self.vars, &other.vars) {
            self.join_variables(&other.vars, choices);
        }
        if self.folder != other.folder {
            self.folder = format!("/{}", unknown("$PWD"));
        }
        if self.args != other.args {
            self.args = vec![super::text::splittable(&unknown("$@"))];
        }
        if !Rc::ptr_eq(&self.functions, &other.functions) {
            Rc::make_mut(&mut self.functions)
                .extend(other.functions.iter().map(|(name, own)| (name.clone(), own.clone())));
        }
        if !Rc::ptr_eq(&self.exported, &other.exported) {
            Rc::make_mut(&mut self.exported).extend(other.exported.iter().cloned());
        }
        self
    }

    fn join_variables(&mut self, others: &BTreeMap<String, Var>, choices: &mut Choices) {
        let names: BTreeSet<&String> = self.vars.keys().chain(others.keys()).collect();
        let mut changed = Vec::new();
        for name in names {
            let (own, other) = (self.vars.get(name), others.get(name));
            if own == other {
                continue;
            }
            let is_list = [own, other].into_iter().flatten().any(|value| matches!(value, Var::List(_)));
            let why = if is_list { format!("${{{name}[@]}}") } else { format!("${name}") };
            // A variable that only one way sets may have come from outside.
            let unset = if super::world::is_outside(name) { unknown(&why) } else { String::new() };
            let values = [own, other].map(|value| value.cloned().unwrap_or_else(|| Var::Text(unset.clone())));
            let piece = choices.between(&why, values);
            let value =
                if is_list { Var::List(vec![super::text::splittable(&piece)]) } else { Var::Text(piece) };
            changed.push((name.clone(), value));
        }
        Rc::make_mut(&mut self.vars).extend(changed);
    }
}

/// A running shell.
pub(super) struct Shell<'w, 'r> {
    pub(super) world: &'w mut World<'r>,
    pub(super) site: &'w mut Site,
    pub(super) state: State,
    script: Rc<Script>,
    /// `$0`, absolute.
    zero: String,
    /// Calls of functions in this script, the outermost first.
    calls: Vec<Place>,
    depth: u32,
    /// Whether the present command is the script's arguments.
    runs_arguments: bool,
    /// What is written to standard output, where that is asked for and known.
    captured: Option<String>,
}

impl<'w, 'r> Shell<'w, 'r> {
    /// Runs a script to its end and gives back what it left behind.
    pub(super) fn run(
        world: &'w mut World<'r>,
        site: &'w mut Site,
        script: &Rc<Script>,
        state: State,
        depth: u32,
    ) -> State {
        if depth > MAX_DEPTH {
            return state;
        }
        let zero = super::path::join(super::path::ROOT, &script.file);
        let mut shell = Shell {
            world,
            site,
            state,
            script: Rc::clone(script),
            zero,
            calls: Vec::new(),
            depth,
            runs_arguments: false,
            captured: None,
        };
        shell.statements(&script.list);
        shell.state
    }
}
