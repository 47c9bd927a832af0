//! The JSON contract: `xsim.analysis/2`.
//!
//! Fills the shapes of the contract; `docs/schema/analysis.json` is generated from them.

mod comparison;
mod diagnostic;
mod group;
mod shape;
mod sharing;
mod time;

#[cfg(feature = "schema")]
pub use self::comparison::comparison_schema;
pub use self::comparison::{COMPARISON_SCHEMA, ComparisonOutcome, comparison_json, comparison_refusal_json};
#[cfg(feature = "schema")]
pub(super) use self::shape::EdgeName;
pub use self::shape::{AnalysisReport, RefusalReport, Report, SCHEMA};

pub use self::group::group_json;

pub(super) use self::diagnostic::{DiagnosticReport, diagnostic_report};
pub(super) use self::time::{QuantilesReport, quantiles, seconds};

use self::shape::{
    EdgeReport, ErrorReport, FileLineReport, ForeignReport, NodeReport, ReasonReport, SpanReport,
    SplitReport, StageReport, SummaryReport, VertexReport, Vertices,
};
use self::sharing::sharing_report;
use super::Subject;
use super::json_text::write_json;
use crate::analysis::{Build, NodeAnalysis, Summary};
use crate::diagnostic::Diagnostic;
use crate::graph::foreign::ForeignCall;
use crate::graph::query::critical_path;
use crate::graph::split::{Cause, Reason, Split};
use crate::graph::{BuildGraph, Refusal};
use crate::ids::{NodeIx, StageIx, TargetSet, VertexIx};
use crate::model::platform::Platform;
use crate::sim::TaskIx;
use crate::source::{FileLine, LineTable, Source, Span};

/// The JSON Schema of [`Report`].
#[cfg(feature = "schema")]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// An analysis as a line of JSON.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn analysis_json(subject: &Subject<'_>, out: impl std::io::Write) -> std::io::Result<()> {
    let vertices = |write: &mut dyn FnMut(VertexReport)| each_vertex(subject, write);
    let report = analysis_report(subject, Vertices(&vertices));
    write_json(&Report::Analysis(Box::new(report)), out)
}

/// A refusal as a line of JSON.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn refusal_json(
    source: &Source,
    refusal: &Refusal,
    findings: &[Diagnostic],
    targets: &[Platform],
    out: impl std::io::Write,
) -> std::io::Result<()> {
    let lines = source.lines();
    let report_of = |diagnostic| diagnostic_report(diagnostic, source, &lines);
    let report = RefusalReport {
        schema: SCHEMA,
        error: ErrorReport {
            problem: diagnostic_report(&refusal.error, source, &lines),
            targets: names_of(refusal.targets, targets),
        },
        errors: refusal.others.iter().map(report_of).collect(),
        findings: findings.iter().map(report_of).collect(),
    };
    write_json(&Report::Refusal(Box::new(report)), out)
}

fn analysis_report<'r>(subject: &Subject<'_>, vertices: Vertices<'r>) -> AnalysisReport<'r> {
    let Subject { build, analysis, timing, findings, sharing } = *subject;
    let files = build.request().files();
    let tables: Vec<LineTable> = files.iter().map(|source| source.lines()).collect();
    let found = |finding: &Diagnostic| {
        let at = finding.file.index();
        Some(diagnostic_report(finding, files.get(at)?, tables.get(at)?))
    };
    let is_group = analysis.nodes.iter().any(|node| node.graph.is_group());
    let names = || files.iter().map(|source| source.name().to_owned()).collect();
    let mut report = AnalysisReport {
        schema: SCHEMA,
        build_platform: String::new(),
        target_platforms: Vec::new(),
        nodes: Vec::new(),
        summary: summary_report(analysis.nodes.iter().map(NodeAnalysis::summary)),
        vertices,
        stages: Vec::new(),
        critical_path: Vec::new(),
        timing: timing.map(|timing| time::timing_report(timing, analysis)),
        findings: findings.iter().filter_map(found).collect(),
        files: if is_group { names() } else { Vec::new() },
        sharing: Vec::new(),
    };
    let mut first = 0;
    for (at, node) in analysis.each_node() {
        let targets = outputs(&node.graph, node.graph.all_targets());
        if at == NodeIx(0) {
            report.build_platform = node.graph.build_platform().to_string();
        }
        if let Some(name) = &node.name {
            report.nodes.push(NodeReport {
                name: name.clone(),
                build_platform: node.graph.build_platform().to_string(),
                target_platforms: targets.clone(),
            });
        }
        report.target_platforms.extend(targets);
        add_stages(&mut report.stages, node);
        let own = sharing.iter().filter(|sharing| sharing.node == at);
        report.sharing.extend(own.map(|sharing| sharing_report(&node.graph, first, sharing)));
        let path = critical_path(&node.graph, |_| 1);
        if path.len() > report.critical_path.len() {
            report.critical_path = path.into_iter().map(|vertex| vertex.0 + first).collect();
        }
        first += node.graph.len() as u32;
    }
    report
}

fn summary_report(summaries: impl Iterator<Item = Summary>) -> SummaryReport {
    let zero = SummaryReport {
        instructions: 0,
        once: 0,
        vertices: 0,
        shared: 0,
        commands: 0,
        emulated: 0,
        mixed: 0,
        crossing: 0,
        unsupported: 0,
    };
    summaries.fold(zero, |sum, one| SummaryReport {
        instructions: sum.instructions.max(one.instructions),
        once: sum.once.max(one.once),
        vertices: sum.vertices + one.vertices,
        shared: sum.shared + one.shared,
        commands: sum.commands + one.commands,
        emulated: sum.emulated + one.emulated,
        mixed: sum.mixed + one.mixed,
        crossing: sum.crossing + one.crossing,
        unsupported: sum.unsupported + one.unsupported,
    })
}

