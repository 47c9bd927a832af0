//! Numbers of a scan in words.

use std::fmt::Write as _;

use crate::scan::{CLASSES, Summary};
use crate::units::Nanos;

/// Seconds as people say them.
pub(super) fn time(seconds: f64) -> String {
    if seconds >= 48.0 * 3600.0 {
        return format!("{} h", whole(seconds / 3600.0));
    }
    Nanos::from_secs_f64(seconds).to_string()
}

/// A whole number with commas between thousands.
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of things, in the singular where it is one.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(number as f64), if number == 1 { one } else { many })
}

/// The classes of median times, each with the number of its builds.
pub(super) fn classes(summary: &Summary) -> Vec<(String, u64)> {
    let bounds = CLASSES
        .map(|minutes| if minutes < 1.0 { format!("{} s", minutes * 60.0) } else { format!("{minutes} m") });
    let names =
        (0..=bounds.len()).map(|at| match (at.checked_sub(1).map(|at| &bounds[at]), bounds.get(at)) {
            (None, Some(to)) => format!("less than {to}"),
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("{from} or more"),
            (None, None) => String::new(),
        });
    names.zip(summary.classes).collect()
}

/// What builds are counted by: their repositories, or their files where no repository is known.
pub(super) const fn owners(summary: &Summary) -> [&'static str; 2] {
    if summary.has_repositories { ["repository", "repositories"] } else { ["file", "files"] }
}

/// What was scanned, in a sentence or two.
pub(super) fn headline(summary: &Summary) -> String {
    let [one, many] = owners(summary);
    let whole = |number: u64| whole(number as f64);
    let mut text = format!(
        "{} of {}: {} for several platforms, {} with emulated commands, {} with a wrong image",
        count(summary.all.rows, "build", "builds"),
        count(summary.repositories(), one, many),
        whole(summary.several),
        whole(summary.emulating),
        whole(summary.wrong),
    );
    if summary.unknown > 0 {
        let _ = write!(text, "; of {} something is not known before it runs", whole(summary.unknown));
    }
    if summary.errors > 0 {
        let _ = write!(text, "; {} could not be read or built", whole(summary.errors));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (number, text) in [(0.0, "0"), (999.0, "999"), (1000.0, "1,000"), (1_234_567.0, "1,234,567")] {
            assert_eq!(whole(number), text);
        }
        assert_eq!((time(59.0), time(1e6)), ("59 s".to_owned(), "278 h".to_owned()));
        assert_eq!(count(1, "build", "builds"), "1 build");
        let classes = classes(&Summary::default());
        assert_eq!(classes[0].0, "less than 15 s");
        assert_eq!(classes[3].0, "1 m to 2 m");
        assert_eq!(classes[9].0, "80 m or more");
    }
}
