//! The inside of a stage: rows downwards, lanes beside each other, forks with their reasons between them.
//!
//! Places everything relative to the stage's own corner. Knows nothing of other stages but how much room their lines
//! need at the sides.

use super::super::view::{BoxIx, ForkView, GraphView, Mode, OutsideView, StageView};
use super::columns::{Spanned, columns, range, spans};
use super::geometry::{
    BOX_HEIGHT, FAN, HEADER, LANE_GAP, LINE, NAME_GAP, PAD, Point, ROW_GAP, Rect, SMALL, STAGE, TAG_GAP,
    TAG_HEIGHT, TAG_WIDTH, TEXT_PAD, TRACK,
};
use crate::ids::TargetSet;

/// The room that lines take that go down through a head.
pub(super) const TOP_WIDTH: f64 = 56.0;

/// A stage's inside.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Inside {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<PlacedBox>,
    pub(super) forks: Vec<PlacedFork>,
    pub(super) lanes: Vec<PlacedLane>,
    /// The room for lines at the left and at the right.
    pub(super) margins: (f64, f64),
}

/// A box in its place. A box may be drawn several times.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBox {
    /// Which.
    pub index: BoxIx,
    /// Where.
    pub rect: Rect,
    /// What it takes from outside, left of it.
    pub tags: Vec<PlacedTag>,
}

/// What a box takes from outside, in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedTag {
    /// Where.
    pub rect: Rect,
    /// Its name, so that it fits.
    pub text: String,
    /// What it is; of several things the first.
    pub outside: OutsideView,
}

/// A fork in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedFork {
    /// The reason's frame.
    pub rect: Rect,
    /// The reason in lines that fit.
    pub lines: Vec<String>,
    /// The whole reason.
    pub reason: String,
    /// Where the lanes begin.
    pub arms: Vec<Point>,
    /// Where the lane comes from that parts here, if it begins in this stage.
    pub from: Option<Point>,
}

/// A lane's name in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLane {
    /// The name's frame.
    pub rect: Rect,
    /// The platforms, so that they fit.
    pub text: String,
    /// The platforms in full.
    pub whole: String,
    /// What belongs to the lane.
    pub area: Rect,
}

/// The words at the left and at the right of a stage's head, which is so wide.
pub fn head_words(stage: &StageView, width: f64) -> (String, String) {
    let note = match (stage.is_target, stage.note.as_str()) {
        (true, "") => "target".to_owned(),
        (true, note) => format!("target · {note}"),
        (false, note) => note.to_owned(),
    };
    let note = SMALL.fit(&note, width * 0.7).into_owned();
    let name = STAGE.fit(&stage.name, width - SMALL.width(&note) - 14.0).into_owned();
    (name, note)
}

/// Lays out the inside of a stage.
pub(super) fn inside(view: &GraphView, stage: &StageView, box_width: f64, tracks: (usize, usize)) -> Inside {
    let columns = columns(view, stage);
    let rows: Vec<Vec<Spanned>> = stage.rows.iter().map(|row| spans(view, &row.boxes, &columns)).collect();
    let margin = |tracks: usize| if tracks == 0 { 0.0 } else { TRACK * (tracks as f64 + 1.0) };
    let margins = (margin(tracks.0), margin(tracks.1));
    let grid = Grid::new(view, stage, columns, &rows, box_width, margins);
    let mut inside = Inside { margins, ..Inside::default() };
    let mut y = HEADER;
    for (at, row) in rows.iter().enumerate() {
        let forks: Vec<&ForkView> = stage.forks.iter().filter(|fork| fork.row == at).collect();
        if at > 0 {
            y += ROW_GAP;
        }
        for forks in side_by_side(&forks, &grid.columns) {
            y = inside.add_forks(view, stage, &grid, &forks, y);
        }
        for span in row {
            inside.boxes.push(grid.place(view, span, y));
        }
        y += BOX_HEIGHT;
    }
    inside.connect_forks();
    let end = y + PAD / 2.0;
    inside.extend_lanes(end);
    inside.width = grid.width;
    inside.height = y + PAD;
    inside
}

/// The columns in pixels.
struct Grid {
    columns: Vec<TargetSet>,
    /// The left side of each column's box and, before it, of its room for tags.
    starts: Vec<(f64, f64)>,
    box_width: f64,
    width: f64,
}

