//! The build over time, a row of characters for each step that takes a while.

use super::super::escape::{cut, visible, width};
use super::super::picture::timeline::axis::{TimeAxis, tick};
use super::super::picture::view::Mode;
use super::super::places::Places;
use super::super::style::{Paint, Style};
use super::{heading, paint};
use crate::analysis::Analysis;
use crate::graph::describe::describe;
use crate::timeline::{Bar, Timeline};
use crate::units::Nanos;

/// Steps that take less than this part of the build are counted, not shown.
const LEAST: f64 = 0.01;
/// The most rows; of more steps the longest are shown.
const MOST: usize = 40;
/// Characters of an instruction that are enough for any column.
const ENOUGH: usize = 400;
/// Columns of the words before the bars, at most and at least.
const WORDS: std::ops::RangeInclusive<usize> = 36..=72;

/// The lines of a timeline.
pub(in crate::report) fn timeline(
    analysis: &Analysis,
    places: Places<'_>,
    timeline: &Timeline,
    style: Style,
) -> Vec<String> {
    let least = timeline.makespan * LEAST;
    let mut shown: Vec<&Bar> = timeline.bars.iter().filter(|bar| bar.time.duration() > least).collect();
    let mut longest: Vec<Nanos> = shown.iter().map(|bar| bar.time.duration()).collect();
    longest.sort_unstable_by_key(|duration| std::cmp::Reverse(*duration));
    let shortest = longest.get(MOST - 1).copied().unwrap_or_default();
    shown.retain(|bar| bar.time.duration() >= shortest);
    shown.truncate(MOST);
    if shown.is_empty() {
        return Vec::new();
    }
    let chart = Chart::new(analysis, places, timeline, &shown, style);
    let mut lines = vec![chart.axis()];
    lines.extend(shown.iter().map(|bar| chart.row(bar)));
    let left = timeline.bars.len() - shown.len();
    if left > 0 {
        lines.push(format!("    {}", style.paint(Paint::Dim, format!("and {left} shorter steps"))));
    }
    lines.push(chart.legend(&shown));
    lines
}

struct Chart<'c> {
    analysis: &'c Analysis,
    places: Places<'c>,
    axis: TimeAxis,
    style: Style,
    /// Columns of the words.
    words: usize,
    /// Columns of the bars.
    cells: usize,
    /// Columns of the lines.
    numbers: usize,
    /// Columns of the platforms.
    platforms: usize,
}

impl<'c> Chart<'c> {
    fn new(
        analysis: &'c Analysis,
        places: Places<'c>,
        timeline: &Timeline,
        shown: &[&Bar],
        style: Style,
    ) -> Self {
        let columns = style.columns().saturating_sub(1);
        let words = (columns / 2).clamp(*WORDS.start(), *WORDS.end());
        let mut chart = Self {
            analysis,
            places,
            numbers: 4,
            axis: TimeAxis { end: timeline.makespan.max(Nanos(1)) },
            style,
            words,
            cells: columns.saturating_sub(words + 1).max(10),
            platforms: 0,
        };
        let widest = shown.iter().map(|bar| width(&chart.platforms(bar))).max().unwrap_or(0);
        chart.platforms = widest.min((words / 4).max(11));
        let widest = shown.iter().map(|bar| width(&chart.line(bar))).max().unwrap_or(0);
        chart.numbers = widest.clamp(4, (words / 4).max(4));
        chart
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
        let words = "over time, steps at their medians";
        let title = heading(words, self.style);
        format!(
            "{title}{}{}",
            " ".repeat(self.words.saturating_sub(words.len() + 2)),
            self.style.paint(Paint::Dim, ticks)
        )
    }

    fn row(&self, bar: &Bar) -> String {
        let node = &self.analysis.nodes[bar.node];
        let vertex = node.graph.vertex(bar.vertex);
        let line = self.line(bar);
        let line = format!("{:>1$}", cut(&line, self.numbers, self.style.either("…", "~")), self.numbers);
        let mark = if bar.time.is_critical { self.style.either("▸", ">") } else { " " };
        let duration = if bar.time.is_cached { "cached".to_owned() } else { bar.time.duration().to_string() };
        let duration = if self.style.unicode { duration } else { duration.replace('µ', "u") };
        let ellipsis = self.style.either("…", "~");
        let platforms = self.platforms(bar);
        let platforms = cut(&platforms, self.platforms, ellipsis);
        let text = describe(&node.graph, &vertex.op);
        let text: String = text.chars().take(ENOUGH).collect();
        let text = visible(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
        let text = if self.style.unicode { text } else { ascii(&text) };
        let fixed = 1 + 1 + self.numbers + 1 + 1 + self.platforms + 1 + 8 + 1;
        let room = self.words.saturating_sub(fixed);
        let text = cut(&text, room, ellipsis);
        let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(width(text)));
        format!(
            "{} {line} {text}{} {platforms}{} {duration:>8} {}",
            self.style.paint(Paint::Strong, mark),
            pad(&text, room),
            pad(&platforms, self.platforms),
            self.bar(bar),
        )
    }

    /// Where a step stands.
    fn line(&self, bar: &Bar) -> String {
        let vertex = self.analysis.nodes[bar.node].graph.vertex(bar.vertex);
        vertex.places.first().map_or_else(String::new, |place| self.places.short(*place))
    }

    fn bar(&self, bar: &Bar) -> String {
        let mode = self.mode(bar);
        let (ready, begun, finish) =
            (self.cell(bar.time.ready), self.cell(bar.time.begun), self.cell(bar.time.finish));
        let begun = begun.min(self.cells - 1);
        let wait = self.style.either("·", ".").repeat(begun.saturating_sub(ready));
        let work = self.sign(mode).repeat(finish.saturating_sub(begun).max(1));
        let start = " ".repeat(ready.min(begun));
        format!("{start}{}{}", self.style.paint(Paint::Dim, wait), self.style.paint(paint(mode), work))
    }

    fn mode(&self, bar: &Bar) -> Option<Mode> {
        Mode::of(&self.analysis.nodes[bar.node], bar.vertex)
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

    fn legend(&self, shown: &[&Bar]) -> String {
        let any = |mode: Option<Mode>| shown.iter().any(|bar| self.mode(bar) == mode);
        let modes =
            Mode::VALUES.iter().map(|mode| (Some(*mode), mode.as_str())).chain([(None, "pull, copy")]);
        let mut parts: Vec<String> = modes
            .filter(|(mode, _)| any(*mode))
            .map(|(mode, name)| format!("{} {name}", self.style.paint(paint(mode), self.sign(mode))))
            .collect();
        if shown.iter().any(|bar| bar.time.wait() > Nanos::ZERO) {
            parts.push(format!("{} waits", self.style.either("·", ".")));
        }
        parts.push(format!("{} the end depends on it", self.style.either("▸", ">")));
        format!("    {}", parts.join("  "))
    }

    /// The platforms that a step is for, where it is not for all.
    fn platforms(&self, bar: &Bar) -> String {
        let graph = &self.analysis.nodes[bar.node].graph;
        let targets = graph.vertex(bar.vertex).targets;
        if targets == graph.all_targets() && self.analysis.nodes.len() == 1 {
            return String::new();
        }
        visible(&graph.outputs(targets).replace(", ", ",")).into_owned()
    }
}

/// A text with a sign in place of what is not ASCII.
pub(in crate::report) fn ascii(text: &str) -> String {
    text.chars().map(|char| if char.is_ascii() { char } else { '?' }).collect()
}
