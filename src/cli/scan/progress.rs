//! How far a scan is, on a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use super::super::output::warn_raw;
use crate::report::escape::count;
use crate::units::Nanos;

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on standard error that says how many builds are done, how many a minute, and how long the others will take.
pub(super) struct Progress {
    is_shown: bool,
    begun: Instant,
    said: Option<Instant>,
    rows: usize,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { is_shown: io::stderr().is_terminal(), begun: Instant::now(), said: None, rows: 0 }
    }

    /// Counts rows; `done` is the part of everything that is done with them.
    pub(super) fn add(&mut self, rows: usize, done: Option<f64>) {
        self.rows += rows;
        if !self.is_shown || self.said.is_some_and(|said| said.elapsed() < EVERY) {
            return;
        }
        self.said = Some(Instant::now());
        warn_raw(&format!("\r{}\x1b[K", line(self.rows, self.begun.elapsed(), done)));
    }

    /// Says how long it took.
    pub(super) fn end(&self) {
        if self.is_shown {
            warn_raw(&format!("\r{} in {}\x1b[K\n", count(self.rows, "build"), time(self.begun.elapsed())));
        }
    }
}

fn time(time: Duration) -> Nanos {
    Nanos::from_secs_f64(time.as_secs_f64())
}

fn line(rows: usize, since: Duration, done: Option<f64>) -> String {
    let rate = rows as f64 / since.as_secs_f64().max(1e-3) * 60.0;
    let mut line = format!("{}, {rate:.0} a minute", count(rows, "build"));
    if let Some(done) = done.filter(|done| *done > 0.0) {
        let left = since.mul_f64(((1.0 - done) / done).clamp(0.0, 1e9));
        let _ = write!(line, ", {:.0} %, {} left", done * 100.0, time(left));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done() {
        let said = |rows, seconds, done| line(rows, Duration::from_secs(seconds), done);
        assert_eq!(said(500, 30, Some(0.25)), "500 builds, 1000 a minute, 25 %, 1 m 30 s left");
        assert_eq!(said(1, 60, None), "1 build, 1 a minute");
    }
}
