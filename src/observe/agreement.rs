//! Whether the graph is what xsim says: which steps the log shows once and which for each platform, beside the vertices of the
//! analysis.

use std::collections::{BTreeMap, HashSet};

use super::matching::{Matching, kind};
use crate::analysis::Analysis;
use crate::graph::vertex::{Op, Source, VertexKind};
use crate::ids::{NodeIx, VertexIx};
use crate::ingest::{ObservedBuild, Outcome, StepIx};
use crate::source::FileLine;

/// What a log and a graph say of the same build.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Agreement {
    /// Steps of the log that are a vertex of the graph.
    pub agreed: usize,
    /// Where they differ, by line; what is explained included.
    pub differences: Vec<Disagreement>,
}

/// A difference between a log and a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// The instruction.
    pub at: FileLine,
    /// The step of the log, if it has one.
    pub step: Option<StepIx>,
    /// What differs.
    pub reason: Reason,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The log has a step for which the graph has no vertex: it ran more often than the graph says.
    MoreOften,
    /// The step ran on another platform than the graph says.
    Elsewhere,
    /// The graph has a vertex that the log, which names all of its build, does not name.
    LessOften,
    /// The graph has a vertex that the log does not name, as it names only what it came to.
    NotNamed,
    /// Different vertices, of which one ran: BuildKit found at run time that their inputs hold the same bytes, or had the
    /// result of one in the cache.
    Merged,
    /// A step that ran is named again, with its result in the cache: BuildKit worked it out anew.
    Again,
    /// The instruction has other words in the log: the file is another version of the one that was built.
    Reworded,
}

impl Reason {
    /// Whether the difference is known and says nothing against the graph.
    pub const fn is_explained(self) -> bool {
        matches!(self, Self::NotNamed | Self::Merged | Self::Again)
    }

    /// The words for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MoreOften => "ran more often than xsim says",
            Self::Elsewhere => "ran on another platform than xsim says",
            Self::LessOften => "is in the graph of xsim but not in the log",
            Self::NotNamed => "is not named in the log, which names only what it came to",
            Self::Merged => "ran once for several: their inputs held the same bytes, or one was in the cache",
            Self::Again => "is named again, with its result in the cache",
            Self::Reworded => "has other words in the log: the file was changed",
        }
    }

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MoreOften => "more-often",
            Self::Elsewhere => "elsewhere",
            Self::LessOften => "less-often",
            Self::NotNamed => "not-named",
            Self::Merged => "merged",
            Self::Again => "again",
            Self::Reworded => "reworded",
        }
    }
}

impl Agreement {
    /// The differences that speak against the graph.
    pub fn disagreements(&self) -> impl Iterator<Item = &Disagreement> {
        self.differences.iter().filter(|difference| !difference.reason.is_explained())
    }
}

/// Compares a log with the graph of its Dockerfile.
pub fn agreement(build: &ObservedBuild, analysis: &Analysis, matching: &Matching) -> Agreement {
    let mut agreement = Agreement::default();
    let mut named: HashSet<(NodeIx, VertexIx)> = HashSet::new();
    for place in matching.places.iter().flatten() {
        named.extend(place.vertex);
    }
    agreement.agreed = named.len();
    let mut left: Vec<(NodeIx, VertexIx, FileLine)> = unnamed(analysis, &named);
    let placed = || matching.places.iter().enumerate().filter_map(|(at, place)| Some((at, (*place)?)));
    let known: HashSet<&str> =
        placed().filter(|(_, place)| place.vertex.is_some()).map(|(at, _)| &*build.steps[at].name).collect();
    for (at, place) in placed().filter(|(_, place)| place.vertex.is_none()) {
        let step = &build.steps[at];
        let kind = kind(step.label().subject);
        let is_left = |(node, vertex, at): &(NodeIx, VertexIx, FileLine)| {
            *at == place.at && kind == Some(analysis.node(*node).graph.vertex(*vertex).kind())
        };
        let reason = if place.is_reworded {
            Reason::Reworded
        } else if step.outcome == Outcome::Cached && known.contains(&*step.name) {
            Reason::Again
        } else if left.iter().any(is_left) {
            Reason::Elsewhere
        } else {
            Reason::MoreOften
        };
        let step = Some(StepIx::new(at));
        agreement.differences.push(Disagreement { at: place.at, step, reason });
    }
    let reworded: HashSet<FileLine> = placed()
        .filter(|(_, place)| place.vertex.is_none() && place.is_reworded)
        .map(|(_, place)| place.at)
        .collect();
    left.retain(|(.., at)| !reworded.contains(at));
    let names_all = names_all(build);
    // Merges run in no time and are not printed; the copies they belong to are.
    for (node, vertex, at) in left {
        let is_merge = analysis.node(node).graph.vertex(vertex).kind() == VertexKind::Merge;
        let reason = if names_all && !is_merge { Reason::LessOften } else { Reason::NotNamed };
        if !is_merge {
            agreement.differences.push(Disagreement { at, step: None, reason });
        }
    }
    agreement.differences.extend(merged(build, analysis, matching));
    agreement.differences.sort_by_key(|difference| (difference.at, difference.reason, difference.step));
    agreement
}

/// Vertices that instructions own and no step is, with their first lines.
fn unnamed(analysis: &Analysis, named: &HashSet<(NodeIx, VertexIx)>) -> Vec<(NodeIx, VertexIx, FileLine)> {
    let mut left = Vec::new();
    for (node, part) in analysis.each_node() {
        for (index, vertex) in part.graph.vertices() {
            // Contexts and files from elsewhere bear names of their own.
            let is_named =
                !matches!(&vertex.op, Op::Source(source) if !matches!(source, Source::Image { .. }));
            if let (true, Some(at)) = (is_named && !named.contains(&(node, index)), vertex.places.first()) {
                left.push((node, index, *at));
            }
        }
    }
    left
}

/// Whether a log names every step of its build, also those that never began.
fn names_all(build: &ObservedBuild) -> bool {
    let has_digests = build.steps.iter().all(|step| step.digest.is_some());
    let is_whole = !build.problems.cut_short && build.problems.too_many_steps == 0;
    has_digests && is_whole && build.steps.iter().all(|step| step.outcome != Outcome::Failed)
}

/// Steps that did not run beside others of their instruction that did.
fn merged(build: &ObservedBuild, analysis: &Analysis, matching: &Matching) -> Vec<Disagreement> {
    let mut by_line: BTreeMap<(FileLine, VertexKind), Vec<usize>> = BTreeMap::new();
    for (at, place) in matching.places.iter().enumerate() {
        if let Some(place) = place
            && let Some((node, vertex)) = place.vertex
        {
            let kind = analysis.node(node).graph.vertex(vertex).kind();
            by_line.entry((place.at, kind)).or_default().push(at);
        }
    }
    let mut merged = Vec::new();
    for ((at, kind), steps) in by_line {
        let ran = |step: &&usize| build.steps[**step].outcome == Outcome::Done;
        let is_own = matches!(kind, VertexKind::Exec | VertexKind::File);
        if !is_own || !steps.iter().any(|step| ran(&step)) {
            continue;
        }
        for &step in steps.iter().filter(|step| !ran(step)) {
            let did_not = matches!(
                build.steps[step].outcome,
                Outcome::NeverStarted | Outcome::Cached | Outcome::Canceled
            );
            if did_not && names_all(build) {
                merged.push(Disagreement { at, step: Some(StepIx::new(step)), reason: Reason::Merged });
            }
        }
    }
    merged
}
