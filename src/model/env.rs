//! Environments: variables in the order of their last assignment, with an identity that assigning keeps up to date.
//!
//! Knows nothing of instructions or platforms.

use std::hash::{Hash, Hasher};

use foldhash::HashMap;

use crate::budget::{Part, spend};
use crate::source::Line;
use crate::symbols::Symbol;

/// Which kind of instruction gave a variable its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OriginKind {
    /// `ARG`, with a default or a `--build-arg`.
    Arg,
    /// `ARG` without a default, for a global or automatic argument.
    GlobalArg,
    /// `ENV`.
    Env,
    /// The configuration of the base image, or BuildKit's default `PATH`.
    BaseImage,
}

/// Where a variable got its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// How.
    pub kind: OriginKind,
    /// The first line of the instruction, if one did it.
    pub line: Option<Line>,
}

/// Every assignment ever made, each linked to the one before it: an environment is the number of its last one.
#[derive(Debug, Default)]
pub struct EnvLog {
    assignments: Vec<Assignment>,
    copied: usize,
}

/// A variable was given a value.
#[derive(Debug, Clone, Copy)]
pub struct Assignment {
    before: u32,
    /// The variable.
    pub key: Symbol,
    /// Its value.
    pub value: Symbol,
    /// Where that came from.
    pub origin: Origin,
}

impl EnvLog {
    /// Notes that an environment of `variables` variables was copied, since two stages go on from it.
    pub fn note_copy(&mut self, variables: usize) {
        self.copied += variables;
    }

    /// How many variables were copied so far.
    pub fn copied(&self) -> usize {
        self.copied
    }

    /// The value of a variable in an environment.
    pub fn value(&self, id: EnvId, key: Symbol) -> Option<Symbol> {
        let link = |at: u32| (at as usize).checked_sub(1).and_then(|at| self.assignments.get(at));
        let mut all = std::iter::successors(link(id.last), |assignment| link(assignment.before));
        all.find(|assignment| spend(Part::Graph, 1) && assignment.key == key).map(|found| found.value)
    }

    /// The variables of an environment in the order in which BuildKit passes them: by their last assignment. None where the budget
    /// covers no more.
    pub fn variables(&self, id: EnvId) -> Vec<Assignment> {
        if !spend(Part::Graph, VARIABLE) {
            return Vec::new();
        }
        let mut seen = foldhash::HashSet::default();
        let mut found = Vec::new();
        let mut at = id.last;
        while let Some(assignment) = (at as usize).checked_sub(1).and_then(|at| self.assignments.get(at)) {
            if seen.insert(assignment.key) {
                found.push(*assignment);
            }
            at = assignment.before;
        }
        spend(Part::Graph, VARIABLE * found.len() as u64);
        found.reverse();
        found
    }
}

/// The work of a variable of an environment that is listed.
const VARIABLE: u64 = 50;

/// Reads a few variables from many environments, without walking through what it has walked through before.
#[derive(Debug)]
pub struct EnvReader<'l> {
    log: &'l EnvLog,
    keys: Vec<Option<Symbol>>,
    known: HashMap<u32, Vec<Option<Symbol>>>,
}

impl<'l> EnvReader<'l> {
    /// A reader of `keys`; a key that is no symbol has no value anywhere.
    pub fn new(log: &'l EnvLog, keys: Vec<Option<Symbol>>) -> Self {
        Self { log, keys, known: HashMap::default() }
    }

    /// The values of the keys in an environment.
    ///
    /// # Complexity
    /// The assignments since an environment that was read before.
    pub fn read(&mut self, id: EnvId) -> &[Option<Symbol>] {
        if !self.known.contains_key(&id.last) {
            let mut found = vec![None; self.keys.len()];
            let mut at = id.last;
            while let Some(assignment) =
                (at as usize).checked_sub(1).and_then(|at| self.log.assignments.get(at))
            {
                if let Some(known) = self.known.get(&at) {
                    found.iter_mut().zip(known).for_each(|(found, known)| *found = found.or(*known));
                    break;
                }
                if let Some(slot) = self.keys.iter().position(|key| *key == Some(assignment.key)) {
                    found[slot] = found[slot].or(Some(assignment.value));
                }
                at = assignment.before;
            }
            self.known.insert(id.last, found);
        }
        &self.known[&id.last]
    }
}

/// An environment's identity: equal exactly where variables, values and their order are.
#[derive(Debug, Clone, Copy)]
pub struct EnvId {
    hash: u128,
    last: u32,
}

