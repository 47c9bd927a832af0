//! What a workflow costs, for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{FoundReport, found};
use super::workflow::WorkflowSubject;
use crate::builds::Builds;
use crate::pricing::Exported;
use crate::report::json::{QuantilesReport, quantiles, seconds};
use crate::report::json_text::write_json_lines;
use crate::workflow::{BuildCost, BuildTime, Found, LegTime, Times};

/// The version of this report.
const SCHEMA: &str = "xsim.workflow/1";

/// What a workflow costs. Times are in seconds.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Report {
    /// The version of this report: `xsim.workflow/1`.
    schema: &'static str,
    /// The workflow's file.
    workflow: String,
    /// Until the last job is done.
    total: TimesReport,
    /// Whether anything of it is not known, so that the total is a least.
    at_least: bool,
    /// Whether its jobs need each other in a circle, so that none begins.
    circle: bool,
    /// The jobs that make it as long as it is, in order, by their positions in `jobs`.
    longest: Vec<usize>,
    /// The time of all machines together, from nothing, in the median.
    machines_s: f64,
    /// The jobs that build or merge images, one for each leg of a matrix.
    jobs: Vec<JobReport>,
    /// The names of jobs that do neither, and are in no number.
    outside: Vec<String>,
    /// What was found in it.
    findings: Vec<FoundReport>,
}

/// How long something takes.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TimesReport {
    /// From nothing.
    cold: QuantilesReport,
    /// After a change of sources, with what caches keep; null where that is not known.
    again: Option<QuantilesReport>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    again_unknown: Option<String>,
}

/// A job on one machine.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JobReport {
    /// Its name, as GitHub lists it.
    name: String,
    /// Where it is declared.
    r#where: String,
    /// The label of its machine, as it is spelled; null where nothing names one.
    runner: Option<String>,
    /// The jobs that have to be done before, by their keys.
    needs: Vec<String>,
    /// Set-up and merges, with the start of the job, in the median.
    setup_s: f64,
    /// All that is known of it.
    time: TimesReport,
    /// Steps that are in no number.
    other_steps: usize,
    /// Why it is not known how many there are of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<String>,
    /// The workflow of another repository that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<String>,
    /// What it builds, in order.
    builds: Vec<CallReport>,
}

/// What one call of a builder builds.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct CallReport {
    /// Where it is declared.
    r#where: String,
    /// The Dockerfiles.
    dockerfiles: Vec<String>,
    /// What is not known of it, if its time is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
    /// Its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<TimesReport>,
    /// The machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    /// What of the machine is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed: Option<&'static str>,
    /// What it finds of the run before: `nothing`, `here`, `layers` of its images, `all`, `overwritten` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    /// Commands, and how many of them are emulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emulated: Option<usize>,
    /// Arguments that are not known, left at their defaults.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_at_default: Vec<String>,
}

fn times(times: &Times) -> TimesReport {
    TimesReport {
        cold: quantiles(times.cold),
        again: times.again.as_ref().ok().map(|again| quantiles(*again)),
        again_unknown: times.again.as_ref().err().cloned(),
    }
}

fn call(builds: &Builds, cost: &BuildCost) -> CallReport {
    let of = |at: &usize| builds.definitions.get(*at);
    let mut dockerfiles: Vec<String> =
        cost.definitions.iter().filter_map(of).map(|definition| definition.dockerfile.readable()).collect();
    dockerfiles.dedup();
    let known: Option<&BuildTime> = cost.time.as_ref().ok();
    CallReport {
        r#where: cost
            .definitions
            .first()
            .and_then(of)
            .map(|first| first.place.to_string())
            .unwrap_or_default(),
        dockerfiles,
        unknown: cost.time.as_ref().err().cloned(),
        time: known.map(|known| times(&known.times)),
        machine: known.map(|known| known.runner.machine.name.clone()),
        assumed: known.and_then(|known| known.runner.assumed),
        cache: known.map(|known| match known.found {
            Found::Nothing => "nothing",
            Found::Here => "here",
            Found::Kept(Exported::Min) => "layers",
            Found::Kept(Exported::Max) => "all",
            Found::Overwritten(_) => "overwritten",
            Found::Unknown(_) => "unknown",
        }),
        commands: known.map(|known| known.price.commands),
        emulated: known.map(|known| known.price.emulated),
        left_at_default: known.map(|known| known.doubts.clone()).unwrap_or_default(),
    }
}

fn job(builds: &Builds, time: &LegTime) -> JobReport {
    let leg = builds.legs.get(time.leg.index());
    let job = leg.and_then(|leg| builds.jobs.get(leg.job.index()));
    let needs = job.into_iter().flat_map(|job| &job.needs).filter_map(|need| builds.jobs.get(need.index()));
    JobReport {
        name: leg.map(|leg| leg.name.clone()).unwrap_or_default(),
        r#where: job.map(|job| job.place.to_string()).unwrap_or_default(),
        runner: leg.and_then(|leg| leg.runner.as_ref()).map(crate::builds::Text::readable),
        needs: needs.map(|job| job.name.clone()).collect(),
        setup_s: seconds(time.setup),
        time: times(&time.times),
        other_steps: time.others,
        open: job.and_then(|job| job.open.clone()),
        elsewhere: leg.and_then(|leg| leg.elsewhere.clone()),
        builds: time.builds.iter().map(|cost| call(builds, cost)).collect(),
    }
}

/// Writes what a workflow costs as JSON; its fields are described in `docs/builds.md`.
///
/// # Errors
///
/// Those of the writer.
pub fn workflow_json(subject: &WorkflowSubject<'_>, out: &mut dyn Write) -> io::Result<()> {
    let WorkflowSubject { workflow, builds, .. } = *subject;
    let position = |leg| workflow.legs.iter().position(|time| time.leg == leg);
    let report = Report {
        schema: SCHEMA,
        workflow: workflow.file.clone(),
        total: times(&workflow.times),
        at_least: workflow.is_least,
        circle: workflow.is_circle,
        longest: workflow.chain.iter().filter_map(|leg| position(*leg)).collect(),
        machines_s: seconds(workflow.machines),
        jobs: workflow.legs.iter().map(|time| job(builds, time)).collect(),
        outside: workflow
            .outside
            .iter()
            .filter_map(|leg| builds.legs.get(leg.index()))
            .map(|leg| leg.name.clone())
            .collect(),
        findings: found(subject.sources, subject.findings),
    };
    write_json_lines(&report, out)
}

/// The JSON Schema of [`workflow_json`].
#[cfg(feature = "schema")]
pub fn workflow_schema() -> serde_json::Value {
    // Of what is written: fields that may be left out are not required.
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Report>().to_value()
}
