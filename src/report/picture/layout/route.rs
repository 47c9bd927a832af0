//! The ways of lines between stages: out of a box, through the gaps between layers, into another box.
//!
//! Thinks in "along" (from layer to layer) and "across", so that both directions are one piece of code.

use foldhash::HashMap;

use super::super::view::{EdgeView, GraphView};
use super::Direction;
use super::geometry::{HEADER_WORDS, Point, Rect, TRACK};
use super::layers::Layers;
use super::ports::{Entry, Leave, Route, Side};
use super::stage::{Inside, TOP_WIDTH};

/// Between two layers with nothing between them.
const LAYER_GAP: f64 = 34.0;

/// Where the stages are and which ways the lines take.
pub(super) struct Routed {
    pub(super) corners: Vec<Point>,
    pub(super) ways: Vec<Vec<Point>>,
    pub(super) size: Point,
}

/// One crossing of the gap after a layer.
struct Hop {
    gap: usize,
    start: f64,
    end: f64,
    /// Hops that come from one place share a track.
    source: (usize, usize, u8),
    track: usize,
}

/// Puts stages in their places and leads every line along its way.
pub(super) fn route(
    view: &GraphView,
    insides: &[Inside],
    routes: &[Route],
    layers: &Layers,
    pairs: &[(usize, usize)],
    direction: Direction,
) -> Routed {
    let frame = Frame { insides, layers, direction };
    // How many lines between the same stages come before a line.
    let mut lines_of: HashMap<(usize, usize), usize> = HashMap::default();
    let mut hops: Vec<Vec<Hop>> = routes
        .iter()
        .map(|route| {
            let lines = lines_of.entry((route.from.stage, route.to.stage)).or_default();
            let before = *lines;
            *lines += 1;
            frame.hops(route, &view.edges[route.edge], pairs, before)
        })
        .collect();
    let gaps = assign_tracks(&mut hops, layers.layer.iter().max().map_or(0, |last| last + 1));
    let starts = frame.layer_starts(&gaps);
    let corners: Vec<Point> = (0..insides.len()).map(|stage| frame.corner(stage, &starts)).collect();
    let ways = routes
        .iter()
        .zip(&hops)
        .map(|(route, hops)| {
            let mut way = Vec::new();
            let out = frame.leave(route, view.edges[route.edge].kind as u8);
            way.extend(out.iter().map(|point| point.moved(corners[route.from.stage])));
            for hop in hops {
                let track = starts[hop.gap].1 + LAYER_GAP / 2.0 + hop.track as f64 * TRACK;
                way.push(frame.point(hop.start, track));
                way.push(frame.point(hop.end, track));
            }
            let into = frame.enter(route);
            way.extend(into.iter().map(|point| point.moved(corners[route.to.stage])));
            tidy(way)
        })
        .collect();
    let size = frame.size(&corners);
    Routed { corners, ways, size }
}

struct Frame<'a> {
    insides: &'a [Inside],
    layers: &'a Layers,
    direction: Direction,
}

