//! One build as a log tells it, and its assembly from messages about vertices.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use crate::source::cut_bytes;
use crate::units::Nanos;

use super::label::{Subject, label};
use super::origin::Origin;
use super::part;
use super::problems::Problems;
use super::provenance::Provenance;
use super::step::{ObservedStep, Outcome, StepIx, Times};
use super::tail::Tails;

/// A build that was watched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObservedBuild {
    /// Its steps, in the order in which the log first names them.
    pub steps: Vec<ObservedStep>,
    /// Where in the file it stands, such as the job of a CI service; empty where the file has one place.
    pub place: Box<str>,
    /// When its first step began, in nanoseconds since 1970, where the log says.
    pub began: Option<i64>,
    /// The target platforms, where provenance says.
    pub targets: Vec<Box<str>>,
    /// Cores that were busy on the builder from when on, where provenance says; the last instant ends it.
    pub busy: Vec<(Nanos, f64)>,
    /// Whether its intervals were put there by the order of its steps, as the log tells only how long they took.
    pub is_arranged: bool,
    /// How long it took by the log's own words, which the terminal's output has.
    pub stated: Option<Nanos>,
    /// Where it ran.
    pub origin: Origin,
    /// What in the log could not be used.
    pub problems: Problems,
}

impl ObservedBuild {
    /// From the first start to the last end; zero where the log tells no instants.
    pub fn makespan(&self) -> Nanos {
        self.steps.iter().filter_map(ObservedStep::end).max().unwrap_or_default()
    }

    /// Whether the log says when steps ran, and not only for how long: of all that took time and came to an end.
    pub fn tells_instants(&self) -> bool {
        let mut ran = self.steps.iter().filter(|step| step.executed()).peekable();
        ran.peek().is_some() && ran.all(|step| !step.intervals.is_empty())
            || self.steps.iter().any(|step| !step.intervals.is_empty())
                && !self.steps.iter().any(ObservedStep::executed)
    }

    /// The name of the Dockerfile that was built, as the log has it.
    pub fn dockerfile(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| {
            let (_, name) = step.name.split_once("load build definition from ")?;
            Some(name.trim()).filter(|name| !name.is_empty())
        })
    }

    /// One step.
    pub fn step(&self, step: StepIx) -> &ObservedStep {
        &self.steps[step.index()]
    }

    /// How many steps `provenance` knows.
    pub(super) fn known_to(&self, provenance: &Provenance) -> usize {
        let digests = self.steps.iter().filter_map(|step| step.digest.as_deref());
        digests.filter(|digest| provenance.steps.contains_key(*digest)).count()
    }

    /// Tells each step what `provenance` says of its digest. Returns how many steps it knew.
    pub fn join(&mut self, provenance: &Provenance) -> usize {
        let mut joined = 0;
        for step in &mut self.steps {
            let Some(known) = step.digest.as_deref().and_then(|digest| provenance.steps.get(digest)) else {
                continue;
            };
            step.provenance = Some(known.clone());
            joined += 1;
        }
        self.origin.complete(&provenance.origin);
        // Provenance of one platform each names that one.
        let new: Vec<_> = provenance.targets.iter().filter(|name| !self.targets.contains(name)).collect();
        self.targets.extend(new.into_iter().cloned());
        let began = self.began.unwrap_or_default();
        let since = |at: i64| Nanos(at.saturating_sub(began).max(0).unsigned_abs());
        self.busy = provenance.busy.iter().map(|&(at, cores)| (since(at), cores)).collect();
        if self.began.is_none() {
            self.busy.clear();
        }
        self.add_inputs(provenance);
        joined
    }

    /// Inputs out of provenance, for logs that do not tell them.
    fn add_inputs(&mut self, provenance: &Provenance) {
        let by_digest: BTreeMap<&str, StepIx> = self
            .steps
            .iter()
            .enumerate()
            .filter_map(|(at, step)| Some((step.digest.as_deref()?, StepIx::new(at))))
            .collect();
        let inputs: Vec<Vec<StepIx>> = self
            .steps
            .iter()
            .map(|step| {
                let known = step.digest.as_deref().and_then(|digest| provenance.steps.get(digest));
                let inputs = known.map_or(&[][..], |known| &known.inputs);
                inputs.iter().filter_map(|input| by_digest.get(&**input).copied()).collect()
            })
            .collect();
        for (step, inputs) in self.steps.iter_mut().zip(inputs) {
            if step.inputs.is_empty() {
                step.inputs = inputs;
            }
        }
    }
}

