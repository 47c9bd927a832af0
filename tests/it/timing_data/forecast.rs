//! Forecasts from a Dockerfile: the file, its platforms, a profile and the time of its base images; nothing of the log.

use std::fs;

use xsim::analysis::{Analysis, NodeAnalysis, NodeInputs, analyze};
use xsim::cost::{Profile, PullEntry, SCHEMA};
use xsim::graph::emulate::Host;
use xsim::graph::vertex::{Action, Op, Source as Origin};
use xsim::ids::VertexIx;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, price};
use xsim::sim::{Scenario, monte_carlo};
use xsim::source::Source;
use xsim::units::Nanos;

use super::{Run, data, machine};

/// Seconds of `target` (P50) by its Dockerfile, a profile, and how long its base images really took together.
pub(crate) fn forecast(target: &Run, profile: Option<&Profile>) -> f64 {
    let analysis = analysis(target);
    let node = &analysis.nodes[0];
    let mut profile = profile.cloned().unwrap_or_else(|| Profile {
        schema: SCHEMA.into(),
        host: "amd64".into(),
        cores: 2.0,
        overhead_s: 0.1,
        settling_s: 0.3,
        size: 1.0,
        ..Profile::default()
    });
    profile.pulls = pulls(node, target.base_pull);
    let overhead = Nanos::from_secs_f64(profile.overhead_s);
    let terms = Terms { profile: Some(profile), ..Terms::new(machine(target.max_parallelism())) };
    let timing = price(&analysis, &terms).unwrap();
    let Some(path) = &target.changed else { return timing.total.p50.as_secs_f64() };
    let changed = changed(node, path).into_iter().map(|vertex| timing.task(0, vertex)).collect();
    let warm = Scenario::Warm { changed, always: Vec::new() }.apply(&timing.plan);
    let total = monte_carlo(&warm, &terms.machine, terms.monte_carlo);
    (total.p50 + overhead).as_secs_f64()
}

fn analysis(target: &Run) -> Analysis {
    let amd64 = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
    let platforms: Vec<Platform> =
        target.platforms.split(',').map(|name| Platform::parse(name, &amd64).unwrap()).collect();
    let bytes = fs::read(data(&format!("{}/Dockerfile", target.build))).unwrap();
    let source = Source::new("Dockerfile", bytes).unwrap();
    let inputs = Inputs::new(amd64.clone(), &platforms).unwrap();
    analyze(&source, &[NodeInputs { name: None, host: Host::new(amd64), inputs }]).unwrap()
}

/// The pulls overlap and nothing is known of each: the seconds they took together, divided equally.
fn pulls(node: &NodeAnalysis, together: f64) -> Vec<PullEntry> {
    let images: Vec<(String, String)> = node
        .graph
        .vertices()
        .filter_map(|(_, vertex)| match &vertex.op {
            Op::Source(Origin::Image { reference, platform, .. }) => {
                Some((node.graph.text(*reference).to_owned(), node.graph.platform(*platform).short()))
            }
            _ => None,
        })
        .collect();
    let seconds = together / images.len().max(1) as f64;
    let entry = |(image, platform)| PullEntry { image, platform, seconds, seen: 1 };
    images.into_iter().map(entry).collect()
}

/// The steps that a changed file of the context touches.
fn changed(node: &NodeAnalysis, path: &str) -> Vec<VertexIx> {
    let graph = &node.graph;
    let is_context = |vertex: VertexIx| matches!(graph.vertex(vertex).op, Op::Source(Origin::Local(_)));
    let holds = |pattern: &str| {
        let folder = pattern.trim_start_matches('/').trim_start_matches("./").trim_end_matches('/');
        folder.is_empty()
            || path == folder
            || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let touched = |op: &Op| match op {
        Op::File(file) => file.actions.iter().any(|action| match action {
            Action::Copy(copy) => copy.source.is_some_and(is_context) && holds(graph.text(copy.from)),
            _ => false,
        }),
        Op::Exec(exec) => exec
            .mounts
            .iter()
            .any(|mount| mount.input.is_some_and(is_context) && holds(graph.text(mount.selector))),
        _ => false,
    };
    graph.vertices().filter(|(_, vertex)| touched(&vertex.op)).map(|(at, _)| at).collect()
}
