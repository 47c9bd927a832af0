//! The axis of time: ticks at whole numbers of units that people count in.
//!
//! Knows instants and pixels, and nothing of builds.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::units::Nanos;

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;
const M: u64 = 60 * S;
const H: u64 = 60 * M;

/// Distances of ticks that read well.
const STEPS: [u64; 27] = [
    MS,
    2 * MS,
    5 * MS,
    10 * MS,
    20 * MS,
    50 * MS,
    100 * MS,
    200 * MS,
    500 * MS,
    S,
    2 * S,
    5 * S,
    10 * S,
    15 * S,
    30 * S,
    M,
    2 * M,
    5 * M,
    10 * M,
    15 * M,
    30 * M,
    H,
    2 * H,
    3 * H,
    6 * H,
    12 * H,
    24 * H,
];

/// Instants from the start of a build to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) struct TimeAxis {
    /// The last instant.
    pub(in crate::report) end: Nanos,
}

impl TimeAxis {
    /// At most `count` instants and one more, the start included, at equal distances that read well.
    pub(in crate::report) fn ticks(self, count: usize) -> Vec<Nanos> {
        let least = self.end.0 / count.max(1) as u64;
        let days = least.div_ceil(24 * H).max(1).saturating_mul(24 * H);
        let step = STEPS.into_iter().find(|step| *step >= least).unwrap_or(days);
        (0..=self.end.0 / step).map(|at| Nanos(at * step)).collect()
    }
}

/// An instant without units that add nothing: `0`, `200 ms`, `2.5 s`, `1 m 30 s`, `2 h`.
pub(in crate::report) fn tick(at: Nanos) -> String {
    if at.0 > S && !at.0.is_multiple_of(S) {
        return format!("{} s", (at.0 / MS) as f64 / 1e3);
    }
    let parts = [(at.0 / H, "h"), (at.0 % H / M, "m"), (at.0 % M / S, "s"), (at.0 % S / MS, "ms")];
    let parts = parts.iter().filter(|(amount, _)| *amount > 0);
    let words: Vec<String> = parts.map(|(amount, unit)| format!("{amount} {unit}")).collect();
    if words.is_empty() { "0".to_owned() } else { words.join(" ") }
}

impl Ranged for TimeAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = Nanos;

    fn map(&self, value: &Nanos, (from, to): (i32, i32)) -> i32 {
        let part = value.as_secs_f64() / self.end.as_secs_f64().max(1e-9);
        from + (f64::from(to - from) * part).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<Nanos> {
        // Ticks and no finer lines between them.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks(hint.bold_points()) }
    }

    fn range(&self) -> Range<Nanos> {
        Nanos::ZERO..self.end
    }
}

impl ValueFormatter<Nanos> for TimeAxis {
    fn format_ext(&self, value: &Nanos) -> String {
        tick(*value)
    }
}

/// Rows, or cores, from the lower to the upper side of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) bottom: f64,
    pub(super) top: f64,
    pub(super) ticks: Vec<f64>,
    /// What stands behind each number.
    pub(super) unit: &'static str,
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let part = (value - self.bottom) / (self.top - self.bottom);
        from + (f64::from(to - from) * part).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.bottom..self.top
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        format!("{value}{}", self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(secs: f64, count: usize) -> Vec<String> {
        let axis = TimeAxis { end: Nanos::from_secs_f64(secs) };
        axis.ticks(count).into_iter().map(tick).collect()
    }

    #[test]
    fn ticks_are_what_people_count_in() {
        assert_eq!(ticks(0.001, 2), ["0", "1 ms"]);
        assert_eq!(ticks(1.7, 4), ["0", "500 ms", "1 s", "1.5 s"]);
        assert_eq!(ticks(95.0, 5), ["0", "30 s", "1 m", "1 m 30 s"]);
        assert_eq!(ticks(5400.0, 3), ["0", "30 m", "1 h", "1 h 30 m"]);
        assert_eq!(ticks(86_400.0 * 10.0, 3), ["0", "96 h", "192 h"]);
    }

    #[test]
    fn there_are_never_too_many() {
        for exponent in 0..19 {
            for count in [1, 3, 8] {
                let axis = TimeAxis { end: Nanos(10_u64.pow(exponent) * 7) };
                assert!(axis.ticks(count).len() <= count + 1, "{exponent} {count}");
            }
        }
    }
}
