//! `--progress=plain`: BuildKit's printer for people (`progressui/printer.go`).
//!
//! Tells names and durations, neither digests nor inputs. Where a CI service puts an instant before each line, steps also
//! get an interval.

use std::collections::HashMap;
use std::mem;

use crate::units::Nanos;

use super::build::{Assembler, ObservedBuild};
use super::label::{Subject, label};
use super::line::cut_bytes;
use super::part;
use super::step::{Interval, ObservedStep, Outcome, StepIx};
use super::tail::Tails;

/// Names and errors are cut to this many bytes; the longest hold a whole script.
const MAX_TEXT: usize = 1 << 16;

/// The builds that were printed, one after another.
#[derive(Default)]
pub(super) struct Printer {
    /// What buildx says of the builder, until it is taken.
    pub(super) builder: Option<String>,
    done: Vec<ObservedBuild>,
    /// Of the builds that are done.
    steps_before: usize,
    build: Printed,
}

/// The build that is being printed.
#[derive(Default)]
struct Printed {
    steps: Vec<ObservedStep>,
    /// When each was first named, in nanoseconds of the log's clock.
    named: Vec<Option<i64>>,
    /// When each ended, likewise.
    ended: Vec<Option<i64>>,
    by_number: HashMap<u64, StepIx>,
    tails: Tails,
    too_many_steps: u64,
}

impl Printer {
    /// Takes in a line; returns whether it is one of a build.
    pub(super) fn line(&mut self, line: &str, instant: Option<i64>) -> bool {
        let Some((number, text)) = split_number(line) else { return false };
        if number == 0 {
            // No step has the number: it is buildx that speaks.
            if text.starts_with("building with ") {
                self.builder = Some(text.to_owned());
            }
            return true;
        }
        let known = self.build.by_number.get(&number).copied();
        match known {
            None if is_event(text) => {
                // The log begins in the middle of the build, after the step's name.
                self.header(number, &format!("#{number}"), None);
                if let Some(&step) = self.build.by_number.get(&number) {
                    self.build.event(step, text, instant);
                }
            }
            None => self.header(number, text, instant),
            Some(step) if self.build.begins_another(step, text) => {
                self.next_build();
                self.header(number, text, instant);
            }
            Some(step) => self.build.event(step, text, instant),
        }
        true
    }

    /// The first line of a number is the vertex's name.
    fn header(&mut self, number: u64, name: &str, instant: Option<i64>) {
        let build = &mut self.build;
        if build.steps.len() + self.steps_before >= Assembler::MAX_STEPS {
            build.too_many_steps += 1;
            return;
        }
        build.by_number.insert(number, StepIx::new(build.steps.len()));
        build.named.push(instant);
        build.ended.push(None);
        build.steps.push(ObservedStep {
            name: cut_bytes(name, MAX_TEXT).into(),
            outcome: Outcome::Unfinished,
            ..ObservedStep::default()
        });
    }

    fn next_build(&mut self) {
        self.steps_before += self.build.steps.len();
        self.done.push(mem::take(&mut self.build).finish());
    }

    /// The builds.
    pub(super) fn finish(mut self) -> Vec<ObservedBuild> {
        self.next_build();
        self.done
    }
}

impl Printed {
    /// Whether a text under a known number is the name of another vertex: the number is used again, by another build.
    fn begins_another(&self, step: StepIx, text: &str) -> bool {
        let step = &self.steps[step.index()];
        if step.outcome == Outcome::Unfinished || !text.starts_with('[') {
            return false;
        }
        let label = label(text);
        // A vertex that runs again is named again; only a definition is loaded once.
        let is_other = *step.name != *text && (label.index.is_some() || label.subject == Subject::Internal);
        is_other || label.text.starts_with("load build definition") && label.subject == Subject::Internal
    }

