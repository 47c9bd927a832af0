//! Pictures by their meaning: every step once per lane, nothing over anything else, no text outside its box, readable
//! colours, nothing of a Dockerfile taken for markup.

#![expect(clippy::expect_used, reason = "a test that cannot read its data should stop")]

mod colours;
mod gallery;
mod hostile;
mod layout;
mod programs;

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use xsim::analysis::{NodeAnalysis, NodeInputs, analyze_file};
use xsim::dockerfile::{Arena, parse};
use xsim::graph::emulate::Host;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::report::picture::GraphView;
use xsim::source::Source;

fn platform(text: &str) -> Platform {
    let amd64 = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
    Platform::parse(text, &amd64).expect("a platform")
}

/// Calls `check` with the view of a Dockerfile, if it can be built.
fn with_view(
    name: &str,
    dockerfile: &str,
    build: &str,
    targets: &[&str],
    stage: Option<&str>,
    check: impl FnOnce(&GraphView, &NodeAnalysis),
) -> bool {
    let targets: Vec<Platform> = targets.iter().map(|target| platform(target)).collect();
    let mut inputs = Inputs::new(platform(build), &targets).expect("few targets");
    inputs.stage = stage.map(str::to_owned);
    let source = Source::new(name, dockerfile.as_bytes().to_vec()).expect("a small file");
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let node = NodeInputs { name: None, host: Host::new(platform(build)), inputs };
    let Ok(analysis) = analyze_file(&file, &[node], &arena) else { return false };
    let node = &analysis.nodes[0];
    check(&GraphView::new(name, &file, node), node);
    true
}

/// The Dockerfiles of all samples.
fn samples() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples = Vec::new();
    for folder in fs::read_dir(root).expect("samples") {
        let Ok(files) = fs::read_dir(folder.expect("an entry").path()) else { continue };
        for file in files {
            let path = file.expect("an entry").path();
            let name = path.to_string_lossy().replace('\\', "/");
            if name.ends_with("Dockerfile") {
                let short = name.rsplit("/samples/").next().unwrap_or(&name).to_owned();
                samples.push((short, fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    samples.sort();
    assert!(!samples.is_empty());
    samples
}

#[derive(Deserialize)]
struct Case {
    id: String,
    dockerfile: String,
    platforms: Vec<String>,
    build_platform: String,
    target: Option<String>,
}

/// The conformance cases, of which every tenth is enough for pictures.
fn cases() -> Vec<Case> {
    let lines = include_str!("../data/conformance/generated.jsonl").lines().step_by(10);
    let rules = include_str!("../data/conformance/rules.jsonl").lines();
    rules.chain(lines).map(|line| serde_json::from_str(line).expect("a case")).collect()
}

/// Calls `check` with the view of every sample and many conformance cases.
fn with_all(check: impl Fn(&str, &GraphView, &NodeAnalysis)) {
    for (name, dockerfile) in samples() {
        let targets = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
        let built = with_view(&name, &dockerfile, "linux/amd64", &targets, None, |view, node| {
            check(&name, view, node);
        });
        assert!(built, "{name} cannot be built");
    }
    let mut drawn = 0;
    for case in cases() {
        let targets: Vec<&str> = case.platforms.iter().map(String::as_str).collect();
        let stage = case.target.as_deref();
        drawn += usize::from(with_view(
            &case.id,
            &case.dockerfile,
            &case.build_platform,
            &targets,
            stage,
            |view, node| check(&case.id, view, node),
        ));
    }
    assert!(drawn > 100, "only {drawn} cases were drawn");
}
