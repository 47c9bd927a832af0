//! Pictures by their meaning: every step once per lane, nothing over anything else, no text outside its box, readable
//! colours, nothing of a Dockerfile taken for markup.

mod colours;
mod compared;
mod gallery;
mod hostile;
mod layout;
mod nodes;
mod program;
mod programs;
#[cfg(feature = "schema")]
mod schema;
mod svg;
mod terminal;
mod timeline;

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use xsim::analysis::{Analysis, NodeAnalysis, NodeInputs};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, price};
use xsim::report::picture::{GraphView, TimelineView};
use xsim::sim::built_in;
use xsim::source::Source;
use xsim::timeline::Timeline;

fn platform(text: &str) -> Platform {
    let amd64 = Platform::linux("amd64");
    Platform::parse(text, &amd64).expect("a platform")
}

/// A Dockerfile and what it is built for.
struct Build<'a> {
    name: &'a str,
    dockerfile: &'a str,
    platform: &'a str,
    targets: &'a [&'a str],
    stage: Option<&'a str>,
}

impl<'a> Build<'a> {
    /// A build on `linux/amd64` of the last stage.
    fn new(name: &'a str, dockerfile: &'a str, targets: &'a [&'a str]) -> Self {
        Self { name, dockerfile, platform: "linux/amd64", targets, stage: None }
    }

    /// What is known of the build.
    fn known(&self) -> xsim::analysis::Build {
        let targets: Vec<Platform> = self.targets.iter().map(|target| platform(target)).collect();
        let mut inputs = Inputs::new(platform(self.platform), &targets).expect("few targets");
        inputs.stage = self.stage.map(str::to_owned);
        let source = Source::new(self.name, self.dockerfile.as_bytes().to_vec()).expect("a small file");
        xsim::analysis::Build::new(source, vec![NodeInputs::new(inputs)])
    }

    /// Calls `check` with what is known of the build, if it can be built.
    fn with_analysis(&self, check: impl FnOnce(&xsim::analysis::Build, &Analysis)) -> bool {
        let known = self.known();
        let Ok(analysis) = known.outcome() else { return false };
        check(&known, analysis);
        true
    }

    /// Calls `check` with the graph, if it can be built.
    fn with_view(&self, check: impl FnOnce(&GraphView, &NodeAnalysis)) -> bool {
        self.with_analysis(|build, analysis| {
            let node = &analysis.nodes[0];
            check(&GraphView::new(build, node), node);
        })
    }

    /// Calls `check` with the timeline on a built-in machine with so many slots, if it can be built.
    fn with_timeline(&self, slots: Option<u32>, check: impl FnOnce(&TimelineView, &NodeAnalysis)) -> bool {
        self.with_time(slots, |_, view, node| check(view, node))
    }

    /// Calls `check` with the graph, costs included, and the timeline, if it can be built.
    fn with_time(
        &self,
        slots: Option<u32>,
        check: impl FnOnce(&GraphView, &TimelineView, &NodeAnalysis),
    ) -> bool {
        self.with_analysis(|build, analysis| {
            let mut machine = built_in("ubuntu-latest").expect("a built-in machine");
            machine.nodes[0].max_parallelism = slots;
            let terms = Terms::new(machine);
            let timing = price(analysis, &terms).expect("good numbers");
            let timeline = Timeline::new(analysis, &timing);
            let view = TimelineView::new(build, analysis, &timing, &timeline);
            let graph = GraphView::of(build, analysis, Some(&timing)).expect("a node");
            check(&graph, &view, &analysis.nodes[0]);
        })
    }
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
    let lines = include_str!("../../data/conformance/generated.jsonl").lines().step_by(10);
    let rules = include_str!("../../data/conformance/rules.jsonl").lines();
    rules.chain(lines).map(|line| serde_json::from_str(line).expect("a case")).collect()
}

/// Calls `check` with every sample and many conformance cases, and expects it to build most of them.
fn with_all(check: impl Fn(&Build<'_>) -> bool) {
    for (name, dockerfile) in samples() {
        let targets = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
        assert!(check(&Build::new(&name, &dockerfile, &targets)), "{name} cannot be built");
    }
    let mut drawn = 0;
    for case in cases() {
        let targets: Vec<&str> = case.platforms.iter().map(String::as_str).collect();
        let stage = case.target.as_deref();
        let build = Build {
            platform: &case.build_platform,
            stage,
            ..Build::new(&case.id, &case.dockerfile, &targets)
        };
        drawn += usize::from(check(&build));
    }
    assert!(drawn > 100, "only {drawn} cases were drawn");
}

/// Calls `check` with the view of every sample and many conformance cases.
fn with_views(check: impl Fn(&str, &GraphView, &NodeAnalysis)) {
    with_all(|build| build.with_view(|view, node| check(build.name, view, node)));
}
