//! The terminal's own output, as people copy it into reports and as recorders catch it (`progressui/display.go`):
//!
//! ```text
//! [+] Building 139.9s (12/12) FINISHED                docker:default
//!  => CACHED [linux/arm64 build 4/5] COPY . .                   0.0s
//!  => [linux/arm64 build 5/5] RUN go build ./...              139.9s
//! ```
//!
//! The display is drawn again many times a second; a copy holds the last drawing, a scrolled window several, a recording all.
//! Each drawing repeats the steps with the time that they took so far, so that several tell when each began.

use std::collections::HashMap;
use std::mem;

use crate::source::cut_bytes;
use crate::units::Nanos;

use super::build::{Assembler, ObservedBuild};
use super::label::{Subject, label};
use super::origin::Origin;
use super::part;
use super::plain::duration;
use super::step::{Interval, ObservedStep, Outcome};
use super::tail::{MOST_LINES, last_lines};

/// Bytes of a name that are kept; a display is not wider.
const MAX_NAME: usize = 4096;

/// The builds of a terminal, one after another.
#[derive(Default)]
pub(super) struct Display {
    /// Where they ran.
    pub(super) origin: Origin,
    done: Vec<ObservedBuild>,
    steps_before: usize,
    build: Drawn,
    /// The step whose last lines are being told below the display, and the lines.
    told: Option<(String, String)>,
    /// Whether the line before was the rule above such a name.
    is_after_rule: bool,
}

/// What is drawn of a build.
#[derive(Default)]
struct Drawn {
    steps: Vec<ObservedStep>,
    /// When each began, counted from the build's start, if the drawings tell.
    starts: Vec<Option<Nanos>>,
    /// Steps by name: several may have the same.
    by_name: HashMap<Box<str>, Vec<usize>>,
    /// How often each name was in this drawing.
    seen: HashMap<Box<str>, usize>,
    /// The step of the line before.
    last: Option<usize>,
    /// Whether the line before was a step's whose time is still to come: a window that was made narrower breaks lines.
    is_broken: bool,
    /// The time in the heading of this drawing and of the one before.
    now: Option<Nanos>,
    before: Option<Nanos>,
    /// Steps that were done and that there were, by the heading.
    count: Option<(usize, usize)>,
    is_finished: bool,
    has_failed: bool,
    too_many_steps: u64,
}

impl Display {
    /// Takes in a line of the display.
    pub(super) fn line(&mut self, line: &str) {
        self.end_told();
        let line = line.trim();
        if let Some(heading) = line.strip_prefix("[+] ") {
            self.heading(heading);
            return;
        }
        let Some(text) = line.strip_prefix("=> ") else { return };
        if self.build.steps.len() + self.steps_before >= Assembler::MAX_STEPS {
            self.build.too_many_steps += 1;
            return;
        }
        self.build.is_broken = false;
        match text.strip_prefix("=> ") {
            Some(part) => self.build.part(part),
            None => self.build.step(text),
        }
    }

    /// Whether the last lines of a step are being told.
    pub(super) const fn is_telling(&self) -> bool {
        self.told.is_some()
    }

    /// Takes in a line that is neither the display's nor a numbered one; returns whether it belongs to the build.
    pub(super) fn other(&mut self, line: &str) -> bool {
        if self.build.steps.is_empty() {
            return false;
        }
        if self.build.is_broken && (line.trim().is_empty() || self.build.rest(line)) {
            return true;
        }
        let is_rule = line.trim_end() == "------";
        if is_rule {
            self.end_told();
            self.is_after_rule = true;
        } else if let Some(name) = line.trim_start().strip_prefix("> ").filter(|_| self.is_after_rule) {
            self.is_after_rule = false;
            self.told = Some((name.trim_end().trim_end_matches(':').to_owned(), String::new()));
        } else if let Some((_, lines)) = &mut self.told {
            /// BuildKit tells a few lines.
            const MOST_BYTES: usize = 1 << 16;
            if lines.len() + line.len() < MOST_BYTES {
                lines.push_str(line);
                lines.push('\n');
            }
        } else {
            self.is_after_rule = false;
            let error = line.trim_start_matches("ERROR: ");
            if let Some(error) = error.strip_prefix("failed to solve: ") {
                self.build.failed(error);
            }
            return false;
        }
        true
    }

