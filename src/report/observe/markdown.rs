//! What really happened, for a pull request or a job summary.
//!
//! Everything from a log is written so that it is no Markdown, no markup, no link, no mention and no command to a runner.

use std::fmt::Write as _;

use super::picture::summary;
use super::words::{does, lengths, one_line, platform, stage, took};
use super::{Beside, ObserveSubject};
use crate::ingest::{Outcome, StepIx};
use crate::report::escape::{count, cut, markdown, markdown_code};
use crate::units::Nanos;

/// Rows of a table.
const ROWS: usize = 12;
/// Letters of a step in a table.
const MOST_TEXT: usize = 90;
/// Steps that failed whose last lines are told.
const MOST_FAILED: usize = 3;

/// The report of builds.
pub fn observe_markdown(subjects: &[ObserveSubject<'_>]) -> String {
    let mut out = String::new();
    for subject in subjects {
        let _ = writeln!(out, "### {}\n\n{}\n", code(subject.name), markdown(&summary(subject)));
        verdict(&mut out, subject);
        path(&mut out, subject);
        costliest(&mut out, subject);
        exports(&mut out, subject);
        failed(&mut out, subject);
    }
    out
}

fn code(text: &str) -> String {
    markdown_code(&cut(&one_line(text), MOST_TEXT, "…"))
}

/// A step with its stage and platform.
fn named(subject: &ObserveSubject<'_>, step: StepIx) -> String {
    let known = subject.build.step(step);
    let around = [stage(known), platform(known)].into_iter().filter(|word| !word.is_empty());
    let around = markdown(&around.collect::<Vec<_>>().join(" "));
    format!("{} {around}", code(&does(known))).trim_end().to_owned()
}

fn verdict(out: &mut String, subject: &ObserveSubject<'_>) {
    let Some(beside) = &subject.beside else { return };
    let file = code(beside.build.name());
    if beside.matching.is_foreign() {
        let _ = writeln!(out, "- the log is most likely not one of {file}");
    } else {
        let disagreements: Vec<_> = beside.agreement.disagreements().collect();
        let agreed = count(beside.agreement.agreed, "step");
        if disagreements.is_empty() {
            let _ = writeln!(out, "- the graph of {file} is what xsim says: {agreed} agree");
        } else {
            let _ =
                writeln!(out, "- {agreed} agree with the graph of {file}, {} do not:", disagreements.len());
        }
        for difference in disagreements.iter().take(ROWS) {
            let step = difference.step.map_or_else(String::new, |step| format!(": {}", named(subject, step)));
            let _ = writeln!(
                out,
                "  - {} {}{step}",
                beside.places().line(difference.at),
                difference.reason.as_str()
            );
        }
        let total = beside.forecast.total;
        let _ = writeln!(
            out,
            "- forecast with nothing cached: {}, 8 of 10 builds {} to {}",
            total.p50, total.p10, total.p90
        );
    }
    out.push('\n');
}

fn path(out: &mut String, subject: &ObserveSubject<'_>) {
    let lengths = lengths(subject.observation);
    let duration = |step: StepIx| lengths.get(&step).copied().unwrap_or_default();
    let mut steps: Vec<(Nanos, StepIx)> =
        subject.observation.path.iter().map(|step| (duration(step.step), step.step)).collect();
    steps.retain(|(took, _)| *took > subject.observation.makespan * 0.01);
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(out, "The end depends on, {}:\n", subject.observation.proof.as_str());
    for (took, step) in steps.iter().take(ROWS) {
        let _ = writeln!(out, "1. {took} {}", named(subject, *step));
    }
    out.push('\n');
}

fn costliest(out: &mut String, subject: &ObserveSubject<'_>) {
    let forecast = subject.beside.as_ref().filter(|beside| !beside.matching.is_foreign());
    let mut runs: Vec<usize> = (0..subject.observation.runs.len()).collect();
    let took_of = |at: &usize| subject.observation.runs[*at].duration;
    runs.retain(|at| took_of(at) > subject.observation.makespan * 0.01);
    runs.sort_by_key(|at| (std::cmp::Reverse(took_of(at)), *at));
    if runs.is_empty() {
        return;
    }
    let _ = writeln!(out, "| line | step | how | took | forecast |\n| ---: | --- | --- | ---: | ---: |");
    for at in runs.into_iter().take(ROWS) {
        let run = &subject.observation.runs[at];
        let step = subject.build.step(run.step);
        let expected = |beside: &Beside<'_>| beside.forecast.runs.get(at).copied().flatten();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            run.at.map_or_else(String::new, |at| subject.short(at)),
            named(subject, run.step),
            super::words::mode(run).map_or("", crate::report::picture::view::Mode::shown),
            took(step, run),
            forecast.and_then(expected).map_or_else(String::new, |expected| expected.to_string())
        );
    }
    out.push('\n');
}

fn exports(out: &mut String, subject: &ObserveSubject<'_>) {
    for phase in &subject.observation.summary.exports {
        let parts = phase.parts.iter().filter(|part| part.duration > phase.duration * 0.05);
        let parts: Vec<String> =
            parts.take(6).map(|part| format!("{} {}", code(&part.name), part.duration)).collect();
        let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        let _ = writeln!(out, "- {} took {}{parts}", code(&phase.name), phase.duration);
    }
    if !subject.observation.summary.exports.is_empty() {
        out.push('\n');
    }
}

fn failed(out: &mut String, subject: &ObserveSubject<'_>) {
    let failed = (0..subject.build.steps.len()).map(StepIx::new);
    let failed = failed.filter(|step| subject.build.step(*step).outcome == Outcome::Failed);
    for at in failed.take(MOST_FAILED) {
        let step = subject.build.step(at);
        let _ = writeln!(out, "**Failed:** {}\n", named(subject, at));
        if let Some(error) = &step.error {
            let _ = writeln!(out, "{}\n", markdown(&cut(&one_line(error), 400, "…")));
        }
        if !step.output.is_empty() {
            let lines: Vec<String> = step.output.iter().map(|line| markdown(line)).collect();
            let _ = writeln!(out, "<pre>\n{}\n</pre>\n", lines.join("\n"));
        }
    }
}
