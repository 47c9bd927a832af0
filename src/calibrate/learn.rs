//! What observed builds teach, put together.

use std::collections::BTreeMap;

use crate::cost::{
    Class, Estimate, Execution, FileEntry, Known, LearntFrom, Profile, PullEntry, RunEntry, SCHEMA,
    Signature, estimate_run, priors,
};
use crate::ingest::ObservedBuild;
use crate::shell::{Repeats, exec_commands};
use crate::sim::Machine;
use crate::units::Nanos;
use crate::work::Work;

use super::classes::{Sighting, class_entries, project_size, ratios, slowdown_entries};
use super::deed::{Deed, Deeds};
use super::replay::{
    dependency_plan, is_first_on_image, observed_slots, overhead, preparation, remove_contention,
};
use super::scaling::serial_parts;
use super::statistics::{geometric_mean, mean, rounded, spread};

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
    let sources: Vec<(Source<'_>, Deeds)> =
        sources.iter().map(|source| (*source, Deeds::of(source.build, node))).collect();
    let defaults = |deed: &Deed| deed.estimate(&host, None, Nanos::ZERO);
    let serial = serial_parts(&sources, machine, defaults);
    let estimates = |deed: &Deed| {
        let default = defaults(deed);
        Estimate { serial: serial.get(&default.class).copied().unwrap_or(default.serial), ..default }
    };
    for (source, deeds) in &sources {
        let build = source.build;
        let slots =
            machine.nodes[0].max_parallelism.or_else(|| observed_slots(build).filter(|_| !build.is_arranged));
        let works = remove_contention(build, deeds, estimates, machine);
        let mut by_step = BTreeMap::new();
        for &(step, work) in &works {
            let wait = preparation(build, step).filter(|_| slots.is_none() && !build.is_arranged);
            let duration = build.step(step).duration.unwrap_or_default();
            let is_first = is_first_on_image(build, step);
            by_step.insert(step, Work { latency: work.latency + wait.unwrap_or_default(), ..work });
            lessons.note(
                &deeds.0[step.index()],
                &Lesson { work, wait, duration, is_first, is_contended: build.is_arranged },
                estimates,
            );
        }
        let replay = dependency_plan(build, |step| by_step.get(&step).copied().unwrap_or(Work::NONE));
        let mut limited = machine.clone();
        limited.nodes[0].max_parallelism = slots;
        let overhead = overhead(build);
        let makespan = replay.makespan(&limited) + overhead;
        let observed = build.makespan();
        lessons.overheads.push(overhead.as_secs_f64());
        learnt_from.push(LearntFrom {
            log: source.name.into(),
            steps: build.steps.len(),
            learnt: works.len(),
            by_digest: works.iter().filter(|(step, _)| build.step(*step).provenance.is_some()).count(),
            replay_error: rounded(if observed > Nanos::ZERO { makespan / observed - 1.0 } else { 0.0 }),
            problems: problems(build),
        });
    }
    Profile { learnt_from, ..lessons.profile(host, node.cores) }
}

