//! What a shell knows while it runs a script.

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::super::syntax::{Command, Script};
use super::text::Text;

/// Whether a variable is in the environment of what is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Exported {
    No,
    Yes,
    Perhaps,
}

/// A variable; unset where it has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) value: Option<Text>,
    pub(super) exported: Exported,
}

impl Variable {
    /// The value that is surely in the environment of what is run.
    pub(super) fn told(&self) -> Option<&Text> {
        self.value.as_ref().filter(|_| self.exported == Exported::Yes)
    }
}

pub(super) type Variables = BTreeMap<SmolStr, Variable>;

/// How a command ended, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Status {
    Zero,
    Failed,
    /// A program's, which a build counts on.
    Assumed,
    Unknown,
}

/// Whether the commands that follow run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    On,
    /// The script has ended in failure, and the build with it.
    Failed,
    /// The script has ended.
    Ended,
    Returned,
    Broken,
    Continued,
}

/// A function with the script it is of.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) script: Rc<Script>,
    pub(super) body: Rc<Vec<Command>>,
}

/// The state of a shell.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) variables: Rc<Variables>,
    pub(super) functions: Rc<BTreeMap<SmolStr, Function>>,
    /// What is known of files that scripts wrote.
    pub(super) files: Rc<BTreeMap<SmolStr, Text>>,
    pub(super) arguments: Rc<[Text]>,
    pub(super) exports_all: bool,
    /// Something that is not seen may have set any variable.
    pub(super) unseen: bool,
    pub(super) dir: Text,
    pub(super) status: Status,
    pub(super) flow: Flow,
    /// Some other way through the script may have left it, so that what follows runs perhaps.
    pub(super) doubt: bool,
    /// What was printed so far, where somebody reads it.
    pub(super) output: Text,
    /// What can be read.
    pub(super) input: Option<Text>,
}

impl State {
    pub(super) fn size(&self) -> usize {
        self.variables.len() / 8 + 1
    }

    pub(super) fn set(&mut self, name: SmolStr, value: Text) {
        let exported = match self.variables.get(&name) {
            _ if self.exports_all => Exported::Yes,
            Some(known) => known.exported,
            None if self.unseen => Exported::Perhaps,
            None => Exported::No,
        };
        self.put(name, Variable { value: Some(value), exported });
    }

    pub(super) fn put(&mut self, name: SmolStr, variable: Variable) {
        Rc::make_mut(&mut self.variables).insert(name, variable);
    }

    pub(super) fn export(&mut self, name: &str, exported: Exported) {
        let value = self.variables.get(name).and_then(|known| known.value.clone());
        let value = if value.is_none() && self.unseen { Some(Text::unknown()) } else { value };
        self.put(name.into(), Variable { value, exported });
    }

    /// Something that is not seen may have changed every variable.
    pub(super) fn blur(&mut self) {
        self.unseen = true;
        for variable in Rc::make_mut(&mut self.variables).values_mut() {
            *variable = Variable { value: Some(Text::unknown()), exported: Exported::Perhaps };
        }
    }

    /// What is known when a script went on in one of two ways.
    pub(super) fn either(self, other: Self) -> Self {
        if self.flow == Flow::Failed {
            return other;
        }
        if other.flow == Flow::Failed {
            return self;
        }
        if self.flow != Flow::On && other.flow == Flow::On {
            return other.either(self);
        }
        let mut both = self;
        if both.flow != other.flow {
            both.doubt = true;
        }
        both.doubt |= other.doubt;
        both.unseen |= other.unseen;
        if !Rc::ptr_eq(&both.variables, &other.variables) {
            both.variables = Rc::new(merged(&both, &other));
        }
        if !Rc::ptr_eq(&both.files, &other.files) {
            let names = both.files.keys().chain(other.files.keys());
            let one = |name: &SmolStr| {
                let text = match (both.files.get(name), other.files.get(name)) {
                    (Some(a), Some(b)) => a.either(b),
                    _ => Text::unknown(),
                };
                (name.clone(), text)
            };
            both.files = Rc::new(names.map(one).collect());
        }
        if both.status != other.status {
            both.status = Status::Unknown;
        }
        both.exports_all |= other.exports_all;
        both.dir = both.dir.either(&other.dir);
        both.output = both.output.either(&other.output);
        if both.arguments != other.arguments {
            both.arguments = Rc::new([Text::unknown()]);
        }
        both
    }
}

fn merged(a: &State, b: &State) -> Variables {
    let names = a.variables.keys().chain(b.variables.keys());
    let unset = Variable { value: None, exported: Exported::No };
    let one = |name: &SmolStr| {
        let (x, y) = (a.variables.get(name).unwrap_or(&unset), b.variables.get(name).unwrap_or(&unset));
        let exported = if x.exported == y.exported { x.exported } else { Exported::Perhaps };
        let value = match (&x.value, &y.value) {
            (Some(x), Some(y)) => Some(x.either(y)),
            (None, None) => None,
            _ => Some(Text::unknown()),
        };
        (name.clone(), Variable { value, exported })
    };
    names.map(one).collect()
}
