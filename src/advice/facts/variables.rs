//! Variables in the text of a Dockerfile.

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

/// The names behind each `$` of a text.
pub(in crate::advice) fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    })
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
