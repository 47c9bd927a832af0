//! What names stand for: the variables of a stage, and the global arguments before the first `FROM`.

use foldhash::{HashMap, HashSet};
use smallvec::SmallVec;
use smol_str::SmolStr;

pub use super::env::{Assignment, Env, EnvId, EnvLog, EnvReader, Origin, OriginKind};
use crate::dockerfile::expand::Variables;
use crate::ids::TargetIx;
use crate::symbols::{Symbol, Symbols};

/// The value of a global argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobalValue {
    /// The same for every target platform.
    Uniform(Symbol),
    /// One for each target platform, in their order.
    PerTarget(SmallVec<[Symbol; 4]>),
}

impl GlobalValue {
    /// The value for one target platform.
    pub fn of(&self, target: TargetIx) -> Symbol {
        match self {
            Self::Uniform(value) => *value,
            Self::PerTarget(values) => values[target.index()],
        }
    }
}

/// The arguments that hold before the first `FROM`: BuildKit's automatic ones, and each `ARG` there.
#[derive(Debug, Clone, Default)]
pub struct Globals {
    /// Of names whose symbols have low numbers: those of BuildKit's own arguments do, in every table.
    usual: Vec<Option<GlobalValue>>,
    others: HashMap<Symbol, GlobalValue>,
    declared: HashSet<Symbol>,
}

/// How many names are looked up by their number.
const USUAL: usize = 32;

impl Globals {
    /// The value of `name`, if it has one.
    pub fn get(&self, name: Symbol) -> Option<&GlobalValue> {
        match name.index() as usize {
            at if at < USUAL => self.usual.get(at)?.as_ref(),
            _ => self.others.get(&name),
        }
    }

    /// Gives `name` a value.
    pub fn set(&mut self, name: Symbol, value: GlobalValue) {
        let at = name.index() as usize;
        if at >= USUAL {
            self.others.insert(name, value);
            return;
        }
        if self.usual.is_empty() {
            self.usual.resize(USUAL, None);
        }
        self.usual[at] = Some(value);
    }

    /// Notes that `name` was declared without a value.
    pub fn declare(&mut self, name: Symbol) {
        self.declared.insert(name);
    }

    /// Whether `name` was declared without a value.
    pub fn is_declared(&self, name: Symbol) -> bool {
        self.declared.contains(&name)
    }

    /// Takes the value of `name` away.
    pub fn remove(&mut self, name: Symbol) {
        match self.usual.get_mut(name.index() as usize) {
            Some(value) => *value = None,
            None => drop(self.others.remove(&name)),
        }
    }
}

/// What a word looked up while it was expanded.
#[derive(Debug, Default)]
pub struct LookedUp {
    /// Names without a value.
    pub missing: SmallVec<[SmolStr; 2]>,
    /// Global arguments with one.
    pub found: SmallVec<[Symbol; 4]>,
    /// Steps that pattern matches may still take.
    pub steps_left: usize,
}

/// The variables of a stage, for expanding one word.
#[derive(Debug)]
pub struct StageScope<'s> {
    /// The stage's variables.
    pub env: &'s Env,
    /// The table of strings.
    pub symbols: &'s Symbols,
    /// What was looked up.
    pub looked_up: LookedUp,
}

impl Variables for StageScope<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.env.get(self.symbols.find(name)?).map(|value| self.symbols.text(value))
    }

    fn looked_up(&mut self, name: &str, found: bool) {
        if !found {
            self.looked_up.note_missing(name);
        }
    }

    fn may_spend(&mut self, steps: usize) -> bool {
        self.looked_up.spend(steps)
    }
}

/// The global arguments as one target platform sees them, for expanding one word.
#[derive(Debug)]
pub struct GlobalScope<'s> {
    /// The global arguments.
    pub globals: &'s Globals,
    /// The table of strings.
    pub symbols: &'s Symbols,
    /// Which target platform.
    pub target: TargetIx,
    /// What was looked up.
    pub looked_up: LookedUp,
}

impl GlobalScope<'_> {
    /// Whether another target platform may have seen another value.
    pub fn varies(&self) -> bool {
        self.looked_up
            .found
            .iter()
            .any(|&name| matches!(self.globals.get(name), Some(GlobalValue::PerTarget(_))))
    }
}

impl Variables for GlobalScope<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let value = self.globals.get(self.symbols.find(name)?)?;
        Some(self.symbols.text(value.of(self.target)))
    }

    fn looked_up(&mut self, name: &str, found: bool) {
        match self.symbols.find(name).filter(|_| found) {
            Some(symbol) => self.looked_up.note_found(symbol),
            None => self.looked_up.note_missing(name),
        }
    }

    fn may_spend(&mut self, steps: usize) -> bool {
        self.looked_up.spend(steps)
    }
}

impl LookedUp {
    fn note_found(&mut self, symbol: Symbol) {
        if !self.found.contains(&symbol) {
            self.found.push(symbol);
        }
    }

    fn note_missing(&mut self, name: &str) {
        if self.missing.len() < 64 && !self.missing.iter().any(|other| other == name) {
            self.missing.push(name.into());
        }
    }

    fn spend(&mut self, steps: usize) -> bool {
        let enough = steps <= self.steps_left;
        self.steps_left = self.steps_left.saturating_sub(steps);
        enough
    }
}
