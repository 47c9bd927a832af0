//! What became of each step.

use super::align::Alignment;
use super::order::longest_increasing;
use super::step::Step;
use crate::graph::vertex::VertexKind;
use crate::units::{Nanos, NanosChange};

/// What became of a step, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Only the later build has it.
    New,
    /// Only the earlier build has it.
    Gone,
    /// It ran under emulation or with a foreign program, and no longer does.
    NowNative,
    /// It runs under emulation or with a foreign program, and did not.
    NowEmulated,
    /// More platforms share a run than did.
    NowShared,
    /// Fewer platforms share a run than did.
    NowSplit,
    /// It does nearly the same: its text, mounts or flags differ.
    Changed,
    /// It comes before or after other steps than it did.
    Moved,
    /// It is as it was.
    Kept,
}

impl Change {
    /// All of them, the most important first.
    pub const VALUES: &[Self] = &[
        Self::New,
        Self::Gone,
        Self::NowNative,
        Self::NowEmulated,
        Self::NowShared,
        Self::NowSplit,
        Self::Changed,
        Self::Moved,
        Self::Kept,
    ];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::NowNative => "now native",
            Self::NowEmulated => "now emulated",
            Self::NowShared => "now shared",
            Self::NowSplit => "now split",
            Self::Changed => "changed",
            Self::Moved => "moved",
            Self::Kept => "kept",
        }
    }
}

/// A step of either build or of both.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// In the earlier build.
    pub before: Option<Step>,
    /// In the later build.
    pub after: Option<Step>,
    /// What became of it, the most important first; never empty.
    pub changes: Vec<Change>,
}

impl Row {
    /// The step as the later build has it, or as the earlier had it.
    pub fn step(&self) -> Option<&Step> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// The kind of its vertices.
    pub fn kind(&self) -> VertexKind {
        self.step().map_or(VertexKind::Merge, |step| step.kind)
    }

    /// What became of it, in a word.
    pub fn change(&self) -> Change {
        self.changes.first().copied().unwrap_or(Change::Kept)
    }

    /// The change in how long its runs take together.
    pub fn time(&self) -> NanosChange {
        self.of(|step| step.time)
    }

    /// The change in its part of the critical path. Over all rows these add up to the change of the build.
    pub fn path(&self) -> NanosChange {
        self.of(|step| step.path)
    }

    /// The change in core-time.
    pub fn core_time(&self) -> NanosChange {
        self.of(|step| step.core_time)
    }

    /// The change in what emulation adds.
    pub fn emulation(&self) -> NanosChange {
        self.of(|step| step.emulation)
    }

    fn of(&self, number: impl Fn(&Step) -> Nanos) -> NanosChange {
        let of = |step: &Option<Step>| step.as_ref().map_or(Nanos::ZERO, &number);
        NanosChange::between(of(&self.before), of(&self.after))
    }
}

/// A row for each step of either build, in the order of the later one, what is gone where it was.
pub(super) fn rows(before: &[Step], after: &[Step], alignment: &Alignment) -> Vec<Row> {
    let partner: Vec<usize> = alignment.pairs.iter().map(|pair| pair.1).collect();
    let stays = longest_increasing(&partner);
    let mut aligned_before = vec![false; before.len()];
    let mut row_of: Vec<Option<(usize, bool)>> = vec![None; after.len()];
    for (&(our, their), &stays) in alignment.pairs.iter().zip(&stays) {
        aligned_before[our] = true;
        row_of[their] = Some((our, stays));
    }
    let mut rows = Vec::with_capacity(after.len());
    let mut at = 0;
    let gone_until = |at: &mut usize, end: usize, rows: &mut Vec<Row>| {
        for our in *at..end {
            if !aligned_before[our] {
                rows.push(Row { before: Some(before[our].clone()), after: None, changes: vec![Change::Gone] });
            }
        }
        *at = end.max(*at);
    };
    for (their, step) in after.iter().enumerate() {
        let Some((our, stays)) = row_of[their] else {
            rows.push(Row { before: None, after: Some(step.clone()), changes: vec![Change::New] });
            continue;
        };
        if stays {
            gone_until(&mut at, our, &mut rows);
        }
        // What no instruction owns has no place to move from.
        let moved = !stays && step.place.is_some() && before[our].place.is_some();
        rows.push(Row {
            changes: changes(&before[our], step, moved),
            before: Some(before[our].clone()),
            after: Some(step.clone()),
        });
    }
    gone_until(&mut at, before.len(), &mut rows);
    rows
}

/// What became of a step that both builds have.
fn changes(before: &Step, after: &Step, moved: bool) -> Vec<Change> {
    let sharing = (before.runs * after.targets).cmp(&(after.runs * before.targets));
    let found = [
        (before.foreign_runs() > 0 && after.foreign_runs() == 0, Change::NowNative),
        (before.foreign_runs() == 0 && after.foreign_runs() > 0, Change::NowEmulated),
        (sharing.is_gt(), Change::NowShared),
        (sharing.is_lt(), Change::NowSplit),
        (before.digest.operation != after.digest.operation, Change::Changed),
        (moved, Change::Moved),
    ];
    let mut changes: Vec<Change> = found.into_iter().filter(|(is, _)| *is).map(|(_, change)| change).collect();
    if changes.is_empty() {
        changes.push(Change::Kept);
    }
    changes
}
