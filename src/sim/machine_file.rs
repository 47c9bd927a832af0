//! Machines written down: the TOML form of a [`Machine`].
//!
//! Owns that form only; reading the file is for the caller.

use std::fmt;

use serde::Deserialize;

use crate::model::platform::Platform;
use crate::units::Bytes;

use super::machine::{Emulator, Machine, Node, host as this_computer, node as usual_node};

/// The most nodes of a machine, and the most platforms that a node runs.
const MAX_NODES: usize = 64;
const MAX_PLATFORMS: usize = 256;

/// The longest name, in bytes: it stands in the head of every report.
const MAX_NAME: usize = 256;

/// Reads a machine from TOML. `host` completes platforms that name an architecture alone.
///
/// ```
/// use xsim::model::platform::Platform;
/// let host = Platform::linux("amd64");
/// let machine = xsim::sim::parse_machine(
///     r#"
///     name = "ci"
///     [[node]]
///     cores = 8                                  # the only field that must be there
///     speed = 1.2                                # of one core; 1 is the reference
///     crowding = 0.3                             # what each further busy core costs all of them; 0 to 0.5
///     native = ["linux/amd64"]                   # the first is BUILDPLATFORM
///     emulators = ["linux/arm64", { platform = "linux/arm/v7", slowdown = 9 }]
///     memory_gb = 32
///     network_mb_per_s = 120
///     disk_mb_per_s = 500
///     max_parallelism = 4
///     "#,
///     &host,
/// )?;
/// assert_eq!(machine.nodes[0].cores, 8.0);
/// # Ok::<(), xsim::sim::MachineError>(())
/// ```
pub fn parse_machine(text: &str, host: &Platform) -> Result<Machine, MachineError> {
    let file: MachineFile = toml::from_str(text).map_err(|error| MachineError(error.to_string()))?;
    if file.node.is_empty() {
        return Err(MachineError("a machine needs at least one [[node]]".into()));
    }
    if file.node.len() > MAX_NODES {
        return Err(MachineError(format!("a machine has at most {MAX_NODES} nodes")));
    }
    let names = file.node.iter().map(|node| &node.name).chain([&file.name]);
    if names.flatten().any(|name| name.len() > MAX_NAME) {
        return Err(MachineError(format!("a name has at most {MAX_NAME} bytes")));
    }
    let nodes = file.node.iter().enumerate().map(|(at, node)| node.read(at, host));
    Ok(Machine {
        name: file.name.unwrap_or_else(|| "machine file".into()),
        nodes: nodes.collect::<Result<_, _>>()?,
    })
}

/// Why a text is no machine, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineError(String);

impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for MachineError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MachineFile {
    name: Option<String>,
    #[serde(default)]
    node: Vec<NodeFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeFile {
    name: Option<String>,
    cores: f64,
    speed: Option<f64>,
    crowding: Option<f64>,
    native: Option<Vec<String>>,
    emulators: Option<Vec<EmulatorFile>>,
    memory_gb: Option<f64>,
    network_mb_per_s: Option<f64>,
    disk_mb_per_s: Option<f64>,
    max_parallelism: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum EmulatorFile {
    Platform(String),
    Full { platform: String, slowdown: f64 },
}

impl NodeFile {
    /// The node that is at place `at` of its machine; `host` completes platforms that name an architecture alone.
    pub(super) fn read(&self, at: usize, host: &Platform) -> Result<Node, MachineError> {
        let name = self.name.clone().unwrap_or_else(|| format!("node{at}"));
        let positive = |field: &str, value: f64| {
            let problem = || MachineError(format!("{name}: {field} must be a positive number, not {value}"));
            if value.is_finite() && value > 0.0 { Ok(value) } else { Err(problem()) }
        };
        let platform =
            |text: &str| Platform::parse(text, host).map_err(|error| MachineError(error.to_string()));
        // Positive and checked; `as` saturates.
        #[allow(clippy::cast_sign_loss)]
        let bytes = |field: &str, value: Option<f64>, unit: f64, default: Bytes| match value {
            Some(value) => Ok(Bytes((positive(field, value)? * unit) as u64)),
            None => Ok(default),
        };
        // What is left out is as on this computer.
        let default = this_computer();
        let platforms = [self.native.as_ref().map(Vec::len), self.emulators.as_ref().map(Vec::len)];
        if platforms.into_iter().flatten().any(|count| count > MAX_PLATFORMS) {
            return Err(MachineError(format!(
                "{name}: a node has at most {MAX_PLATFORMS} platforms of a kind"
            )));
        }
        let native = match &self.native {
            Some(list) => list.iter().map(|text| platform(text)).collect::<Result<Vec<_>, _>>()?,
            None => vec![host.normalized()],
        };
        if native.is_empty() || self.max_parallelism == Some(0) {
            return Err(MachineError(format!(
                "{name}: native and max_parallelism must not be empty or zero"
            )));
        }
        let emulators = if let Some(list) = &self.emulators {
            list.iter().map(|file| file.read(&platform, &positive)).collect::<Result<_, _>>()?
        } else {
            let usual = native.first().map(|first| usual_node(&name, first, self.cores, 0).emulators);
            let runs = |guest: &Platform| native.iter().any(|own| own.runs(guest));
            usual.unwrap_or_default().into_iter().filter(|emulator| !runs(&emulator.guest)).collect()
        };
        let crowding = self.crowding.unwrap_or(default.crowding);
        if !(0.0..=0.5).contains(&crowding) {
            return Err(MachineError(format!("{name}: crowding must be from 0 to 0.5, not {crowding}")));
        }
        Ok(Node {
            crowding,
            cores: positive("cores", self.cores)?,
            speed: positive("speed", self.speed.unwrap_or(1.0))?,
            native,
            emulators,
            memory: bytes("memory_gb", self.memory_gb, 1e9, default.memory)?,
            network: bytes("network_mb_per_s", self.network_mb_per_s, 1e6, default.network)?,
            disk: bytes("disk_mb_per_s", self.disk_mb_per_s, 1e6, default.disk)?,
            max_parallelism: self.max_parallelism,
            name,
        })
    }
}

impl EmulatorFile {
    fn read(
        &self,
        platform: &impl Fn(&str) -> Result<Platform, MachineError>,
        positive: &impl Fn(&str, f64) -> Result<f64, MachineError>,
    ) -> Result<Emulator, MachineError> {
        Ok(match self {
            Self::Platform(guest) => Emulator { guest: platform(guest)?, slowdown: None },
            Self::Full { platform: guest, slowdown } => {
                Emulator { guest: platform(guest)?, slowdown: Some(positive("slowdown", *slowdown)?) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Machine, String> {
        let host = Platform::linux("amd64");
        parse_machine(text, &host).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_left_out_get_defaults() {
        let machine =
            parse("[[node]]\ncores = 3\nemulators = [{ platform = 'arm64', slowdown = 7 }]").unwrap();
        let node = &machine.nodes[0];
        assert_eq!((node.cores, node.name.as_str(), node.max_parallelism), (3.0, "node0", None));
        assert_eq!(node.emulators[0].slowdown, Some(7.0));
        assert_eq!(node.native[0].short(), "linux/amd64");
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("", "at least one"),
            ("[[node]]\ncores = 0", "cores must be a positive number"),
            ("[[node]]\ncores = 1\ncoers = 2", "unknown field"),
            ("[[node]]\ncores = 1\nnative = ['bogus']", "bogus"),
            ("[[node]]\ncores = 1\nspeed = -1", "speed must be"),
            ("[[node]]\ncores = 1\nmax_parallelism = 0", "max_parallelism"),
            (&"[[node]]\ncores = 1\n".repeat(65), "at most 64 nodes"),
            (&format!("name = '{}'\n[[node]]\ncores = 1", "x".repeat(257)), "at most 256 bytes"),
            (
                &format!("[[node]]\ncores = 1\nemulators = [{}]", "'arm64',".repeat(257)),
                "at most 256 platforms",
            ),
        ];
        for (text, wanted) in cases {
            let error = parse(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
