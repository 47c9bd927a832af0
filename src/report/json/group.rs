//! The graph of several builds that one daemon runs together.

use serde::Serialize;

use crate::analysis::{Analysis, Build};
use crate::report::json_text::write_json;
use crate::source::FileLine;

/// The vertices that instructions own.
#[derive(Debug, Serialize)]
struct GroupReport<'a> {
    vertices: Vec<GroupVertex<'a>>,
}

/// A vertex of a group.
#[derive(Debug, Serialize)]
struct GroupVertex<'a> {
    /// `exec`, `file`, `source` or `merge`.
    kind: &'static str,
    /// Of commands and images.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// The Dockerfile and first line of each instruction that it stands for.
    lines: Vec<(&'a str, u32)>,
    /// The target and platform of each output that needs it.
    outputs: Vec<(&'a str, String)>,
}

/// The graph of a group as a line of JSON: which steps its targets share.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn group_json(build: &Build, analysis: &Analysis, out: impl std::io::Write) -> std::io::Result<()> {
    let files = build.request().files();
    let mut vertices = Vec::new();
    for node in &analysis.nodes {
        let graph = &node.graph;
        for (_, vertex) in graph.vertices().filter(|(_, vertex)| !vertex.places.is_empty()) {
            let name = |at: &FileLine| files[at.file.index()].name();
            let lines = vertex.places.iter().map(|at| (name(at), at.line.0));
            let outputs = vertex.targets.iter().filter_map(|target| {
                let name = graph.build_of(target)?.name.as_str();
                Some((name, graph.targets()[target.index()].to_string()))
            });
            vertices.push(GroupVertex {
                kind: vertex.kind().as_str(),
                platform: vertex.op.platform().map(|platform| graph.platform(platform).to_string()),
                lines: lines.collect(),
                outputs: outputs.collect(),
            });
        }
    }
    write_json(&GroupReport { vertices }, out)
}
