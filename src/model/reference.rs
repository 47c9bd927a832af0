//! Image references: `alpine` is `docker.io/library/alpine:latest`.
//!
//! Follows `distribution/reference` (`normalize.go`, `regexp.go`), which BuildKit uses.

use super::platform::Platform;

/// The canonical form of an image reference, with the tag `latest` where it has neither tag nor digest.
pub(crate) fn normalize(text: &str) -> Result<String, &'static str> {
    const MALFORMED: &str = "it is malformed";
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err("64 hexadecimal digits cannot name an image");
    }
    let (domain, prefix, remainder) = split_domain(text);
    if has_capital(cut(remainder, b':').map_or(remainder, |(repository, _)| repository)) {
        return Err("the repository must be in lower case");
    }
    let (name_and_tag, digest) = match cut(remainder, b'@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (remainder, None),
    };
    let (path, tag) = match cut(name_and_tag, b':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (name_and_tag, None),
    };
    // What cannot be a host may still be the first part of a repository.
    let valid = (domain == HUB || is_domain(domain) || is_path_component(domain.as_bytes()))
        && path.as_bytes().split(|&b| b == b'/').all(is_path_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest);
    if !valid {
        return Err(MALFORMED);
    }
    if prefix.len() + path.len() > 255 {
        return Err("the repository name is longer than 255 characters");
    }
    let mut normal = String::with_capacity(domain.len() + prefix.len() + remainder.len() + 8);
    normal.extend([domain, "/", prefix, path]);
    if let (None, None) = (tag, digest) {
        normal.push_str(":latest");
    } else {
        normal.extend(tag.into_iter().flat_map(|tag| [":", tag]));
        normal.extend(digest.into_iter().flat_map(|digest| ["@", digest]));
    }
    Ok(normal)
}

/// The short form people write: without `docker.io/library/` and `:latest`.
pub(crate) fn familiar(normal: &str) -> &str {
    let short = normal.strip_prefix("docker.io/").unwrap_or(normal);
    let short = short.strip_prefix("library/").filter(|rest| !rest.contains('/')).unwrap_or(short);
    short.strip_suffix(":latest").unwrap_or(short)
}

/// The words for architectures in the names of images for one: those of Docker's own namespaces and those of tags.
const ARCHITECTURES: [(&str, &str, &str); 16] = [
    ("amd64", "amd64", ""),
    ("x86_64", "amd64", ""),
    ("arm64v8", "arm64", ""),
    ("arm64", "arm64", ""),
    ("aarch64", "arm64", ""),
    ("arm32v5", "arm", "v5"),
    ("arm32v6", "arm", "v6"),
    ("arm32v7", "arm", "v7"),
    ("armv7", "arm", "v7"),
    ("i386", "386", ""),
    ("386", "386", ""),
    ("ppc64le", "ppc64le", ""),
    ("riscv64", "riscv64", ""),
    ("s390x", "s390x", ""),
    ("mips64le", "mips64le", ""),
    ("loong64", "loong64", ""),
];

/// The platform that an image is for whatever is asked for, as its name says: one of Docker's namespaces for one
/// architecture (`arm64v8/alpine`), or a tag that ends in one (`sdk:9.0-noble-amd64`). Compilers for another architecture bear
/// such names too, and say nothing of the image's own.
///
/// # Arguments
/// * `normal`: the canonical reference.
pub(crate) fn platform_of(normal: &str) -> Option<Platform> {
    let known = |word: &str| ARCHITECTURES.iter().find(|(name, ..)| *name == word);
    let name = normal.split('@').next()?;
    let (repository, tag) = match name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        Some((repository, tag)) => (repository, tag),
        None => (name, ""),
    };
    let space = repository.strip_prefix("docker.io/").and_then(|rest| rest.split_once('/'));
    let by_space = space.filter(|(_, rest)| !rest.contains('/')).and_then(|(space, _)| known(space));
    let is_compiler = || ["cross", "musl", "gcc", "toolchain"].iter().any(|word| repository.contains(word));
    let by_tag = || known(tag.rsplit('-').next()?).filter(|_| !is_compiler());
    let (_, architecture, variant) = by_space.or_else(by_tag)?;
    let platform = Platform { variant: (*variant).into(), ..Platform::linux(architecture) };
    Some(platform.normalized())
}

/// The registry of names that name none.
const HUB: &str = "docker.io";

/// The text before and after the first `byte`, of ASCII. Names are short: nothing finds it sooner than looking at each.
fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

