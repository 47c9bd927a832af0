//! Forecasts from a Dockerfile: the file, its platforms, a profile and the time of its base images; nothing of the log.

use std::fs;

use xsim::analysis::{Analysis, Build, NodeAnalysis, NodeInputs};
use xsim::cost::{Profile, PullEntry, SCHEMA};
use xsim::graph::vertex::{Op, Source as Origin};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Cache, Terms, price};
use xsim::sim::Quantiles;
use xsim::source::Source;

use super::{Run, data, machine};

/// Seconds of `target`, with their range, by its Dockerfile, a profile, and how long its base images really took together.
pub(crate) fn forecast(target: &Run, profile: Option<&Profile>) -> Quantiles {
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
    let cache = Cache {
        is_warm: target.changed.is_some(),
        changed: target.changed.iter().cloned().collect(),
        ..Cache::default()
    };
    let terms = Terms { profile: Some(profile), cache, ..Terms::new(machine(target.max_parallelism())) };
    price(&analysis, &terms).unwrap().total
}

fn analysis(target: &Run) -> Analysis {
    let amd64 = Platform::linux("amd64");
    let platforms: Vec<Platform> =
        target.platforms.split(',').map(|name| Platform::parse(name, &amd64).unwrap()).collect();
    let bytes = fs::read(data(&format!("{}/Dockerfile", target.build))).unwrap();
    let source = Source::new("Dockerfile", bytes).unwrap();
    let inputs = Inputs::new(amd64.clone(), &platforms).unwrap();
    Build::new(source, vec![NodeInputs::new(inputs)]).into_outcome().unwrap()
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
