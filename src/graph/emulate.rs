//! Which steps the node runs itself, which under emulation, and which cross to another platform.
//!
//! Only commands are ever emulated (BuildKit `solver/llbsolver/ops/exec_binfmt.go`); copying, pulling and exporting never.

use super::BuildGraph;
use super::vertex::{Exec, Op, Source, Vertex};
use crate::ids::VertexIx;
use crate::model::platform::Platform;
use crate::model::scope::EnvReader;

/// How a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Execution {
    /// By the node's own processor.
    Native,
    /// Under QEMU, the shell included.
    Emulated,
    /// By the node's own processor, but with a foreign program under QEMU.
    Mixed,
    /// Not at all.
    Unsupported,
}

impl Execution {
    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Emulated => "emulated",
            Self::Mixed => "mixed",
            Self::Unsupported => "unsupported",
        }
    }
}

impl std::fmt::Display for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a node can execute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The processor's platform.
    pub platform: Platform,
    /// The level of an amd64 processor, 1 to 4.
    pub amd64_level: u8,
    /// Whether an arm64 processor still runs 32-bit code.
    pub runs_arm32: bool,
    /// The architectures that have an emulator; `None` for all that QEMU's user mode has.
    pub emulators: Option<Vec<Box<str>>>,
}

/// The architectures for which `tonistiigi/binfmt` installs an emulator.
const EMULATED: [&str; 12] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips64", "mips64le", "ppc64le", "riscv64", "s390x", "mips",
    "mipsle",
];

impl Host {
    /// A node of `platform` with every emulator; amd64 processors are taken to be of level 3, as all of the last
    /// ten years are, and arm64 ones to run 32-bit code.
    pub fn new(platform: Platform) -> Self {
        Self { platform, amd64_level: 3, runs_arm32: true, emulators: None }
    }

    /// How a command of `guest` runs here.
    pub fn execution(&self, guest: &Platform) -> Execution {
        let guest = guest.normalized();
        if guest.os != self.platform.os {
            return Execution::Unsupported;
        }
        if self.runs(&guest) {
            return Execution::Native;
        }
        let level =
            |variant: &str| variant.strip_prefix('v').and_then(|level| level.parse().ok()).unwrap_or(1_u8);
        // QEMU's user mode emulates a processor of level 1 or 2 and BuildKit's own check refuses levels above.
        let too_new = &*guest.architecture == "amd64" && level(&guest.variant) > 2;
        let has_emulator = match &self.emulators {
            Some(known) => known.iter().any(|architecture| **architecture == *guest.architecture),
            None => EMULATED.contains(&&*guest.architecture),
        };
        if has_emulator && !too_new { Execution::Emulated } else { Execution::Unsupported }
    }

    fn runs(&self, guest: &Platform) -> bool {
        let mut own = self.platform.normalized();
        if &*own.architecture == "amd64" && own.variant.is_empty() && self.amd64_level > 1 {
            own.variant = format!("v{}", self.amd64_level).into();
        }
        let is_arm32 = &*own.architecture == "arm64" && &*guest.architecture == "arm";
        own.runs(guest) && (!is_arm32 || self.runs_arm32)
    }
}

/// How each vertex runs on a host; `None` for what is no command.
///
/// # Arguments
/// * `only`: what [`only_platforms`] says of the graph.
pub fn executions(graph: &BuildGraph, host: &Host, only: &[Option<Platform>]) -> Vec<Option<Execution>> {
    // There are few platforms, and many commands.
    let of_platforms: Vec<Execution> =
        graph.platforms.iter().map(|platform| host.execution(platform)).collect();
    let execution = |(index, vertex): (VertexIx, &Vertex)| {
        let exec = exec_of(vertex)?;
        let only = only.get(index.index()).and_then(Option::as_ref);
        Some(only.map_or_else(|| of_platforms[exec.platform.0 as usize], |only| host.execution(only)))
    };
    graph.vertices().map(execution).collect()
}

/// For each vertex the platform of the image that its file system descends from, where that is for one platform whatever is
/// asked for: its programs are of that one, though BuildKit takes them for the platform it asked for.
pub fn only_platforms(graph: &BuildGraph) -> Vec<Option<Platform>> {
    let mut only: Vec<Option<Platform>> = Vec::with_capacity(graph.len());
    for (_, vertex) in graph.vertices() {
        let below = match &vertex.op {
            Op::Source(Source::Image { reference, .. }) => {
                only.push(graph.only_platform(*reference));
                continue;
            }
            Op::Source(_) => None,
            Op::Exec(exec) => exec.root,
            Op::File(file) => file.base,
            Op::Merge { lower, .. } => Some(*lower),
        };
        let platform = below.and_then(|below| only.get(below.index())?.clone());
        only.push(platform);
    }
    only
}

/// The command of a vertex that is one.
pub fn exec_of(vertex: &Vertex) -> Option<&Exec> {
    if let Op::Exec(exec) = &vertex.op { Some(exec) } else { None }
}

