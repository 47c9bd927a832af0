//! Default numbers for each class of work, each with its source.
//!
//! A data file in Rust: edited by hand, checked by the compiler. What the columns mean is in [`Prior`]; how the numbers
//! are used is in `docs/cost-model.md`. `tsv` is `tests/data/timing/slowdown.tsv` (2 cores of x86-64, QEMU 7.2), `pub` is
//! the table of published figures in `docs/cost-model.md`, `usual` is `tests/data/projects/usual.tsv` (what the contexts of public
//! Dockerfiles hold), `guess` is the project's own reading where neither has a figure.

use crate::units::Nanos;

use super::class::Class;

/// What is assumed of a command of some class before any log was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// The class.
    pub class: Class,
    /// Core-seconds on the reference core, natively, whatever the arguments.
    pub cpu: f64,
    /// Core-seconds more for each package or file named.
    pub cpu_each: f64,
    /// Standard deviation of the logarithm of the work: 0.7 is a factor of two either way.
    pub sigma: f64,
    /// Part of the computation that only one core can do (Amdahl); 1 for a program with one thread.
    ///
    /// Source of those of go-build, node-build and npm-install: the busy time of both cores that provenance in
    /// `tests/data/timing` tells (`sysUsage`), where nothing ran but one such step, emulated: 1.83, 1.45 and 1.2 to 1.4
    /// cores. The others are guesses.
    pub serial: f64,
    /// Megabytes over the network; for each package or file named where `cpu_each` is not zero.
    pub network: f64,
    /// Seconds that neither cores nor bandwidth shorten.
    pub latency: f64,
    /// Megabytes of memory.
    pub memory: f64,
    /// Times as much core-time for an arm64 guest on an amd64 host.
    pub slowdown: f64,
    /// Standard deviation of the logarithm of the slow-down.
    pub slowdown_sigma: f64,
    /// Where the work comes from; where the slow-down comes from.
    pub source: &'static str,
}

/// The defaults of `class`.
pub fn prior(class: Class) -> &'static Prior {
    &PRIORS[class as usize]
}

macro_rules! priors {
    ($($class:ident: $cpu:literal, $each:literal, $sigma:literal, $serial:literal, $network:literal, $latency:literal,
       $memory:literal, $slowdown:literal, $slowdown_sigma:literal, $source:literal;)*) => {
        /// All defaults, in the order of [`Class::VALUES`].
        pub const PRIORS: &[Prior] = &[$(Prior {
            class: Class::$class,
            cpu: $cpu,
            cpu_each: $each,
            sigma: $sigma,
            serial: $serial,
            network: $network,
            latency: $latency,
            memory: $memory,
            slowdown: $slowdown,
            slowdown_sigma: $slowdown_sigma,
            source: $source,
        }),*];
    };
}

