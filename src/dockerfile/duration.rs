//! Durations as Go writes them: `30s`, `1h15m30.5s`.

/// The duration in nanoseconds, or `None` where Go's `time.ParseDuration` refuses the text.
pub fn parse(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let unit = unit(&tail[..end])?;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?.checked_add(fraction_of(fraction, unit))?;
        if total > i128::from(i64::MAX) + 1 {
            return None;
        }
        rest = &tail[end..];
    }
    let signed = if negative { -total } else { total };
    i64::try_from(signed).ok().map(i128::from)
}

fn fraction_of(digits: &str, unit: i128) -> i128 {
    // Digits past the eighteenth are below a nanosecond of any unit.
    let digits = &digits[..digits.len().min(18)];
    let value = digits.bytes().fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    value * unit / 10_i128.pow(digits.len() as u32)
}

fn unit(text: &str) -> Option<i128> {
    Some(match text {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [
            ("30s", Some(30_000_000_000)),
            ("1h15m30.5s", Some(4_530_500_000_000)),
            ("-1.5h", Some(-5_400_000_000_000)),
            ("0", Some(0)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("100µs", Some(100_000)),
            ("", None),
            ("s", None),
            (".s", None),
            ("5", None),
            ("1d", None),
            ("1..5s", None),
            ("+", None),
            ("99999999999h", None),
        ];
        for (text, nanos) in cases {
            assert_eq!(parse(text), nanos, "{text}");
        }
    }
}
