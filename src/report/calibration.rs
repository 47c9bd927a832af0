//! What was learnt from logs, for people: how each step was matched, and what was left out.

use super::escape::{count, cut, visible, wrap};
use super::style::{Paint, Style};
use super::table::{Align, table};
use crate::calibrate::Match;
use crate::cost::{Basis, LearntFrom, Profile};
use crate::ingest::ObservedBuild;
use crate::pricing::Timing;

/// Steps that are named of those that taught nothing.
const MOST_NAMED: usize = 10;

/// A log and what became of its steps.
#[derive(Debug, Clone, Copy)]
pub struct LogSubject<'a> {
    /// Its steps.
    pub build: &'a ObservedBuild,
    /// What became of each.
    pub matches: &'a [Match],
}

/// The report of a calibration. `logs` are those of `profile.learnt_from`; `timing` is that of a Dockerfile priced with it.
pub fn calibration_text(
    profile: &Profile,
    logs: &[LogSubject<'_>],
    timing: Option<&Timing<'_>>,
    style: Style,
) -> String {
    let mut lines = vec![style.paint(Paint::Strong, summary(profile))];
    lines.extend(overview(profile, style));
    for (learnt, log) in profile.learnt_from.iter().zip(logs) {
        lines.extend(of_log(learnt, log, style));
    }
    lines.extend(slowdowns(profile));
    if let Some(timing) = timing {
        let text = covered(timing);
        lines.extend(wrap(&text, style.columns()));
    }
    let mut text = String::new();
    for line in &lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn summary(profile: &Profile) -> String {
    format!(
        "learnt {}, {}, {} and {} from {}",
        count(profile.runs.len(), "command"),
        count(profile.files.len(), "file step"),
        count(profile.pulls.len(), "image"),
        count(profile.slowdowns.len(), "slow-down"),
        count(profile.learnt_from.len(), "log")
    )
}

fn overview(profile: &Profile, style: Style) -> Vec<String> {
    let head = [
        ("log", Align::Left),
        ("steps", Align::Right),
        ("learnt", Align::Right),
        ("by digest", Align::Right),
        ("replayed", Align::Right),
    ];
    let row = |learnt: &LearntFrom| {
        let name = cut(&visible(&learnt.log), 48, style.either("…", "~")).into_owned();
        vec![
            format!("  {name}"),
            learnt.steps.to_string(),
            learnt.learnt.to_string(),
            learnt.by_digest.to_string(),
            format!("{:+.1} %", learnt.replay_error * 100.0),
        ]
    };
    let rows: Vec<_> = profile.learnt_from.iter().map(row).collect();
    table(&head, &rows)
}

/// What became of the steps of a log, and the names of those that should have taught something.
fn of_log(learnt: &LearntFrom, log: &LogSubject<'_>, style: Style) -> Vec<String> {
    let count = |kind: &Match| log.matches.iter().filter(|found| *found == kind).count();
    let counts: Vec<String> = Match::VALUES
        .iter()
        .map(|kind| (kind, count(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let mut text = format!("{}: {}", visible(&learnt.log), counts.join(", "));
    if !learnt.problems.is_empty() {
        text.push_str("; ");
        text.push_str(&visible(&learnt.problems));
    }
    let mut lines: Vec<String> = wrap(&text, style.columns());
    let expected = |found: Match| !found.is_learnt() && !matches!(found, Match::Cached | Match::Internal);
    let left_out = log.build.steps.iter().zip(log.matches).filter(|(_, found)| expected(**found));
    let mut left = 0;
    for (at, (step, found)) in left_out.enumerate() {
        if at < MOST_NAMED {
            let name: String = step.name.chars().take(200).collect();
            let name = visible(&name).into_owned();
            let line = format!("  not learnt, {found}: {}", cut(&name, 70, style.either("…", "~")));
            lines.push(style.paint(Paint::Warn, line));
        } else {
            left += 1;
        }
    }
    if left > 0 {
        lines.push(format!("  and {left} more"));
    }
    lines
}

fn slowdowns(profile: &Profile) -> Vec<String> {
    if profile.slowdowns.is_empty() {
        return vec![
            "no slow-down was learnt: no command ran both natively and under emulation for long enough"
                .to_owned(),
        ];
    }
    let head = [
        ("  slow-down of", Align::Left),
        ("guest", Align::Left),
        ("factor", Align::Right),
        ("steps seen both ways", Align::Right),
    ];
    let rows: Vec<_> = profile
        .slowdowns
        .iter()
        .map(|entry| {
            vec![
                format!("  {}", entry.class),
                visible(&entry.guest).into_owned(),
                format!("{:.1}", entry.factor),
                entry.pairs.to_string(),
            ]
        })
        .collect();
    table(&head, &rows)
}

/// How much of a Dockerfile the profile covers.
fn covered(timing: &Timing<'_>) -> String {
    let count = |basis| timing.of_basis(basis).count();
    let all = timing.commands.len();
    let measured = count(Basis::Measured) + count(Basis::Converted);
    format!(
        "of the {all} commands of the Dockerfile {measured} are measured, {} are like measured ones, and {} keep the \
         defaults; it takes about {}",
        count(Basis::Similar),
        count(Basis::Sized) + count(Basis::Default) + count(Basis::Unknown),
        timing.total.p50
    )
}
