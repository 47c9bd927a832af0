//! What the page's script reads: steps, boxes and the simulated runs, as JSON.
//!
//! Holds the serialised shape and rounds times to a unit that no reader can see. `page.js` is its only reader.

use serde::Serialize;

use crate::report::escape::json_visible;
use crate::source::shortened;

use super::steps::Step;
use crate::explore::Exploration;
use crate::report::picture::view::Mode;
use crate::sim::{Quantiles, Span, TaskIx, Trace};
use crate::units::Nanos;

/// A build.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    /// Seconds of a unit of time.
    unit: f64,
    /// The number of the first step on the page; all other numbers of steps count from the page's first, too.
    first_step: usize,
    /// The steps.
    steps: Vec<StepData>,
    /// For each simulated part of a step, its step and the targets it works for.
    parts: Vec<PartData>,
    /// For each picture, the steps of each of its boxes.
    pub(super) boxes: Vec<Vec<Vec<usize>>>,
    /// The names of the targets.
    pub(super) targets: Vec<String>,
    /// How long emulated work takes compared with native work, for each stop of the slider.
    slowdowns: Vec<f64>,
    /// Numbers of cores, for each stop of the slider.
    cores: Vec<f64>,
    /// Targets that are built, for each choice.
    platforms: Vec<Vec<usize>>,
    /// The cores of all nodes that build, as asked for.
    all_cores: f64,
    /// The run that was asked for.
    base: usize,
    /// The runs by slow-down, cores and platforms; the last varies fastest.
    runs: Vec<RunData>,
    /// In one build of ten it takes less, and in one of ten more, in units.
    range: [u64; 2],
}

#[derive(Debug, Serialize)]
struct StepData {
    /// `native`, `emulated`, `source` and so on: its class in the style sheet.
    class: &'static str,
    keyword: String,
    label: String,
    /// The targets, where they are not all.
    tag: String,
    /// The first line, zero for none.
    line: u32,
}

#[derive(Debug, Serialize)]
struct PartData {
    step: usize,
    targets: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct RunData {
    /// How long the build takes.
    makespan: u64,
    /// For each part three numbers: when it is ready, how long it then waits, how long it works. A part that this run does
    /// not need has a single -1.
    times: Vec<i64>,
    /// The parts of the critical path.
    path: Vec<usize>,
    /// When each target is done; zero where it is not built.
    finish: Vec<u64>,
    /// How many of all cores are busy on average in each of equal parts of the build: a digit of base 64 for each part.
    load: String,
}

/// The parts of a build for which the page says how many cores are busy.
const LOAD_PARTS: usize = 72;
/// The digits of base 64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What is known of a build and its steps.
pub(super) struct Facts<'a> {
    pub(super) found: &'a Exploration,
    pub(super) total: Quantiles,
    /// The cores of all nodes that build.
    pub(super) cores: f64,
    pub(super) first_step: usize,
    /// For each task the step that shows it.
    pub(super) step_of: &'a [Option<usize>],
    /// For each task the targets it works for.
    pub(super) targets_of: &'a [Vec<usize>],
    pub(super) targets: Vec<String>,
}

impl Data {
    /// The data as JSON that can stand in a script element, and in a log.
    pub(super) fn json(&self) -> Result<String, askama::Error> {
        Ok(json_visible(askama::filters::json(self)?.to_string()))
    }

    /// The data of a build; `tag` says for whom a step works.
    pub(super) fn new<'s>(facts: &Facts<'_>, steps: impl Iterator<Item = (&'s Step, String)>) -> Self {
        let found = facts.found;
        let base = found.runs.get(found.base);
        let makespan = base.map_or(Nanos::ZERO, |run| run.trace.makespan());
        let unit = unit(makespan);
        let takes_time = |task: usize| {
            let span = base.map_or_else(Span::default, |run| *run.trace.span(TaskIx::new(task)));
            span.finish > span.ready
        };
        let tasks: Vec<usize> = (0..facts.step_of.len()).filter(|task| takes_time(*task)).collect();
        let part = |task: &usize| {
            let step = facts.step_of[*task]?;
            Some((*task, PartData { step, targets: facts.targets_of[*task].clone() }))
        };
        let (tasks, parts): (Vec<usize>, Vec<PartData>) = tasks.iter().filter_map(part).unzip();
        let mut position = vec![None; facts.step_of.len()];
        tasks.iter().enumerate().for_each(|(at, task)| position[*task] = Some(at));
        let sets = found.platforms.iter().cycle();
        let cores_of = |at: usize| found.cores.get(at / found.platforms.len() % found.cores.len());
        let scale = cores_of(found.base).map_or(1.0, |own| facts.cores / own);
        let runs = found.runs.iter().zip(sets).enumerate().map(|(at, (run, set))| RunData {
            load: load(&run.trace, cores_of(at).map_or(facts.cores, |cores| cores * scale)),
            makespan: units(run.trace.makespan(), unit),
            times: times(&run.trace, &tasks, unit, |task| {
                facts.targets_of[task].iter().any(|target| set.contains(target))
            }),
            path: path(&run.trace, &position),
            finish: run.finish.iter().map(|finish| units(*finish, unit)).collect(),
        });
        Self {
            unit: unit.as_secs_f64(),
            first_step: facts.first_step,
            steps: steps.map(step).collect(),
            parts,
            boxes: Vec::new(),
            targets: facts.targets.clone(),
            slowdowns: found.slowdowns.iter().map(|slowdown| round(slowdown.average)).collect(),
            cores: found.cores.clone(),
            platforms: found.platforms.clone(),
            all_cores: facts.cores,
            base: found.base,
            runs: runs.collect(),
            range: [units(facts.total.p10, unit), units(facts.total.p90, unit)],
        }
    }
}

