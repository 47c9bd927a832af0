//! The change that mends what was found, and what it saves.

use crate::source::{Line, Span};
use crate::units::Nanos;

/// The text in `span` becomes `text`. An empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Edit {
    /// Puts `text` in place of a span.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Puts `text` before the byte at `at`.
    pub fn insert(at: u32, text: impl Into<String>) -> Self {
        Self { span: Span::new(at, at), text: text.into() }
    }

    /// Takes a span out.
    pub fn delete(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// Who decides whether a fix is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applicability {
    /// Always applied: every image stays what it was, made of the same operations but for what the rule may change.
    Always,
    /// Applied only if its rule is asked for by name: the change repairs an image, so it makes another one, or it takes
    /// longer.
    OnRequest,
}

/// A change of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as an imperative. May quote the file.
    pub description: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// When it is applied.
    pub applicability: Applicability,
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
    /// This variable, and those that `ENV` and `ARG` make of it, may have another value.
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

/// What a change saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saving {
    /// Before.
    pub before: Price,
    /// After.
    pub after: Price,
}

impl Saving {
    /// The time saved; `None` where nothing was simulated.
    pub fn time(&self) -> Option<Nanos> {
        Some(self.before.makespan?.saturating_sub(self.after.makespan?))
    }

    /// The line of a step that decides the time although nothing is known of what it runs.
    pub fn not_understood(&self) -> Option<Line> {
        self.before.not_understood.or(self.after.not_understood)
    }
}

/// What a build costs. Ordered by time, then by counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Price {
    /// The simulated time from an empty cache, the median of everything; `None` where nothing was simulated.
    pub makespan: Option<Nanos>,
    /// Commands that run under emulation, wholly or in part.
    pub emulated: usize,
    /// Commands.
    pub commands: usize,
    /// Vertices.
    pub vertices: usize,
    /// The line of a step that decides the time although nothing is known of what it runs.
    pub not_understood: Option<Line>,
}

impl Price {
    /// Whether `self` takes longer than `before`; without a simulation, whether more is emulated or there are more vertices.
    pub fn exceeds(&self, before: &Self) -> bool {
        match (self.makespan, before.makespan) {
            (Some(after), Some(before)) => after > before,
            _ => self.emulated > before.emulated || self.vertices > before.vertices,
        }
    }
}
