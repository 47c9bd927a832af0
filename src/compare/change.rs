//! What became of each step.

use super::align::Alignment;
use super::order::heaviest_increasing;
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

/// A row for each step of either build, in the order of the later one, what is gone before what came instead.
pub(super) fn rows(before: &[Step], after: &[Step], alignment: &Alignment) -> Vec<Row> {
    let pairs = &alignment.pairs;
    let mut found: Vec<Vec<Change>> =
        pairs.iter().map(|&(our, their)| changes(&before[our], &after[their])).collect();
    let stays = stays(pairs, &found);
    let mut aligned = vec![false; before.len()];
    let mut partner: Vec<Option<usize>> = vec![None; after.len()];
    // The place in the earlier build that each step of the later one has come to: that of the next that stays.
    let mut reached = vec![before.len(); after.len() + 1];
    for (at, &(our, their)) in pairs.iter().enumerate() {
        aligned[our] = true;
        partner[their] = Some(at);
        if stays[at] {
            reached[their] = our;
        } else if before[our].place.is_some() && after[their].place.is_some() {
            // What no instruction owns has no place to move from.
            found[at].push(Change::Moved);
        }
    }
    for their in (0..after.len()).rev() {
        reached[their] = reached[their].min(reached[their + 1]);
    }
    let mut rows = Vec::with_capacity(after.len());
    let mut next = 0;
    for their in 0..=after.len() {
        for our in next..reached[their] {
            if !aligned[our] {
                let step = Some(before[our].clone());
                rows.push(Row { before: step, after: None, changes: vec![Change::Gone] });
            }
        }
        next = next.max(reached[their]);
        if their == after.len() {
            break;
        }
        let (step, changes) = match partner[their] {
            None => (None, vec![Change::New]),
            Some(at) => {
                let changes = std::mem::take(&mut found[at]);
                let changes = if changes.is_empty() { vec![Change::Kept] } else { changes };
                (Some(before[pairs[at].0].clone()), changes)
            }
        };
        rows.push(Row { before: step, after: Some(after[their].clone()), changes });
    }
    rows
}

/// Which of the pairs stay in order, if as few as possible have moved, and of those rather what has changed otherwise.
fn stays(pairs: &[(usize, usize)], found: &[Vec<Change>]) -> Vec<bool> {
    let partner: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
    let one = pairs.len() as u64 + 1;
    let weights: Vec<u64> = found.iter().map(|changes| one + u64::from(changes.is_empty())).collect();
    heaviest_increasing(&partner, &weights)
}

/// What became of a step that both builds have, its place aside.
fn changes(before: &Step, after: &Step) -> Vec<Change> {
    let sharing = (before.runs * after.targets).cmp(&(after.runs * before.targets));
    let found = [
        (before.foreign_runs() > 0 && after.foreign_runs() == 0, Change::NowNative),
        (before.foreign_runs() == 0 && after.foreign_runs() > 0, Change::NowEmulated),
        (sharing.is_gt(), Change::NowShared),
        (sharing.is_lt(), Change::NowSplit),
        (before.digest.operation != after.digest.operation, Change::Changed),
    ];
    found.into_iter().filter(|(is, _)| *is).map(|(_, change)| change).collect()
}
