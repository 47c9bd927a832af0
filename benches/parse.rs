//! Parsing alone, beside the other Rust parsers in the same run. They neither check flags nor split words and mounts.
//!
//! Only files that all three accept are read, so that none stops early.
//!
//! `cargo bench --all-features --bench parse`

#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make undocumented items; a bench may stop

mod per_case;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use xsim::dockerfile::{Arena, parse_text};

#[derive(Deserialize)]
struct Case {
    dockerfile: String,
}

fn files() -> Vec<String> {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut files = Vec::new();
    for file in ["rules.jsonl", "generated.jsonl"] {
        let text = std::fs::read_to_string(format!("{root}/tests/data/conformance/{file}")).unwrap();
        files.extend(text.lines().map(|line| serde_json::from_str::<Case>(line).unwrap().dockerfile));
    }
    for sample in ["all-emulated", "early-arg", "front-and-back", "late-arg", "per-arch-stage"] {
        files.push(std::fs::read_to_string(format!("{root}/samples/{sample}/Dockerfile")).unwrap());
    }
    files.retain(|text| {
        parse_dockerfile::parse(text).is_ok()
            && dockerfile_parser::Dockerfile::parse(text).is_ok()
            && parse_text(text, &Arena::new()).problems.is_empty()
    });
    assert!(files.len() > 100, "only {} files are accepted by all", files.len());
    files
}

fn parsers(c: &mut Criterion) {
    let files = files();
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Bytes(files.iter().map(|text| text.len() as u64).sum()));
    group.sample_size(20);
    group.bench_function("xsim", |b| {
        b.iter(|| {
            files
                .iter()
                .map(|text| parse_text(black_box(text), &Arena::new()).instructions.len())
                .sum::<usize>()
        });
    });
    group.bench_function("parse-dockerfile", |b| {
        b.iter(|| files.iter().filter(|text| parse_dockerfile::parse(black_box(text)).is_ok()).count());
    });
    group.bench_function("dockerfile-parser", |b| {
        b.iter(|| {
            files.iter().filter(|text| dockerfile_parser::Dockerfile::parse(black_box(text)).is_ok()).count()
        });
    });
    group.finish();
    per_case::report("xsim", &files, |text| !parse_text(text, &Arena::new()).instructions.is_empty());
    per_case::report("parse-dockerfile", &files, |text| parse_dockerfile::parse(text).is_ok());
    per_case::report("dockerfile-parser", &files, |text| dockerfile_parser::Dockerfile::parse(text).is_ok());
}

criterion_group!(benches, parsers);
criterion_main!(benches);
