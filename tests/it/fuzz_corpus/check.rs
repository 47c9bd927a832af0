//! What holds for any bytes at all. The fuzz targets in `fuzz/` and the test of their corpus share these checks.

use serde_json::Value;
use xsim::advice::fix::fix;
use xsim::advice::{Pricer, Wanted, lint};
use xsim::analysis::{Analysis, Build, NodeInputs, Refused};
use xsim::budget;
use xsim::diagnostic::Diagnostic;
use xsim::ids::FileIx;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, price};
use xsim::report::picture::{Detail, Direction, GraphView, Options, dot, json, mermaid, svg};
use xsim::report::{Style, Subject, analysis_json, analysis_text, explain, refusal_json, write_diagnostics};
use xsim::sim::{Machine, default_machine};
use xsim::source::{FileLine, Line, Source};
use xsim::units::Nanos;

/// Longer inputs take time and find nothing new.
const MAX_BYTES: usize = 64 << 10;

/// Lists of target platforms. The length of an input chooses one, so that inputs stay plain Dockerfiles.
const TARGETS: [&[&str]; 4] = [
    &["linux/amd64", "linux/arm64"],
    &["linux/arm64", "linux/arm/v7", "windows/amd64"],
    &[],
    &["linux/386", "linux/amd64/v3", "linux/arm/v6", "linux/riscv64", "linux/arm64", "linux/amd64"],
];

/// The build that `bytes` choose.
pub(crate) fn node(bytes: &[u8]) -> NodeInputs {
    let host = Platform::linux("amd64");
    let targets: Vec<Platform> = TARGETS[bytes.len() % TARGETS.len()]
        .iter()
        .map(|text| Platform::parse(text, &host).unwrap())
        .collect();
    let mut inputs = Inputs::new(host.clone(), &targets).unwrap();
    inputs.build_args.insert("VERSION".into(), "1.2".into());
    NodeInputs::new(inputs)
}

/// Both reports of an analysis or of a refusal can be written and hold what they promise. Gives whether `bytes` can be
/// built.
pub(crate) fn reports(bytes: &[u8]) -> bool {
    let Some(source) = source(bytes) else { return false };
    let node = node(bytes);
    let build = Build::new(source.clone(), vec![node.clone()]);
    let found = lint(&build);
    match build.outcome() {
        Ok(analysis) => {
            check_analysis(&build, analysis, &found);
            true
        }
        Err(refused) => {
            check_refusal(&source, refused, &found, node.inputs.targets());
            false
        }
    }
}

/// What is fixed can be built if it could be before, and is left as it is when fixed again. Gives whether anything was fixed.
pub(crate) fn fixes(bytes: &[u8]) -> bool {
    // A text whose bytes were replaced is not written back.
    let Some(source) = source(bytes).filter(Source::is_exact) else { return false };
    let nodes = [node(bytes)];
    let pricer = Pricer::new(Terms::new(default_machine(&nodes[0].host.platform)));
    let _run = budget::start(budget::Limit::Work(budget::WORK));
    let build = |source: &Source| Build::new(source.clone(), nodes.to_vec());
    let fixed = |source: &Source| fix(build(source), &Wanted::default(), &pricer);
    let once = fixed(&source);
    let after = Source::new("Dockerfile", once.text().as_bytes().to_vec()).unwrap();
    let builds = |source: &Source| build(source).outcome().is_ok();
    assert!(builds(&after) || !builds(&source), "{}", once.text());
    let twice = fixed(&after);
    if budget::exceeded().is_none() {
        assert_eq!(twice.text(), once.text());
    }
    !once.applied.is_empty()
}

/// A build can be priced on any machine that is one, if its platforms are built there.
pub(crate) fn build_on(machine: &Machine) {
    let file = b"FROM alpine AS a\nRUN make\nFROM alpine\nRUN x\nCOPY --from=a / /\n ";
    let build = Build::new(source(file).unwrap(), vec![node(file)]);
    let analysis = build.outcome().unwrap();
    let mut terms = Terms::new(machine.clone());
    terms.monte_carlo.runs = 3;
    if let Ok(timing) = price(analysis, &terms) {
        assert!(timing.trace.spans().iter().all(|span| span.finish <= timing.trace.makespan()));
    }
}

/// Every line can be explained and every picture drawn.
pub(crate) fn explanations_and_pictures(bytes: &[u8]) {
    let Some(source) = source(bytes) else { return };
    let build = Build::new(source, vec![node(bytes)]);
    let Ok(analysis) = build.outcome() else { return };
    let subject = Subject { build: &build, analysis, timing: None, findings: &[], sharing: &[] };
    let lines = build.source().lines().count();
    let at = |line| FileLine { file: FileIx(0), line: Line(line) };
    for line in (1..=lines).step_by(1 + lines as usize / 20) {
        let text = explain(&subject, at(line), Style::PLAIN).unwrap();
        assert_visible(&text);
    }
    assert!(explain(&subject, at(lines + 1), Style::PLAIN).is_none());
    check_pictures(&build, analysis);
}

