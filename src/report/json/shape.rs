//! The shapes of the contract, and nothing else: they are apart from the types that the rest of xsim thinks in, so that
//! neither binds the other.

use std::fmt;

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::diagnostic::DiagnosticReport;
use super::sharing::SharingReport;
use super::time::{TimingReport, VertexTimeReport};
use crate::graph::emulate::Execution;
use crate::graph::vertex::{EdgeKind, VertexKind};

/// The name and version of the contract.
pub const SCHEMA: &str = "xsim.analysis/2";

/// An analysis, or why there is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Report<'r> {
    /// The file can be built.
    Analysis(Box<AnalysisReport<'r>>),
    /// The file cannot be built for at least one of its platforms.
    Refusal(Box<RefusalReport>),
}

/// The build graph of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnalysisReport<'r> {
    /// `xsim.analysis/2`
    pub(super) schema: &'static str,
    /// The platform of the node that builds; of the first node where there are several.
    pub(super) build_platform: String,
    /// The platforms that are built for, normalised, in the order asked for.
    pub(super) target_platforms: Vec<String>,
    /// The nodes, where there are several.
    pub(super) nodes: Vec<NodeReport>,
    /// The build in numbers.
    pub(super) summary: SummaryReport,
    /// Every vertex that the result needs for at least one platform; inputs come before what uses them.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<VertexReport>"))]
    pub(super) vertices: Vertices<'r>,
    /// Every stage of the file.
    pub(super) stages: Vec<StageReport>,
    /// The longest chain of vertices, by their number.
    pub(super) critical_path: Vec<u32>,
    /// How long the build takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timing: Option<TimingReport>,
    /// What could be better, by line.
    pub(super) findings: Vec<DiagnosticReport>,
    /// The Dockerfiles, where the builds are the targets of a definition; elsewhere a `file` is a position in this list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<String>,
    /// What builds share and repeat, for each daemon that runs several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sharing: Vec<SharingReport>,
}

/// A node of the builder.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct NodeReport {
    pub(super) name: String,
    pub(super) build_platform: String,
    pub(super) target_platforms: Vec<String>,
}

/// The build in numbers, over all nodes. Vertices that no instruction owns do not count.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct SummaryReport {
    /// Instructions that make a step.
    pub(super) instructions: usize,
    /// Instructions whose step is one for all platforms that need it.
    pub(super) once: usize,
    /// Vertices.
    pub(super) vertices: usize,
    /// Vertices that all platforms share.
    pub(super) shared: usize,
    /// Commands.
    pub(super) commands: usize,
    /// Commands under emulation.
    pub(super) emulated: usize,
    /// Native commands that run a foreign program.
    pub(super) mixed: usize,
    /// Native commands that build for another platform.
    pub(super) crossing: usize,
    /// Commands that cannot run.
    pub(super) unsupported: usize,
}

/// The vertices of a report, each made when it is written: all of them together take more memory than the graph.
pub(super) struct Vertices<'r>(pub(super) &'r EachVertex<'r>);

/// What hands on the vertices, one after another.
pub(super) type EachVertex<'r> = dyn Fn(&mut dyn FnMut(VertexReport)) + 'r;

impl fmt::Debug for Vertices<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vertices")
    }
}

impl Serialize for Vertices<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut written = Ok(());
        (self.0)(&mut |vertex| {
            if written.is_ok() {
                written = list.serialize_element(&vertex);
            }
        });
        written?;
        list.end()
    }
}

/// One vertex: something BuildKit does once.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct VertexReport {
    /// Its number in this report.
    pub(super) id: u32,
    /// What kind of thing it does.
    #[cfg_attr(feature = "schema", schemars(with = "KindName"))]
    pub(super) kind: VertexKind,
    /// The first line of every instruction it stands for, ascending; empty where no instruction owns it.
    pub(super) lines: Vec<u32>,
    /// The same lines with their files, where there is a list of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) places: Vec<FileLineReport>,
    /// The stages of these instructions: their names, or their indexes where they have none.
    pub(super) stages: Vec<String>,
    /// The first line of its instruction as written; absent where no instruction owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// The node, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<String>,
    /// The platform, for commands and images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) platform: Option<String>,
    /// The target platforms that need it.
    pub(super) targets: Vec<String>,
    /// How a command runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<ExecutionName>"))]
    pub(super) execution: Option<Execution>,
    /// The platform a command builds for, where that is another than its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cross_to: Option<String>,
    /// Foreign programs that a native command runs.
    pub(super) foreign: Vec<ForeignReport>,
    /// The vertices it uses, ascending.
    pub(super) inputs: Vec<u32>,
    /// How it uses each.
    pub(super) edges: Vec<EdgeReport>,
    /// What it costs and when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<VertexTimeReport>,
}