    /// Ends the lines that are told of a step.
    fn end_told(&mut self) {
        self.is_after_rule = false;
        let Some((name, lines)) = self.told.take() else { return };
        // The display cuts names at the width of the terminal.
        let is_same = |step: &&mut ObservedStep| name.starts_with(&*step.name) && !step.name.is_empty();
        if let Some(step) = self.build.steps.iter_mut().filter(is_same).max_by_key(|step| step.name.len()) {
            step.output = last_lines(&lines);
            if step.name.len() < name.len() {
                step.name = cut_bytes(&name, MAX_NAME).into();
            }
        }
    }

    /// `Building 139.9s (12/13) FINISHED   docker:default`.
    fn heading(&mut self, heading: &str) {
        let Some(rest) = heading.strip_prefix("Building ") else { return };
        let mut words = rest.split_whitespace();
        let Some(now) = words.next().and_then(duration) else { return };
        let count = words.next().and_then(|word| {
            let (done, all) = word.strip_prefix('(')?.strip_suffix(')')?.split_once('/')?;
            Some((done.parse().ok()?, all.parse().ok()?))
        });
        let is_earlier = self.build.now.is_some_and(|before| now < before);
        let is_over = self.build.is_finished || self.build.has_failed;
        let is_same = self.build.now == Some(now) && self.build.count == count;
        if is_earlier || is_over && !is_same {
            self.next_build();
        }
        for word in words {
            if word == "FINISHED" {
                self.build.is_finished = true;
            } else if let Some((driver, _)) = word.split_once(':') {
                self.origin.driver = Some(cut_bytes(driver, 64).into());
            }
        }
        self.build.drawing(now, count);
    }

    fn next_build(&mut self) {
        self.steps_before += self.build.steps.len();
        self.done.push(mem::take(&mut self.build).finish());
    }

    /// The builds.
    pub(super) fn finish(mut self) -> Vec<ObservedBuild> {
        self.end_told();
        self.next_build();
        self.done
    }
}

impl Drawn {
    /// A new drawing begins.
    fn drawing(&mut self, now: Nanos, count: Option<(usize, usize)>) {
        if self.now != Some(now) {
            self.before = self.now;
        }
        self.now = Some(now);
        self.count = count;
        self.seen.clear();
        self.last = None;
    }

    /// `CACHED [build 2/5] RUN x    0.0s`.
    fn step(&mut self, text: &str) {
        let (text, took) = match text.rsplit_once(char::is_whitespace) {
            Some((name, seconds)) if duration(seconds).is_some() => (name.trim_end(), duration(seconds)),
            _ => (text, None),
        };
        let (outcome, name) =
            [("CACHED ", Outcome::Cached), ("ERROR ", Outcome::Failed), ("CANCELED ", Outcome::Canceled)]
                .into_iter()
                .find_map(|(word, outcome)| Some((outcome, text.strip_prefix(word)?)))
                .unwrap_or((Outcome::Done, text));
        let name = cut_bytes(name.trim(), MAX_NAME);
        let at = self.find(name);
        let is_new = self.steps[at].duration.is_none();
        if is_new && let (Some(now), Some(took)) = (self.now, took) {
            /// Drawings follow each other faster, or lines between are missing.
            const MOST_BETWEEN: Nanos = Nanos(1_500_000_000);
            if now - self.before.unwrap_or_default() <= MOST_BETWEEN {
                self.starts[at] = Some(now - took);
            }
        }
        let step = &mut self.steps[at];
        step.outcome = outcome;
        step.duration = took.or(step.duration);
        self.has_failed |= outcome == Outcome::Failed;
        self.last = Some(at);
        self.is_broken = took.is_none();
    }

