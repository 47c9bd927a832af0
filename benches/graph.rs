//! From text to graph: over the conformance cases and samples, by platforms, by length.
//!
//! `cargo bench --all-features --bench graph`

#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make undocumented items; a bench may stop

mod per_case;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use xsim::analysis::{Build, NamedBuild, NodeRequest, Request};
use xsim::dockerfile::{Arena, parse};
use xsim::graph::emulate::Host;
use xsim::ids::FileIx;
use xsim::model::inputs::{Inputs, NamedContext};
use xsim::model::platform::Platform;
use xsim::source::Source;

#[derive(Deserialize)]
struct Case {
    dockerfile: String,
    platforms: Vec<String>,
    build_platform: String,
    target: Option<String>,
    build_args: Option<BTreeMap<String, String>>,
}

fn platform(text: &str) -> Platform {
    let host = Platform::linux("amd64");
    Platform::parse(text, &host).unwrap()
}

fn inputs(platforms: &[&str]) -> Inputs {
    let targets: Vec<Platform> = platforms.iter().copied().map(platform).collect();
    Inputs::new(platform("linux/amd64"), &targets).unwrap()
}

fn source(text: &str) -> Source {
    Source::new("Dockerfile", text.into()).unwrap()
}

fn graph(source: &Source, inputs: &Inputs) -> bool {
    let arena = Arena::new();
    let file = parse(source, &arena);
    xsim::graph::analyze(&file, inputs, &arena).graph.is_ok()
}

/// All conformance cases for their first two platforms.
fn conformance() -> Vec<(Source, Inputs)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/conformance");
    let mut all = Vec::new();
    for file in ["rules.jsonl", "generated.jsonl"] {
        for line in std::fs::read_to_string(format!("{folder}/{file}")).unwrap().lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            let targets: Vec<Platform> = case.platforms.iter().take(2).map(|text| platform(text)).collect();
            let mut inputs = Inputs::new(platform(&case.build_platform), &targets).unwrap();
            inputs.stage = case.target;
            inputs.build_args = case.build_args.unwrap_or_default();
            all.push((source(&case.dockerfile), inputs));
        }
    }
    all
}

/// The Dockerfiles of the samples for two platforms.
fn samples() -> Vec<(Source, Inputs)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let folders = std::fs::read_dir(root).unwrap().map(|folder| folder.unwrap().path());
    let files =
        folders.filter(|folder| folder.is_dir()).flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let dockerfiles = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with("Dockerfile")));
    dockerfiles
        .map(|path| {
            (source(&std::fs::read_to_string(path).unwrap()), inputs(&["linux/amd64", "linux/arm64"]))
        })
        .collect()
}

/// The time is that of one pass over all cases; that of each case is printed.
fn cases(c: &mut Criterion) {
    let mut group = c.benchmark_group("text to graph, two platforms");
    group.sample_size(20);
    for (name, all) in [("conformance", conformance()), ("samples", samples())] {
        group.throughput(Throughput::Elements(all.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| all.iter().filter(|(source, inputs)| graph(black_box(source), inputs)).count());
        });
        per_case::report(name, &all, |(source, inputs)| graph(source, inputs));
    }
    group.finish();
}

const LATE: &str = "FROM --platform=$BUILDPLATFORM golang:1.25 AS build
WORKDIR /src
RUN apt-get update && apt-get install -y git make
COPY go.mod go.sum ./
RUN go mod download
COPY cmd/ cmd/
COPY internal/ internal/
RUN go vet ./...
RUN go test ./...
ENV CGO_ENABLED=0
ARG TARGETOS
ARG TARGETARCH
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/app ./cmd/app
FROM scratch AS app
COPY --from=build /out/app /app
ENTRYPOINT [\"/app\"]
";

const EIGHT: [&str; 8] = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/arm/v6",
    "linux/386",
    "linux/riscv64",
    "linux/s390x",
    "linux/ppc64le",
];

fn platforms(c: &mut Criterion) {
    let source = source(LATE);
    let mut group = c.benchmark_group("late split");
    for count in [1, 2, 4, 8] {
        let inputs = inputs(&EIGHT[..count]);
        group.bench_with_input(BenchmarkId::new("platforms", count), &inputs, |b, inputs| {
            b.iter(|| graph(black_box(&source), inputs));
        });
    }
    group.finish();
}

/// A definition of targets of one Dockerfile that take the first for their base, by their number.
fn linked(c: &mut Criterion) {
    let mut group = c.benchmark_group("linked targets of one Dockerfile");
    let stages = (1..10).map(|at| format!("FROM base AS t{at}\nRUN make {at}\n"));
    let text = format!("{LATE}{}", stages.collect::<String>());
    for count in [1, 2, 10] {
        assert!(Build::of(definition(&text, count)).outcome().is_ok());
        group.bench_function(BenchmarkId::new("targets", count), |b| {
            let build = |request| black_box(Build::of(request)).outcome().is_ok();
            b.iter_batched(|| definition(&text, count), build, BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn definition(text: &str, count: usize) -> Request {
    let build = |at: usize| {
        let mut inputs = inputs(&EIGHT[..2]);
        inputs.stage = Some(if at == 0 { "app".to_owned() } else { format!("t{at}") });
        if at > 0 {
            inputs.contexts = vec![NamedContext::of("base", "target:t0").unwrap()];
        }
        NamedBuild { name: format!("t{at}"), file: FileIx::new(0), inputs }
    };
    let node = NodeRequest::new(Host::new(platform("linux/amd64")), (0..count).map(build).collect());
    Request::new(vec![source(text)], vec![node]).unwrap()
}

fn lengths(c: &mut Criterion) {
    let inputs = inputs(&EIGHT[..2]);
    let mut group = c.benchmark_group("length");
    group.sample_size(10);
    for count in [1_000_usize, 10_000, 100_000] {
        let mut text = String::from("FROM --platform=$BUILDPLATFORM alpine\n");
        for at in 0..count / 5 {
            let _ = write!(text, "RUN a{at}\nENV A{at}=$PATH\nCOPY a{at} b\nARG B{at}=1\nWORKDIR /w{at}\n");
        }
        let source = source(&text);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::new("instructions", count), &source, |b, source| {
            b.iter(|| graph(black_box(source), &inputs));
        });
    }
    for count in [10_usize, 100, 1_000] {
        let mut text = String::from("FROM alpine AS s0\n");
        for at in 0..count {
            let _ = write!(text, "FROM s{at} AS s{}\nRUN a\nCOPY --from=s{at} a b\n", at + 1);
        }
        let source = source(&text);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::new("stages", count), &source, |b, source| {
            b.iter(|| graph(black_box(source), &inputs));
        });
    }
    group.finish();
}

criterion_group!(benches, cases, platforms, linked, lengths);
criterion_main!(benches);
