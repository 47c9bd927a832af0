//! The graph as JSON, for programs that draw it themselves: schema `xsim.graph/1`.
//!
//! Holds the serialised shape and nothing else.

use serde::Serialize;

use super::view::{BoxIx, BoxView, GraphView, StageView};
use crate::ids::TargetSet;
use crate::report::escape::json_visible;
use crate::source::Line;

#[derive(Serialize)]
struct Graph<'a> {
    schema: &'static str,
    title: &'a str,
    summary: &'a str,
    target_platforms: &'a [String],
    stages: Vec<Stage<'a>>,
    boxes: Vec<Node<'a>>,
    edges: Vec<Edge>,
}

#[derive(Serialize)]
struct Stage<'a> {
    name: &'a str,
    line: Line,
    note: &'a str,
    is_target: bool,
    rows: Vec<&'a [BoxIx]>,
    forks: Vec<Fork<'a>>,
}

#[derive(Serialize)]
struct Fork<'a> {
    row: usize,
    groups: Vec<Vec<&'a str>>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Node<'a> {
    id: BoxIx,
    stage: usize,
    kind: &'static str,
    mode: Option<&'static str>,
    line: Option<Line>,
    keyword: &'a str,
    label: &'a str,
    note: &'a str,
    targets: Vec<&'a str>,
    vertices: Vec<u32>,
    duration_s: Option<f64>,
    share: Option<f64>,
    is_critical: bool,
    outside: Vec<Outside<'a>>,
}

#[derive(Serialize)]
struct Outside<'a> {
    name: &'a str,
    kind: &'static str,
    edge: &'static str,
}

#[derive(Serialize)]
struct Edge {
    from: BoxIx,
    to: BoxIx,
    kind: &'static str,
    is_critical: bool,
}

/// Writes the graph as JSON.
pub fn json(view: &GraphView) -> serde_json::Result<String> {
    let graph = Graph {
        schema: "xsim.graph/1",
        title: &view.title,
        summary: &view.summary,
        target_platforms: &view.targets,
        stages: view.stages.iter().map(|shown| stage(view, shown)).collect(),
        boxes: view.indexed().map(|(index, shown)| node(view, index, shown)).collect(),
        edges: view
            .edges
            .iter()
            .map(|edge| Edge {
                from: edge.from,
                to: edge.to,
                kind: edge.kind.as_str(),
                is_critical: edge.is_critical,
            })
            .collect(),
    };
    Ok(json_visible(serde_json::to_string_pretty(&graph)?) + "\n")
}

fn names(view: &GraphView, targets: TargetSet) -> Vec<&str> {
    targets.iter().map(|target| view.targets[target.index()].as_str()).collect()
}

fn stage<'a>(view: &'a GraphView, shown: &'a StageView) -> Stage<'a> {
    let fork = |fork: &'a super::view::ForkView| Fork {
        row: fork.row,
        groups: fork.groups.iter().map(|group| names(view, *group)).collect(),
        reason: &fork.reason,
    };
    Stage {
        name: &shown.name,
        line: shown.line,
        note: &shown.note,
        is_target: shown.is_target,
        rows: shown.rows.iter().map(|row| row.boxes.as_slice()).collect(),
        forks: shown.forks.iter().map(fork).collect(),
    }
}

fn node<'a>(view: &'a GraphView, id: BoxIx, shown: &'a BoxView) -> Node<'a> {
    let outside = shown.outside.iter().map(|thing| Outside {
        name: &thing.name,
        kind: thing.kind.as_str(),
        edge: thing.edge.as_str(),
    });
    Node {
        id,
        stage: shown.stage,
        kind: shown.kind.as_str(),
        mode: shown.mode.map(super::view::Mode::as_str),
        line: shown.line,
        keyword: &shown.keyword,
        label: &shown.label,
        note: &shown.note,
        targets: names(view, shown.targets),
        vertices: shown.vertices.iter().map(|vertex| vertex.0).collect(),
        duration_s: shown.cost.map(|cost| cost.duration.as_secs_f64()),
        share: shown.cost.map(|cost| cost.share),
        is_critical: shown.is_critical,
        outside: outside.collect(),
    }
}
