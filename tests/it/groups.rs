//! Groups of builds as BuildKit sees them: which steps the targets of one bake run share.
//!
//! The cases are definitions as `docker buildx bake --print` prints them, with the files they name; see
//! `tests/data/groups/README.md`.

use std::collections::BTreeMap;

use serde::Deserialize;
use xsim::analysis::{Build, NamedBuild, NodeRequest, Request};
use xsim::graph::BuildGraph;
use xsim::graph::emulate::Host;
use xsim::ids::{FileIx, TargetIx};
use xsim::model::inputs::{Inputs, LocalContext, NamedContext};
use xsim::model::platform::Platform;
use xsim::model::sandbox;
use xsim::source::Source;

#[derive(Deserialize)]
struct Case {
    id: String,
    files: BTreeMap<String, String>,
    build_platform: String,
    print: Definition,
    vertices: Vec<Expected>,
    vertices_whole_context: Option<Vec<Expected>>,
}

#[derive(Deserialize)]
struct Definition {
    target: BTreeMap<String, Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    context: Option<String>,
    dockerfile: Option<String>,
    dockerfile_inline: Option<String>,
    #[serde(default)]
    contexts: BTreeMap<String, String>,
    #[serde(default)]
    args: BTreeMap<String, Option<String>>,
    #[serde(rename = "target")]
    stage: Option<String>,
    #[serde(default)]
    platforms: Vec<String>,
    pull: Option<bool>,
    network: Option<String>,
    shm_size: Option<String>,
    #[serde(default)]
    ulimits: Vec<String>,
    #[serde(default)]
    extra_hosts: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize)]
struct Expected {
    kind: String,
    platform: Option<String>,
    lines: Vec<(String, u32)>,
    outputs: Vec<(String, String)>,
}

/// kind, platform, lines, outputs
type Key = (String, Option<String>, Vec<(String, u32)>, Vec<(String, String)>);

fn platform(text: &str) -> Platform {
    let host = Platform::linux("amd64");
    Platform::parse(text, &host).unwrap()
}

fn clean(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
}

fn joined(folder: &str, file: &str) -> String {
    clean(&format!("{folder}/{file}"))
}

/// The files and builds of a case.
fn request(case: &Case) -> (Vec<String>, Request) {
    let (mut names, mut sources, mut builds) = (Vec::new(), Vec::new(), Vec::new());
    let own = platform(&case.build_platform);
    for (name, target) in &case.print.target {
        let folder = target.context.as_deref().unwrap_or(".");
        let dockerfile = target.dockerfile.as_deref().unwrap_or("Dockerfile");
        let (path, text) = if let Some(text) = &target.dockerfile_inline {
            (format!("inline:{name}"), text.clone())
        } else {
            let path = joined(folder, dockerfile);
            let text = case.files[&path].clone();
            (path, text)
        };
        let ignored = case.files.get(&format!("{path}.dockerignore"));
        let ignored = ignored.or_else(|| case.files.get(&joined(folder, ".dockerignore")));
        let file = names.iter().position(|known| *known == path).unwrap_or_else(|| {
            sources.push(Source::new(path.as_str(), text.into_bytes()).unwrap());
            names.push(path);
            names.len() - 1
        });
        let targets: Vec<Platform> = target.platforms.iter().map(|text| platform(text)).collect();
        let mut inputs = Inputs::new(own.clone(), &targets).unwrap();
        inputs.stage.clone_from(&target.stage);
        let args = target.args.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?)));
        inputs.build_args = args.collect();
        let context = |(name, value): (&String, &String)| NamedContext::of(name, value).unwrap();
        inputs.contexts = target.contexts.iter().map(context).collect();
        inputs.pull = target.pull == Some(true);
        let (folder, ignored) = (clean(folder), ignored.cloned().unwrap_or_default());
        inputs.context = Some(LocalContext { folder, ignored });
        inputs.sandbox.network = sandbox::network(target.network.as_deref().unwrap_or_default()).unwrap();
        inputs.sandbox.shm_bytes = target.shm_size.as_deref().map_or(0, |text| sandbox::bytes(text).unwrap());
        inputs.sandbox.ulimits = target.ulimits.iter().map(|text| sandbox::ulimit(text).unwrap()).collect();
        let hosts = target.extra_hosts.iter().filter_map(|(host, ip)| Some((host.clone(), ip.clone()?)));
        inputs.sandbox.hosts = hosts.collect();
        builds.push(NamedBuild { name: name.clone(), file: FileIx::new(file), inputs });
    }
    let node = NodeRequest::new(Host::new(own), builds);
    (names, Request::new(sources, vec![node]).unwrap())
}

fn counted(keys: impl Iterator<Item = Key>) -> BTreeMap<Key, usize> {
    keys.filter(|key| !key.2.is_empty()).fold(BTreeMap::new(), |mut count, key| {
        *count.entry(key).or_default() += 1;
        count
    })
}

fn found(graph: &BuildGraph, files: &[String]) -> BTreeMap<Key, usize> {
    let output = |target: TargetIx| {
        let build = graph.build_of(target).unwrap();
        (build.name.clone(), graph.targets()[target.index()].to_string())
    };
    counted(graph.vertices().map(|(_, vertex)| {
        let mut outputs: Vec<_> = vertex.targets.iter().map(output).collect();
        outputs.sort();
        let mut lines: Vec<_> =
            vertex.places().iter().map(|at| (files[at.file.index()].clone(), at.line.0)).collect();
        lines.sort();
        let platform = vertex.op.platform().map(|platform| graph.platform(platform).to_string());
        (vertex.kind().to_string(), platform, lines, outputs)
    }))
}

/// What differs from BuildKit in a case, if anything does.
fn difference(case: Case) -> Option<String> {
    let (files, request) = request(&case);
    let build = Build::of(request);
    let analysis = match build.outcome() {
        Ok(analysis) => analysis,
        Err(refused) => return Some(format!("refused: {:?}", refused.refusal.error)),
    };
    let graph = &analysis.nodes[0].graph;
    graph.verify();
    let expected = case.vertices_whole_context.unwrap_or(case.vertices);
    let expected = counted(expected.into_iter().map(|mut vertex| {
        vertex.lines.sort();
        vertex.outputs.sort();
        let has_platform = matches!(vertex.kind.as_str(), "exec" | "source");
        (vertex.kind, vertex.platform.filter(|_| has_platform), vertex.lines, vertex.outputs)
    }));
    let found = found(graph, &files);
    let missing: Vec<_> = expected.iter().filter(|(key, n)| found.get(*key) != Some(n)).take(3).collect();
    let extra: Vec<_> = found.iter().filter(|(key, n)| expected.get(*key) != Some(n)).take(3).collect();
    (expected != found).then(|| format!("missing {missing:?}, extra {extra:?}"))
}

/// The cases that differ from BuildKit, and how many there are.
pub(crate) fn differences(text: &str) -> (usize, Vec<(String, String)>) {
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let total = cases.len();
    let differ = |case: Case| Some((case.id.clone(), difference(case)?));
    (total, cases.into_iter().filter_map(differ).collect())
}

#[test]
fn every_group_agrees_with_buildkit() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/groups/groups.jsonl");
    let (total, differences) = differences(&std::fs::read_to_string(path).unwrap());
    assert!(total >= 100, "only {total} groups were found");
    assert!(
        differences.is_empty(),
        "{} of {total} groups differ: {:#?}",
        differences.len(),
        &differences[..1]
    );
}
