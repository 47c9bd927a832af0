//! The JSON contract: `xsim.analysis/1`.
//!
//! The shapes here are the contract and nothing else; they are apart from the types that the rest of xsim thinks in, so
//! that neither binds the other. `docs/schema/analysis.json` is generated from them.

use serde::Serialize;

use super::Subject;
use crate::analysis::{Analysis, NodeAnalysis, Summary};
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::graph::emulate::Execution;
use crate::graph::foreign::ForeignCall;
use crate::graph::query::critical_path;
use crate::graph::split::{Cause, Split};
use crate::graph::vertex::{EdgeKind, VertexKind};
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::model::platform::Platform;
use crate::source::{Line, LineTable, Source, Span};

/// The name and version of the contract.
pub const SCHEMA: &str = "xsim.analysis/1";

/// An analysis, or why there is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Report {
    /// The file can be built.
    Analysis(Box<AnalysisReport>),
    /// The file cannot be built for at least one of its platforms.
    Refusal(RefusalReport),
}

/// The build graph of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnalysisReport {
    /// `xsim.analysis/1`
    schema: &'static str,
    /// The platform of the node that builds; of the first node where there are several.
    build_platform: String,
    /// The platforms that are built for, normalised, in the order asked for.
    target_platforms: Vec<String>,
    /// The nodes, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes: Vec<NodeReport>,
    /// The build in numbers.
    summary: SummaryReport,
    /// Every vertex that the result needs for at least one platform; inputs come before what uses them.
    vertices: Vec<VertexReport>,
    /// Every stage of the file.
    stages: Vec<StageReport>,
    /// The longest chain of vertices, by their number.
    critical_path: Vec<u32>,
    /// Problems that do not stop the build.
    diagnostics: Vec<DiagnosticReport>,
}

/// A node of the builder.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct NodeReport {
    name: String,
    build_platform: String,
    target_platforms: Vec<String>,
}

/// The build in numbers, over all nodes. Vertices that no instruction owns do not count.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SummaryReport {
    /// Instructions that make a step.
    instructions: usize,
    /// Instructions whose step is one for all platforms that need it.
    once: usize,
    /// Vertices.
    vertices: usize,
    /// Vertices that all platforms share.
    shared: usize,
    /// Commands.
    commands: usize,
    /// Commands under emulation.
    emulated: usize,
    /// Native commands that run a foreign program.
    mixed: usize,
    /// Native commands that build for another platform.
    crossing: usize,
    /// Commands that cannot run.
    unsupported: usize,
}

/// One vertex: something BuildKit does once.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct VertexReport {
    /// Its number in this report.
    id: u32,
    /// What kind of thing it does.
    #[cfg_attr(feature = "schema", schemars(with = "KindName"))]
    kind: VertexKind,
    /// The first line of every instruction it stands for, ascending; empty where no instruction owns it.
    lines: Vec<u32>,
    /// The stages of these instructions: their names, or their indexes where they have none.
    stages: Vec<String>,
    /// The first line of its instruction as written; absent where no instruction owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The node, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    /// The platform, for commands and images.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// The target platforms that need it.
    targets: Vec<String>,
    /// How a command runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<ExecutionName>"))]
    execution: Option<Execution>,
    /// The platform a command builds for, where that is another than its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    cross_to: Option<String>,
    /// Foreign programs that a native command runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign: Vec<ForeignReport>,
    /// The vertices it uses, ascending.
    inputs: Vec<u32>,
    /// How it uses each.
    edges: Vec<EdgeReport>,
}

/// How a vertex uses another.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct EdgeReport {
    /// The vertex that is used.
    input: u32,
    /// How.
    #[cfg_attr(feature = "schema", schemars(with = "EdgeName"))]
    kind: EdgeKind,
}

/// A foreign program that a command runs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ForeignReport {
    /// The program as the command names it.
    program: String,
    /// Where it is, or the folder it is in.
    path: String,
    /// The platform it is for.
    platform: String,
    /// The image it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    /// The instruction that brought it.
    line: Option<u32>,
}

