//! Sizes and limits as Docker writes them.

/// Bytes of a size such as `128m`.
pub(super) fn parse_memory(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no size such as 128m");
    let last =
        text.rfind(|char: char| char.is_ascii_digit() || matches!(char, '.' | ' ')).ok_or_else(wrong)?;
    let (number, suffix) = if text[last..].starts_with(' ') {
        (&text[..last], &text[last + 1..])
    } else {
        (&text[..=last], &text[last + 1..])
    };
    let plain =
        number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    let size: f64 = number.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    if size < 0.0 || suffix.len() > 3 {
        return Err(wrong());
    }
    let suffix = suffix.to_lowercase();
    let factor: f64 = match suffix.chars().next() {
        None => 1.0,
        Some('b') if suffix.len() == 1 => 1.0,
        Some('k') => 1024.0,
        Some('m') => 1_048_576.0,
        Some('g') => 1_073_741_824.0,
        Some('t') => 1_099_511_627_776.0,
        Some('p') => 1_125_899_906_842_624.0,
        _ => return Err(wrong()),
    };
    match suffix.get(1..) {
        None | Some("" | "b" | "ib") => Ok((size * factor) as i64),
        _ => Err(wrong()),
    }
}

/// A size as Docker shows it: `128MiB`.
pub(super) fn show_memory(bytes: i64) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    if bytes == 0 {
        return "0".to_owned();
    }
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit < UNITS.len() - 1 {
        size /= 1024.0;
        unit += 1;
    }
    let number =
        super::value::Number::float(size).map_or_else(String::new, |number| number.format('g', Some(4)));
    format!("{number}{}", UNITS.get(unit).copied().unwrap_or_default())
}

/// Whether a limit is one: `nofile=1024:2048`.
pub(super) fn check_ulimit(text: &str) -> Result<(), String> {
    const NAMES: [&str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let wrong = || format!("{text:?} is no limit such as nofile=1024:2048");
    let (name, limits) = text.split_once('=').ok_or_else(wrong)?;
    if !NAMES.contains(&name) {
        return Err(format!("there is no limit called {name:?}"));
    }
    let limits: Vec<i64> =
        limits.split(':').map(|limit| limit.parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    let (soft, hard) = match &limits[..] {
        [soft] => (*soft, *soft),
        [soft, hard] => (*soft, *hard),
        _ => return Err(wrong()),
    };
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(format!("{text:?}: the soft limit is above the hard one"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_ulimit, parse_memory, show_memory};

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("128m", Some(134_217_728)),
            ("1.5 GiB", Some(1_610_612_736)),
            ("64kb", Some(65_536)),
            ("12", Some(12)),
        ] {
            assert_eq!(parse_memory(text).ok(), bytes, "{text}");
        }
        for text in ["", "m", "1x", "1mi", "-1"] {
            assert!(parse_memory(text).is_err(), "{text}");
        }
        assert_eq!(show_memory(134_217_728), "128MiB");
        assert_eq!(show_memory(1_610_612_736), "1.5GiB");
    }

    #[test]
    fn limits() {
        assert!(check_ulimit("nofile=1024:2048").is_ok() && check_ulimit("core=-1").is_ok());
        for text in ["nofile", "x=1", "nofile=2:1", "nofile=1:2:3", "nofile=a"] {
            assert!(check_ulimit(text).is_err(), "{text}");
        }
    }
}
