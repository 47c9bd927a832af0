//! The graph as SVG: one static picture that needs no script, follows the reader's colour scheme, and says in words
//! what it shows by colour.
//!
//! Draws what `layout` placed. Every text carries its measured length, so that it stays in its box whatever font the
//! reader has. Knows no vertex.

pub(super) mod boxes;
mod legend;
mod lines;

use std::fmt::Write as _;

use super::layout::geometry::{BAND, Font, Point, Rect};
use super::layout::{Direction, Layout};
use super::view::{BoxKind, GraphView, Mode};
use super::xml::{self, Xml};

/// The colours and lines, in one real file.
pub(in crate::report) const STYLE: &str = include_str!("style.css");

/// How a graph is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The way the stages follow each other.
    pub direction: Direction,
    /// Whether to explain marks and lines under the picture.
    pub legend: bool,
    /// The number of the picture in a page that holds it and the style sheet: it has no heading and no ground of its own,
    /// and each box carries its index as `data-box`, each line those of
    /// its ends. `None` for a picture that stands alone.
    pub inline: Option<usize>,
}

/// Draws a graph.
///
/// # Returns
/// The bytes of an SVG document, the same for the same view and options.
pub fn svg(view: &GraphView, options: Options) -> String {
    let layout = Layout::new(view, options.direction);
    let legend = if options.legend { legend::height(view, layout.size.x) } else { 0.0 };
    let size = Point { y: layout.size.y + legend, ..layout.size };
    let mut xml = Xml::default();
    if let Some(number) = options.inline {
        begin_inline(&mut xml, view, size, layout.top(), number);
    } else {
        begin(&mut xml, &format!("Build graph of {}", view.title), &description(view), STYLE, size);
        heading(&mut xml, &layout);
    }
    for (stage, placed) in view.stages.iter().zip(&layout.stages) {
        boxes::frame(&mut xml, stage, placed);
    }
    lines::draw(&mut xml, view, &layout, options.inline);
    for placed in &layout.stages {
        placed.forks.iter().for_each(|fork| lines::fork(&mut xml, view, &layout, fork, options.inline));
        placed.lanes.iter().for_each(|lane| boxes::lane_name(&mut xml, lane));
        placed.boxes.iter().for_each(|placed| boxes::draw(&mut xml, view, placed, options.inline));
    }
    if options.legend {
        legend::draw(&mut xml, view, Point { x: 0.0, y: layout.size.y }, layout.size.x, options.inline);
    }
    xml.line();
    xml.finish()
}

/// The sign of a step as a small picture for a page that holds [`signs`] and the style sheet.
pub fn sign(kind: BoxKind, mode: Option<Mode>) -> String {
    let name = mode.map_or(kind.as_str(), Mode::as_str);
    format!("<svg class=\"sign\" aria-hidden=\"true\"><use href=\"#xsim-{name}\"/></svg>")
}

/// The drawings of all signs: a page holds each once.
pub fn signs() -> String {
    let band = Rect { x: 0.0, y: 0.0, width: BAND, height: 20.0 };
    let modes = Mode::VALUES.iter().map(|mode| (BoxKind::Command, Some(*mode)));
    let kinds = [BoxKind::Source, BoxKind::Command, BoxKind::Files, BoxKind::Result, BoxKind::Stage];
    let mut xml = Xml::default();
    for (kind, mode) in modes.chain(kinds.map(|kind| (kind, None))) {
        let name = mode.map_or(kind.as_str(), Mode::as_str);
        xml.open("symbol").attr("id", format!("xsim-{name}"));
        xml.attr("viewBox", format!("0 0 {} {}", xml::number(band.width), xml::number(band.height)));
        xml.open("g").attr("class", name);
        rect(&mut xml, band, "band", 4.0);
        boxes::mark(&mut xml, kind, mode, band.center());
        xml.close().close();
    }
    xml.finish().trim_end().to_owned()
}