impl Frame<'_> {
    fn point(&self, across: f64, along: f64) -> Point {
        match self.direction {
            Direction::Down => Point { x: across, y: along },
            Direction::Right => Point { x: along, y: across },
        }
    }

    /// A stage's size, across and along.
    fn size_of(&self, stage: usize) -> (f64, f64) {
        size(&self.insides[stage], self.direction)
    }

    fn across(&self, point: Point) -> f64 {
        match self.direction {
            Direction::Down => point.x,
            Direction::Right => point.y,
        }
    }

    /// The crossings of gaps that a line needs. `pairs` is sorted; `before` lines between the same stages come before it.
    fn hops(&self, route: &Route, edge: &EdgeView, pairs: &[(usize, usize)], before: usize) -> Vec<Hop> {
        let (from, to) = (route.from.stage, route.to.stage);
        let passes = pairs.binary_search(&(from, to)).map_or(&[][..], |at| self.layers.passes[at].as_slice());
        let start = self.origin(from) + self.last_across(&self.leave(route, edge.kind as u8));
        let end = self.origin(to) + self.across(self.enter(route)[0]);
        // Lines between the same stages pass the layers between beside each other.
        let shift = if passes.is_empty() { 0.0 } else { (before % 5) as f64 * 4.0 - 4.0 };
        let mut places = vec![start];
        places.extend(passes.iter().map(|place| place + shift));
        places.push(end);
        let source = (route.from.stage, route.from.slot, edge.kind as u8);
        // Where the points between are unknown, the line crosses right after its start.
        let first = self.layers.layer[from];
        places
            .windows(2)
            .enumerate()
            .map(|(at, pair)| Hop { gap: first + at, start: pair[0], end: pair[1], source, track: 0 })
            .collect()
    }

    /// Where a stage begins, across.
    fn origin(&self, stage: usize) -> f64 {
        self.layers.middle[stage] - self.size_of(stage).0 / 2.0
    }

    fn last_across(&self, points: &[Point]) -> f64 {
        points.last().map_or(0.0, |point| self.across(*point))
    }

    /// Where each layer begins and ends, along.
    fn layer_starts(&self, gaps: &[usize]) -> Vec<(f64, f64)> {
        let mut starts = Vec::new();
        let mut at = 0.0;
        for (layer, tracks) in gaps.iter().enumerate() {
            let own = (0..self.insides.len()).filter(|stage| self.layers.layer[*stage] == layer);
            let depth = own.map(|stage| self.size_of(stage).1).fold(0.0, f64::max);
            starts.push((at, at + depth));
            at += depth + LAYER_GAP + (*tracks as f64 - 1.0).max(0.0) * TRACK;
        }
        starts
    }

    /// A stage's corner: at the end of its layer, so that the ways out are short.
    fn corner(&self, stage: usize, starts: &[(f64, f64)]) -> Point {
        let end = starts[self.layers.layer[stage]].1;
        self.point(self.origin(stage), end - self.size_of(stage).1)
    }

    fn size(&self, corners: &[Point]) -> Point {
        let mut size = Point { x: 0.0, y: 0.0 };
        for (corner, inside) in corners.iter().zip(self.insides) {
            size.x = f64::max(size.x, corner.x + inside.width);
            size.y = f64::max(size.y, corner.y + inside.height);
        }
        size
    }

    /// From the box to the border of its stage, relative to the stage.
    fn leave(&self, route: &Route, kind: u8) -> Vec<Point> {
        let inside = &self.insides[route.from.stage];
        let rect = inside.boxes[route.from.slot].rect;
        // Lines of different kinds leave beside each other.
        let shift = f64::from(kind) * TRACK - TRACK;
        let Point { x, y } = rect.center();
        match (self.direction, route.leave) {
            (Direction::Down, Leave::Ahead) => {
                vec![Point { x: x + shift, y: rect.bottom() }, Point { x: x + shift, y: inside.height }]
            }
            (Direction::Down, Leave::Around(track)) => {
                let beside = track_at(inside, Side::Right, track);
                let below = rect.bottom() + 3.0 + (lane(inside, rect) % 3) as f64 * 2.0;
                let x = x + rect.width / 4.0 + shift;
                vec![
                    Point { x, y: rect.bottom() },
                    Point { x, y: below },
                    Point { x: beside, y: below },
                    Point { x: beside, y: inside.height },
                ]
            }
            (Direction::Right, Leave::Ahead) => {
                vec![Point { x: rect.right(), y: y + shift }, Point { x: inside.width, y: y + shift }]
            }
            (Direction::Right, Leave::Around(_)) => {
                let nth = (lane(inside, rect) % 3) as f64;
                let below = rect.bottom() + 3.0 + nth * 2.0;
                let x = x + rect.width / 4.0 + shift;
                let mut way = vec![Point { x, y: rect.bottom() }, Point { x, y: below }];
                // Down between the lanes, and out below all of them.
                let mut out = below;
                if let Some(area) = lane_around(inside, rect) {
                    out = inside.height - 2.0 - nth * 1.5;
                    way.extend([below, out].map(|y| Point { x: area.right() + BETWEEN_LANES, y }));
                }
                way.push(Point { x: inside.width, y: out });
                way
            }
        }
    }

    /// From the border of the stage to the box, relative to the stage.
    fn enter(&self, route: &Route) -> Vec<Point> {
        let inside = &self.insides[route.to.stage];
        let rect = inside.boxes[route.to.slot].rect;
        let (order, all) = route.order;
        let part = (order as f64 + 1.0) / (all as f64 + 1.0);
        let beside = track_at(inside, route.side, route.track);
        let side = match route.side {
            Side::Left => rect.x,
            Side::Right => rect.right(),
        };
        let y = rect.y + rect.height * part;
        // Lines beside each other do not cross: the one that goes farther runs higher.
        let rank = if route.side == Side::Left { order } else { all - 1 - order };
        let above = Point {
            x: rect.x + rect.width * (0.62 + 0.3 * part),
            y: (rect.y - 9.0 - ((lane(inside, rect) + rank) % 4) as f64 * 3.0).max(HEADER_WORDS),
        };
        let top = rect.center().x + (part - 0.5) * TOP_WIDTH.min(28.0 * (all as f64 - 1.0));
        match (self.direction, route.entry) {
            (_, Entry::Top) => vec![Point { x: top, y: 0.0 }, Point { x: top, y: rect.y }],
            (Direction::Down, Entry::Beside) => {
                vec![Point { x: beside, y: 0.0 }, Point { x: beside, y }, Point { x: side, y }]
            }
            (Direction::Down, Entry::Above) => {
                let mut way = vec![Point { x: beside, y: 0.0 }];
                way.extend(Self::over(inside, route, beside, above));
                way
            }
            (Direction::Right, Entry::Beside) => vec![Point { x: 0.0, y }, Point { x: side, y }],
            (Direction::Right, Entry::Above) => Self::over(inside, route, 0.0, above),
        }
    }

    /// From `x` at the side of a stage to above a box and into it: over the other lanes, and down between them and its own.
    fn over(inside: &Inside, route: &Route, x: f64, above: Point) -> Vec<Point> {
        let rect = inside.boxes[route.to.slot].rect;
        let mut way = Vec::new();
        if let Some(area) = lane_around(inside, rect) {
            let nth = (route.order.0 % 3) as f64 * 2.0;
            let between = match route.side {
                Side::Left => area.x - BETWEEN_LANES - nth,
                Side::Right => area.right() + BETWEEN_LANES + nth,
            };
            let over = area.y - 3.0 - nth;
            way.extend([
                Point { x, y: over },
                Point { x: between, y: over },
                Point { x: between, y: above.y },
            ]);
        } else {
            way.push(Point { x, y: above.y });
        }
        way.extend([above, Point { y: rect.y, ..above }]);
        way
    }
}

