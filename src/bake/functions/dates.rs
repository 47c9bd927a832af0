//! Dates and durations.

use super::Param::{Any, Number as Num, String as Str};
use super::{Builtin, arg, outside, pure, text};
use crate::bake::value::{Number, Type, Value};
use crate::dockerfile::parse_duration;

pub(super) const TABLE: &[Builtin] = &[
    pure("formatdate", &[Str, Str], |args| {
        Ok(Value::string(format(text(args, 0), &Time::parse(text(args, 1))?)?))
    }),
    pure("formattimestamp", &[Str, Any], format_timestamp),
    pure("timeadd", &[Str, Str], |args| {
        let time = Time::parse(text(args, 0))?;
        let added = i128::from(time.seconds) * NANOS + i128::from(time.nanos) + duration(text(args, 1))?;
        let seconds =
            i64::try_from(added.div_euclid(NANOS)).map_err(|_| "the time is out of range".to_owned())?;
        Ok(Value::string(Time { seconds, ..time }.text()))
    }),
    outside("timestamp", &[], |_, world| Ok(Value::string(Time::utc(world.now).text()))),
    pure("unixtimestampparse", &[Num], parse_timestamp),
];

const NANOS: i128 = 1_000_000_000;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A moment and the offset that it is told in.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// Since 1970.
    seconds: i64,
    nanos: u32,
    /// Seconds east of UTC.
    offset: i64,
}

/// What clock and calendar show.
struct Shown {
    year: i64,
    month: usize,
    day: i64,
    weekday: usize,
    year_day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Days from 1970 to a date of the Gregorian calendar.
fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date_from(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

impl Time {
    fn utc(seconds: i64) -> Self {
        Self { seconds, nanos: 0, offset: 0 }
    }

    /// A time as RFC 3339 writes it.
    fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| format!("{text:?} is no time of RFC 3339"))
    }

    fn read(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>, least: i64, most: i64| {
            let digits = text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<i64>().ok().filter(|number| (least..=most).contains(number))
        };
        for (at, separator) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
            if text.as_bytes().get(at) != Some(&separator) {
                return None;
            }
        }
        let (year, month) = (number(0..4, 0, 9999)?, number(5..7, 1, 12)?);
        let next = if month == 12 { days_from(year + 1, 1, 1) } else { days_from(year, month + 1, 1) };
        let day = number(8..10, 1, next - days_from(year, month, 1))?;
        let (hour, minute, second) = (number(11..13, 0, 23)?, number(14..16, 0, 59)?, number(17..19, 0, 59)?);
        let mut rest = text.get(19..)?;
        let mut nanos = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if length == 0 {
                return None;
            }
            let digits: String = fraction.chars().take(length).chain("000000000".chars()).take(9).collect();
            nanos = digits.parse().ok()?;
            rest = &fraction[length..];
        }
        let offset = if rest == "Z" {
            0
        } else {
            let start = text.len() - rest.len();
            let sign = match rest.as_bytes().first()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            if rest.len() != 6 || rest.as_bytes().get(3) != Some(&b':') {
                return None;
            }
            sign * (number(start + 1..start + 3, 0, 23)? * 3600 + number(start + 4..start + 6, 0, 59)? * 60)
        };
        let seconds = days_from(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Self { seconds, nanos, offset })
    }

    fn shown(&self) -> Shown {
        let local = self.seconds.saturating_add(self.offset);
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = date_from(days);
        Shown {
            year,
            month: usize::try_from(month - 1).unwrap_or(0),
            day,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0),
            year_day: days - days_from(year, 1, 1) + 1,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        }
    }

    /// As RFC 3339 writes it, without parts of seconds.
    fn text(&self) -> String {
        let shown = self.shown();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            shown.year,
            shown.month + 1,
            shown.day,
            shown.hour,
            shown.minute,
            shown.second,
            if self.offset == 0 { "Z".to_owned() } else { self.zone(":") }
        )
    }

    fn zone(&self, separator: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }
}

/// Writes a time by a pattern of letters, with text in single quotes.
fn format(pattern: &str, time: &Time) -> Result<String, String> {
    let shown = time.shown();
    let mut result = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(rest, &mut result)?;
        } else if first.is_ascii_alphabetic() {
            let length = rest.chars().take_while(|&char| char == first).count();
            verb(first, length, time, &shown, &mut result)?;
            rest = &rest[length..];
        } else {
            let end =
                rest.find(|char: char| char == '\'' || char.is_ascii_alphabetic()).unwrap_or(rest.len());
            result.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    Ok(result)
}

/// Takes the quoted text at the start, and says what follows it.
fn quoted<'a>(text: &'a str, result: &mut String) -> Result<&'a str, String> {
    let mut rest = &text[1..];
    if let Some(after) = rest.strip_prefix('\'') {
        result.push('\'');
        return Ok(after);
    }
    loop {
        let Some(at) = rest.find('\'') else { return Err("a quote is not closed".to_owned()) };
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                result.push('\'');
                rest = after;
            }
            None => return Ok(rest),
        }
    }
}

