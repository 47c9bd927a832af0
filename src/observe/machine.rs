//! On what a log was made, as far as it says.

use crate::ingest::ObservedBuild;
use crate::model::platform::Platform;
use crate::sim::{Machine, built_in, default_machine};

/// A machine, and by what it is believed to be the one that built.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    /// The machine.
    pub machine: Machine,
    /// By what; `None` where the log says nothing and the default is taken.
    pub because: Option<String>,
}

/// The machine that a log says it was made on: GitHub's runner, the cores that `docker info` or the builder's counters tell,
/// the platform from which steps build for others; else the default of `host`.
pub fn believed(build: &ObservedBuild, host: &Platform) -> Belief {
    let origin = &build.origin;
    let runner = origin.runner.as_deref();
    let architecture = origin
        .architecture
        .as_deref()
        .or_else(|| runner.map(runner_architecture))
        .or_else(|| crossing_architecture(build));
    let platform = match architecture {
        Some(name) => Platform { architecture: name.into(), ..host.clone() }.normalized(),
        None => host.clone(),
    };
    let mut machine = match runner {
        Some(name) if runner_architecture(name) == "arm64" => built_in("ubuntu-24.04-arm"),
        Some(_) => built_in("ubuntu-latest"),
        None => None,
    }
    .unwrap_or_else(|| default_machine(&platform));
    let mut because: Vec<String> = Vec::new();
    if let Some(name) = runner {
        because.push(format!("GitHub's runner {name}"));
    }
    if let (Some(cores), Some(node)) = (origin.cores, machine.nodes.first_mut())
        && (node.cores - cores).abs() > 0.1
    {
        node.cores = cores;
        machine.name = format!("{cores} cores");
    }
    if let Some(cores) = origin.cores {
        because.push(format!("{cores} cores that the builder counts"));
    }
    if runner.is_none()
        && let Some(name) = &origin.architecture
    {
        because.push(format!("the builder's platform {name}"));
    }
    Belief { machine, because: (!because.is_empty()).then(|| because.join(", ")) }
}

/// The architecture from which steps build for another: that of the builder, unless its Dockerfile is a strange one.
fn crossing_architecture(build: &ObservedBuild) -> Option<&str> {
    build.steps.iter().find_map(|step| {
        let label = step.label();
        label.cross_to?;
        label.platform?.split('/').nth(1)
    })
}

/// The architecture of a GitHub runner's image.
fn runner_architecture(image: &str) -> &'static str {
    if image.ends_with("-arm") || image.ends_with("-arm64") { "arm64" } else { "amd64" }
}
