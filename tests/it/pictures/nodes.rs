//! Builds on several nodes: nothing is shared between them, and pictures say who does what.

use xsim::analysis::{Build, NodeInputs};
use xsim::graph::emulate::Host;
use xsim::ids::{NodeIx, VertexIx};
use xsim::model::inputs::Inputs;
use xsim::pricing::{Terms, price};
use xsim::report::picture::{
    Detail, GraphView, Options, TimelineView, dot, json, mermaid, svg, timeline_svg,
};
use xsim::sim::built_in;
use xsim::source::Source;
use xsim::timeline::Timeline;

use super::svg::{check, check_lines};
use super::{platform, samples};

/// Calls `check` with the pictures of a file on a pair of nodes, of which the second builds two platforms.
fn with_pair(
    name: &str,
    dockerfile: &str,
    check: impl FnOnce(&GraphView, &TimelineView, &[(NodeIx, VertexIx)]),
) {
    let node = |name: &str, own: &str, targets: &[&str]| {
        let targets: Vec<_> = targets.iter().map(|target| platform(target)).collect();
        let inputs = Inputs::new(platform(own), &targets).expect("few targets");
        NodeInputs { name: Some(name.to_owned()), host: Host::new(platform(own)), inputs }
    };
    let nodes = vec![
        node("amd64", "linux/amd64", &["linux/amd64"]),
        node("arm64", "linux/arm64", &["linux/arm64", "linux/arm/v7"]),
    ];
    let source = Source::new(name, dockerfile.as_bytes().to_vec()).expect("a small file");
    let build = Build::new(source, nodes);
    let analysis = build.outcome().expect("it builds");
    let terms = Terms::new(built_in("native-pair").expect("a built-in machine"));
    let timing = price(analysis, &terms).expect("good numbers");
    let graph = GraphView::of(&build, analysis, Some(&timing)).expect("nodes");
    let timeline = Timeline::new(analysis, &timing);
    let nodes = analysis.each_node();
    let runs: Vec<(NodeIx, VertexIx)> = nodes
        .flat_map(|(at, node)| {
            node.instructions().into_iter().flat_map(|one| one.runs).map(move |run| (at, run.vertex))
        })
        .collect();
    check(&graph, &TimelineView::new(&build, analysis, &timing, &timeline), &runs);
}

#[test]
fn each_node_has_its_own_stages_and_bars() {
    for (name, dockerfile) in samples() {
        with_pair(&name, &dockerfile, |graph, timeline, runs| {
            assert_eq!(graph.targets, ["linux/amd64", "linux/arm64", "linux/arm/v7"], "{name}");
            assert!(graph.summary.starts_with("2 nodes on linux/amd64, linux/arm64"), "{}", graph.summary);
            let on = |node: &str| graph.stages.iter().filter(|stage| stage.note.ends_with(node)).count();
            assert!(on("on amd64") > 0 && on("on arm64") > 0, "{name}");
            assert_eq!(on("on amd64") + on("on arm64"), graph.stages.len(), "{name}: every stage says where");
            assert_eq!(graph.stages.iter().filter(|stage| stage.is_target).count(), 2, "{name}");
            // No vertex of one node is drawn on the other, and no line goes from one to the other.
            let of_node = |at: usize| graph.stages[at].note.ends_with("on arm64");
            for edge in &graph.edges {
                let (from, to) = (graph.get(edge.from).stage, graph.get(edge.to).stage);
                assert_eq!(of_node(from), of_node(to), "{name}");
            }
            for one in &graph.boxes {
                let others = graph.boxes.iter().filter(|other| of_node(other.stage) != of_node(one.stage));
                for other in others {
                    assert!(!one.vertices.iter().any(|vertex| other.vertices.contains(vertex)), "{name}");
                }
            }
            assert!(graph.boxes.iter().any(|shown| shown.is_critical), "{name}");
            for run in runs {
                let bars = timeline.bars.iter().filter(|shown| shown.of == Some(*run));
                assert_eq!(bars.count(), 1, "{name}: {run:?}");
            }
            assert!(
                timeline.bars.iter().all(|shown| !shown.platforms.is_empty()),
                "{name}: every bar says for whom"
            );
            let said = |node: &str| timeline.bars.iter().any(|shown| shown.whole.contains(node));
            assert!(said("on amd64") && said("on arm64"), "{name}");
            assert!((timeline.cores - 8.0).abs() < 1e-9, "{name}: the cores of both nodes");
        });
    }
}

#[test]
fn pictures_of_several_nodes_are_good_ones() {
    for (name, dockerfile) in samples() {
        with_pair(&name, &dockerfile, |graph, timeline, _| {
            for view in [graph, &graph.clone().in_detail(Detail::Stage)] {
                let svg = svg(view, Options::default());
                check(&name, &svg);
                check_lines(&name, &svg);
                assert!(dot(view, xsim::report::picture::Direction::Down).contains("on arm64"));
                assert!(mermaid(view, xsim::report::picture::Direction::Down).contains("on arm64"));
                json(view).expect("JSON");
            }
            for width in [600, 1600] {
                check(&name, &timeline_svg(timeline, width).expect("a picture"));
            }
        });
    }
}
