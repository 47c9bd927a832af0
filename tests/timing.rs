//! Predicted against measured: the builds in `tests/data/timing`, predicted from a profile learnt from one other build.
//!
//! `cargo test --test timing -- --nocapture` prints the tables that `docs/simulation.md` shows.

#![expect(clippy::print_stdout, reason = "the table is the result")]

mod timing_data;

use timing_data::{Run, predict, profile_of, runs};
use xsim::cost::slowdown;

/// A prediction beside what was measured.
struct Row {
    learnt_from: String,
    target: String,
    predicted: f64,
    measured: f64,
    /// Error from the measured time.
    raw: f64,
    /// Error from the span of the build's repeats, or the raw one where there are none.
    counted: f64,
}

fn row(source: &Run, target: &Run, all: &[Run]) -> Row {
    let predicted = predict(target, Some(&profile_of(&[source]))).as_secs_f64();
    let measured = target.wall;
    let (least, most) = span_of_repeats(target, all);
    let counted = if predicted < least {
        predicted / least - 1.0
    } else if predicted > most {
        predicted / most - 1.0
    } else {
        0.0
    };
    Row {
        learnt_from: source.name(),
        target: target.name(),
        predicted,
        measured,
        raw: predicted / measured - 1.0,
        counted,
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

fn print(title: &str, rows: &[Row]) -> (f64, f64) {
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

/// Prints and returns the median and worst error beyond repeats.
fn summary(title: &str, rows: &[Row]) -> (f64, f64) {
    let raw: Vec<f64> = rows.iter().map(|row| row.raw.abs()).collect();
    let counted: Vec<f64> = rows.iter().map(|row| row.counted.abs()).collect();
    let (median, worst) = median_and_worst(&counted);
    let (raw_median, raw_worst) = median_and_worst(&raw);
    println!(
        "\n{title} {} pairs: median {:.1} %, worst {:.1} % (without regard to repeats {:.1} % and {:.1} %)",
        rows.len(),
        median * 100.0,
        worst * 100.0,
        raw_median * 100.0,
        raw_worst * 100.0
    );
    (median, worst)
}

fn median_and_worst(errors: &[f64]) -> (f64, f64) {
    let mut errors = errors.to_vec();
    errors.sort_by(f64::total_cmp);
    (errors[errors.len() / 2], errors[errors.len() - 1])
}

/// Runs that are to be predicted: neither `same`, where nothing runs, nor `dbg`, which is slower, nor full cache mounts.
fn counts(run: &Run) -> bool {
    let full_mounts = run.build == "mounts" && run.label == "warm";
    !full_mounts && run.label != "same" && run.label != "dbg"
}

/// Whether two runs are of different Dockerfiles of one project.
fn variants(a: &Run, b: &Run) -> bool {
    let family = |run: &Run| FAMILIES.iter().position(|family| family.contains(&run.build.as_str()));
    a.build != b.build && family(a).is_some() && family(a) == family(b)
}

/// Projects of which there are several Dockerfiles.
const FAMILIES: &[&[&str]] = &[
    &["go-a-emulated", "go-b-argtop", "go-d-foreigntool"],
    &["diamond", "diamond-native", "diamond-seq"],
    &["node-front", "node-all-target"],
];

/// Every pair of a run to learn from and a run to predict that `related` lets through.
fn pairs(all: &[Run], related: impl Fn(&Run, &Run) -> bool) -> Vec<Row> {
    // A warm run lacks the steps that were cached.
    let sources = all.iter().filter(|run| counts(run) && run.label != "warm");
    sources
        .flat_map(|source| all.iter().map(move |target| (source, target)))
        .filter(|(source, target)| {
            counts(target) && source.name() != target.name() && related(source, target)
        })
        .map(|(source, target)| row(source, target, all))
        .collect()
}

#[test]
fn other_runs_of_the_same_dockerfile() {
    let all = runs();
    let rows = pairs(&all, |source, target| source.build == target.build && source.label == "cold");
    let (median, worst) = print("Other runs of the same Dockerfile, learnt from its cold run", &rows);
    assert!(median <= 0.10 && worst <= 0.30);
    let rows = pairs(&all, |source, target| source.build == target.build);
    let (median, worst) = summary("Other runs of the same Dockerfile, learnt from any of its runs", &rows);
    assert!(median <= 0.10 && worst <= 0.50);
}

#[test]
fn variants_of_the_same_project() {
    let all = runs();
    let rows = pairs(&all, |source, target| variants(source, target) && source.label == "cold");
    let (median, _) = print("Variants of the same project, learnt from a cold run", &rows);
    assert!(median <= 0.12);
    let rows = pairs(&all, variants);
    let (median, _) = summary("Variants of the same project, learnt from any run", &rows);
    assert!(median <= 0.12);
}

#[test]
fn variants_come_in_the_right_order() {
    let all = runs();
    for source in all.iter().filter(|run| run.label == "cold") {
        let targets: Vec<&Run> = all
            .iter()
            .filter(|run| run.label == "cold" && (run.build == source.build || variants(source, run)))
            .collect();
        let profile = profile_of(&[source]);
        let times: Vec<(f64, f64)> =
            targets.iter().map(|run| (predict(run, Some(&profile)).as_secs_f64(), run.wall)).collect();
        for a in &times {
            for b in times.iter().filter(|b| b.1 > a.1 * 1.15) {
                assert!(b.0 > a.0, "from {}: {a:?} and {b:?}", source.name());
            }
        }
    }
}

#[test]
fn replaying_a_log_reproduces_it() {
    println!("\n| build | replayed s | log s | error |\n| --- | ---: | ---: | ---: |");
    let mut worst = 0.0_f64;
    for run in runs().iter().filter(|run| counts(run)) {
        let replayed = predict(run, Some(&profile_of(&[run])));
        let error = replayed.as_secs_f64() / run.wall - 1.0;
        worst = worst.max(error.abs());
        println!(
            "| {} | {:.1} | {:.1} | {:+.1} % |",
            run.name(),
            replayed.as_secs_f64(),
            run.wall,
            error * 100.0
        );
    }
    println!("\nworst {:.1} %", worst * 100.0);
    assert!(worst <= 0.10);
}

#[test]
fn without_a_profile() {
    let all = runs();
    println!("\n| build | predicted s | measured s | factor |\n| --- | ---: | ---: | ---: |");
    let mut factors = Vec::new();
    for target in all.iter().filter(|run| run.label == "cold") {
        let predicted = predict(target, None).as_secs_f64();
        let factor = (predicted / target.wall).max(target.wall / predicted);
        println!(
            "| {} | {:.1} | {:.1} | {:.2} |",
            target.build,
            predicted,
            target.wall,
            predicted / target.wall
        );
        factors.push(factor);
    }
    let (median, worst) = median_and_worst(&factors);
    println!("\nmedian factor {median:.2}, worst {worst:.2}");
    assert!(median <= 2.0);
}

#[test]
fn learnt_slow_downs_agree_with_controlled_measurements() {
    let all = runs();
    println!("\n| learnt from | class | factor | controlled |\n| --- | --- | ---: | ---: |");
    for name in ["diamond", "go-a-emulated", "node-front"] {
        let source = all.iter().find(|run| run.build == name && run.label == "cold").unwrap();
        for entry in &profile_of(&[source]).slowdowns {
            let prior = slowdown(entry.class, &entry.guest, "amd64");
            println!(
                "| {name} | {} {} | {:.1} | {:.1} |",
                entry.class, entry.guest, entry.factor, prior.median
            );
            let deviations = (entry.factor / prior.median).ln().abs() / prior.sigma.hypot(entry.sigma);
            assert!(deviations < 3.0, "{name}: {entry:?}, {prior:?}");
        }
    }
}
