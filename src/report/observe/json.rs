//! What really happened, for programs: `xsim.observation/1`.

use serde::Serialize;

use super::ObserveSubject;
use crate::ingest::{Outcome, StepIx, Subject};
use crate::observe::{How, Proof};
use crate::report::json_text::json_line;
use crate::units::Nanos;

/// The name and version of the contract.
pub const OBSERVATION_SCHEMA: &str = "xsim.observation/1";

/// Builds that were logged.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ObservationReport {
    /// `xsim.observation/1`
    schema: &'static str,
    /// The builds, in the order of their logs.
    builds: Vec<BuildReport>,
}

/// A build.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct BuildReport {
    /// The name of its log.
    name: String,
    /// How long it took, in seconds.
    seconds: f64,
    /// Whether the log tells when steps ran; if not, each stands as early as its order allows.
    timed: bool,
    /// By what steps are known to wait for each other: `inputs`, `dockerfile`, `stage`, `time`.
    order: &'static str,
    /// The machine that it is believed to have run on.
    machine: MachineReport,
    /// The build in numbers.
    summary: SummaryReport,
    /// The steps of the log, in its order.
    steps: Vec<StepReport>,
    /// The chain of steps that decided its end, by their number.
    critical_path: Vec<usize>,
    /// Exports, pushes and caches.
    exports: Vec<ExportReport>,
    /// What the Dockerfile adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    dockerfile: Option<DockerfileReport>,
    /// What of the log could not be used; empty where all could.
    problems: String,
}

/// A machine.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct MachineReport {
    name: String,
    cores: f64,
    /// By what; absent where the log says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

/// A build in numbers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SummaryReport {
    ran: usize,
    cached: usize,
    not_started: usize,
    failed: usize,
    canceled: usize,
    unfinished: usize,
    /// Seconds of all commands, added up.
    command_seconds: f64,
    /// Seconds of them under emulation.
    emulated_seconds: f64,
    /// Seconds until the first step began.
    before_seconds: f64,
    /// Seconds in which no step ran, between the first and the last.
    between_seconds: f64,
    /// Steps at once on average, while any ran.
    at_once: f64,
    /// Cores that were busy on average, by the builder's counters.
    #[serde(skip_serializing_if = "Option::is_none")]
    busy_cores: Option<f64>,
}

/// A step of the log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct StepReport {
    /// Its number in this report.
    id: usize,
    name: String,
    /// `run`, `from`, `file`, `link`, `internal`, `export`, `other`
    kind: &'static str,
    /// `done`, `cached`, `not-started`, `failed`, `canceled`, `unfinished`
    outcome: &'static str,
    /// Seconds from the start of the build; absent for what never began and for short steps of BuildKit's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<f64>,
    /// Seconds of work, without gaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// Seconds that it waited although all it needs was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited: Option<f64>,
    /// `native`, `cross`, `mixed`, `emulated`; of commands only.
    #[serde(skip_serializing_if = "Option::is_none")]
    execution: Option<&'static str>,
    /// The platform that its name tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// The line of its instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// The Dockerfile, where the build has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Seconds that it was to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The last lines that it printed, if it failed or never ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output: Vec<String>,
}

/// Work after the steps.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ExportReport {
    name: String,
    seconds: f64,
    parts: Vec<PartReport>,
}

/// A part of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PartReport {
    name: String,
    seconds: f64,
}

/// What the Dockerfile adds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct DockerfileReport {
    name: String,
    /// Whether the log is most likely of another file; then nothing else here means anything.
    foreign: bool,
    /// Whether the graph is what xsim says.
    agrees: bool,
    /// Steps that are a vertex of the graph.
    agreed: usize,
    differences: Vec<DifferenceReport>,
    /// Seconds that the build was to take with nothing cached: one in ten is faster, the median, one in ten is slower.
    forecast: [f64; 3],
}

/// A difference between log and graph.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct DifferenceReport {
    line: u32,
    /// The Dockerfile, where the build has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The step, where the log has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    /// `more-often`, `elsewhere`, `less-often`, `not-named`, `merged`, `again`, `reworded`
    reason: &'static str,
    /// Whether it is known and says nothing against the graph.
    explained: bool,
}

/// The JSON Schema of `ObservationReport`.
#[cfg(feature = "schema")]
pub fn observation_schema() -> serde_json::Value {
    schemars::schema_for!(ObservationReport).to_value()
}

