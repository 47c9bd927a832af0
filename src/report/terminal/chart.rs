//! Steps over time in characters, a row for each: what runs of a forecast and runs of a log have in common.

use std::cmp::Reverse;

use super::{heading, paint};
use crate::report::escape::{cut, width};
use crate::report::picture::timeline::axis::{TimeAxis, tick};
use crate::report::picture::view::Mode;
use crate::report::style::{Paint, Style};
use crate::units::Nanos;

/// Steps that take less than this part of the build are counted, not shown.
const LEAST: f64 = 0.01;
/// The most rows; of more steps the longest are shown.
const MOST: usize = 40;

/// A step on the line of time. Its words are safe to show.
pub(in crate::report) struct Row {
    pub(in crate::report) line: String,
    pub(in crate::report) text: String,
    pub(in crate::report) platforms: String,
    pub(in crate::report) took: String,
    pub(in crate::report) mode: Option<Mode>,
    pub(in crate::report) is_critical: bool,
    /// When all that it needs is done.
    pub(in crate::report) ready: Nanos,
    pub(in crate::report) start: Nanos,
    pub(in crate::report) end: Nanos,
}

/// What stands around the bars.
pub(in crate::report) struct Words {
    /// The heading.
    pub(in crate::report) title: &'static str,
    /// What the rows are that no command is.
    pub(in crate::report) other: &'static str,
    /// What a wait is.
    pub(in crate::report) waits: &'static str,
    /// What the steps are that have no row.
    pub(in crate::report) left: &'static str,
}

/// Columns of the parts of a row.
pub(in crate::report) struct Columns {
    /// All words together.
    pub(in crate::report) words: usize,
    /// The bars.
    pub(in crate::report) cells: usize,
    pub(in crate::report) lines: usize,
    pub(in crate::report) platforms: usize,
    pub(in crate::report) times: usize,
}

/// The steps that get a row: the longest, and those that are `kept` however short.
pub(in crate::report) fn longest<T>(
    steps: impl Iterator<Item = T>,
    makespan: Nanos,
    duration: impl Fn(&T) -> Nanos,
    kept: impl Fn(&T) -> bool,
) -> Vec<T> {
    let least = makespan * LEAST;
    let mut shown: Vec<T> = steps.filter(|step| duration(step) > least || kept(step)).collect();
    let mut durations: Vec<Nanos> = shown.iter().map(&duration).collect();
    durations.sort_unstable_by_key(|duration| Reverse(*duration));
    let shortest = durations.get(MOST - 1).copied().unwrap_or_default();
    shown.retain(|step| duration(step) >= shortest);
    shown.truncate(MOST);
    shown
}

/// The lines of a chart of rows; `left` steps have none. Empty where there is no row.
pub(in crate::report) fn chart(
    rows: &[Row],
    left: usize,
    makespan: Nanos,
    words: &Words,
    columns: Columns,
    style: Style,
) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let chart = Chart { axis: TimeAxis { end: makespan.max(Nanos(1)) }, columns, style };
    let mut lines = vec![chart.axis(words.title)];
    lines.extend(rows.iter().map(|row| chart.row(row)));
    if left > 0 {
        lines.push(format!("    {}", style.paint(Paint::Dim, format!("and {left} {}", words.left))));
    }
    lines.push(chart.legend(rows, words));
    lines
}

struct Chart {
    axis: TimeAxis,
    columns: Columns,
    style: Style,
}

impl Chart {
    /// The column of an instant.
    fn cell(&self, at: Nanos) -> usize {
        let part = at / self.axis.end;
        // Between zero and the number of columns.
        #[allow(clippy::cast_sign_loss)]
        let cell = (part * self.columns.cells as f64).round() as usize;
        cell.min(self.columns.cells)
    }

    /// The heading, with instants over the bars.
    fn axis(&self, title: &str) -> String {
        let mut ticks = String::new();
        for at in self.axis.ticks(self.columns.cells / 14) {
            let (cell, word) = (self.cell(at), tick(at));
            let start = cell.saturating_sub(width(&word) / 2);
            if start + width(&word) <= self.columns.cells && (ticks.is_empty() || start > width(&ticks)) {
                ticks.push_str(&" ".repeat(start - width(&ticks)));
                ticks.push_str(&word);
            }
        }
        let pad = " ".repeat((self.columns.words + 1).saturating_sub(title.len() + 2));
        format!("{}{pad}{}", heading(title, self.style), self.style.paint(Paint::Dim, ticks))
    }

    fn row(&self, row: &Row) -> String {
        let Columns { words, lines, platforms, times, .. } = self.columns;
        let mark = if row.is_critical { self.style.either("▸", ">") } else { " " };
        let ellipsis = self.style.either("…", "~");
        let for_style = |text: &str| if self.style.unicode { text.to_owned() } else { ascii(text) };
        let took = if self.style.unicode { row.took.clone() } else { row.took.replace('µ', "u") };
        let (shown_platforms, text) = (for_style(&row.platforms), for_style(&row.text));
        let shown_platforms = cut(&shown_platforms, platforms, ellipsis);
        let line = cut(&row.line, lines, ellipsis);
        let room = words.saturating_sub(2 + lines + 1 + 1 + platforms + 1 + times);
        let text = cut(&text, room, ellipsis);
        let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(width(text)));
        format!(
            "{} {}{} {text}{} {shown_platforms}{} {}{took} {}",
            self.style.paint(Paint::Strong, mark),
            pad(&line, lines),
            line,
            pad(&text, room),
            pad(&shown_platforms, platforms),
            pad(&took, times),
            self.bar(row),
        )
    }

    fn bar(&self, row: &Row) -> String {
        let (ready, start, end) = (self.cell(row.ready), self.cell(row.start), self.cell(row.end));
        let start = start.min(self.columns.cells - 1);
        let wait = self.style.either("·", ".").repeat(start.saturating_sub(ready));
        let work = self.sign(row.mode).repeat(end.saturating_sub(start).max(1));
        let before = " ".repeat(ready.min(start));
        format!("{before}{}{}", self.style.paint(Paint::Dim, wait), self.style.paint(paint(row.mode), work))
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

    fn legend(&self, rows: &[Row], words: &Words) -> String {
        let modes = Mode::VALUES.iter().map(|mode| (Some(*mode), mode.as_str()));
        let mut parts: Vec<String> = modes
            .chain([(None, words.other)])
            .filter(|(mode, _)| rows.iter().any(|row| row.mode == *mode))
            .map(|(mode, name)| format!("{} {name}", self.style.paint(paint(mode), self.sign(mode))))
            .collect();
        if rows.iter().any(|row| self.cell(row.ready) < self.cell(row.start)) {
            parts.push(format!("{} {}", self.style.either("·", "."), words.waits));
        }
        parts.push(format!("{} the end depends on it", self.style.either("▸", ">")));
        format!("    {}", parts.join("  "))
    }
}

/// A text with a sign in place of what is not ASCII.
pub(in crate::report) fn ascii(text: &str) -> String {
    text.chars().map(|char| if char.is_ascii() { char } else { '?' }).collect()
}
