//! Verdicts against reality: variants of one project that were really built, compared with a profile of one of them.
//!
//! `cargo test --all-features --test verdicts -- --nocapture` prints the table that `docs/comparison.md` shows.

use crate::timing_data::{Run, profile_of, runs};
use xsim::analysis::{Build, NodeInputs};
use xsim::compare::{Candidate, Standing, Verdict, compare};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, Timing, price};
use xsim::sim::built_in;
use xsim::source::Source;

/// Variants that were built for the same platforms.
const PAIRS: &[(&str, &str)] = &[
    ("node-all-target", "node-front"),
    ("node-front", "node-all-target"),
    ("diamond", "diamond-native"),
    ("diamond-native", "diamond"),
    ("diamond-seq", "diamond"),
    ("diamond", "diamond-seq"),
    ("diamond-seq", "diamond-native"),
];

fn built(build: &str) -> Build {
    let path = format!("{}/tests/data/timing/{build}/Dockerfile", env!("CARGO_MANIFEST_DIR"));
    let source = Source::new(build, std::fs::read(path).unwrap()).unwrap();
    let amd64 = Platform::linux("amd64");
    let arm64 = Platform::parse("linux/arm64", &amd64).unwrap();
    let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).unwrap();
    let node = NodeInputs::new(inputs);
    Build::new(source, vec![node])
}

/// What is said of two builds, knowing how long the first really took.
fn verdict(before: &Run, after: &str) -> Verdict {
    let terms = Terms { profile: Some(profile_of(&[before])), ..Terms::new(built_in("small").unwrap()) };
    verdict_of(&before.build, after, &terms)
}

fn verdict_of(before: &str, after: &str, terms: &Terms) -> Verdict {
    let built = [before, after].map(built);
    let timings: Vec<Timing<'_>> =
        built.iter().map(|build| price(build.outcome().unwrap(), terms).unwrap()).collect();
    let candidates: Vec<Candidate<'_>> = built
        .iter()
        .zip(&timings)
        .map(|(build, timing)| Candidate { build, analysis: build.outcome().unwrap(), timing })
        .collect();
    compare(&candidates).verdict.unwrap()
}

/// The median of the cold runs, which differ by noise alone.
fn measured(build: &str, all: &[Run]) -> f64 {
    let cold = |run: &&Run| {
        run.build == build
            && (["cold", "fresh"].contains(&run.label.as_str()) || run.label.starts_with("rep"))
    };
    let mut walls: Vec<f64> = all.iter().filter(cold).map(|run| run.wall).collect();
    walls.sort_by(f64::total_cmp);
    walls[walls.len() / 2]
}

#[test]
fn verdicts_agree_with_real_builds() {
    let all = runs();
    println!("\n| known | compared with | said | ratio predicted (P10 to P90) | measured |");
    println!("| --- | --- | --- | ---: | ---: |");
    for (before, after) in PAIRS {
        let known = all.iter().find(|run| run.build == *before && run.label == "cold").unwrap();
        let verdict = verdict(known, after);
        let [low, median, high] = verdict.odds.ratio;
        let ratio = measured(before, &all) / measured(after, &all);
        println!(
            "| {before} | {after} | {} ({:.0} %) | {median:.2} ({low:.2} to {high:.2}) | {ratio:.2} |",
            verdict.standing.as_str(),
            verdict.odds.faster * 100.0
        );
        // What is said for sure is true, wherever the builds differ by more than their noise.
        match verdict.standing {
            Standing::Faster => assert!(ratio > 0.9, "{before} {after}"),
            Standing::Slower => assert!(ratio < 1.1, "{before} {after}"),
            Standing::Same | Standing::Alike => assert!((0.8..1.25).contains(&ratio), "{before} {after}"),
            Standing::Unsure => {}
        }
        if !(0.85..1.15).contains(&ratio) {
            assert_eq!(median > 1.0, ratio > 1.0, "{before} {after}: in the wrong order");
        }
    }
}

/// Of verdicts that call one build the faster in more than 95 % of the simulated builds, 95 % are right: with a profile of any whole run
/// of the first, and without one.
#[test]
fn sure_verdicts_are_right() {
    const SURE: f64 = 0.95;
    let all = runs();
    let whole = |run: &&Run| ["cold", "fresh"].contains(&&*run.label) || run.label.starts_with("rep");
    let both = |run: &&Run| run.platforms == "linux/amd64,linux/arm64";
    let cold: Vec<&Run> = all.iter().filter(|run| run.label == "cold").filter(both).collect();
    let (mut sure, mut wrong) = (0, Vec::new());
    let mut judge = |how: &str, before: &str, after: &str, verdict: &Verdict| {
        let ratio = measured(before, &all) / measured(after, &all);
        let says = match verdict.standing {
            Standing::Faster if verdict.odds.faster > SURE => ratio > 1.0,
            Standing::Slower if verdict.odds.slower > SURE => ratio < 1.0,
            _ => return,
        };
        sure += 1;
        if !says {
            wrong.push(format!("{how}: {before} {after}, really {ratio:.2}"));
        }
    };
    for before in all.iter().filter(whole).filter(both) {
        let related = |run: &&&Run| run.family() == before.family() && run.build != before.build;
        for after in cold.iter().filter(related) {
            judge("learnt", &before.build, &after.build, &verdict(before, &after.build));
            if before.label == "cold" {
                let terms = Terms::new(built_in("small").unwrap());
                judge(
                    "no profile",
                    &before.build,
                    &after.build,
                    &verdict_of(&before.build, &after.build, &terms),
                );
            }
        }
    }
    let share = 1.0 - wrong.len() as f64 / f64::from(sure);
    println!("{sure} verdicts of more than 95 %, right in {:.0} %; wrong: {wrong:#?}", share * 100.0);
    assert!(sure >= 20 && share >= 0.95, "{share} of {sure}: {wrong:#?}");
}