priors! {
//  class        cpu   each  sigma serial net    lat  mem     slow  sigma
    Builtin:     0.0,  0.0,  0.5,  1.0,   0.0,   0.0, 5.0,    11.3, 0.3, "guess; tsv shell-loop";
    Files:       0.02, 0.0,  1.0,  1.0,   0.0,   0.0, 10.0,   2.1,  0.5, "guess; tsv cp-find-rm-4000x4, dd-write-1G";
    Text:        0.02, 0.0,  1.0,  1.0,   0.0,   0.0, 10.0,   6.5,  0.3, "guess; tsv sort-awk";
    Gzip:        0.8,  0.0,  1.0,  1.0,   0.0,   0.0, 20.0,   2.6,  0.2, "tsv gzip-6 (half of it); tsv gzip-6";
    Xz:          0.6,  0.0,  1.0,  1.0,   0.0,   0.0, 100.0,  1.9,  0.2, "tsv xz-3-8M (half of it); tsv xz-3-8M 1.8, diamond 2.1";
    Zstd:        0.5,  0.0,  1.0,  1.0,   0.0,   0.0, 100.0,  6.0,  0.2, "tsv zstd-9 (half of it); tsv zstd-9";
    Unpack:      1.0,  0.0,  1.0,  1.0,   0.0,   0.0, 20.0,   4.0,  0.4, "guess; between tsv gzip-6 and tsv zstd-d-x6";
    Checksum:    0.03, 0.0,  1.0,  1.0,   0.0,   0.0, 5.0,    3.3,  0.3, "tsv sha256sum-320M for 8 MB; tsv sha256sum-320M";
    Download:    0.05, 0.0,  1.0,  1.0,   20.0,  0.3, 20.0,   1.7,  0.3, "tsv curl-200M for 20 MB; tsv curl-200M";
    Git:         0.5,  0.0,  1.0,  0.9,   20.0,  0.5, 100.0,  6.0,  0.4, "guess; guess, as apt: many short processes and zlib";
    AptUpdate:   2.0,  0.0,  0.4,  1.0,   10.0,  0.5, 100.0,  6.2,  0.2, "tsv apt-update; tsv apt-update";
    AptInstall:  2.5,  0.5,  0.9,  1.0,   4.0,   0.5, 150.0,  5.8,  0.2, "tsv apt-install-jq-vim, and src/cost/run.rs; tsv apt-install-jq-vim 5.7, dpkg-i-git 5.9";
    Apk:         0.4,  0.2,  0.9,  1.0,   2.0,   0.5, 50.0,   4.5,  0.5, "guess; guess, as apt with fewer processes";
    Dnf:         8.0,  1.0,  0.8,  1.0,   5.0,   8.0, 400.0,  7.0,  0.5, "guess; guess, as Python";
    GoDownload:  2.0,  0.0,  0.9,  0.8,   60.0,  0.3, 100.0,  5.5,  0.4, "guess, 100 modules at the rate of src/cost/size.rs; between tsv 3.9 and pub nuts-node 7.6";
    GoBuild:     80.0, 0.0,  1.0,  0.09,  0.0,   0.0, 1000.0, 12.0, 0.25, "usual, 76 in the middle; tsv go-hello-build 10.5, pub 9.0, go-a-emulated 14";
    CargoFetch:  3.0,  0.0,  0.9,  0.8,   100.0, 0.5, 300.0,  5.0,  0.5, "guess; guess, as go mod download";
    CargoBuild:  200.0, 0.0, 1.0,  0.3,   30.0,  0.3, 1500.0, 10.9, 0.4, "usual, 173 in the middle; tsv cargo-release, pub 5 to 43 (LTO)";
    NpmInstall:  12.0, 0.0,  0.9,  0.65,  40.0,  0.3, 400.0,  8.2,  0.3, "usual, 21 in the middle, and node-all-target beside its bundler, which is less; tsv npm-ci 7.7, node-front 8.4, node-all-target 9, pub 7";
    NodeBuild:   20.0, 0.0,  1.0,  0.4,   0.0,   0.0, 1000.0, 11.0, 0.5, "usual, 17 in the middle; tsv tsc 10.0, terser-lodash 9.2, node-all-target beside node-front 12, pub Next.js 60";
    Node:        0.3,  0.0,  1.2,  0.9,   0.0,   0.0, 100.0,  11.0, 0.3, "tsv node-startup-x10; tsv node-loop 8.2, node-startup-x10 15";
    PipInstall:  6.0,  0.0,  1.2,  1.0,   30.0,  0.3, 200.0,  8.0,  0.4, "usual, 7.2 in the middle; tsv pip-install-django 6.1, projects 9 and 10";
    PythonBuild: 4.0,  0.0,  1.0,  0.9,   0.0,   0.0, 300.0,  10.8, 0.4, "projects, 3.2 to 6.8 with pip itself; tsv py-ext-wheel is 2; tsv py-ext-wheel, pub 4 to 10";
    Python:      0.5,  0.0,  1.2,  1.0,   0.0,   0.0, 100.0,  8.5,  0.4, "guess; tsv py-loop 7.7, py-compileall 7.3, py-startup-x20 15.9";
    JvmBuild:    60.0, 0.0,  0.9,  0.6,   100.0, 15.0, 1500.0, 5.5,  0.5, "guess; pub DSpace over 4.5, pragmatica 3 to 9";
    Jvm:         3.0,  0.0,  1.2,  0.6,   0.0,   0.0, 500.0,  6.0,  0.5, "guess; pub javac over 5";
    Dotnet:      30.0, 0.0,  0.9,  0.5,   100.0, 0.5, 1000.0, 7.0,  0.6, "guess; guess, as other compilers with a JIT";
    Bundler:     15.0, 0.0,  1.0,  0.8,   20.0,  0.5, 300.0,  9.0,  0.5, "guess; guess, as py-ext-wheel";
    Composer:    5.0,  0.0,  1.0,  0.9,   20.0,  0.5, 200.0,  9.0,  0.5, "guess; guess, as scripting languages";
    PhpExtension: 1.0, 12.0, 0.8,  0.9,   0.3,   0.3, 300.0,  18.0, 0.4, "guess, a configure and some files of C; between those of Configure and Make";
    Packages:    60.0, 20.0, 1.2,  1.0,   50.0,  1.0, 1000.0, 9.0,  0.5, "guess, by pub julia-hpc-tutorial, of a build of 300 s; guess, as other compilers";
    Mix:         20.0, 0.0,  0.9,  0.5,   20.0,  0.5, 500.0,  9.0,  0.5, "guess; guess, as other compilers";
    Haskell:     250.0, 0.0, 1.0,  0.5,   50.0,  0.5, 2000.0, 10.0, 0.5, "guess, by pub Ampersand, cerberus, learn-ocaml, which take twice 120; guess, as other compilers";
    CCompile:    0.1,  0.2,  1.0,  1.0,   0.0,   0.0, 150.0,  13.0, 0.35, "tsv gcc-5files-O2; tsv gcc-5files-O2 16.6, lua-make-j1 16.6, diamond 9.6 to 13.5";
    CxxCompile:  0.5,  3.0,  1.0,  1.0,   0.0,   0.0, 500.0,  9.9,  0.3, "tsv cxx-regex-O2; tsv cxx-regex-O2";
    Make:        30.0, 0.0,  1.2,  0.1,   0.0,   0.0, 500.0,  16.0, 0.35, "tsv lua-make-j1 is 7.4; tsv zlib-make-j2 22.3, lua-make-j1 16.6, cxx-regex-O2 9.9";
    Configure:   6.0,  0.0,  0.9,  1.0,   0.0,   0.0, 50.0,   21.0, 0.3, "guess; between tsv forks-1500 25.2 and gcc-5files-O2 16.6";
    Test:        10.0, 0.0,  1.2,  0.7,   0.0,   0.0, 500.0,  9.0,  0.4, "guess; pub tornado 6.7, tsv interpreters 8";
    Sleep:       0.0,  0.0,  0.0,  1.0,   0.0,   0.0, 1.0,    1.0,  0.0, "the argument; waiting is not emulated";
    System:      0.2,  0.0,  1.0,  1.0,   0.0,   0.0, 30.0,   8.0,  0.4, "guess; guess, between file work and forks";
    Script:      5.0,  0.0,  1.5,  0.9,   0.0,   0.0, 100.0,  10.0, 0.6, "guess; tsv shell-loop 11.3, forks-1500 25.2 and what it may call";
    Interpreter: 1.0,  0.0,  1.2,  1.0,   0.0,   0.0, 100.0,  8.5,  0.4, "guess; as Python";
    Unknown:     0.5,  0.0,  1.6,  1.0,   0.0,   0.0, 100.0,  5.2,  0.9, "guess; geometric middle of tsv, whose ratios run from 1.07 to 25";
}

