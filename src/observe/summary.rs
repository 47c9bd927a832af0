//! A build that was logged, in numbers.

use super::run::{How, ObservedRun};
use crate::ingest::{ObservedBuild, Outcome, Part, Subject};
use crate::units::Nanos;

/// A build in numbers. Steps are those of instructions and exports, not BuildKit's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Steps that ran to their end.
    pub ran: usize,
    /// Steps whose results were in the cache.
    pub cached: usize,
    /// Steps that never began: the same as another that ran, or not reached.
    pub not_started: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps that were stopped.
    pub canceled: usize,
    /// Steps that had not ended where the log does.
    pub unfinished: usize,
    /// The time of all commands, added up.
    pub commands: Nanos,
    /// The part of it under emulation.
    pub emulated: Nanos,
    /// Until the first step of an instruction began.
    pub before: Nanos,
    /// While no step ran, between the first and the last.
    pub between: Nanos,
    /// What came after or beside the steps: exports, pushes, caches.
    pub exports: Vec<Phase>,
    /// Cores that were busy on average, by the builder's own counters.
    pub busy: Option<f64>,
    /// Steps that ran at once on average, while any ran.
    pub at_once: f64,
}

/// Work of BuildKit's after the steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// What, in BuildKit's words.
    pub name: String,
    /// How long.
    pub duration: Nanos,
    /// What it consisted of, where the log tells.
    pub parts: Vec<Part>,
}

/// Counts a build.
pub(super) fn summary(build: &ObservedBuild, runs: &[ObservedRun], makespan: Nanos) -> Summary {
    let mut summary = Summary::default();
    for step in &build.steps {
        let subject = step.label().subject;
        if matches!(subject, Subject::Internal | Subject::Other) && step.outcome != Outcome::Failed {
            continue;
        }
        let count = match step.outcome {
            Outcome::Done => &mut summary.ran,
            Outcome::Cached => &mut summary.cached,
            Outcome::NeverStarted => &mut summary.not_started,
            Outcome::Failed => &mut summary.failed,
            Outcome::Canceled => &mut summary.canceled,
            Outcome::Unfinished => &mut summary.unfinished,
        };
        *count += 1;
        if subject == Subject::Export && step.executed() {
            summary.exports.push(Phase {
                name: step.label().text.to_owned(),
                duration: step.duration.unwrap_or_default(),
                parts: step.parts.clone(),
            });
        }
    }
    let commands = runs.iter().filter(|run| run.subject == Subject::Run);
    summary.commands = commands.clone().map(|run| run.duration).sum();
    summary.emulated = commands.filter(|run| run.how == Some(How::Emulated)).map(|run| run.duration).sum();
    let works = |run: &&ObservedRun| !matches!(run.subject, Subject::Internal | Subject::Other);
    summary.before = runs.iter().filter(works).map(|run| run.start).min().unwrap_or_default();
    let mut until: Option<Nanos> = None;
    let mut covered = Nanos::ZERO;
    for run in runs.iter().filter(works).filter(|run| run.end > run.start) {
        let from = until.map_or(run.start, |until| until.max(run.start));
        if let Some(until) = until {
            summary.between += run.start - until;
        }
        covered += run.end - from;
        until = Some(until.unwrap_or_default().max(run.end));
    }
    let all: Nanos = runs.iter().filter(works).map(|run| run.end - run.start).sum();
    summary.at_once = if covered > Nanos::ZERO { all / covered } else { 0.0 };
    summary.busy = busy(build, makespan);
    summary
}

/// The mean of the cores that were busy during the build.
fn busy(build: &ObservedBuild, makespan: Nanos) -> Option<f64> {
    let (mut work, mut time) = (0.0, 0.0);
    for pair in build.busy.windows(2) {
        let (from, to) = (pair[0].0, pair[1].0.min(makespan));
        let seconds = (to - from).as_secs_f64();
        work += pair[0].1 * seconds;
        time += seconds;
    }
    (time > 0.0).then(|| work / time)
}
