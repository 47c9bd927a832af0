//! What became of each step of a log: by what it was matched, or why nothing was learnt of it.

use crate::ingest::{ObservedBuild, Outcome, StepIx, Subject};
use crate::sim::Machine;

use super::deed::{Deed, Deeds};

/// By what a step was matched, or why it teaches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// By its digest: provenance tells its command and platform.
    Digest,
    /// By its name, which tells its instruction, and its platform where there are several.
    Name,
    /// By its stage and number there: the Dockerfile tells its command and platform.
    Place,
    /// Its result was in the cache.
    Cached,
    /// It never began: not needed, or the same as another that ran.
    NotStarted,
    /// It had not begun where the log or the build ended.
    NotReached,
    /// Its script is an inline document, of which the name tells the beginning only.
    Inline,
    /// It failed.
    Failed,
    /// It was stopped.
    Canceled,
    /// The log ends before it does.
    Unfinished,
    /// It took no time that the log tells.
    Untimed,
    /// BuildKit's own: loading the file, resolving images, sending the context, exporting.
    Internal,
    /// Its name is none that BuildKit gives to a step of a Dockerfile.
    Unnamed,
}

impl Match {
    /// All of them; what teaches something comes first.
    pub const VALUES: &[Self] = &[
        Self::Digest,
        Self::Name,
        Self::Place,
        Self::Cached,
        Self::NotStarted,
        Self::NotReached,
        Self::Inline,
        Self::Failed,
        Self::Canceled,
        Self::Unfinished,
        Self::Untimed,
        Self::Internal,
        Self::Unnamed,
    ];

    /// The words for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "matched by digest",
            Self::Name => "matched by name",
            Self::Place => "matched by stage and number",
            Self::Cached => "cached",
            Self::NotStarted => "never started",
            Self::NotReached => "not reached",
            Self::Inline => "with a script that the log does not hold (its metadata or Dockerfile does)",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Unfinished => "unfinished",
            Self::Untimed => "without a time",
            Self::Internal => "BuildKit's own",
            Self::Unnamed => "of no known kind",
        }
    }

    /// Whether the step was learnt from.
    pub const fn is_learnt(self) -> bool {
        matches!(self, Self::Digest | Self::Name | Self::Place)
    }
}

impl std::fmt::Display for Match {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of each step of a build that ran on the first node of `machine`, in the order of the steps.
pub fn matches(build: &ObservedBuild, machine: &Machine) -> Vec<Match> {
    let deeds = Deeds::of(build, &machine.nodes[0]);
    let is_whole = !build.problems.cut_short
        && !build.steps.iter().any(|step| matches!(step.outcome, Outcome::Failed | Outcome::Unfinished));
    (0..build.steps.len()).map(StepIx::new).map(|at| of_step(build, &deeds, at, is_whole)).collect()
}

fn of_step(build: &ObservedBuild, deeds: &Deeds, at: StepIx, is_whole: bool) -> Match {
    let step = build.step(at);
    let label = step.label();
    if matches!(label.subject, Subject::Internal | Subject::Export) {
        return Match::Internal;
    }
    match step.outcome {
        Outcome::Cached => Match::Cached,
        Outcome::NeverStarted if is_whole => Match::NotStarted,
        Outcome::NeverStarted => Match::NotReached,
        Outcome::Failed => Match::Failed,
        Outcome::Canceled => Match::Canceled,
        Outcome::Unfinished => Match::Unfinished,
        Outcome::Done if !step.executed() => Match::Untimed,
        Outcome::Done if deeds.0[at.index()] == Deed::Internal => Match::Unnamed,
        Outcome::Done if matches!(deeds.0[at.index()], Deed::Inline) => Match::Inline,
        Outcome::Done if step.is_placed => Match::Place,
        Outcome::Done if step.provenance.is_some() => Match::Digest,
        Outcome::Done => Match::Name,
    }
}
