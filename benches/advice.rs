//! Detection by all rules beside building the graph, and findings with every saving simulated.
//!
//! `cargo bench --all-features --bench advice`

#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make undocumented items; a bench may stop

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use xsim::advice::{Pricer, evaluate, lint};
use xsim::analysis::{Build, NodeInputs};
use xsim::dockerfile::{Arena, parse};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::Terms;
use xsim::sim::default_machine;
use xsim::source::Source;

fn platform(text: &str) -> Platform {
    let host = Platform::linux("amd64");
    Platform::parse(text, &host).unwrap()
}

fn nodes() -> Vec<NodeInputs> {
    let targets = [platform("linux/amd64"), platform("linux/arm64")];
    let inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
    vec![NodeInputs::new(inputs)]
}

/// The Dockerfiles of the samples.
fn samples() -> Vec<Source> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for file in path.is_dir().then(|| std::fs::read_dir(&path).unwrap()).into_iter().flatten() {
            let file = file.unwrap().path();
            if file.to_string_lossy().ends_with("Dockerfile") {
                all.push(Source::new("Dockerfile", std::fs::read(file).unwrap()).unwrap());
            }
        }
    }
    all
}

fn advice(c: &mut Criterion) {
    let (sources, nodes) = (samples(), nodes());
    let mut group = c.benchmark_group("samples");
    group.bench_function("graph", |b| {
        b.iter(|| {
            for source in &sources {
                let arena = Arena::new();
                let file = parse(source, &arena);
                black_box(xsim::graph::analyze(&file, &nodes[0].inputs, &arena).graph.is_ok());
            }
        });
    });
    let builds: Vec<Build> = sources.iter().map(|source| Build::new(source.clone(), nodes.clone())).collect();
    group.bench_function("detection", |b| {
        b.iter(|| {
            for build in &builds {
                black_box(lint(build));
            }
        });
    });
    let pricer = Pricer::new(Terms::new(default_machine(&platform("linux/amd64"))));
    group.bench_function("savings", |b| {
        b.iter(|| {
            for build in &builds {
                black_box(evaluate(build, &pricer));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, advice);
criterion_main!(benches);
