//! Time to simulate the settings of a page and to write it.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use xsim::analysis::{Build, NodeInputs};
use xsim::explore::{Grid, MAX_INTERVALS, explore};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, price};
use xsim::report::{Explored, analysis_html};
use xsim::sim::built_in;
use xsim::source::Source;

/// A Dockerfile of `stages` stages with eight instructions each, half of them once per platform.
fn dockerfile(stages: usize) -> String {
    let mut text = String::new();
    for stage in 0..stages {
        let _ =
            writeln!(text, "FROM golang:1.25 AS s{stage}\nWORKDIR /src/{stage}\nRUN apt-get install -y git");
        if stage > 0 {
            let _ = writeln!(text, "COPY --from=s{} /out /in", stage - 1);
        }
        let _ = writeln!(text, "COPY . .\nRUN go mod download {stage}\nRUN go build -o /out ./cmd/{stage}");
    }
    text
}

fn write(criterion: &mut Criterion) {
    let amd64 = Platform::linux("amd64");
    let arm64 = Platform::linux("arm64");
    let terms = Terms::new(built_in("ubuntu-latest").expect("a machine"));
    for stages in [4, 40, 400] {
        let source = Source::new("Dockerfile", dockerfile(stages).into_bytes()).expect("small");
        let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64.clone()]).expect("few");
        let node = NodeInputs::new(inputs);
        let build = Build::new(source, vec![node]);
        let analysis = build.outcome().expect("a good file");
        let timing = price(analysis, &terms).expect("good numbers");
        let grid = Grid::new(&[&timing], MAX_INTERVALS);
        let found = explore(analysis, &timing, &grid);
        let explored = Explored { build: &build, analysis, timing: &timing, found: &found, findings: &[] };
        let page = || analysis_html(&explored).expect("a page");
        let name =
            format!("{} instructions, {} runs, {} kB", stages * 7 - 1, found.runs.len(), page().len() / 1000);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("settings", |bencher| {
            bencher.iter(|| explore(black_box(analysis), &timing, &grid));
        });
        group.bench_function("page", |bencher| bencher.iter(|| black_box(page())));
        group.finish();
    }
}

criterion_group!(benches, write);
criterion_main!(benches);