/// A line of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct FileLineReport {
    /// The Dockerfile, by its position in the list of files.
    pub(super) file: u32,
    /// The line.
    pub(super) line: u32,
}

/// How a vertex uses another.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct EdgeReport {
    /// The vertex that is used.
    pub(super) input: u32,
    /// How.
    #[cfg_attr(feature = "schema", schemars(with = "EdgeName"))]
    pub(super) kind: EdgeKind,
}

/// A foreign program that a command runs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ForeignReport {
    /// The program as the command names it.
    pub(super) program: String,
    /// Where it is, or the folder it is in.
    pub(super) path: String,
    /// The platform it is for.
    pub(super) platform: String,
    /// The image it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    /// The instruction that brought it.
    pub(super) line: Option<u32>,
}

/// A stage of the file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct StageReport {
    /// Its position in the file, from 0.
    pub(super) index: u32,
    /// Its name, in lower case.
    pub(super) name: Option<String>,
    /// The line of its `FROM`.
    pub(super) line: u32,
    /// Its Dockerfile, where there is a list of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<u32>,
    /// Whether any target platform needs it.
    pub(super) reachable: bool,
    /// The target platforms that need it.
    pub(super) targets: Vec<String>,
    /// Where it stops being one for all platforms; empty where it is whole.
    pub(super) splits: Vec<SplitReport>,
}

/// A place where platforms that shared a stage no longer do.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct SplitReport {
    /// The first line of the first instruction that differs.
    pub(super) line: u32,
    /// The node, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<String>,
    /// The groups of platforms from here on.
    pub(super) groups: Vec<Vec<String>>,
    /// Why.
    pub(super) reason: ReasonReport,
}

/// Why platforms part.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ReasonReport {
    /// `variable`, `stage-platform`, `copied-image`, `base`, `text`, `context` or `command-platform`.
    pub(super) code: &'static str,
    /// The reason for people.
    pub(super) text: String,
    /// The first line of the instruction that brought it in.
    pub(super) line: Option<u32>,
    /// The variable or image it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What differs, one for each group.
    pub(super) values: Vec<String>,
    /// The lines it came through, nearest to the split first.
    pub(super) via: Vec<u32>,
}

/// A place in the file. Lines and columns count from 1, columns in characters, offsets in bytes.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct SpanReport {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A file that cannot be built.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusalReport {
    /// `xsim.analysis/2`
    pub(super) schema: &'static str,
    /// The problem BuildKit would stop at.
    pub(super) error: ErrorReport,
    /// Further problems that stop the build.
    pub(super) errors: Vec<DiagnosticReport>,
    /// What rules find in the text besides.
    pub(super) findings: Vec<DiagnosticReport>,
}

/// The problem BuildKit would stop at.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ErrorReport {
    #[serde(flatten)]
    pub(super) problem: DiagnosticReport,
    /// The platforms that cannot be built because of it.
    pub(super) targets: Vec<String>,
}

#[cfg(feature = "schema")]
mod names {
    //! Closed sets as the schema shows them.
    #![allow(dead_code)] // only their shape is used

    #[derive(schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(in crate::report::json) enum KindName {
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
    pub(in crate::report) enum EdgeName {
        Base,
        Copy,
        Mount,
        Link,
    }
}
#[cfg(feature = "schema")]
pub(in crate::report) use names::EdgeName;
#[cfg(feature = "schema")]
use names::ExecutionName;
#[cfg(feature = "schema")]
pub(super) use names::KindName;
