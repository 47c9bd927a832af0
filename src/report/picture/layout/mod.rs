//! Where everything in a picture is.
//!
//! The stages are laid out in layers by a library (`layers`); inside a stage rows and lanes have a fixed order
//! (`stage`), and lines between stages run in the gaps (`ports`, `route`). Knows no colour and no format.

mod columns;
pub mod geometry;
mod layers;
mod ports;
mod route;
mod stage;

use super::view::GraphView;
use crate::budget::{Part, spend};
use geometry::{COST_WIDTH, LINE, MARGIN, Point, Rect, SUBTITLE, TITLE, box_width};
use ports::{is_inside, places};

pub use stage::{PlacedBox, PlacedFork, PlacedLane, PlacedTag, head_words};

/// The work of placing and drawing a box or a line.
const PLACED: u64 = 15_000;

/// The way the stages follow each other. Steps always go down, as in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From top to bottom.
    #[default]
    Down,
    /// From left to right.
    Right,
}

/// A picture's geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The size of the picture.
    pub size: Point,
    /// The title, the summary and where they stand.
    pub heading: Vec<(Point, String)>,
    /// The stages, in the order of the view.
    pub stages: Vec<PlacedStage>,
    /// The lines, those inside stages included, by where they end.
    pub lines: Vec<PlacedLine>,
}

/// A stage in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedStage {
    /// Its frame.
    pub rect: Rect,
    /// The part of its head that holds its words.
    pub head: Rect,
    /// Its boxes.
    pub boxes: Vec<PlacedBox>,
    /// Its forks.
    pub forks: Vec<PlacedFork>,
    /// Its lanes.
    pub lanes: Vec<PlacedLane>,
}

/// A line in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLine {
    /// Which of the view's edges.
    pub edge: usize,
    /// Its corners.
    pub way: Vec<Point>,
}

