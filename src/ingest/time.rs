//! Instants as logs write them.

/// Nanoseconds since 1970 of an RFC 3339 instant such as `2026-11-23T05:04:17.07736384Z`. `None` for anything else and for
/// years outside of 1970 to 2261, which nanoseconds in 64 bits cannot count.
pub(super) fn parse_rfc3339(text: &str) -> Option<i64> {
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b't' | b' ') {
        return None;
    }
    let mut parts = date.split('-');
    let days = days_since_1970(number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?)?;
    let (hour, minute, second) =
        (number(time.get(..2)?)?, number(time.get(3..5)?)?, number(time.get(6..8)?)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = time.get(8..)?;
    let digits = rest
        .strip_prefix('.')
        .map_or("", |rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
    let zone = &rest[if digits.is_empty() { 0 } else { digits.len() + 1 }..];
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - zone_offset(zone)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds(digits)?)
}

/// Nanoseconds since midnight of a time of day such as `05:04:17` or `05:04:17.077`.
pub(super) fn parse_clock(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) =
        (number(text.get(..2)?)?, number(text.get(3..5)?)?, number(text.get(6..8)?)?);
    let digits = match text.get(8..)? {
        "" => "",
        rest => rest.strip_prefix(['.', ','])?,
    };
    let fits = hour <= 23 && minute <= 59 && second <= 60;
    fits.then_some((hour * 3600 + minute * 60 + second) * 1_000_000_000 + nanoseconds(digits)?)
}

fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The fraction of a second that `digits` stand for; digits after the ninth are dropped.
fn nanoseconds(digits: &str) -> Option<i64> {
    let digits = &digits[..digits.len().min(9)];
    if digits.is_empty() {
        return Some(0);
    }
    Some(number(digits)? * 10_i64.pow(9 - digits.len() as u32))
}

/// Seconds that a zone is ahead of UTC.
fn zone_offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(zone.get(1..3)?)?, number(zone.get(4..6)?)?);
    (zone.len() == 6).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days between 1970-01-01 and a date of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..=2261).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Count years from March, so that the leap day is the last of its year.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    Some(365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-02T00:00:00.5Z", Some(86_400_500_000_000)),
            ("2026-11-23T05:04:17.07736384Z", Some(1_795_410_257_077_363_840)),
            ("2026-11-23T06:04:17.07736384+01:00", Some(1_795_410_257_077_363_840)),
            ("2024-02-29T23:59:59.123456789999Z", Some(1_709_251_199_123_456_789)),
            ("2024-02-29 23:59:59-00:30", Some(1_709_252_999_000_000_000)),
            ("2026-11-23", None),
            ("2026-11-23T05:04:17", None),
            ("2026-13-23T05:04:17Z", None),
            ("1812-11-23T05:04:17Z", None),
            ("2026-11-23T05:04:1ßZ", None),
            ("", None),
        ];
        for (text, nanos) in cases {
            assert_eq!(parse_rfc3339(text), nanos, "{text}");
        }
    }
}
