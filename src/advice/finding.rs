//! What a rule finds, as plain data: where, what, why, and the change that helps.

use super::edit::Edit;
use super::price::Saving;
use super::rule::Rule;
use crate::diagnostic::{Label, Severity};
use crate::ids::StageIx;
use crate::source::{Line, Span};

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The stage it is in, if it is in one.
    pub stage: Option<StageIx>,
    /// The first line of the instruction it is about.
    pub line: Line,
    /// What to point at.
    pub span: Span,
    /// Further places.
    pub labels: Vec<Label>,
    /// What is wrong, in one sentence without a full stop. May quote the file: show it escaped only.
    pub message: String,
    /// Why, and what to write instead, in sentences. May quote the file.
    pub help: String,
    /// The lines to write, where that takes a person: what replaces the step, from its stage's `FROM` on. May quote the
    /// file.
    pub recipe: Vec<String>,
    /// Edits that make a file which costs what the lines to write would cost: simulated, never written.
    pub trial: Vec<Edit>,
    /// The change, where there is one.
    pub fix: Option<Fix>,
    /// What the change saves, where that was simulated.
    pub saving: Option<Saving>,
}

/// When a fix is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Always: every image stays what it was, made of the same operations but for what the rule may change.
    Always,
    /// Only if its rule is asked for by name: the change repairs an image, so it makes another one, or it takes longer.
    OnRequest,
}

/// A change of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as an imperative.
    pub description: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// When it is applied.
    pub when: When,
    /// What it may change of what the images are made of.
    pub licence: Vec<Allowed>,
}

/// A difference that a fix may make to what an image is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Allowed {
    /// Commands whose text does not name this variable may lose it.
    Loses(String),
    /// Commands may gain this variable.
    Gains(String),
    /// This variable may have another value.
    Value(String),
    /// This image, by its canonical reference, and commands on it may have another platform.
    Platform(String),
    /// Commands may gain these words.
    Inserts(String),
    /// Cache mounts may have another name.
    CacheName,
    /// A copy may become a layer of its own.
    Link,
    /// The file repairs something: texts of copies, mounts and inputs may be others.
    Repair,
}
