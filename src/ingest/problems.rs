//! What in a log could not be used, counted.

use std::fmt;

/// Counts of what was left out or put right while reading. All zero for a clean log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Problems {
    /// Lines longer than [`super::MAX_LINE`], skipped.
    pub long_lines: u64,
    /// Lines or records that are not what the format says, skipped.
    pub malformed: u64,
    /// Intervals that end before they begin, taken as empty: the clock was set back.
    pub clock_jumps: u64,
    /// Steps beyond the limit, left out.
    pub too_many_steps: u64,
    /// Whether the file ends in the middle of a line or record.
    pub cut_short: bool,
}

impl Problems {
    /// Counts those of another part of the file, too.
    pub(super) const fn add(&mut self, other: Self) {
        let Self { long_lines, malformed, clock_jumps, too_many_steps, cut_short } = other;
        self.long_lines += long_lines;
        self.malformed += malformed;
        self.clock_jumps += clock_jumps;
        self.too_many_steps += too_many_steps;
        self.cut_short |= cut_short;
    }
}

impl fmt::Display for Problems {
    /// A list in words; empty where there is nothing to tell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.long_lines, "overlong lines skipped"),
            (self.malformed, "malformed records skipped"),
            (self.clock_jumps, "intervals that end before they begin"),
            (self.too_many_steps, "steps beyond the limit left out"),
        ];
        let mut comma = "";
        for (count, what) in counts.into_iter().filter(|&(count, _)| count > 0) {
            write!(f, "{comma}{count} {what}")?;
            comma = ", ";
        }
        if self.cut_short {
            write!(f, "{comma}cut short")?;
        }
        Ok(())
    }
}
