//! What really happened, as a page: the picture, and what is said of it. The page runs nothing and fetches nothing.

use askama::Template;

use super::ObserveSubject;
use super::picture::{observed_view, summary};
use super::words::{does, lengths, one_line, platform, stage, took};
use crate::ingest::{Outcome, StepIx};
use crate::report::escape::visible;
use crate::report::page::{BASE_STYLE, style_policy};
use crate::report::picture::timeline::{DrawingError, WIDTH, timeline_style, timeline_svg};

/// Why a page could not be made: never, as a string takes everything.
#[derive(Debug)]
#[non_exhaustive]
pub enum PageError {
    /// The template.
    Template(askama::Error),
    /// The picture.
    Drawing(DrawingError),
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Template(error) => error.fmt(f),
            Self::Drawing(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PageError {}

/// What this page adds to the style sheet of all pages.
const STYLE: &str = include_str!("observe.css");
/// Steps of which the last lines are told.
const MOST_FAILED: usize = 20;
/// Rows of a list.
const MOST_ROWS: usize = 200;

#[derive(Template)]
#[template(path = "observe.html", config = "src/report/observe/askama.toml")]
struct Page {
    title: String,
    policy: String,
    style: String,
    builds: Vec<BuildPage>,
}

/// A build on the page.
struct BuildPage {
    name: String,
    summary: String,
    machine: String,
    svg: String,
    proof: &'static str,
    path: Vec<(String, String)>,
    exports: Vec<(String, String)>,
    failed: Vec<FailedStep>,
    verdict: Option<(bool, String)>,
    differences: Vec<(String, bool)>,
    steps: Vec<Row>,
}

struct FailedStep {
    name: String,
    error: String,
    output: String,
}

struct Row {
    line: String,
    text: String,
    around: String,
    how: &'static str,
    took: String,
    forecast: String,
}

/// The page of builds.
///
/// # Errors
/// None in practice: only where memory refuses to be written to.
pub fn observe_html(subjects: &[ObserveSubject<'_>]) -> Result<String, PageError> {
    let builds =
        subjects.iter().map(build).collect::<Result<Vec<_>, DrawingError>>().map_err(PageError::Drawing)?;
    let names: Vec<&str> = builds.iter().map(|build| build.name.as_str()).collect();
    let title = names.join(", ");
    let style = [BASE_STYLE, STYLE].concat();
    let policy = style_policy(&[&style, &timeline_style()]);
    Page { title, policy, style, builds }.render().map_err(PageError::Template)
}

fn named(subject: &ObserveSubject<'_>, step: StepIx) -> String {
    let known = subject.build.step(step);
    let around = [stage(known), platform(known)].into_iter().filter(|word| !word.is_empty());
    let around = around.collect::<Vec<_>>().join(" ");
    if around.is_empty() { does(known) } else { format!("[{around}] {}", does(known)) }
}

fn build(subject: &ObserveSubject<'_>) -> Result<BuildPage, DrawingError> {
    let observation = subject.observation;
    let belief = subject.belief;
    let lengths = lengths(observation);
    let length = |step: StepIx| lengths.get(&step).copied().unwrap_or_default();
    let path = observation.path.iter().map(|step| (length(step.step), step.step));
    let path = path.filter(|(took, _)| *took > observation.makespan * 0.01);
    let failed = (0..subject.build.steps.len()).map(StepIx::new);
    let failed = failed.filter(|step| {
        let step = subject.build.step(*step);
        step.outcome == Outcome::Failed || step.outcome == Outcome::Unfinished && !step.output.is_empty()
    });
    let failed = failed.take(MOST_FAILED).map(|at| {
        let step = subject.build.step(at);
        let output: Vec<_> = step.output.iter().map(|line| visible(line).into_owned()).collect();
        FailedStep {
            name: named(subject, at),
            error: step.error.as_deref().map(one_line).unwrap_or_default(),
            output: output.join("\n"),
        }
    });
    let (verdict, differences) = verdict(subject);
    Ok(BuildPage {
        name: one_line(subject.name),
        summary: summary(subject),
        machine: match &belief.because {
            Some(because) => format!("Believed to have run on {} ({because}).", belief.machine.name),
            None => format!("Nothing says on what it ran; taken for {}.", belief.machine.name),
        },
        svg: timeline_svg(&observed_view(subject), WIDTH)?,
        proof: observation.proof.as_str(),
        path: path.take(MOST_ROWS).map(|(took, step)| (took.to_string(), named(subject, step))).collect(),
        exports: exports(subject),
        failed: failed.collect(),
        verdict,
        differences,
        steps: rows(subject),
    })
}

fn exports(subject: &ObserveSubject<'_>) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for phase in subject.observation.summary.exports.iter().take(MOST_ROWS) {
        rows.push((phase.duration.to_string(), one_line(&phase.name)));
        let parts = phase.parts.iter().filter(|part| part.duration > phase.duration * 0.05);
        rows.extend(parts.map(|part| (part.duration.to_string(), format!("· {}", one_line(&part.name)))));
    }
    rows
}

/// Whether the graph is what xsim says, in words, and the differences with whether they are explained.
#[allow(clippy::type_complexity)]
fn verdict(subject: &ObserveSubject<'_>) -> (Option<(bool, String)>, Vec<(String, bool)>) {
    let Some(beside) = &subject.beside else { return (None, Vec::new()) };
    let file = one_line(beside.build.name());
    if beside.matching.is_foreign() {
        return (Some((false, format!("The log is most likely not one of {file}."))), Vec::new());
    }
    let agreement = beside.agreement;
    let count = agreement.disagreements().count();
    let total = beside.forecast.total;
    let words = if count == 0 {
        format!("The graph of {file} is what xsim says: {} steps agree.", agreement.agreed)
    } else {
        format!("{} steps agree with the graph of {file}, {count} do not.", agreement.agreed)
    };
    let words = format!(
        "{words} Forecast with nothing cached: {}, 8 of 10 builds {} to {}.",
        total.p50, total.p10, total.p90
    );
    let rows = agreement.differences.iter().take(MOST_ROWS).map(|difference| {
        let step = difference.step.map_or_else(String::new, |step| format!(": {}", named(subject, step)));
        let text = format!("{} {}{step}", beside.places().line(difference.at), difference.reason.as_str());
        (text, difference.reason.is_explained())
    });
    (Some((count == 0, words)), rows.collect())
}

fn rows(subject: &ObserveSubject<'_>) -> Vec<Row> {
    let row = |(at, run): (usize, &crate::observe::ObservedRun)| {
        let step = subject.build.step(run.step);
        let expected =
            subject.beside.as_ref().and_then(|beside| beside.forecast.runs.get(at).copied().flatten());
        Row {
            line: run.at.map_or_else(String::new, |at| subject.short(at)),
            text: does(step),
            around: [stage(step), platform(step)].join(" ").trim().to_owned(),
            how: super::words::mode(run).map_or("", crate::report::picture::view::Mode::shown),
            took: took(step, run),
            forecast: expected.map_or_else(String::new, |expected| expected.to_string()),
        }
    };
    subject.observation.runs.iter().enumerate().take(MOST_ROWS).map(row).collect()
}
