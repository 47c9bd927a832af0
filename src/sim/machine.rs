//! What a plan runs on: nodes with cores, platforms, bandwidths, memory and slots.
//!
//! Owns the built-in machines. Does not know tasks, and reads no file ([`super::machine_file`] does).

use crate::model::platform::Platform;
use crate::units::Bytes;

use super::plan::NodeIx;

/// One or more nodes, as a buildx builder has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// How people call it.
    pub name: String,
    /// At least one.
    pub nodes: Vec<Node>,
}

/// One BuildKit daemon and the computer it runs on.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// How people call it.
    pub name: String,
    /// Hardware threads that steps share.
    pub cores: f64,
    /// Speed of one core, relative to the reference core on which work is stated.
    pub speed: f64,
    /// What each further busy core costs all of them: with `busy` cores at work, each runs at `1 - crowding * (busy - 1) /
    /// cores` of its speed. They share caches, memory and heat, and often are two threads of one core. 0 to 0.5.
    pub crowding: f64,
    /// What its processor runs itself; the first is its `BUILDPLATFORM`.
    pub native: Vec<Platform>,
    /// What it runs by emulation.
    pub emulators: Vec<Emulator>,
    /// Memory for all steps together.
    pub memory: Bytes,
    /// Network bandwidth, for each second.
    pub network: Bytes,
    /// Disk bandwidth, for each second.
    pub disk: Bytes,
    /// BuildKit's `max-parallelism`: vertices that may run at once. `None`, its default, is no limit.
    pub max_parallelism: Option<u32>,
}

/// An emulated platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Emulator {
    /// What it runs.
    pub guest: Platform,
    /// Slow-down set by hand for all work; `None` leaves it to the cost model.
    pub slowdown: Option<f64>,
}

impl Machine {
    /// A machine of one Linux node with the bandwidths of the built-in ones and an emulator for every usual platform. `cores` are
    /// hardware threads of the reference core's speed, `gigabytes` memory.
    pub fn linux(name: &str, native: &Platform, cores: f64, gigabytes: u64) -> Self {
        Self { name: name.into(), nodes: vec![node(name, native, cores, gigabytes)] }
    }

    /// One of GitHub's hosted runners, in the same units: a thread has 0.65 of the reference core's speed, and on amd64 two share a
    /// core. Source: [`built_in`].
    pub fn hosted(name: &str, native: &Platform, cores: f64, gigabytes: u64) -> Self {
        Self { name: name.into(), nodes: vec![hosted(name, native, cores, gigabytes)] }
    }

    /// The node at `node`, or the first where there is none such.
    pub fn node(&self, node: NodeIx) -> &Node {
        self.nodes.get(node.index()).unwrap_or(&self.nodes[0])
    }

    /// Whether any node limits how many vertices run at once.
    pub(super) fn is_limited(&self) -> bool {
        self.nodes.iter().any(|node| node.max_parallelism.is_some())
    }

    /// The node on which buildx runs builds for `platform`: the first that is native for it, else the first that
    /// emulates it, else the first.
    pub fn node_for(&self, platform: &Platform) -> NodeIx {
        let native = self.nodes.iter().position(|node| node.is_native(platform));
        let emulated = || self.nodes.iter().position(|node| node.emulator(platform).is_some());
        NodeIx::new(native.or_else(emulated).unwrap_or(0))
    }
}

impl Node {
    /// The part of its speed that a core has left when `busy` of them are at work.
    pub fn pace(&self, busy: f64) -> f64 {
        pace(self.crowding, self.cores, busy)
    }

    /// Whether its processor runs programs of `platform` itself.
    pub fn is_native(&self, platform: &Platform) -> bool {
        self.native.iter().any(|native| native.runs(platform))
    }

    /// The emulator for `platform`, if there is one.
    pub fn emulator(&self, platform: &Platform) -> Option<&Emulator> {
        let wanted = platform.normalized();
        self.emulators.iter().find(|emulator| emulator.guest.normalized() == wanted)
    }
}

/// See [`Node::crowding`].
pub(super) fn pace(crowding: f64, cores: f64, busy: f64) -> f64 {
    if crowding <= 0.0 || busy <= 1.0 {
        return 1.0;
    }
    1.0 - crowding.min(0.5) * (busy - 1.0) / cores.max(1.0)
}

/// Cores of a usual computer slow each other down by so much.
///
/// Source: `tests/data/timing/README.md`, four steps together on two cores: 8 % slower than if each core kept its speed.
pub(super) const DEFAULT_CROWDING: f64 = 0.16;

/// The same where two hardware threads share a core: four threads on two cores do two and a half times the work of one.
///
/// Source: a guess, within what is published of simultaneous multithreading for compilers, 1.2 to 1.3 for the second thread.
const SHARED_CORES: f64 = 0.5;

/// The pace of a core of a hosted runner beside the reference core.
///
/// Source: of the builds in `tests/data/published` whose repository's name has an even hash, steps and builds on hosted runners take 1.8
/// times as long as they would at the pace of the reference core; the most of that is put down to the runner. The others judge.
const HOSTED_SPEED: f64 = 0.65;

