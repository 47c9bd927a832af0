//! What a workflow costs, for people.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::builds::{Builds, LegIx, Text};
use crate::diagnostic::Diagnostic;
use crate::report::diagnostics::write_diagnostics;
use crate::report::escape::{count, cut, visible, wrap};
use crate::report::style::{Paint, Style};
use crate::report::table::{Align, table};
use crate::report::time::range;
use crate::source::Source;
use crate::workflow::{BuildCost, Found, LegTime, Workflow};

/// What a report on a workflow is about.
#[derive(Debug, Clone, Copy)]
pub struct WorkflowSubject<'a> {
    /// What it costs.
    pub workflow: &'a Workflow,
    /// What the repository builds.
    pub builds: &'a Builds,
    /// Its text.
    pub source: &'a Source,
    /// The files that findings are in.
    pub sources: &'a [Arc<Source>],
    /// What was found in it, and in the actions and workflows that it calls, and counts.
    pub findings: &'a [Diagnostic],
}

/// Legs that are shown; of more the longest.
const MOST_LEGS: usize = 40;

/// Characters of a name that are shown.
const MOST_NAME: usize = 48;

/// Names that a list has.
const MOST_NAMES: usize = 8;

/// The times of a workflow, of its legs and of what they build, and what is not in them.
pub fn workflow_text(subject: &WorkflowSubject<'_>, style: Style) -> String {
    let workflow = subject.workflow;
    let mut out = String::new();
    let images: usize =
        workflow.legs.iter().flat_map(|leg| &leg.builds).map(|cost| cost.definitions.len()).sum();
    let _ = writeln!(
        out,
        "{}: {} in {}",
        style.paint(Paint::Strong, visible(subject.source.name())),
        count(images, "image build"),
        count(workflow.legs.len(), "job")
    );
    if workflow.legs.is_empty() {
        out.push_str("\n  No job of it builds an image.\n");
        return out;
    }
    out.push('\n');
    for line in headline(subject, style) {
        let _ = writeln!(out, "  {line}");
    }
    out.push('\n');
    legs(subject, &mut out);
    for (name, words) in
        [("longest", longest(subject)), ("not known", unknown(subject)), ("not counted", outside(subject))]
    {
        if !words.is_empty() {
            let lines = wrap(&words, style.columns().saturating_sub(14));
            for (row, line) in lines.iter().enumerate() {
                let _ = writeln!(out, "  {:<12}{line}", if row == 0 { name } else { "" });
            }
        }
    }
    for (at, source) in subject.sources.iter().enumerate() {
        let own = |one: &&Diagnostic| one.file.index() == at;
        let found: Vec<&Diagnostic> = subject.findings.iter().filter(own).collect();
        if !found.is_empty() {
            out.push('\n');
            out.push_str(&write_diagnostics(source, &found, style));
        }
    }
    out
}

/// How long the whole takes.
fn headline(subject: &WorkflowSubject<'_>, style: Style) -> Vec<String> {
    let workflow = subject.workflow;
    let least = if workflow.is_least { "at least " } else { "" };
    let mut text = format!("takes {least}{} from nothing", range(workflow.times.cold, style));
    match &workflow.times.again {
        Ok(again) if again.p50 < workflow.times.cold.p50 => {
            let _ = write!(
                text,
                ", {least}{} after a change of sources, with what caches keep",
                range(*again, style)
            );
        }
        Ok(_) => text.push_str(", and the same each time: no cache keeps anything"),
        Err(why) => {
            let _ = write!(text, "; after a change of sources that depends on {}", visible(why));
        }
    }
    let _ = write!(text, "; all machines together {}", workflow.machines);
    if workflow.is_circle {
        "its jobs need each other in a circle, so that none of them begins".clone_into(&mut text);
    }
    let lines = wrap(&text, style.columns().saturating_sub(4));
    let paint = |(row, line)| style.paint(if row == 0 { Paint::Strong } else { Paint::Plain }, line);
    lines.into_iter().enumerate().map(paint).collect()
}

fn name_of(builds: &Builds, leg: LegIx) -> &str {
    builds.legs.get(leg.index()).map_or("", |leg| &leg.name)
}

fn legs(subject: &WorkflowSubject<'_>, out: &mut String) {
    let WorkflowSubject { workflow, builds, .. } = *subject;
    let mut shown: Vec<&LegTime> = workflow.legs.iter().collect();
    if shown.len() > MOST_LEGS {
        shown.sort_by_key(|leg| std::cmp::Reverse(leg.times.cold.p50));
        shown.truncate(MOST_LEGS);
        shown.sort_by_key(|leg| leg.leg);
    }
    let mut rows = Vec::new();
    for leg in &shown {
        let machine = leg.builds.iter().find_map(|cost| Some(&cost.time.as_ref().ok()?.runner.machine.name));
        let runner = builds.legs.get(leg.leg.index()).and_then(|leg| leg.runner.as_ref());
        let runner = runner.map(Text::readable).or_else(|| machine.cloned()).unwrap_or_default();
        let name = visible(name_of(builds, leg.leg)).into_owned();
        let again = leg.times.again.as_ref().map_or_else(|_| "?".to_owned(), |again| again.p50.to_string());
        rows.push(vec![
            cut(&name, MOST_NAME, "…").into_owned(),
            cut(&visible(&runner), MOST_NAME, "…").into_owned(),
            leg.setup.to_string(),
            leg.times.cold.p50.to_string(),
            again,
        ]);
        for cost in &leg.builds {
            rows.push(vec![
                format!("  {}", what(subject, cost)),
                String::new(),
                String::new(),
                time(cost),
                again_of(cost),
            ]);
        }
    }
    let head = [
        ("job", Align::Left),
        ("runner", Align::Left),
        ("set-up", Align::Right),
        ("from nothing", Align::Right),
        ("again", Align::Right),
    ];
    for line in table(&head, &rows) {
        let _ = writeln!(out, "  {line}");
    }
    let more = workflow.legs.len() - shown.len();
    if more > 0 {
        let _ = writeln!(out, "  and {more} more, none of which takes longer");
    }
    out.push('\n');
}

