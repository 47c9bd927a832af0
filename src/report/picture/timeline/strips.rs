//! The bars of a chart, as elements that plotters places.

use std::convert::Infallible;

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::super::layout::geometry::{BAND, LABEL, Point, Rect, SMALL};
use super::super::svg;
use super::super::view::Mode;
use super::super::xml::{Xml, number};
use super::canvas::{Canvas, Drawn, between};
use super::view::BarView;
use crate::units::Nanos;

/// The least width of a bar, so that what takes hardly any time is seen.
const LEAST: f64 = 2.0;

/// Words of fewer letters are left out of a bar.
const LEAST_LETTERS: usize = 6;

/// A step's bar and its wait.
pub(super) struct Strip<'v> {
    pub(super) shown: &'v BarView,
    pub(super) corners: [(Nanos, f64); 4],
    /// Whether the words stand in the bar.
    pub(super) has_words: bool,
}

impl<'v> Strip<'v> {
    pub(super) fn new(shown: &'v BarView, row: usize, has_words: bool) -> Self {
        let row = row as f64;
        let bar = shown.bar;
        // A lane shows who holds a slot; who waits for one has no lane yet.
        let from = if has_words { bar.start } else { bar.ready };
        let expected = shown.expected.map_or(bar.begun, |expected| bar.begun + expected);
        let corners = [(from, row), (bar.begun, row), (bar.finish, row + 1.0), (expected, row + 1.0)];
        Self { shown, corners, has_words }
    }
}

impl<'a> PointCollection<'a, (Nanos, f64)> for &'a Strip<'_> {
    type Point = &'a (Nanos, f64);
    type IntoIter = &'a [(Nanos, f64)];

    fn point_iter(self) -> &'a [(Nanos, f64)] {
        &self.corners
    }
}

impl Drawable<Canvas<'_>> for Strip<'_> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        pos: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let places: Vec<BackendCoord> = pos.collect();
        if let [ready, begun, end, expected] = places[..] {
            let (wait, row) = (between(ready, (begun.0, end.1)), between(begun, end));
            draw(canvas.xml, self.shown, wait, row, self.has_words);
            if self.shown.expected.is_some() {
                forecast(canvas.xml, between(begun, expected));
            }
        }
        Ok(())
    }
}

fn draw(xml: &mut Xml, shown: &BarView, wait: Rect, row: Rect, has_words: bool) {
    let gap = if has_words { 1.0 } else { 0.0 };
    let bar = Rect { y: row.y + 3.0, height: row.height - 6.0, width: (row.width - gap).max(LEAST), ..row };
    xml.open("g").attr("class", class(shown));
    svg::title(xml, &shown.whole);
    if wait.width >= 1.0 {
        let pale = Rect { y: bar.y + bar.height * 0.3, height: bar.height * 0.4, ..wait };
        svg::rect(xml, pale, "wait", 0.0);
    }
    if shown.bar.is_critical {
        let ring = Rect { x: bar.x - 2.0, y: bar.y - 2.0, width: bar.width + 4.0, height: bar.height + 4.0 };
        svg::rect(xml, ring, "ring", 2.0);
    }
    if has_words {
        wide(xml, shown, bar);
    } else {
        svg::rect(xml, bar, "bar", 0.0);
        pattern(xml, shown.mode, bar);
    }
    xml.close().line();
}

/// How long a step was to take: a line below its bar.
fn forecast(xml: &mut Xml, row: Rect) {
    const HEIGHT: f64 = 3.0;
    let line = Rect { y: row.bottom() - HEIGHT, height: HEIGHT, width: row.width.max(LEAST), ..row };
    svg::rect(xml, line, "forecast", 0.0);
    xml.line();
}

/// The class of a step, as in the graph.
pub(super) fn class(shown: &BarView) -> &'static str {
    shown.mode.map_or(shown.kind.as_str(), Mode::as_str)
}

/// What tells the ways to run apart without colour.
pub(super) fn pattern(xml: &mut Xml, mode: Option<Mode>, bar: Rect) {
    let fill = match mode {
        Some(Mode::Emulated) => "url(#xsim-hatch)",
        Some(Mode::Mixed) => "url(#xsim-dots)",
        Some(Mode::Cross) => "url(#xsim-lines)",
        _ => return,
    };
    xml.open("rect").length("x", bar.x).length("y", bar.y);
    xml.length("width", bar.width).length("height", bar.height);
    xml.attr("fill", fill).close();
}

/// A bar of a lane: as a box of the graph where there is room for words, else all in the colour of its band.
fn wide(xml: &mut Xml, shown: &BarView, bar: Rect) {
    let x = bar.x + BAND + 6.0;
    let room = bar.right() - x - 6.0;
    let platforms = SMALL.width(&shown.platforms) + 10.0;
    let has_platforms = !shown.platforms.is_empty() && room > platforms + 60.0;
    let text = format!("{} {}", shown.keyword, shown.label);
    let words = LABEL.fit(text.trim(), room - if has_platforms { platforms } else { 0.0 });
    // A few letters say nothing; who points at the bar sees it all.
    let has_words = words.chars().count() >= LEAST_LETTERS;
    if !has_words {
        svg::rect(xml, bar, "bar", 0.0);
        pattern(xml, shown.mode, bar);
        if let Some(mode) = shown.mode.filter(|_| bar.width >= BAND) {
            svg::boxes::mode_mark(xml, mode, bar.center());
        }
        return;
    }
    svg::rect(xml, bar, "box", 0.0);
    let band = Rect { width: BAND, ..bar };
    svg::rect(xml, band, "band", 0.0);
    pattern(xml, shown.mode.filter(|mode| *mode == Mode::Emulated), band);
    sign(xml, shown, band.center());
    svg::text(xml, Point { x, y: bar.center().y + 4.0 }, "label", LABEL, &words);
    if has_platforms {
        let at = Point { x: bar.right() - platforms + 4.0, y: bar.center().y + 4.0 };
        svg::text(xml, at, "small", SMALL, &shown.platforms);
    }
}

/// The sign of a step, as in the graph.
pub(super) fn sign(xml: &mut Xml, shown: &BarView, at: Point) {
    match shown.mode {
        Some(mode) => svg::boxes::mode_mark(xml, mode, at),
        None => svg::boxes::kind_mark(xml, shown.kind, at),
    }
}

/// Where the critical path goes from one bar to the next.
pub(super) struct Handover {
    pub(super) corners: [(Nanos, f64); 2],
}

impl<'a> PointCollection<'a, (Nanos, f64)> for &'a Handover {
    type Point = &'a (Nanos, f64);
    type IntoIter = &'a [(Nanos, f64)];

    fn point_iter(self) -> &'a [(Nanos, f64)] {
        &self.corners
    }
}

impl Drawable<Canvas<'_>> for Handover {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        pos: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> Drawn {
        let places: Vec<BackendCoord> = pos.collect();
        if let [(left, top), (right, bottom)] = places[..] {
            let n = |value: i32| number(f64::from(value));
            let path = format!("M{} {}L{} {}", n(left), n(top), n(right), n(bottom));
            canvas.xml.open("path").attr("class", "handover").attr("d", path).close().line();
        }
        Ok(())
    }
}
