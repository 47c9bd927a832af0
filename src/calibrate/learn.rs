//! What observed builds teach, put together.

use std::collections::BTreeMap;

use crate::cost::{
    Class, Estimate, FileEntry, LearntFrom, Profile, PullEntry, RunEntry, SCHEMA, SlowdownEntry,
};
use crate::ingest::ObservedBuild;
use crate::sim::Machine;
use crate::units::Nanos;

use super::deed::{Deed, Deeds};
use super::replay::{dependency_plan, observed_slots, overhead, remove_contention};

/// A build to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Name of the log, for the profile.
    pub name: &'a str,
    /// What it told, provenance joined if there is any.
    pub build: &'a ObservedBuild,
}

/// Learns a profile from builds that ran on `machine`, whose first node is the one that built.
pub fn calibrate(sources: &[Source<'_>], machine: &Machine) -> Profile {
    let node = &machine.nodes[0];
    let host = node.native.first().map_or_else(String::new, |platform| platform.architecture.to_string());
    let mut lessons = Lessons::default();
    let mut learnt_from = Vec::new();
    for source in sources {
        let deeds = Deeds::of(source.build, node);
        let estimates = |deed: &Deed| deed.estimate(&host, None, Nanos::ZERO);
        let works = remove_contention(source.build, &deeds, estimates, machine);
        let mut by_step = BTreeMap::new();
        for &(step, work) in &works {
            by_step.insert(step, work);
            let duration = source.build.step(step).duration.unwrap_or_default();
            lessons.note(&deeds.0[step.index()], &Lesson { work, duration, serial: estimates });
        }
        let replay = dependency_plan(source.build, |step| {
            by_step.get(&step).copied().unwrap_or(crate::work::Work::NONE)
        });
        let mut slots = machine.clone();
        slots.nodes[0].max_parallelism =
            slots.nodes[0].max_parallelism.or_else(|| observed_slots(source.build));
        let overhead = overhead(source.build);
        let makespan = replay.makespan(&slots) + overhead;
        let observed = source.build.makespan();
        lessons.overheads.push(overhead.as_secs_f64());
        learnt_from.push(LearntFrom {
            log: source.name.into(),
            steps: source.build.steps.len(),
            learnt: works.len(),
            by_digest: works.iter().filter(|(step, _)| source.build.step(*step).provenance.is_some()).count(),
            replay_error: rounded(if observed > Nanos::ZERO { makespan / observed - 1.0 } else { 0.0 }),
            problems: source.build.problems.to_string(),
        });
    }
    Profile { learnt_from, ..lessons.profile(host, node.cores) }
}

/// What one step of one build teaches.
struct Lesson<F: Fn(&Deed) -> Estimate> {
    work: crate::work::Work,
    duration: Nanos,
    serial: F,
}

/// What all builds taught so far.
#[derive(Default)]
struct Lessons {
    /// Core-seconds and latencies by commands and by the architecture emulated.
    runs: BTreeMap<(String, Option<String>), RunLesson>,
    files: BTreeMap<String, Vec<f64>>,
    pulls: BTreeMap<(String, String), Vec<f64>>,
    overheads: Vec<f64>,
}

struct RunLesson {
    class: Class,
    serial: f64,
    cpu: Vec<f64>,
    latency: Vec<f64>,
}

impl Lessons {
    fn note<F: Fn(&Deed) -> Estimate>(&mut self, deed: &Deed, lesson: &Lesson<F>) {
        let seconds = lesson.duration.as_secs_f64();
        match deed {
            Deed::Run { signature, emulated, .. } => {
                let key = (signature.text().to_owned(), emulated.clone());
                let run = self.runs.entry(key).or_insert_with(|| RunLesson {
                    class: signature.class(),
                    serial: (lesson.serial)(deed).serial,
                    cpu: Vec::new(),
                    latency: Vec::new(),
                });
                run.cpu.push(lesson.work.cpu.as_secs_f64());
                run.latency.push(lesson.work.latency.as_secs_f64());
            }
            Deed::File(instruction) => self.files.entry(instruction.clone()).or_default().push(seconds),
            Deed::Pull { image, platform } => {
                self.pulls.entry((image.clone(), platform.clone())).or_default().push(seconds);
            }
            Deed::Internal => {}
        }
    }

    fn profile(self, host: String, cores: f64) -> Profile {
        let slowdowns = self.slowdowns();
        let runs = self.runs.into_iter().map(|((does, emulated), run)| RunEntry {
            does,
            class: run.class,
            emulated,
            cpu_s: rounded(geometric_mean(&run.cpu)),
            latency_s: rounded(mean(&run.latency)),
            serial: rounded(run.serial),
            sigma: rounded(spread(&run.cpu).max(LEAST_SIGMA)),
            seen: run.cpu.len(),
        });
        let files = self.files.into_iter().map(|(does, seconds)| FileEntry {
            does,
            seconds: rounded(mean(&seconds)),
            seen: seconds.len(),
        });
        let pulls = self.pulls.into_iter().map(|((image, platform), seconds)| PullEntry {
            image,
            platform,
            seconds: rounded(mean(&seconds)),
            seen: seconds.len(),
        });
        Profile {
            schema: SCHEMA.into(),
            host,
            cores,
            overhead_s: rounded(mean(&self.overheads).max(0.0)),
            learnt_from: Vec::new(),
            slowdowns,
            runs: runs.collect(),
            files: files.collect(),
            pulls: pulls.collect(),
        }
    }

    /// Slow-downs of classes of which some step ran both ways: the mean of their logarithms, weighted by native time, so
    /// that a step which hardly computes says little.
    fn slowdowns(&self) -> Vec<SlowdownEntry> {
        let mut pairs: BTreeMap<(Class, String), Vec<(f64, f64)>> = BTreeMap::new();
        for ((does, emulated), run) in &self.runs {
            let Some(guest) = emulated else { continue };
            let Some(native) = self.runs.get(&(does.clone(), None)) else { continue };
            let (native, slow) = (geometric_mean(&native.cpu), geometric_mean(&run.cpu));
            if native >= LEAST_NATIVE && slow > native {
                pairs.entry((run.class, guest.clone())).or_default().push((native, (slow / native).ln()));
            }
        }
        let entry = |((class, guest), pairs): ((Class, String), Vec<(f64, f64)>)| {
            let weight: f64 = pairs.iter().map(|(weight, _)| weight).sum();
            let center = pairs.iter().map(|(weight, log)| weight * log).sum::<f64>() / weight;
            let variance =
                pairs.iter().map(|(weight, log)| weight * (log - center).powi(2)).sum::<f64>() / weight;
            let sigma = variance.sqrt().max(LEAST_SLOWDOWN_SIGMA);
            SlowdownEntry {
                class,
                guest,
                factor: rounded(center.exp()),
                sigma: rounded(sigma),
                pairs: pairs.len(),
            }
        };
        pairs.into_iter().map(entry).collect()
    }
}

/// Repeated builds differ by this much at least, as the standard deviation of the logarithm.
///
/// Source: `tests/data/timing/README.md`, 1 to 3 % back to back and up to 20 % minutes apart.
const LEAST_SIGMA: f64 = 0.08;

/// The same for slow-downs, of which even a class seen once or twice is no constant.
const LEAST_SLOWDOWN_SIGMA: f64 = 0.15;

/// Native core-seconds below which a ratio tells more of the container's start than of the work.
const LEAST_NATIVE: f64 = 0.1;

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Of positive values; zeroes count as a microsecond.
fn geometric_mean(values: &[f64]) -> f64 {
    let logs: Vec<f64> = values.iter().map(|value| value.max(1e-6).ln()).collect();
    if logs.is_empty() { 0.0 } else { mean(&logs).exp() }
}

/// Standard deviation of the logarithms.
fn spread(values: &[f64]) -> f64 {
    let logs: Vec<f64> = values.iter().map(|value| value.max(1e-6).ln()).collect();
    let center = mean(&logs);
    mean(&logs.iter().map(|log| (log - center).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// To three decimals, so that a profile is pleasant to read.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
