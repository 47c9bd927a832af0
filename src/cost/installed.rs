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

/// Part of what further packages bring that none before has brought. Source: a guess; of `build-essential git python3` in the
/// index of Debian 12 it is 0.7.
const OVERLAP: f64 = 0.7;

/// Core-seconds to unpack and set up a package, and for each megabyte on disk.
///
/// Source: installations into a `debootstrap` of Debian 12, with download: curl 4.1 (18 packages, 15 MB), git 4.4 (24, 109),
/// python3 4.7 (22, 34), build-essential 9.6 (56, 323); tsv apt-install-jq-vim 3.4 (9, 42).
const APT_PACKAGE: f64 = 0.055;
const APT_MEGABYTE: f64 = 0.012;
