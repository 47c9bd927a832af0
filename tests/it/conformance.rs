//! Every labelled case agrees with BuildKit: the same vertices, or an error on the same line.
//!
//! Further files of cases: see `tests/cases`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cases::{Case, cases};
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
    let without_version =
        |platform: &Platform| Platform { os_version: "".into(), ..platform.clone() }.to_string();
    let keys = graph.vertices().filter(|(_, vertex)| !vertex.lines.is_empty()).map(|(_, vertex)| {
        let mut targets: Vec<String> =
            vertex.targets.iter().map(|t| graph.targets()[t.index()].to_string()).collect();
        targets.sort();
        let platform = vertex.op.platform().map(|platform| without_version(graph.platform(platform)));
        (vertex.kind().to_string(), vertex.lines.iter().map(|line| line.0).collect(), platform, targets)
    });
    counted(keys)
}

/// What differs from BuildKit, if anything does.
fn difference(case: &Case<Expect>) -> Option<String> {
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
            (expected != found).then(|| format!("missing {missing:?}, extra {extra:?}"))
        }
    }
}

#[test]
fn every_case_agrees_with_buildkit() {
    let mut report = String::new();
    let mut wrong = 0;
    let cases = cases();
    for case in &cases {
        if let Some(difference) = difference(case) {
            wrong += 1;
            if wrong <= 20 {
                writeln!(report, "{}: {difference}", case.id).unwrap();
            }
        }
    }
    let total = cases.len();
    assert!(total >= 3_038, "only {total} cases were found");
    assert_eq!(wrong, 0, "of {total} cases these differ from BuildKit:\n{report}");
}