fn has_capital(text: &str) -> bool {
    // Nearly all names are told by this alone.
    let is_lower = text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    !is_lower && text.chars().any(char::is_uppercase)
}

/// The registry, what it puts in front of the repository, and the rest.
fn split_domain(text: &str) -> (&str, &'static str, &str) {
    let (domain, rest) = match cut(text, b'/') {
        Some(("index.docker.io", rest)) => (HUB, rest),
        Some((first, rest))
            if first == "localhost"
                || first.bytes().any(|b| matches!(b, b'.' | b':'))
                || has_capital(first) =>
        {
            (first, rest)
        }
        _ => (HUB, text),
    };
    (domain, if domain == HUB && cut(rest, b'/').is_none() { "library/" } else { "" }, rest)
}

fn is_domain(text: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let address_fits = !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        return address_fits && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

/// Lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_path_component(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        let word = rest.iter().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit()).count();
        rest = &rest[word..];
        if word == 0 || rest.is_empty() {
            return word > 0;
        }
        let separator = match rest {
            [b'_', b'_', ..] => 2,
            [b'.' | b'_', ..] => 1,
            _ => rest.iter().take_while(|&&b| b == b'-').count(),
        };
        rest = &rest[separator..];
    }
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        && !text.starts_with(['.', '-'])
}

/// `algorithm:hex`; the algorithms with a known length must have it.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let lower_hex = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match algorithm {
        "sha256" => hex.len() == 64 && lower_hex,
        "sha384" => hex.len() == 96 && lower_hex,
        "sha512" => hex.len() == 128 && lower_hex,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_for_one_architecture() {
        for (name, expected) in [
            ("docker.io/amd64/rust:1", Some("linux/amd64")),
            ("docker.io/arm64v8/alpine:latest", Some("linux/arm64")),
            ("docker.io/arm32v7/debian:12", Some("linux/arm/v7")),
            ("mcr.microsoft.com/dotnet/sdk:9.0-noble-amd64", Some("linux/amd64")),
            ("registry:5000/tool:s390x@sha256:0", Some("linux/s390x")),
            ("docker.io/library/alpine:latest", None),
            ("docker.io/dockcross/linux-arm64:latest", None),
            ("docker.io/messense/rust-musl-cross:aarch64", None),
            ("ghcr.io/arm64/alpine:3", None),
            ("registry:5000/arm64", None),
        ] {
            assert_eq!(platform_of(name).map(|platform| platform.to_string()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn canonical_forms() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let cases = [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("docker.io/alpine", "docker.io/library/alpine:latest"),
            ("index.docker.io/a/b", "docker.io/a/b:latest"),
            ("a/b", "docker.io/a/b:latest"),
            ("localhost/a", "localhost/a:latest"),
            ("ghcr.io/a/b/c:1", "ghcr.io/a/b/c:1"),
            ("host:5000/a", "host:5000/a:latest"),
            ("[::1]:5000/a", "[::1]:5000/a:latest"),
            ("Registry/a", "Registry/a:latest"),
            ("a_b.c/d", "a_b.c/d:latest"),
            ("x/a__b.c---d/e", "docker.io/x/a__b.c---d/e:latest"),
        ];
        for (text, normal) in cases {
            assert_eq!(normalize(text).as_deref(), Ok(normal), "{text}");
        }
        assert_eq!(normalize(&format!("a@{digest}")), Ok(format!("docker.io/library/a@{digest}")));
        assert_eq!(normalize(&format!("a:1@{digest}")), Ok(format!("docker.io/library/a:1@{digest}")));
    }

    #[test]
    fn refused_references() {
        let long = format!("a/{}", "b".repeat(260));
        let id = "a".repeat(64);
        for text in [
            "",
            "A",
            "a:",
            "a:.x",
            "a@sha256:12",
            "a b",
            "a//b",
            "a/",
            "a..b",
            "a___b",
            "a.-b",
            "a-_b",
            "a__",
            "-a",
            "a-",
            "a/B:1",
            &long,
            &id,
        ] {
            assert!(normalize(text).is_err(), "{text}");
        }
    }

    #[test]
    fn familiar_forms() {
        for (normal, short) in [
            ("docker.io/library/alpine:latest", "alpine"),
            ("docker.io/library/alpine:3", "alpine:3"),
            ("docker.io/a/b:latest", "a/b"),
            ("ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ] {
            assert_eq!(familiar(normal), short);
        }
    }
}
