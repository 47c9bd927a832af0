//! The contract of comparisons: `xsim.comparison/2`. Times are in seconds, rounded to milliseconds.

use serde::Serialize;

use super::diagnostic::DiagnosticReport;
use super::shape::ErrorReport;
use super::time::{QuantilesReport, quantiles, seconds};
use super::{diagnostic_report, names_of};
use crate::compare::{BuildIx, Change, Odds, Pair, Row, Step, Totals, Verdict};
use crate::graph::Refusal;
use crate::graph::vertex::VertexKind;
use crate::model::platform::Platform;
use crate::pricing::NOT_INCLUDED;
use crate::report::compare::{ComparisonSubject, letter};
use crate::report::json_text::write_json;
use crate::source::Source;
use crate::units::NanosChange;

#[cfg(feature = "schema")]
use super::shape::KindName;

/// The name and version of the contract.
pub const COMPARISON_SCHEMA: &str = "xsim.comparison/2";

/// A comparison, or why there is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ComparisonOutcome {
    /// Every file can be built.
    Comparison(Box<ComparisonReport>),
    /// One of the files cannot be built.
    Refusal(Box<ComparisonRefusal>),
}

/// Builds side by side.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparisonReport {
    /// `xsim.comparison/2`
    schema: &'static str,
    /// The platform of the node that builds; of the first node where there are several.
    build_platform: String,
    /// The name of the machine.
    machine: String,
    /// Each build in numbers, in the order given. Other parts name a build by its place here, from 0.
    builds: Vec<BuildReport>,
    /// Each build but the first beside the first.
    pairs: Vec<PairReport>,
    /// What it comes to: of two builds the later beside the earlier, of more the fastest beside the next.
    verdict: Option<VerdictReport>,
    /// What follows the last step, and is in none of the times.
    not_included: [&'static str; 3],
}

/// A build in numbers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct BuildReport {
    file: String,
    total: QuantilesReport,
    /// Core-seconds, what emulation adds included.
    core_s: f64,
    /// Core-seconds that emulation adds.
    emulation_s: f64,
    /// Vertices that run.
    vertices: usize,
    /// The most that run at once.
    peak_steps: usize,
    /// The most memory held at once.
    peak_memory_bytes: u64,
    platforms: Vec<FinishReport>,
}

/// When a platform is done.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct FinishReport {
    platform: String,
    #[serde(flatten)]
    finish: QuantilesReport,
}

/// A build beside the first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PairReport {
    before: u32,
    after: u32,
    odds: OddsReport,
    /// A step of either build or of both, in the order of the later file, what is gone where it was.
    steps: Vec<RowReport>,
}

/// How the later build does in simulated builds in which both have the same luck.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct OddsReport {
    /// Simulated builds.
    runs: usize,
    /// The share of them in which the later build is faster.
    faster: f64,
    /// The share in which it is slower.
    slower: f64,
    /// The share in which it is faster by more than repeats of one build differ.
    clearly_faster: f64,
    /// The share in which it is slower by more than that.
    clearly_slower: f64,
    /// The time of the earlier build divided by that of the later: P10, P50 and P90.
    ratio: [f64; 3],
}

/// What became of a step.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct RowReport {
    #[cfg_attr(feature = "schema", schemars(with = "KindName"))]
    kind: VertexKind,
    /// The most important that became of it: `new`, `gone`, `now native`, `now emulated`, `now shared`, `now split`,
    /// `changed`, `moved` or `kept`.
    change: &'static str,
    /// What else became of it.
    also: Vec<&'static str>,
    /// The step in the earlier build; null where it is new.
    before: Option<StepReport>,
    /// The step in the later build; null where it is gone.
    after: Option<StepReport>,
    /// The change of `time_s`, in seconds; below 0 where it is shorter.
    time_change_s: f64,
    /// The change of `path_s`. Over all steps these add up to the change of the median build.
    path_change_s: f64,
    /// The change of `core_s`.
    core_change_s: f64,
    /// The change of `emulation_s`.
    emulation_change_s: f64,
}

/// A step of a build: the vertices of one kind that one instruction became.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct StepReport {
    /// The first line of each instruction it stands for; empty where none owns it.
    lines: Vec<u32>,
    /// The stage: its name, or its number where it has none; null where no instruction owns the step.
    stage: Option<String>,
    /// The instruction as written or what it does, without line breaks, cut where it is long.
    text: String,
    /// How often it runs.
    runs: usize,
    /// Target platforms that need it.
    targets: usize,
    /// Runs under emulation.
    emulated: usize,
    /// Native runs with a foreign program under emulation.
    mixed: usize,
    /// Native runs that build for another platform.
    crossing: usize,
    /// Runs that cannot be.
    unsupported: usize,
    /// How long its runs take together in the median build, in seconds, waiting for slots and locks left out.
    time_s: f64,
    /// The part of the critical path that its runs are.
    path_s: f64,
    /// Core-seconds, what emulation adds included.
    core_s: f64,
    /// Core-seconds that emulation adds.
    emulation_s: f64,
}

