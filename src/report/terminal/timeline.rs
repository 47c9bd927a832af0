//! The build over time, a row of characters for each step that takes a while.

use super::super::brief;
use super::super::escape::width;
use super::super::picture::view::Mode;
use super::super::places::Places;
use super::super::style::Style;
use super::chart::{Columns, Row, Words, chart, longest};
use crate::analysis::Analysis;
use crate::timeline::{Bar, Timeline};

/// Columns of the words before the bars, at most and at least.
const WORDS: std::ops::RangeInclusive<usize> = 35..=71;

/// What stands around the bars.
const AROUND: Words = Words {
    title: "over time, steps at their medians",
    other: "pull, copy",
    waits: "waits",
    left: "shorter steps",
};

/// The lines of a timeline.
pub(in crate::report) fn timeline(
    analysis: &Analysis,
    places: Places<'_>,
    timeline: &Timeline,
    style: Style,
) -> Vec<String> {
    let duration = |bar: &&Bar| bar.time.duration();
    let shown = longest(timeline.bars.iter(), timeline.makespan, duration, |_| false);
    let rows: Vec<Row> = shown.into_iter().map(|bar| row(analysis, places, bar)).collect();
    let columns = style.columns().saturating_sub(1);
    let words = (columns / 2).saturating_sub(1).clamp(*WORDS.start(), *WORDS.end());
    let quarter = (words + 1) / 4;
    let widest = |text: fn(&Row) -> &String| rows.iter().map(|row| width(text(row))).max().unwrap_or(0);
    let columns = Columns {
        words,
        cells: columns.saturating_sub(words + 2).max(10),
        lines: widest(|row| &row.line).clamp(4, quarter.max(4)),
        platforms: widest(|row| &row.platforms).min(quarter.max(11)),
        times: 8,
    };
    chart(&rows, timeline.bars.len() - rows.len(), timeline.makespan, &AROUND, columns, style)
}

fn row(analysis: &Analysis, places: Places<'_>, bar: &Bar) -> Row {
    let graph = &analysis.node(bar.node).graph;
    let vertex = graph.vertex(bar.vertex);
    Row {
        line: vertex.places.first().map_or_else(String::new, |place| places.short(*place)),
        text: brief::step(graph, &vertex.op),
        platforms: brief::targets(analysis, graph, vertex),
        took: if bar.time.is_cached { "cached".to_owned() } else { bar.time.duration().to_string() },
        mode: Mode::of(analysis.node(bar.node), bar.vertex),
        is_critical: bar.time.is_critical,
        ready: bar.time.ready,
        start: bar.time.begun,
        end: bar.time.finish,
    }
}
