//! A simulated build as a Gantt chart in SVG: a row for each step, or lanes where there are many; waits, the critical
//! path, when each platform is done, the range of the end, and the busy cores below.
//!
//! Scales, axes and areas are drawn by plotters on a canvas of the project's own; the words are placed here. Everything
//! shown was computed before: see [`crate::timeline`].

mod axis;
mod canvas;
mod frame;
mod strips;
mod view;
mod words;

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::chart::ChartBuilder;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea as _};
use plotters::series::AreaSeries;
use plotters::style::{Color as _, TRANSPARENT};

use self::axis::Scale;
use self::canvas::{Canvas, Ink};
use self::frame::{Frame, TICKS};
use self::strips::{Handover, Strip};
pub use self::view::{BarView, TimelineView};
use super::layout::geometry::{Point, Rect, SMALL, SUBTITLE, TITLE};
use super::svg;
use super::xml::Xml;
use crate::units::Nanos;

/// Why plotters could not draw: never, as a string takes everything.
pub type DrawingError = DrawingAreaErrorKind<Infallible>;

/// The widths in pixels that a picture may have.
pub const WIDTHS: std::ops::RangeInclusive<u32> = 480..=4000;
/// The width of a picture where nothing is asked for.
pub const WIDTH: u32 = 960;

/// The colours and lines of timelines, beside those of the graph.
pub(super) const STYLE: &str = include_str!("style.css");

/// Draws a timeline `width` pixels wide, or as wide as [`WIDTHS`] allow.
///
/// # Returns
/// The bytes of an SVG document, the same for the same view and width.
pub fn timeline_svg(view: &TimelineView, width: u32) -> Result<String, DrawingError> {
    let width = f64::from(width.clamp(*WIDTHS.start(), *WIDTHS.end()));
    let frame = Frame::new(view, width, words::legend_height(view, width));
    let mut xml = Xml::default();
    let style = format!("{}{STYLE}", svg::STYLE);
    svg::begin(&mut xml, &format!("Timeline of {}", view.title), &description(view), &style, frame.size);
    patterns(&mut xml);
    for (at, (place, line)) in frame.heading.iter().enumerate() {
        let (class, font) = if at == 0 { ("title", TITLE) } else { ("subtitle", SUBTITLE) };
        svg::text(&mut xml, *place, class, font, line);
    }
    xml.line();
    range(&mut xml, view, &frame);
    draw(&mut xml, view, &frame)?;
    if frame.has_rows {
        words::rows(&mut xml, view, &frame);
    }
    let cores = Point { x: frame.labels.x, y: frame.load.center().y + 4.0 };
    let room = frame.chart.x - cores.x - 24.0;
    svg::text(&mut xml, cores, "small", SMALL, &SMALL.fit("busy cores", room));
    words::flags(&mut xml, &frame);
    words::legend(&mut xml, view, &frame);
    Ok(xml.finish())
}

