//! What the marks and lines mean, under the picture: those that it shows.

use super::super::layout::geometry::{BAND, MARGIN, Point, Rect, SMALL};
use super::super::view::{GraphView, Mode};
use super::super::xml::{Xml, number};
use super::{boxes, rect, text};
use crate::graph::vertex::EdgeKind;

/// The height of an entry with its distance to the next.
const ENTRY: f64 = 26.0;

/// The kinds of lines and what they mean.
const LINES: [(EdgeKind, &str); 4] = [
    (EdgeKind::Base, "builds on"),
    (EdgeKind::Copy, "copies files from"),
    (EdgeKind::Mount, "mounts"),
    (EdgeKind::Link, "is laid over"),
];

/// What a line of the legend explains.
#[derive(Clone, Copy)]
enum Sign {
    Mode(Mode),
    /// The class of a line.
    Line(&'static str),
}

/// The marks and lines of `view` and what they mean; nothing that it does not show.
fn entries(view: &GraphView) -> Vec<(Sign, &'static str)> {
    let is_run = |mode: &Mode| view.boxes.iter().any(|shown| shown.mode == Some(*mode));
    let modes = Mode::VALUES.iter().copied().filter(is_run);
    let mut entries: Vec<(Sign, &'static str)> =
        modes.map(|mode| (Sign::Mode(mode), mode.meaning())).collect();
    let outside = view.boxes.iter().flat_map(|shown| &shown.outside).map(|thing| thing.edge);
    let kinds: Vec<EdgeKind> = view.edges.iter().map(|edge| edge.kind).chain(outside).collect();
    let lines = LINES.iter().filter(|(kind, _)| kinds.contains(kind));
    entries.extend(lines.map(|(kind, meaning)| (Sign::Line(kind.as_str()), *meaning)));
    if view.boxes.iter().any(|shown| shown.is_critical) {
        entries.push((Sign::Line("critical"), "the end depends on it"));
    }
    entries
}

/// The entries with their places, in rows that fit `width`, and the height they need. Lines begin a row of their own.
fn places(view: &GraphView, width: f64) -> (Vec<(Point, Sign, &'static str)>, f64) {
    let mut at = Point { x: MARGIN, y: 0.0 };
    let mut has_lines = false;
    let mut places = Vec::new();
    for (sign, meaning) in entries(view) {
        let wide = BAND + 8.0 + SMALL.width(meaning) + 22.0;
        let is_new_part = matches!(sign, Sign::Line(_)) && !has_lines;
        has_lines |= is_new_part;
        if at.x > MARGIN && (at.x + wide > width || is_new_part) {
            at = Point { x: MARGIN, y: at.y + ENTRY };
        }
        places.push((at, sign, meaning));
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
    for (place, sign, meaning) in places(view, width).0 {
        let at = place.moved(corner);
        match sign {
            Sign::Mode(mode) => {
                xml.open("g").attr("class", mode.as_str());
                swatch(xml, mode, Rect { x: at.x, y: at.y, width: BAND, height: 20.0 }, inline);
            }
            Sign::Line(kind) => {
                xml.open("g");
                let y = at.y + 10.0;
                let tip = if kind == "critical" { "critical tip" } else { "tip" };
                let path = format!("M{} {}H{}", number(at.x), number(y), number(at.x + BAND - 7.0));
                xml.open("path").attr("class", format!("{kind} line")).attr("d", path).close();
                super::lines::tip(xml, Point { x: at.x, y }, Point { x: at.x + BAND, y }, tip);
            }
        }
        text(xml, Point { x: at.x + BAND + 8.0, y: at.y + 14.0 }, "small", SMALL, meaning);
        xml.close().line();
    }
}

fn swatch(xml: &mut Xml, mode: Mode, band: Rect, inline: Option<usize>) {
    rect(xml, band, "band", 4.0);
    if mode == Mode::Emulated {
        xml.open("rect").length("x", band.x).length("y", band.y);
        xml.length("width", band.width).length("height", band.height);
        xml.attr("fill", format!("url(#{})", super::hatch(inline))).close();
    }
    boxes::mode_mark(xml, mode, band.center());
}
