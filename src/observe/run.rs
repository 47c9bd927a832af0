//! When each step of a build ran, and how.

use std::collections::{BTreeMap, HashSet};

use super::links::{Links, Proof};
use super::matching::Matching;
use super::path::{PathStep, path};
use super::summary::{Summary, summary};
use crate::analysis::Analysis;
use crate::calibrate::{Deed, Deeds};
use crate::graph::emulate::Execution;
use crate::ids::{FileIx, NodeIx, VertexIx};
use crate::ingest::{ObservedBuild, Outcome, StepIx, Subject};
use crate::sim::Machine;
use crate::source::{FileLine, Line};
use crate::timeline::lanes;
use crate::units::Nanos;

/// How a command ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// By the machine's own processor, for its own platform.
    Native,
    /// By the machine's own processor, building for another platform.
    Cross,
    /// By the machine's own processor, with a foreign program under emulation.
    Mixed,
    /// Under emulation.
    Emulated,
}

/// A step of a build that was logged.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedRun {
    /// The step.
    pub step: StepIx,
    /// What it is.
    pub subject: Subject,
    /// How it ran; of commands only.
    pub how: Option<How>,
    /// All that it waited for was done; its start where that is not known.
    pub ready: Nanos,
    /// It began.
    pub start: Nanos,
    /// It ended.
    pub end: Nanos,
    /// How long it worked, without gaps.
    pub duration: Nanos,
    /// Whether the chain that made the build as long as it was goes through it.
    pub is_critical: bool,
    /// Bars of one lane do not overlap.
    pub lane: usize,
    /// Its instruction, where the Dockerfile is known or provenance tells.
    pub at: Option<FileLine>,
    /// Its vertex in the analysis, by the place of the node.
    pub vertex: Option<(NodeIx, VertexIx)>,
}

impl ObservedRun {
    /// How long it waited after everything that it needs was done.
    pub fn wait(&self) -> Nanos {
        self.start - self.ready
    }
}

/// A build that was logged, in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Its steps by their start; of BuildKit's own those that take a while. None that never began.
    pub runs: Vec<ObservedRun>,
    /// How many lanes hold all runs that take time.
    pub lanes: usize,
    /// From the first start to the last end, or what the log itself says.
    pub makespan: Nanos,
    /// Whether the log tells when steps ran. If not, each is put as early as what it waits for allows.
    pub is_timed: bool,
    /// By what steps are known to wait for each other.
    pub proof: Proof,
    /// The chain of steps that made the build as long as it was, in time.
    pub path: Vec<PathStep>,
    /// How many steps ran at once from when on, BuildKit's own left out; ends with none.
    pub at_once: Vec<(Nanos, usize)>,
    /// When the last step of each target platform ended, by the names of the steps.
    pub finish: Vec<(Nanos, String)>,
    /// The build in numbers.
    pub summary: Summary,
}

/// BuildKit's own steps are shown from this part of the build on.
const LEAST_OWN: f64 = 0.01;

