//! Quantities as types: no bare number crosses a module border without its unit.
//!
//! Knows nothing of Dockerfiles or builds.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use serde::{Deserialize, Serialize};

/// A span of time, or an instant counted from the start of a build, in whole nanoseconds.
///
/// Integer, so that simulations are exact and the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub u64);

impl Nanos {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// The largest representable time, about 584 years.
    pub const MAX: Self = Self(u64::MAX);

    /// Rounds seconds to nanoseconds; negative and NaN become zero, too large becomes [`Nanos::MAX`].
    pub fn from_secs_f64(secs: f64) -> Self {
        // `as` saturates and maps NaN to zero, which is what is promised.
        #[allow(clippy::cast_sign_loss)]
        Self((secs * 1e9).round() as u64)
    }

    /// The time in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `self - other`, or zero where `other` is larger.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Nanos {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Nanos {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Nanos {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Sum for Nanos {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl Mul<f64> for Nanos {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self::from_secs_f64(self.as_secs_f64() * factor)
    }
}

impl Div for Nanos {
    type Output = f64;
    fn div(self, other: Self) -> f64 {
        self.0 as f64 / other.0 as f64
    }
}

impl fmt::Display for Nanos {
    /// Three significant figures at most, in the unit a person would choose: `350 ms`, `4.2 s`, `1 m 05 s`, `2 h 03 m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.as_secs_f64();
        if self.0 == 0 {
            f.write_str("0 s")
        } else if secs < 1e-3 {
            write!(f, "{:.0} µs", secs * 1e6)
        } else if secs < 0.9995 {
            write!(f, "{:.0} ms", secs * 1e3)
        } else if secs < 9.95 {
            write!(f, "{secs:.1} s")
        } else if secs < 59.5 {
            write!(f, "{secs:.0} s")
        } else if secs < 3599.5 {
            let whole = secs.round();
            write!(f, "{:.0} m {:02.0} s", (whole / 60.0).floor(), whole % 60.0)
        } else {
            let minutes = (secs / 60.0).round();
            write!(f, "{:.0} h {:02.0} m", (minutes / 60.0).floor(), minutes % 60.0)
        }
    }
}

/// How much longer or shorter something takes than something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NanosChange(i64);

impl NanosChange {
    /// From `before` to `after`; what lies beyond 292 years counts as that.
    pub fn between(before: Nanos, after: Nanos) -> Self {
        let clamp = |nanos: i128| nanos.clamp(i128::from(i64::MIN + 1), i128::from(i64::MAX)) as i64;
        Self(clamp(i128::from(after.0) - i128::from(before.0)))
    }

    /// How large the change is, either way.
    pub const fn size(self) -> Nanos {
        Nanos(self.0.unsigned_abs())
    }

    /// Whether it is shorter.
    pub const fn is_shorter(self) -> bool {
        self.0 < 0
    }

    /// The change in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Neg for NanosChange {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for NanosChange {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |sum, change| Self(sum.0.saturating_add(change.0)))
    }
}

impl fmt::Display for NanosChange {
    /// As a time with its sign: `+4.2 s`, `-350 ms`, `0 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "",
            ..0 => "-",
            _ => "+",
        })?;
        self.size().fmt(f)
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self(0), Add::add)
    }
}

impl fmt::Display for Bytes {
    /// Decimal units, as image registries and network links count: `512 B`, `3.4 MB`, `1.2 GB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        if unit == 0 || value >= 99.5 {
            write!(f, "{value:.0} {}", UNITS[unit])
        } else {
            write!(f, "{value:.1} {}", UNITS[unit])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_a_person_would_say_them() {
        let cases = [
            (0.0, "0 s"),
            (0.000_02, "20 µs"),
            (0.35, "350 ms"),
            (0.9996, "1.0 s"),
            (4.21, "4.2 s"),
            (9.96, "10 s"),
            (59.6, "1 m 00 s"),
            (65.0, "1 m 05 s"),
            (3599.6, "1 h 00 m"),
            (7380.0, "2 h 03 m"),
        ];
        for (secs, text) in cases {
            assert_eq!(Nanos::from_secs_f64(secs).to_string(), text, "{secs}");
        }
    }

    #[test]
    fn time_never_wraps() {
        assert_eq!(Nanos::MAX + Nanos(1), Nanos::MAX);
        assert_eq!(Nanos(1) - Nanos(2), Nanos::ZERO);
        assert_eq!(Nanos::from_secs_f64(-1.0), Nanos::ZERO);
        assert_eq!(Nanos::from_secs_f64(f64::NAN), Nanos::ZERO);
    }

    #[test]
    fn changes_have_a_sign() {
        let change = |before, after| NanosChange::between(Nanos(before), Nanos(after));
        assert_eq!(change(1_000_000_000, 5_200_000_000).to_string(), "+4.2 s");
        assert_eq!(change(1_000_000_000, 650_000_000).to_string(), "-350 ms");
        assert_eq!(change(7, 7).to_string(), "0 s");
        assert_eq!(-change(1, 3), change(3, 1));
        assert_eq!(-change(0, u64::MAX), change(u64::MAX, 0), "never wraps");
        assert_eq!([change(1, 3), change(5, 1)].into_iter().sum::<NanosChange>(), change(2, 0));
    }

    #[test]
    fn sizes_read_as_a_person_would_say_them() {
        let cases =
            [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (3_400_000, "3.4 MB"), (152_000_000, "152 MB")];
        for (bytes, text) in cases {
            assert_eq!(Bytes(bytes).to_string(), text, "{bytes}");
        }
    }
}