/// A stage of the file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct StageReport {
    /// Its position in the file, from 0.
    index: u32,
    /// Its name, in lower case.
    name: Option<String>,
    /// The line of its `FROM`.
    line: u32,
    /// Whether any target platform needs it.
    reachable: bool,
    /// The target platforms that need it.
    targets: Vec<String>,
    /// Where it stops being one for all platforms; empty where it is whole.
    splits: Vec<SplitReport>,
}

/// A place where platforms that shared a stage no longer do.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SplitReport {
    /// The first line of the first instruction that differs.
    line: u32,
    /// The node, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    /// The groups of platforms from here on.
    groups: Vec<Vec<String>>,
    /// Why.
    reason: ReasonReport,
}

/// Why platforms part.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ReasonReport {
    /// `variable`, `stage-platform`, `copied-image`, `base`, `text` or `command-platform`.
    code: &'static str,
    /// The reason for people.
    text: String,
    /// The first line of the instruction that brought it in.
    line: Option<u32>,
    /// The variable or image it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What differs, one for each group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    /// The lines it came through, nearest to the split first.
    via: Vec<u32>,
}

/// A problem.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct DiagnosticReport {
    /// Its kind; a heading in docs/diagnostics.md.
    code: &'static str,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// What is wrong.
    message: String,
    /// The first line of the instruction that is to blame.
    line: Option<u32>,
    /// Where exactly.
    span: Option<SpanReport>,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// A place in the file. Lines and columns count from 1, columns in characters, offsets in bytes.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SpanReport {
    start: u32,
    end: u32,
    line: u32,
    column: u32,
}

/// A file that cannot be built.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusalReport {
    /// `xsim.analysis/1`
    schema: &'static str,
    /// The problem BuildKit would stop at.
    error: ErrorReport,
    /// Further problems.
    diagnostics: Vec<DiagnosticReport>,
}

/// The problem BuildKit would stop at.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ErrorReport {
    #[serde(flatten)]
    problem: DiagnosticReport,
    /// The platforms that cannot be built because of it.
    targets: Vec<String>,
}

#[cfg(feature = "schema")]
mod names {
    //! Closed sets as the schema shows them.
    #![allow(dead_code)] // only their shape is used

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum KindName {
        Exec,
        File,
        Source,
        Merge,
    }

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum ExecutionName {
        Native,
        Emulated,
        Mixed,
        Unsupported,
    }

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum EdgeName {
        Base,
        Copy,
        Mount,
        Link,
    }
}
#[cfg(feature = "schema")]
use names::{EdgeName, ExecutionName, KindName};

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
    let report = analysis_report(subject.source, subject.analysis);
    write_line(&Report::Analysis(Box::new(report)), out)
}

/// A refusal as a line of JSON.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn refusal_json(
    source: &Source,
    refusal: &Refusal,
    warnings: &[Diagnostic],
    targets: &[Platform],
    out: impl std::io::Write,
) -> std::io::Result<()> {
    let lines = source.lines();
    let diagnostics =
        refusal.others.iter().chain(warnings).map(|problem| diagnostic_report(problem, source, &lines));
    let report = RefusalReport {
        schema: SCHEMA,
        error: ErrorReport {
            problem: diagnostic_report(&refusal.error, source, &lines),
            targets: names_of(refusal.targets, targets),
        },
        diagnostics: diagnostics.collect(),
    };
    write_line(&Report::Refusal(report), out)
}

fn write_line(report: &Report, mut out: impl std::io::Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut out, report)?;
    out.write_all(b"\n")
}

