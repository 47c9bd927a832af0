//! Two logs side by side, in every format.

use std::fmt::Write as _;

use serde::Serialize;

use super::words::{does, one_line, platform, stage};
use crate::ingest::ObservedBuild;
use crate::observe::{Change, ChangeKind, Difference};
use crate::report::escape::{cut, markdown, markdown_code, width};
use crate::report::json_text::json_line;
use crate::report::style::{Paint, Style};
use crate::units::NanosChange;

/// Rows of a report for people.
const MOST: usize = 30;

/// Two builds that were logged.
#[derive(Debug, Clone, Copy)]
pub struct DifferenceSubject<'a> {
    /// The names of the logs, the older first.
    pub names: [&'a str; 2],
    /// The builds.
    pub builds: [&'a ObservedBuild; 2],
    /// What differs.
    pub difference: &'a Difference,
}

impl DifferenceSubject<'_> {
    /// The steps that changed, the largest change first.
    fn changed(&self) -> impl Iterator<Item = &Change> {
        self.difference.changes.iter().filter(|change| change.kind != ChangeKind::Same)
    }

    /// A step in words: stage, platform and what it does.
    fn named(&self, change: &Change) -> String {
        let [old, new] = self.builds;
        let step = match change.steps {
            [_, Some(step)] => new.step(step),
            [Some(step), None] => old.step(step),
            [None, None] => return String::new(),
        };
        let around = [stage(step), platform(step)].into_iter().filter(|word| !word.is_empty());
        let around = around.collect::<Vec<_>>().join(" ");
        if around.is_empty() { does(step) } else { format!("[{around}] {}", does(step)) }
    }

    /// What it comes to.
    fn summary(&self) -> String {
        let [old, new] = self.difference.makespan.unwrap_or(self.difference.work);
        let of = if self.difference.makespan.is_some() { "" } else { " of steps added up" };
        let change = NanosChange::between(old, new);
        let how = match (change.size().0, change.is_shorter()) {
            (0, _) => "as long".to_owned(),
            (_, true) => format!("{} less", change.size()),
            (_, false) => format!("{} more", change.size()),
        };
        let count = |kind: ChangeKind| self.changed().filter(|change| change.kind == kind).count();
        let kinds = [
            ChangeKind::NowRuns,
            ChangeKind::NowCached,
            ChangeKind::Slower,
            ChangeKind::Faster,
            ChangeKind::Added,
            ChangeKind::Removed,
            ChangeKind::Broken,
        ];
        let counts: Vec<String> = kinds
            .into_iter()
            .filter(|kind| count(*kind) > 0)
            .map(|kind| format!("{} {}", count(kind), kind.as_str()))
            .collect();
        let counts = if counts.is_empty() { "no step changed".to_owned() } else { counts.join("; ") };
        format!("{old}{of} then, {new} now, {how}: {counts}")
    }
}

/// How much longer or shorter, with its sign.
fn signed(change: NanosChange) -> String {
    format!("{}{}", if change.is_shorter() { "-" } else { "+" }, change.size())
}

/// For people.
pub fn difference_text(subject: &DifferenceSubject<'_>, style: Style) -> String {
    let [old, new] = subject.names;
    let mut out = String::new();
    let title = format!("{} and {}", one_line(old), one_line(new));
    let _ = writeln!(out, "{}", style.paint(Paint::Strong, title));
    let _ = writeln!(out, "  {}", subject.summary());
    let mut left = 0;
    for (at, change) in subject.changed().enumerate() {
        if at >= MOST {
            left += 1;
            continue;
        }
        let paint = match change.kind {
            ChangeKind::NowRuns | ChangeKind::Slower | ChangeKind::Broken => Paint::Bad,
            ChangeKind::NowCached | ChangeKind::Faster => Paint::Good,
            _ => Paint::Notice,
        };
        let text = subject.named(change);
        let text = if style.unicode { text } else { crate::report::terminal::ascii(&text) };
        let text = cut(&text, style.columns().saturating_sub(36), style.either("…", "~")).into_owned();
        let time = signed(change.change);
        let time = if style.unicode { time } else { time.replace('µ', "u") };
        let pad = " ".repeat(10_usize.saturating_sub(width(&time)));
        let _ = writeln!(
            out,
            "{pad}{time}  {}  {text}",
            style.paint(paint, format!("{:<20}", change.kind.as_str()))
        );
    }
    if left > 0 {
        let _ = writeln!(out, "  and {left} more");
    }
    out
}

/// For a pull request.
pub fn difference_markdown(subject: &DifferenceSubject<'_>) -> String {
    let [old, new] = subject.names.map(|name| markdown_code(&one_line(name)));
    let mut out = format!("### {old} and {new}\n\n{}\n\n", markdown(&subject.summary()));
    let mut rows = subject.changed().take(MOST).peekable();
    if rows.peek().is_some() {
        let _ = writeln!(out, "| change | what | step |\n| ---: | --- | --- |");
    }
    for change in rows {
        let step = markdown_code(&cut(&subject.named(change), 100, "…"));
        let _ = writeln!(out, "| {} | {} | {step} |", signed(change.change), change.kind.as_str());
    }
    out
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    logs: [&'a str; 2],
    /// How long the builds took, if both logs say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<[f64; 2]>,
    /// The time of their steps, added up.
    step_seconds: [f64; 2],
    changes: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    step: String,
    what: &'static str,
    seconds: f64,
}

/// For programs: `xsim.observed-difference/1`.
///
/// # Errors
/// None in practice: everything has a form in JSON.
pub fn difference_json(subject: &DifferenceSubject<'_>) -> serde_json::Result<String> {
    let row = |change: &Change| Row {
        step: subject.named(change),
        what: change.kind.as_str(),
        seconds: change.change.as_secs_f64(),
    };
    let report = Report {
        schema: "xsim.observed-difference/1",
        logs: subject.names,
        seconds: subject.difference.makespan.map(|times| times.map(crate::units::Nanos::as_secs_f64)),
        step_seconds: subject.difference.work.map(crate::units::Nanos::as_secs_f64),
        changes: subject.changed().map(row).collect(),
    };
    json_line(&report)
}
