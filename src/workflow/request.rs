//! From a definition of a build to what a builder is asked for.

use std::collections::BTreeMap;

use crate::analysis::{NamedBuild, NodeRequest, Request};
use crate::builds::{Definition, Platforms, Repo};
use crate::graph::emulate::Host;
use crate::ids::FileIx;
use crate::model::inputs::{Inputs, LocalContext, NamedContext};
use crate::model::platform::Platform;
use crate::sim::Machine;
use crate::source::Source;

/// The builds of a leg, those that one call of bake builds together: their positions, in the order in which they run.
pub fn together(definitions: &[Definition], of_leg: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut own: Vec<usize> = of_leg.collect();
    own.sort_by_key(|at| (definitions[*at].step, *at));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for at in own {
        let this = &definitions[at];
        let is_with = |group: &Vec<usize>| {
            group.last().is_some_and(|last| {
                let last = &definitions[*last];
                let is_call = last.step == this.step && last.place == this.place && last.via == this.via;
                is_call && last.bake_target.is_some() && this.bake_target.is_some()
            })
        };
        match groups.last_mut().filter(|group| is_with(group)) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// What a builder on `machine` is asked for; or what is not known of it. The names of arguments without a known value are put
/// into `doubts`.
pub(super) fn request(
    repo: &Repo<'_>,
    definitions: &[&Definition],
    machine: &Machine,
    doubts: &mut Vec<String>,
) -> Result<Request, String> {
    let mut files: Vec<Source> = Vec::new();
    let mut by_path: BTreeMap<&str, FileIx> = BTreeMap::new();
    let mut builds: Vec<(String, FileIx, &Definition, Vec<Platform>)> = Vec::new();
    let native = machine.nodes.first().and_then(|node| node.native.first()).cloned();
    let native = native.unwrap_or_else(|| Platform::linux("amd64"));
    for definition in definitions {
        let path = definition.dockerfile.value().ok_or_else(|| definition.dockerfile.readable())?;
        let file = if let Some(file) = by_path.get(path) {
            *file
        } else {
            let text = repo.text(path);
            let text = text.ok_or_else(|| format!("what {path} holds: it is not in the repository"))?;
            let source = Source::new(path, text.as_bytes().to_vec());
            files.push(source.map_err(|error| error.to_string())?);
            let file = FileIx::new(files.len() - 1);
            by_path.insert(path, file);
            file
        };
        let Platforms::Known(platforms) = &definition.platforms else {
            let Platforms::Unknown(why, _) = &definition.platforms else { continue };
            return Err(format!("its platforms, {why}"));
        };
        let parsed = platforms.iter().map(|text| Platform::parse(text, &native));
        let mut targets: Vec<Platform> =
            parsed.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        if targets.is_empty() {
            targets.push(native.clone());
        }
        let name = if definitions.len() > 1 { definition.bake_target.clone() } else { None };
        builds.push((name.unwrap_or_default(), file, definition, targets));
    }
    let mut nodes = Vec::new();
    for (at, node) in machine.nodes.iter().enumerate() {
        let native = node.native.first().cloned().unwrap_or_else(|| native.clone());
        let mut own = Vec::new();
        for (name, file, definition, targets) in &builds {
            let here = targets.iter().filter(|target| machine.node_for(target).index() == at);
            let here: Vec<Platform> = here.cloned().collect();
            if !here.is_empty() {
                let inputs = inputs(repo, definition, &native, &here, doubts)?;
                own.push(NamedBuild { name: name.clone(), file: *file, inputs });
            }
        }
        if own.is_empty() {
            continue;
        }
        let guests = node.emulators.iter().map(|emulator| emulator.guest.architecture.as_str().into());
        let host = Host { emulators: Some(guests.collect()), ..Host::new(native) };
        let name = (machine.nodes.len() > 1).then(|| node.name.clone());
        nodes.push(NodeRequest { name, ..NodeRequest::new(host, own) });
    }
    Request::new(files, nodes).map_err(|error| error.to_string())
}

fn inputs(
    repo: &Repo<'_>,
    definition: &Definition,
    native: &Platform,
    targets: &[Platform],
    doubts: &mut Vec<String>,
) -> Result<Inputs, String> {
    let mut inputs = Inputs::new(native.clone(), targets).map_err(|error| error.to_string())?;
    inputs.stage = match &definition.target {
        Some(target) => Some(target.value().ok_or_else(|| format!("its target, {target}"))?.to_owned()),
        None => None,
    };
    for (name, value) in &definition.args {
        match value.value() {
            Some(value) => _ = inputs.build_args.insert(name.clone(), value.to_owned()),
            None => doubts.push(name.clone()),
        }
    }
    for (name, value) in &definition.build_contexts {
        let value = value.value().ok_or_else(|| format!("its context {name}, {value}"))?;
        inputs.contexts.push(NamedContext::of(name, value).map_err(|error| error.to_string())?);
    }
    if let Some(folder) = definition.context.value() {
        let own = definition.dockerfile.value().map(|file| format!("{file}.dockerignore"));
        let shared =
            if folder == "." { ".dockerignore".to_owned() } else { format!("{folder}/.dockerignore") };
        let ignored = own.and_then(|own| repo.text(&own)).or_else(|| repo.text(&shared));
        let ignored = ignored.map(|text| text.to_string()).unwrap_or_default();
        inputs.context = Some(LocalContext { folder: folder.to_owned(), ignored });
    }
    Ok(inputs)
}