fn source(bytes: &[u8]) -> Option<Source> {
    (bytes.len() <= MAX_BYTES).then(|| Source::new("Dockerfile", bytes.to_vec()).unwrap())
}

fn check_analysis(build: &Build, analysis: &Analysis, findings: &[Diagnostic]) {
    let source = build.source();
    let mut terms = Terms::new(default_machine(analysis.nodes[0].graph.build_platform()));
    terms.monte_carlo.runs = 3;
    let timing = price(analysis, &terms).unwrap();
    assert!(timing.trace.makespan() <= timing.bounds.serial + Nanos(timing.plan.tasks().len() as u64));
    let subject = Subject { build, analysis, timing: Some(&timing), findings, sharing: &[] };
    for node in &analysis.nodes {
        node.graph.verify();
    }
    let narrow = Style { width: Some(40), color: false, unicode: false };
    assert_visible(&analysis_text(&subject, Style::PLAIN));
    assert_visible(&analysis_text(&subject, narrow));

    let mut bytes = Vec::new();
    analysis_json(&subject, &mut bytes).unwrap();
    let report = parse_json(&bytes);
    let lines = u64::from(source.lines().count());
    let vertices = report["vertices"].as_array().unwrap();
    for (at, vertex) in vertices.iter().enumerate() {
        assert_eq!(vertex["id"], at);
        let owned = numbers(&vertex["lines"]);
        assert!(owned.is_sorted_by(|a, b| a < b), "{owned:?}");
        assert!(owned.iter().all(|line| (1..=lines).contains(line)), "{owned:?} of {lines}");
        assert!(numbers(&vertex["inputs"]).iter().all(|input| *input < at as u64));
        assert!(!vertex["targets"].as_array().unwrap().is_empty());
        assert_eq!(vertex["kind"] == "exec", vertex["execution"].is_string());
    }
    for stage in report["stages"].as_array().unwrap() {
        for split in stage["splits"].as_array().unwrap() {
            assert!(split["groups"].as_array().unwrap().len() > 1, "{split}");
            assert!(!split["reason"]["text"].as_str().unwrap().is_empty());
        }
    }
    assert_places(&report["findings"], source);
}

fn check_refusal(source: &Source, refused: &Refused, found: &[Diagnostic], targets: &[Platform]) {
    let Refused { refusal, .. } = refused;
    let all: Vec<&Diagnostic> = std::iter::once(&refusal.error).chain(&refusal.others).chain(found).collect();
    assert_diagnostics(source, &all);
    let mut bytes = Vec::new();
    refusal_json(source, refusal, found, targets, &mut bytes).unwrap();
    let report = parse_json(&bytes);
    assert!(!report["error"]["message"].as_str().unwrap().is_empty());
    assert_places(&Value::Array(vec![report["error"].clone()]), source);
    assert_places(&report["errors"], source);
    assert_places(&report["findings"], source);
}

fn check_pictures(build: &Build, analysis: &Analysis) {
    for detail in [Detail::Step, Detail::Stage] {
        let view = GraphView::new(build, &analysis.nodes[0]).in_detail(detail);
        for direction in [Direction::Down, Direction::Right] {
            let picture = svg(&view, Options { direction, legend: true, ..Options::default() });
            roxmltree::Document::parse(&picture).unwrap();
            assert_visible(&picture);
            assert_visible(&dot(&view, direction));
            assert_visible(&mermaid(&view, direction));
        }
        parse_json(json(&view).unwrap().as_bytes());
    }
}

fn assert_diagnostics(source: &Source, all: &[&Diagnostic]) {
    assert_visible(&write_diagnostics(source, all, Style::PLAIN));
}

/// Every problem that names a place names one in the file.
fn assert_places(diagnostics: &Value, source: &Source) {
    for diagnostic in diagnostics.as_array().unwrap() {
        if let Some(line) = diagnostic["line"].as_u64() {
            assert!((1..=u64::from(source.lines().count())).contains(&line), "{diagnostic}");
        }
        if let Some(start) = diagnostic["span"]["start"].as_u64() {
            let end = diagnostic["span"]["end"].as_u64().unwrap();
            assert!(
                start <= end && source.text().get(start as usize..end as usize).is_some(),
                "{diagnostic}"
            );
        }
    }
}

/// Nothing in a text can steer a terminal.
fn assert_visible(text: &str) {
    let bad = |char: &char| char.is_control() && *char != '\n';
    assert_eq!(text.chars().find(bad), None, "in {text:?}");
    assert!(
        !text.contains(['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}'])
    );
}

fn parse_json(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).unwrap();
    assert_visible(text);
    serde_json::from_str(text).unwrap()
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}
