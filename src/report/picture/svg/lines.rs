//! Lines between boxes, and forks.

use std::fmt::Write as _;

use super::super::layout::geometry::{LINE, Point, SMALL, TAG_HEIGHT};
use super::super::layout::{Layout, PlacedFork, PlacedLine};
use super::super::view::GraphView;
use super::super::xml::{Xml, number};
use super::{centered, rect, title};

/// The radius of a corner.
const CORNER: f64 = 6.0;

/// Draws all lines, those of the critical path over the others. In a page, a line says which boxes it connects.
pub(super) fn draw(xml: &mut Xml, view: &GraphView, layout: &Layout, inline: Option<usize>) {
    let is_critical = |line: &&PlacedLine| view.edges[line.edge].is_critical;
    let (above, below): (Vec<&PlacedLine>, Vec<&PlacedLine>) = layout.lines.iter().partition(is_critical);
    for line in below.into_iter().chain(above) {
        let edge = &view.edges[line.edge];
        let critical = if edge.is_critical { "critical " } else { "" };
        let class = format!("{critical}line {}", edge.kind.as_str());
        if let [.., before, end] = line.way[..] {
            if inline.is_some() {
                xml.open("g").attr("data-edge", line.edge);
                xml.attr("data-from", edge.from.0).attr("data-to", edge.to.0);
            }
            xml.open("path").attr("class", class).attr("d", rounded(&line.way)).close();
            tip(xml, before, end, &format!("{critical}tip"));
            if inline.is_some() {
                xml.close();
            }
            xml.line();
        }
    }
}

/// A path along points, with round corners.
fn rounded(way: &[Point]) -> String {
    let mut path = String::new();
    for (at, point) in way.iter().enumerate() {
        let (x, y) = (number(point.x), number(point.y));
        let _ = match (at, way.get(at.wrapping_sub(1)), way.get(at + 1)) {
            (0, _, _) => write!(path, "M{x} {y}"),
            (_, Some(before), Some(after)) => {
                let (near, far) = (towards(*point, *before), towards(*point, *after));
                write!(
                    path,
                    "L{} {}Q{x} {y} {} {}",
                    number(near.x),
                    number(near.y),
                    number(far.x),
                    number(far.y)
                )
            }
            _ => write!(path, "L{x} {y}"),
        };
    }
    path
}

/// The point at which the corner at `from` begins on the way to `to`.
fn towards(from: Point, to: Point) -> Point {
    let length = libm::hypot(to.x - from.x, to.y - from.y);
    let part = if length > 0.0 { CORNER.min(length / 2.0) / length } else { 0.0 };
    Point { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

/// The tip of an arrow that comes from `before` and ends at `end`.
pub(super) fn tip(xml: &mut Xml, before: Point, end: Point, class: &str) {
    let length = libm::hypot(end.x - before.x, end.y - before.y).max(0.01);
    let (dx, dy) = ((end.x - before.x) / length, (end.y - before.y) / length);
    let back = Point { x: end.x - dx * 8.0, y: end.y - dy * 8.0 };
    let path = format!(
        "M{} {}L{} {}L{} {}Z",
        number(end.x),
        number(end.y),
        number(back.x - dy * 4.0),
        number(back.y + dx * 4.0),
        number(back.x + dy * 4.0),
        number(back.y - dx * 4.0),
    );
    xml.open("path").attr("class", class).attr("d", path).close();
}

/// The edges that go on from the arm of a fork: their lines begin at the name of its lane.
fn edges_of(arm: Point, layout: &Layout) -> Vec<usize> {
    let below = arm.y..=arm.y + TAG_HEIGHT + 1.0;
    let begins = |start: &Point| (start.x - arm.x).abs() < 1.0 && below.contains(&start.y);
    let own = layout.lines.iter().filter(|line| line.way.first().is_some_and(begins));
    own.map(|line| line.edge).collect()
}

/// A fork: the lane that parts, why, and the lanes it parts into. An arm is part of the critical path where a line of it
/// begins at the name of its lane.
pub(super) fn fork(
    xml: &mut Xml,
    view: &GraphView,
    layout: &Layout,
    fork: &PlacedFork,
    inline: Option<usize>,
) {
    let n = number;
    let arms: Vec<Vec<usize>> = fork.arms.iter().map(|arm| edges_of(*arm, layout)).collect();
    let fan = |xml: &mut Xml, edges: &[usize], path: String| {
        let is_critical = edges.iter().any(|edge| view.edges[*edge].is_critical);
        xml.open("path").attr("class", if is_critical { "critical fan" } else { "fan" }).attr("d", path);
        if inline.is_some() {
            let edges: Vec<String> = edges.iter().map(ToString::to_string).collect();
            xml.attr("data-edges", edges.join(" "));
        }
        xml.close();
    };
    let (middle, bottom) = (fork.rect.center().x, fork.rect.bottom());
    if let Some(from) = fork.from {
        let path = format!("M{} {}V{}", n(from.x), n(from.y), n(fork.rect.y));
        fan(xml, &arms.concat(), path);
    }
    for (arm, edges) in fork.arms.iter().zip(&arms) {
        let half = f64::midpoint(bottom, arm.y);
        let path = format!(
            "M{} {}C{} {} {} {} {} {}",
            n(middle),
            n(bottom),
            n(middle),
            n(half + 6.0),
            n(arm.x),
            n(half - 6.0),
            n(arm.x),
            n(arm.y),
        );
        fan(xml, edges, path);
    }
    xml.open("g");
    title(xml, &fork.reason);
    rect(xml, fork.rect, "reason", 4.0);
    for (at, line) in fork.lines.iter().enumerate() {
        let y = fork.rect.y + 14.5 + at as f64 * LINE;
        centered(xml, middle, y, "reasontext", SMALL, line);
    }
    xml.close().line();
}
