//! How likely which time is: the part of the simulated builds that are done, over time.

use plotters::series::LineSeries;
use plotters::style::Color as _;

use super::DrawingError;
use super::axis::{Scale, TimeAxis};
use super::canvas::Ink;
use super::chart::{Area, axes};
use crate::report::picture::layout::geometry::Rect;
use crate::units::Nanos;

/// How many points a curve has at most. More are not seen.
const POINTS: usize = 64;

/// Builds that are done by an instant, in percent.
pub(super) type Point = (Nanos, f64);

/// The curve of some simulated builds, from none that is done to all; empty where there are none.
pub(in crate::report::picture) fn curve(samples: &[Nanos]) -> Vec<Point> {
    let mut times = samples.to_vec();
    times.sort_unstable();
    let (Some(first), count) = (times.first(), times.len()) else { return Vec::new() };
    let points = count.min(POINTS);
    let done = (1..=points).map(|point| {
        let builds = point * count / points;
        (times[builds - 1], 100.0 * builds as f64 / count as f64)
    });
    std::iter::once((*first, 0.0)).chain(done).collect()
}

/// The part of a curve before the end of an axis, to the point where it leaves.
fn until(curve: &[Point], end: Nanos) -> Vec<Point> {
    let inside = curve.partition_point(|(at, _)| *at <= end);
    let mut points = curve[..inside].to_vec();
    if let (Some(&(from, low)), Some(&(to, high))) = (points.last(), curve.get(inside)) {
        points.push((end, low + (high - low) * ((end - from) / (to - from))));
    }
    points
}

/// Draws the curves of builds in `rect` over an axis with so many ticks: the first dashed where there are several.
pub(super) fn draw(
    area: &Area<'_>,
    curves: &[&[Point]],
    rect: Rect,
    over: (TimeAxis, usize),
) -> Result<(), DrawingError> {
    let scale = Scale { bottom: 0.0, top: 100.0, ticks: vec![0.0, 50.0, 100.0], unit: " %" };
    let mut chart = axes(area, rect, over, scale)?;
    for (at, curve) in curves.iter().enumerate() {
        let ink = if at == 0 && curves.len() > 1 { Ink::Before } else { Ink::Curve };
        let line = ink.color().stroke_width(2);
        chart.draw_series(LineSeries::new(until(curve, over.0.end), line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_from_none_to_all() {
        assert_eq!(curve(&[]), []);
        let times: Vec<Nanos> = [3, 1, 2, 4].into_iter().map(Nanos).collect();
        let expected = [(1, 0.0), (1, 25.0), (2, 50.0), (3, 75.0), (4, 100.0)];
        assert_eq!(curve(&times), expected.map(|(at, part)| (Nanos(at), part)));
        let many: Vec<Nanos> = (1..=1_000).map(Nanos).collect();
        assert_eq!(curve(&many).len(), POINTS + 1);
        assert_eq!(curve(&many).last(), Some(&(Nanos(1_000), 100.0)));
    }

    #[test]
    fn a_curve_leaves_the_axis_where_it_ends() {
        let curve = [(Nanos(10), 0.0), (Nanos(20), 50.0), (Nanos(40), 100.0)];
        assert_eq!(until(&curve, Nanos(30)), [(Nanos(10), 0.0), (Nanos(20), 50.0), (Nanos(30), 75.0)]);
        assert_eq!(until(&curve, Nanos(50)), curve);
        assert_eq!(until(&curve, Nanos(5)), []);
    }
}
