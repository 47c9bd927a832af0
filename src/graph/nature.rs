//! For which platform the programs of each vertex are, where that is another than what was asked for.
//!
//! A registry that has an image for one platform gives that one whatever is asked for. Names and tags tell it of some, and an
//! image configuration that is given tells it for sure. What runs on such an image is executed as that platform's programs are,
//! whatever platform stands in the digest.

use super::BuildGraph;
use super::vertex::{Op, Source};
use crate::ids::VertexIx;
use crate::model::platform::Platform;

/// The platform of each vertex's programs; `None` for what begins with no image.
#[derive(Debug, Clone, Default)]
pub struct Natures(Vec<Option<Platform>>);

impl Natures {
    /// Follows bases up from the images. `known` is the platform in an image's configuration, given its reference and the
    /// platform that is asked for.
    pub fn of(graph: &BuildGraph, known: impl Fn(&str, &Platform) -> Option<Platform>) -> Self {
        let mut natures: Vec<Option<Platform>> = Vec::with_capacity(graph.len());
        // A vertex comes after its inputs.
        for (_, vertex) in graph.vertices() {
            let below =
                |at: VertexIx, natures: &[Option<Platform>]| natures.get(at.index()).cloned().flatten();
            natures.push(match &vertex.op {
                Op::Source(
                    Source::Image { reference, platform } | Source::OciLayout { reference, platform },
                ) => {
                    let (reference, asked) = (graph.text(*reference), graph.platform(*platform));
                    Some(
                        known(reference, asked).or_else(|| named(reference)).unwrap_or_else(|| asked.clone()),
                    )
                }
                Op::Source(_) => None,
                Op::Exec(exec) => {
                    let own = || graph.platform(exec.platform).clone();
                    Some(exec.root.and_then(|root| below(root, &natures)).unwrap_or_else(own))
                }
                Op::File(file) => file.base.and_then(|base| below(base, &natures)),
                Op::Merge { lower, .. } => below(*lower, &natures),
            });
        }
        Self(natures)
    }

    /// For which platform the programs of a vertex are.
    pub fn get(&self, vertex: VertexIx) -> Option<&Platform> {
        self.0.get(vertex.index())?.as_ref()
    }
}

/// The one platform that an image is for by its name, as far as that is certain: a namespace of Docker's for one
/// architecture (`arm64v8/alpine`), or a tag that ends in one (`sdk:9.0-noble-amd64`).
pub fn named(reference: &str) -> Option<Platform> {
    let name = reference.split('@').next().unwrap_or_default();
    let mut parts = name.rsplit('/');
    let last = parts.next()?;
    let namespace = parts.next().and_then(architecture);
    let tag = last.split_once(':').map(|(_, tag)| tag);
    let by_tag = || {
        let word = tag?.rsplit(['-', '_', '.']).next()?;
        if word == "arm64" { Some(("arm64", "")) } else { architecture(word) }
    };
    let (architecture, variant) = namespace.or_else(by_tag)?;
    Some(Platform {
        os: "linux".into(),
        architecture: architecture.into(),
        variant: variant.into(),
        ..Platform::default()
    })
}

/// The architecture that a namespace of Docker's official images is for.
///
/// Source: <https://github.com/docker-library/official-images#architectures-other-than-amd64>.
fn architecture(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "amd64" | "x86_64" => ("amd64", ""),
        "arm64v8" | "aarch64" => ("arm64", ""),
        "arm32v5" => ("arm", "v5"),
        "arm32v6" => ("arm", "v6"),
        "arm32v7" => ("arm", "v7"),
        "i386" => ("386", ""),
        "ppc64le" => ("ppc64le", ""),
        "riscv64" => ("riscv64", ""),
        "s390x" => ("s390x", ""),
        "mips64le" => ("mips64le", ""),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tell() {
        let cases = [
            ("docker.io/amd64/rust:alpine", Some("amd64")),
            ("docker.io/arm64v8/alpine:3.16", Some("arm64")),
            ("docker.io/arm32v7/debian:bookworm", Some("arm")),
            ("mcr.microsoft.com/dotnet/sdk:9.0-noble-amd64", Some("amd64")),
            ("gcr.io/distroless/static:nonroot-arm64", Some("arm64")),
            ("docker.io/library/alpine:3.22", None),
            ("quay.io/acme/amd64-tools:1", None),
            ("docker.io/library/golang:1.25", None),
            ("docker.io/library/debian@sha256:amd64", None),
        ];
        for (reference, wanted) in cases {
            let found = named(reference).map(|platform| platform.architecture.to_string());
            assert_eq!(found.as_deref(), wanted, "{reference}");
        }
    }
}