/// Core-seconds that starting a process takes natively.
///
/// Source: tsv shell-forks, 1500 starts in 1.14 s.
pub const PROCESS_START: f64 = 0.0008;

/// Core-seconds that starting a process adds under emulation.
///
/// Source: tsv shell-forks, 1500 starts in 29.58 s.
pub const EMULATED_START: f64 = 0.0195;

/// Seconds to set up and remove a container for a `RUN`, beyond its commands.
///
/// Source: tsv noop, less the process.
pub const CONTAINER_START: f64 = 0.07;

/// Cores that the daemon keeps busy while it gets and unpacks an image.
///
/// Source: `tests/data/timing`, diamond cold: beside the pull of one base four native steps that need 3.0 core-seconds by
/// themselves (mp1) take 3.1 s on two cores, and the pull is no slower than alone.
pub const PULL_CORES: f64 = 1.0;

/// Compressed bytes that unpacking gets through in a second, on one core.
///
/// Source: `tests/data/timing`, diamond cold: a layer of 194 MB takes 3.7 s; sleep-diamond cold: `debian:12`, 48 MB, 1.3 s.
pub const UNPACK_RATE: f64 = 50e6;

/// Seconds to ask a registry for an image: its manifest, its configuration, a token.
///
/// Source: a guess, some round trips of 0.1 s each; 0.03 s from the registry on the same machine in `tests/data/timing`.
pub const REGISTRY_WAIT: f64 = 0.5;

/// An image that takes less than this was there already.
pub const LEAST_PULL: Nanos = Nanos(300_000_000);

/// Seconds that the first step on an image takes longer after the image was unpacked in the same build: its files are still
/// on their way to the disk.
///
/// Source: `tests/data/timing`, cold and fresh runs: 0.06 to 0.6 s, mostly 0.2 to 0.45 s.
pub const DEFAULT_SETTLING_S: f64 = 0.3;

/// Seconds between the end of a step and the start of a step that copies from it or mounts it: BuildKit reads the files,
/// or all of the folder that holds them, for its cache.
///
/// Source: `tests/data/timing`, 0.1 to 0.3 s for a file in the root of an image of a compiler, 0.05 to 0.2 s for
/// `node_modules`, 0.01 s for a file in a small folder.
pub const CHECKSUM_WAIT: f64 = 0.08;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_classes() {
        assert_eq!(PRIORS.len(), Class::VALUES.len());
        for (prior, class) in PRIORS.iter().zip(Class::VALUES) {
            assert_eq!(prior.class, *class);
            assert!((0.0..=1.0).contains(&prior.serial) && prior.slowdown >= 1.0, "{class}");
            assert!(prior.source.contains("; ") || prior.class == Class::Sleep, "{class}: two sources");
        }
    }
}