/// Opens a document: its size, what it is in words, how it looks, and its ground.
pub(super) fn begin(xml: &mut Xml, title: &str, description: &str, style: &str, size: Point) {
    xml.open("svg").attr("xmlns", "http://www.w3.org/2000/svg");
    xml.length("width", size.x).length("height", size.y);
    xml.attr("viewBox", format!("0 0 {} {}", xml::number(size.x), xml::number(size.y)));
    xml.attr("role", "img").attr("aria-labelledby", "xsim-title xsim-desc");
    xml.line().open("title").attr("id", "xsim-title").text(title).close();
    xml.line().open("desc").attr("id", "xsim-desc").text(description).close();
    xml.line().style(style).line();
    hatches(xml, None);
    let page = Rect { x: 0.0, y: 0.0, width: size.x, height: size.y };
    rect(xml, page, "page", 0.0);
}

/// The beginning of a picture in a page. Its boxes can be pointed at, so it is no image but a group of them.
fn begin_inline(xml: &mut Xml, view: &GraphView, size: Point, top: f64, number: usize) {
    let height = size.y - top;
    xml.open("svg").length("width", size.x).length("height", height);
    xml.attr("viewBox", format!("0 {} {} {}", xml::number(top), xml::number(size.x), xml::number(height)));
    xml.attr("role", "group").attr("aria-labelledby", format!("xsim-title-{number}"));
    xml.line().open("title").attr("id", format!("xsim-title-{number}"));
    xml.text(&format!("Build graph: {}", description(view))).close().line();
    hatches(xml, Some(number));
}

/// The picture in words, for those who cannot see it.
fn description(view: &GraphView) -> String {
    let mut text = format!("{}.", view.summary);
    for stage in &view.stages {
        let _ = write!(text, " Stage {}", stage.name);
        if !stage.note.is_empty() {
            let _ = write!(text, " ({})", stage.note);
        }
        text.push('.');
        for fork in &stage.forks {
            let _ = write!(text, " It splits: {}.", fork.reason);
        }
    }
    text
}

/// The name of the pattern over the band of emulated steps; names are those of a page, not of a picture.
fn hatch(inline: Option<usize>) -> String {
    inline.map_or_else(|| "xsim-hatch".to_owned(), |number| format!("xsim-hatch-{number}"))
}

/// The pattern over the band of emulated steps.
fn hatches(xml: &mut Xml, inline: Option<usize>) {
    xml.open("defs").open("pattern").attr("id", hatch(inline)).attr("width", 6).attr("height", 6);
    xml.attr("patternUnits", "userSpaceOnUse").attr("patternTransform", "rotate(45)");
    xml.open("path").attr("class", "hatch").attr("d", "M0 0V6").close();
    xml.close().close().line();
}

fn heading(xml: &mut Xml, layout: &Layout) {
    use super::layout::geometry::{SUBTITLE, TITLE};
    for (at, (place, line)) in layout.heading.iter().enumerate() {
        let (class, font) = if at == 0 { ("title", TITLE) } else { ("subtitle", SUBTITLE) };
        text(xml, *place, class, font, line);
    }
}

/// A text that starts at a point, squeezed to its measured length should the reader's font be wider.
pub(super) fn text(xml: &mut Xml, at: Point, class: &str, font: Font, text: &str) {
    if text.is_empty() {
        return;
    }
    xml.open("text").length("x", at.x).length("y", at.y).attr("class", class);
    // Texts with signs of unknown width are measured too wide; stretching them to that would look odd.
    if font.knows(text) {
        xml.length("textLength", font.width(text)).attr("lengthAdjust", "spacingAndGlyphs");
    }
    xml.text(text).close();
}

/// A text with a point as its middle.
pub(super) fn centered(xml: &mut Xml, middle: f64, y: f64, class: &str, font: Font, line: &str) {
    text(xml, Point { x: middle - font.width(line) / 2.0, y }, class, font, line);
}

pub(super) fn rect(xml: &mut Xml, rect: Rect, class: &str, radius: f64) {
    xml.open("rect").length("x", rect.x).length("y", rect.y);
    xml.length("width", rect.width).length("height", rect.height);
    if radius > 0.0 {
        xml.length("rx", radius);
    }
    xml.attr("class", class).close().line();
}

/// A text that shows when the pointer rests on the element just opened.
pub(super) fn title(xml: &mut Xml, text: &str) {
    xml.open("title").text(text).close();
}
