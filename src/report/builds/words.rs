//! Words that both lists share.

use crate::builds::Builder;

/// Where the work of a build is done.
pub(super) fn builder(builder: Builder, qemu: bool) -> &'static str {
    match (builder, qemu) {
        (Builder::Docker, false) => "docker",
        (Builder::Docker, true) => "docker with qemu",
        (Builder::DockerContainer, false) => "docker-container",
        (Builder::DockerContainer, true) => "docker-container with qemu",
        (Builder::Cloud, _) => "cloud, native",
        (Builder::Remote, _) => "remote",
        (Builder::Other, _) => "other",
        (Builder::Unknown, _) => "unknown",
    }
}
