//! What is being gone through, on a terminal: a line that counts, and goes away when it is done.

use std::io::{self, IsTerminal as _, Read};
use std::time::{Duration, Instant};

use super::output::warn_raw;

/// So long people wait without asking; nothing is said before.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on standard error that says how much of something is done, where that is a terminal.
pub(super) struct Counter {
    what: &'static str,
    is_shown: bool,
    next: Instant,
    is_said: bool,
    number: u64,
}

impl Counter {
    /// Counts `what`, in the plural.
    pub(super) fn new(what: &'static str) -> Self {
        let next = Instant::now() + PATIENCE;
        Self { what, is_shown: io::stderr().is_terminal(), next, is_said: false, number: 0 }
    }

    /// Counts some more.
    pub(super) fn add(&mut self, more: u64) {
        self.number += more;
        if !self.is_shown || Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + EVERY;
        self.is_said = true;
        warn_raw(&format!("\r{} {} …\x1b[K", self.number, self.what));
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if self.is_said {
            warn_raw("\r\x1b[K");
        }
    }
}

/// What is read, with how many megabytes of it were.
pub(super) struct Counted<R> {
    inner: R,
    counter: Counter,
    rest: u64,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R, what: &'static str) -> Self {
        Self { inner, counter: Counter::new(what), rest: 0 }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const MEGABYTE: u64 = 1_000_000;
        let read = self.inner.read(buffer)?;
        self.rest += read as u64;
        if self.rest >= MEGABYTE {
            self.counter.add(self.rest / MEGABYTE);
            self.rest %= MEGABYTE;
        }
        Ok(read)
    }
}
