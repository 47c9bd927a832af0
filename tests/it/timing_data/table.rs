//! Rows of predicted and measured times, and what they come to.

#![allow(clippy::print_stdout)] // the table is the result

use super::Run;
use xsim::sim::Quantiles;
use xsim::units::Nanos;

/// A prediction beside what was measured.
pub(crate) struct Row {
    learnt_from: String,
    target: String,
    predicted: f64,
    measured: f64,
    /// Error from the measured time.
    raw: f64,
    /// Error from the span of the build's repeats, or the raw one where there are none.
    counted: f64,
    /// Whether what was measured lies between P10 and P90.
    is_inside: bool,
}

impl Row {
    pub(crate) fn new(learnt_from: String, target: &Run, range: Quantiles, all: &[Run]) -> Self {
        let [low, predicted, high] = [range.p10, range.p50, range.p90].map(Nanos::as_secs_f64);
        let (least, most) = span_of_repeats(target, all);
        let counted = if predicted < least {
            predicted / least - 1.0
        } else if predicted > most {
            predicted / most - 1.0
        } else {
            0.0
        };
        Self {
            learnt_from,
            target: target.name(),
            predicted,
            measured: target.wall,
            raw: predicted / target.wall - 1.0,
            counted,
            is_inside: (low..=high).contains(&target.wall),
        }
    }
}

/// The shortest and longest of the runs that differ by noise alone.
fn span_of_repeats(target: &Run, all: &[Run]) -> (f64, f64) {
    let cold = |run: &str| run == "cold" || run == "fresh" || run.starts_with("rep");
    let same = all.iter().filter(|run| {
        run.build == target.build && (run.label == target.label || (cold(&run.label) && cold(&target.label)))
    });
    same.fold((f64::INFINITY, 0.0), |(least, most), run| (least.min(run.wall), most.max(run.wall)))
}

/// Prints a table of rows and what they come to: the median and worst error beyond repeats.
pub(crate) fn print(title: &str, rows: &[Row]) -> (f64, f64) {
    println!("\n{title}\n");
    println!("| learnt from | predicted build | predicted s | measured s | error | beyond repeats |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for row in rows {
        println!(
            "| {} | {} | {:.1} | {:.1} | {:+.0} % | {:+.0} % |",
            row.learnt_from,
            row.target,
            row.predicted,
            row.measured,
            row.raw * 100.0,
            row.counted * 100.0
        );
    }
    summary("", rows)
}

/// Pairs that are further off beyond repeats are printed with what they come to: what is asked for of the worst.
const WORTH_A_LINE: f64 = 0.3;

/// Prints and returns the median and worst error beyond repeats.
pub(crate) fn summary(title: &str, rows: &[Row]) -> (f64, f64) {
    let raw: Vec<f64> = rows.iter().map(|row| row.raw.abs()).collect();
    let counted: Vec<f64> = rows.iter().map(|row| row.counted.abs()).collect();
    let (median, worst) = median_and_worst(&counted);
    let (raw_median, raw_worst) = median_and_worst(&raw);
    println!(
        "\n{title} {} pairs: median {:.1} %, worst {:.1} % (without regard to repeats {:.1} % and {:.1} %), {:.0} % inside P10 to P90",
        rows.len(),
        median * 100.0,
        worst * 100.0,
        raw_median * 100.0,
        raw_worst * 100.0,
        inside(rows)
    );
    for row in rows.iter().filter(|row| row.counted.abs() > WORTH_A_LINE) {
        let Row { learnt_from, target, predicted, measured, .. } = row;
        println!("{learnt_from}, {target}: {predicted:.1} s predicted, {measured:.1} s measured");
    }
    (median, worst)
}

/// Percent of the rows whose measured time lies between P10 and P90.
pub(crate) fn inside(rows: &[Row]) -> f64 {
    100.0 * rows.iter().filter(|row| row.is_inside).count() as f64 / rows.len().max(1) as f64
}

pub(crate) fn median_and_worst(errors: &[f64]) -> (f64, f64) {
    let mut errors = errors.to_vec();
    errors.sort_by(f64::total_cmp);
    let last = errors.len().saturating_sub(1);
    (errors.get(last / 2).copied().unwrap_or_default(), errors.get(last).copied().unwrap_or_default())
}
