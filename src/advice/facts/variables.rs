//! Variables in the text of a Dockerfile.

use foldhash::HashSet;

use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::Kind;

/// The automatic arguments that say a platform: those of the target, then those of the machine that builds.
pub(in crate::advice) const PLATFORM_ARGS: [&str; 8] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

/// The automatic argument that a name was meant to be: one letter more, less or other than it, or two that have changed places.
pub(in crate::advice) fn meant(name: &str) -> Option<&'static str> {
    let is_near = |other: &&str| {
        let (own, other) = (name.as_bytes(), other.as_bytes());
        if own.len().abs_diff(other.len()) > 1 {
            return false;
        }
        let start = own.iter().zip(other).take_while(|(x, y)| x == y).count();
        let (own, other) = (&own[start..], &other[start..]);
        let end = own.iter().rev().zip(other.iter().rev()).take_while(|(x, y)| x == y).count();
        match (&own[..own.len() - end], &other[..other.len() - end]) {
            ([], [_]) | ([_], [_] | []) => true,
            ([first, second], swapped) => *swapped == [*second, *first],
            _ => false,
        }
    };
    // What is as short as `BUILDOS` differs in one letter from other words.
    let is_long = |other: &&str| !other.ends_with("OS") || name.contains('_');
    PLATFORM_ARGS.into_iter().filter(is_long).find(is_near).filter(|other| *other != name)
}

/// The names behind each `$` of a text.
pub(in crate::advice) fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    })
}

/// Some variables, and those that `ENV` and `ARG` make of them, and of one another, in the order of the file.
pub(in crate::advice) fn with_derived<'c>(
    file: &'c Dockerfile<'c>,
    mut names: HashSet<&'c str>,
) -> HashSet<&'c str> {
    for instruction in &file.instructions {
        let pairs: Vec<(&str, &str)> = match &instruction.kind {
            Kind::Env(pairs) => pairs.iter().map(|pair| (pair.key.text, pair.value.text)).collect(),
            Kind::Arg(args) => {
                args.iter().filter_map(|arg| Some((arg.name.text, arg.default?.text))).collect()
            }
            _ => continue,
        };
        for (own, value) in pairs {
            if variables(value).any(|other| names.contains(other)) {
                names.insert(own);
            }
        }
    }
    names
}

/// The text of a script without what stands between single quotes, where no shell expands anything.
pub(in crate::advice) fn without_literals(script: &str) -> String {
    let (mut single, mut double, mut escaped) = (false, false, false);
    script
        .chars()
        .filter(|c| {
            let was_single = single;
            match c {
                _ if escaped => escaped = false,
                '\\' if !single => escaped = true,
                '\'' if !double => single = !single,
                '"' if !single => double = !double,
                _ => {}
            }
            !(was_single && single)
        })
        .collect()
}

/// The name in a word that is one variable and nothing else: `$NAME`, `${NAME}`, `${NAME:-default}`.
pub(in crate::advice) fn variable(word: &str) -> Option<&str> {
    let word = word.trim_matches('"');
    let name = match word.strip_prefix("${") {
        Some(rest) => {
            let inner = rest.strip_suffix('}')?;
            inner.split_once(":-").map_or(inner, |(name, _)| name)
        }
        None => word.strip_prefix('$')?,
    };
    let plain = !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
    plain.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn slips_of_the_pen_are_told_from_other_names() {
        for (name, other) in [
            ("TARGETRACH", Some("TARGETARCH")),
            ("TARGET_ARCH", Some("TARGETARCH")),
            ("BUILDPLATFROM", Some("BUILDPLATFORM")),
            ("TARGETPLATFORMS", Some("TARGETPLATFORM")),
            ("TARGET_OS", Some("TARGETOS")),
            ("TARGETARCH", None),
            ("TARGETED", None),
            ("BUILDS", None),
            ("TARGETDIR", None),
        ] {
            assert_eq!(meant(name), other, "{name}");
        }
    }
}
