//! Packages of Python of which more is known than that they are some: those that are compiled where no wheel fits, and those
//! that are large or bring many others.

mod brought;
mod table;

use brought::BROUGHT;
use table::WHEELS;

use crate::context::Named;

const MUSL_AMD64: u8 = 1;
const GLIBC_ARM64: u8 = 2;
const MUSL_ARM64: u8 = 4;
const GLIBC_ARMV7: u8 = 8;
const MUSL_ARMV7: u8 = 16;
const PPC64LE: u8 = 32;
const S390X: u8 = 64;
const RISCV64: u8 = 128;

/// The system that wheels must fit: its C library and architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct System<'s> {
    /// Whether the C library is musl, as in Alpine.
    pub is_musl: bool,
    /// The architecture, in Docker's words: `amd64`, `arm64`, `arm`.
    pub architecture: &'s str,
}

impl System<'_> {
    /// Its bit in the table; none for amd64 with glibc, which everything is built for.
    fn bit(self) -> u8 {
        match (self.architecture, self.is_musl) {
            ("amd64" | "", false) => 0,
            ("amd64" | "386", _) => MUSL_AMD64,
            ("arm64", false) => GLIBC_ARM64,
            ("arm64", true) => MUSL_ARM64,
            ("arm", false) => GLIBC_ARMV7,
            ("arm", true) => MUSL_ARMV7,
            ("ppc64le", _) => PPC64LE,
            ("s390x", _) => S390X,
            // Others have no more wheels than the newest one.
            _ => RISCV64,
        }
    }
}

/// Packages that have no wheel for any Linux. Source: their pages in the index, which have sources alone.
const NEVER_BUILT: [&str; 12] = [
    "dbus-python",
    "mysqlclient",
    "netifaces",
    "psycopg2",
    "pycairo",
    "pycrypto",
    "pygobject",
    "pygraphviz",
    "python-ldap",
    "sasl",
    "thrift",
    "uwsgi",
];

/// Core-seconds to compile a package that is not in [`HEAVY`], and for each megabyte of its wheel, which holds what was compiled.
///
/// Source: the fitted half of `tests/data/projects`, pip-wheel: psutil 3.2, hiredis 4.5, msgpack 6.6 (0.2 MB), ujson 6.8, of which pip
/// itself and the tools that it fetches to build with are most.
pub(super) const COMPILE: f64 = 5.0;
/// Source of the second: a guess; gevent has 2 MB, greenlet 0.7.
const COMPILE_MEGABYTE: f64 = 6.0;

/// Packages whose sources do not tell how long they compile, with core-seconds natively.
///
/// Sources: rpds-py and lxml, `tests/data/projects`; others in Rust are guesses beside it; grpcio, `grpc/grpc#22815`, over 3 minutes with all cores of a desktop; pandas, `frappe/frappe_docker#772`, over 42 minutes
/// emulated, and Twitch-Channel-Points-Miner-v2#232, 3 hours with numpy for arm/v7; numpy, scipy and the others are guesses
/// from those by their size.
const HEAVY: [(&str, f64); 26] = [
    ("bcrypt", 20.0),
    ("catboost", 3600.0),
    ("cryptography", 120.0),
    ("grpcio", 900.0),
    ("grpcio-tools", 400.0),
    ("h5py", 90.0),
    ("jiter", 30.0),
    ("lightgbm", 400.0),
    ("llvmlite", 1500.0),
    ("lxml", 90.0),
    ("matplotlib", 120.0),
    ("numpy", 400.0),
    ("opencv-python", 3000.0),
    ("orjson", 50.0),
    ("pandas", 700.0),
    ("pillow", 40.0),
    ("polars", 800.0),
    ("pyarrow", 2500.0),
    ("pydantic-core", 90.0),
    ("rpds-py", 18.0),
    ("scikit-learn", 900.0),
    ("scipy", 1800.0),
    ("tiktoken", 40.0),
    ("tokenizers", 120.0),
    ("vllm", 20000.0),
    ("watchfiles", 40.0),
];

/// Core-seconds to compile a package on a system that it has no wheel for, or where `is_forced` says that none is wanted; `None` where it has
/// one, or nothing is known. What a lock file says of its wheels is surer than the table.
pub fn compiled(package: &Named, system: System<'_>, is_forced: bool) -> Option<f64> {
    let name = normal(&package.name);
    let is_built = package.built.map(|built| built.hold(system.architecture, system.is_musl));
    if is_built == Some(true) && !is_forced {
        return None;
    }
    if NEVER_BUILT.contains(&&*name) {
        return Some(COMPILE);
    }
    let row = WHEELS.binary_search_by(|row| row.0.cmp(&name)).ok().map(|at| WHEELS[at]);
    let lacks =
        is_forced || is_built == Some(false) || row.is_some_and(|(.., lacks)| lacks & system.bit() != 0);
    let heavy = HEAVY.iter().find(|(known, _)| *known == name).map(|(_, cpu)| *cpu);
    let by_wheel = || COMPILE + COMPILE_MEGABYTE * row.map_or(0.0, |(_, _, wheel, _)| wheel);
    lacks.then(|| heavy.unwrap_or_else(by_wheel))
}