/// Builds as a line of JSON.
///
/// # Errors
/// None in practice: everything has a form in JSON.
pub fn observe_json(subjects: &[ObserveSubject<'_>]) -> serde_json::Result<String> {
    let report =
        ObservationReport { schema: OBSERVATION_SCHEMA, builds: subjects.iter().map(build).collect() };
    json_line(&report)
}

fn seconds(time: Nanos) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

fn build(subject: &ObserveSubject<'_>) -> BuildReport {
    let (observation, summary) = (subject.observation, &subject.observation.summary);
    let machine = &subject.belief.machine;
    BuildReport {
        name: subject.name.to_owned(),
        seconds: seconds(observation.makespan),
        timed: observation.is_timed,
        order: match observation.proof {
            Proof::Inputs => "inputs",
            Proof::Dockerfile => "dockerfile",
            Proof::Stage => "stage",
            Proof::Time => "time",
        },
        machine: MachineReport {
            name: machine.name.clone(),
            cores: machine.nodes.first().map_or(0.0, |node| node.cores),
            because: subject.belief.because.clone(),
        },
        summary: SummaryReport {
            ran: summary.ran,
            cached: summary.cached,
            not_started: summary.not_started,
            failed: summary.failed,
            canceled: summary.canceled,
            unfinished: summary.unfinished,
            command_seconds: seconds(summary.commands),
            emulated_seconds: seconds(summary.emulated),
            before_seconds: seconds(summary.before),
            between_seconds: seconds(summary.between),
            at_once: (summary.at_once * 1e3).round() / 1e3,
            busy_cores: summary.busy.map(|cores| (cores * 1e3).round() / 1e3),
        },
        steps: steps(subject),
        critical_path: observation.path.iter().map(|step| step.step.index()).collect(),
        exports: summary
            .exports
            .iter()
            .map(|phase| ExportReport {
                name: phase.name.clone(),
                seconds: seconds(phase.duration),
                parts: phase
                    .parts
                    .iter()
                    .map(|part| PartReport { name: part.name.to_string(), seconds: seconds(part.duration) })
                    .collect(),
            })
            .collect(),
        dockerfile: subject.beside.as_ref().map(|beside| DockerfileReport {
            name: beside.build.name().to_owned(),
            foreign: beside.matching.is_foreign(),
            agrees: !beside.matching.is_foreign() && beside.agreement.disagreements().next().is_none(),
            agreed: beside.agreement.agreed,
            differences: beside
                .agreement
                .differences
                .iter()
                .map(|difference| DifferenceReport {
                    line: difference.at.line.0,
                    file: beside.file_of(difference.at),
                    step: difference.step.map(StepIx::index),
                    reason: difference.reason.name(),
                    explained: difference.reason.is_explained(),
                })
                .collect(),
            forecast: {
                let total = beside.forecast.total;
                [total.p10, total.p50, total.p90].map(seconds)
            },
        }),
        problems: subject.build.problems.to_string(),
    }
}

fn steps(subject: &ObserveSubject<'_>) -> Vec<StepReport> {
    let mut runs = vec![None; subject.build.steps.len()];
    for (at, run) in subject.observation.runs.iter().enumerate() {
        let expected =
            subject.beside.as_ref().and_then(|beside| beside.forecast.runs.get(at).copied().flatten());
        runs[run.step.index()] = Some((run, expected));
    }
    let step = |(id, step): (usize, &crate::ingest::ObservedStep)| {
        let (run, expected) = runs[id].unzip();
        let label = step.label();
        StepReport {
            id,
            name: step.name.to_string(),
            kind: kind(label.subject),
            outcome: outcome(step.outcome),
            start: run.map(|run| seconds(run.start)),
            end: run.map(|run| seconds(run.end)),
            seconds: run.map(|run| seconds(run.duration)).or_else(|| step.duration.map(seconds)),
            waited: run
                .map(crate::observe::ObservedRun::wait)
                .filter(|wait| *wait > Nanos::ZERO)
                .map(seconds),
            execution: run.and_then(|run| run.how).map(|how| match how {
                How::Native => "native",
                How::Cross => "cross",
                How::Mixed => "mixed",
                How::Emulated => "emulated",
            }),
            platform: label.platform.map(str::to_owned),
            line: run.and_then(|run| run.at).map(|at| at.line.0),
            file: run.and_then(|run| subject.beside.as_ref()?.file_of(run.at?)),
            forecast: expected.flatten().map(seconds),
            error: step.error.as_deref().map(str::to_owned),
            output: step.output.iter().map(ToString::to_string).collect(),
        }
    };
    subject.build.steps.iter().enumerate().map(step).collect()
}

const fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Run => "run",
        Subject::From => "from",
        Subject::File => "file",
        Subject::Link => "link",
        Subject::Internal => "internal",
        Subject::Export => "export",
        Subject::Other => "other",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Cached => "cached",
        Outcome::NeverStarted => "not-started",
        Outcome::Failed => "failed",
        Outcome::Canceled => "canceled",
        Outcome::Unfinished => "unfinished",
    }
}
