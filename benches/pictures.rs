//! Time to draw a graph, beside Graphviz on the same graph where it is installed.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use xsim::analysis::{NodeInputs, analyze_file};
use xsim::dockerfile::{Arena, parse};
use xsim::graph::emulate::Host;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::report::picture::{Detail, Direction, GraphView, Options, dot, svg};
use xsim::source::Source;

/// A Dockerfile whose graph has about `boxes` boxes for two platforms.
fn dockerfile(boxes: usize) -> String {
    let stages = (boxes / 12).max(1);
    let mut text = String::new();
    for stage in 0..stages {
        let _ =
            writeln!(text, "FROM --platform=$BUILDPLATFORM golang:1.25 AS s{stage}\nWORKDIR /src/{stage}");
        for before in [stage.wrapping_sub(1), stage.wrapping_sub(3)].into_iter().filter(|at| *at < stage) {
            let _ = writeln!(text, "COPY --from=s{before} /out /in/{before}");
        }
        let _ = writeln!(
            text,
            "COPY . .\nRUN go mod download {stage}\nARG TARGETARCH\nRUN go build -o /out ./cmd/{stage}"
        );
        let _ = writeln!(text, "RUN go vet ./cmd/{stage}");
    }
    text
}

fn with_view(boxes: usize, use_view: impl FnOnce(&GraphView)) {
    let amd64 = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
    let arm64 = Platform { architecture: "arm64".into(), ..amd64.clone() };
    let source = Source::new("Dockerfile", dockerfile(boxes).into_bytes()).expect("small");
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).expect("few");
    let node = NodeInputs { name: None, host: Host::new(amd64), inputs };
    let analysis = analyze_file(&file, &[node], &arena).expect("a good file");
    use_view(&GraphView::new("Dockerfile", &file, &analysis.nodes[0]).in_detail(Detail::Step));
}

fn graphviz(text: &str) {
    let child = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = child else { return };
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    child.wait().expect("it ends");
}

fn draw(criterion: &mut Criterion) {
    for boxes in [30, 200, 1000] {
        with_view(boxes, |view| {
            let name = format!("{} boxes", view.boxes.len());
            let mut group = criterion.benchmark_group(name);
            group.sample_size(10);
            group.bench_function("svg", |bencher| {
                bencher.iter(|| svg(black_box(view), Options::default()));
            });
            if Command::new("dot").arg("-V").stderr(Stdio::null()).status().is_ok() && boxes <= 200 {
                let text = dot(view, Direction::Down);
                group.bench_function("graphviz", |bencher| bencher.iter(|| graphviz(black_box(&text))));
            }
            group.finish();
        });
    }
}

criterion_group!(benches, draw);
criterion_main!(benches);