/// One message about a vertex; instants in nanoseconds of the log's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Update<'a> {
    pub(super) digest: &'a str,
    pub(super) name: &'a str,
    pub(super) started: Option<i64>,
    pub(super) completed: Option<i64>,
    pub(super) cached: bool,
    pub(super) error: &'a str,
}

/// Builds under assembly: of several in one file, one after another.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    pub(super) problems: Problems,
    pub(super) origin: Origin,
    done: Vec<ObservedBuild>,
    by_digest: HashMap<Box<str>, StepIx>,
    vertices: Vec<Vertex>,
    /// Steps that run now.
    open: usize,
    tails: Tails,
    /// The step that printed last.
    speaker: Option<StepIx>,
}

#[derive(Debug, Default)]
struct Vertex {
    digest: Box<str>,
    name: Box<str>,
    inputs: Vec<StepIx>,
    times: Times,
    cached: bool,
    error: Option<Box<str>>,
    parts: Vec<part::Part>,
    output: Vec<Box<str>>,
}

impl Assembler {
    /// A log with more steps than this is a forgery: the largest bakes have some thousands.
    pub(super) const MAX_STEPS: usize = 30_000;
    /// Errors are cut to this many bytes; BuildKit's can hold a step's whole output.
    const MAX_ERROR: usize = 4096;
    /// Names are cut to this many bytes; the longest hold a whole script.
    const MAX_NAME: usize = 1 << 16;
    /// Inputs of one step that are kept.
    const MAX_INPUTS: usize = 4096;

    /// The vertex with a digest, made if there is none. `None` beyond the limit.
    fn vertex(&mut self, digest: &str) -> Option<StepIx> {
        if let Some(&step) = self.by_digest.get(digest) {
            return Some(step);
        }
        if self.vertices.len() + self.done.len() >= Self::MAX_STEPS {
            self.problems.too_many_steps += 1;
            return None;
        }
        let step = StepIx::new(self.vertices.len());
        self.vertices.push(Vertex { digest: digest.into(), ..Vertex::default() });
        self.by_digest.insert(digest.into(), step);
        Some(step)
    }

