//! Makefiles: what their targets build.
//!
//! A reader of GNU Make's language that runs nothing: variables of all flavours, conditionals, includes, functions,
//! rules with patterns. What a shell, a clock or a file that is made would say is unknown; of a conditional that is not
//! decided both ways are read, and what they set is unknown.

mod expand;
mod functions;
mod lines;
mod read;
mod rules;
mod run;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

pub(super) use run::run;

use lines::Line;

/// Makes call each other, and prerequisites and variables refer to each other, to this depth.
const MAX_DEPTH: u32 = 24;

/// References within references are followed to this depth.
const MAX_NESTING: u32 = 40;

/// A text that a reference stands for has at most this many bytes; a longer one is unknown.
const MAX_TEXT: usize = 256 << 10;

/// Files that one makefile includes, those that they include counted.
const MAX_INCLUDES: usize = 200;

/// Files that were split into lines.
#[derive(Default)]
pub(super) struct Cache(HashMap<String, Option<Rc<Vec<Line>>>>);

/// A variable.
#[derive(Debug, Clone, PartialEq)]
struct Variable {
    value: String,
    /// Expanded when used (`=`), not when set (`:=`).
    recursive: bool,
    origin: Origin,
    exported: bool,
}

/// Where a variable comes from, weaker ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Environment,
    File,
    CommandLine,
    Override,
}

/// A rule: how targets are made.
#[derive(Debug, Clone, Default)]
struct Rule {
    targets: Vec<String>,
    prerequisites: Vec<String>,
    recipe: Vec<RecipeLine>,
    /// `targets: pattern: prerequisites`
    pattern: Option<String>,
}

/// A line of a recipe and where it stands.
#[derive(Debug, Clone)]
struct RecipeLine {
    text: String,
    file: Rc<str>,
    line: u32,
}

/// A variable that is set for a target alone.
#[derive(Debug, Clone)]
struct TargetVariable {
    target: String,
    name: String,
    operator: String,
    value: String,
}

/// What reading a makefile leaves.
#[derive(Default)]
struct Makefile {
    variables: BTreeMap<String, Variable>,
    rules: Vec<Rule>,
    target_variables: Vec<TargetVariable>,
    goal: Option<String>,
    export_all: bool,
    one_shell: bool,
}