/// What could not be read of a log, or not known.
fn problems(build: &ObservedBuild) -> String {
    let read = build.problems.to_string();
    let parts = [read.as_str(), if build.is_arranged { "no instants: contention is not known" } else { "" }];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What one step of one build teaches.
struct Lesson {
    /// With contention removed.
    work: Work,
    /// Between the end of its inputs and its start.
    wait: Option<Nanos>,
    duration: Nanos,
    /// It builds on an image that was unpacked just before.
    is_first: bool,
    /// The log does not tell what ran beside it.
    is_contended: bool,
}

/// Commands, the architecture they were emulated for, and that of foreign programs among them.
type Key = (String, Option<String>, Option<String>);

/// What all builds taught so far.
#[derive(Default)]
struct Lessons {
    runs: BTreeMap<Key, RunLesson>,
    files: BTreeMap<String, FileLesson>,
    pulls: BTreeMap<(String, String), Vec<f64>>,
    overheads: Vec<f64>,
    settling: Vec<f64>,
}

struct RunLesson {
    class: Class,
    serial: f64,
    /// Core-seconds natively by the defaults of its classes.
    default_cpu: f64,
    /// How much slower the defaults say it is, executed as it was.
    default_slowdown: f64,
    /// Whether the defaults know how often each command runs.
    is_counted: bool,
    cpu: Vec<f64>,
    latency: Vec<f64>,
    wait: Vec<f64>,
    /// Whether some log did not tell what ran beside it.
    is_contended: bool,
}

#[derive(Default)]
struct FileLesson {
    seconds: Vec<f64>,
    wait: Vec<f64>,
}

impl RunLesson {
    fn new(argv: &[String], signature: &Signature, estimate: &Estimate) -> Self {
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        let commands = exec_commands(&argv);
        Self {
            class: signature.class(),
            serial: estimate.serial,
            default_cpu: estimate_run(&commands, Execution::Native, &Known::default()).cpu.as_secs_f64(),
            default_slowdown: estimate.slowdown.median,
            is_counted: commands.iter().all(|command| command.repeats != Repeats::Unknown),
            cpu: Vec::new(),
            latency: Vec::new(),
            wait: Vec::new(),
            is_contended: false,
        }
    }
}

impl Lessons {
    fn note(&mut self, deed: &Deed, lesson: &Lesson, estimates: impl Fn(&Deed) -> Estimate) {
        let seconds = lesson.duration.as_secs_f64();
        let wait = lesson.wait.map(Nanos::as_secs_f64);
        match deed {
            Deed::Run { argv, signature, emulated, foreign } => {
                let foreign = foreign.as_ref().map(|(_, guest)| guest.clone());
                let key = (signature.text().to_owned(), emulated.clone(), foreign);
                let run =
                    self.runs.entry(key).or_insert_with(|| RunLesson::new(argv, signature, &estimates(deed)));
                run.cpu.push(lesson.work.cpu.as_secs_f64() * lesson.work.slowdown);
                run.latency.push(lesson.work.latency.as_secs_f64());
                run.wait.extend(wait);
                run.is_contended |= lesson.is_contended;
            }
            Deed::File(does) => {
                let file = self.files.entry(does.clone()).or_default();
                file.wait.extend(wait);
                if lesson.is_first {
                    self.settling.push((seconds - USUAL_FILE).max(0.0));
                } else {
                    file.seconds.push(seconds);
                }
            }
            // An image that was there already teaches nothing of getting it.
            Deed::Pull { .. } if lesson.duration < priors::LEAST_PULL => {}
            Deed::Pull { image, platform } => {
                self.pulls.entry((image.clone(), platform.clone())).or_default().push(seconds);
            }
            Deed::Inline | Deed::Internal => {}
        }
    }

    fn profile(self, host: String, cores: f64) -> Profile {
        let sightings = self.sightings();
        let slowdowns = slowdown_entries(&sightings, &host);
        let ratios = ratios(&sightings, &slowdowns, &host);
        let size = rounded(project_size(&ratios));
        let classes = class_entries(&ratios);
        let runs = self.runs.into_iter().map(|((does, emulated, foreign), run)| RunEntry {
            does,
            class: run.class,
            emulated,
            foreign,
            cpu_s: rounded(geometric_mean(&run.cpu)),
            latency_s: rounded(mean(&run.latency)),
            wait_s: rounded(mean(&run.wait)),
            serial: rounded(run.serial),
            sigma: rounded(spread(&run.cpu).max(if run.is_contended {
                CONTENDED_SIGMA
            } else {
                LEAST_SIGMA
            })),
            seen: run.cpu.len(),
        });
        let files = self.files.into_iter().map(|(does, file)| FileEntry {
            does,
            seconds: rounded(if file.seconds.is_empty() {
                USUAL_FILE
            } else {
                geometric_mean(&file.seconds)
            }),
            wait_s: rounded(if file.wait.is_empty() { 0.0 } else { geometric_mean(&file.wait) }),
            seen: file.seconds.len().max(1),
        });
        let pulls = self.pulls.into_iter().map(|((image, platform), seconds)| PullEntry {
            image,
            platform,
            seconds: rounded(mean(&seconds)),
            seen: seconds.len(),
        });
        let settling =
            if self.settling.is_empty() { priors::DEFAULT_SETTLING_S } else { mean(&self.settling) };
        Profile {
            schema: SCHEMA.into(),
            host,
            cores,
            overhead_s: rounded(mean(&self.overheads).max(0.0)),
            settling_s: rounded(settling),
            size,
            learnt_from: Vec::new(),
            classes,
            slowdowns,
            runs: runs.collect(),
            files: files.collect(),
            pulls: pulls.collect(),
        }
    }

    /// What was seen of steps that run in no loop of unknown length and call no foreign program.
    fn sightings(&self) -> Vec<Sighting> {
        let counted = self.runs.iter().filter(|((_, _, foreign), run)| run.is_counted && foreign.is_none());
        let sighting = |((does, emulated, _), run): (&Key, &RunLesson)| Sighting {
            does: does.clone(),
            class: run.class,
            emulated: emulated.clone(),
            cpu: geometric_mean(&run.cpu),
            default_cpu: run.default_cpu,
            default_slowdown: run.default_slowdown,
            seen: run.cpu.len(),
        };
        counted.map(sighting).collect()
    }
}

/// Seconds of a file step of which nothing is known.
///
/// Source: `tests/data/timing`, most take 0.01 to 0.04 s.
const USUAL_FILE: f64 = 0.02;

/// Spread where it is not known what ran beside a step, as the standard deviation of the logarithm: on a few cores it may have
/// had a half of one or the whole.
const CONTENDED_SIGMA: f64 = 0.4;

/// Repeats of one step differ by this much at least besides the pace of the machine, as the standard deviation of the logarithm.
///
/// Source: `tests/data/timing`, 0.04 for steps of more than 4 core-seconds, 0.12 for shorter ones.
const LEAST_SIGMA: f64 = 0.08;
