//! What the marks and lines mean, under the picture.

use super::super::layout::geometry::{BAND, MARGIN, Point, Rect, SMALL};
use super::super::view::{GraphView, Mode};
use super::super::xml::{Xml, number};
use super::{boxes, rect, text};
use crate::graph::vertex::EdgeKind;

/// The height of an entry with its distance to the next.
const ENTRY: f64 = 26.0;

/// The classes of lines and what they mean; the last only where costs are known.
const LINES: [(&str, &str); 5] = [
    (EdgeKind::Base.as_str(), "builds on"),
    (EdgeKind::Copy.as_str(), "copies files from"),
    (EdgeKind::Mount.as_str(), "mounts"),
    (EdgeKind::Link.as_str(), "is laid over"),
    ("critical", "the end depends on it"),
];

fn lines(view: &GraphView) -> &'static [(&'static str, &'static str)] {
    let has_costs = view.boxes.iter().any(|shown| shown.cost.is_some());
    if has_costs { &LINES } else { &LINES[..4] }
}

/// The places of all entries, in rows that fit `width`, and the height they need.
fn places(view: &GraphView, width: f64) -> (Vec<Point>, f64) {
    let modes = Mode::VALUES.iter().map(|mode| mode.meaning());
    let texts = modes.chain(lines(view).iter().map(|(_, meaning)| *meaning));
    let mut at = Point { x: MARGIN, y: 0.0 };
    let mut places = Vec::new();
    for (index, meaning) in texts.enumerate() {
        let wide = BAND + 8.0 + SMALL.width(meaning) + 22.0;
        let is_new_part = index == Mode::VALUES.len();
        if at.x > MARGIN && (at.x + wide > width || is_new_part) {
            at = Point { x: MARGIN, y: at.y + ENTRY };
        }
        places.push(at);
        at.x += wide;
    }
    (places, at.y + ENTRY)
}

/// The height of the legend of a picture.
pub(super) fn height(view: &GraphView, width: f64) -> f64 {
    places(view, width).1 + MARGIN / 2.0
}

/// Draws the legend.
pub(super) fn draw(xml: &mut Xml, view: &GraphView, corner: Point, width: f64, inline: Option<usize>) {
    let (places, _) = places(view, width);
    for (mode, place) in Mode::VALUES.iter().zip(&places) {
        let at = place.moved(corner);
        let band = Rect { x: at.x, y: at.y, width: BAND, height: 20.0 };
        xml.open("g").attr("class", mode.as_str());
        rect(xml, band, "band", 4.0);
        if *mode == Mode::Emulated {
            xml.open("rect").length("x", band.x).length("y", band.y);
            xml.length("width", band.width).length("height", band.height);
            xml.attr("fill", format!("url(#{})", super::hatch(inline))).close();
        }
        boxes::mode_mark(xml, *mode, band.center());
        text(xml, Point { x: at.x + BAND + 8.0, y: at.y + 14.0 }, "small", SMALL, mode.meaning());
        xml.close().line();
    }
    for ((kind, meaning), place) in lines(view).iter().zip(&places[Mode::VALUES.len()..]) {
        let at = place.moved(corner);
        let y = at.y + 10.0;
        let tip = if *kind == "critical" { "critical tip" } else { "tip" };
        let path = format!("M{} {}H{}", number(at.x), number(y), number(at.x + BAND - 7.0));
        xml.open("path").attr("class", format!("{kind} line")).attr("d", path).close();
        super::lines::tip(xml, Point { x: at.x, y }, Point { x: at.x + BAND, y }, tip);
        text(xml, Point { x: at.x + BAND + 8.0, y: at.y + 14.0 }, "small", SMALL, meaning);
        xml.line();
    }
}