/// Puts a build on a line of time. `machine` is what it ran on; with `matched`, the analysis of its Dockerfile and the places
/// of its steps there, steps know their line and vertex.
///
/// # Complexity
/// O(steps · log steps) and the lanes, plus the inputs of all steps.
pub fn observe(
    build: &ObservedBuild,
    machine: &Machine,
    matched: Option<(&Analysis, &Matching)>,
) -> Observation {
    let links = Links::new(build, matched);
    let times = Times::new(build, &links);
    let deeds = machine.nodes.first().map(|node| Deeds::of(build, node));
    let mut runs: Vec<ObservedRun> = Vec::new();
    for (at, step) in build.steps.iter().enumerate() {
        let index = StepIx::new(at);
        let Some((start, end)) = times.of[at] else { continue };
        let subject = step.label().subject;
        let duration =
            step.duration.unwrap_or_else(|| step.intervals.iter().map(|interval| interval.length()).sum());
        let is_own = matches!(subject, Subject::Internal | Subject::Other);
        let is_short = duration <= times.makespan * LEAST_OWN;
        let went_wrong = matches!(step.outcome, Outcome::Failed | Outcome::Unfinished);
        if is_own && is_short && !went_wrong {
            continue;
        }
        let place = matched.and_then(|(_, matching)| matching.places.get(at).copied().flatten());
        let vertex = place.and_then(|place| place.vertex);
        let known =
            matched.zip(vertex).and_then(|((analysis, _), (node, vertex))| how(analysis, node, vertex));
        let told = step.provenance.as_ref().and_then(|known| known.lines.first().copied());
        let told = told.map(|line| FileLine { file: FileIx::new(0), line: Line(line) });
        runs.push(ObservedRun {
            step: index,
            subject,
            how: known.or_else(|| deeds.as_ref().and_then(|deeds| by_deed(&deeds.0[at], &step.label()))),
            ready: times.ready[at].unwrap_or(start).min(start),
            start,
            end,
            duration,
            is_critical: false,
            lane: 0,
            at: place.map(|place| place.at).or(told),
            vertex,
        });
    }
    runs.sort_by_key(|run| (run.start, run.end, run.step));
    let spans: Vec<(Nanos, Nanos)> = runs.iter().map(|run| (run.start, run.end)).collect();
    let (in_lane, lanes) = lanes(&spans);
    for (run, lane) in runs.iter_mut().zip(in_lane) {
        run.lane = lane;
    }
    let path = path(build, &links, &times);
    let critical: HashSet<StepIx> = path.iter().map(|step| step.step).collect();
    for run in &mut runs {
        run.is_critical = run.end > run.start && critical.contains(&run.step);
    }
    let is_timed = build.tells_instants();
    let makespan = match build.stated {
        Some(stated) => stated.max(if is_timed { times.makespan } else { Nanos::ZERO }),
        None => times.makespan,
    };
    Observation {
        lanes,
        makespan,
        is_timed,
        proof: links.proof.unwrap_or(Proof::Stage),
        at_once: at_once(&runs),
        finish: finish(build, &runs),
        summary: summary(build, &runs, makespan),
        path,
        runs,
    }
}

/// How a vertex runs; `None` for what is no command.
fn how(analysis: &Analysis, node: NodeIx, vertex: VertexIx) -> Option<How> {
    let part = analysis.nodes.get(node.index())?;
    Some(match part.execution(vertex)? {
        Execution::Native if part.cross_to(vertex).is_some() => How::Cross,
        Execution::Native | Execution::Unsupported => How::Native,
        Execution::Mixed => How::Mixed,
        Execution::Emulated => How::Emulated,
    })
}

/// How a step ran, by its platform and by what its name says that it builds for.
fn by_deed(deed: &Deed, label: &crate::ingest::Label<'_>) -> Option<How> {
    match deed {
        Deed::Run { emulated: Some(_), .. } => Some(How::Emulated),
        Deed::Run { foreign: Some(_), .. } => Some(How::Mixed),
        Deed::Run { .. } if label.cross_to.is_some() => Some(How::Cross),
        Deed::Run { .. } => Some(How::Native),
        _ => None,
    }
}

/// When the steps of a build ran: as the log says, or as early as their order allows.
pub(super) struct Times {
    /// Start and end of each step that began.
    pub(super) of: Vec<Option<(Nanos, Nanos)>>,
    /// When all that a step waits for was done, where something is known.
    pub(super) ready: Vec<Option<Nanos>>,
    /// The last end.
    pub(super) makespan: Nanos,
}

