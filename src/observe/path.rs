//! The chain of steps that made a build as long as it was.

use super::links::{Links, Proof};
use super::run::Times;
use crate::ingest::{ObservedBuild, StepIx, Subject};
use crate::units::Nanos;

/// A step of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathStep {
    /// Which.
    pub step: StepIx,
    /// How long nothing of the chain ran before it.
    pub wait: Nanos,
    /// By what it is known to have waited for the one before; `None` for the first.
    pub proof: Option<Proof>,
}

/// Two instants of a log that are nearer are one.
const SAME: Nanos = Nanos(50_000_000);

/// Steps that are looked through for one of the chain.
const MOST: usize = 4096;

/// From the last end back: of what a step waited for, what ended last.
pub(super) fn path(build: &ObservedBuild, links: &Links, times: &Times) -> Vec<PathStep> {
    let last = (0..build.steps.len()).filter_map(|at| Some((times.of[at]?.1, std::cmp::Reverse(at)))).max();
    let Some((_, std::cmp::Reverse(mut at))) = last else { return Vec::new() };
    let mut path = Vec::new();
    let mut seen = vec![false; build.steps.len()];
    // By their end, for steps of which nothing says what they waited for.
    let mut by_end: Vec<(Nanos, usize)> =
        (0..build.steps.len()).filter_map(|at| Some((times.of[at]?.1, at))).collect();
    by_end.sort_unstable();
    loop {
        seen[at] = true;
        let Some((start, _)) = times.of[at] else { break };
        let known = before(links, times, at, &seen).map(|step| (step, links.proof.unwrap_or(Proof::Stage)));
        let found = known.or_else(|| by_time(build, &by_end, start, &seen).map(|step| (step, Proof::Time)));
        let Some((step, proof)) = found else {
            path.push(PathStep { step: StepIx::new(at), wait: start, proof: None });
            break;
        };
        let end = times.of[step].map_or(Nanos::ZERO, |(_, end)| end);
        path.push(PathStep { step: StepIx::new(at), wait: start - end, proof: Some(proof) });
        at = step;
    }
    path.reverse();
    path
}

/// Of what a step is known to wait for, through steps that took no time, what ended last.
fn before(links: &Links, times: &Times, at: usize, seen: &[bool]) -> Option<usize> {
    let mut open: Vec<usize> = links.of[at].iter().map(|input| input.index()).collect();
    let mut visited = std::collections::HashSet::new();
    let mut best: Option<(Nanos, usize)> = None;
    while let Some(input) = open.pop() {
        if visited.len() >= MOST || !visited.insert(input) {
            continue;
        }
        match times.of[input] {
            Some((start, end)) if end > start && !seen[input] => best = best.max(Some((end, input))),
            _ => open.extend(links.of[input].iter().map(|input| input.index())),
        }
    }
    best.map(|(_, input)| input)
}

/// The step that ended last before an instant: what an export waits for, of which no log says it.
fn by_time(build: &ObservedBuild, by_end: &[(Nanos, usize)], start: Nanos, seen: &[bool]) -> Option<usize> {
    if start <= SAME {
        return None;
    }
    let before = &by_end[..by_end.partition_point(|(end, _)| *end <= start + SAME)];
    let counts = |(end, at): &&(Nanos, usize)| {
        !seen[*at] && *end > Nanos::ZERO && build.steps[*at].label().subject != Subject::Other
    };
    before.iter().rev().take(MOST).find(counts).map(|(_, at)| *at)
}