/// Packages of npm that are compiled where nobody has built them, with core-seconds and the systems that they are built for.
///
/// Source: which files their releases have, by memory; core-seconds are guesses by the size of their sources.
const NODE: [(&str, f64, &[&str]); 12] = [
    ("bcrypt", 10.0, &["amd64", "arm64", "amd64 musl", "arm64 musl"]),
    ("better-sqlite3", 50.0, &["amd64", "arm64", "arm", "amd64 musl", "arm64 musl", "arm musl"]),
    ("canvas", 40.0, &["amd64"]),
    ("couchbase", 400.0, &["amd64", "arm64", "amd64 musl"]),
    ("deasync", 8.0, &["amd64"]),
    ("grpc", 500.0, &["amd64", "amd64 musl"]),
    ("isolated-vm", 60.0, &["amd64", "amd64 musl"]),
    ("node-rdkafka", 150.0, &[]),
    ("node-sass", 150.0, &["amd64", "amd64 musl"]),
    ("re2", 60.0, &["amd64", "arm64", "amd64 musl", "arm64 musl"]),
    ("sqlite3", 60.0, &["amd64", "arm64", "amd64 musl", "arm64 musl"]),
    ("zeromq", 40.0, &["amd64", "arm64", "amd64 musl"]),
];

/// Core-seconds to compile a package of npm on a system that nobody has built it for.
pub fn compiled_of_npm(name: &str, system: System<'_>) -> Option<f64> {
    let (_, cpu, built) = NODE.iter().find(|(known, ..)| *known == name)?;
    let architecture = if system.architecture.is_empty() { "amd64" } else { system.architecture };
    let own = if system.is_musl { format!("{architecture} musl") } else { architecture.to_owned() };
    (!built.contains(&&*own)).then_some(*cpu)
}

/// What installing a package brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brought {
    /// Packages, itself included.
    pub packages: f64,
    /// Megabytes of its own wheel.
    pub own: f64,
    /// Megabytes of the wheels of all.
    pub megabytes: f64,
}

/// What a package brings that is large or brings many others; `None` for most.
pub fn brought(name: &str, architecture: &str) -> Option<Brought> {
    let name = normal(name);
    let at = BROUGHT.binary_search_by(|row| row.0.cmp(&name)).ok()?;
    let (_, packages, own, amd64, arm64) = BROUGHT[at];
    let megabytes = if architecture == "arm64" { arm64 } else { amd64 };
    Some(Brought { packages: f64::from(packages), own, megabytes })
}

/// The name of a requirement as the index has it: `PyYAML[extra]>=6` is `pyyaml`.
fn normal(requirement: &str) -> String {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
    let name = requirement.get(..end.unwrap_or(requirement.len())).unwrap_or_default();
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(WHEELS.is_sorted_by_key(|row| row.0) && BROUGHT.is_sorted_by_key(|row| row.0));
        assert!(HEAVY.is_sorted_by_key(|row| row.0) && NEVER_BUILT.is_sorted());
    }

    #[test]
    fn what_has_no_wheel_is_compiled() {
        let on = |is_musl, architecture| System { is_musl, architecture };
        let of = |name: &str, system, is_forced| {
            compiled(&Named { name: name.into(), built: None }, system, is_forced)
        };
        let compiled = |name, system| of(name, system, false);
        assert!(of("numpy", on(false, "amd64"), true).unwrap() > 100.0);
        assert_eq!(compiled("numpy", on(false, "amd64")), None);
        assert_eq!(compiled("numpy==1.26", on(false, "arm64")), None);
        assert!(compiled("numpy", on(false, "arm")).unwrap() > 100.0);
        assert!(compiled("Scikit_Learn>=1", on(true, "amd64")).unwrap() > 100.0);
        assert!(compiled("psycopg2", on(false, "amd64")).is_some());
        assert_eq!(compiled("flask", on(true, "riscv64")), None);
        assert!(compiled("PyYAML", on(false, "arm")).unwrap() < 60.0);
    }

    #[test]
    fn large_packages_bring_others() {
        let torch = brought("torch[x]>=2", "amd64").unwrap();
        assert!(torch.packages > 10.0 && torch.megabytes > 1000.0 && torch.own > 100.0);
        assert_eq!(brought("no-such-thing", "amd64"), None);
    }
}
