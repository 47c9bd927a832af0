//! How fast logs are read: a rawjson log as a long build leaves it, mostly what its steps print.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up should stop")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xsim::ingest::{Format, read_as};

/// A log of about `megabytes`: each vertex announced, started and completed, with 200 messages and 40 statuses between.
fn log(megabytes: usize) -> String {
    let mut log = String::with_capacity((megabytes + 1) << 20);
    let data = "IzUgMC41MTIgY29tcGlsaW5nIHRoZSB3b3JsZCwgb25lIGZpbGUgYXQgYSB0aW1l".repeat(4);
    let mut at = 0_u64;
    while log.len() < megabytes << 20 {
        let digest = format!("sha256:{at:064x}");
        let name = format!("[linux/amd64 build {}/20] RUN make -C src/{at} all", at % 20 + 1);
        let mut vertex = |times: &str| {
            let _ = writeln!(
                log,
                r#"{{"vertexes":[{{"digest":"{digest}","inputs":["sha256:{:064x}"],"name":"{name}"{times}}}]}}"#,
                at.saturating_sub(1)
            );
        };
        vertex("");
        vertex(r#","started":"2026-11-23T05:04:17.07736384Z""#);
        for second in 0..40 {
            let _ = writeln!(
                log,
                r#"{{"statuses":[{{"id":"extracting","vertex":"{digest}","name":"extracting","current":{second},"timestamp":"2026-11-23T05:04:{second}.082268675Z"}}]}}"#
            );
            for _ in 0..5 {
                let _ = writeln!(
                    log,
                    r#"{{"logs":[{{"vertex":"{digest}","stream":1,"data":"{data}","timestamp":"2026-11-23T05:04:{second}.082268675Z"}}]}}"#
                );
            }
        }
        let _ = writeln!(
            log,
            r#"{{"vertexes":[{{"digest":"{digest}","name":"{name}","started":"2026-11-23T05:04:17.07736384Z","completed":"2026-11-23T05:05:17.088490011Z"}}]}}"#
        );
        at += 1;
    }
    log
}

fn ingest(criterion: &mut Criterion) {
    let log = log(64);
    let mut group = criterion.benchmark_group("ingest");
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(10);
    group.bench_function("rawjson", |bencher| {
        bencher.iter(|| read_as(Format::Lines, black_box(log.as_bytes())).expect("a log"));
    });
    let vertices: String =
        log.lines().filter(|line| line.contains("vertexes")).flat_map(|line| [line, "\n"]).collect();
    group.throughput(Throughput::Bytes(vertices.len() as u64));
    group.bench_function("rawjson of vertices alone", |bencher| {
        bencher.iter(|| read_as(Format::Lines, black_box(vertices.as_bytes())).expect("a log"));
    });
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
