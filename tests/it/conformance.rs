//! Every labelled case agrees with BuildKit: the same vertices, or an error on the same line.
//!
//! Further files of cases: see `tests/cases`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::cases::{Case, cases, folder};
use serde::Deserialize;
use xsim::dockerfile::{Arena, parse};
use xsim::graph::BuildGraph;
use xsim::model::platform::Platform;
use xsim::source::Source;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Vertices(Vec<Expected>),
    Error(Blame),
}

#[derive(Deserialize)]
struct Blame {
    line: Option<u32>,
    message: String,
}

#[derive(Deserialize)]
struct Expected {
    kind: String,
    lines: Vec<u32>,
    platform: Option<String>,
    targets: Vec<String>,
}

/// kind, lines, platform, targets
type Key = (String, Vec<u32>, Option<String>, Vec<String>);

fn counted(keys: impl Iterator<Item = Key>) -> BTreeMap<Key, usize> {
    keys.fold(BTreeMap::new(), |mut count, key| {
        *count.entry(key).or_default() += 1;
        count
    })
}

fn found(graph: &BuildGraph) -> BTreeMap<Key, usize> {
    let keys = graph.vertices().filter(|(_, vertex)| !vertex.places().is_empty()).map(|(_, vertex)| {
        let mut targets: Vec<String> =
            vertex.targets.iter().map(|t| graph.targets()[t.index()].to_string()).collect();
        targets.sort();
        let platform = vertex.op.platform().map(|platform| without_version(graph.platform(platform)));
        (vertex.kind().to_string(), vertex.lines().map(|line| line.0).collect(), platform, targets)
    });
    counted(keys)
}

/// kind, lines, platform, targets, inputs
type Drawn = (String, Vec<u32>, String, Vec<String>, Vec<usize>);

/// The whole graph of a case as BuildKit has it, inputs first.
#[derive(Deserialize)]
struct Whole {
    id: String,
    graph: Vec<Drawn>,
}

/// BuildKit's graphs, by the case.
fn wholes() -> BTreeMap<String, Vec<Drawn>> {
    let text = std::fs::read_to_string(folder().join("graphs.jsonl")).unwrap();
    let whole = |line| serde_json::from_str::<Whole>(line).unwrap();
    text.lines().map(whole).map(|whole| (whole.id, whole.graph)).collect()
}

/// The graph that was found, drawn as BuildKit's are.
fn drawn(graph: &BuildGraph) -> Vec<Drawn> {
    let all = graph.vertices().map(|(index, vertex)| {
        let platform = vertex.op.platform().map(|platform| without_version(graph.platform(platform)));
        (
            vertex.kind().to_string(),
            vertex.lines().map(|line| line.0).collect(),
            platform.unwrap_or_default(),
            vertex.targets.iter().map(|t| graph.targets()[t.index()].to_string()).collect(),
            graph.inputs(index).iter().map(|(input, _)| input.index()).collect(),
        )
    });
    all.collect()
}

/// Numbers for what a vertex and everything below it is: equal numbers, equal graphs.
#[derive(Default)]
struct Shapes(BTreeMap<Shape, usize>);

/// kind, lines, platform, targets, the shapes of its inputs
type Shape = (String, Vec<u32>, String, BTreeSet<String>, BTreeSet<usize>);

impl Shapes {
    fn of(&mut self, graph: Vec<Drawn>) -> Vec<usize> {
        let mut shapes = Vec::with_capacity(graph.len());
        for (kind, lines, platform, targets, inputs) in graph {
            let below = inputs.into_iter().map(|input| shapes[input]).collect();
            let next = self.0.len();
            let key = (kind, lines, platform, targets.into_iter().collect(), below);
            shapes.push(*self.0.entry(key).or_insert(next));
        }
        shapes.sort_unstable();
        shapes
    }
}

fn without_version(platform: &Platform) -> String {
    let text = platform.to_string();
    text.replacen(platform.os_version(), "", 1).replace("()", "")
}

/// What differs from BuildKit, if anything does.
fn difference(case: &Case<Expect>, whole: Option<Vec<Drawn>>) -> Option<String> {
    let inputs = case.inputs();
    let source = Source::new("Dockerfile", case.dockerfile.clone().into_bytes()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let result = xsim::graph::analyze(&file, &inputs, &arena).graph;
    match (&case.expect, result) {
        (Expect::Error(blame), Ok(_)) => Some(format!("built, but BuildKit says: {}", blame.message)),
        (Expect::Error(blame), Err(refusal)) => {
            let line = blame.line.filter(|line| *line > 0)?;
            let own = refusal.error.line.map(|line| line.0);
            (own != Some(line)).then(|| {
                format!("blames {own:?} ({}), BuildKit line {line}: {}", refusal.error.message, blame.message)
            })
        }
        (Expect::Vertices(_), Err(refusal)) => Some(format!(
            "refused, but BuildKit builds it: {:?} {}",
            refusal.error.line, refusal.error.message
        )),
        (Expect::Vertices(expected), Ok(graph)) => {
            graph.verify();
            let expected = counted(expected.iter().filter(|vertex| !vertex.lines.is_empty()).map(|vertex| {
                let has_platform = matches!(vertex.kind.as_str(), "exec" | "source");
                let platform = vertex.platform.clone().filter(|_| has_platform);
                let mut targets = vertex.targets.clone();
                targets.sort();
                (vertex.kind.clone(), vertex.lines.clone(), platform, targets)
            }));
            let found = found(&graph);
            let missing: Vec<_> =
                expected.iter().filter(|(key, n)| found.get(*key) != Some(n)).take(4).collect();
            let extra: Vec<_> =
                found.iter().filter(|(key, n)| expected.get(*key) != Some(n)).take(4).collect();
            if expected != found {
                return Some(format!("missing {missing:?}, extra {extra:?}"));
            }
            let mut shapes = Shapes::default();
            let same = whole.is_none_or(|whole| shapes.of(whole) == shapes.of(drawn(&graph)));
            (!same)
                .then(|| "the vertices with lines are the same, edges or other vertices are not".to_owned())
        }
    }
}

#[test]
fn every_case_agrees_with_buildkit() {
    let mut report = String::new();
    let mut wrong = 0;
    let (cases, mut wholes) = (cases(), wholes());
    let known = wholes.len();
    for case in &cases {
        if let Some(difference) = difference(case, wholes.remove(&case.id)) {
            wrong += 1;
            if wrong <= 20 {
                writeln!(report, "{}: {difference}", case.id).unwrap();
            }
        }
    }
    let total = cases.len();
    assert!(total >= 3_038, "only {total} cases were found");
    assert!(known >= 2_500, "only {known} whole graphs were found");
    assert!(wholes.is_empty(), "there is no case for {:?}", wholes.keys().take(5).collect::<Vec<_>>());
    assert_eq!(wrong, 0, "of {total} cases these differ from BuildKit:\n{report}");
}
