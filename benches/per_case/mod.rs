//! The time of single cases, which criterion's mean over a whole set hides.

#![allow(clippy::print_stdout)] // a benchmark's result

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Enough for each case to meet a quiet moment of the machine.
const ROUNDS: usize = 40;

/// Runs every case [`ROUNDS`] times, takes the fastest run of each, and prints how these are spread.
pub(crate) fn report<T>(name: &str, cases: &[T], run: impl Fn(&T) -> bool) {
    let mut fastest = vec![Duration::MAX; cases.len()];
    for _ in 0..ROUNDS {
        for (case, fastest) in cases.iter().zip(&mut fastest) {
            let start = Instant::now();
            black_box(run(black_box(case)));
            *fastest = start.elapsed().min(*fastest);
        }
    }
    fastest.sort_unstable();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let at = |percent: usize| micros(fastest[percent * (fastest.len() - 1) / 100]);
    let mean = fastest.iter().copied().map(micros).sum::<f64>() / fastest.len() as f64;
    println!(
        "{name}: of {} cases, fastest of {ROUNDS} each: median {:.2} µs, mean {mean:.2}, P10 {:.2}, P90 {:.2}, most {:.1}",
        cases.len(),
        at(50),
        at(10),
        at(90),
        at(100),
    );
}
