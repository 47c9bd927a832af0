//! One step of an observed build, and how its times are put together from what a log repeats.

use std::collections::BTreeMap;

use crate::ids::index;
use crate::units::Nanos;

use super::label::{Label, label};
use super::part::Part;
use super::provenance::ProvenanceStep;

index!(
    /// A step, by its position in an observed build.
    StepIx
);

/// A span of time from the beginning of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// When it began.
    pub start: Nanos,
    /// When it ended.
    pub end: Nanos,
}

impl Interval {
    /// How long it was.
    pub fn length(self) -> Nanos {
        self.end - self.start
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Outcome {
    /// Announced, but it never began.
    #[default]
    NeverStarted,
    /// It ran to its end.
    Done,
    /// Its result was in the cache.
    Cached,
    /// It failed.
    Failed,
    /// It was stopped, because another failed, the build was, or another step turned out to be the same.
    Canceled,
    /// The log ends before it does.
    Unfinished,
}

/// One step of an observed build.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObservedStep {
    /// Digest of the operation; absent in plain logs.
    pub digest: Option<Box<str>>,
    /// The vertex's name.
    pub name: Box<str>,
    /// Steps it needs. Unknown, and empty, in plain logs and traces.
    pub inputs: Vec<StepIx>,
    /// When it ran, in order and without overlaps. Empty where the log tells only how long.
    pub intervals: Vec<Interval>,
    /// How long it ran in all, without gaps; of a finished step only.
    pub duration: Option<Nanos>,
    /// What became of it.
    pub outcome: Outcome,
    /// Its error, if it has one.
    pub error: Option<Box<str>>,
    /// What it consisted of; of BuildKit's own steps only.
    pub parts: Vec<Part>,
    /// The last lines that it printed, if it failed or never ended.
    pub output: Vec<Box<str>>,
    /// What provenance tells of it, joined by digest, or its Dockerfile by the step's place there.
    pub provenance: Option<ProvenanceStep>,
    /// Whether the Dockerfile told it.
    pub is_placed: bool,
}

impl ObservedStep {
    /// The parts of its name.
    pub fn label(&self) -> Label<'_> {
        label(&self.name)
    }

    /// When it first began.
    pub fn start(&self) -> Option<Nanos> {
        self.intervals.first().map(|interval| interval.start)
    }

    /// When it last ended.
    pub fn end(&self) -> Option<Nanos> {
        self.intervals.last().map(|interval| interval.end)
    }

    /// Whether its duration is that of work: it ran to its end and was not found in the cache.
    pub fn executed(&self) -> bool {
        self.outcome == Outcome::Done && self.duration.is_some_and(|duration| duration > Nanos::ZERO)
    }
}

/// The times of one vertex as a log repeats them: by start, so that a repetition with an end completes the one without.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// Ends by start, in nanoseconds of some clock.
    spans: BTreeMap<i64, Option<i64>>,
    /// How many of them have no end.
    open: usize,
    clock_jumps: u64,
}

impl Times {
    /// A vertex with more intervals than this is a forgery; further ones are dropped.
    const MAX_INTERVALS: usize = 1024;

    pub(super) fn note(&mut self, started: i64, completed: Option<i64>) {
        if self.spans.len() >= Self::MAX_INTERVALS && !self.spans.contains_key(&started) {
            return;
        }
        self.open += usize::from(!self.spans.contains_key(&started));
        let end = self.spans.entry(started).or_default();
        if let Some(completed) = completed {
            self.open -= usize::from(end.is_none());
            self.clock_jumps += u64::from(completed < started);
            *end = Some(completed.max(started).max(end.unwrap_or(i64::MIN)));
        }
    }

    pub(super) const fn clock_jumps(&self) -> u64 {
        self.clock_jumps
    }

    /// The earliest start.
    pub(super) fn first(&self) -> Option<i64> {
        self.spans.keys().next().copied()
    }

    /// Whether an interval has no end.
    pub(super) const fn is_open(&self) -> bool {
        self.open > 0
    }

    /// The closed intervals from `origin`, joined where they touch.
    pub(super) fn merged(&self, origin: i64) -> Vec<Interval> {
        let since = |instant: i64| Nanos(instant.saturating_sub(origin).unsigned_abs());
        let mut merged: Vec<Interval> = Vec::new();
        for (&start, &end) in &self.spans {
            let Some(end) = end else { continue };
            let next = Interval { start: since(start), end: since(end) };
            match merged.last_mut() {
                Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
                _ => merged.push(next),
            }
        }
        merged
    }
}