    /// Takes in a message about a vertex.
    pub(super) fn update<'a>(&mut self, update: &Update<'_>, inputs: impl Iterator<Item = &'a str>) {
        if self.begins_another(update) {
            self.next_build();
        }
        let Some(step) = self.vertex(update.digest) else { return };
        let inputs = inputs.take(Self::MAX_INPUTS);
        let inputs: Vec<StepIx> = inputs.filter_map(|input| self.vertex(input)).collect();
        let vertex = &mut self.vertices[step.index()];
        let was_open = vertex.times.is_open();
        if !update.name.is_empty() && vertex.name.is_empty() {
            vertex.name = cut_bytes(update.name, Self::MAX_NAME).into();
        }
        if !inputs.is_empty() {
            vertex.inputs = inputs;
        }
        if let Some(started) = update.started {
            vertex.times.note(started, update.completed);
        }
        vertex.cached |= update.cached;
        if !update.error.is_empty() {
            vertex.error = Some(cut_bytes(update.error, Self::MAX_ERROR).into());
            let output = self.tails.take_base64(step);
            if !output.is_empty() {
                vertex.output = output;
            }
        } else if update.completed.is_some() && vertex.error.is_none() {
            self.tails.forget(step);
        }
        let is_open = vertex.times.is_open();
        self.open = (self.open + usize::from(is_open)).saturating_sub(usize::from(was_open));
    }

    /// Takes in what a step printed, in base64. Of a step that has ended nothing is kept, unless it failed.
    pub(super) fn printed(&mut self, digest: &str, data: &[u8]) {
        // A step prints many lines after each other.
        let step = match self.speaker {
            Some(step) if *self.vertices[step.index()].digest == *digest => step,
            _ => match self.by_digest.get(digest) {
                Some(&step) => step,
                None => return,
            },
        };
        self.speaker = Some(step);
        if self.vertices[step.index()].times.is_open() {
            self.tails.push_base64(step, data);
        }
    }

    /// Takes in that a part of a step took so long.
    pub(super) fn part(&mut self, digest: &str, name: &str, duration: Nanos) {
        let Some(&step) = self.by_digest.get(digest) else { return };
        let vertex = &mut self.vertices[step.index()];
        if matches!(label(&vertex.name).subject, Subject::Export | Subject::Internal) {
            part::note(&mut vertex.parts, name, duration);
        }
    }

    /// A build loads each definition once, and another begins only when all steps of the first have ended.
    fn begins_another(&self, update: &Update<'_>) -> bool {
        let loads = |name: &str| name.contains("internal] load build definition");
        self.open == 0
            && loads(update.name)
            && !self.by_digest.contains_key(update.digest)
            && self
                .vertices
                .iter()
                .any(|vertex| *vertex.name == *update.name && vertex.times.first().is_some())
    }

    /// Ends the build and begins the next.
    fn next_build(&mut self) {
        let build = self.take();
        self.done.push(build);
    }

    /// The builds, each with all times counted from its first start.
    pub(super) fn finish(mut self) -> Vec<ObservedBuild> {
        if !self.vertices.is_empty() || self.done.is_empty() {
            self.next_build();
        }
        self.done
    }

    /// What is assembled so far.
    fn take(&mut self) -> ObservedBuild {
        (self.open, self.speaker) = (0, None);
        self.by_digest.clear();
        let mut vertices = mem::take(&mut self.vertices);
        for (at, vertex) in vertices.iter_mut().enumerate() {
            if vertex.output.is_empty() && vertex.times.is_open() {
                vertex.output = self.tails.take_base64(StepIx::new(at));
            }
        }
        self.tails = Tails::default();
        let origin = vertices.iter().filter_map(|vertex| vertex.times.first()).min().unwrap_or(0);
        let mut problems = mem::take(&mut self.problems);
        problems.clock_jumps += vertices.iter().map(|vertex| vertex.times.clock_jumps()).sum::<u64>();
        problems.cut_short |= vertices.iter().any(|vertex| vertex.times.is_open());
        let steps = vertices.into_iter().map(|vertex| vertex.finish(origin)).collect();
        let began = (origin > 0).then_some(origin);
        ObservedBuild { steps, began, origin: self.origin.clone(), problems, ..ObservedBuild::default() }
    }
}

impl Vertex {
    fn finish(self, origin: i64) -> ObservedStep {
        let outcome = self.outcome();
        let intervals = self.times.merged(origin);
        let finished = matches!(outcome, Outcome::Done | Outcome::Cached);
        ObservedStep {
            digest: Some(self.digest),
            name: self.name,
            inputs: self.inputs,
            duration: finished.then(|| intervals.iter().map(|interval| interval.length()).sum()),
            intervals,
            outcome,
            error: self.error,
            parts: self.parts,
            output: self.output,
            provenance: None,
            is_placed: false,
        }
    }

    fn outcome(&self) -> Outcome {
        match &self.error {
            Some(error) if error.contains("context canceled") => Outcome::Canceled,
            Some(_) => Outcome::Failed,
            None if self.times.is_open() => Outcome::Unfinished,
            None if self.cached => Outcome::Cached,
            None if self.times.first().is_none() => Outcome::NeverStarted,
            None => Outcome::Done,
        }
    }
}