impl Layout {
    /// Lays a picture out; an empty one where the budget does not cover it.
    ///
    /// # Complexity
    /// Near linear in boxes and lines; see `layers` for stages.
    pub fn new(view: &GraphView, direction: Direction) -> Self {
        if !spend(Part::Picture, PLACED * (view.boxes.len() + view.edges.len()) as u64) {
            let size = Point { x: 0.0, y: 0.0 };
            return Self { size, heading: Vec::new(), stages: Vec::new(), lines: Vec::new() };
        }
        let lanes = view.stages.iter().map(|stage| columns::columns(view, stage).len()).max().unwrap_or(1);
        let has_costs = view.boxes.iter().any(|shown| shown.cost.is_some());
        let width = box_width(lanes) + if has_costs { COST_WIDTH } else { 0.0 };
        let inside = |tracks: &[(usize, usize)]| -> Vec<stage::Inside> {
            view.stages
                .iter()
                .zip(tracks)
                .map(|(stage, tracks)| stage::inside(view, stage, width, *tracks))
                .collect()
        };
        // The first round shows which sides lines take, and so how much room they need there.
        let rough = inside(&vec![(0, 0); view.stages.len()]);
        let (routes, tracks) = ports::plan(view, &rough, direction);
        let insides = inside(&tracks);
        let mut pairs: Vec<(usize, usize)> =
            routes.iter().map(|route| (route.from.stage, route.to.stage)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let sizes: Vec<(f64, f64)> = insides.iter().map(|inside| route::size(inside, direction)).collect();
        let layers = layers::place(&sizes, &pairs);
        let routed = route::route(view, &insides, &routes, &layers, &pairs, direction);
        let mut lines = inside_lines(view, &insides, &routed.corners);
        let outer = routes.iter().zip(routed.ways);
        lines.extend(outer.map(|(route, way)| PlacedLine { edge: route.edge, way }));
        lines.sort_by_key(|line| line.edge);
        let stages =
            insides.into_iter().zip(&routed.corners).map(|(inside, at)| inside.placed(*at)).collect();
        Self { size: routed.size, heading: Vec::new(), stages, lines }.framed(view)
    }

    /// Where the picture begins under its heading.
    pub fn top(&self) -> f64 {
        self.heading.last().map_or(0.0, |(place, _)| place.y + MARGIN / 2.0)
    }

    /// Adds margin and heading.
    fn framed(mut self, view: &GraphView) -> Self {
        // Lines may run beside all stages.
        let bounds: Vec<Rect> = self.lines.iter().map(|line| route::bounds(&line.way)).collect();
        let left = bounds.iter().map(|rect| rect.x - 8.0).fold(0.0, f64::min);
        let right = bounds.iter().map(|rect| rect.right() + 8.0).fold(self.size.x, f64::max);
        let width = (right - left).max(380.0);
        let lines = SUBTITLE.wrap(&view.summary, width, 3);
        let mut y = MARGIN + 14.0;
        let mut heading = vec![(Point { x: MARGIN, y }, TITLE.fit(&view.title, width).into_owned())];
        for line in lines {
            y += LINE + 4.0;
            heading.push((Point { x: MARGIN, y }, line));
        }
        let spare = (width - (right - left)) / 2.0;
        let by = Point { x: MARGIN - left + spare, y: y + MARGIN };
        for stage in &mut self.stages {
            stage.shift(by);
        }
        for point in self.lines.iter_mut().flat_map(|line| &mut line.way) {
            *point = point.moved(by);
        }
        self.size = Point { x: width + 2.0 * MARGIN, y: self.size.y + by.y + MARGIN };
        self.heading = heading;
        self
    }
}

impl stage::Inside {
    fn placed(self, at: Point) -> PlacedStage {
        let rect = Rect { x: 0.0, y: 0.0, width: self.width, height: self.height };
        let head = self.head();
        let mut stage = PlacedStage { rect, head, boxes: self.boxes, forks: self.forks, lanes: self.lanes };
        stage.shift(at);
        stage
    }
}

impl PlacedStage {
    fn shift(&mut self, by: Point) {
        self.rect = self.rect.moved(by);
        self.head = self.head.moved(by);
        for placed in &mut self.boxes {
            placed.rect = placed.rect.moved(by);
            for tag in &mut placed.tags {
                tag.rect = tag.rect.moved(by);
            }
        }
        for fork in &mut self.forks {
            fork.rect = fork.rect.moved(by);
            fork.from = fork.from.map(|from| from.moved(by));
            for arm in &mut fork.arms {
                *arm = arm.moved(by);
            }
        }
        for lane in &mut self.lanes {
            lane.rect = lane.rect.moved(by);
            lane.area = lane.area.moved(by);
        }
    }
}

/// The lines between the rows of each stage: down from box to box. Where a fork stands between, it draws the upper
/// part, and the line begins at the lane's name.
fn inside_lines(view: &GraphView, insides: &[stage::Inside], corners: &[Point]) -> Vec<PlacedLine> {
    let places = places(view, insides);
    let mut lines = Vec::new();
    for (at, edge) in view.edges.iter().enumerate().filter(|(_, edge)| is_inside(view, edge)) {
        for to in &places[edge.to.index()] {
            let inside = &insides[to.stage];
            let end = inside.boxes[to.slot].rect;
            let x = end.center().x;
            let starts = places[edge.from.index()].iter().map(|from| inside.boxes[from.slot].rect);
            let nearest = starts.min_by(|a, b| (a.center().x - x).abs().total_cmp(&(b.center().x - x).abs()));
            let Some(start) = nearest else { continue };
            let name = inside
                .lanes
                .iter()
                .map(|lane| lane.rect)
                .filter(|name| name.y > start.y && name.y < end.y && (name.center().x - x).abs() < 1.0)
                .max_by(|a, b| a.y.total_cmp(&b.y));
            let way = match name {
                Some(name) => vec![Point { x, y: name.bottom() }, Point { x, y: end.y }],
                None => down(start, end),
            };
            let way = way.into_iter().map(|point| point.moved(corners[to.stage])).collect();
            lines.push(PlacedLine { edge: at, way });
        }
    }
    lines
}

/// From the lower side of one box to the upper side of another.
fn down(start: Rect, end: Rect) -> Vec<Point> {
    let (from, to) = (start.center().x, end.center().x);
    if (from - to).abs() < 1.0 {
        return vec![Point { x: to, y: start.bottom() }, Point { x: to, y: end.y }];
    }
    let middle = end.y - geometry::ROW_GAP / 2.0;
    vec![
        Point { x: from, y: start.bottom() },
        Point { x: from, y: middle },
        Point { x: to, y: middle },
        Point { x: to, y: end.y },
    ]
}