/// What a call of a builder builds.
fn what(subject: &WorkflowSubject<'_>, cost: &BuildCost) -> String {
    let first = cost.definitions.first().and_then(|at| subject.builds.definitions.get(*at));
    let Some(first) = first else { return String::new() };
    let mut text = visible(&first.dockerfile.readable()).into_owned();
    if let Some(target) = &first.bake_target {
        text = format!("{} of {text}", visible(target));
    }
    if cost.definitions.len() > 1 {
        text = format!("{} with bake", count(cost.definitions.len(), "target"));
    }
    let mut text = cut(&text, MOST_NAME, "…").into_owned();
    if let Ok(time) = &cost.time
        && time.price.emulated > 0
    {
        let _ =
            write!(text, ", {} of {} emulated", time.price.emulated, count(time.price.commands, "command"));
    }
    text
}

fn time(cost: &BuildCost) -> String {
    cost.time.as_ref().map_or_else(|_| "?".to_owned(), |time| time.times.cold.p50.to_string())
}

fn again_of(cost: &BuildCost) -> String {
    match &cost.time {
        Ok(time) => time.times.again.as_ref().map_or_else(|_| "?".to_owned(), |again| again.p50.to_string()),
        Err(_) => "?".to_owned(),
    }
}

/// The jobs that decide how long the whole takes.
fn longest(subject: &WorkflowSubject<'_>) -> String {
    let names: Vec<String> = subject
        .workflow
        .chain
        .iter()
        .map(|leg| visible(name_of(subject.builds, *leg)).into_owned())
        .collect();
    names.join(" > ")
}

/// What is not known.
fn unknown(subject: &WorkflowSubject<'_>) -> String {
    let WorkflowSubject { workflow, builds, .. } = *subject;
    // Each with the jobs of which it is not known.
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    let mut say = |text: String, name: &str| {
        let at = said.iter().position(|(other, _)| *other == text).unwrap_or_else(|| {
            said.push((text, Vec::new()));
            said.len() - 1
        });
        if !said[at].1.iter().any(|other| other == name) {
            said[at].1.push(name.to_owned());
        }
    };
    for leg in &workflow.legs {
        let name = visible(name_of(builds, leg.leg)).into_owned();
        let Some(own) = builds.legs.get(leg.leg.index()) else { continue };
        if let Some(elsewhere) = &own.elsewhere {
            say(format!("what {} does", visible(elsewhere)), &name);
        }
        if let Some(why) = builds.jobs.get(own.job.index()).and_then(|job| job.open.as_ref()) {
            say(format!("how many jobs there are, {}", visible(why)), &name);
        }
        for cost in &leg.builds {
            match &cost.time {
                Err(why) if own.elsewhere.is_none() => say(visible(why).into_owned(), &name),
                Err(_) => {}
                Ok(time) => {
                    if !time.doubts.is_empty() {
                        let names =
                            time.doubts.iter().map(|name| visible(name)).collect::<Vec<_>>().join(", ");
                        say(format!("{names}, left at the default"), &name);
                    }
                    if let Found::Unknown(why) = &time.found {
                        say(visible(why).into_owned(), &name);
                    }
                    if let Some(assumed) = time.runner.assumed {
                        say(format!("the machine: {assumed} assumed"), &name);
                    }
                }
            }
        }
    }
    let with_jobs = |(text, names): (String, Vec<String>)| match names.as_slice() {
        [name] => format!("{text} (in {name})"),
        names if names.len() == workflow.legs.len() => text,
        names => format!("{text} (in {} jobs)", names.len()),
    };
    listed(said.into_iter().map(with_jobs).collect(), "; ")
}

/// What no number holds.
fn outside(subject: &WorkflowSubject<'_>) -> String {
    let WorkflowSubject { workflow, builds, .. } = *subject;
    let mut said = vec!["waiting for machines, exporting and pushing images, moving caches".to_owned()];
    let others: usize = workflow.legs.iter().map(|leg| leg.others).sum();
    if others > 0 {
        said.push(format!("{} of these jobs", count(others, "other step")));
    }
    let mut names: Vec<String> = Vec::new();
    for leg in &workflow.outside {
        let job = builds.legs.get(leg.index()).and_then(|leg| builds.jobs.get(leg.job.index()));
        if let Some(job) = job.filter(|job| !names.contains(&job.name)) {
            names.push(job.name.clone());
        }
    }
    if !names.is_empty() {
        let names = names.iter().map(|name| visible(name).into_owned()).collect();
        said.push(format!("jobs that build no image: {}", listed(names, ", ")));
    }
    said.join("; ")
}

fn listed(mut names: Vec<String>, joint: &str) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(joint)
}
