//! A build, simulated or logged, as a Gantt chart in SVG: a row for each step, or lanes where there are many; waits, the critical
//! path, when each platform is done, the range of the end, and the busy cores below.
//!
//! Scales, axes and areas are drawn by plotters on a canvas of the project's own; the words are placed here. Everything
//! shown was computed before: see [`crate::timeline`].

pub(in crate::report) mod axis;
mod canvas;
mod chart;
mod compared;
mod frame;
mod likelihood;
mod strips;
mod view;
mod words;

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea as _};

use self::canvas::Canvas;
pub use self::compared::{ComparedView, GainView, GainsView, compared_svg};
use self::frame::Frame;
pub use self::view::{BarView, TimelineView};
use super::layout::geometry::{Point, SMALL, SUBTITLE, TITLE};
use super::svg;
use super::xml::Xml;

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
    let view = &view.with_longest();
    let frame = Frame::new(view, width, words::legend_height(std::slice::from_ref(view), width));
    let mut xml = Xml::default();
    let title = format!("Timeline of {}", view.title);
    svg::begin(&mut xml, &title, &description(view), &timeline_style(), frame.size);
    patterns(&mut xml);
    for (at, (place, line)) in frame.heading.iter().enumerate() {
        let (class, font) = if at == 0 { ("title", TITLE) } else { ("subtitle", SUBTITLE) };
        svg::text(&mut xml, *place, class, font, line);
    }
    xml.line();
    frame.chart.range(&mut xml, view, frame.load.bottom());
    words::flag_lines(&mut xml, &frame.flags, frame.load.bottom());
    let size = ((frame.size.x as i32).unsigned_abs(), (frame.size.y as i32).unsigned_abs());
    let area = Canvas { xml: &mut xml, size }.into_drawing_area();
    frame.chart.bars(&area, view)?;
    frame.chart.cores(&area, view, frame.load)?;
    if let Some(rect) = frame.likely {
        likelihood::draw(&area, &[&view.likely], rect, (frame.chart.axis, frame.chart.ticks))?;
    }
    drop(area);
    words::rows(&mut xml, view, &frame);
    let below = [
        (Some(frame.load), if view.range.is_some() { "busy cores" } else { "steps at once" }),
        (frame.likely, "builds done"),
    ];
    for (rect, words) in below {
        let Some(rect) = rect else { continue };
        let at = Point { x: frame.labels.x, y: rect.center().y + 4.0 };
        let words = SMALL.fit(words, rect.x - at.x - f64::from(chart::LEFT));
        svg::text(&mut xml, at, "small", SMALL, &words);
    }
    words::flags(&mut xml, &frame.flags);
    words::legend(&mut xml, std::slice::from_ref(view), frame.legend, frame.size.x);
    Ok(xml.finish())
}

/// The style sheet in every timeline.
pub fn timeline_style() -> String {
    format!("{}{STYLE}", svg::STYLE)
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
    let mut text = format!("{}.", view.summary.trim_end_matches('.'));
    for (at, names) in &view.finish {
        let _ = write!(text, " {names} is done after {at}.");
    }
    let critical = view.bars.iter().filter(|shown| shown.bar.is_critical);
    let steps: Vec<String> =
        critical.map(|shown| format!("{} {} ({})", shown.keyword, shown.label, shown.took)).collect();
    if !steps.is_empty() {
        let _ = write!(text, " The end depends on: {}.", steps.join("; "));
    }
    text
}
