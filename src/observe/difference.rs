//! Two logs side by side: what became slower, what was cached then and is not now.

use std::collections::BTreeMap;

use crate::ingest::{ObservedBuild, Outcome, StepIx, Subject};
use crate::units::{Nanos, NanosChange};

/// What is different between two builds.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// How long each took, if both logs say it.
    pub makespan: Option<[Nanos; 2]>,
    /// The time of the steps of each, added up.
    pub work: [Nanos; 2],
    /// The steps, the largest change first.
    pub changes: Vec<Change>,
}

/// A step in two builds.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The step in each, if it is there.
    pub steps: [Option<StepIx>; 2],
    /// What became of it.
    pub kind: Kind,
    /// How much longer it takes in the later one.
    pub change: NanosChange,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It was cached and now runs.
    NowRuns,
    /// It ran and is now cached.
    NowCached,
    /// It takes longer.
    Slower,
    /// It takes less time.
    Faster,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It failed or was stopped in one of them.
    Broken,
    /// As before.
    Same,
}

impl Kind {
    /// The words for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NowRuns => "was cached, now runs",
            Self::NowCached => "ran, now cached",
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::Added => "new",
            Self::Removed => "gone",
            Self::Broken => "failed or stopped",
            Self::Same => "as before",
        }
    }
}

/// Repeated builds differ by this much for no reason, as a part of the step.
///
/// Source: `tests/data/timing/README.md`, 1 to 3 % back to back and up to 20 % minutes apart.
const NOISE: f64 = 0.1;
/// And by this much, however short the step.
const LEAST: Nanos = Nanos(200_000_000);

/// Compares two builds step by step. Steps are the same that do the same for the same platform in the same stage, whatever
/// their number.
pub fn difference(old: &ObservedBuild, new: &ObservedBuild) -> Difference {
    let (mut before, after) = (by_key(old), by_key(new));
    let mut changes: Vec<Change> = Vec::new();
    for (key, steps) in after {
        let mut known = before.remove(&key).unwrap_or_default().into_iter();
        for step in steps {
            changes.push(change(old, new, [known.next(), Some(step)]));
        }
        changes.extend(known.map(|step| change(old, new, [Some(step), None])));
    }
    changes.extend(before.into_values().flatten().map(|step| change(old, new, [Some(step), None])));
    changes.sort_by_key(|change| {
        (std::cmp::Reverse(change.change.size()), change.kind, change.steps[1], change.steps[0])
    });
    let makespan =
        |build: &ObservedBuild| build.stated.or_else(|| build.tells_instants().then(|| build.makespan()));
    let work = |build: &ObservedBuild| build.steps.iter().filter_map(|step| step.duration).sum();
    let makespan = makespan(old).zip(makespan(new)).map(|(old, new)| [old, new]);
    Difference { makespan, work: [work(old), work(new)], changes }
}

/// The steps of instructions and exports by what they do, where and for what.
fn by_key(build: &ObservedBuild) -> BTreeMap<String, Vec<StepIx>> {
    let mut known: BTreeMap<String, Vec<StepIx>> = BTreeMap::new();
    for (at, step) in build.steps.iter().enumerate() {
        let label = step.label();
        if matches!(label.subject, Subject::Internal | Subject::Other) {
            continue;
        }
        let text = label.text.split_once('@').filter(|_| label.subject == Subject::From);
        let text = text.map_or(label.text, |(image, _)| image);
        let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let key =
            [part(label.stage), text.to_owned(), part(label.platform), part(label.cross_to)].join("\u{0}");
        known.entry(key).or_default().push(StepIx::new(at));
    }
    known
}

fn change(old: &ObservedBuild, new: &ObservedBuild, steps: [Option<StepIx>; 2]) -> Change {
    let [before, after] = [steps[0].map(|step| old.step(step)), steps[1].map(|step| new.step(step))];
    let took =
        |step: Option<&crate::ingest::ObservedStep>| step.and_then(|step| step.duration).unwrap_or_default();
    let (was, is) = (took(before), took(after));
    let broken =
        |outcome: Outcome| matches!(outcome, Outcome::Failed | Outcome::Canceled | Outcome::Unfinished);
    let kind = match (before, after) {
        (None, _) => Kind::Added,
        (_, None) => Kind::Removed,
        (Some(before), Some(after)) if broken(before.outcome) || broken(after.outcome) => Kind::Broken,
        (Some(before), Some(after)) => {
            let ran = (before.outcome == Outcome::Done, after.outcome == Outcome::Done);
            let noise = (was.max(is) * NOISE).max(LEAST);
            match ran {
                (false, true) => Kind::NowRuns,
                (true, false) => Kind::NowCached,
                _ if is > was + noise => Kind::Slower,
                _ if was > is + noise => Kind::Faster,
                _ => Kind::Same,
            }
        }
    };
    Change { steps, kind, change: NanosChange::between(was, is) }
}
