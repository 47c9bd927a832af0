//! `--progress=plain`: BuildKit's printer for people (`progressui/printer.go`), also inside the log of a CI service.
//!
//! Tells names and durations, neither digests nor inputs. Where a CI service puts an instant before each line, steps also
//! get an interval.

use std::collections::HashMap;
use std::io::BufRead;

use crate::units::Nanos;

use super::IngestError;
use super::build::ObservedBuild;
use super::line::{Lines, strip_escapes};
use super::problems::Problems;
use super::step::{Interval, ObservedStep, Outcome, StepIx};
use super::time::parse_rfc3339;

/// Reads a log.
pub(super) fn read(reader: impl BufRead) -> Result<ObservedBuild, IngestError> {
    let mut log = Log::default();
    let mut problems = Problems::default();
    let mut lines = Lines::new(reader);
    let mut text = String::new();
    while let Some(line) = lines.next(&mut problems)? {
        text.clear();
        text.push_str(&String::from_utf8_lossy(line));
        strip_escapes(&mut text);
        log.line(&text);
    }
    // A plain log need not end with a line break.
    problems.cut_short = log.steps.iter().any(|step| step.outcome == Outcome::Unfinished);
    problems.further_builds = log.further_builds;
    problems.too_many_steps = log.too_many_steps;
    log.count_from_first_start();
    Ok(ObservedBuild { steps: log.steps, problems })
}

/// A log read so far.
#[derive(Default)]
struct Log {
    steps: Vec<ObservedStep>,
    /// Steps of the build being printed by their number.
    by_number: HashMap<u64, StepIx>,
    further_builds: u64,
    too_many_steps: u64,
}

/// Steps beyond this many are not real.
const MAX_STEPS: usize = 200_000;

impl Log {
    fn line(&mut self, line: &str) {
        let (instant, line) = split_instant(line.trim_start_matches('\u{feff}'));
        let Some((number, text)) = split_number(line) else { return };
        let known = self.by_number.get(&number).copied();
        match known {
            None => self.header(number, text),
            Some(_) if self.begins_another_build(known, text) => {
                self.further_builds += 1;
                self.by_number.clear();
                self.header(number, text);
            }
            Some(step) => self.event(step, text, instant),
        }
    }

    /// The first line of a number is the vertex's name.
    fn header(&mut self, number: u64, name: &str) {
        if self.steps.len() >= MAX_STEPS {
            self.too_many_steps += 1;
            return;
        }
        self.by_number.insert(number, StepIx::new(self.steps.len()));
        self.steps.push(ObservedStep {
            name: name.into(),
            outcome: Outcome::Unfinished,
            ..ObservedStep::default()
        });
    }

    /// A finished load of the build definition does not begin again within a build.
    fn begins_another_build(&self, known: Option<StepIx>, text: &str) -> bool {
        let finished = known.is_some_and(|step| self.steps[step.index()].outcome != Outcome::Unfinished);
        finished && text.starts_with("[internal] load build definition")
    }

    fn event(&mut self, step: StepIx, text: &str, instant: Option<i64>) {
        let step = &mut self.steps[step.index()];
        if let Some(seconds) = text.strip_prefix("DONE ").and_then(duration) {
            step.outcome = Outcome::Done;
            step.duration = Some(seconds);
            if let Some(end) = instant {
                let end = Nanos(end.unsigned_abs());
                step.intervals = vec![Interval { start: end - seconds, end }];
            }
        } else if text == "CACHED" {
            step.outcome = Outcome::Cached;
            step.duration = Some(Nanos::ZERO);
        } else if text == "CANCELED" {
            step.outcome = Outcome::Canceled;
        } else if let Some(error) = text.strip_prefix("ERROR: ") {
            let canceled = error.contains("context canceled");
            step.outcome = if canceled { Outcome::Canceled } else { Outcome::Failed };
            step.error = Some(error.into());
        }
    }

    fn count_from_first_start(&mut self) {
        let origin = self.steps.iter().filter_map(ObservedStep::start).min().unwrap_or_default();
        for interval in self.steps.iter_mut().flat_map(|step| &mut step.intervals) {
            interval.start = interval.start - origin;
            interval.end = interval.end - origin;
        }
    }
}

/// The instant that a CI service puts before a line, and the line.
fn split_instant(line: &str) -> (Option<i64>, &str) {
    let parsed = line.split_once(' ').and_then(|(first, rest)| Some((parse_rfc3339(first)?, rest)));
    parsed.map_or((None, line), |(instant, rest)| (Some(instant), rest))
}

/// `#12 text`.
fn split_number(line: &str) -> Option<(u64, &str)> {
    let (number, text) = line.strip_prefix('#')?.split_once(' ')?;
    Some((number.parse().ok()?, text.trim_end()))
}

/// `4.3s`.
fn duration(text: &str) -> Option<Nanos> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    (seconds.is_finite() && seconds >= 0.0).then(|| Nanos::from_secs_f64(seconds))
}
