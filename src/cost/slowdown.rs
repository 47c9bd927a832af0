//! How much slower emulated work is, by class, guest and host.
//!
//! A distribution, never one number: QEMU translates blocks of instructions and keeps them, so tight loops hardly slow
//! down while short processes, which translate everything anew, slow down twenty-fold.

use super::class::Class;
use super::priors::prior;

/// A log-normal distribution of a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// The median.
    pub median: f64,
    /// Standard deviation of the logarithm.
    pub sigma: f64,
}

impl Factor {
    /// No change, for certain.
    pub const ONE: Self = Self { median: 1.0, sigma: 0.0 };
}

/// The slow-down of `class` when `host` emulates `guest`, both as architectures such as `arm64` and `amd64`.
pub fn slowdown(class: Class, guest: &str, host: &str) -> Factor {
    let prior = prior(class);
    if prior.slowdown <= 1.0 {
        return Factor::ONE;
    }
    let (relative, more_sigma) = guest_factor(class, guest);
    let (host, host_sigma) = host_factor(host);
    Factor {
        median: (prior.slowdown * relative * host).max(1.0),
        sigma: (prior.slowdown_sigma.powi(2) + f64::powi(more_sigma, 2) + f64::powi(host_sigma, 2)).sqrt(),
    }
}

/// How a guest compares with arm64, and what is added to the spread.
fn guest_factor(class: Class, guest: &str) -> (f64, f64) {
    match guest {
        "arm64" => (1.0, 0.0),
        // slowdown.tsv has both for nine workloads: ratios of ratios 0.70 to 1.31, geometric mean 0.95.
        "arm" => (0.95, 0.2),
        // botan#4764: one test suite took 518 s as riscv64, 452 s as ppc64 and 1360 s as s390x on one host.
        // SpaghettiKart#716: 9 to 13 for C++ as 386, where arm64 has 10.
        "riscv64" | "ppc64le" | "loong64" | "386" | "amd64" => (1.0, 0.3),
        // Measured for Go: 1.08 times arm64.
        "s390x" if matches!(class, Class::GoBuild | Class::GoDownload) => (1.1, 0.3),
        "s390x" => (2.0, 0.4),
        _ => (1.0, 0.5),
    }
}

/// How a host compares with amd64, and what is added to the spread.
fn host_factor(host: &str) -> (f64, f64) {
    match host {
        "amd64" => (1.0, 0.0),
        // misskey#8498: 3.3 from arm64 to amd64 with part of it native; no controlled figure is known.
        _ => (1.0, 0.3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controlled_measurements_lie_within_the_spread() {
        let table = include_str!("../../tests/data/timing/slowdown.tsv");
        let cases = [
            ("gcc-5files-O2", Class::CCompile),
            ("cxx-regex-O2", Class::CxxCompile),
            ("zlib-make-j2", Class::Make),
            ("gzip-6", Class::Gzip),
            ("sort-awk", Class::Text),
            ("apt-update", Class::AptUpdate),
            ("go-hello-build", Class::GoBuild),
            ("cargo-release", Class::CargoBuild),
            ("npm-ci", Class::NpmInstall),
            ("tsc", Class::NodeBuild),
            ("py-loop", Class::Python),
            ("pip-install-django", Class::PipInstall),
        ];
        for (workload, class) in cases {
            let row = table.lines().find(|line| line.starts_with(workload)).unwrap();
            let measured: f64 = row.split('\t').nth(10).unwrap().parse().unwrap();
            let factor = slowdown(class, "arm64", "amd64");
            let deviations = libm::log(measured / factor.median) / factor.sigma;
            assert!(deviations.abs() < 1.3, "{workload}: measured {measured}, {factor:?}");
        }
    }
}
