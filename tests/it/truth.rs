//! The picture of predicted against measured times in `docs/cost-model.md`, drawn from the same rows as its tables.
//!
//! `SNAPSHOTS=overwrite cargo test --all-features --test it -- truth:: projects:: published:: --nocapture` draws it anew and prints
//! the tables.

use plotters::prelude::*;
use plotters_svg::SVGBackend;

use crate::golden;
use crate::projects;
use crate::published::published;

/// Seconds that the axes begin and end with.
const AXIS: std::ops::Range<f64> = 0.1..20_000.0;

/// What the points of a kind are called, their colour, and their places: measured and predicted seconds.
type Kind = (&'static str, RGBColor, Vec<(f64, f64)>);

#[test]
fn the_picture_is_current() {
    let of_half = |judges: bool| {
        let points = projects::points().into_iter().filter(move |point| point.judges == judges);
        points.map(|point| (point.measured, point.predicted)).collect()
    };
    let whole = published().iter().map(|row| (row.seconds, row.predicted)).collect();
    let kinds: [Kind; 3] = [
        ("steps of projects that were fitted, core-seconds", RGBColor(150, 150, 150), of_half(false)),
        ("steps of projects that judge, core-seconds", RGBColor(0, 90, 180), of_half(true)),
        ("published builds and steps, seconds", RGBColor(200, 80, 0), whole),
    ];
    let mut svg = String::new();
    draw(&kinds, &mut svg).unwrap();
    golden::check("docs/predicted.svg", &svg);
}

fn draw<'a>(kinds: &'a [Kind], svg: &'a mut String) -> Result<(), Box<dyn std::error::Error + 'a>> {
    let root = SVGBackend::with_string(svg, (760, 620)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(14)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(AXIS.log_scale(), AXIS.log_scale())?;
    chart.configure_mesh().x_desc("measured, s").y_desc("predicted, s").draw()?;
    for (factor, colour) in [(1.0, BLACK), (2.0, RGBColor(170, 170, 170)), (0.5, RGBColor(170, 170, 170))] {
        // From edge to edge: what lies beyond would be drawn at the edge, aslant.
        let ends = [AXIS.start.max(AXIS.start / factor), AXIS.end.min(AXIS.end / factor)];
        let line = ends.map(|at| (at, at * factor));
        chart.draw_series(LineSeries::new(line, colour))?;
    }
    for (name, colour, points) in kinds {
        let dots = points.iter().map(|&point| Circle::new(point, 3, colour.filled()));
        chart
            .draw_series(dots)?
            .label(*name)
            .legend(move |(x, y)| Circle::new((x + 8, y), 3, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}
