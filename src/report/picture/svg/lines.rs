//! Lines between boxes, and forks.

use std::fmt::Write as _;

use super::super::layout::geometry::{LINE, Point, SMALL, TAG_HEIGHT};
use super::super::layout::{Layout, PlacedFork};
use super::super::view::GraphView;
use super::super::xml::{Xml, number};
use super::{centered, rect, title};

/// The radius of a corner.
const CORNER: f64 = 6.0;

/// Draws all lines.
pub(super) fn draw(xml: &mut Xml, view: &GraphView, layout: &Layout) {
    for line in &layout.lines {
        let edge = &view.edges[line.edge];
        let critical = if edge.is_critical { "critical " } else { "" };
        let class = format!("{critical}line {}", edge.kind.as_str());
        if let [.., before, end] = line.way[..] {
            xml.open("path").attr("class", class).attr("d", rounded(&line.way)).close();
            tip(xml, before, end, &format!("{critical}tip"));
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
    let length = (to.x - from.x).hypot(to.y - from.y);
    let part = if length > 0.0 { CORNER.min(length / 2.0) / length } else { 0.0 };
    Point { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

/// The tip of an arrow that comes from `before` and ends at `end`.
pub(super) fn tip(xml: &mut Xml, before: Point, end: Point, class: &str) {
    let length = (end.x - before.x).hypot(end.y - before.y).max(0.01);
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

/// Where lines begin that the end of the build depends on.
pub(super) fn critical_starts(view: &GraphView, layout: &Layout) -> Vec<Point> {
    let critical = layout.lines.iter().filter(|line| view.edges[line.edge].is_critical);
    critical.filter_map(|line| line.way.first().copied()).collect()
}

/// A fork: the lane that parts, why, and the lanes it parts into. An arm is part of the critical path where a line of it
/// begins at the name of its lane.
pub(super) fn fork(xml: &mut Xml, fork: &PlacedFork, critical: &[Point]) {
    let n = number;
    let is_critical = |arm: &Point| {
        let below = arm.y..=arm.y + TAG_HEIGHT + 1.0;
        critical.iter().any(|start| (start.x - arm.x).abs() < 1.0 && below.contains(&start.y))
    };
    let class = |is_critical: bool| if is_critical { "critical fan" } else { "fan" };
    let (middle, bottom) = (fork.rect.center().x, fork.rect.bottom());
    if let Some(from) = fork.from {
        let path = format!("M{} {}V{}", n(from.x), n(from.y), n(fork.rect.y));
        xml.open("path").attr("class", class(fork.arms.iter().any(is_critical))).attr("d", path).close();
    }
    for arm in &fork.arms {
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
        xml.open("path").attr("class", class(is_critical(arm))).attr("d", path).close();
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
