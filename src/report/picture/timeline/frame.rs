//! Where the parts of a timeline are: the words at the left, the chart, the busy cores below it.
//!
//! Knows sizes and texts. Draws nothing.

use plotters::coord::ranged1d::Ranged as _;

use super::super::layout::geometry::{LINE, MARGIN, Point, Rect, SMALL, SUBTITLE, TITLE};
use super::axis::{TimeAxis, tick};
use super::chart::Chart;
use super::view::TimelineView;
use crate::units::Nanos;

/// The height of a row with its words at the left.
const ROW: f64 = 22.0;
/// The height of a lane with words in its bars.
pub(super) const LANE: f64 = 30.0;
/// The height of the chart of busy cores.
const LOAD: f64 = 54.0;
/// The height of the words at an axis.
pub(super) const TICKS: f64 = 26.0;
/// Right of the chart: room for half of the widest tick.
pub(super) const RIGHT: f64 = 32.0;
/// The most flags; earlier ones are told together.
const MAX_FLAGS: usize = 8;
/// The height of a flag.
const FLAG: f64 = 18.0;

/// A picture's geometry.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) size: Point,
    pub(super) heading: Vec<(Point, String)>,
    /// The words of the rows.
    pub(super) labels: Rect,
    /// The bars.
    pub(super) chart: Chart,
    /// The busy cores.
    pub(super) load: Rect,
    /// Which part of the builds are done.
    pub(super) likely: Option<Rect>,
    /// Where the legend begins.
    pub(super) legend: Point,
    pub(super) flags: Vec<Flag>,
}

/// A word above the chart, on a line at an instant.
#[derive(Debug)]
pub(super) struct Flag {
    pub(super) rect: Rect,
    pub(super) text: String,
    /// The line's place.
    pub(super) x: f64,
    /// What it tells.
    pub(super) kind: FlagKind,
}

/// What a flag tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlagKind {
    /// When platforms are done.
    Done,
    /// When half of all builds end.
    Half,
    /// That the range goes on beyond the chart, and until when.
    Beyond,
}

impl Frame {
    /// Arranges a picture that is `width` pixels wide and has a legend `legend` pixels high.
    pub(super) fn new(view: &TimelineView, width: f64, legend: f64) -> Self {
        let left = (width * 0.43).clamp(250.0, 480.0);
        let inner = width - 2.0 * MARGIN;
        let mut y = MARGIN + 14.0;
        let mut heading = vec![(Point { x: MARGIN, y }, TITLE.fit(&view.title, inner).into_owned())];
        for line in SUBTITLE.wrap(&view.summary, inner, 3) {
            y += LINE + 4.0;
            heading.push((Point { x: MARGIN, y }, line));
        }
        let axis = TimeAxis { end: view.end };
        let chart_left = (MARGIN + left).round();
        let chart_width = (width - RIGHT - chart_left).round();
        let flags = flags(view, axis, (chart_left, chart_width));
        let flag_rows = flags.iter().map(|flag| flag.rect.bottom()).fold(0.0, f64::max);
        let top = (y + 14.0).round();
        let chart_top = (top + flag_rows + 6.0).round();
        let rows = view.bars.len() + usize::from(view.shorter.is_some());
        let height = (rows as f64 * ROW).max(ROW);
        let chart = Rect { x: chart_left, y: chart_top, width: chart_width, height };
        let load = Rect { y: chart.bottom() + 14.0, height: LOAD, ..chart };
        let below = Rect { y: load.bottom() + TICKS + 8.0, ..load };
        let likely = (!view.likely.is_empty()).then_some(below);
        let legend_top = likely.unwrap_or(load).bottom() + TICKS + 8.0;
        let down = Point { x: 0.0, y: top };
        let flags = flags.into_iter().map(|flag| Flag { rect: flag.rect.moved(down), ..flag });
        Self {
            size: Point { x: width, y: (legend_top + legend + MARGIN / 2.0).round() },
            heading,
            labels: Rect { x: MARGIN, y: chart.y, width: chart_left - MARGIN - 10.0, height },
            chart: Chart { rect: chart, axis, ticks: ticks(axis, chart_width), row: ROW, has_rows: true },
            load,
            likely,
            legend: Point { x: MARGIN, y: legend_top },
            flags: flags.collect(),
        }
    }
}

/// How many ticks stand apart with their words.
pub(super) fn ticks(axis: TimeAxis, width: f64) -> usize {
    let fits = |count: &usize| {
        let ticks = axis.ticks(*count);
        let widest = ticks.iter().map(|at| SMALL.width(&tick(*at))).fold(0.0, f64::max);
        widest + 14.0 <= width * (ticks.get(1).map_or(1.0, |second| *second / axis.end))
    };
    (2..=16).rev().find(fits).unwrap_or(1)
}

/// When which platforms are done, when half of all builds end, and when nine of ten do if that is beyond the chart: each over
/// its line, in as many rows as they need.
pub(super) fn flags(view: &TimelineView, axis: TimeAxis, (left, width): (f64, f64)) -> Vec<Flag> {
    let mut told: Vec<(Nanos, String)> = view.finish.clone();
    if told.len() > MAX_FLAGS {
        let rest = told.split_off(told.len() - MAX_FLAGS + 1);
        let last = told.last().map_or(Nanos::ZERO, |(at, _)| *at);
        told = std::iter::once((last, format!("{} more", told.len()))).chain(rest).collect();
    }
    let mut ends: Vec<f64> = Vec::new();
    let mut flags: Vec<Flag> = Vec::new();
    let mut told: Vec<_> = told.into_iter().map(|(at, names)| (at, names, FlagKind::Done)).collect();
    if let Some([_, median, most]) = view.range {
        told.push((median, "half of all builds".to_owned(), FlagKind::Half));
        if most > axis.end {
            told.push((most, "9 of 10".to_owned(), FlagKind::Beyond));
        }
    }
    told.sort_by_key(|(at, ..)| *at);
    for (at, names, kind) in told {
        let x = f64::from(axis.map(&at.min(axis.end), (left as i32, (left + width) as i32)));
        let time = format!(" · {at}{}", if kind == FlagKind::Beyond { " →" } else { "" });
        let names = SMALL.fit(&names, width * 0.6 - SMALL.width(&time));
        let text = format!("{names}{time}");
        let wide = SMALL.width(&text) + 12.0;
        let from = (x - wide / 2.0).min(left + width - wide).max(left);
        let row = ends.iter().position(|end| *end + 6.0 <= from).unwrap_or(ends.len());
        match ends.get_mut(row) {
            Some(end) => *end = from + wide,
            None => ends.push(from + wide),
        }
        let rect = Rect { x: from, y: row as f64 * (FLAG + 3.0), width: wide, height: FLAG };
        flags.push(Flag { rect, text, x, kind });
    }
    flags
}
