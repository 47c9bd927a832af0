//! What is met on the way to a graph that BuildKit accepts, though it may not be meant.
//!
//! Facts only: whether one is worth a word, and which, is for the rules.

use smol_str::SmolStr;

use crate::source::{Line, Span};

/// A fact about a place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What it is.
    pub kind: ObservationKind,
    /// The first line of the instruction.
    pub line: Line,
    /// The word; `None` in a trigger of a base image, whose text is no part of the file.
    pub span: Option<Span>,
}

/// What was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObservationKind {
    /// A `FROM` uses a name that no global argument has.
    UndefinedInFrom {
        /// The name.
        name: SmolStr,
    },
    /// An instruction of a stage uses a name that nothing known gives a value.
    Undefined {
        /// The name.
        name: SmolStr,
        /// Why it may have none.
        absence: Absence,
    },
    /// The first `WORKDIR` of a stage continues that of its base image.
    RelativeWorkdir {
        /// The directory as it is expanded.
        dir: String,
    },
}

/// Why a name has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// A global argument is called so, and the stage does not declare it.
    OnlyGlobal,
    /// Something else has nearly this name.
    Near(SmolStr),
    /// The base image may give it a value, and its configuration is not known.
    PerhapsInBase,
    /// Nothing is called so.
    Nowhere,
}
