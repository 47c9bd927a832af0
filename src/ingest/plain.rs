//! `--progress=plain`: BuildKit's printer for people (`progressui/printer.go`).
//!
//! Tells names and durations, neither digests nor inputs. Where a CI service puts an instant before each line, steps also
//! get an interval.

use std::collections::HashMap;
use std::mem;

use crate::source::cut_bytes;
use crate::units::Nanos;

use super::build::{Assembler, ObservedBuild};
use super::label::{Subject, label};
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
    /// Whether PowerShell wrote the log, which breaks lines at the width of its window.
    is_wrapped: bool,
    /// What the line before was, if the next can be the rest of it.
    broken: Option<Broken>,
}

/// A line that may have been broken, and whether at a space.
#[derive(Clone, Copy)]
struct Broken {
    step: StepIx,
    what: Piece,
    at_space: bool,
}

/// What a line tells of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Name,
    Error,
    Output,
    Other,
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
    /// The number that came first: another build begins with it, too.
    first: Option<u64>,
    /// Whether several targets are built at once. What they share has one number and a name for each.
    is_bake: bool,
    /// Whether a step of an instruction or an export has ended, after which another build may begin.
    is_over: bool,
    /// Steps that have not ended.
    open: usize,
}

impl Printer {
    /// Takes in a line; returns whether it is one of a build.
    pub(super) fn line(&mut self, line: &str, instant: Option<i64>) -> bool {
        let Some((number, text)) = split_number(line) else { return self.rest(line) };
        self.broken = None;
        if number == 0 {
            // No step has the number: it is buildx that speaks.
            if text.starts_with("building with ") {
                self.builder = Some(text.to_owned());
                self.next_build();
            }
            return true;
        }
        let known = self.build.by_number.get(&number).copied();
        let what = match known {
            None if is_event(text) => {
                // The log begins in the middle of the build, after the step's name.
                self.header(number, &format!("#{number}"), None);
                let step = self.build.by_number.get(&number).copied();
                step.map_or(Piece::Other, |step| self.build.event(step, text, instant))
            }
            None => self.header(number, text, instant),
            Some(step) if self.build.begins_another(number, step, text) => {
                self.next_build();
                self.header(number, text, instant)
            }
            Some(step) => self.build.event(step, text, instant),
        };
        if self.is_wrapped
            && let Some(&step) = self.build.by_number.get(&number)
        {
            self.broken = Some(Broken { step, what, at_space: line.ends_with(' ') });
        }
        true
    }

    /// Takes in a line without a number: of a log that PowerShell wrote it can be the rest of the one before.
    fn rest(&mut self, line: &str) -> bool {
        self.is_wrapped |= line.trim_start().starts_with("+ FullyQualifiedErrorId");
        let rest = line.trim_end();
        let Some(broken) = self.broken.take().filter(|_| !rest.is_empty()) else { return false };
        self.build.add(broken, rest);
        self.broken = Some(Broken { at_space: line.ends_with(' '), ..broken });
        true
    }

    /// The first line of a number is the vertex's name.
    fn header(&mut self, number: u64, name: &str, instant: Option<i64>) -> Piece {
        let build = &mut self.build;
        if build.steps.len() + self.steps_before >= Assembler::MAX_STEPS {
            build.too_many_steps += 1;
            return Piece::Other;
        }
        build.first.get_or_insert(number);
        build.open += 1;
        build.is_bake |= name.contains(" internal] load build definition") && !name.contains('/')
            || name.starts_with("[internal] load local bake definitions");
        build.by_number.insert(number, StepIx::new(build.steps.len()));
        build.named.push(instant);
        build.ended.push(None);
        build.steps.push(ObservedStep {
            name: cut_bytes(name, MAX_TEXT).into(),
            outcome: Outcome::Unfinished,
            ..ObservedStep::default()
        });
        Piece::Name
    }

    /// Ends the build. That of starting the builder belongs to the one that follows.
    fn next_build(&mut self) {
        if self.build.steps.iter().all(|step| step.name.ends_with("internal] booting buildkit")) {
            self.build.by_number.clear();
            return;
        }
        self.steps_before += self.build.steps.len();
        self.done.push(mem::take(&mut self.build).finish());
    }

    /// The builds. Lines with a number alone are none: others number what they say, too.
    pub(super) fn finish(mut self) -> Vec<ObservedBuild> {
        self.next_build();
        let is_known = |step: &ObservedStep| {
            step.outcome != Outcome::Unfinished || step.label().subject != Subject::Other
        };
        self.done.retain(|build| build.steps.iter().any(is_known));
        self.done
    }
}

impl Printed {
    /// Whether a text under a known number begins another build. The name of the same vertex does not: a vertex that goes on
    /// is named again, also after it was said to be done, and so is one that several targets of a bake share.
    fn begins_another(&self, number: u64, step: StepIx, text: &str) -> bool {
        let step = &self.steps[step.index()];
        if step.outcome == Outcome::Unfinished || !text.starts_with('[') {
            return false;
        }
        let (known, named) = (step.label(), label(text));
        let is_same = known.text.starts_with(named.text) || named.text.starts_with(known.text);
        if is_same {
            let begins = self.first == Some(number) || named.text.starts_with("load build definition");
            begins && self.is_over && self.open == 0 && (number == 1 || !self.is_bake)
        } else {
            !self.is_bake && (named.index.is_some() || named.subject == Subject::Internal)
        }
    }

    /// Adds the rest of a line that was broken.
    fn add(&mut self, broken: Broken, rest: &str) {
        let step = &mut self.steps[broken.step.index()];
        let join = |text: &str| {
            let space = if broken.at_space { " " } else { "" };
            cut_bytes(&format!("{text}{space}{rest}"), MAX_TEXT).into()
        };
        match broken.what {
            Piece::Name => step.name = join(&step.name),
            Piece::Error => step.error = step.error.as_deref().map(join),
            Piece::Output => {
                self.tails.push(broken.step, rest.as_bytes());
                self.tails.push(broken.step, b"\n");
            }
            Piece::Other => {}
        }
    }

    /// Takes in what happened to a step.
    fn event(&mut self, at: StepIx, text: &str, instant: Option<i64>) -> Piece {
        let was_open = self.steps[at.index()].outcome == Outcome::Unfinished;
        let piece = self.happened(at, text, instant);
        let step = &self.steps[at.index()];
        if was_open && step.outcome != Outcome::Unfinished {
            self.open -= 1;
            let label = step.label();
            self.is_over |= matches!(label.subject, Subject::Run | Subject::File | Subject::Link)
                || label.text.starts_with("exporting ")
                || step.outcome == Outcome::Failed;
        }
        piece
    }

    fn happened(&mut self, at: StepIx, text: &str, instant: Option<i64>) -> Piece {
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
            return Piece::Error;
        } else if let Some((_, printed)) = output(text) {
            self.tails.push(at, printed.as_bytes());
            self.tails.push(at, b"\n");
            return Piece::Output;
        } else if let Some((name, duration)) = status(text)
            && matches!(step.label().subject, Subject::Internal | Subject::Export)
        {
            part::note(&mut step.parts, name, duration);
        }
        Piece::Other
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
    let (number, text) = line.trim_start().strip_prefix('#')?.split_once(' ')?;
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