impl Grid {
    fn new(
        view: &GraphView,
        stage: &StageView,
        columns: Vec<TargetSet>,
        rows: &[Vec<Spanned>],
        box_width: f64,
        margins: (f64, f64),
    ) -> Self {
        let room = |column: usize| {
            let alone = rows.iter().flatten().filter(|span| span.columns == (column..column + 1));
            alone.map(|span| tags_width(&view.get(span.index).outside)).fold(0.0, f64::max)
        };
        let mut x = PAD + margins.0;
        let mut starts = Vec::with_capacity(columns.len());
        for at in 0..columns.len() {
            let room = room(at);
            starts.push((x, x + room));
            x += room + box_width + LANE_GAP;
        }
        let content = x - LANE_GAP - PAD - margins.0;
        // Room for a line between the words, which have different lengths.
        let (name, note) = (STAGE.width(&stage.name), SMALL.width(&stage.note));
        let head = (name + note + 110.0).max(2.0 * name.max(note) + TOP_WIDTH + 24.0);
        let spare = (head.min(560.0) - content).max(0.0);
        for (left, start) in &mut starts {
            *left += spare / 2.0;
            *start += spare / 2.0;
        }
        let width = content + spare + 2.0 * PAD + margins.0 + margins.1;
        Self { columns, starts, box_width, width }
    }

    /// The room of some columns, that for tags included.
    fn area(&self, columns: &std::ops::Range<usize>) -> (f64, f64) {
        (self.starts[columns.start].0, self.starts[columns.end - 1].1 + self.box_width)
    }

    /// The left side of a box that spans some columns.
    fn left(&self, columns: &std::ops::Range<usize>) -> f64 {
        let first = self.starts[columns.start].1;
        let last = self.starts[columns.end - 1].1 + self.box_width;
        f64::midpoint(first, last) - self.box_width / 2.0
    }

    fn place(&self, view: &GraphView, span: &Spanned, y: f64) -> PlacedBox {
        let rect = Rect { x: self.left(&span.columns), y, width: self.box_width, height: BOX_HEIGHT };
        PlacedBox { index: span.index, rect, tags: tags(&view.get(span.index).outside, rect) }
    }
}

impl Inside {
    /// The part of the head that holds its words, relative to the stage.
    pub(super) fn head(&self) -> Rect {
        let (left, right) = self.margins;
        let width = self.width - left - right - 2.0 * PAD;
        Rect { x: left + PAD, y: 0.0, width, height: HEADER }
    }

    /// Whether a line can go straight down through the head to a box: nothing is above it, and the words leave room.
    pub(super) fn is_free_above(&self, stage: &StageView, rect: Rect) -> bool {
        let head = self.head();
        let (name, note) = head_words(stage, head.width);
        let middle = rect.center().x;
        rect.y <= HEADER + 1.0
            && middle - TOP_WIDTH / 2.0 > head.x + STAGE.width(&name) + 8.0
            && middle + TOP_WIDTH / 2.0 < head.right() - SMALL.width(&note) - 8.0
    }

    /// Places forks and the names of their lanes, and returns where the boxes below begin.
    fn add_forks(
        &mut self,
        view: &GraphView,
        stage: &StageView,
        grid: &Grid,
        forks: &[&ForkView],
        top: f64,
    ) -> f64 {
        let mut bottom = top;
        for fork in forks {
            let all = fork.groups.iter().fold(TargetSet::EMPTY, |all, group| all.union(*group));
            let (left, right) = grid.area(&range(all, &grid.columns));
            let room = right - left - 2.0 * TEXT_PAD;
            let lines = SMALL.wrap(&fork.reason, room.min(420.0), 4);
            let widest = lines.iter().map(|line| SMALL.width(line)).fold(0.0, f64::max);
            let width = widest + 2.0 * TEXT_PAD;
            // Under the box that parts, which stands in the middle of its columns' boxes.
            let middle = grid.left(&range(all, &grid.columns)) + grid.box_width / 2.0;
            let x = (middle - width / 2.0).max(left).min(right - width);
            let rect = Rect { x, y: top, width, height: LINE * lines.len() as f64 + 8.0 };
            bottom = bottom.max(rect.bottom());
            self.forks.push(PlacedFork {
                rect,
                lines,
                reason: fork.reason.clone(),
                arms: Vec::new(),
                from: None,
            });
        }
        let names = bottom + FAN;
        let first = self.forks.len() - forks.len();
        for (fork, placed) in forks.iter().zip(first..) {
            for group in &fork.groups {
                let columns = range(*group, &grid.columns);
                let whole = view.platforms(*group);
                let room = grid.box_width - 2.0 * TEXT_PAD;
                let short =
                    if SMALL.width(&whole) <= room { whole.clone() } else { counted(view, stage, *group) };
                let text = SMALL.fit(&short, room).into_owned();
                let width = SMALL.width(&text) + 2.0 * TEXT_PAD;
                let middle = grid.left(&columns) + grid.box_width / 2.0;
                let rect = Rect { x: middle - width / 2.0, y: names, width, height: TAG_HEIGHT };
                let (left, right) = grid.area(&columns);
                let area = Rect { x: left - 6.0, y: names - 6.0, width: right - left + 12.0, height: 0.0 };
                self.lanes.push(PlacedLane { rect, text, whole, area });
                self.forks[placed].arms.push(Point { x: middle, y: names });
            }
        }
        names + TAG_HEIGHT + NAME_GAP
    }

