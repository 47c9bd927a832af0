//! The machines that have a name, from the data file `machines.toml`, and this computer.

use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

use crate::model::platform::Platform;

use super::machine::{Machine, host, node};
use super::machine_file::NodeFile;

/// A machine with a name, and where its numbers are from.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedMachine {
    /// What it is, in a clause.
    pub description: String,
    /// The month in which `source` was read: `2026-11`.
    pub as_of: String,
    /// An address, or what else its numbers rest on.
    pub source: String,
    /// It, with its name.
    pub machine: Machine,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    machine: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    description: String,
    as_of: String,
    source: String,
    node: Vec<NodeFile>,
}

impl Entry {
    fn read(self) -> Option<NamedMachine> {
        let alone = self.node.len() == 1;
        let nodes = self.node.iter().enumerate().map(|(at, file)| {
            let mut node = file.read(at, &Platform::linux("amd64")).ok()?;
            if alone {
                node.name.clone_from(&self.name);
            }
            Some(node)
        });
        let nodes = nodes.collect::<Option<_>>()?;
        let Self { name, description, as_of, source, .. } = self;
        Some(NamedMachine { description, as_of, source, machine: Machine { name, nodes } })
    }
}

/// The data file, from which mostly one machine is taken.
const TEXT: &str = include_str!("machines.toml");

/// The machines of the data file by their names, each as it is written.
fn written() -> impl Iterator<Item = (&'static str, &'static str)> {
    const HEAD: &str = "[[machine]]\nname = \"";
    let starts = TEXT.match_indices(HEAD).map(|(start, _)| start);
    let ends = TEXT.match_indices(HEAD).map(|(start, _)| start).skip(1).chain([TEXT.len()]);
    starts.zip(ends).filter_map(|(start, end)| {
        let text = &TEXT[start..end];
        Some((text[HEAD.len()..].split('"').next()?, text))
    })
}

/// Those that were read, each once: a workflow of 10,000 legs asks for the machine of each.
static READ: LazyLock<Vec<OnceLock<Option<NamedMachine>>>> =
    LazyLock::new(|| written().map(|_| OnceLock::new()).collect());

/// The machines of the data file by their names, each read when it is taken.
fn all() -> impl Iterator<Item = (&'static str, impl FnOnce() -> Option<&'static NamedMachine>)> {
    written().zip(READ.iter()).map(|((name, text), read)| {
        let parse = move || {
            let catalog: Catalog = toml::from_str(text).ok()?;
            catalog.machine.into_iter().next()?.read()
        };
        (name, move || read.get_or_init(parse).as_ref())
    })
}

/// The machines that have a name, but for `host`.
pub fn named_machines() -> impl Iterator<Item = &'static NamedMachine> {
    all().filter_map(|(_, read)| read())
}

/// The names that [`built_in`] knows: `host` for this computer, and those of [`named_machines`].
pub fn machine_names() -> impl Iterator<Item = &'static str> {
    std::iter::once("host").chain(written().map(|(name, _)| name))
}

/// A machine by its name; `host` is this computer: its hardware threads and processor, emulators for the usual platforms.
pub fn built_in(name: &str) -> Option<Machine> {
    if name == "host" {
        return Some(Machine { name: name.into(), nodes: vec![host()] });
    }
    let (_, read) = all().find(|(known, _)| *known == name)?;
    Some(read()?.machine.clone())
}

/// The machine that is assumed where none is named, of a build platform: GitHub's runner where it has one, as that is where
/// most images for several platforms are built, else four cores of the platform. The same on every computer.
pub fn default_machine(platform: &Platform) -> Machine {
    runner(platform).unwrap_or_else(|| Machine {
        name: "default".into(),
        nodes: vec![node("default", platform, 4.0, 16)],
    })
}

/// One of GitHub's hosted runners of any size: a thread is as fast as one of the runners of `machines.toml`.
pub fn hosted_machine(name: &str, platform: &Platform, cores: f64, gigabytes: u64) -> Machine {
    let mut machine = Machine::linux(name, platform, cores, gigabytes);
    if let Some(like) = runner(platform).as_ref().and_then(|runner| runner.nodes.first()) {
        for node in &mut machine.nodes {
            (node.speed, node.crowding) = (like.speed, like.crowding);
        }
    }
    machine
}

/// GitHub's hosted runner of a platform for public repositories.
fn runner(platform: &Platform) -> Option<Machine> {
    match &*platform.architecture {
        "amd64" => built_in("ubuntu-latest"),
        "arm64" => built_in("ubuntu-24.04-arm"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::plan::MachineNodeIx;

    #[test]
    fn every_machine_of_the_data_file_is_read() {
        assert_eq!(named_machines().count(), TEXT.matches("[[machine]]").count());
        for named in named_machines() {
            let machine = &named.machine;
            assert!(machine.nodes.iter().all(|node| node.cores >= 1.0 && !node.emulators.is_empty()));
            assert!(named.as_of.len() == 7 && !named.source.is_empty(), "{}", machine.name);
        }
        assert!(machine_names().all(|name| built_in(name).is_some()));
        assert_eq!(built_in("no such"), None);
    }

    #[test]
    fn builds_go_to_native_nodes_first() {
        let pair = built_in("native-pair").unwrap();
        let platform = |text| Platform::parse(text, &Platform::linux("amd64")).unwrap();
        assert_eq!(pair.node_for(&platform("linux/amd64")), MachineNodeIx(0));
        assert_eq!(pair.node_for(&platform("linux/arm64")), MachineNodeIx(1));
        assert_eq!(
            pair.node_for(&platform("linux/arm/v7")),
            MachineNodeIx(1),
            "an arm64 processor runs it itself"
        );
        assert_eq!(pair.node_for(&platform("linux/s390x")), MachineNodeIx(0));
        assert!(pair.nodes[0].emulator(&platform("linux/arm64")).is_some());
        assert!(pair.nodes[0].emulator(&platform("linux/386")).is_none(), "native");
    }

    #[test]
    fn larger_runners_have_the_same_cores() {
        let large = hosted_machine("x", &Platform::linux("amd64"), 16.0, 64);
        let usual = built_in("ubuntu-latest").unwrap();
        let same = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} and {b}");
        same(large.nodes[0].cores, 16.0);
        same(large.nodes[0].speed, usual.nodes[0].speed);
        same(hosted_machine("x", &Platform::linux("s390x"), 2.0, 8).nodes[0].speed, 1.0);
    }
}
