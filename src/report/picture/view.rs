//! What a picture shows, as plain data: stages with their rows of boxes, forks, and lines between boxes.
//!
//! Holds finished words and no rule of BuildKit's. Knows no position, no colour and no format; `arrange` fills it.

use crate::analysis::NodeAnalysis;
use crate::graph::emulate::Execution;
use crate::graph::list_outputs;
use crate::graph::vertex::EdgeKind;
use crate::ids::{FileIx, TargetSet, VertexIx};
use crate::source::Line;
use crate::units::Nanos;

crate::ids::index!(
    /// A box of a picture.
    BoxIx
);

/// A build as a picture shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphView {
    /// The name of the file.
    pub title: String,
    /// A sentence on the whole build.
    pub summary: String,
    /// The target platforms, in the order asked for; after the names of their builds where builds have names.
    pub targets: Vec<String>,
    /// The builds that have names, with the targets of each.
    pub builds: Vec<(String, TargetSet)>,
    /// The stages that are needed, in the order of the file.
    pub stages: Vec<StageView>,
    /// All boxes, stage by stage and row by row.
    pub boxes: Vec<BoxView>,
    /// All lines between boxes, by where they end.
    pub edges: Vec<EdgeView>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageView {
    /// Its name, or its number.
    pub name: String,
    /// Its Dockerfile.
    pub file: FileIx,
    /// The line of its `FROM`.
    pub line: Line,
    /// How often it runs, in words.
    pub note: String,
    /// Whether it is what is built.
    pub is_target: bool,
    /// The targets that need it.
    pub targets: TargetSet,
    /// Its steps in order.
    pub rows: Vec<RowView>,
    /// Where its lanes part.
    pub forks: Vec<ForkView>,
}

/// A step of a stage: one box where all platforms share it, else one for each group of platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// The boxes, by their first target.
    pub boxes: Vec<BoxIx>,
}

/// A place where a lane parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkView {
    /// The first row below it.
    pub row: usize,
    /// The groups of targets that go on below.
    pub groups: Vec<TargetSet>,
    /// Why.
    pub reason: String,
}

/// One box: a step, for those targets that share it.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxView {
    /// Its stage, as a position in [`GraphView::stages`].
    pub stage: usize,
    /// The targets it works for.
    pub targets: TargetSet,
    /// What kind of step it is.
    pub kind: BoxKind,
    /// How it runs; `None` for what runs no program.
    pub mode: Option<Mode>,
    /// The instruction word.
    pub keyword: String,
    /// What the instruction says, in one line.
    pub label: String,
    /// Where it stands and how it runs, in few words.
    pub note: String,
    /// The whole instruction.
    pub whole: String,
    /// The line of the instruction; `None` for a result.
    pub line: Option<Line>,
    /// The vertices it stands for, the one that does the work first.
    pub vertices: Vec<VertexIx>,
    /// What it takes from outside the build.
    pub outside: Vec<OutsideView>,
    /// How long it takes, where that is known.
    pub cost: Option<CostView>,
    /// Whether the length of the build depends on it.
    pub is_critical: bool,
}

/// How long a step takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostView {
    /// From its start to its end.
    pub duration: Nanos,
    /// The part of the whole build's time, from 0 to 1.
    pub share: f64,
    /// Whether its result is in the cache.
    pub is_cached: bool,
}

impl CostView {
    /// In words: `24 s · 83 %`. What runs side by side may take longer than the build, and then has no share.
    pub fn text(self) -> String {
        if self.is_cached {
            return "cached".to_owned();
        }
        match self.share * 100.0 {
            share if share > 100.5 => self.duration.to_string(),
            share if share < 0.5 => format!("{} · < 1 %", self.duration),
            share => format!("{} · {share:.0} %", self.duration),
        }
    }
}

/// The kinds of boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoxKind {
    /// An image that is pulled, or other files from outside.
    Source,
    /// A command.
    Command,
    /// Copying, making directories and files.
    Files,
    /// The image that comes out.
    Result,
    /// A whole stage, where there are too many steps to show.
    Stage,
}

impl BoxKind {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Command => "command",
            Self::Files => "files",
            Self::Result => "result",
            Self::Stage => "stage",
        }
    }
}

