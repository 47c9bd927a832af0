//! Where plotters draws: SVG with classes for colours, so that one picture serves light and dark readers, and with texts
//! escaped and measured as in every other picture.
//!
//! Plotters knows colours only. What it draws carries the number of an [`Ink`] as its colour, and becomes the class of
//! that name; the style sheet decides what it looks like. Elements of the project's own write to the document themselves.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::super::layout::geometry::{Font, Point, Rect};
use super::super::svg;
use super::super::xml::Xml;

/// What a thing drawn by plotters is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// A line across the chart.
    Grid,
    /// The line of an axis.
    Axis,
    /// The words at an axis.
    Words,
    /// The area of busy cores.
    Load,
    /// Its upper edge.
    Edge,
    /// How likely which time is, of the first of several builds.
    Before,
    /// The same of any other build.
    Curve,
}

impl Ink {
    const VALUES: [Self; 7] =
        [Self::Grid, Self::Axis, Self::Words, Self::Load, Self::Edge, Self::Before, Self::Curve];

    /// The colour that stands for it inside plotters.
    pub(super) const fn color(self) -> RGBColor {
        RGBColor(0, 0, self as u8)
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Axis => "axis",
            Self::Words => "small",
            Self::Load => "load",
            Self::Edge => "edge",
            Self::Before => "curve before",
            Self::Curve => "curve",
        }
    }

    /// What a colour stands for; `None` for what is not to be seen.
    fn of(color: BackendColor) -> Option<Self> {
        (color.alpha > 0.0).then(|| Self::VALUES[usize::from(color.rgb.2).min(Self::VALUES.len() - 1)])
    }
}

/// An SVG document, as plotters sees it.
pub(super) struct Canvas<'x> {
    pub(super) xml: &'x mut Xml,
    pub(super) size: (u32, u32),
}

/// Writing to a string never fails.
pub(super) type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Canvas<'_> {
    fn path(&mut self, points: impl IntoIterator<Item = BackendCoord>, class: Ink, is_closed: bool) {
        let mut path = String::new();
        for (at, (x, y)) in points.into_iter().enumerate() {
            let _ = write!(path, "{}{x} {y}", if at == 0 { 'M' } else { 'L' });
        }
        if is_closed {
            path.push('Z');
        }
        self.xml.open("path").attr("class", class.class()).attr("d", path).close().line();
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        self.fill_polygon([(left, top), (right, top), (right, bottom), (left, bottom)], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if let Some(ink) = Ink::of(style.color()) {
            self.path(path, ink, false);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        if let Some(ink) = Ink::of(style.color()) {
            self.path(vert, ink, true);
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let Some(ink) = Ink::of(style.color()) else { return Ok(()) };
        let font = Font::regular(style.size());
        let width = font.width(text);
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => width / 2.0,
            HPos::Right => width,
        };
        // From the anchor to the line that letters stand on.
        let down = match style.anchor().v_pos {
            VPos::Top => style.size() * 0.85,
            VPos::Center => style.size() * 0.35,
            VPos::Bottom => style.size() * -0.15,
        };
        let at = Point { x: f64::from(x) - left, y: f64::from(y) + down };
        svg::text(self.xml, at, ink.class(), font, text);
        self.xml.line();
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let font = Font::regular(style.size());
        // Both are a few hundred at most, and positive.
        #[allow(clippy::cast_sign_loss)]
        Ok((font.width(text).ceil() as u32, style.size().ceil() as u32))
    }
}

/// A rectangle between two points of the drawing.
pub(super) fn between((left, top): BackendCoord, (right, bottom): BackendCoord) -> Rect {
    let (x, y) = (f64::from(left), f64::from(top));
    Rect { x, y, width: f64::from(right) - x, height: f64::from(bottom) - y }
}
