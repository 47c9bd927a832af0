//! Sizes of common base images, for what getting one costs.
//!
//! A data file in Rust. Compressed megabytes of one platform (linux/amd64), as registries list them on the page of a tag,
//! in 2025, rounded to two figures and written down from memory; tags of one family differ by some ten percent. Sources:
//! `hub.docker.com/_/NAME/tags` for names without a registry, and the registries' own lists for the rest.

use crate::units::Bytes;

/// An image that is not in the table is taken to be of this size, which lies between slim and full language images.
pub const DEFAULT_IMAGE: Bytes = Bytes(100_000_000);

/// How far the size of an image may lie from the default, as the standard deviation of its logarithm.
pub const DEFAULT_IMAGE_SIGMA: f64 = 1.2;

/// How far it may lie from its family's.
pub const KNOWN_IMAGE_SIGMA: f64 = 0.3;

/// The repository, a part of the tag (empty for any), and megabytes. The first row that fits counts.
const IMAGES: &[(&str, &str, f64)] = &[
    ("scratch", "", 0.0),
    ("alpine", "", 3.8),
    ("busybox", "", 2.2),
    ("debian", "slim", 29.0),
    ("debian", "", 49.0),
    ("ubuntu", "", 30.0),
    ("fedora", "", 65.0),
    ("rockylinux", "minimal", 45.0),
    ("rockylinux", "", 70.0),
    ("almalinux", "minimal", 36.0),
    ("almalinux", "", 68.0),
    ("amazonlinux", "", 52.0),
    ("archlinux", "", 160.0),
    ("buildpack-deps", "curl", 73.0),
    ("buildpack-deps", "scm", 130.0),
    ("buildpack-deps", "", 330.0),
    ("gcc", "", 520.0),
    ("golang", "alpine", 75.0),
    ("golang", "", 300.0),
    ("rust", "alpine", 310.0),
    ("rust", "slim", 280.0),
    ("rust", "", 550.0),
    ("node", "alpine", 55.0),
    ("node", "slim", 78.0),
    ("node", "", 400.0),
    ("python", "alpine", 17.0),
    ("python", "slim", 44.0),
    ("python", "", 370.0),
    ("ruby", "alpine", 37.0),
    ("ruby", "slim", 75.0),
    ("ruby", "", 390.0),
    ("php", "alpine", 34.0),
    ("php", "", 180.0),
    ("composer", "", 65.0),
    ("perl", "slim", 55.0),
    ("perl", "", 350.0),
    ("eclipse-temurin", "jre", 95.0),
    ("eclipse-temurin", "", 210.0),
    ("amazoncorretto", "", 210.0),
    ("openjdk", "slim", 220.0),
    ("openjdk", "", 260.0),
    ("maven", "", 260.0),
    ("gradle", "", 380.0),
    ("elixir", "alpine", 45.0),
    ("elixir", "", 600.0),
    ("erlang", "alpine", 35.0),
    ("erlang", "", 570.0),
    ("haskell", "", 550.0),
    ("swift", "slim", 110.0),
    ("swift", "", 950.0),
    ("nginx", "alpine", 21.0),
    ("nginx", "", 72.0),
    ("httpd", "alpine", 24.0),
    ("httpd", "", 57.0),
    ("caddy", "", 20.0),
    ("postgres", "alpine", 105.0),
    ("postgres", "", 155.0),
    ("mysql", "", 230.0),
    ("mariadb", "", 120.0),
    ("redis", "alpine", 17.0),
    ("redis", "", 50.0),
    ("tonistiigi/xx", "", 0.03),
    ("denoland/deno", "", 65.0),
    ("oven/bun", "alpine", 45.0),
    ("oven/bun", "", 95.0),
    ("gcr.io/distroless/static-debian12", "", 0.8),
    ("gcr.io/distroless/static", "", 0.8),
    ("gcr.io/distroless/base-debian12", "", 9.0),
    ("gcr.io/distroless/cc-debian12", "", 10.0),
    ("mcr.microsoft.com/dotnet/sdk", "alpine", 260.0),
    ("mcr.microsoft.com/dotnet/sdk", "", 300.0),
    ("mcr.microsoft.com/dotnet/aspnet", "alpine", 50.0),
    ("mcr.microsoft.com/dotnet/aspnet", "", 92.0),
    ("mcr.microsoft.com/dotnet/runtime", "", 80.0),
    ("ghcr.io/astral-sh/uv", "python", 60.0),
    ("ghcr.io/astral-sh/uv", "", 17.0),
];

/// The size of an image, if its family is known. Expects a canonical reference: `docker.io/library/golang:1.25-alpine`.
///
/// ```
/// use xsim::cost::image_size;
/// assert!(image_size("docker.io/library/golang:1.25-alpine3.22") < image_size("docker.io/library/golang:1.25"));
/// assert_eq!(image_size("registry.example/golang:1.25"), None);
/// ```
pub fn image_size(reference: &str) -> Option<Bytes> {
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    // A colon before a slash belongs to the registry's port.
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    };
    let row = IMAGES.iter().find(|(known, part, _)| *known == repository && tag.contains(part));
    // Small and positive.
    #[allow(clippy::cast_sign_loss)]
    row.map(|(_, _, megabytes)| Bytes((megabytes * 1e6) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_flavours() {
        let cases = [
            ("docker.io/library/node:22", Some(400)),
            ("docker.io/library/node:22-slim", Some(78)),
            ("docker.io/library/node:22-alpine3.22@sha256:0", Some(55)),
            ("docker.io/library/node", Some(400)),
            ("docker.io/oven/bun:1", Some(95)),
            ("mcr.microsoft.com/dotnet/sdk:9.0", Some(300)),
            ("docker.io/someone/node:22", None),
            ("127.0.0.1:5000/node:1", None),
            ("127.0.0.1:5000/node", None),
        ];
        for (reference, megabytes) in cases {
            let wanted = megabytes.map(|megabytes: u64| Bytes(megabytes * 1_000_000));
            assert_eq!(image_size(reference), wanted, "{reference}");
        }
    }

    #[test]
    fn every_row_can_be_reached() {
        for (at, (repository, part, _)) in IMAGES.iter().enumerate() {
            let before = &IMAGES[..at];
            assert!(
                !before.iter().any(|(other, other_part, _)| other == repository && part.contains(other_part)),
                "{repository} {part}"
            );
        }
    }
}