    /// Takes in the rest of a step's line: its time, behind what its name lacked. Returns whether it is that.
    fn rest(&mut self, line: &str) -> bool {
        self.is_broken = false;
        let line = line.trim();
        let (name, seconds) = line.rsplit_once("  ").unwrap_or(("", line));
        let Some((took, at)) = duration(seconds).zip(self.last) else { return false };
        let step = &mut self.steps[at];
        step.duration = Some(took);
        if !name.trim().is_empty() {
            step.name = cut_bytes(&format!("{}{}", step.name, name.trim_end()), MAX_NAME).into();
        }
        true
    }

    /// The step with a name: the next of several with the same in one drawing.
    fn find(&mut self, name: &str) -> usize {
        let nth = self.seen.entry(name.into()).or_insert(0);
        let known = self.by_name.entry(name.into()).or_default();
        let at = known.get(*nth).copied().unwrap_or_else(|| {
            known.push(self.steps.len());
            self.steps.push(ObservedStep { name: name.into(), ..ObservedStep::default() });
            self.starts.push(None);
            self.steps.len() - 1
        });
        *nth += 1;
        at
    }

    /// `exporting layers   0.2s`, or `# what it prints`.
    fn part(&mut self, text: &str) {
        let Some(step) = self.last.and_then(|at| self.steps.get_mut(at)) else { return };
        if let Some(printed) = text.strip_prefix('#') {
            step.output.extend(last_lines(printed));
            let surplus = step.output.len().saturating_sub(MOST_LINES);
            step.output.drain(..surplus);
        } else if let Some((name, seconds)) = text.rsplit_once(char::is_whitespace)
            && let Some(took) = duration(seconds)
            && matches!(step.label().subject, Subject::Internal | Subject::Export)
        {
            part::note(&mut step.parts, name.trim(), took);
        }
    }

    /// What is said after the display of the step that failed.
    fn failed(&mut self, error: &str) {
        self.has_failed = true;
        if let Some(step) = self.steps.iter_mut().find(|step| step.outcome == Outcome::Failed) {
            step.error = Some(cut_bytes(error, MAX_NAME).into());
        }
    }

    fn finish(mut self) -> ObservedBuild {
        self.mark_unfinished();
        let is_timed = |(step, start): (&ObservedStep, &Option<Nanos>)| {
            start.is_some() || step.duration.is_none_or(|took| took == Nanos::ZERO)
        };
        let has_instants = self.before.is_some() && self.steps.iter().zip(&self.starts).all(is_timed);
        for (step, start) in self.steps.iter_mut().zip(&self.starts) {
            if let (true, Some(start), Some(took)) = (has_instants, *start, step.duration) {
                step.intervals = vec![Interval { start, end: start + took }];
            }
            match step.outcome {
                Outcome::Done => step.output = Vec::new(),
                Outcome::Cached => {}
                // As in other logs, only what ran to its end has a duration; the interval tells the rest.
                _ => {
                    if step.intervals.is_empty() {
                        step.intervals
                            .extend(step.duration.map(|took| Interval { start: Nanos::ZERO, end: took }));
                    }
                    step.duration = None;
                }
            }
        }
        let mut build = ObservedBuild { steps: self.steps, stated: self.now, ..ObservedBuild::default() };
        build.problems.cut_short = build.steps.iter().any(|step| step.outcome == Outcome::Unfinished);
        build.problems.too_many_steps = self.too_many_steps;
        build
    }

    /// Steps that the last drawing shows at work: so many as its heading says are not done. BuildKit draws what began last
    /// at the end.
    fn mark_unfinished(&mut self) {
        if self.is_finished || self.has_failed {
            return;
        }
        let Some((done, all)) = self.count else { return };
        let mut left = all.saturating_sub(done);
        for step in self.steps.iter_mut().rev().filter(|step| step.outcome == Outcome::Done) {
            let is_own = label(&step.name).subject == Subject::Internal;
            if left > 0 && !is_own {
                step.outcome = Outcome::Unfinished;
                left -= 1;
            }
        }
    }
}