/// What a comparison comes to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct VerdictReport {
    /// How `after` stands to `before`: `same`, `alike` (they differ by less than repeats of one build do), `unsure` (the
    /// difference is within the uncertainty), `faster` or `slower`.
    standing: &'static str,
    before: u32,
    after: u32,
    odds: OddsReport,
    /// The same in a sentence, which calls the builds A, B and so on.
    text: String,
}

/// Why there is no comparison.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparisonRefusal {
    /// `xsim.comparison/2`
    schema: &'static str,
    /// The file that cannot be built.
    file: String,
    /// The problem BuildKit would stop at.
    error: ErrorReport,
    /// Further problems that stop the build.
    errors: Vec<DiagnosticReport>,
}

/// The JSON Schema of [`ComparisonOutcome`].
#[cfg(feature = "schema")]
pub fn comparison_schema() -> serde_json::Value {
    schemars::schema_for!(ComparisonOutcome).to_value()
}

/// A comparison as a line of JSON.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn comparison_json(subject: &ComparisonSubject<'_>, out: impl std::io::Write) -> std::io::Result<()> {
    let comparison = subject.comparison;
    let report = ComparisonReport {
        schema: COMPARISON_SCHEMA,
        build_platform: subject.build_platform.to_owned(),
        machine: subject.terms.machine.name.clone(),
        builds: comparison.builds.iter().map(build_report).collect(),
        pairs: comparison.pairs.iter().map(pair_report).collect(),
        verdict: comparison.verdict.as_ref().map(verdict_report),
        not_included: NOT_INCLUDED,
    };
    write_json(&ComparisonOutcome::Comparison(Box::new(report)), out)
}

/// The refusal of one of the files as a line of JSON.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn comparison_refusal_json(
    source: &Source,
    refusal: &Refusal,
    targets: &[Platform],
    out: impl std::io::Write,
) -> std::io::Result<()> {
    let lines = source.lines();
    let report = ComparisonRefusal {
        schema: COMPARISON_SCHEMA,
        file: source.name().to_owned(),
        error: ErrorReport {
            problem: diagnostic_report(&refusal.error, source, &lines),
            targets: names_of(refusal.targets, targets),
        },
        errors: refusal.others.iter().map(|problem| diagnostic_report(problem, source, &lines)).collect(),
    };
    write_json(&ComparisonOutcome::Refusal(Box::new(report)), out)
}

fn build_report(build: &Totals) -> BuildReport {
    let finish = |(platform, finish): &(String, _)| FinishReport {
        platform: platform.clone(),
        finish: quantiles(*finish),
    };
    BuildReport {
        file: build.name.clone(),
        total: quantiles(build.total),
        core_s: seconds(build.core_time),
        emulation_s: seconds(build.emulation),
        vertices: build.vertices,
        peak_steps: build.peaks.tasks,
        peak_memory_bytes: build.peaks.memory.0,
        platforms: build.finish.iter().map(finish).collect(),
    }
}

fn pair_report(pair: &Pair) -> PairReport {
    PairReport {
        before: 0,
        after: pair.after.0,
        odds: odds_report(&pair.odds),
        steps: pair.rows.iter().map(row_report).collect(),
    }
}

fn odds_report(odds: &Odds) -> OddsReport {
    OddsReport {
        runs: odds.runs,
        faster: rounded(odds.faster),
        slower: rounded(odds.slower),
        clearly_faster: rounded(odds.clearly_faster),
        clearly_slower: rounded(odds.clearly_slower),
        ratio: odds.ratio.map(rounded),
    }
}

fn row_report(row: &Row) -> RowReport {
    RowReport {
        kind: row.kind(),
        change: row.change().as_str(),
        also: row.changes.iter().skip(1).map(|change| Change::as_str(*change)).collect(),
        before: row.before.as_ref().map(step_report),
        after: row.after.as_ref().map(step_report),
        time_change_s: change_seconds(row.time()),
        path_change_s: change_seconds(row.path()),
        core_change_s: change_seconds(row.core_time()),
        emulation_change_s: change_seconds(row.emulation()),
    }
}

fn step_report(step: &Step) -> StepReport {
    StepReport {
        lines: step.lines.iter().map(|line| line.0).collect(),
        stage: step.stage.clone(),
        text: step.text.clone(),
        runs: step.runs,
        targets: step.targets,
        emulated: step.emulated,
        mixed: step.mixed,
        crossing: step.crossing,
        unsupported: step.unsupported,
        time_s: seconds(step.time),
        path_s: seconds(step.path),
        core_s: seconds(step.core_time),
        emulation_s: seconds(step.emulation),
    }
}

fn verdict_report(verdict: &Verdict) -> VerdictReport {
    VerdictReport {
        standing: verdict.standing.as_str(),
        before: verdict.before.0,
        after: verdict.after.0,
        odds: odds_report(&verdict.odds),
        text: verdict.sentence(|build: BuildIx| letter(build)),
    }
}

/// A change to milliseconds.
fn change_seconds(change: NanosChange) -> f64 {
    let size = seconds(change.size());
    if change.is_shorter() && size > 0.0 { -size } else { size }
}

/// To three decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
