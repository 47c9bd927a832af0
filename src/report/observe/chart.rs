//! A build that was logged over time, in characters.

use super::ObserveSubject;
use super::words::{does, mode, platform, took};
use crate::ingest::Outcome;
use crate::observe::ObservedRun;
use crate::report::escape::{cut, width};
use crate::report::picture::timeline::axis::{TimeAxis, tick};
use crate::report::picture::view::Mode;
use crate::report::style::{Paint, Style};
use crate::report::terminal::{heading, paint};
use crate::units::Nanos;

/// Steps that take less than this part of the build are counted, not shown.
const LEAST: f64 = 0.01;
/// The most rows; of more steps the longest are shown.
const MOST: usize = 40;
/// Columns of the words before the bars, at most and at least.
const WORDS: std::ops::RangeInclusive<usize> = 40..=76;

/// The lines of the chart.
pub(super) fn chart(subject: &ObserveSubject<'_>, style: Style) -> Vec<String> {
    let observation = subject.observation;
    let least = observation.makespan * LEAST;
    let went_wrong = |run: &ObservedRun| {
        matches!(subject.build.step(run.step).outcome, Outcome::Failed | Outcome::Unfinished)
    };
    let mut shown: Vec<&ObservedRun> =
        observation.runs.iter().filter(|run| run.duration > least || went_wrong(run)).collect();
    let mut longest: Vec<Nanos> = shown.iter().map(|run| run.duration).collect();
    longest.sort_unstable_by_key(|duration| std::cmp::Reverse(*duration));
    let shortest = longest.get(MOST - 1).copied().unwrap_or_default();
    shown.retain(|run| run.duration >= shortest);
    shown.truncate(MOST);
    if shown.is_empty() {
        return Vec::new();
    }
    let chart = Chart::new(subject, &shown, style);
    let mut lines = vec![chart.axis()];
    lines.extend(shown.iter().map(|run| chart.row(run)));
    let left = observation.runs.len() - shown.len();
    if left > 0 {
        lines.push(format!("    {}", style.paint(Paint::Dim, format!("and {left} shorter or cached steps"))));
    }
    lines.push(chart.legend(&shown));
    lines
}

struct Chart<'c> {
    subject: &'c ObserveSubject<'c>,
    axis: TimeAxis,
    style: Style,
    /// Columns of the words.
    words: usize,
    /// Columns of the bars.
    cells: usize,
    lines: usize,
    platforms: usize,
    times: usize,
}

impl<'c> Chart<'c> {
    fn new(subject: &'c ObserveSubject<'c>, shown: &[&ObservedRun], style: Style) -> Self {
        let columns = style.columns().saturating_sub(1);
        let words = (columns * 11 / 20).clamp(*WORDS.start(), *WORDS.end());
        let widest = |text: &dyn Fn(&ObservedRun) -> String| {
            shown.iter().map(|run| width(&text(run))).max().unwrap_or(0)
        };
        Self {
            subject,
            axis: TimeAxis { end: subject.observation.makespan.max(Nanos(1)) },
            style,
            words,
            cells: columns.saturating_sub(words + 1).max(10),
            lines: widest(&|run| run.line.map_or_else(String::new, |line| line.to_string())),
            platforms: widest(&|run| platform(subject.build.step(run.step))).min(words / 4),
            times: widest(&|run| took(subject.build.step(run.step), run)),
        }
    }

    /// The column of an instant.
    fn cell(&self, at: Nanos) -> usize {
        let part = at / self.axis.end;
        // Between zero and the number of columns.
        #[allow(clippy::cast_sign_loss)]
        let cell = (part * self.cells as f64).round() as usize;
        cell.min(self.cells)
    }

    /// The heading, with instants over the bars.
    fn axis(&self) -> String {
        let mut ticks = String::new();
        for at in self.axis.ticks(self.cells / 14) {
            let (cell, word) = (self.cell(at), tick(at));
            let start = cell.saturating_sub(width(&word) / 2);
            if start + width(&word) <= self.cells && (ticks.is_empty() || start > width(&ticks)) {
                ticks.push_str(&" ".repeat(start - width(&ticks)));
                ticks.push_str(&word);
            }
        }
        let words = if self.subject.observation.is_timed {
            "over time"
        } else {
            "in their order, as early as it allows"
        };
        let title = heading(words, self.style);
        let pad = " ".repeat((self.words + 1).saturating_sub(words.len() + 2));
        format!("{title}{pad}{}", self.style.paint(Paint::Dim, ticks))
    }

    fn row(&self, run: &ObservedRun) -> String {
        let step = self.subject.build.step(run.step);
        let line = run.line.map_or_else(String::new, |line| line.to_string());
        let mark = if run.is_critical { self.style.either("▸", ">") } else { " " };
        let ellipsis = self.style.either("…", "~");
        let for_style =
            |text: String| if self.style.unicode { text } else { crate::report::terminal::ascii(&text) };
        let took = took(step, run);
        let took = if self.style.unicode { took } else { took.replace('µ', "u") };
        let platforms = for_style(platform(step));
        let platforms = cut(&platforms, self.platforms, ellipsis);
        let text = for_style(does(step));
        let fixed = 2 + self.lines + 1 + 1 + self.platforms + 1 + self.times;
        let text = cut(&text, self.words.saturating_sub(fixed), ellipsis);
        let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(width(text)));
        format!(
            "{} {}{line} {text}{} {platforms}{} {}{took} {}",
            self.style.paint(Paint::Strong, mark),
            pad(&line, self.lines),
            pad(&text, self.words.saturating_sub(fixed)),
            pad(&platforms, self.platforms),
            pad(&took, self.times),
            self.bar(run),
        )
    }

    fn bar(&self, run: &ObservedRun) -> String {
        let mode = mode(run);
        let (ready, start, end) = (self.cell(run.ready), self.cell(run.start), self.cell(run.end));
        let start = start.min(self.cells - 1);
        let wait = self.style.either("·", ".").repeat(start.saturating_sub(ready));
        let work = self.sign(mode).repeat(end.saturating_sub(start).max(1));
        let before = " ".repeat(ready.min(start));
        format!("{before}{}{}", self.style.paint(Paint::Dim, wait), self.style.paint(paint(mode), work))
    }

    /// What a way to run is drawn with: different without colours, too.
    fn sign(&self, mode: Option<Mode>) -> &'static str {
        match mode {
            None => self.style.either("─", "-"),
            Some(Mode::Native) => self.style.either("█", "#"),
            Some(Mode::Cross) => self.style.either("▓", "="),
            Some(Mode::Mixed) => self.style.either("▒", "%"),
            Some(Mode::Emulated) => self.style.either("▚", "@"),
            Some(Mode::Unsupported) => "X",
        }
    }

    fn legend(&self, shown: &[&ObservedRun]) -> String {
        let any = |wanted: Option<Mode>| shown.iter().any(|run| mode(run) == wanted);
        let modes = Mode::VALUES.iter().map(|mode| (Some(*mode), mode.as_str()));
        let mut parts: Vec<String> = modes
            .chain([(None, "pull, copy, export")])
            .filter(|(mode, _)| any(*mode))
            .map(|(mode, name)| format!("{} {name}", self.style.paint(paint(mode), self.sign(mode))))
            .collect();
        if shown.iter().any(|run| self.cell(run.ready) < self.cell(run.start)) {
            parts.push(format!("{} waits, though all it needs is done", self.style.either("·", ".")));
        }
        parts.push(format!("{} the end depends on it", self.style.either("▸", ">")));
        format!("    {}", parts.join("  "))
    }
}