/// Hands on the vertices of all nodes, which are counted together.
fn each_vertex(subject: &Subject<'_>, write: &mut dyn FnMut(VertexReport)) {
    let Subject { build, analysis, timing, .. } = *subject;
    let is_group = analysis.nodes.iter().any(|node| node.graph.is_group());
    let mut first = 0;
    for node in &analysis.nodes {
        for index in (0..node.graph.len()).map(VertexIx::new) {
            let mut vertex = vertex_report(build, node, index, first, is_group);
            vertex.time = timing.map(|timing| time::vertex_time(timing, TaskIx(vertex.id)));
            write(vertex);
        }
        first += node.graph.len() as u32;
    }
}

/// A vertex of a node before which there are `first` of others.
fn vertex_report(
    build: &Build,
    node: &NodeAnalysis,
    index: VertexIx,
    first: u32,
    is_group: bool,
) -> VertexReport {
    let graph = &node.graph;
    let vertex = graph.vertex(index);
    let place = |at: &FileLine| FileLineReport { file: at.file.0, line: at.line.0 };
    let edges = graph.inputs(index);
    let mut inputs: Vec<u32> = edges.iter().map(|(input, _)| input.0 + first).collect();
    inputs.sort_unstable();
    inputs.dedup();
    VertexReport {
        id: index.0 + first,
        kind: vertex.kind(),
        lines: vertex.lines().map(|line| line.0).collect(),
        places: if is_group { vertex.places.iter().map(place).collect() } else { Vec::new() },
        stages: vertex.stages.iter().map(|stage| stage_name(node, *stage)).collect(),
        name: vertex.places.first().and_then(|at| build.written(*at)).map(str::to_owned),
        node: node.name.clone(),
        platform: vertex.op.platform().map(|platform| without_version(graph.platform(platform))),
        targets: outputs(graph, vertex.targets),
        execution: node.execution(index),
        cross_to: node.cross_to(index).map(ToString::to_string),
        foreign: node.foreign(index).iter().map(foreign_report).collect(),
        inputs,
        edges: edges.into_iter().map(|(input, kind)| EdgeReport { input: input.0 + first, kind }).collect(),
        time: None,
    }
}

fn stage_name(node: &NodeAnalysis, stage: StageIx) -> String {
    let name = node.graph.stages()[stage.index()].name.as_deref();
    name.map_or_else(|| stage.0.to_string(), str::to_owned)
}

/// As containerd's `FormatAll`, without an OS version.
fn without_version(platform: &Platform) -> String {
    if platform.os_version.is_empty() {
        return platform.to_string();
    }
    Platform { os_version: "".into(), ..platform.clone() }.to_string()
}

fn foreign_report(call: &ForeignCall) -> ForeignReport {
    ForeignReport {
        program: call.program.clone(),
        path: call.path.clone(),
        platform: call.platform.to_string(),
        image: call.image.clone(),
        line: call.line.map(|line| line.0),
    }
}

/// Adds what a node says of the stages to what earlier nodes said.
fn add_stages(stages: &mut Vec<StageReport>, node: &NodeAnalysis) {
    for (at, stage) in node.graph.stages().iter().enumerate() {
        if stages.len() <= at {
            stages.push(StageReport {
                index: at as u32,
                name: stage.name.as_deref().map(str::to_owned),
                line: stage.line.0,
                file: node.graph.is_group().then_some(stage.file.0),
                reachable: false,
                targets: Vec::new(),
                splits: Vec::new(),
            });
        }
        let report = &mut stages[at];
        report.reachable |= !stage.reachable.is_empty();
        report.targets.extend(outputs(&node.graph, stage.reachable));
    }
    for split in &node.splits {
        stages[split.stage.index()].splits.push(split_report(split, node));
    }
}

fn split_report(split: &Split, node: &NodeAnalysis) -> SplitReport {
    SplitReport {
        line: split.line.0,
        node: node.name.clone(),
        groups: split.groups.iter().map(|group| outputs(&node.graph, *group)).collect(),
        reason: reason_report(&split.reason),
    }
}

fn reason_report(reason: &Reason) -> ReasonReport {
    let (name, values) = match &reason.cause {
        Cause::Variable { name, values, .. } => (Some(name.clone()), values.clone()),
        Cause::StagePlatform { image } | Cause::CopiedImage { image, .. } => {
            (Some(image.clone()), Vec::new())
        }
        Cause::Base { names } => (None, names.clone()),
        Cause::Text { texts } => (None, texts.clone()),
        Cause::Context { folders } => (None, folders.clone()),
        Cause::CommandPlatform => (None, Vec::new()),
    };
    ReasonReport {
        code: reason.cause.code(),
        text: reason.text(),
        line: reason.line().map(|line| line.0),
        name,
        values,
        via: reason.via.iter().map(|at| at.line.0).collect(),
    }
}

fn span_report(span: Span, source: &Source, lines: &LineTable) -> SpanReport {
    SpanReport {
        start: span.start,
        end: span.end,
        line: lines.line(span.start).0,
        column: lines.column(span.start, source),
    }
}

/// What targets are called: their platforms, after the names of their builds where builds have names.
fn outputs(graph: &BuildGraph, targets: TargetSet) -> Vec<String> {
    targets.iter().map(|target| graph.output(target)).collect()
}

fn names_of(targets: TargetSet, platforms: &[Platform]) -> Vec<String> {
    targets.iter().filter_map(|target| platforms.get(target.index())).map(ToString::to_string).collect()
}