impl PartialEq for EnvId {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for EnvId {}

impl Hash for EnvId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

/// The variables of a stage while it is read.
///
/// Assigning costs the same however many there are: the identity is a sum over neighbours in the order of assignment,
/// so moving one variable to the end touches a few terms only.
#[derive(Debug)]
pub struct Env {
    slots: Vec<Slot>,
    first: u32,
    last: u32,
    index: Option<HashMap<Symbol, u32>>,
    id: EnvId,
    /// How many assignments of the log lead here.
    depth: usize,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: Symbol,
    value: Symbol,
    origin: Origin,
    before: u32,
    after: u32,
}

/// No slot: the end of the list.
const NONE: u32 = u32::MAX;

/// From this many variables on, an index is kept.
const INDEX_FROM: usize = 24;

impl Clone for Env {
    /// A copy with room for more: who copies an environment is about to add to it.
    fn clone(&self) -> Self {
        let mut slots = Vec::with_capacity(self.slots.len() + 4);
        slots.extend_from_slice(&self.slots);
        Self { slots, index: self.index.clone(), ..*self }
    }
}

impl Default for Env {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            first: NONE,
            last: NONE,
            index: None,
            id: EnvId { hash: 0, last: 0 },
            depth: 0,
        }
    }
}

impl Env {
    /// The identity of the environment as it is now.
    pub fn id(&self) -> EnvId {
        self.id
    }

    /// How many variables there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The value of `key`.
    pub fn get(&self, key: Symbol) -> Option<Symbol> {
        self.find(key).map(|at| self.slots[at as usize].value)
    }

    fn find(&self, key: Symbol) -> Option<u32> {
        match &self.index {
            Some(index) => index.get(&key).copied(),
            None => self.slots.iter().position(|slot| slot.key == key).map(|at| at as u32),
        }
    }

    /// Gives `key` a value and makes it the last variable.
    pub fn set(&mut self, key: Symbol, value: Symbol, origin: Origin, log: &mut EnvLog) {
        let at = match self.find(key) {
            Some(at) => {
                self.unlink(at);
                at
            }
            None => self.add(key, origin),
        };
        self.put(at, value, origin);
        self.link_last(at);
        self.log(key, value, origin, log);
    }

    fn log(&mut self, key: Symbol, value: Symbol, origin: Origin, log: &mut EnvLog) {
        log.assignments.push(Assignment { before: self.id.last, key, value, origin });
        self.id.last = log.assignments.len() as u32;
        self.depth += 1;
    }

    /// Leaves out of the way to this environment what was assigned anew since, where that is most of it. So many stages
    /// that go on from one do not each walk through what it went through.
    pub fn shorten_way(&mut self, log: &mut EnvLog) {
        const FEW: usize = 64;
        if self.depth <= FEW + 2 * self.len() {
            return;
        }
        self.id.last = 0;
        self.depth = 0;
        let all: Vec<_> = self.iter().collect();
        for (key, value, origin) in all {
            self.log(key, value, origin, log);
        }
    }

    /// Gives `key` a value where it stands, or makes it the last variable where it is new.
    pub fn replace(&mut self, key: Symbol, value: Symbol, origin: Origin) {
        let Some(at) = self.find(key) else {
            let at = self.add(key, origin);
            self.put(at, value, origin);
            self.link_last(at);
            return;
        };
        let Slot { before, after, .. } = self.slots[at as usize];
        self.id.hash = self.id.hash.wrapping_sub(self.pair(before, at)).wrapping_sub(self.pair(at, after));
        self.put(at, value, origin);
        self.id.hash = self.id.hash.wrapping_add(self.pair(before, at)).wrapping_add(self.pair(at, after));
    }

    /// The variables in order: key, value, where the value came from.
    pub fn iter(&self) -> impl Iterator<Item = (Symbol, Symbol, Origin)> {
        let mut at = self.first;
        std::iter::from_fn(move || {
            let slot = self.slots.get(at as usize)?;
            at = slot.after;
            Some((slot.key, slot.value, slot.origin))
        })
    }

    fn put(&mut self, at: u32, value: Symbol, origin: Origin) {
        let slot = &mut self.slots[at as usize];
        slot.value = value;
        slot.origin = origin;
    }

    fn add(&mut self, key: Symbol, origin: Origin) -> u32 {
        let at = self.slots.len() as u32;
        if at == 0 {
            self.slots.reserve(8);
        }
        self.slots.push(Slot { key, value: Symbol::EMPTY, origin, before: NONE, after: NONE });
        match &mut self.index {
            Some(index) => drop(index.insert(key, at)),
            None if self.slots.len() >= INDEX_FROM => {
                self.index =
                    Some(self.slots.iter().enumerate().map(|(at, slot)| (slot.key, at as u32)).collect());
            }
            None => {}
        }
        at
    }

