//! Points, rectangles, and the sizes of everything that is drawn.
//!
//! Knows nothing of builds.

pub use super::super::metrics::Font;

/// A place in pixels, from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Its left side.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

impl Rect {
    /// The right side.
    pub fn right(self) -> f64 {
        self.x + self.width
    }

    /// The lower side.
    pub fn bottom(self) -> f64 {
        self.y + self.height
    }

    /// The middle.
    pub fn center(self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    /// The rectangle, moved.
    #[must_use]
    pub fn moved(self, by: Point) -> Self {
        Self { x: self.x + by.x, y: self.y + by.y, ..self }
    }

    /// Whether two rectangles have a part in common that is larger than a line.
    pub fn overlaps(self, other: Self) -> bool {
        self.x + 0.01 < other.right()
            && other.x + 0.01 < self.right()
            && self.y + 0.01 < other.bottom()
            && other.y + 0.01 < self.bottom()
    }

    /// Whether `other` lies inside.
    pub fn holds(self, other: Self) -> bool {
        self.x - 0.01 <= other.x
            && self.y - 0.01 <= other.y
            && other.right() <= self.right() + 0.01
            && other.bottom() <= self.bottom() + 0.01
    }
}

impl Point {
    /// The point, moved.
    #[must_use]
    pub fn moved(self, by: Self) -> Self {
        Self { x: self.x + by.x, y: self.y + by.y }
    }
}

/// The title of the picture.
pub const TITLE: Font = Font::bold(16.0);
/// Under the title.
pub const SUBTITLE: Font = Font::regular(12.0);
/// The name of a stage.
pub const STAGE: Font = Font::bold(13.0);
/// An instruction word.
pub const KEYWORD: Font = Font::bold(12.0);
/// What an instruction says.
pub const LABEL: Font = Font::regular(12.0);
/// Everything small: notes, platforms, reasons.
pub const SMALL: Font = Font::regular(11.0);

/// The height of a box.
pub const BOX_HEIGHT: f64 = 42.0;
/// The band at the left of a box that shows how it runs.
pub const BAND: f64 = 26.0;
/// Between the text of a box and its sides.
pub const TEXT_PAD: f64 = 8.0;
/// Between rows.
pub const ROW_GAP: f64 = 26.0;
/// Between the name of a lane and its first box: room for lines that come from beside.
pub const NAME_GAP: f64 = 22.0;
/// Between lanes.
pub const LANE_GAP: f64 = 22.0;
/// Between the content of a stage and its border.
pub const PAD: f64 = 14.0;
/// The head of a stage.
pub const HEADER: f64 = 40.0;
/// The part of it that its words take.
pub const HEADER_WORDS: f64 = 27.0;
/// The height of a small label: what comes from outside, a platform.
pub const TAG_HEIGHT: f64 = 18.0;
/// Between what comes from outside and its box.
pub const TAG_GAP: f64 = 18.0;
/// The widest tag.
pub const TAG_WIDTH: f64 = 112.0;
/// Between a fork's reason and the lanes.
pub const FAN: f64 = 30.0;
/// A line of small text.
pub const LINE: f64 = 14.0;
/// Between parallel lines.
pub const TRACK: f64 = 9.0;
/// Around the picture.
pub const MARGIN: f64 = 20.0;

/// How much wider boxes are that say what they cost.
pub const COST_WIDTH: f64 = 34.0;

/// The width of a box where the picture has at most so many lanes beside each other.
pub const fn box_width(lanes: usize) -> f64 {
    match lanes {
        0..=2 => 240.0,
        3 | 4 => 212.0,
        _ => 184.0,
    }
}
