//! The machines that run jobs, by the labels of their runners.

use crate::builds::{Builder, Tool, native_platform};
use crate::model::platform::Platform;
use crate::sim::{Machine, built_in, hosted_machine};

/// What a job runs on.
#[derive(Debug, Clone, PartialEq)]
pub struct Runner {
    /// The machine, with the emulators that are there.
    pub machine: Machine,
    /// What of it is assumed, in a clause.
    pub assumed: Option<&'static str>,
    /// Whether it is new for each job, so that nothing is left of earlier builds.
    pub is_new: bool,
    /// Whether it is one of GitHub's of the usual size, which there are for amd64 and arm64.
    pub is_standard: bool,
}

/// The memory of a machine of which only the cores are known: what GitHub's have for each core.
const GIGABYTES_OF_CORE: u64 = 4;

/// The machine of a runner with this label, or several with commas between, on which `builder` builds; or why it is not known.
///
/// Sources: docs.github.com, "GitHub-hosted runners" and "Larger runners"; the pages of depot, Blacksmith, `BuildJet`, Ubicloud, Namespace
/// and `WarpBuild` on their labels. A builder of a service has a node for each platform.
pub fn runner(label: Option<&str>, tool: Tool, builder: Builder, qemu: bool) -> Result<Runner, String> {
    let services = matches!(builder, Builder::Cloud | Builder::Remote) || tool == Tool::GithubBuilder;
    if services && let Some(machine) = built_in("native-pair") {
        let assumed = match (tool, builder) {
            (Tool::GithubBuilder, _) => "docker/github-builder builds each platform on a machine of its own",
            (_, Builder::Cloud) => "nodes of 4 cores for each platform",
            _ => "a remote builder with nodes of 4 cores for each platform",
        };
        let is_new = tool == Tool::GithubBuilder;
        return Ok(Runner { machine, assumed: Some(assumed), is_new, is_standard: false });
    }
    if builder == Builder::Other {
        return Err("it is not built by BuildKit".to_owned());
    }
    let label = label.ok_or("no runner is named")?;
    let mut runner = labelled(label).ok_or_else(|| format!("what machine {label} is"))?;
    // A builder in a container brings emulators of its own (BuildKit `util/archutil`, `solver/llbsolver/ops/exec_binfmt.go`).
    if builder == Builder::Docker && !qemu {
        runner.machine.nodes.iter_mut().for_each(|node| node.emulators.clear());
    }
    Ok(runner)
}

fn labelled(label: &str) -> Option<Runner> {
    let labels: Vec<String> = label.split(',').map(|part| part.trim().to_lowercase()).collect();
    let own = labels.iter().any(|label| label == "self-hosted");
    let vendors =
        ["depot-", "blacksmith-", "buildjet-", "ubicloud", "warp-", "nscloud-", "ubuntu-", "runs-on="];
    let of_vendor = labels.iter().any(|label| vendors.iter().any(|vendor| label.starts_with(vendor)));
    let is_linux =
        of_vendor && !labels.iter().any(|label| label.contains("windows") || label.contains("mac"));
    let platform = native_platform(&labels).or_else(|| is_linux.then(|| "linux/amd64".to_owned()))?;
    let architecture = platform.strip_prefix("linux/")?;
    let platform = Platform::linux(architecture).normalized();
    let is_standard = matches!(labels.as_slice(), [label] if is_standard(label));
    let cores = labels.iter().find_map(|label| cores(label));
    let is_depot = labels.iter().any(|label| label.starts_with("depot-"));
    let known = cores.or_else(|| is_standard.then_some(4)).or_else(|| is_depot.then_some(2));
    let name = labels.join(", ");
    let cores = known.unwrap_or(4);
    let memory = u64::from(cores) * GIGABYTES_OF_CORE;
    let is_hosted = !own && labels.iter().any(|label| label.starts_with("ubuntu-"));
    let machine = if is_hosted { hosted_machine } else { Machine::linux };
    let machine = machine(&name, &platform, f64::from(cores), memory);
    let assumed = known.is_none().then_some("4 cores");
    Some(Runner { machine, assumed, is_new: of_vendor && !own, is_standard })
}

