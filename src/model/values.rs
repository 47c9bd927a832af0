//! Values that single instructions take, and what BuildKit refuses of them: ports, signals, modes, owners, sizes.

/// Whether `EXPOSE` takes `text`: `[[ip:]host-port:]port[-port][/protocol]`.
pub(crate) fn check_port(text: &str) -> Result<(), &'static str> {
    const MALFORMED: &str = "a port is a number from 0 to 65535, or a range such as 8000-8010";
    let mut parts = text.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let (host, address) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (ports, protocol) = container.split_once('/').unwrap_or((container, ""));
    if ports.is_empty() {
        return Err("no port is given");
    }
    if !matches!(protocol.to_ascii_lowercase().as_str(), "" | "tcp" | "udp" | "sctp") {
        return Err("the protocol must be tcp, udp or sctp");
    }
    if !address.is_empty() && !is_address(address) {
        return Err("the IP address is malformed");
    }
    let (first, last) = port_range(ports).ok_or(MALFORMED)?;
    if !host.is_empty() {
        let (host_first, host_last) = port_range(host).ok_or(MALFORMED)?;
        if last - first != host_last - host_first && first != last {
            return Err("the ranges of host and container ports differ in length");
        }
    }
    Ok(())
}

fn is_address(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.is_empty() && bare.len() != text.len() || bare.parse::<std::net::IpAddr>().is_ok()
}

fn port_range(text: &str) -> Option<(i64, i64)> {
    let port = |text: &str| go_int(text).filter(|port| (0..=65_535).contains(port));
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some((first, last))
}

/// A decimal integer as Go's `strconv.ParseInt` takes it.
pub(crate) fn go_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Whether `STOPSIGNAL` takes `text`: a number but 0, or a Linux signal's name.
pub(crate) fn is_signal(text: &str) -> bool {
    const NAMES: [&str; 38] = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
        "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
        "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
        "RTMIN+15", "RTMAX-14",
    ];
    if let Some(number) = go_int(text) {
        return number != 0;
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let offset = |prefix: &str, most: u8| {
        name.strip_prefix(prefix)
            .is_some_and(|n| !n.starts_with('0') && n.parse().is_ok_and(|n: u8| (1..=most).contains(&n)))
    };
    NAMES.contains(&name) || offset("RTMIN+", 15) && !name.contains("++") || offset("RTMAX-", 14)
}

/// The permissions of `--chmod`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// Octal bits, at most 07777.
    Octal(u32),
    /// Symbolic, as `chmod` takes them.
    Symbolic,
}

/// Reads `--chmod`.
pub(crate) fn mode(text: &str) -> Result<Mode, &'static str> {
    const OCTAL: &str = "an octal mode lies between 0 and 07777";
    if !text.is_empty() && text.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
        let bits = u64::from_str_radix(text, 8).ok().filter(|&bits| bits <= 0o7777);
        return bits.map(|bits| Mode::Octal(bits as u32)).ok_or(OCTAL);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(OCTAL);
    }
    if is_symbolic_mode(text) {
        Ok(Mode::Symbolic)
    } else {
        Err("the mode is neither octal nor symbolic such as u+x")
    }
}

/// `[ugoa…][+-=][rwxXstugo…]`, several operators in a row, clauses separated by commas.
fn is_symbolic_mode(text: &str) -> bool {
    text.split(',').all(|clause| {
        let operations = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        operations.starts_with(['+', '-', '=']) && operations.bytes().all(|b| b"+-=rwxXstugo".contains(&b))
    })
}

/// A user or group of `--chown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner<'a> {
    /// By number; `root` is 0.
    Id(i32),
    /// By name.
    Name(&'a str),
}

/// The user and group of `--chown` or `USER`.
pub(crate) fn owner(text: &str) -> (Owner<'_>, Option<Owner<'_>>) {
    let one = |name| match go_int(name).and_then(|id| i32::try_from(id).ok()) {
        Some(id) => Owner::Id(id),
        None if name == "root" || name.is_empty() => Owner::Id(0),
        None => Owner::Name(name),
    };
    match text.split_once(':') {
        Some((user, group)) => (one(user), Some(one(group))),
        None => (one(text), None),
    }
}

/// A size such as `64m` or `1.5GiB` in bytes, as `docker/go-units` reads it.
#[expect(clippy::cast_sign_loss, reason = "negative numbers are refused first")]
pub(crate) fn size(text: &str) -> Option<u64> {
    let at = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, suffix) = if text[at..].starts_with(' ') {
        (&text[..at], &text[at + 1..])
    } else {
        (&text[..=at], &text[at + 1..])
    };
    let number: f64 = number.parse().ok().filter(|number: &f64| *number >= 0.0)?;
    let suffix = suffix.to_ascii_lowercase();
    let factor = match suffix.chars().next() {
        None => 1,
        Some('b') => return (suffix == "b").then_some(number as u64),
        Some('k') => 1 << 10,
        Some('m') => 1 << 20,
        Some('g') => 1 << 30,
        Some('t') => 1_u64 << 40,
        Some('p') => 1 << 50,
        Some(_) => return None,
    };
    let tail = suffix.get(1..).unwrap_or_default();
    matches!(tail, "" | "b" | "ib").then_some((number * factor as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        for fine in [
            "80",
            "80/tcp",
            "80/UDP",
            "8000-8010",
            "8080:80",
            "127.0.0.1:8080:80",
            "[::1]:80:80",
            "0",
            "80/",
            "1-2:80",
        ] {
            assert_eq!(check_port(fine), Ok(()), "{fine}");
        }
        for wrong in ["", "/tcp", "a", "80/x", "65536", "9-8", "80-", "1-2:80-82", "x:80:80", "-1"] {
            assert!(check_port(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn signals() {
        for fine in ["9", "-1", "SIGTERM", "term", "RTMIN+3", "sigrtmax-14", "RTMAX"] {
            assert!(is_signal(fine), "{fine}");
        }
        for wrong in ["", "0", "NOPE", "RTMIN+16", "RTMAX-15", "RTMIN+0", "RTMIN+01", "SIG"] {
            assert!(!is_signal(wrong), "{wrong}");
        }
    }

    #[test]
    fn modes() {
        assert_eq!(mode("755"), Ok(Mode::Octal(0o755)));
        assert_eq!(mode("0755"), Ok(Mode::Octal(0o755)));
        for fine in ["u=rwX,go=rX", "+x", "a+x", "u+s-x", "g=u", "=", "u="] {
            assert_eq!(mode(fine), Ok(Mode::Symbolic), "{fine}");
        }
        for wrong in ["8", "10000", "zzz", "u", "", "u+q", "755x", "+x,"] {
            assert!(mode(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn owners() {
        assert_eq!(owner("app"), (Owner::Name("app"), None));
        assert_eq!(owner("root:0"), (Owner::Id(0), Some(Owner::Id(0))));
        assert_eq!(owner("1000:staff"), (Owner::Id(1000), Some(Owner::Name("staff"))));
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("64m", Some(67_108_864)),
            ("1.5k", Some(1536)),
            ("10", Some(10)),
            ("1 GiB", Some(1 << 30)),
            ("5b", Some(5)),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
        for wrong in ["", "m", "1x", "1mbb", "-1", "1.2.3"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