/// The chart of bars and the chart of busy cores, over the same axis.
fn draw(xml: &mut Xml, view: &TimelineView, frame: &Frame) -> Result<(), DrawingError> {
    let (width, height) = (frame.size.x as i32, frame.size.y as i32);
    let area = Canvas { xml, size: (width.unsigned_abs(), height.unsigned_abs()) }.into_drawing_area();
    let (chart, load) = (frame.chart, frame.load);
    let margins = |part: Rect, below: f64| {
        (part.x as i32, part.y as i32, width - part.right() as i32, height - (part.bottom() + below) as i32)
    };
    let rows = chart.height / frame.row;
    let (left, top, right, bottom) = margins(chart, 0.0);
    let mut bars = ChartBuilder::on(&area)
        .margin_left(left)
        .margin_top(top)
        .margin_right(right)
        .margin_bottom(bottom)
        .build_cartesian_2d(frame.axis, Scale { bottom: rows, top: 0.0, ticks: Vec::new() })?;
    bars.configure_mesh()
        .x_labels(frame.ticks)
        .disable_axes()
        .bold_line_style(Ink::Grid.color())
        .light_line_style(TRANSPARENT)
        .draw()?;
    let row = |at: usize| if frame.has_rows { at } else { view.bars[at].bar.lane };
    // Bars without a length have no place in a lane.
    let is_drawn = |at: &usize| frame.has_rows || view.bars[*at].bar.finish > view.bars[*at].bar.start;
    let drawn: Vec<usize> = (0..view.bars.len()).filter(is_drawn).collect();
    let critical: Vec<usize> = drawn.iter().copied().filter(|at| view.bars[*at].bar.is_critical).collect();
    for pair in critical.windows(2) {
        let at = view.bars[pair[1]].bar.begun;
        let corners = [(at, row(pair[0]) as f64 + 0.5), (at, row(pair[1]) as f64 + 0.5)];
        bars.plotting_area().draw(&Handover { corners })?;
    }
    for at in drawn {
        bars.plotting_area().draw(&Strip::new(&view.bars[at], row(at), !frame.has_rows))?;
    }
    let (left, top, right, bottom) = margins(load, TICKS);
    let mut cores = ChartBuilder::on(&area)
        .margin_left(left - 24)
        .margin_top(top)
        .margin_right(right)
        .margin_bottom(bottom)
        .set_label_area_size(plotters::chart::LabelAreaPosition::Left, 24)
        .set_label_area_size(plotters::chart::LabelAreaPosition::Bottom, TICKS as i32)
        .build_cartesian_2d(
            frame.axis,
            Scale { bottom: 0.0, top: view.cores, ticks: vec![0.0, view.cores] },
        )?;
    cores
        .configure_mesh()
        .x_labels(frame.ticks)
        .y_labels(2)
        .label_style(("sans-serif", SMALL.size, &Ink::Words.color()))
        .axis_style(Ink::Axis.color())
        .bold_line_style(Ink::Grid.color())
        .light_line_style(TRANSPARENT)
        .draw()?;
    let edge = Ink::Edge.color().stroke_width(1);
    cores.draw_series(AreaSeries::new(stairs(view), 0.0, Ink::Load.color()).border_style(edge))?;
    Ok(())
}

/// The busy cores as corners of stairs, from the start to the end of the work.
fn stairs(view: &TimelineView) -> Vec<(Nanos, f64)> {
    let mut corners = vec![(Nanos::ZERO, 0.0)];
    let mut busy = 0.0;
    for &(at, cores) in &view.load {
        corners.extend([(at, busy), (at, cores)]);
        busy = cores;
    }
    corners
}

/// The range of the end, and the median in it: a ground behind the bars.
fn range(xml: &mut Xml, view: &TimelineView, frame: &Frame) {
    let [from, median, to] = view.range;
    let left = frame.x(from);
    let area = Rect {
        x: left,
        y: frame.chart.y,
        width: (frame.x(to) - left).max(1.0),
        height: frame.load.bottom() - frame.chart.y,
    };
    svg::rect(xml, area, "range", 0.0);
    let line = Rect { x: frame.x(median) - 1.0, width: 2.0, ..area };
    svg::rect(xml, line, "median", 0.0);
}

/// The patterns over bars.
fn patterns(xml: &mut Xml) {
    xml.open("defs");
    for (name, path) in [("xsim-dots", "M1 1.5h2M4 4.5h2"), ("xsim-lines", "M0 3H6")] {
        xml.open("pattern").attr("id", name).attr("width", 6).attr("height", 6);
        xml.attr("patternUnits", "userSpaceOnUse");
        xml.open("path").attr("class", "hatch").attr("d", path).close();
        xml.close();
    }
    xml.close().line();
}

/// The picture in words, for those who cannot see it.
fn description(view: &TimelineView) -> String {
    let mut text = format!("{}.", view.summary);
    for (at, names) in &view.finish {
        let _ = write!(text, " {names} is done after {at}.");
    }
    let critical = view.bars.iter().filter(|shown| shown.bar.is_critical);
    let steps: Vec<String> = critical
        .map(|shown| format!("{} {} ({})", shown.keyword, shown.label, shown.bar.duration()))
        .collect();
    if !steps.is_empty() {
        let _ = write!(text, " The end depends on: {}.", steps.join("; "));
    }
    text
}
