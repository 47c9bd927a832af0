//! A build that was logged over time, in characters.

use super::ObserveSubject;
use super::words::{does, mode, platform, took};
use crate::ingest::Outcome;
use crate::observe::ObservedRun;
use crate::report::escape::width;
use crate::report::style::Style;
use crate::report::terminal::chart::{Columns, Row, Words, chart as draw, longest};

/// Columns of the words before the bars, at most and at least.
const WORDS: std::ops::RangeInclusive<usize> = 40..=76;

/// The lines of the chart.
pub(super) fn chart(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let observation = subject.observation;
    let went_wrong = |run: &&ObservedRun| {
        matches!(subject.build.step(run.step).outcome, Outcome::Failed | Outcome::Unfinished)
    };
    let shown = longest(observation.runs.iter(), observation.makespan, |run| run.duration, went_wrong);
    let rows: Vec<Row> = shown.into_iter().map(|run| row(subject, run)).collect();
    let columns = style.columns().saturating_sub(1);
    let words = (columns * 11 / 20).clamp(*WORDS.start(), *WORDS.end());
    let widest = |text: fn(&Row) -> &String| rows.iter().map(|row| width(text(row))).max().unwrap_or(0);
    let columns = Columns {
        words,
        cells: columns.saturating_sub(words + 1).max(10),
        lines: widest(|row| &row.line),
        platforms: widest(|row| &row.platforms).min(words / 4),
        times: widest(|row| &row.took),
    };
    let around = Words {
        title: if observation.is_timed { "over time" } else { "in their order, as early as it allows" },
        other: "pull, copy, export",
        waits: "waits, though all it needs is done",
        left: "shorter or cached steps",
    };
    draw(&rows, observation.runs.len() - rows.len(), observation.makespan, &around, columns, style)
}

fn row(subject: &ObserveSubject<'_>, run: &ObservedRun) -> Row {
    let step = subject.build.step(run.step);
    Row {
        line: run.at.map_or_else(String::new, |at| subject.short(at)),
        text: does(step),
        platforms: platform(step),
        took: took(step, run),
        mode: mode(run),
        is_critical: run.is_critical,
        ready: run.ready,
        start: run.start,
        end: run.end,
    }
}