/// A ten-thousandth of the build or less, in decimal steps of at least a millisecond.
fn unit(makespan: Nanos) -> Nanos {
    let mut unit = Nanos(1_000_000);
    while makespan.0 / unit.0 > 100_000 {
        unit = Nanos(unit.0 * 10);
    }
    unit
}

const fn units(time: Nanos, unit: Nanos) -> u64 {
    (time.0 + unit.0 / 2) / unit.0
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn step((step, tag): (&Step, String)) -> StepData {
    StepData {
        class: step.mode.map_or(step.kind.as_str(), Mode::as_str),
        keyword: step.keyword.clone(),
        label: shorten(&step.label),
        tag,
        line: step.places.first().map_or(0, |place| place.line.0),
    }
}

/// As many characters of a text as a bar or a row may need.
pub(super) fn shorten(text: &str) -> String {
    shortened(text, 160)
}

fn times(trace: &Trace, tasks: &[usize], unit: Nanos, is_needed: impl Fn(usize) -> bool) -> Vec<i64> {
    let mut times = Vec::with_capacity(tasks.len() * 3);
    for &task in tasks {
        if !is_needed(task) {
            times.push(-1);
            continue;
        }
        let span = trace.span(TaskIx::new(task));
        let at = |time: Nanos| i64::try_from(units(time, unit)).unwrap_or(i64::MAX);
        let (ready, begun, finish) = (at(span.ready), at(span.begun), at(span.finish));
        times.extend([ready, begun - ready, finish - begun]);
    }
    times
}

/// The busy part of `cores` in each part of a run.
fn load(trace: &Trace, cores: f64) -> String {
    let end = trace.makespan().as_secs_f64();
    let mut parts = [0.0; LOAD_PARTS];
    let mut busy: Vec<(usize, f64)> = Vec::new();
    let mut from = 0.0;
    let loads = trace.loads().iter().map(|load| (load.at.as_secs_f64(), Some(load)));
    for (at, load) in loads.chain([(end, None)]) {
        let all: f64 = busy.iter().map(|(_, cores)| cores).sum();
        if all > 0.0 && at > from {
            spread(&mut parts, from / end, at / end, all / cores);
        }
        from = at;
        if let Some(load) = load {
            let node = load.node.index();
            match busy.iter_mut().find(|(known, _)| *known == node) {
                Some((_, cores)) => *cores = load.cores,
                None => busy.push((node, load.cores)),
            }
        }
    }
    // Between 0 and 63.
    #[allow(clippy::cast_sign_loss)]
    let digit = |part: &f64| char::from(DIGITS[(part.clamp(0.0, 1.0) * 63.0).round() as usize]);
    parts.iter().map(digit).collect()
}

/// Adds `amount` over a part of the whole, given from 0 to 1, to the averages of equal parts.
fn spread(parts: &mut [f64; LOAD_PARTS], from: f64, to: f64, amount: f64) {
    let count = LOAD_PARTS as f64;
    for (at, part) in parts.iter_mut().enumerate() {
        let (start, end) = (at as f64, at as f64 + 1.0);
        let shared = (to * count).min(end) - (from * count).max(start);
        if shared > 0.0 {
            *part += amount * shared;
        }
    }
}

fn path(trace: &Trace, position: &[Option<usize>]) -> Vec<usize> {
    let steps = trace.critical_path();
    let lasting = steps.iter().filter(|step| step.to > step.from);
    lasting.filter_map(|step| position.get(step.task.index()).copied().flatten()).collect()
}