fn analysis_report(source: &Source, analysis: &Analysis) -> AnalysisReport {
    let lines = source.lines();
    let mut report = AnalysisReport {
        schema: SCHEMA,
        build_platform: String::new(),
        target_platforms: Vec::new(),
        nodes: Vec::new(),
        summary: summary_report(analysis.nodes.iter().map(NodeAnalysis::summary)),
        vertices: Vec::new(),
        stages: Vec::new(),
        critical_path: Vec::new(),
        diagnostics: analysis
            .warnings
            .iter()
            .map(|warning| diagnostic_report(warning, source, &lines))
            .collect(),
    };
    for (at, node) in analysis.nodes.iter().enumerate() {
        let first = report.vertices.len() as u32;
        let targets = names_of(node.graph.all_targets(), node.graph.targets());
        if at == 0 {
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
        report.vertices.extend(vertex_reports(node, first, source, &lines));
        add_stages(&mut report.stages, node);
        let path = critical_path(&node.graph, |_| 1);
        if path.len() > report.critical_path.len() {
            report.critical_path = path.into_iter().map(|vertex| vertex.0 + first).collect();
        }
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

fn vertex_reports(node: &NodeAnalysis, first: u32, source: &Source, lines: &LineTable) -> Vec<VertexReport> {
    let graph = &node.graph;
    let report = |(index, vertex): (VertexIx, &crate::graph::vertex::Vertex)| {
        let edges = graph.inputs(index);
        let mut inputs: Vec<u32> = edges.iter().map(|(input, _)| input.0 + first).collect();
        inputs.sort_unstable();
        inputs.dedup();
        VertexReport {
            id: index.0 + first,
            kind: vertex.kind(),
            lines: vertex.lines.iter().map(|line| line.0).collect(),
            stages: vertex.stages.iter().map(|stage| stage_name(node, *stage)).collect(),
            name: vertex.lines.first().and_then(|line| first_line(source, lines, *line)),
            node: node.name.clone(),
            platform: vertex.op.platform().map(|platform| without_version(graph.platform(platform))),
            targets: names_of(vertex.targets, graph.targets()),
            execution: node.execution(index),
            cross_to: node.cross_to(index).map(ToString::to_string),
            foreign: node.foreign(index).iter().map(foreign_report).collect(),
            inputs,
            edges: edges
                .into_iter()
                .map(|(input, kind)| EdgeReport { input: input.0 + first, kind })
                .collect(),
        }
    };
    graph.vertices().map(report).collect()
}

fn stage_name(node: &NodeAnalysis, stage: StageIx) -> String {
    node.graph.stages()[stage.index()].name.clone().unwrap_or_else(|| stage.0.to_string())
}

fn first_line(source: &Source, lines: &LineTable, line: Line) -> Option<String> {
    lines.span(line, source).map(|span| source.slice(span).trim().to_owned())
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
                name: stage.name.clone(),
                line: stage.line.0,
                reachable: false,
                targets: Vec::new(),
                splits: Vec::new(),
            });
        }
        let report = &mut stages[at];
        report.reachable |= !stage.reachable.is_empty();
        report.targets.extend(names_of(stage.reachable, node.graph.targets()));
        let own = node.splits.iter().filter(|split| split.stage.index() == at);
        report.splits.extend(own.map(|split| split_report(split, node)));
    }
}

fn split_report(split: &Split, node: &NodeAnalysis) -> SplitReport {
    let reason = &split.reason;
    let (name, values) = match &reason.cause {
        Cause::Variable { name, values, .. } => (Some(name.clone()), values.clone()),
        Cause::StagePlatform { image } | Cause::CopiedImage { image, .. } => {
            (Some(image.clone()), Vec::new())
        }
        Cause::Base { names } => (None, names.clone()),
        Cause::Text { texts } => (None, texts.clone()),
        Cause::CommandPlatform => (None, Vec::new()),
    };
    SplitReport {
        line: split.line.0,
        node: node.name.clone(),
        groups: split.groups.iter().map(|group| names_of(*group, node.graph.targets())).collect(),
        reason: ReasonReport {
            code: reason.cause.code(),
            text: reason.text(),
            line: reason.line.map(|line| line.0),
            name,
            values,
            via: reason.via.iter().map(|line| line.0).collect(),
        },
    }
}

fn diagnostic_report(diagnostic: &Diagnostic, source: &Source, lines: &LineTable) -> DiagnosticReport {
    let span = |span: Span| SpanReport {
        start: span.start,
        end: span.end,
        line: lines.line(span.start).0,
        column: lines.column(span.start, source),
    };
    DiagnosticReport {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.as_str(),
        message: diagnostic.message.clone(),
        line: diagnostic.line.map(|line| line.0),
        span: diagnostic.span.map(span),
        help: diagnostic.help.clone(),
    }
}

fn names_of(targets: TargetSet, platforms: &[Platform]) -> Vec<String> {
    targets.iter().filter_map(|target| platforms.get(target.index())).map(ToString::to_string).collect()
}