/// Tells for each command which platform its environment says it builds for.
///
/// BuildKit's arrow in `[linux/amd64->arm64 builder 3/5]` (`dockerfile2llb/convert.go`, `platformFromEnv`).
#[derive(Debug)]
pub struct Crossing<'g> {
    graph: &'g BuildGraph,
    reader: EnvReader<'g>,
}

impl<'g> Crossing<'g> {
    /// For the commands of `graph`.
    pub fn new(graph: &'g BuildGraph) -> Self {
        let reader = graph.env_reader(&["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"]);
        Self { graph, reader }
    }

    /// The platform a command builds for, where that is another than its own.
    pub fn of(&mut self, exec: &Exec) -> Option<Platform> {
        let graph = self.graph;
        let own = graph.platform(exec.platform);
        let values = self.reader.read(exec.env);
        let text = |at: usize| values[at].map(|value| graph.text(value));
        if let Some(Ok(platform)) = text(0).map(|text| Platform::parse(text, graph.build_platform())) {
            return crossing(own, platform);
        }
        let parts = [text(1), text(2), text(3)];
        if parts.iter().all(Option::is_none) {
            return None;
        }
        let [os, architecture, variant] = parts.map(|part| part.unwrap_or_default().into());
        crossing(own, Platform { os, architecture, variant, ..Platform::default() })
    }
}

fn crossing(own: &Platform, mut target: Platform) -> Option<Platform> {
    if target.os.is_empty() {
        target.os.clone_from(&own.os);
    }
    if target.architecture.is_empty() {
        target.architecture.clone_from(&own.architecture);
    }
    let target = target.normalized();
    (target.os != own.os || target.architecture != own.architecture).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let host = Platform::linux("amd64");
        Platform::parse(text, &host).unwrap()
    }

    #[test]
    fn what_runs_how() {
        use Execution::{Emulated, Native, Unsupported};
        let cases = [
            ("linux/amd64", "linux/amd64", Native),
            ("linux/amd64", "linux/386", Native),
            ("linux/amd64", "linux/amd64/v3", Native),
            ("linux/amd64", "linux/amd64/v4", Unsupported),
            ("linux/amd64", "linux/arm64", Emulated),
            ("linux/amd64", "linux/riscv64", Emulated),
            ("linux/amd64", "linux/bogus", Unsupported),
            ("linux/amd64", "windows/amd64", Unsupported),
            ("linux/arm64", "linux/arm/v7", Native),
            ("linux/arm64", "linux/amd64", Emulated),
            ("linux/arm64", "linux/amd64/v3", Unsupported),
            ("linux/arm64", "linux/386", Emulated),
        ];
        for (host, guest, expected) in cases {
            assert_eq!(Host::new(platform(host)).execution(&platform(guest)), expected, "{guest} on {host}");
        }
        let without_arm32 = Host { runs_arm32: false, ..Host::new(platform("linux/arm64")) };
        assert_eq!(without_arm32.execution(&platform("linux/arm/v7")), Emulated);
        let without_emulators = Host { emulators: Some(Vec::new()), ..Host::new(platform("linux/amd64")) };
        assert_eq!(without_emulators.execution(&platform("linux/arm64")), Unsupported);
    }

    #[test]
    fn images_for_one_platform_run_its_programs() {
        use crate::dockerfile::{Arena, parse_text};
        use crate::model::inputs::{ImageConfig, Inputs, KnownImage};
        let file = "FROM amd64/rust AS a\nWORKDIR /w\nRUN a\nFROM alpine AS b\nRUN b\nFROM acme/tool AS c\nRUN c\n\
            FROM scratch\nCOPY --from=a / /\nCOPY --from=b / /\nCOPY --from=c / /\n";
        let arena = Arena::new();
        let parsed = parse_text(file, &arena);
        let targets = [platform("linux/amd64"), platform("linux/arm64")];
        let mut inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
        let config = ImageConfig { platform: Some(platform("linux/arm64")), ..ImageConfig::default() };
        let reference = "docker.io/acme/tool:latest".to_owned();
        inputs.images.push(KnownImage { reference, platform: None, config });
        let graph = crate::graph::analyze(&parsed, &inputs, &arena).graph.unwrap();
        let executions = executions(&graph, &Host::new(platform("linux/amd64")), &only_platforms(&graph));
        let of_line = |line: u32| {
            let vertices = graph.vertices().filter(move |(_, vertex)| vertex.lines().any(|l| l.0 == line));
            let mut all: Vec<_> = vertices.filter_map(|(index, _)| executions[index.index()]).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(of_line(3), [Execution::Native, Execution::Native]);
        assert_eq!(of_line(5), [Execution::Native, Execution::Emulated]);
        assert_eq!(of_line(7), [Execution::Emulated, Execution::Emulated]);
    }
}
