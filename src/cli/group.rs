//! The targets of a bake definition as one request, and its graph.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::Bake;
use super::exit::{Exit, Failure};
use super::refusal::say_refusal;
use super::{limit, load, output};
use crate::analysis::{Build, NamedBuild, NodeRequest, Request};
use crate::bake::{Files as _, ReadError, Resolved, Target};
use crate::graph::emulate::Host;
use crate::ids::FileIx;
use crate::model::inputs::{Inputs, LocalContext, NamedContext};
use crate::model::platform::Platform;
use crate::model::sandbox;
use crate::report::group_json;
use crate::source::Source;

/// The work of a vertex in the report.
const VERTEX: u64 = 2_000;

/// Writes the graph that all targets of a definition make together.
pub(super) fn run(args: &Bake, resolved: &Resolved) -> Result<Exit, Failure> {
    let own = match &args.build_platform {
        Some(text) => load::platform(text, &load::host_platform())?,
        None => load::host_platform(),
    };
    let build = Build::of(request(resolved, &own)?);
    let analysis = match build.outcome() {
        Ok(analysis) => analysis,
        Err(refused) => {
            let source = &build.request().files()[refused.file.index()];
            say_refusal(source, &refused.refusal, &[], args.color);
            return Ok(Exit::Refused);
        }
    };
    if let Some(refusal) = limit::on_report(analysis, VERTEX) {
        output::error(&refusal.error.message);
        return Ok(Exit::Refused);
    }
    let mut bytes = Vec::new();
    group_json(&build, analysis, &mut bytes).map_err(Failure::Stream)?;
    output::print(&bytes)?;
    Ok(Exit::Done)
}

/// The builds of one daemon that are the targets of a definition.
fn request(resolved: &Resolved, own: &Platform) -> Result<Request, Failure> {
    let mut files: Vec<Source> = Vec::new();
    let mut known: BTreeMap<String, FileIx> = BTreeMap::new();
    let mut builds = Vec::new();
    for (name, target) in &resolved.targets {
        let folder = target.context.as_deref().unwrap_or(".");
        if folder.contains("://") || folder.starts_with("git@") {
            return Err(usage(name, &format_args!("the context {folder} is not on this machine")));
        }
        let path = match &target.dockerfile_inline {
            Some(_) => format!("inline:{name}"),
            None => joined(folder, target.dockerfile.as_deref().unwrap_or("Dockerfile")),
        };
        let file = if let Some(file) = known.get(&path) {
            *file
        } else {
            let bytes = match &target.dockerfile_inline {
                Some(text) => text.clone().into_bytes(),
                None => read(&path)?,
            };
            files.push(Source::new(path.as_str(), bytes).map_err(|error| usage(name, &error))?);
            let file = FileIx::new(files.len() - 1);
            known.insert(path.clone(), file);
            file
        };
        let mut inputs = inputs(name, target, own)?;
        let ignored = ignored(folder, &path)?;
        inputs.context = Some(LocalContext { folder: folder.to_owned(), ignored });
        builds.push(NamedBuild { name: name.clone(), file, inputs });
    }
    let node = NodeRequest::new(Host::new(own.clone()), builds);
    Request::new(files, vec![node]).map_err(|error| Failure::Usage(error.to_string()))
}

/// What a target is built with.
fn inputs(name: &str, target: &Target, own: &Platform) -> Result<Inputs, Failure> {
    let platforms = target.platforms.iter().flatten().filter(|text| *text != "local");
    let targets = platforms.map(|text| load::platform(text, own)).collect::<Result<Vec<_>, _>>()?;
    let mut inputs = Inputs::new(own.clone(), &targets).map_err(|error| usage(name, &error))?;
    inputs.stage.clone_from(&target.target);
    let args = target.args.iter().flatten();
    inputs.build_args = args.filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
    for (key, value) in target.contexts.iter().flatten() {
        inputs.contexts.push(NamedContext::of(key, value).map_err(|error| usage(name, &error))?);
    }
    inputs.pull = target.pull == Some(true);
    let network = target.network.as_deref().unwrap_or_default();
    inputs.sandbox.network = sandbox::network(network)
        .ok_or_else(|| usage(name, &format_args!("BuildKit has no network {network:?}")))?;
    if let Some(text) = &target.shm_size {
        let bytes = sandbox::bytes(text);
        inputs.sandbox.shm_bytes =
            bytes.ok_or_else(|| usage(name, &format_args!("{text:?} is no number of bytes")))?;
    }
    for text in target.ulimits.iter().flatten() {
        let (limit, values) =
            sandbox::ulimit(text).ok_or_else(|| usage(name, &format_args!("{text:?} is no limit")))?;
        inputs.sandbox.ulimits.insert(limit, values);
    }
    let hosts = target.extra_hosts.iter().flatten();
    inputs.sandbox.hosts = hosts.filter_map(|(host, ip)| Some((host.clone(), ip.clone()?))).collect();
    Ok(inputs)
}

/// The `.dockerignore` that holds for a Dockerfile: its own, else that of the context.
fn ignored(folder: &str, dockerfile: &str) -> Result<String, Failure> {
    for path in [format!("{dockerfile}.dockerignore"), joined(folder, ".dockerignore")] {
        if path.starts_with("inline:") || !Path::new(&path).is_file() {
            continue;
        }
        let bytes = read(&path)?;
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(String::new())
}

fn read(path: &str) -> Result<Vec<u8>, Failure> {
    super::bake::Disk.read(path).map_err(|error| match error {
        ReadError::Missing => Failure::Usage(format!("{path}: there is no such file")),
        ReadError::Other(reason) => Failure::Usage(format!("{path}: it {reason}")),
    })
}

/// A path below a folder, without what says nothing.
fn joined(folder: &str, file: &str) -> String {
    let path = if file.starts_with('/') { file.to_owned() } else { format!("{folder}/{file}") };
    let root = if path.starts_with('/') { "/" } else { "" };
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    format!("{root}{}", parts.join("/"))
}

fn usage(target: &str, reason: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!("target {target}: {reason}"))
}
