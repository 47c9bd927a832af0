//! What a plan runs on: nodes with cores, platforms, bandwidths, memory and slots.
//!
//! Does not know tasks, and reads no file: [`super::machine_file`] does, and [`super::catalog`] has those with a name.

use crate::model::platform::Platform;
use crate::units::Bytes;

use super::plan::MachineNodeIx;

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

    /// The node at `node`, or the first where there is none such.
    pub fn node(&self, node: MachineNodeIx) -> &Node {
        self.nodes.get(node.index()).unwrap_or(&self.nodes[0])
    }

    /// Whether any node limits how many vertices run at once.
    pub(super) fn is_limited(&self) -> bool {
        self.nodes.iter().any(|node| node.max_parallelism.is_some())
    }

    /// The node on which buildx runs builds for `platform`: the first that is native for it, else the first that
    /// emulates it, else the first.
    pub fn node_for(&self, platform: &Platform) -> MachineNodeIx {
        let native = self.nodes.iter().position(|node| node.is_native(platform));
        let emulated = || self.nodes.iter().position(|node| node.emulator(platform).is_some());
        MachineNodeIx::new(native.or_else(emulated).unwrap_or(0))
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
pub(super) fn host() -> Node {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    node("host", &platform(HOST_ARCHITECTURE, ""), cores as f64, 4 * cores as u64)
}

/// A Linux node with the default bandwidths and an emulator for each platform that docker/setup-qemu-action installs.
///
/// Bandwidths: 100 MB/s from a registry and 300 MB/s to an overlay on a cloud disk are what GitHub's runners show; both
/// are parameters of a machine file.
pub(super) fn node(name: &str, native: &Platform, cores: f64, gigabytes: u64) -> Node {
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

fn platform(architecture: &str, variant: &str) -> Platform {
    let platform = Platform { variant: variant.into(), ..Platform::linux(architecture) };
    platform.normalized()
}
