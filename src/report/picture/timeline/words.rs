//! The words of a timeline: beside the rows, above the chart, and what the marks mean.

use super::super::layout::geometry::{BAND, KEYWORD, LABEL, MARGIN, Point, Rect, SMALL};
use super::super::svg;
use super::super::view::Mode;
use super::super::xml::{Xml, number};
use super::frame::{Flag, FlagKind, Frame};
use super::strips;
use super::view::{BarView, TimelineView};
use crate::report::escape::count;

/// The sign of a row.
const SIGN: f64 = 20.0;

/// The widths of the columns beside the chart.
#[derive(Debug, Clone, Copy)]
struct Columns {
    lines: f64,
    platforms: f64,
    durations: f64,
}

/// The words of all rows: line, sign, what runs, for which platforms, how long.
pub(super) fn rows(xml: &mut Xml, view: &TimelineView, frame: &Frame) {
    let widest = |text: &dyn Fn(&BarView) -> String| {
        view.bars.iter().map(|shown| SMALL.width(&text(shown))).fold(0.0, f64::max)
    };
    let columns = Columns {
        lines: widest(&line),
        platforms: widest(&|shown| shown.platforms.clone()).min(frame.labels.width * 0.25),
        durations: widest(&|shown| shown.took.clone()),
    };
    for (at, shown) in view.bars.iter().enumerate() {
        let area =
            Rect { y: frame.labels.y + at as f64 * frame.chart.row, height: frame.chart.row, ..frame.labels };
        row(xml, shown, area, columns);
    }
    if let Some((number, most)) = view.shorter {
        let y = frame.labels.y + (view.bars.len() as f64 + 0.5) * frame.chart.row + 4.0;
        let text = format!("and {}, of {most} at most", count(number, "shorter step"));
        svg::text(xml, Point { x: frame.labels.x, y }, "small", SMALL, &SMALL.fit(&text, frame.labels.width));
        xml.line();
    }
}

fn line(shown: &BarView) -> String {
    shown.line.map_or_else(String::new, |line| line.to_string())
}

fn row(xml: &mut Xml, shown: &BarView, area: Rect, columns: Columns) {
    let y = area.center().y + 4.0;
    xml.open("g").attr("class", strips::class(shown));
    svg::title(xml, &shown.whole);
    let number = line(shown);
    let x = area.x + columns.lines - SMALL.width(&number);
    svg::text(xml, Point { x, y }, "small", SMALL, &number);
    let left = area.x + columns.lines + if columns.lines > 0.0 { 6.0 } else { 0.0 };
    let sign = Rect { x: left, y: area.y + 2.0, width: SIGN, height: area.height - 4.0 };
    svg::rect(xml, sign, "band", 3.0);
    if shown.mode == Some(Mode::Emulated) {
        strips::pattern(xml, shown.mode, sign);
    }
    strips::sign(xml, shown, Point { y: sign.center().y + 1.0, ..sign.center() });
    let duration = &shown.took;
    let at = Point { x: area.right() - SMALL.width(duration), y };
    svg::text(xml, at, "small", SMALL, duration);
    let platforms = SMALL.fit(&shown.platforms, columns.platforms);
    let end = area.right() - columns.durations - 8.0 - columns.platforms;
    svg::text(xml, Point { x: end, y }, "small", SMALL, &platforms);
    let x = sign.right() + 7.0;
    let room = end - if columns.platforms > 0.0 { 8.0 } else { 0.0 } - x;
    let keyword = KEYWORD.fit(&shown.keyword, room);
    let indent = if keyword.is_empty() { 0.0 } else { KEYWORD.width(&keyword) + 5.0 };
    svg::text(xml, Point { x, y }, "keyword", KEYWORD, &keyword);
    let label = LABEL.fit(&shown.label, (room - indent).max(0.0));
    svg::text(xml, Point { x: x + indent, y }, "label", LABEL, &label);
    xml.close().line();
}

/// The lines through the chart at which platforms are done and half of all builds end.
pub(super) fn flag_lines(xml: &mut Xml, flags: &[Flag], bottom: f64) {
    for flag in flags.iter().filter(|flag| flag.kind != FlagKind::Beyond) {
        let path = format!("M{} {}V{}", number(flag.x), number(flag.rect.bottom()), number(bottom));
        let class = if flag.kind == FlagKind::Half { "median" } else { "finish" };
        xml.open("path").attr("class", class).attr("d", path).close().line();
    }
}