    fn event(&mut self, at: StepIx, text: &str, instant: Option<i64>) {
        let step = &mut self.steps[at.index()];
        if let Some(seconds) = text.strip_prefix("DONE ").and_then(duration) {
            step.outcome = Outcome::Done;
            step.duration = Some(seconds);
            self.ended[at.index()] = instant;
            self.tails.forget(at);
        } else if text == "CACHED" {
            step.outcome = Outcome::Cached;
            step.duration = Some(Nanos::ZERO);
            self.ended[at.index()] = instant;
        } else if text == "CANCELED" {
            step.outcome = Outcome::Canceled;
            self.ended[at.index()] = instant;
        } else if let Some(error) = text.strip_prefix("ERROR: ") {
            let canceled = error.contains("context canceled");
            step.outcome = if canceled { Outcome::Canceled } else { Outcome::Failed };
            step.error = Some(cut_bytes(error, MAX_TEXT).into());
            step.output = self.tails.take(at);
            self.ended[at.index()] = instant;
        } else if let Some((_, printed)) = output(text) {
            self.tails.push(at, printed.as_bytes());
            self.tails.push(at, b"\n");
        } else if let Some((name, duration)) = status(text)
            && matches!(step.label().subject, Subject::Internal | Subject::Export)
        {
            part::note(&mut step.parts, name, duration);
        }
    }

    /// The build, with all times counted from its first start.
    fn finish(mut self) -> ObservedBuild {
        let mut spans: Vec<Option<(i64, i64)>> = Vec::with_capacity(self.steps.len());
        for ((step, &named), &ended) in self.steps.iter().zip(&self.named).zip(&self.ended) {
            let length = step.duration.map(|duration| i64::try_from(duration.0).unwrap_or(i64::MAX));
            spans.push(match (named, ended, length) {
                (_, Some(end), Some(length)) => Some((end.saturating_sub(length), end)),
                // Of a step that failed, the lines tell when it began and ended.
                (Some(start), Some(end), None) => Some((start, end.max(start))),
                _ => None,
            });
        }
        let origin = spans.iter().flatten().map(|(start, _)| *start).min().unwrap_or(0);
        let since = |instant: i64| Nanos(instant.saturating_sub(origin).max(0).unsigned_abs());
        for (step, span) in self.steps.iter_mut().zip(&spans) {
            step.intervals.extend(span.map(|(start, end)| Interval { start: since(start), end: since(end) }));
        }
        for (at, step) in self.steps.iter_mut().enumerate() {
            if step.outcome == Outcome::Unfinished {
                step.output = self.tails.take(StepIx::new(at));
            }
        }
        let began = (origin > 0).then_some(origin);
        let mut build = ObservedBuild { steps: self.steps, began, ..ObservedBuild::default() };
        build.problems.cut_short = build.steps.iter().any(|step| step.outcome == Outcome::Unfinished);
        build.problems.too_many_steps = self.too_many_steps;
        build
    }
}

/// `#12 text`.
fn split_number(line: &str) -> Option<(u64, &str)> {
    let (number, text) = line.strip_prefix('#')?.split_once(' ')?;
    Some((number.parse().ok()?, text.trim_end()))
}

/// What a step printed, behind the seconds since it began: `4.312 compiling`.
fn output(text: &str) -> Option<(&str, &str)> {
    let (seconds, printed) = text.split_once(' ').unwrap_or((text, ""));
    let (whole, part) = seconds.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(part)).then_some((seconds, printed))
}

/// Whether a text is something that happens to a step, and not its name.
fn is_event(text: &str) -> bool {
    output(text).is_some() || text.starts_with("DONE ") || matches!(text, "CACHED" | "CANCELED" | "...")
}

/// A part of a step that is done: `exporting layers 3.2s done`, `pushing layers done`.
fn status(text: &str) -> Option<(&str, Nanos)> {
    let text = text.strip_suffix(" done")?;
    match text.rsplit_once(' ') {
        Some((name, seconds)) if duration(seconds).is_some() => Some((name, duration(seconds)?)),
        _ => Some((text, Nanos::ZERO)),
    }
}

/// `4.3s`.
pub(super) fn duration(text: &str) -> Option<Nanos> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    // No build takes longer than a year; what says so is a forgery.
    (0.0..=MOST_SECONDS).contains(&seconds).then(|| Nanos::from_secs_f64(seconds))
}

/// The longest that a step can take, in seconds.
pub(super) const MOST_SECONDS: f64 = 366.0 * 86_400.0;
