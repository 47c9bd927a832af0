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
    ran_on: &str,
    style: Style,
) -> String {
    let mut lines = vec![style.paint(Paint::Strong, summary(profile))];
    lines.extend(wrap(&format!("taken to have run on {}", visible(ran_on)), style.columns()));
    lines.extend(overview(profile, style));
    for (learnt, log) in profile.learnt_from.iter().zip(logs) {
        lines.extend(of_log(learnt, log, style));
        lines.extend(doubts(learnt, log, style));
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

/// Why what was learnt of a log may not be right.
fn doubts(learnt: &LearntFrom, log: &LogSubject<'_>, style: Style) -> Vec<String> {
    let mut doubts = Vec::new();
    let cached = log.matches.iter().filter(|found| **found == Match::Cached).count();
    if learnt.learnt == 0 {
        let why = if cached > 0 { ": what it built was in the cache" } else { "" };
        doubts.push(format!("  warning: it teaches nothing{why}"));
    } else if learnt.replay_error.abs() > MOST_REPLAY_ERROR {
        let mut longest: Vec<_> = log
            .build
            .steps
            .iter()
            .zip(log.matches)
            .filter(|(_, found)| found.is_learnt())
            .map(|(step, _)| (step.duration.unwrap_or_default(), &*step.name))
            .collect();
        longest.sort_by_key(|(duration, _)| std::cmp::Reverse(*duration));
        let names = longest.iter().take(3).map(|(duration, name)| {
            let name: String = name.chars().take(200).collect();
            format!("{} ({duration})", cut(&visible(&name), 60, style.either("…", "~")))
        });
        doubts.push(format!(
            "  warning: replayed with what was learnt it is {:+.0} % off: another machine than was said, or steps that waited \
             for something that the log does not tell; most of its time are {}",
            learnt.replay_error * 100.0,
            names.collect::<Vec<_>>().join(", ")
        ));
    }
    let paint = |line: String| style.paint(Paint::Warn, line);
    doubts.iter().flat_map(|doubt| wrap(doubt, style.columns())).map(paint).collect()
}

/// A replay that is further off is a warning.
const MOST_REPLAY_ERROR: f64 = 0.1;

/// What a profile knows, how surely, and from where; `timing` is that of a Dockerfile priced with it.
pub fn profile_text(profile: &Profile, timing: Option<&Timing<'_>>, style: Style) -> String {
    let host = visible(&profile.host);
    let title = format!("a profile of {host} with {} cores: {}", profile.cores, summary(profile));
    let mut lines = vec![style.paint(Paint::Strong, title)];
    lines.extend(overview(profile, style));
    lines.extend(slowdowns(profile));
    let mut runs: Vec<_> = profile.runs.iter().collect();
    runs.sort_by(|a, b| b.cpu_s.total_cmp(&a.cpu_s));
    let head = [
        ("  command", Align::Left),
        ("on", Align::Left),
        ("core-seconds", Align::Right),
        ("8 of 10 times", Align::Right),
        ("seen", Align::Right),
    ];
    let row = |run: &&crate::cost::RunEntry| {
        let does: String = run.does.chars().take(200).collect();
        let spread = crate::cost::p90(run.sigma);
        vec![
            format!("  {}", cut(&visible(&does), 56, style.either("…", "~"))),
            run.emulated
                .as_deref()
                .map_or_else(|| "native".to_owned(), |guest| format!("emulated {}", visible(guest))),
            format!("{:.2}", run.cpu_s),
            format!("{:.2} to {:.2}", run.cpu_s / spread, run.cpu_s * spread),
            run.seen.to_string(),
        ]
    };
    let rows: Vec<_> = runs.iter().take(MOST_SHOWN).map(row).collect();
    if !rows.is_empty() {
        lines.extend(table(&head, &rows));
    }
    if runs.len() > MOST_SHOWN {
        lines.push(format!("  and {} cheaper commands", runs.len() - MOST_SHOWN));
    }
    let pulls = profile.pulls.iter().take(MOST_SHOWN).map(|pull| {
        let platform =
            if pull.platform.is_empty() { String::new() } else { format!(" for {}", pull.platform) };
        let name: String = format!("{}{platform}", pull.image).chars().take(200).collect();
        vec![
            format!("  {}", cut(&visible(&name), 70, style.either("…", "~"))),
            format!("{:.1}", pull.seconds),
            pull.seen.to_string(),
        ]
    });
    let rows: Vec<_> = pulls.collect();
    if !rows.is_empty() {
        lines.extend(table(
            &[("  image", Align::Left), ("seconds", Align::Right), ("seen", Align::Right)],
            &rows,
        ));
    }
    if let Some(timing) = timing {
        lines.extend(wrap(&covered(timing), style.columns()));
    }
    let mut text = String::new();
    for line in &lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Rows of a list of what a profile knows.
const MOST_SHOWN: usize = 20;

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
