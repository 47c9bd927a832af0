//! The graph as JSON, for programs that draw it themselves: schema `xsim.graph/1`.
//!
//! Holds the serialised shape and nothing else. Its schema is in docs/schema.

use serde::Serialize;

use super::view::{BoxIx, BoxView, GraphView, StageView};
use crate::ids::TargetSet;
use crate::report::json_text::json_lines;
use crate::source::Line;

/// The name and version of the contract.
const SCHEMA: &str = "xsim.graph/1";

/// A build as a picture shows it, for programs that draw it themselves.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Graph<'a> {
    /// `xsim.graph/1`
    schema: &'static str,
    /// The name of the file.
    title: &'a str,
    /// A sentence on the whole build.
    summary: &'a str,
    /// The platforms that are built for, in the order asked for; with several nodes, node after node.
    target_platforms: &'a [String],
    /// The stages that are needed, in the order of the file; with several nodes, node after node.
    stages: Vec<Stage<'a>>,
    /// The steps, stage by stage and row by row, and the images that come out.
    boxes: Vec<Node<'a>>,
    /// What uses what.
    edges: Vec<Edge>,
}

/// A stage.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Stage<'a> {
    /// Its name, or `stage` and its number.
    name: &'a str,
    /// The line of its `FROM`.
    #[cfg_attr(feature = "schema", schemars(with = "u32"))]
    line: Line,
    /// How often it runs, in words.
    note: &'a str,
    /// Whether it is what is built.
    is_target: bool,
    /// Its steps in order, each by its boxes: one where all platforms share it, else one for each group of platforms.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Vec<u32>>"))]
    rows: Vec<&'a [BoxIx]>,
    /// Where it splits.
    forks: Vec<Fork<'a>>,
}

/// A place where a stage splits.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Fork<'a> {
    /// The first row below it.
    row: usize,
    /// The groups of platforms that go on below.
    groups: Vec<Vec<&'a str>>,
    /// Why.
    reason: &'a str,
}

/// A step for the platforms that share it, an image that comes out, or a whole stage.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Node<'a> {
    /// Its number in this graph.
    #[cfg_attr(feature = "schema", schemars(with = "u32"))]
    id: BoxIx,
    /// Its stage, by its place in `stages`.
    stage: usize,
    /// What kind of step it is.
    #[cfg_attr(feature = "schema", schemars(with = "KindName"))]
    kind: &'static str,
    /// How it runs; null for what runs no program. Of a whole stage the worst.
    #[cfg_attr(feature = "schema", schemars(with = "Option<ModeName>"))]
    mode: Option<&'static str>,
    /// The line of the instruction; null for an image that comes out.
    #[cfg_attr(feature = "schema", schemars(with = "Option<u32>"))]
    line: Option<Line>,
    /// The instruction word.
    keyword: &'a str,
    /// What the instruction says, in one line.
    label: &'a str,
    /// Where it stands and how it runs, in few words.
    note: &'a str,
    /// The platforms it works for.
    targets: Vec<&'a str>,
    /// The vertices it stands for, by their `id` in `xsim.analysis/1`, the one that does the work first.
    vertices: Vec<u32>,
    /// How long it takes, in seconds; null where that is not known.
    duration_s: Option<f64>,
    /// The part of the whole build's time. What runs side by side adds up to more than 1.
    share: Option<f64>,
    /// Whether its result is in the cache, so that it takes no time; null where that is not known.
    is_cached: Option<bool>,
    /// Whether the end of the build depends on it.
    is_critical: bool,
    /// What it takes from outside the build.
    outside: Vec<Outside<'a>>,
}

/// Something from outside the build.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Outside<'a> {
    /// Its name.
    name: &'a str,
    /// What it is.
    #[cfg_attr(feature = "schema", schemars(with = "OutsideName"))]
    kind: &'static str,
    /// How it is used.
    #[cfg_attr(feature = "schema", schemars(with = "EdgeName"))]
    edge: &'static str,
}

/// A box uses another.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Edge {
    /// The box whose files are used.
    #[cfg_attr(feature = "schema", schemars(with = "u32"))]
    from: BoxIx,
    /// The box that uses them.
    #[cfg_attr(feature = "schema", schemars(with = "u32"))]
    to: BoxIx,
    /// How.
    #[cfg_attr(feature = "schema", schemars(with = "EdgeName"))]
    kind: &'static str,
    /// Whether the end of the build depends on it.
    is_critical: bool,
}

/// The words that fields may hold, for the schema alone.
#[cfg(feature = "schema")]
mod names {
    #![allow(dead_code)]

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum KindName {
        Source,
        Command,
        Files,
        Result,
        Stage,
    }

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum ModeName {
        Native,
        Cross,
        Mixed,
        Emulated,
        Unsupported,
    }

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum OutsideName {
        Context,
        Image,
        Remote,
    }
}

#[cfg(feature = "schema")]
use crate::report::json::EdgeName;
#[cfg(feature = "schema")]
use names::{KindName, ModeName, OutsideName};

/// The JSON Schema of what [`json`] writes.
#[cfg(feature = "schema")]
pub fn graph_schema() -> serde_json::Value {
    schemars::schema_for!(Graph<'_>).to_value()
}

/// Writes the graph as JSON.
pub fn json(view: &GraphView) -> serde_json::Result<String> {
    let graph = Graph {
        schema: SCHEMA,
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
    json_lines(&graph)
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
        is_cached: shown.cost.map(|cost| cost.is_cached),
        is_critical: shown.is_critical,
        outside: outside.collect(),
    }
}