fn verb(letter: char, length: usize, time: &Time, shown: &Shown, result: &mut String) -> Result<(), String> {
    let month = MONTHS.get(shown.month).copied().unwrap_or_default();
    let day = DAYS.get(shown.weekday).copied().unwrap_or_default();
    let number = |value: i64| match length {
        1 => Ok(value.to_string()),
        2 => Ok(format!("{value:02}")),
        _ => Err(()),
    };
    let half = |morning: &str, evening: &str| Ok(if shown.hour < 12 { morning } else { evening }.to_owned());
    let written = match (letter, length) {
        ('Y', 2) => Ok(format!("{:02}", shown.year % 100)),
        ('Y', 4) => Ok(format!("{:04}", shown.year)),
        ('M', 3) => Ok(month.chars().take(3).collect()),
        ('M', 4) => Ok(month.to_owned()),
        ('M', _) => number(i64::try_from(shown.month + 1).unwrap_or(0)),
        ('D', _) => number(shown.day),
        ('E', 3) => Ok(day.chars().take(3).collect()),
        ('E', 4) => Ok(day.to_owned()),
        ('h', _) => number(shown.hour),
        ('H', _) => number((shown.hour + 11) % 12 + 1),
        ('A', 2) => half("AM", "PM"),
        ('a', 2) => half("am", "pm"),
        ('m', _) => number(shown.minute),
        ('s', _) => number(shown.second),
        ('Z', 1) => Ok(if time.offset == 0 { "Z".to_owned() } else { time.zone(":") }),
        ('Z', 3) if time.offset == 0 => Ok("UTC".to_owned()),
        ('Z', 3 | 4) => Ok(time.zone("")),
        ('Z', 5) => Ok(time.zone(":")),
        _ => Err(()),
    };
    match written {
        Ok(text) => {
            result.push_str(&text);
            Ok(())
        }
        Err(()) => Err(format!("{:?} is no part of a date", String::from(letter).repeat(length.min(20)))),
    }
}

fn format_timestamp(args: &[Value]) -> Result<Value, String> {
    let value = arg(args, 1)?;
    let time = match value.ty {
        Type::String => Time::parse(text(args, 1))?,
        Type::Number => from_number(value)?,
        _ => return Err("a time is a string or a number of seconds".to_owned()),
    };
    if text(args, 0) == "X" {
        return Ok(Value::string(time.seconds.to_string()));
    }
    Ok(Value::string(format(text(args, 0), &Time::parse(&time.text())?)?))
}

fn from_number(value: &Value) -> Result<Time, String> {
    let seconds = value.as_number().and_then(Number::to_i64).ok_or("a timestamp is a whole number")?;
    if !(-62_135_596_800..=253_402_300_799).contains(&seconds) {
        return Err("the time is out of range".to_owned());
    }
    Ok(Time::utc(seconds))
}

fn parse_timestamp(args: &[Value]) -> Result<Value, String> {
    let time = from_number(arg(args, 0)?)?;
    let shown = time.shown();
    let (iso_year, iso_week) = iso_week(&shown);
    let number = |value: i64| Value::number(Number::int(value));
    let entries = [
        ("year", number(shown.year)),
        ("year_day", number(shown.year_day)),
        ("day", number(shown.day)),
        ("month", Value::int(shown.month + 1)),
        ("month_name", Value::string(MONTHS.get(shown.month).copied().unwrap_or_default())),
        ("weekday", Value::int(shown.weekday)),
        ("weekday_name", Value::string(DAYS.get(shown.weekday).copied().unwrap_or_default())),
        ("hour", number(shown.hour)),
        ("minute", number(shown.minute)),
        ("second", number(shown.second)),
        ("rfc3339", Value::string(time.text())),
        ("iso_year", number(iso_year)),
        ("iso_week", number(iso_week)),
    ];
    Ok(Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect()))
}

/// The week of ISO 8601, and the year that it belongs to.
fn iso_week(shown: &Shown) -> (i64, i64) {
    let days = days_from(shown.year, 1, 1) + shown.year_day - 1;
    let thursday = days + 3 - (days + 3).rem_euclid(7);
    let (year, _, _) = date_from(thursday);
    (year, (thursday - days_from(year, 1, 1)) / 7 + 1)
}

/// A duration as Go writes it, in nanoseconds: `1h30m`, `-1.5s`.
fn duration(text: &str) -> Result<i128, String> {
    parse_duration(text)
        .ok_or_else(|| format!("{:?} is no duration", text.chars().take(40).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::{Time, duration, format};

    #[test]
    fn times_are_read_and_written() {
        let written = |pattern: &str, time: &str| Time::parse(time).and_then(|time| format(pattern, &time));
        for (pattern, time, expected) in [
            ("YYYY-MM-DD", "2026-02-28T23:59:59Z", "2026-02-28"),
            ("EEE, D MMM YY hh:mm:ss ZZZ", "2024-02-29T01:02:03Z", "Thu, 29 Feb 24 01:02:03 UTC"),
            ("H aa 'it''s' Z", "2024-02-29T13:02:03+02:30", "1 pm it's +02:30"),
        ] {
            assert_eq!(written(pattern, time).as_deref(), Ok(expected));
        }
        for time in ["2026-02-29T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z"] {
            assert!(Time::parse(time).is_err(), "{time}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(duration("-1.5s"), Ok(-1_500_000_000));
        for text in ["", "1", "h", "1.s.", "1x", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