/// How a command runs, as pictures tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// By the machine's own processor, for its own platform.
    Native,
    /// By the machine's own processor, building for another platform.
    Cross,
    /// By the machine's own processor, with a foreign program under emulation.
    Mixed,
    /// Under emulation.
    Emulated,
    /// Not at all.
    Unsupported,
}

impl Mode {
    /// How a command runs; `None` for what is no command.
    pub fn of(node: &NodeAnalysis, vertex: VertexIx) -> Option<Self> {
        Some(match node.execution(vertex)? {
            Execution::Native if node.cross_to(vertex).is_some() => Self::Cross,
            Execution::Native => Self::Native,
            Execution::Mixed => Self::Mixed,
            Execution::Emulated => Self::Emulated,
            Execution::Unsupported => Self::Unsupported,
        })
    }

    /// All of them, from harmless to worst.
    pub const VALUES: &[Self] = &[Self::Native, Self::Cross, Self::Mixed, Self::Emulated, Self::Unsupported];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Cross => "cross",
            Self::Mixed => "mixed",
            Self::Emulated => "emulated",
            Self::Unsupported => "unsupported",
        }
    }

    /// The word for people.
    pub const fn shown(self) -> &'static str {
        if let Self::Unsupported = self { "cannot run" } else { self.as_str() }
    }

    /// What the legend says.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Cross => "native, builds for another platform",
            Self::Mixed => "native, runs a foreign program under emulation",
            Self::Emulated => "emulated",
            Self::Unsupported => "cannot run here",
        }
    }
}

/// The worst way in which one of an instruction's runs goes, and how many of them do.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Worst {
    pub(in crate::report) mode: Option<Mode>,
    such: usize,
    all: usize,
}

impl Worst {
    pub(in crate::report) fn of(modes: &[Option<Mode>]) -> Self {
        let mode = modes.iter().copied().max().flatten();
        let such = modes.iter().filter(|other| **other == mode).count();
        Self { mode, such, all: modes.len() }
    }

    /// Such as `emulated 1/2`; empty where no run is of a command.
    pub(in crate::report) fn text(self, word: impl FnOnce(Mode) -> &'static str) -> String {
        match self.mode.map(word) {
            None => String::new(),
            Some(word) if self.such == self.all => word.to_owned(),
            Some(word) => format!("{word} {}/{}", self.such, self.all),
        }
    }
}

/// Something from outside the build that a box takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideView {
    /// Its name.
    pub name: String,
    /// What it is, in full.
    pub whole: String,
    /// What it is.
    pub kind: OutsideKind,
    /// How the box uses it.
    pub edge: EdgeKind,
    /// The vertex that brings it in.
    pub vertex: VertexIx,
}

/// The kinds of things outside a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutsideKind {
    /// The build context, or a folder in its place.
    Context,
    /// An image.
    Image,
    /// A repository or a file behind a URL.
    Remote,
}

impl OutsideKind {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Image => "image",
            Self::Remote => "remote",
        }
    }
}

/// A line between two boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EdgeView {
    /// The box that uses.
    pub to: BoxIx,
    /// The box whose files it uses.
    pub from: BoxIx,
    /// How.
    pub kind: EdgeKind,
    /// Whether the length of the build depends on it.
    pub is_critical: bool,
}

impl GraphView {
    /// A box.
    pub fn get(&self, index: BoxIx) -> &BoxView {
        &self.boxes[index.index()]
    }

    /// All boxes with their indices.
    pub fn indexed(&self) -> impl Iterator<Item = (BoxIx, &BoxView)> {
        self.boxes.iter().enumerate().map(|(at, view)| (BoxIx(at as u32), view))
    }

    /// The names of targets, as [`list_outputs`] lists them.
    pub fn platforms(&self, targets: TargetSet) -> String {
        let builds = self.builds.iter().map(|(name, targets)| (name.as_str(), *targets));
        let is_group = !self.builds.is_empty();
        list_outputs(builds, targets, |targets| {
            let names = targets.iter().map(|target| self.targets[target.index()].as_str());
            let platform = |name: &'_ str| match name.split_once(' ').filter(|_| is_group) {
                Some((_, platform)) => platform.to_owned(),
                None => name.to_owned(),
            };
            names.map(platform).collect::<Vec<_>>().join(", ")
        })
    }
}
