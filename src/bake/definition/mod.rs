//! Definitions in HCL and JSON: variables, functions and blocks, evaluated when something asks for them.

mod blocks;
mod decode;
mod reference;
mod schema;
mod variables;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::marker::PhantomData;
use std::sync::Arc;

use smol_str::SmolStr;

pub(super) use self::blocks::is_valid_name;

use self::blocks::State;
use self::schema::{FunctionDef, Inputs, Variable};
use super::error::{Error, Fault};
use super::eval::{self, Frame, Function, Scope, World};
use super::syntax::{Attribute, Block, Body, Expr};
use super::target::{Group, Target};
use super::value::Value;
use crate::source::{Source, Span};

/// What surrounds a definition.
pub(super) struct Surroundings<'a> {
    /// Values of variables, by name.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<String>,
    /// Variables that are always there.
    pub(super) builtin: &'a BTreeMap<&'static str, String>,
    pub(super) now: i64,
    pub(super) home: Option<String>,
}

/// What a definition defines.
#[derive(Debug, Default)]
pub(super) struct Defined {
    pub(super) groups: Vec<Group>,
    pub(super) targets: Vec<Target>,
    /// Functions that were called and whose results change from run to run.
    pub(super) volatile: Vec<&'static str>,
}

/// Evaluates the files of a definition, over what compose files defined before.
pub(super) fn evaluate(
    bodies: &[Body],
    before: Defined,
    around: &Surroundings<'_>,
) -> Result<Defined, Error> {
    let inputs = Inputs::of(bodies, around.builtin)?;
    let mut engine = Engine::new(&inputs, around, before);
    engine.run()?;
    let volatile = engine.world.volatile.borrow().iter().copied().collect();
    Ok(Defined { volatile, ..engine.result })
}

/// Which context an expression is evaluated in: none of a block, or one expansion of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Top,
    Expansion(usize, usize),
}

/// Why something could not be worked out.
#[derive(Debug)]
enum Problem {
    /// A name that nothing defines. What refers to it may still do without.
    Undefined(String),
    /// What is wrong, to be said of whatever asked for it.
    Plain(String),
    At(Box<Fault>),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::At(Box::new(fault))
    }
}

struct Engine<'a> {
    around: &'a Surroundings<'a>,
    world: World<'a>,
    variables: BTreeMap<SmolStr, Variable<'a>>,
    attributes: BTreeMap<SmolStr, &'a Attribute>,
    definitions: BTreeMap<SmolStr, FunctionDef<'a>>,
    /// Blocks that define targets and groups, in order.
    blocks: Vec<&'a Block>,
    /// Blocks by kind and name, once all names are known.
    by_name: HashMap<(SmolStr, SmolStr), Vec<usize>>,
    states: Vec<State>,
    globals: HashMap<SmolStr, Value>,
    functions: HashMap<SmolStr, Arc<Function<'a>>>,
    asked_values: HashSet<(Place, SmolStr)>,
    asked_functions: HashSet<(Place, SmolStr)>,
    /// Blocks may be referred to: not while variables are worked out.
    blocks_known: bool,
    /// Targets that matrices made.
    expansions: usize,
    /// How deep one thing asks for another.
    depth: usize,
    result: Defined,
}

impl<'a> Engine<'a> {
    fn new(inputs: &Inputs<'a>, around: &'a Surroundings<'a>, before: Defined) -> Self {
        let world = World {
            budget: super::limits::Budget::default(),
            now: around.now,
            home: around.home.clone(),
            volatile: std::cell::RefCell::default(),
            calls: Cell::new(0),
            marker: PhantomData,
        };
        Self {
            around,
            world,
            variables: inputs.variables.clone(),
            attributes: inputs.attributes.clone(),
            definitions: inputs.functions.clone(),
            blocks: inputs.blocks.clone(),
            by_name: HashMap::new(),
            states: inputs.blocks.iter().map(|_| State::default()).collect(),
            globals: HashMap::new(),
            functions: HashMap::new(),
            asked_values: HashSet::new(),
            asked_functions: HashSet::new(),
            blocks_known: false,
            expansions: 0,
            depth: 0,
            result: before,
        }
    }

    fn run(&mut self) -> Result<(), Error> {
        for (name, value) in self.around.builtin {
            self.globals.insert((*name).into(), Value::string(value));
        }
        let names: Vec<_> = self.variables.keys().cloned().collect();
        for name in &names {
            self.resolve_value(Place::Top, name).map_err(|problem| self.of_variable(name, problem))?;
        }
        self.validate(&names)?;
        let names: Vec<_> = self.definitions.keys().cloned().collect();
        for name in &names {
            self.resolve_function(Place::Top, name).map_err(|problem| self.of_function(name, problem))?;
        }
        self.blocks_known = true;
        let renamed = self.name_blocks()?;
        self.resolve_blocks()?;
        let names: Vec<_> = self.attributes.keys().cloned().collect();
        for name in &names {
            self.resolve_value(Place::Top, name).map_err(|problem| self.of_attribute(name, problem))?;
        }
        self.add_groups(renamed);
        Ok(())
    }

    /// Evaluates an expression; what it refers to must be worked out.
    fn value(&self, place: Place, expr: &Expr, file: &Arc<Source>) -> Result<Value, Problem> {
        let names = self.names(place);
        let frame = Frame { names, outer: None };
        let scope = Scope {
            world: &self.world,
            globals: &self.globals,
            functions: &self.functions,
            frame: Some(&frame),
            item: None,
        };
        scope.value(expr).map_err(|fail| of_fail(*fail, file))
    }

    /// The names that a matrix gives in one of its expansions.
    fn names(&self, place: Place) -> &[(SmolStr, Value)] {
        match place {
            Place::Top => &[],
            Place::Expansion(block, index) => self
                .states
                .get(block)
                .and_then(|state| state.contexts.get(index))
                .map_or(&[], |names| &names[..]),
        }
    }

    fn of_variable(&self, name: &str, problem: Problem) -> Error {
        let place = self.variables.get(name).map(|variable| (&variable.file, variable.span));
        of_problem(problem, place)
    }

    fn of_function(&self, name: &str, problem: Problem) -> Error {
        of_problem(problem, self.definitions.get(name).map(|definition| (&definition.file, definition.span)))
    }

    fn of_attribute(&self, name: &str, problem: Problem) -> Error {
        of_problem(
            problem,
            self.attributes.get(name).map(|attribute| (&attribute.origin.file, attribute.span)),
        )
    }

    fn of_block(&self, block: usize, problem: Problem) -> Error {
        of_problem(problem, self.blocks.get(block).map(|block| (&block.origin.file, block.span)))
    }
}

fn of_fail(fail: eval::Fail, file: &Arc<Source>) -> Problem {
    let file = fail.file.unwrap_or_else(|| Arc::clone(file));
    Fault { message: fail.message, span: fail.span, file }.into()
}

fn of_problem(problem: Problem, place: Option<(&Arc<Source>, Span)>) -> Error {
    match problem {
        Problem::At(fault) => (*fault).into(),
        Problem::Plain(message) | Problem::Undefined(message) => match place {
            Some((file, span)) => Error::at(message, file, span),
            None => Error::new(message),
        },
    }
}

/// A problem of what an expression refers to, said of the expression.
fn of_expression(problem: Problem, expr: &Expr, file: &Arc<Source>) -> Problem {
    match problem {
        Problem::At(fault) => Problem::At(fault),
        Problem::Plain(message) | Problem::Undefined(message) => {
            Fault { message, span: expr.span, file: Arc::clone(file) }.into()
        }
    }
}
