//! What installing packages of a distribution takes, by what they bring with them.

use super::class::Class;
use super::packages::{alpine, debian};
use super::priors::prior;
use super::programs::operands;
use crate::shell::SimpleCommand;

/// Core-seconds and megabytes of an installation of packages of Debian or Alpine: by the table, else by the defaults for each name.
///
/// What several packages bring overlaps: of all but the largest, a part counts.
pub(super) fn installed(class: Class, command: &SimpleCommand<'_>) -> (f64, f64) {
    let prior = prior(class);
    let recommended = !command.args.iter().any(|arg| {
        arg == "--no-install-recommends"
            || arg.ends_with("Install-Recommends=false")
            || arg.ends_with("Install-Recommends=0")
    });
    let (mut sum, mut most) = ((0.0, 0.0), (0.0, 0.0));
    for name in operands(command).skip(1).filter(|name| !name.starts_with('$')) {
        let found = if class == Class::Apk { alpine(name) } else { debian(name, recommended) };
        let (cpu, megabytes) = match found {
            Some(found) => (APT_PACKAGE * found.packages + APT_MEGABYTE * found.unpacked, found.download),
            None => (prior.cpu_each, prior.network),
        };
        sum = (sum.0 + cpu, sum.1 + megabytes);
        most = (f64::max(most.0, cpu), f64::max(most.1, megabytes));
    }
    let together = |sum: f64, most: f64| most + OVERLAP * (sum - most);
    (prior.cpu + together(sum.0, most.0), together(sum.1, most.1))
}

/// Seconds that `apt-get update` waits for the lists of the distribution's mirrors, beyond what the class has and the network of the machine takes, by the image that it
/// runs on.
///
/// Source: what apt says of itself in 20 public logs. The lists of Ubuntu are 27 to 38 MB, which mirrors send at 4 MB/s in the middle, those of
/// Debian 8 to 9; of others the middle.
pub(super) fn lists(image: &str) -> f64 {
    const UBUNTU: [&str; 6] = ["ubuntu", "bionic", "focal", "jammy", "noble", "nvidia/cuda"];
    const DEBIAN: [&str; 8] = [
        "debian",
        "bookworm",
        "bullseye",
        "buster",
        "trixie",
        "library/python",
        "library/node",
        "library/golang",
    ];
    let is_of = |names: &[&str]| names.iter().any(|name| image.contains(name));
    match () {
        () if is_of(&UBUNTU) => 6.0,
        () if is_of(&DEBIAN) => 1.0,
        () => 2.5,
    }
}

/// Part of what further packages bring that none before has brought. Source: a guess; of `build-essential git python3` in the
/// index of Debian 12 it is 0.7.
const OVERLAP: f64 = 0.7;

/// Core-seconds to unpack and set up a package, and for each megabyte on disk.
///
/// Source: installations into a `debootstrap` of Debian 12, with download: curl 4.1 (18 packages, 15 MB), git 4.4 (24, 109),
/// python3 4.7 (22, 34), build-essential 9.6 (56, 323); tsv apt-install-jq-vim 3.4 (9, 42).
const APT_PACKAGE: f64 = 0.055;
const APT_MEGABYTE: f64 = 0.012;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ubuntu_take_longer_than_those_of_debian() {
        for (more, less) in [
            ("docker.io/library/ubuntu:24.04", "docker.io/someone/something:1"),
            ("docker.io/nvidia/cuda:12.4.0-devel-ubuntu22.04", "docker.io/library/debian:12-slim"),
            ("docker.io/someone/something:1", "docker.io/library/python:3.13-bookworm"),
        ] {
            assert!(lists(more) > 1.5 * lists(less), "{more} {less}");
        }
    }
}
