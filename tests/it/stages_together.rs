//! Builds of one file that differ in their stage alone are resolved together: each has to be what it is alone.

use std::collections::{BTreeMap, BTreeSet};

use xsim::analysis::{Build, NamedBuild, NodeRequest, Request};
use xsim::graph::BuildGraph;
use xsim::graph::describe::describe;
use xsim::graph::emulate::Host;
use xsim::ids::{FileIx, TargetSet};
use xsim::model::inputs::Inputs;
use xsim::source::Source;

use crate::cases::{Case, cases};

/// What is built of a file, for each of some stages.
fn together(text: &str, inputs: &Inputs, stages: &[String]) -> Build {
    let build = |stage: &String| {
        let mut inputs = inputs.clone();
        inputs.stage = Some(stage.clone());
        NamedBuild { name: stage.clone(), file: FileIx::new(0), inputs }
    };
    let node = NodeRequest::new(Host::new(inputs.build_platform.clone()), stages.iter().map(build).collect());
    let source = Source::new("Dockerfile", text.as_bytes().to_vec()).unwrap();
    Build::of(Request::new(vec![source], vec![node]).unwrap())
}

/// The vertices that targets need, each with its platform and how many do the same.
fn vertices(graph: &BuildGraph, targets: TargetSet) -> BTreeMap<(String, Option<String>), usize> {
    let needed = graph.vertices().filter(|(_, vertex)| !vertex.targets.intersection(targets).is_empty());
    needed.fold(BTreeMap::new(), |mut count, (_, vertex)| {
        let platform = vertex.op.platform().map(|platform| graph.platform(platform).to_string());
        *count.entry((describe(graph, &vertex.op), platform)).or_default() += 1;
        count
    })
}

/// Asserts that all is as of each stage alone; whether the stages can be built.
#[track_caller]
fn agrees(id: &str, text: &str, inputs: &Inputs, stages: &[String]) -> bool {
    let all = together(text, inputs, stages);
    let alone: Vec<Build> =
        stages.iter().map(|stage| together(text, inputs, std::slice::from_ref(stage))).collect();
    let first_refused = alone.iter().find_map(|build| build.outcome().err());
    let node = match (all.outcome(), first_refused) {
        (Ok(analysis), None) => &analysis.nodes[0],
        (Err(refused), Some(alone)) => {
            assert_eq!(refused.refusal.error, alone.refusal.error, "{id}");
            return false;
        }
        (found, alone) => panic!("{id}: together {:?}, alone {:?}", found.err(), alone),
    };
    node.graph.verify();
    for (at, build) in alone.iter().enumerate() {
        let own = &build.outcome().unwrap().nodes[0];
        let targets = node.graph.builds()[at].targets;
        assert_eq!(
            vertices(&node.graph, targets),
            vertices(&own.graph, own.graph.all_targets()),
            "{id}: {}",
            stages[at]
        );
        let observed = if at == 0 { &node.observations } else { &node.further[at - 1] };
        assert_eq!(*observed, own.observations, "{id}: {}", stages[at]);
    }
    true
}

#[test]
fn every_stage_is_what_it_is_alone() {
    let mut built = 0;
    for case in cases::<serde::de::IgnoredAny>() {
        let Case { id, dockerfile, .. } = &case;
        let names = dockerfile.lines().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_from = words.first().is_some_and(|word| word.eq_ignore_ascii_case("from"));
            let name = words.iter().rposition(|word| word.eq_ignore_ascii_case("as")).filter(|_| is_from)?;
            words.get(name + 1).map(|name| name.to_lowercase())
        });
        let names: BTreeSet<String> = names.collect();
        let stages: Vec<String> = names.into_iter().take(6).collect();
        if stages.len() > 1 {
            built += usize::from(agrees(id, dockerfile, &case.inputs(), &stages));
        }
    }
    assert!(built > 300, "only {built} files with several stages were built");
}

#[test]
fn the_stage_that_is_built_may_name_a_base() {
    let inputs = cases::<serde::de::IgnoredAny>()[0].inputs();
    let stages = ["a".to_owned(), "b".to_owned()];
    for text in [
        "ARG TARGETSTAGE\nFROM acme/$TARGETSTAGE AS a\nRUN x\nFROM a AS b\nRUN y\n",
        "ARG BASE=acme/$TARGETSTAGE\nFROM $BASE AS a\nRUN x\nFROM a AS b\nRUN y\n",
        "FROM acme/${TARGETSTAGE} AS a\nRUN x\nFROM a AS b\nRUN y\n",
        "FROM alpine AS a\nARG TARGETSTAGE\nRUN echo $TARGETSTAGE\nFROM a AS b\nRUN y\n",
    ] {
        assert!(agrees(text, text, &inputs, &stages));
    }
    let build = together("FROM acme/$TARGETSTAGE AS a\nRUN x\nFROM a AS b\nRUN y\n", &inputs, &stages);
    let graph = &build.outcome().unwrap().nodes[0].graph;
    let images = vertices(graph, graph.all_targets()).into_keys().map(|(text, _)| text);
    let images: BTreeSet<String> = images.filter(|text| text.starts_with("FROM ")).collect();
    assert_eq!(images.into_iter().collect::<Vec<_>>(), ["FROM acme/a", "FROM acme/b"]);
}
