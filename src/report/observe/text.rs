//! What really happened, for people.

use super::chart::chart;
use super::words::{does, lengths, one_line, percent, platform, stage};
use super::{Beside, ObserveSubject};
use crate::ingest::{Outcome, StepIx};
use crate::observe::Proof;
use crate::report::escape::{count, cut, visible, wrap};
use crate::report::style::{Paint, Style};
use crate::report::terminal::heading;
use crate::units::Nanos;

/// Steps of the chain that are told; the shortest are left out.
const MOST_OF_PATH: usize = 12;
/// Steps that went wrong of which the last lines are told.
const MOST_FAILED: usize = 5;
/// Differences between log and graph that are told.
const MOST_DIFFERENCES: usize = 20;
/// Steps whose forecast was missed most.
const MOST_MISSED: usize = 5;

/// The report of a build.
pub fn observe_text(subject: &ObserveSubject<'_>, style: Style) -> String {
    let mut lines = head(subject, style);
    let parts = [
        chart(subject, style),
        path(subject, style),
        exports(subject, style),
        failed(subject, style),
        beside(subject, style),
    ];
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        lines.push(String::new());
        lines.extend(part);
    }
    let mut text = String::new();
    for line in &lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// How long, how many steps, on what.
fn head(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let (observation, build) = (subject.observation, subject.build);
    let summary = &observation.summary;
    let counts = [
        (summary.ran, "ran"),
        (summary.cached, "cached"),
        (summary.failed, "failed"),
        (summary.canceled, "stopped"),
        (summary.unfinished, "unfinished"),
        (summary.not_started, "not begun"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let all = summary.ran
        + summary.cached
        + summary.failed
        + summary.canceled
        + summary.unfinished
        + summary.not_started;
    let took = if observation.is_timed || build.stated.is_some() {
        format!("took {}", observation.makespan)
    } else {
        format!("took at least {}", observation.makespan)
    };
    let steps = match all {
        0 => "no step of a Dockerfile".to_owned(),
        _ => format!("{}, {}", count(all, "step"), counts.join(", ")),
    };
    let title = format!("{} {took}: {steps}", visible(subject.name));
    let mut lines: Vec<String> =
        wrap(&title, style.columns()).iter().map(|line| style.paint(Paint::Strong, line)).collect();
    let mut facts = Vec::new();
    if summary.commands > Nanos::ZERO {
        let share = percent(summary.emulated, summary.commands);
        facts.push(format!("commands took {} added up, {share} of it under emulation", summary.commands));
    }
    if summary.at_once > 0.0 && observation.is_timed {
        facts.push(format!("{:.1} steps at once on average", summary.at_once));
    }
    if let Some(busy) = summary.busy {
        let cores = subject.belief.machine.nodes.first().map_or(0.0, |node| node.cores);
        facts.push(format!("{busy:.1} of {cores} cores busy by the builder's counters"));
    }
    facts.push(match &subject.belief.because {
        Some(because) => format!("believed to have run on {} ({because})", subject.belief.machine.name),
        None => format!("nothing says on what it ran; taken for {}", subject.belief.machine.name),
    });
    if !observation.is_timed {
        facts.push(
            "the log tells how long steps took, not when: what ran beside what is not known".to_owned(),
        );
    }
    let problems = build.problems.to_string();
    if !problems.is_empty() {
        facts.push(format!("of the log: {problems}"));
    }
    lines.extend(
        wrap(&visible(&facts.join("; ")), style.columns().saturating_sub(2))
            .iter()
            .map(|line| format!("  {line}")),
    );
    if observation.finish.len() > 1 && observation.is_timed {
        let ends: Vec<String> =
            observation.finish.iter().map(|(at, name)| format!("{} after {at}", one_line(name))).collect();
        lines.extend(
            wrap(&format!("done: {}", ends.join(", ")), style.columns().saturating_sub(2))
                .iter()
                .map(|line| format!("  {line}")),
        );
    }
    lines
}

/// A step in a line: stage, what it does, for which platform.
fn named(subject: &ObserveSubject<'_>, step: StepIx, columns: usize, style: Style) -> String {
    let known = subject.build.step(step);
    let (stage, platform) = (stage(known), platform(known));
    let around = [stage, platform].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let around = if around.is_empty() { around } else { format!("[{around}] ") };
    let text = format!("{around}{}", does(known));
    let text = if style.unicode { text } else { crate::report::terminal::ascii(&text) };
    cut(&text, columns, style.either("…", "~")).into_owned()
}

/// The chain of steps that made the build as long as it was.
fn path(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let observation = subject.observation;
    let lengths = lengths(observation);
    let duration = |step: StepIx| lengths.get(&step).copied().unwrap_or_default();
    let mut longest: Vec<Nanos> = observation.path.iter().map(|step| duration(step.step)).collect();
    longest.sort_unstable_by_key(|duration| std::cmp::Reverse(*duration));
    let least = longest.get(MOST_OF_PATH).copied().unwrap_or_default();
    let mut rows = Vec::new();
    let (mut left, mut left_time) = (0, Nanos::ZERO);
    let mut by_time = false;
    for step in &observation.path {
        let took = duration(step.step);
        by_time |= step.proof == Some(Proof::Time);
        if took < Nanos(50_000_000) || took <= least && longest.len() > MOST_OF_PATH {
            left += 1;
            left_time += took;
            continue;
        }
        if step.wait > observation.makespan * 0.01 && step.wait > Nanos(50_000_000) {
            rows.push(format!(
                "    {:>8}  {}",
                step.wait.to_string(),
                style.paint(Paint::Dim, "nothing of the chain ran")
            ));
        }
        let columns = style.columns().saturating_sub(14);
        rows.push(format!("    {:>8}  {}", took.to_string(), named(subject, step.step, columns, style)));
    }
    if rows.is_empty() {
        return rows;
    }
    let mut words = format!("the end depends on, {}", observation.proof.as_str());
    if by_time && observation.proof != Proof::Time {
        words.push_str("; of exports by time alone");
    }
    if left > 0 {
        rows.push(format!(
            "    {:>8}  {}",
            left_time.to_string(),
            style.paint(Paint::Dim, format!("{} in between", count(left, "shorter step")))
        ));
    }
    let mut lines = vec![heading(&words, style)];
    lines.extend(rows);
    lines
}

/// Time before, between and after the steps.
fn exports(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let summary = &subject.observation.summary;
    let mut rows = Vec::new();
    if subject.observation.is_timed {
        for (time, what) in
            [(summary.before, "before the first step"), (summary.between, "between steps, while none ran")]
        {
            if time > subject.observation.makespan * 0.01 {
                rows.push(format!("    {:>8}  {what}", time.to_string()));
            }
        }
    }
    for phase in &summary.exports {
        rows.push(format!("    {:>8}  {}", phase.duration.to_string(), one_line(&phase.name)));
        let mut parts: Vec<_> =
            phase.parts.iter().filter(|part| part.duration > phase.duration * 0.05).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.duration));
        for part in parts.into_iter().take(6) {
            let text = one_line(&part.name);
            let text = cut(&text, style.columns().saturating_sub(24), style.either("…", "~")).into_owned();
            rows.push(format!("    {:>8}    {:>8}  {text}", "", part.duration.to_string()));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let mut lines = vec![heading("besides the steps of the Dockerfile", style)];
    lines.extend(rows);
    lines
}

/// Steps that went wrong with their last lines.
fn failed(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let went_wrong = |step: &&crate::ingest::ObservedStep| {
        step.outcome == Outcome::Failed || step.outcome == Outcome::Unfinished && !step.output.is_empty()
    };
    let mut lines = Vec::new();
    let all: Vec<_> = subject.build.steps.iter().filter(went_wrong).collect();
    for step in all.iter().take(MOST_FAILED) {
        let what = if step.outcome == Outcome::Failed { "failed" } else { "not ended where the log does" };
        let name = cut(&does(step), style.columns().saturating_sub(what.len() + 6), style.either("…", "~"))
            .into_owned();
        lines.push(format!("  {}", style.paint(Paint::Bad, format!("{what}: {name}"))));
        if let Some(error) = &step.error {
            lines.extend(
                wrap(&one_line(error), style.columns().saturating_sub(6))
                    .iter()
                    .map(|line| format!("    {line}")),
            );
        }
        let rule = style.either("│", "|");
        for line in &step.output {
            let line = visible(line);
            let line = cut(&line, style.columns().saturating_sub(8), style.either("…", "~")).into_owned();
            lines.push(format!("    {rule} {line}"));
        }
    }
    if all.len() > MOST_FAILED {
        lines.push(format!("  and {} more", all.len() - MOST_FAILED));
    }
    lines
}

/// The Dockerfile beside the log.
fn beside(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let Some(beside) = &subject.beside else { return Vec::new() };
    let file = visible(beside.build.name());
    let mut lines = Vec::new();
    let found = if beside.is_found { ", which the log names" } else { "" };
    lines.push(heading(&format!("beside {file}{found}"), style));
    if beside.matching.is_foreign() {
        let text = format!(
            "the log is most likely of another Dockerfile: {} of its steps are in this one, {} are not, and {} say something else",
            beside.matching.matched(),
            beside.matching.strangers,
            beside.matching.reworded()
        );
        lines.extend(
            wrap(&text, style.columns().saturating_sub(4))
                .iter()
                .map(|line| format!("    {}", style.paint(Paint::Warn, line))),
        );
        return lines;
    }
    lines.extend(agreement(subject, beside, style));
    lines.extend(missed(subject, beside, style));
    lines
}

fn agreement(subject: &ObserveSubject<'_>, beside: &Beside<'_>, style: Style) -> Vec<String> {
    let agreement = beside.agreement;
    let disagreements = agreement.disagreements().count();
    let (paint, verdict) = match disagreements {
        0 => (Paint::Good, format!("the graph is what xsim says: {} agree", count(agreement.agreed, "step"))),
        _ => (
            Paint::Bad,
            format!("{} agree with xsim's graph, {disagreements} do not", count(agreement.agreed, "step")),
        ),
    };
    let mut lines = vec![format!("    {}", style.paint(paint, verdict))];
    for difference in agreement.differences.iter().take(MOST_DIFFERENCES) {
        let step = difference.step.map_or_else(String::new, |step| {
            format!(": {}", named(subject, step, style.columns().saturating_sub(20), style))
        });
        let text = format!("{} {}{step}", beside.places().line(difference.at), difference.reason.as_str());
        let paint = if difference.reason.is_explained() { Paint::Dim } else { Paint::Bad };
        lines.extend(
            wrap(&text, style.columns().saturating_sub(6))
                .iter()
                .map(|line| format!("      {}", style.paint(paint, line))),
        );
    }
    if agreement.differences.len() > MOST_DIFFERENCES {
        lines.push(format!("      and {} more", agreement.differences.len() - MOST_DIFFERENCES));
    }
    lines
}

/// The forecast, and where it was missed most.
fn missed(subject: &ObserveSubject<'_>, beside: &Beside<'_>, style: Style) -> Vec<String> {
    let total = beside.forecast.total;
    let mut lines = vec![format!(
        "    forecast on {} with nothing cached: {}, 8 of 10 builds {} to {}",
        visible(&subject.belief.machine.name),
        total.p50,
        total.p10,
        total.p90
    )];
    for (at, expected) in
        beside.forecast.largest(subject.build, subject.observation).into_iter().take(MOST_MISSED)
    {
        let run = &subject.observation.runs[at];
        let apart = (run.duration - expected).max(expected - run.duration);
        if apart < subject.observation.makespan * 0.02 {
            continue;
        }
        let line = run.at.map_or_else(String::new, |at| format!("{} ", subject.line(at)));
        let name = named(subject, run.step, style.columns().saturating_sub(46), style);
        lines.push(format!("      {line}took {}, forecast {expected}: {name}", run.duration));
    }
    lines
}
