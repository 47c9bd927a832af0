//! The two charts of a timeline: bars in rows or lanes, and busy cores, each drawn by plotters in a given place.

use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::Ranged as _;
use plotters::drawing::DrawingArea;
use plotters::series::AreaSeries;
use plotters::style::{Color as _, TRANSPARENT};

use super::DrawingError;
use super::axis::{Scale, TimeAxis};
use super::canvas::{Canvas, Ink};
use super::frame::TICKS;
use super::strips::{Handover, Strip};
use super::view::TimelineView;
use crate::report::picture::layout::geometry::{Rect, SMALL};
use crate::report::picture::svg;
use crate::report::picture::xml::Xml;
use crate::units::Nanos;

/// Where plotters draws.
pub(super) type Area<'x> = DrawingArea<Canvas<'x>, Shift>;

/// The room for a number at the left of a chart.
pub(super) const LEFT: i32 = 40;

/// A chart of bars.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chart {
    pub(super) rect: Rect,
    pub(super) axis: TimeAxis,
    /// How many ticks have room.
    pub(super) ticks: usize,
    /// The height of a row.
    pub(super) row: f64,
    /// Whether every step has a row of its own.
    pub(super) has_rows: bool,
}

/// The distances of a rectangle from the sides of the drawing: left, top, right, bottom.
fn margins(area: &Area<'_>, rect: Rect) -> [i32; 4] {
    let (width, height) = area.dim_in_pixel();
    let (width, height) = (width.cast_signed(), height.cast_signed());
    [rect.x as i32, rect.y as i32, width - rect.right() as i32, height - rect.bottom() as i32]
}

impl Chart {
    /// The place of an instant.
    pub(super) fn x(&self, at: Nanos) -> f64 {
        let (left, right) = (self.rect.x as i32, self.rect.right() as i32);
        f64::from(self.axis.map(&at, (left, right)))
    }

    /// The range of the end down to `bottom`: a ground behind the bars.
    pub(super) fn range(&self, xml: &mut Xml, view: &TimelineView, bottom: f64) {
        let Some([from, _, to]) = view.range else { return };
        let left = self.x(from);
        let width = (self.x(to.min(self.axis.end)) - left).max(1.0);
        let area = Rect { x: left, y: self.rect.y, width, height: bottom - self.rect.y };
        svg::rect(xml, area, "range", 0.0);
    }

    /// The grid, the bars, and the critical path from bar to bar.
    pub(super) fn bars(&self, area: &Area<'_>, view: &TimelineView) -> Result<(), DrawingError> {
        let rows = self.rect.height / self.row;
        let [left, top, right, bottom] = margins(area, self.rect);
        let mut bars = ChartBuilder::on(area)
            .margin_left(left)
            .margin_top(top)
            .margin_right(right)
            .margin_bottom(bottom)
            .build_cartesian_2d(self.axis, Scale { bottom: rows, top: 0.0, ticks: Vec::new(), unit: "" })?;
        bars.configure_mesh()
            .x_labels(self.ticks)
            .disable_axes()
            .bold_line_style(Ink::Grid.color())
            .light_line_style(TRANSPARENT)
            .draw()?;
        let row = |at: usize| if self.has_rows { at } else { view.bars[at].bar.lane };
        // Bars without a length have no place in a lane.
        let is_drawn = |at: &usize| self.has_rows || view.bars[*at].bar.finish > view.bars[*at].bar.start;
        let drawn: Vec<usize> = (0..view.bars.len()).filter(is_drawn).collect();
        let critical: Vec<usize> =
            drawn.iter().copied().filter(|at| view.bars[*at].bar.is_critical).collect();
        for pair in critical.windows(2) {
            let at = view.bars[pair[1]].bar.begun;
            let corners = [(at, row(pair[0]) as f64 + 0.5), (at, row(pair[1]) as f64 + 0.5)];
            bars.plotting_area().draw(&Handover { corners })?;
        }
        for at in drawn {
            bars.plotting_area().draw(&Strip::new(&view.bars[at], row(at), !self.has_rows))?;
        }
        Ok(())
    }

    /// The busy cores in `rect`, over the same axis, with its words below.
    pub(super) fn cores(&self, area: &Area<'_>, view: &TimelineView, rect: Rect) -> Result<(), DrawingError> {
        let scale = Scale { bottom: 0.0, top: view.cores, ticks: vec![0.0, view.cores], unit: "" };
        let mut cores = axes(area, rect, (self.axis, self.ticks), scale)?;
        let edge = Ink::Edge.color().stroke_width(1);
        cores.draw_series(AreaSeries::new(stairs(view), 0.0, Ink::Load.color()).border_style(edge))?;
        Ok(())
    }
}

/// An empty chart in `rect` over an axis of time with so many ticks, with its words at the left and below.
pub(super) fn axes<'a, 'x>(
    area: &'a Area<'x>,
    rect: Rect,
    (axis, ticks): (TimeAxis, usize),
    scale: Scale,
) -> Result<ChartContext<'a, Canvas<'x>, Cartesian2d<TimeAxis, Scale>>, DrawingError> {
    let [left, top, right, bottom] = margins(area, rect);
    let rows = scale.ticks.len();
    let mut chart = ChartBuilder::on(area)
        .margin_left(left - LEFT)
        .margin_top(top)
        .margin_right(right)
        .margin_bottom(bottom - TICKS as i32)
        .set_label_area_size(LabelAreaPosition::Left, LEFT)
        .set_label_area_size(LabelAreaPosition::Bottom, TICKS as i32)
        .build_cartesian_2d(axis, scale)?;
    chart
        .configure_mesh()
        .x_labels(ticks)
        .y_labels(rows)
        .label_style(("sans-serif", SMALL.size, &Ink::Words.color()))
        .axis_style(Ink::Axis.color())
        .bold_line_style(Ink::Grid.color())
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok(chart)
}

/// The busy cores as corners of stairs, from the start to the end of the work.
fn stairs(view: &TimelineView) -> Vec<(Nanos, f64)> {
    let mut corners = vec![(Nanos::ZERO, 0.0)];
    let mut busy = 0.0;
    for &(at, cores) in &view.load {
        corners.extend([(at, busy), (at, cores)]);
        busy = cores;
    }
    corners
}