/// From the border of a lane to where lines run down beside it.
const BETWEEN_LANES: f64 = 3.0;

/// The lane that a box stands in; nothing where no lanes are.
fn lane_around(inside: &Inside, rect: Rect) -> Option<Rect> {
    let middle = rect.center().x;
    let areas = inside.lanes.iter().map(|lane| lane.area);
    let own = areas.filter(|area| {
        area.x <= middle && middle <= area.right() && area.y <= rect.y && rect.bottom() <= area.bottom() + 1.0
    });
    own.max_by(|a, b| a.y.total_cmp(&b.y))
}

/// A stage's size, across and along.
pub(super) fn size(inside: &Inside, direction: Direction) -> (f64, f64) {
    match direction {
        Direction::Down => (inside.width, inside.height),
        Direction::Right => (inside.height, inside.width),
    }
}

/// How many boxes stand left of a box in its row: what lines of one gap between rows are told apart by.
fn lane(inside: &Inside, rect: Rect) -> usize {
    let others = inside.boxes.iter().map(|other| other.rect);
    others.filter(|other| (other.y - rect.y).abs() < 1.0 && other.x < rect.x).count()
}

/// Where a track beside the rows runs.
fn track_at(inside: &Inside, side: Side, track: usize) -> f64 {
    let from_border = TRACK * (track as f64 + 1.0) + 2.0;
    match side {
        Side::Left => from_border,
        Side::Right => inside.width - from_border,
    }
}

/// What a track holds: from where, to where, and of which source.
type Held = (f64, f64, (usize, usize, u8));

/// Gives the crossings of each gap tracks on which they do not run over each other; returns the number for each layer.
fn assign_tracks(hops: &mut [Vec<Hop>], layers: usize) -> Vec<usize> {
    let mut counts = vec![0; layers.max(1)];
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (line, hops) in hops.iter().enumerate() {
        order.extend((0..hops.len()).map(|at| (line, at)));
    }
    // Of those that go right the rightmost starts first, of those that go left the leftmost: then they do not cross.
    order.sort_by(|&a, &b| {
        let key = |(line, at): (usize, usize)| {
            let hop: &Hop = &hops[line][at];
            let goes_right = hop.end > hop.start;
            (hop.gap, goes_right, if goes_right { -hop.start } else { hop.start }, hop.source)
        };
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3))
    });
    // For each gap and track what it holds.
    let mut held: Vec<Vec<Vec<Held>>> = vec![Vec::new(); counts.len()];
    for (line, at) in order {
        let hop = &mut hops[line][at];
        if (hop.start - hop.end).abs() < 1.0 {
            continue;
        }
        let (low, high) = (hop.start.min(hop.end), hop.start.max(hop.end));
        let Some(tracks) = held.get_mut(hop.gap) else { continue };
        let fits = |track: &Vec<Held>| {
            track.iter().all(|&(a, b, source)| source == hop.source || high + 6.0 < a || b + 6.0 < low)
        };
        let free = tracks.iter().position(fits).unwrap_or_else(|| {
            tracks.push(Vec::new());
            tracks.len() - 1
        });
        tracks[free].push((low, high, hop.source));
        hop.track = free;
        counts[hop.gap] = counts[hop.gap].max(tracks.len());
    }
    counts
}

/// The way without points that change nothing.
fn tidy(way: Vec<Point>) -> Vec<Point> {
    let mut tidied: Vec<Point> = Vec::with_capacity(way.len());
    for point in way {
        if let [.., a, b] = tidied[..] {
            let on_line = |a: f64, b: f64, c: f64| (a - b).abs() < 0.05 && (b - c).abs() < 0.05;
            if on_line(a.x, b.x, point.x) || on_line(a.y, b.y, point.y) {
                tidied.pop();
            }
        }
        if tidied.last() != Some(&point) {
            tidied.push(point);
        }
    }
    tidied
}

/// The smallest rectangle around a way.
pub(super) fn bounds(way: &[Point]) -> Rect {
    let fold = |f: fn(f64, f64) -> f64, start: f64, of: fn(&Point) -> f64| way.iter().map(of).fold(start, f);
    let (left, top) =
        (fold(f64::min, f64::INFINITY, |point| point.x), fold(f64::min, f64::INFINITY, |point| point.y));
    let right = fold(f64::max, f64::NEG_INFINITY, |point| point.x);
    let bottom = fold(f64::max, f64::NEG_INFINITY, |point| point.y);
    Rect { x: left, y: top, width: right - left, height: bottom - top }
}
