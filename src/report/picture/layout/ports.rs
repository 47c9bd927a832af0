//! Where lines that leave their stage go out of a box and into another: at which side, and on which track beside the
//! rows.
//!
//! Knows the insides of stages. Knows no layers and no line's way between stages.

use super::super::view::{EdgeView, GraphView};
use super::Direction;
use super::geometry::Rect;
use super::stage::Inside;
use crate::graph::vertex::EdgeKind;

/// A drawn box: its stage and its position among the stage's drawn boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) stage: usize,
    pub(super) slot: usize,
}

/// A side of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Left,
    Right,
}

/// How a line enters its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entry {
    /// From a side, past nothing.
    Beside,
    /// From above, through the gap between two rows.
    Above,
    /// Straight down through the head of the stage.
    Top,
}

/// How a line leaves its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leave {
    /// Straight on in the direction of the picture.
    Ahead,
    /// Around what stands in the way, on this track.
    Around(usize),
}

/// A line between stages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Route {
    /// Which of the view's edges.
    pub(super) edge: usize,
    pub(super) from: Place,
    pub(super) to: Place,
    pub(super) leave: Leave,
    pub(super) entry: Entry,
    /// The side of the stage on which it goes in, and its track there.
    pub(super) side: Side,
    pub(super) track: usize,
    /// Of how many lines that enter the box in the same way it is which.
    pub(super) order: (usize, usize),
}

/// All lines between stages, with the number of tracks that each stage needs at its left and right.
pub(super) fn plan(
    view: &GraphView,
    insides: &[Inside],
    direction: Direction,
) -> (Vec<Route>, Vec<(usize, usize)>) {
    let places = places(view, insides);
    let mut routes = Vec::new();
    for (at, edge) in view.edges.iter().enumerate() {
        if is_inside(view, edge) {
            continue;
        }
        let Some(&from) = places[edge.from.index()].first() else { continue };
        for &to in &places[edge.to.index()] {
            let inside = &insides[to.stage];
            let is_free = inside.is_free_above(&view.stages[to.stage], inside.boxes[to.slot].rect);
            let (entry, side) = match direction {
                Direction::Down if is_free => (Entry::Top, Side::Left),
                _ => entry(inside, to.slot, direction),
            };
            let (leave, track, order) = (Leave::Ahead, 0, (0, 1));
            routes.push(Route { edge: at, from, to, leave, entry, side, track, order });
        }
    }
    let tracks = assign(view, insides, direction, &mut routes);
    number(&mut routes);
    (routes, tracks)
}

/// Whether a line stays between the rows of its stage.
pub(super) fn is_inside(view: &GraphView, edge: &EdgeView) -> bool {
    view.get(edge.from).stage == view.get(edge.to).stage
}

/// Where each box is drawn.
pub(super) fn places(view: &GraphView, insides: &[Inside]) -> Vec<Vec<Place>> {
    let mut places = vec![Vec::new(); view.boxes.len()];
    for (stage, inside) in insides.iter().enumerate() {
        for (slot, placed) in inside.boxes.iter().enumerate() {
            places[placed.index.index()].push(Place { stage, slot });
        }
    }
    places
}

/// The side that a line can reach without passing another box of the row, or the gap above the row.
fn entry(inside: &Inside, slot: usize, direction: Direction) -> (Entry, Side) {
    let placed = &inside.boxes[slot];
    let rect = placed.rect;
    let in_row = |other: &Rect| (other.y - rect.y).abs() < 1.0;
    let row = || inside.boxes.iter().map(|other| other.rect).filter(in_row);
    let free_left = placed.tags.is_empty() && row().all(|other| other.x >= rect.x);
    let tags = inside.boxes.iter().flat_map(|other| &other.tags).map(|tag| tag.rect);
    let free_right = row().all(|other| other.x <= rect.x)
        && tags.filter(|tag| tag.y < rect.bottom() && rect.y < tag.bottom()).all(|tag| tag.x < rect.right());
    let is_left = rect.center().x + 1.0 < inside.width / 2.0;
    match direction {
        Direction::Right if free_left => (Entry::Beside, Side::Left),
        Direction::Right => (Entry::Above, Side::Left),
        Direction::Down if free_left && (is_left || !free_right) => (Entry::Beside, Side::Left),
        Direction::Down if free_right => (Entry::Beside, Side::Right),
        Direction::Down => (Entry::Above, if is_left { Side::Left } else { Side::Right }),
    }
}

/// Whether the way ahead of a box is free.
fn is_free_ahead(inside: &Inside, slot: usize, direction: Direction) -> bool {
    let rect = inside.boxes[slot].rect;
    let others = inside.boxes.iter().enumerate().filter(|(at, _)| *at != slot).map(|(_, other)| other.rect);
    match direction {
        Direction::Down => {
            let middle = rect.center().x;
            let mut below = others.filter(|other| other.y > rect.y);
            !below.any(|other| other.x - 12.0 < middle && middle < other.right() + 12.0)
        }
        Direction::Right => {
            let middle = rect.center().y;
            let lanes = inside.lanes.iter().map(|lane| lane.area).filter(|area| area.x > rect.right());
            let mut beside = others.filter(|other| other.x > rect.x).chain(lanes);
            !beside.any(|other| other.y < middle && middle < other.bottom())
        }
    }
}

/// Gives every line a track; lines from one box into one stage share theirs.
fn assign(
    view: &GraphView,
    insides: &[Inside],
    direction: Direction,
    routes: &mut [Route],
) -> Vec<(usize, usize)> {
    let mut used: Vec<Vec<(Side, Place, EdgeKind, bool)>> = vec![Vec::new(); insides.len()];
    let track = |used: &mut Vec<(Side, Place, EdgeKind, bool)>, key: (Side, Place, EdgeKind, bool)| {
        let on_side = |side: Side, used: &[(Side, Place, EdgeKind, bool)]| {
            used.iter().filter(|known| known.0 == side).copied().collect::<Vec<_>>()
        };
        on_side(key.0, used).iter().position(|known| *known == key).unwrap_or_else(|| {
            used.push(key);
            on_side(key.0, used).len() - 1
        })
    };
    for route in routes.iter_mut() {
        let kind = view.edges[route.edge].kind;
        if direction == Direction::Down && route.entry != Entry::Top {
            route.track = track(&mut used[route.to.stage], (route.side, route.from, kind, false));
        }
        if !is_free_ahead(&insides[route.from.stage], route.from.slot, direction) {
            let at = match direction {
                Direction::Down => track(&mut used[route.from.stage], (Side::Right, route.from, kind, true)),
                Direction::Right => 0,
            };
            route.leave = Leave::Around(at);
        }
    }
    let count =
        |used: &Vec<(Side, Place, EdgeKind, bool)>, side| used.iter().filter(|known| known.0 == side).count();
    used.iter().map(|used| (count(used, Side::Left), count(used, Side::Right))).collect()
}

/// Numbers the lines that enter a box in the same way.
fn number(routes: &mut [Route]) {
    let key = |route: &Route| (route.to, route.entry, route.side);
    for at in 0..routes.len() {
        let own = key(&routes[at]);
        let before = routes[..at].iter().filter(|other| key(other) == own).count();
        let all = routes.iter().filter(|other| key(other) == own).count();
        routes[at].order = (before, all);
    }
}