impl Times {
    pub(super) fn new(build: &ObservedBuild, links: &Links) -> Self {
        let mut times = Self {
            of: vec![None; build.steps.len()],
            ready: vec![None; build.steps.len()],
            makespan: Nanos::ZERO,
        };
        let is_timed = build.tells_instants();
        if is_timed {
            for (at, step) in build.steps.iter().enumerate() {
                times.of[at] = step.start().zip(step.end());
            }
        }
        for at in order(links) {
            let step = &build.steps[at];
            let ready = links.of[at].iter().filter_map(|input| times.end(*input)).max();
            times.ready[at] = ready;
            let began = !matches!(step.outcome, Outcome::NeverStarted);
            if times.of[at].is_none() && began && (!is_timed || step.outcome == Outcome::Cached) {
                let start = ready.unwrap_or_default();
                let told: Nanos = step.intervals.iter().map(|interval| interval.length()).sum();
                times.of[at] = Some((start, start + step.duration.unwrap_or(told)));
            }
        }
        times.makespan = times.of.iter().flatten().map(|(_, end)| *end).max().unwrap_or_default();
        if !is_timed {
            times.put_exports_last(build);
        }
        times
    }

    /// What comes after all steps comes after them, though nothing says so.
    fn put_exports_last(&mut self, build: &ObservedBuild) {
        let is_export = |at: usize| {
            let label = build.steps[at].label();
            label.subject == Subject::Export && !label.text.starts_with("importing ")
        };
        let own = (0..build.steps.len()).filter(|at| !is_export(*at));
        let mut end = own.filter_map(|at| self.of[at]).map(|(_, end)| end).max().unwrap_or_default();
        for at in (0..build.steps.len()).filter(|at| is_export(*at)) {
            if let Some((start, until)) = self.of[at] {
                let length = until - start;
                (self.of[at], self.ready[at]) = (Some((end, end + length)), Some(end));
                end += length;
            }
        }
        self.makespan = end.max(self.makespan);
    }

    /// When a step ended, or what it waits for if it did not run.
    fn end(&self, step: StepIx) -> Option<Nanos> {
        self.of[step.index()].map(|(_, end)| end).max(self.ready[step.index()])
    }
}

/// The steps, each after those that it waits for; those of a circle, which only a forged log has, in the order of the log.
fn order(links: &Links) -> Vec<usize> {
    let count = links.of.len();
    let mut waits: Vec<usize> = links.of.iter().map(Vec::len).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, inputs) in links.of.iter().enumerate() {
        for input in inputs {
            users[input.index()].push(at);
        }
    }
    let mut open: Vec<usize> = (0..count).rev().filter(|at| waits[*at] == 0).collect();
    let mut order = Vec::with_capacity(count);
    let mut is_done = vec![false; count];
    while let Some(at) = open.pop() {
        order.push(at);
        is_done[at] = true;
        for &user in &users[at] {
            waits[user] -= 1;
            if waits[user] == 0 {
                open.push(user);
            }
        }
    }
    order.extend((0..count).filter(|at| !is_done[*at]));
    order
}

/// How many steps ran at once.
fn at_once(runs: &[ObservedRun]) -> Vec<(Nanos, usize)> {
    let mut changes: BTreeMap<Nanos, i64> = BTreeMap::new();
    let works = |run: &&ObservedRun| {
        !matches!(run.subject, Subject::Internal | Subject::Other) && run.end > run.start
    };
    for run in runs.iter().filter(works) {
        *changes.entry(run.start).or_default() += 1;
        *changes.entry(run.end).or_default() -= 1;
    }
    let mut count = 0;
    let level = |(at, change): (Nanos, i64)| {
        count += change;
        (at, usize::try_from(count).unwrap_or(0))
    };
    changes.into_iter().map(level).collect()
}

/// When the last step of each target platform ended.
fn finish(build: &ObservedBuild, runs: &[ObservedRun]) -> Vec<(Nanos, String)> {
    let targets = super::matching::targets(build, None);
    let of = |target: &String| {
        let arch = target.split_once('/').map_or(target.as_str(), |(_, arch)| arch);
        let is_for = |run: &&ObservedRun| {
            let label = build.step(run.step).label();
            let own = label.cross_to.or_else(|| label.platform?.split_once('/').map(|(_, arch)| arch));
            label.index.is_some() && own == Some(arch)
        };
        let end = runs.iter().filter(is_for).map(|run| run.end).max();
        end.map(|end| (end, target.clone()))
    };
    let mut finish: Vec<(Nanos, String)> = targets.iter().filter_map(of).collect();
    finish.sort();
    finish
}
