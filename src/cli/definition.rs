//! A bake definition in place of a Dockerfile: its targets as the builds of one daemon.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::BuildArgs;
use super::context::ignore_file;
use super::exit::Failure;
use super::{bake, load};
use crate::analysis::{NamedBuild, NodeInputs, NodeRequest, Request};
use crate::bake::{Files as _, Options, ReadError, Resolved, Target};
use crate::ids::FileIx;
use crate::model::inputs::{Inputs, LocalContext, NamedContext, NoCache};
use crate::model::platform::Platform;
use crate::model::sandbox;
use crate::sim::Machine;
use crate::source::Source;

/// A definition as an argument: its file, and the target or group that stands behind a `#`.
pub(super) fn named(typed: &Path) -> Option<(&str, Option<&str>)> {
    let (file, target) = parts(typed)?;
    (is_definition(file) && Path::new(file).is_file()).then_some((file, target))
}

/// The file, and what stands behind a `#`; `None` where the path is no text.
pub(super) fn parts(typed: &Path) -> Option<(&str, Option<&str>)> {
    let text = typed.to_str()?;
    Some(match text.rsplit_once('#').filter(|_| !typed.exists()) {
        Some((file, target)) => (file, Some(target)),
        None => (text, None),
    })
}

/// Whether a file is a definition by its name: HCL, JSON that says bake, YAML that says compose.
fn is_definition(file: &str) -> bool {
    let path = Path::new(file);
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase()).as_deref() {
        Some("hcl") => true,
        Some("json") => name.contains("bake"),
        Some("yml" | "yaml") => name.contains("compose"),
        _ => false,
    }
}

/// What a definition file is asked for with the arguments of a Dockerfile: platforms and arguments override those of all targets,
/// a stage is the name of a target or group.
pub(super) fn options(file: &str, target: Option<&str>, typed: &BuildArgs) -> Options {
    let platforms = typed.platform.iter().filter(|text| !text.is_empty());
    let platforms = platforms.map(|text| format!("*.platform={}", text.trim()));
    let arguments = typed.arguments.iter().map(|text| format!("*.args.{text}"));
    let targets = target.into_iter().chain(typed.target.as_deref());
    Options {
        files: vec![file.to_owned()],
        targets: targets.map(str::to_owned).collect(),
        set: platforms.chain(arguments).collect(),
        ..bake::surroundings(typed.node.as_deref())
    }
}

/// The targets of a definition as builds, under the name of its file: of one daemon, or of each node of the machine that has
/// anything to build.
pub(super) fn request(
    resolved: &Resolved,
    name: &str,
    typed: &BuildArgs,
    machine: Option<&Machine>,
) -> Result<Request, Failure> {
    let all = resolved.targets.values().flat_map(platforms).map(str::to_owned);
    let asked = BuildArgs { platform: all.collect(), target: None, ..typed.clone() };
    let asked = BuildArgs { arguments: Vec::new(), contexts: Vec::new(), ..asked };
    let daemons = load::nodes(&asked, machine)?;
    let mut texts = Texts::default();
    let mut nodes = Vec::new();
    for daemon in &daemons {
        let mut builds = Vec::new();
        for (name, target) in &resolved.targets {
            if let Some(inputs) = inputs(name, target, daemon, daemons.len() > 1)? {
                builds.push(texts.build(name, target, inputs)?);
            }
        }
        nodes
            .push(NodeRequest { name: daemon.name.clone(), ..NodeRequest::new(daemon.host.clone(), builds) });
    }
    nodes.retain(|node| !node.builds.is_empty());
    let request =
        Request::new(texts.files, nodes).map_err(|error| Failure::Text(format!("{name}: {error}")))?;
    Ok(request.named(name))
}

/// The platforms of a target.
fn platforms(target: &Target) -> impl Iterator<Item = &str> {
    let lists = target.platforms.iter().flatten();
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|text| !matches!(*text, "" | "local"))
}

/// The Dockerfiles of targets, each once.
#[derive(Default)]
struct Texts {
    files: Vec<Source>,
    known: BTreeMap<String, FileIx>,
}