/// The flags on the lines through the chart.
pub(super) fn flags(xml: &mut Xml, flags: &[Flag]) {
    for flag in flags {
        let (ground, words) = match flag.kind {
            FlagKind::Done => ("platform", "small on"),
            FlagKind::Half => ("half", "small"),
            FlagKind::Beyond => ("range", "small"),
        };
        svg::rect(xml, flag.rect, ground, 4.0);
        svg::centered(xml, flag.rect.center().x, flag.rect.y + 13.0, words, SMALL, &flag.text);
        xml.line();
    }
}

/// An entry of the legend: a class for its swatch, and what it means.
struct Entry {
    class: &'static str,
    swatch: Swatch,
    meaning: &'static str,
}

enum Swatch {
    Mode(Mode),
    Plain(&'static str),
}

/// What the marks of timelines mean; nothing that none of them shows.
fn entries(views: &[TimelineView]) -> Vec<Entry> {
    let any = |test: &dyn Fn(&BarView) -> bool| views.iter().flat_map(|view| &view.bars).any(test);
    let has_range = views.iter().any(|view| view.range.is_some());
    let modes = Mode::VALUES.iter().filter(|mode| any(&|shown| shown.mode == Some(**mode)));
    let mut entries: Vec<Entry> = modes
        .map(|mode| Entry { class: mode.as_str(), swatch: Swatch::Mode(*mode), meaning: mode.meaning() })
        .collect();
    let plain = |class, swatch, meaning| Entry { class, swatch: Swatch::Plain(swatch), meaning };
    if any(&|shown| shown.mode.is_none()) {
        entries.push(plain("files", "bar", "pulls and copies"));
    }
    if any(&|shown| shown.bar.wait() > crate::units::Nanos::ZERO) {
        let meaning =
            if has_range { "waits for a slot or a lock" } else { "waits, though all it needs is done" };
        entries.push(plain("", "wait", meaning));
    }
    if any(&|shown| shown.bar.is_critical) {
        entries.push(plain("", "ring", "the end depends on it"));
    }
    if any(&|shown| shown.expected.is_some()) {
        entries.push(plain("", "forecast", "forecast"));
    }
    if has_range {
        entries.push(plain("", "range", "8 of 10 builds end here"));
        entries.push(plain("", "half", "half of all builds end by here"));
    }
    entries
}

/// The places of the entries, and the height of all rows.
fn places(entries: &[Entry], width: f64) -> (Vec<Point>, f64) {
    let mut at = Point { x: 0.0, y: 0.0 };
    let mut places = Vec::new();
    for entry in entries {
        let wide = BAND + 8.0 + SMALL.width(entry.meaning) + 20.0;
        if at.x > 0.0 && at.x + wide > width {
            at = Point { x: 0.0, y: at.y + 24.0 };
        }
        places.push(at);
        at.x += wide;
    }
    (places, at.y + 24.0)
}

/// The height of the legend.
pub(super) fn legend_height(views: &[TimelineView], width: f64) -> f64 {
    places(&entries(views), width - 2.0 * MARGIN).1
}

/// Draws the legend of a picture `width` pixels wide.
pub(super) fn legend(xml: &mut Xml, views: &[TimelineView], corner: Point, width: f64) {
    let entries = entries(views);
    let (places, _) = places(&entries, width - 2.0 * MARGIN);
    for (entry, place) in entries.iter().zip(places) {
        let at = place.moved(corner);
        let swatch = Rect { x: at.x, y: at.y + 2.0, width: BAND, height: 14.0 };
        xml.open("g").attr("class", entry.class);
        match entry.swatch {
            Swatch::Mode(mode) => {
                svg::rect(xml, swatch, "bar", 0.0);
                strips::pattern(xml, Some(mode), swatch);
            }
            Swatch::Plain(class) => svg::rect(xml, swatch, class, 0.0),
        }
        let words = Point { x: swatch.right() + 8.0, y: at.y + 13.0 };
        svg::text(xml, words, "small", SMALL, entry.meaning);
        xml.close().line();
    }
}
