//! One build as a log tells it, and its assembly from messages about vertices.

use std::collections::{BTreeMap, HashMap};

use crate::units::Nanos;

use super::problems::Problems;
use super::provenance::Provenance;
use super::step::{ObservedStep, Outcome, StepIx, Times};

/// A build that was watched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObservedBuild {
    /// Its steps, in the order in which the log first names them.
    pub steps: Vec<ObservedStep>,
    /// What in the log could not be used.
    pub problems: Problems,
}

impl ObservedBuild {
    /// From the first start to the last end; zero where the log tells no instants.
    pub fn makespan(&self) -> Nanos {
        self.steps.iter().filter_map(ObservedStep::end).max().unwrap_or_default()
    }

    /// One step.
    pub fn step(&self, step: StepIx) -> &ObservedStep {
        &self.steps[step.index()]
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

/// A build under assembly.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    pub(super) problems: Problems,
    by_digest: HashMap<Box<str>, StepIx>,
    vertices: Vec<Vertex>,
}

#[derive(Debug, Default)]
struct Vertex {
    digest: Box<str>,
    name: Box<str>,
    inputs: Vec<StepIx>,
    times: Times,
    cached: bool,
    error: Option<Box<str>>,
}

impl Assembler {
    /// A log with more steps than this is a forgery, or a month of a build farm.
    const MAX_STEPS: usize = 200_000;
    /// Errors are cut to this many bytes; BuildKit's can hold a step's whole output.
    const MAX_ERROR: usize = 4096;

    /// The vertex with a digest, made if there is none. `None` beyond the limit.
    fn vertex(&mut self, digest: &str) -> Option<StepIx> {
        if let Some(&step) = self.by_digest.get(digest) {
            return Some(step);
        }
        if self.vertices.len() >= Self::MAX_STEPS {
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
        let Some(step) = self.vertex(update.digest) else { return };
        let inputs: Vec<StepIx> = inputs.filter_map(|input| self.vertex(input)).collect();
        let vertex = &mut self.vertices[step.index()];
        if !update.name.is_empty() && vertex.name.is_empty() {
            vertex.name = update.name.into();
        }
        if !inputs.is_empty() {
            vertex.inputs = inputs;
        }
        if let Some(started) = update.started {
            vertex.times.note(started, update.completed);
        }
        vertex.cached |= update.cached;
        if !update.error.is_empty() {
            let cut = (0..=Self::MAX_ERROR.min(update.error.len()))
                .rev()
                .find(|&at| update.error.is_char_boundary(at));
            vertex.error = update.error.get(..cut.unwrap_or(0)).map(Into::into);
        }
    }

    /// The build, with all times counted from its first start.
    pub(super) fn finish(self) -> ObservedBuild {
        let origin = self.vertices.iter().filter_map(|vertex| vertex.times.first()).min().unwrap_or(0);
        let mut problems = self.problems;
        let definitions =
            self.vertices.iter().filter(|vertex| vertex.name.contains("[internal] load build definition"));
        problems.further_builds += (definitions.count() as u64).saturating_sub(1);
        problems.clock_jumps += self.vertices.iter().map(|vertex| vertex.times.clock_jumps()).sum::<u64>();
        let steps = self.vertices.into_iter().map(|vertex| vertex.finish(origin)).collect();
        ObservedBuild { steps, problems }
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
            provenance: None,
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
