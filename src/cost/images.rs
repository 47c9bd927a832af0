//! Sizes of common base images, for what getting one costs.
//!
//! A data file in Rust. Compressed megabytes of linux/amd64; tags of one family differ by some ten percent.
//!
//! Source: the listings that Docker's official images keep of what they publish, `repos/NAME/remote/TAG.md` in
//! <https://github.com/docker-library/repo-info> ("compressed transfer size"), each with its tag and month. Rows called
//! `MEMORY` are estimates.

use crate::units::Bytes;

/// An image that is not in the table is taken to be of this size, which lies between slim and full language images.
pub const DEFAULT_IMAGE: Bytes = Bytes(100_000_000);

/// How far the size of an image may lie from the default, as the standard deviation of its logarithm.
pub const DEFAULT_IMAGE_SIGMA: f64 = 1.2;

/// How far it may lie from its family's.
pub const KNOWN_IMAGE_SIGMA: f64 = 0.3;

/// Marks a figure that was written down from memory in 2025, as registries list it, rounded: an estimate.
const MEMORY: &str = "from memory";

/// The repository, a part of the tag (empty for any), megabytes, and the tag and month of the listing that says so. The
/// first row that fits counts.
const IMAGES: &[(&str, &str, f64, &str)] = &[
    ("scratch", "", 0.0, "nothing"),
    ("alpine", "", 3.8, "3.22 of 2026-09"),
    ("busybox", "", 2.2, MEMORY),
    ("debian", "slim", 29.0, "bookworm-slim 28.2, trixie-slim 29.8, of 2026-08"),
    ("debian", "", 49.0, "bookworm 48.5, trixie 49.3, of 2026-09"),
    ("ubuntu", "26", 42.0, "layer of eclipse-temurin:21-jre of 2026-09"),
    ("ubuntu", "", 30.0, "24.04 of 2024: 29.7"),
    ("fedora", "", 65.0, MEMORY),
    ("rockylinux", "minimal", 45.0, MEMORY),
    ("rockylinux", "", 70.0, MEMORY),
    ("almalinux", "minimal", 36.0, MEMORY),
    ("almalinux", "", 68.0, MEMORY),
    ("amazonlinux", "", 52.0, MEMORY),
    ("archlinux", "", 160.0, MEMORY),
    ("buildpack-deps", "curl", 75.0, "layers of golang:1.25-trixie of 2026-07"),
    ("buildpack-deps", "scm", 143.0, "layers of golang:1.25-trixie of 2026-07"),
    ("buildpack-deps", "", 379.0, "layers of rust:1 of 2026-08; of node:22, on bookworm, 349"),
    ("gcc", "", 520.0, MEMORY),
    ("golang", "alpine", 64.0, "1.25-alpine of 2026-08, added up from layers"),
    ("golang", "", 305.0, "1.25-trixie of 2026-07"),
    ("rust", "alpine", 349.0, "1-alpine of 2025 or 2026; 273 in 2023"),
    ("rust", "slim", 319.0, "1-slim of 2026-09"),
    ("rust", "", 593.0, "1 of 2026-08"),
    ("node", "alpine", 56.0, "22-alpine, 54.9 to 56.7 over time"),
    ("node", "slim", 80.0, "22-slim, 77.1 to 79.9 over time"),
    ("node", "", 408.0, "22 of 2026-09"),
    ("python", "alpine", 17.0, "3.13-alpine of 2026-09: 16.9"),
    ("python", "slim", 43.0, "3.13-slim of 2026-08"),
    ("python", "", 400.0, MEMORY),
    ("ruby", "alpine", 37.0, MEMORY),
    ("ruby", "slim", 75.0, MEMORY),
    ("ruby", "", 390.0, MEMORY),
    ("php", "alpine", 34.0, MEMORY),
    ("php", "", 180.0, MEMORY),
    ("composer", "", 65.0, MEMORY),
    ("perl", "slim", 55.0, MEMORY),
    ("perl", "", 350.0, MEMORY),
    ("eclipse-temurin", "jre", 121.0, "21-jre of 2026-09"),
    ("eclipse-temurin", "", 210.0, MEMORY),
    ("amazoncorretto", "", 210.0, MEMORY),
    ("openjdk", "slim", 220.0, MEMORY),
    ("openjdk", "", 260.0, MEMORY),
    ("maven", "", 260.0, MEMORY),
    ("gradle", "", 380.0, MEMORY),
    ("elixir", "alpine", 45.0, MEMORY),
    ("elixir", "", 600.0, MEMORY),
    ("erlang", "alpine", 35.0, MEMORY),
    ("erlang", "", 570.0, MEMORY),
    ("haskell", "", 550.0, MEMORY),
    ("swift", "slim", 110.0, MEMORY),
    ("swift", "", 950.0, MEMORY),
    ("nginx", "alpine", 26.0, "alpine of 2026-09"),
    ("nginx", "", 72.0, MEMORY),
    ("httpd", "alpine", 24.0, MEMORY),
    ("httpd", "", 57.0, MEMORY),
    ("caddy", "", 20.0, MEMORY),
    ("postgres", "alpine", 105.0, MEMORY),
    ("postgres", "", 155.0, MEMORY),
    ("mysql", "", 230.0, MEMORY),
    ("mariadb", "", 120.0, MEMORY),
    ("redis", "alpine", 17.0, MEMORY),
    ("redis", "", 50.0, MEMORY),
    ("tonistiigi/xx", "", 0.03, MEMORY),
    ("denoland/deno", "", 65.0, MEMORY),
    ("oven/bun", "alpine", 45.0, MEMORY),
    ("oven/bun", "", 95.0, MEMORY),
    ("gcr.io/distroless/static-debian12", "", 0.8, MEMORY),
    ("gcr.io/distroless/static", "", 0.8, MEMORY),
    ("gcr.io/distroless/base-debian12", "", 9.0, MEMORY),
    ("gcr.io/distroless/cc-debian12", "", 10.0, MEMORY),
    ("mcr.microsoft.com/dotnet/sdk", "alpine", 260.0, MEMORY),
    ("mcr.microsoft.com/dotnet/sdk", "", 300.0, MEMORY),
    ("mcr.microsoft.com/dotnet/aspnet", "alpine", 50.0, MEMORY),
    ("mcr.microsoft.com/dotnet/aspnet", "", 92.0, MEMORY),
    ("mcr.microsoft.com/dotnet/runtime", "", 80.0, MEMORY),
    ("ghcr.io/astral-sh/uv", "python", 60.0, MEMORY),
    ("ghcr.io/astral-sh/uv", "", 17.0, MEMORY),
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
    // Mirrors of Docker's registry hold the same images under their own names.
    let mirrors = ["docker.io/", "mirror.gcr.io/", "public.ecr.aws/docker/"];
    let name = mirrors.iter().find_map(|mirror| name.strip_prefix(mirror)).unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    // A colon before a slash belongs to the registry's port.
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    };
    let row = IMAGES.iter().find(|(known, part, ..)| *known == repository && tag.contains(part));
    // Small and positive.
    #[allow(clippy::cast_sign_loss)]
    row.map(|(_, _, megabytes, _)| Bytes((megabytes * 1e6) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_flavours() {
        let cases = [
            ("docker.io/library/node:22", Some(408)),
            ("docker.io/library/node:22-slim", Some(80)),
            ("docker.io/library/node:22-alpine3.22@sha256:0", Some(56)),
            ("docker.io/library/node", Some(408)),
            ("docker.io/oven/bun:1", Some(95)),
            ("public.ecr.aws/docker/library/node:22-slim", Some(80)),
            ("mirror.gcr.io/library/node:22", Some(408)),
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
        for (at, (repository, part, ..)) in IMAGES.iter().enumerate() {
            let before = &IMAGES[..at];
            assert!(
                !before
                    .iter()
                    .any(|(other, other_part, ..)| other == repository && part.contains(other_part)),
                "{repository} {part}"
            );
        }
    }
}
