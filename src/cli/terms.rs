//! From arguments to what a build is priced with: the machine, the profile, slow-downs, the cache.

use std::path::Path;

use super::args::{CacheState, TimeArgs};
use super::exit::Failure;
use super::{load, output};
use crate::analysis::NodeInputs;
use crate::cost::Profile;
use crate::pricing::{Cache, Slowdowns, Terms};
use crate::report::escape::visible;
use crate::sim::{Machine, MonteCarlo, built_in, default_machine, machine_names, parse_machine};

/// The largest file of a machine that is read.
const MAX_MACHINE: u64 = 1 << 20;

/// The largest profile that is read, and that is written.
pub(super) const MAX_PROFILE: u64 = 6 << 20;

/// The machine that was named, if one was.
pub(super) fn machine(args: &TimeArgs) -> Result<Option<Machine>, Failure> {
    args.machine.as_deref().map(|name| named_machine(name, args.max_parallelism)).transpose()
}

/// A built-in machine or one from a file, with its slots limited.
pub(super) fn named_machine(name: &str, max_parallelism: Option<u32>) -> Result<Machine, Failure> {
    let mut machine = match built_in(name) {
        Some(machine) => machine,
        None if Path::new(name).extension().is_some_and(|end| end == "toml") => {
            read_machine(Path::new(name))?
        }
        None => {
            let names: Vec<&str> = machine_names().collect();
            return Err(Failure::Usage(format!(
                "no machine is called {name:?}: there are {}, and files whose name ends in .toml",
                names.join(", ")
            )));
        }
    };
    limit(&mut machine, max_parallelism);
    Ok(machine)
}

fn read_machine(path: &Path) -> Result<Machine, Failure> {
    let text = load::text(path, MAX_MACHINE)?;
    parse_machine(&text, &load::host_platform()).map_err(|error| Failure::in_settings(path, &error))
}

fn limit(machine: &mut Machine, max_parallelism: Option<u32>) {
    if let Some(count) = max_parallelism {
        machine.nodes.iter_mut().for_each(|node| node.max_parallelism = Some(count));
    }
}

/// What the build is priced with, on `machine` or on the default one of the first of `nodes`.
pub(super) fn terms(
    args: &TimeArgs,
    machine: Option<Machine>,
    nodes: &[NodeInputs],
) -> Result<Terms, Failure> {
    let machine = machine.unwrap_or_else(|| {
        let platform = nodes.first().map_or_else(load::host_platform, |node| node.host.platform.clone());
        let mut machine = default_machine(&platform);
        limit(&mut machine, args.max_parallelism);
        machine
    });
    let defaults = Terms::new(machine);
    let profile = args.profile.as_deref().map(profile).transpose()?;
    if let Some(known) = &profile {
        say_other_cores(known, &defaults.machine);
    }
    Ok(Terms {
        profile,
        slowdowns: slowdowns(&args.slowdown)?,
        cache: cache(args)?,
        monte_carlo: MonteCarlo { seed: args.seed, ..defaults.monte_carlo },
        ..defaults
    })
}

pub(super) fn profile(path: &Path) -> Result<Profile, Failure> {
    let text = load::text(path, MAX_PROFILE)?;
    Profile::parse(&text).map_err(|error| Failure::in_settings(path, &error))
}

/// Says that a profile was learnt on another number of cores than it is used for: it converts, but less surely.
fn say_other_cores(profile: &Profile, machine: &Machine) {
    let cores = machine.nodes.first().map_or(profile.cores, |node| node.cores);
    if (cores - profile.cores).abs() > 0.1 {
        output::warn_raw(&format!(
            "note: the profile was learnt on {} cores, and {} has {cores}\n",
            profile.cores,
            visible(&machine.name)
        ));
    }
}

/// What is left of earlier builds.
fn cache(args: &TimeArgs) -> Result<Cache, Failure> {
    let host = load::host_platform();
    let platforms = args.cached_platform.iter().map(|text| load::platform(text.trim(), &host));
    let platforms = platforms.collect::<Result<Vec<_>, _>>()?;
    let is_warm = match args.cache {
        Some(state) => state == CacheState::Warm,
        None => !args.changed.is_empty() && platforms.is_empty(),
    };
    if !is_warm && platforms.is_empty() && !args.changed.is_empty() {
        return Err(Failure::Usage(
            "--changed needs a cache: an empty one holds nothing to change".to_owned(),
        ));
    }
    let mounts =
        args.cache_mounts.map_or(is_warm || !platforms.is_empty(), |state| state == CacheState::Warm);
    Ok(Cache { is_warm, platforms, changed: args.changed.clone(), mounts_are_full: mounts, exported: None })
}

/// `8`, or `arm64=6` for one architecture.
fn slowdowns(given: &[String]) -> Result<Slowdowns, Failure> {
    let mut slowdowns = Slowdowns::default();
    for text in given {
        let (architecture, number) = match text.split_once('=') {
            Some((architecture, number)) => (Some(architecture.trim()), number),
            None => (None, text.as_str()),
        };
        let factor = number.trim().parse().ok().filter(|factor| (1.0..=1000.0).contains(factor));
        let factor = factor.filter(|_| architecture != Some("")).ok_or_else(|| {
            Failure::Usage(format!(
                "--slowdown {text}: it must be a number from 1 to 1000, or ARCH=NUMBER as in arm64=6"
            ))
        })?;
        match architecture {
            Some(name) => {
                slowdowns.by_architecture.retain(|(known, _)| known != name);
                slowdowns.by_architecture.push((name.to_owned(), factor));
            }
            None => slowdowns.all = Some(factor),
        }
    }
    Ok(slowdowns)
}
