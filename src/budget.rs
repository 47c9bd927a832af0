//! What a run may take: one budget of work that all its parts draw on, and a time at which it ends.
//!
//! What a file asks for may grow faster than the file: a pattern tries every path, a trigger fires in every stage, a picture
//! draws every box of every platform. Each place where that can happen says how much it is about to do ([`spend`]) and does
//! nothing where the budget does not cover it. Whoever asked then finds out ([`exceeded`]) and reports that instead of a result
//! with holes. The budget belongs to the thread, so that it passes through layers that have nothing to say about it; without
//! [`start`] there is none.
//!
//! Work is counted in units of about a nanosecond of a processor of the 2020s, so that where a run ends depends on no clock
//! unless a time was asked for.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use crate::source::Line;

/// The work that a file may take where nothing else was asked for: about a second and a half.
pub const WORK: u64 = 1_500_000_000;

/// How often a run with a time limit looks at the clock.
const QUANTUM: u64 = 5_000_000;

/// What work is done for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Reading the text of a `RUN`.
    Shell,
    /// Trying patterns on the files of the build context.
    Patterns,
    /// Vertices, for every platform.
    Graph,
    /// Simulating the build.
    Simulation,
    /// Trying what could be better.
    Findings,
    /// Drawing.
    Picture,
    /// Writing the report.
    Report,
    /// Reading logs, and learning from them.
    Logs,
    /// Evaluating definitions of builds.
    Definitions,
    /// Following what starts builds.
    Builds,
}

impl Part {
    /// The work, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "reading shell scripts",
            Self::Patterns => "matching patterns with the files of the build context",
            Self::Graph => "building the graph",
            Self::Simulation => "simulating the build",
            Self::Findings => "looking for what could be better",
            Self::Picture => "drawing the picture",
            Self::Report => "writing the report",
            Self::Logs => "reading logs",
            Self::Definitions => "evaluating definitions of builds",
            Self::Builds => "following what starts builds",
        }
    }
}

/// That a budget did not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// What was being done.
    pub part: Part,
    /// The line of the file that it was done for, where it was one.
    pub line: Option<Line>,
    /// The limit.
    pub limit: Limit,
}

/// A limit of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Units of work.
    Work(u64),
    /// Time by the clock.
    Time(Duration),
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part.as_str();
        match self.limit {
            Limit::Work(limit) => {
                write!(f, "{part} exceeds the limit of {} million units of work", limit / 1_000_000)
            }
            Limit::Time(limit) => write!(f, "{part} exceeds the time limit of {} s", limit.as_secs_f64()),
        }
    }
}

thread_local! {
    static METER: Meter = const { Meter { left: Cell::new(u64::MAX), run: Cell::new(None), line: Cell::new(None) } };
}

struct Meter {
    /// Units until the budget has to be looked at.
    left: Cell<u64>,
    run: Cell<Option<Running>>,
    line: Cell<Option<Line>>,
}

#[derive(Clone, Copy)]
struct Running {
    limit: Limit,
    end: Option<Instant>,
    exceeded: Option<Exceeded>,
}

/// A run that has a budget. When it ends, the one before goes on.
#[derive(Debug)]
#[must_use = "the budget ends with it"]
pub struct Run {
    before: (u64, Option<Running>),
    /// The units that the run has of those of the one before.
    lent: Option<u64>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.limit.fmt(f)
    }
}

/// Gives this thread a budget until the result is dropped.
pub fn start(limit: Limit) -> Run {
    let (left, end) = match limit {
        Limit::Work(work) => (work, None),
        Limit::Time(time) => (QUANTUM, Instant::now().checked_add(time)),
    };
    METER.with(|meter| {
        let running = Running { limit, end, exceeded: None };
        Run { before: (meter.left.replace(left), meter.run.replace(Some(running))), lent: None }
    })
}

/// Gives what can be left undone half of what is left until the result is dropped. Where that does not suffice, the run that it
/// is part of goes on with the rest.
pub fn start_with_half() -> Run {
    METER.with(|meter| {
        let before = (meter.left.get(), meter.run.get());
        let Some(running) = before.1 else { return Run { before, lent: None } };
        let now = Instant::now();
        let end = running.end.map(|end| now + end.saturating_duration_since(now) / 2);
        let lent = if end.is_some() { QUANTUM } else { before.0 / 2 };
        meter.left.set(lent);
        meter.run.set(Some(Running { end, ..running }));
        Run { before, lent: end.is_none().then_some(lent) }
    })
}

impl Drop for Run {
    fn drop(&mut self) {
        METER.with(|meter| {
            let spent = self.lent.map_or(0, |lent| lent.saturating_sub(meter.left.get()));
            meter.left.set(self.before.0.saturating_sub(spent));
            meter.run.set(self.before.1);
            meter.line.set(None);
        });
    }
}

/// Takes work out of the budget. Where it does not cover that, nothing more is covered, and the work is not to be done.
#[inline]
pub fn spend(part: Part, work: u64) -> bool {
    METER.with(|meter| match meter.left.get().checked_sub(work) {
        Some(left) => {
            meter.left.set(left);
            true
        }
        None => meter.refill(part, work),
    })
}

/// Says which line the work is for that comes next; `None` where it is for no single one.
#[inline]
pub fn at(line: Option<Line>) {
    METER.with(|meter| meter.line.set(line));
}

/// What this thread's budget did not cover, if anything.
pub fn exceeded() -> Option<Exceeded> {
    METER.with(|meter| meter.run.get()?.exceeded)
}

impl Meter {
    /// What happens once the units are used up: time may be left.
    #[cold]
    fn refill(&self, part: Part, work: u64) -> bool {
        let Some(running) = self.run.get() else { return true };
        if running.exceeded.is_none() && running.end.is_some_and(|end| Instant::now() < end) {
            self.left.set(QUANTUM.saturating_sub(work));
            return true;
        }
        self.left.set(0);
        let exceeded =
            running.exceeded.or(Some(Exceeded { part, line: self.line.get(), limit: running.limit }));
        self.run.set(Some(Running { exceeded, ..running }));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once_and_by_all() {
        assert!(spend(Part::Shell, u64::MAX) && spend(Part::Shell, u64::MAX), "without one there is none");
        let run = start(Limit::Work(10));
        assert!(spend(Part::Shell, 4) && spend(Part::Graph, 6));
        assert_eq!(exceeded(), None);
        at(Some(Line(7)));
        assert!(!spend(Part::Picture, 1) && !spend(Part::Shell, 1));
        let first = Exceeded { part: Part::Picture, line: Some(Line(7)), limit: Limit::Work(10) };
        assert_eq!(exceeded(), Some(first));
        {
            let _inner = start(Limit::Time(Duration::ZERO));
            assert!(spend(Part::Shell, QUANTUM) && !spend(Part::Shell, 1));
        }
        assert_eq!(exceeded(), Some(first), "the outer one goes on");
        drop(run);
        let run = start(Limit::Work(10));
        {
            let _half = start_with_half();
            assert!(spend(Part::Findings, 4) && !spend(Part::Findings, 4) && exceeded().is_some());
        }
        assert!(exceeded().is_none() && spend(Part::Graph, 5) && !spend(Part::Graph, 1));
        drop(run);
        assert!(spend(Part::Shell, 1) && exceeded().is_none());
    }
}