    /// Notes for each fork the box right above it.
    fn connect_forks(&mut self) {
        for fork in &mut self.forks {
            let middle = fork.rect.center().x;
            let above = self.boxes.iter().filter(|placed| placed.rect.bottom() <= fork.rect.y);
            let over = above.filter(|placed| placed.rect.x <= middle && middle <= placed.rect.right());
            let nearest = over.max_by(|a, b| a.rect.y.total_cmp(&b.rect.y));
            fork.from = nearest.map(|placed| Point { x: placed.rect.center().x, y: placed.rect.bottom() });
        }
    }

    /// Lets every lane reach down to the fork at which it parts, or to the end.
    fn extend_lanes(&mut self, end: f64) {
        let forks: Vec<Rect> = self.forks.iter().map(|fork| fork.rect).collect();
        for lane in &mut self.lanes {
            let middle = lane.rect.center().x;
            let below = forks.iter().filter(|fork| fork.y > lane.rect.y);
            let parts = below.filter(|fork| fork.x <= middle && middle <= fork.right());
            let bottom = parts.map(|fork| fork.y - 8.0).fold(end, f64::min);
            lane.area.height = bottom - lane.area.y;
        }
    }
}

/// The forks above one row in groups that can stand beside each other; a lane that parts twice parts one below the other.
fn side_by_side<'f>(forks: &[&'f ForkView], columns: &[TargetSet]) -> Vec<Vec<&'f ForkView>> {
    let reach = |fork: &ForkView| {
        let all = fork.groups.iter().fold(TargetSet::EMPTY, |all, group| all.union(*group));
        range(all, columns)
    };
    let mut groups: Vec<Vec<&ForkView>> = Vec::new();
    for fork in forks {
        let own = reach(fork);
        let apart = |other: &&ForkView| {
            let other = reach(other);
            other.end <= own.start || own.end <= other.start
        };
        match groups.last_mut().filter(|group| group.iter().all(apart)) {
            Some(group) => group.push(fork),
            None => groups.push(vec![fork]),
        }
    }
    groups
}

/// A lane's platforms by their number, and that they are emulated where they are.
fn counted(view: &GraphView, stage: &StageView, group: TargetSet) -> String {
    let own = stage.rows.iter().flat_map(|row| &row.boxes).map(|index| view.get(*index));
    let own = own.filter(|shown| shown.targets == group);
    let is_emulated = own.into_iter().any(|shown| shown.mode == Some(Mode::Emulated));
    let noun = if view.builds.is_empty() { "platforms" } else { "outputs" };
    format!("{} {noun}{}", group.len(), if is_emulated { ", emulated" } else { "" })
}

/// How much room what comes from outside takes left of a box.
fn tags_width(outside: &[OutsideView]) -> f64 {
    let width = |view: &OutsideView| SMALL.width(&SMALL.fit(&view.name, TAG_WIDTH)) + 2.0 * TEXT_PAD;
    let widest = outside.iter().map(width).fold(0.0, f64::max);
    if widest > 0.0 { widest + TAG_GAP } else { 0.0 }
}

/// What comes from outside, left of its box: two tags at most, the second of which says how many more there are.
fn tags(outside: &[OutsideView], rect: Rect) -> Vec<PlacedTag> {
    let shown = outside.len().min(2);
    let height = TAG_HEIGHT * shown as f64 + 4.0 * (shown as f64 - 1.0);
    (0..shown)
        .map(|at| {
            let view = &outside[at];
            let more = outside.len() - shown;
            let name = if at == 1 && more > 0 { format!("+{} more", more + 1) } else { view.name.clone() };
            let text = SMALL.fit(&name, TAG_WIDTH).into_owned();
            let width = SMALL.width(&text) + 2.0 * TEXT_PAD;
            let y = rect.center().y - height / 2.0 + at as f64 * (TAG_HEIGHT + 4.0);
            let rect = Rect { x: rect.x - TAG_GAP - width, y, width, height: TAG_HEIGHT };
            let mut outside_view = view.clone();
            if at == 1 && more > 0 {
                let all: Vec<&str> = outside[1..].iter().map(|view| view.whole.as_str()).collect();
                outside_view.whole = all.join("\n");
            }
            PlacedTag { rect, text, outside: outside_view }
        })
        .collect()
}