    fn unlink(&mut self, at: u32) {
        let Slot { before, after, .. } = self.slots[at as usize];
        self.id.hash = self.id.hash.wrapping_sub(self.pair(before, at)).wrapping_sub(self.pair(at, after));
        match before {
            NONE => self.first = after,
            before => self.slots[before as usize].after = after,
        }
        match after {
            NONE => self.last = before,
            after => self.slots[after as usize].before = before,
        }
        self.id.hash = self.id.hash.wrapping_add(self.pair(before, after));
    }

    fn link_last(&mut self, at: u32) {
        let before = self.last;
        self.id.hash = self.id.hash.wrapping_sub(self.pair(before, NONE));
        self.slots[at as usize].before = before;
        self.slots[at as usize].after = NONE;
        match before {
            NONE => self.first = at,
            before => self.slots[before as usize].after = at,
        }
        self.last = at;
        self.id.hash = self.id.hash.wrapping_add(self.pair(before, at)).wrapping_add(self.pair(at, NONE));
    }

    /// What two neighbours contribute to the identity; nothing where both are ends of the list.
    fn pair(&self, before: u32, after: u32) -> u128 {
        let part = |at: u32| match self.slots.get(at as usize) {
            Some(slot) => u64::from(slot.key.index()) << 32 | u64::from(slot.value.index()),
            None => u64::MAX,
        };
        if before == NONE && after == NONE {
            return 0;
        }
        let (a, b) = (part(before), part(after));
        let high = mix(a ^ 0x9e37_79b9_7f4a_7c15, b ^ 0xc2b2_ae3d_27d4_eb4f);
        let low = mix(b ^ 0x1656_67b1_9e37_79f9, a ^ 0x27d4_eb2f_1656_67c5);
        u128::from(high) << 64 | u128::from(low)
    }
}

/// Folds a 128-bit product: every bit of the result depends on every bit of both.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let folded = (product as u64) ^ (product >> 64) as u64;
    let product = u128::from(folded ^ a.rotate_left(32)) * u128::from(0xff51_afd7_ed55_8ccd_u64 ^ b);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::Symbols;

    const ORIGIN: Origin = Origin { kind: OriginKind::Env, line: None };

    fn env(assignments: &[(&str, &str)], symbols: &mut Symbols, log: &mut EnvLog) -> Env {
        let mut env = Env::default();
        for (key, value) in assignments {
            let (key, value) = (symbols.intern(key), symbols.intern(value));
            env.set(key, value, ORIGIN, log);
        }
        env
    }

    #[test]
    fn identity_is_content_in_the_order_of_last_assignment() {
        let (mut symbols, mut log) = (Symbols::new(), EnvLog::default());
        let mut of = |assignments: &[(&str, &str)]| env(assignments, &mut symbols, &mut log).id();
        let plain = of(&[("B", "2"), ("A", "1")]);
        assert_eq!(plain, of(&[("A", "0"), ("B", "2"), ("A", "1")]));
        assert_eq!(plain, of(&[("A", "1"), ("B", "2"), ("A", "1")]));
        assert_ne!(plain, of(&[("A", "1"), ("B", "2")]));
        assert_ne!(plain, of(&[("B", "2"), ("A", "2")]));
        assert_ne!(plain, of(&[("B", "2")]));
        assert_eq!(of(&[]), of(&[]));
        let many: Vec<(String, String)> = (0..100).map(|n| (format!("K{n}"), format!("{n}"))).collect();
        let mut pairs: Vec<(&str, &str)> = many.iter().map(|(k, v)| (&**k, &**v)).collect();
        let straight = of(&pairs);
        pairs.insert(0, ("K50", "x"));
        pairs.insert(30, ("K7", "y"));
        pairs.remove(9);
        pairs.push(("K7", "7"));
        assert_ne!(straight, of(&pairs));
    }

    #[test]
    fn the_log_gives_variables_back() {
        let (mut symbols, mut log) = (Symbols::new(), EnvLog::default());
        let env = env(&[("A", "0"), ("B", "2"), ("A", "1")], &mut symbols, &mut log);
        let found: Vec<String> = log
            .variables(env.id())
            .iter()
            .map(|a| format!("{}={}", &symbols[a.key], &symbols[a.value]))
            .collect();
        assert_eq!(found, ["B=2", "A=1"]);
    }
}