/// Whether a label is that of GitHub's usual machines: `ubuntu-latest`, `ubuntu-24.04`, `ubuntu-24.04-arm`.
fn is_standard(label: &str) -> bool {
    let Some(version) = label.strip_prefix("ubuntu-") else { return false };
    let version = version.strip_suffix("-arm").unwrap_or(version);
    version == "latest" || !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The cores that a label names, as in `ubuntu-latest-16-cores`, `buildjet-4vcpu-ubuntu-2204` and `nscloud-ubuntu-22.04-amd64-8x16`.
fn cores(label: &str) -> Option<u32> {
    let parts: Vec<&str> = label.split(['-', '_', '=', '/']).collect();
    let number = |text: &str| text.parse().ok().filter(|cores| (1..=256).contains(cores));
    for (at, part) in parts.iter().enumerate() {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = part.split_at(digits);
        let next = parts.get(at + 1).copied().unwrap_or_default();
        let is_unit = |text: &str| matches!(text, "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus");
        let sized = unit == "x" || unit.strip_prefix('x').is_some_and(|memory| number(memory).is_some());
        if !count.is_empty() && (is_unit(unit) || sized || unit.is_empty() && is_unit(next)) {
            return number(count);
        }
        if *part == "cpu" && !next.is_empty() {
            return number(next);
        }
    }
    // `depot-ubuntu-24.04-8`, `ubicloud-standard-4-arm`
    let vendor = label.starts_with("depot-") || label.starts_with("ubicloud-standard");
    vendor.then(|| parts.iter().skip(2).rev().find_map(|part| number(part)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_machines() {
        let cases = [
            ("ubuntu-latest", "linux/amd64 4 new"),
            ("ubuntu-24.04-arm", "linux/arm64 4 new"),
            ("ubuntu-latest-16-cores", "linux/amd64 16 new"),
            ("ubuntu-22.04-8core", "linux/amd64 8 new"),
            ("depot-ubuntu-24.04", "linux/amd64 2 new"),
            ("depot-ubuntu-24.04-arm-8", "linux/arm64 8 new"),
            ("blacksmith-4vcpu-ubuntu-2204-arm", "linux/arm64 4 new"),
            ("buildjet-16vcpu-ubuntu-2204", "linux/amd64 16 new"),
            ("nscloud-ubuntu-22.04-amd64-8x16", "linux/amd64 8 new"),
            ("ubicloud-standard-2", "linux/amd64 2 new"),
            ("warp-ubuntu-latest-x64-4x", "linux/amd64 4 new"),
            ("runs-on=1, cpu=4, runs-on=x", "linux/amd64 4 new"),
            ("self-hosted, linux, ARM64", "linux/arm64 4 kept 4 cores"),
            ("self-hosted, linux", "-"),
            ("macos-latest", "-"),
            ("windows-2022", "-"),
            ("my-runners", "-"),
        ];
        for (label, expected) in cases {
            let found = labelled(label).map_or("-".to_owned(), |runner| {
                let node = &runner.machine.nodes[0];
                let kept = if runner.is_new { "new" } else { "kept" };
                let text = format!("{} {} {kept}", node.native[0], node.cores);
                runner.assumed.map_or(text.clone(), |assumed| format!("{text} {assumed}"))
            });
            assert_eq!(found, expected, "{label}");
        }
    }

    #[test]
    fn a_runner_of_the_usual_size_is_the_machine_of_its_name() {
        for name in ["ubuntu-latest", "ubuntu-24.04-arm"] {
            assert_eq!(labelled(name).unwrap().machine, built_in(name).unwrap());
        }
    }

    #[test]
    fn emulators_are_there_where_something_brings_them() {
        let emulates = |builder, qemu| {
            let runner = runner(Some("ubuntu-latest"), Tool::BuildxCli, builder, qemu).unwrap();
            !runner.machine.nodes[0].emulators.is_empty()
        };
        assert!(!emulates(Builder::Docker, false) && emulates(Builder::Docker, true));
        assert!(emulates(Builder::DockerContainer, false));
        assert_eq!(runner(None, Tool::Depot, Builder::Cloud, false).unwrap().machine.nodes.len(), 2);
        assert!(runner(Some("ubuntu-latest"), Tool::Other, Builder::Other, false).is_err());
    }
}