/// Names and descriptions of the built-in machines.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("host", "this computer: its hardware threads and processor, emulators for the usual platforms"),
    ("ubuntu-latest", "GitHub's hosted runner for public repositories: 4 amd64 cores, 16 GB"),
    ("ubuntu-latest-private", "the same for private repositories: 2 amd64 cores, 8 GB"),
    ("ubuntu-24.04-arm", "GitHub's hosted arm64 runner for public repositories: 4 cores, 16 GB"),
    ("small", "2 amd64 cores, 8 GB"),
    ("large", "16 amd64 cores, 64 GB"),
    ("native-pair", "two nodes of 4 cores, one amd64 and one arm64, each building its own platforms"),
];

/// A built-in machine by its name.
///
/// Source of the runners: docs.github.com, "GitHub-hosted runners reference", as of 2026-11: 4 processors and 16 GB for public
/// repositories, 2 and 8 for private ones. What it calls a processor is a hardware thread on amd64, a core on arm64.
pub fn built_in(name: &str) -> Option<Machine> {
    let (amd64, arm64) = (platform("amd64", ""), platform("arm64", ""));
    let nodes = match name {
        "host" => vec![host()],
        "ubuntu-latest" => vec![hosted(name, &amd64, 4.0, 16)],
        "ubuntu-latest-private" => vec![hosted(name, &amd64, 2.0, 8)],
        "ubuntu-24.04-arm" => vec![hosted(name, &arm64, 4.0, 16)],
        "small" => vec![node("small", &amd64, 2.0, 8)],
        "large" => vec![node("large", &amd64, 16.0, 64)],
        "native-pair" => vec![node("amd64", &amd64, 4.0, 16), node("arm64", &arm64, 4.0, 16)],
        _ => return None,
    };
    Some(Machine { name: name.into(), nodes })
}

/// The machine that is assumed where none is named, of a build platform: GitHub's runner where it has one, as that is where
/// most images for several platforms are built, else four cores of the platform. The same on every computer.
pub fn default_machine(platform: &Platform) -> Machine {
    let runner = match &*platform.architecture {
        "amd64" => built_in("ubuntu-latest"),
        "arm64" => built_in("ubuntu-24.04-arm"),
        _ => None,
    };
    runner.unwrap_or_else(|| Machine {
        name: "default".into(),
        nodes: vec![node("default", platform, 4.0, 16)],
    })
}

/// The architecture that this program was compiled for, as image manifests name it.
const HOST_ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else if cfg!(target_arch = "arm") {
    "arm"
} else if cfg!(target_arch = "riscv64") {
    "riscv64"
} else if cfg!(target_arch = "powerpc64") {
    "ppc64le"
} else if cfg!(target_arch = "s390x") {
    "s390x"
} else if cfg!(target_arch = "x86") {
    "386"
} else {
    "amd64"
};

/// This computer, as far as the standard library knows it.
fn host() -> Node {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    node("host", &platform(HOST_ARCHITECTURE, ""), cores as f64, 4 * cores as u64)
}

/// A Linux node with the default bandwidths and an emulator for each platform that docker/setup-qemu-action installs.
///
/// Bandwidths: 100 MB/s from a registry and 300 MB/s to an overlay on a cloud disk are what GitHub's runners show; both
/// are parameters of a machine file.
fn node(name: &str, native: &Platform, cores: f64, gigabytes: u64) -> Node {
    let guests = [
        ("amd64", ""),
        ("arm64", ""),
        ("arm", "v7"),
        ("arm", "v6"),
        ("386", ""),
        ("riscv64", ""),
        ("ppc64le", ""),
        ("s390x", ""),
        ("loong64", ""),
    ];
    let emulators = guests
        .iter()
        .map(|(architecture, variant)| platform(architecture, variant))
        .filter(|guest| !native.runs(guest))
        .map(|guest| Emulator { guest, slowdown: None })
        .collect();
    Node {
        name: name.into(),
        cores,
        speed: 1.0,
        crowding: DEFAULT_CROWDING,
        native: vec![native.clone()],
        emulators,
        memory: Bytes(gigabytes * 1_000_000_000),
        network: Bytes(100_000_000),
        disk: Bytes(300_000_000),
        max_parallelism: None,
    }
}

/// A node that GitHub hosts.
fn hosted(name: &str, native: &Platform, cores: f64, gigabytes: u64) -> Node {
    let crowding = if native.architecture == "amd64" { SHARED_CORES } else { DEFAULT_CROWDING };
    Node { speed: HOSTED_SPEED, crowding, ..node(name, native, cores, gigabytes) }
}

fn platform(architecture: &str, variant: &str) -> Platform {
    let platform = Platform { variant: variant.into(), ..Platform::linux(architecture) };
    platform.normalized()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_machine_exists() {
        for (name, _) in BUILT_IN {
            let machine = built_in(name).unwrap();
            assert!(machine.nodes.iter().all(|node| node.cores >= 1.0 && !node.native.is_empty()), "{name}");
        }
        assert_eq!(built_in("no such"), None);
    }

    #[test]
    fn builds_go_to_native_nodes_first() {
        let pair = built_in("native-pair").unwrap();
        assert_eq!(pair.node_for(&platform("amd64", "")), NodeIx(0));
        assert_eq!(pair.node_for(&platform("arm64", "")), NodeIx(1));
        assert_eq!(pair.node_for(&platform("arm", "v7")), NodeIx(1), "an arm64 processor runs it itself");
        assert_eq!(pair.node_for(&platform("s390x", "")), NodeIx(0));
        assert!(pair.nodes[0].emulator(&platform("arm64", "")).is_some());
        assert!(pair.nodes[0].emulator(&platform("386", "")).is_none(), "native");
    }
}