impl Texts {
    fn build(&mut self, name: &str, target: &Target, mut inputs: Inputs) -> Result<NamedBuild, Failure> {
        let folder = target.context.as_deref().unwrap_or(".");
        if crate::bake::is_remote(folder) {
            return Err(wrong(name, &format_args!("the context {folder} is not on this machine")));
        }
        let path = match &target.dockerfile_inline {
            Some(_) => format!("inline:{name}"),
            None => joined(folder, target.dockerfile.as_deref().unwrap_or("Dockerfile")),
        };
        let file = if let Some(file) = self.known.get(&path) {
            *file
        } else {
            let bytes = match &target.dockerfile_inline {
                Some(text) => text.clone().into_bytes(),
                None => read(name, &path)?,
            };
            self.files.push(Source::new(path.as_str(), bytes).map_err(|error| wrong(name, &error))?);
            let file = FileIx::new(self.files.len() - 1);
            self.known.insert(path.clone(), file);
            file
        };
        let ignored = ignore_file(Path::new(folder), Path::new(&path));
        inputs.context = Some(LocalContext { folder: folder.to_owned(), ignored });
        Ok(NamedBuild { name: name.to_owned(), file, inputs })
    }
}

/// What a daemon builds a target with; `None` where it builds none of its platforms.
fn inputs(
    name: &str,
    target: &Target,
    daemon: &NodeInputs,
    is_one_of_several: bool,
) -> Result<Option<Inputs>, Failure> {
    let own = &daemon.host.platform;
    let mut targets: Vec<Platform> =
        platforms(target).map(|text| load::platform(text, own)).collect::<Result<_, _>>()?;
    if is_one_of_several {
        if targets.is_empty() {
            targets.push(own.clone());
        }
        targets.retain(|target| daemon.inputs.targets().contains(&target.normalized()));
        if targets.is_empty() {
            return Ok(None);
        }
    }
    let mut inputs = Inputs::new(own.clone(), &targets).map_err(|error| wrong(name, &error))?;
    inputs.images.clone_from(&daemon.inputs.images);
    inputs.stage.clone_from(&target.target);
    let args = target.args.iter().flatten();
    inputs.build_args = args.filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
    for (key, value) in target.contexts.iter().flatten() {
        inputs.contexts.push(NamedContext::of(key, value).map_err(|error| wrong(name, &error))?);
    }
    inputs.pull = target.pull == Some(true);
    inputs.no_cache = match (&target.no_cache, &target.no_cache_filter) {
        (Some(true), _) => Some(NoCache::All),
        (_, Some(stages)) if !stages.is_empty() => Some(NoCache::Stages(stages.clone())),
        _ => None,
    };
    let network = target.network.as_deref().unwrap_or_default();
    inputs.sandbox.network = sandbox::network(network)
        .ok_or_else(|| wrong(name, &format_args!("BuildKit has no network {network:?}")))?;
    if let Some(text) = &target.shm_size {
        let bytes = sandbox::bytes(text);
        inputs.sandbox.shm_bytes =
            bytes.ok_or_else(|| wrong(name, &format_args!("{text:?} is no number of bytes")))?;
    }
    for text in target.ulimits.iter().flatten() {
        let (limit, values) =
            sandbox::ulimit(text).ok_or_else(|| wrong(name, &format_args!("{text:?} is no limit")))?;
        inputs.sandbox.ulimits.insert(limit, values);
    }
    let hosts = target.extra_hosts.iter().flatten();
    inputs.sandbox.hosts = hosts.filter_map(|(host, ip)| Some((host.clone(), ip.clone()?))).collect();
    Ok(Some(inputs))
}

fn read(name: &str, path: &str) -> Result<Vec<u8>, Failure> {
    bake::Disk.read(path).map_err(|error| match error {
        ReadError::Missing => wrong(
            name,
            &format_args!("there is no file {path}; paths are those from the folder bake runs in"),
        ),
        ReadError::Other(reason) => wrong(name, &format_args!("{path} {reason}")),
    })
}

/// A path below a folder, without what says nothing.
fn joined(folder: &str, file: &str) -> String {
    let path = if file.starts_with('/') { file.to_owned() } else { format!("{folder}/{file}") };
    let root = if path.starts_with('/') { "/" } else { "" };
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    format!("{root}{}", parts.join("/"))
}

fn wrong(target: &str, reason: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!("target {target}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_known_by_their_names() {
        for name in [
            "docker-bake.hcl",
            "ci/x.HCL",
            "docker-bake.override.json",
            "compose.yaml",
            "docker-compose.ci.yml",
        ] {
            assert!(is_definition(name), "{name}");
        }
        for name in
            ["Dockerfile", "package.json", ".github/workflows/ci.yml", "hcl", "docker-compose", "x.tf"]
        {
            assert!(!is_definition(name), "{name}");
        }
    }

    #[test]
    fn paths_are_joined() {
        for (folder, file, path) in [
            (".", "Dockerfile", "Dockerfile"),
            ("./a/", "b//c", "a/b/c"),
            ("a", "/b", "/b"),
            ("/a", "b", "/a/b"),
        ] {
            assert_eq!(joined(folder, file), path);
        }
    }
}
