//! Time to draw a graph and a timeline, beside Graphviz on the same graph where it is installed.

#![allow(clippy::print_stdout)] // where the results go
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use xsim::analysis::{Build, NodeInputs};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, price};
use xsim::report::picture::timeline::WIDTH;
use xsim::report::picture::{Detail, Direction, GraphView, Options, TimelineView, dot, svg, timeline_svg};
use xsim::sim::built_in;
use xsim::source::Source;
use xsim::timeline::Timeline;

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

fn with_views(boxes: usize, use_views: impl FnOnce(&GraphView, &TimelineView)) {
    let amd64 = Platform::linux("amd64");
    let arm64 = Platform::linux("arm64");
    let source = Source::new("Dockerfile", dockerfile(boxes).into_bytes()).expect("small");
    let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).expect("few");
    let node = NodeInputs::new(inputs);
    let build = Build::new(source, vec![node]);
    let analysis = build.outcome().expect("a good file");
    let terms = Terms::new(built_in("ubuntu-latest").expect("a built-in machine")).without_range();
    let timing = price(analysis, &terms).expect("good numbers");
    let graph = GraphView::of(&build, analysis, Some(&timing)).expect("a node");
    let timeline = Timeline::new(analysis, &timing);
    let timeline = TimelineView::new(&build, analysis, &timing, &timeline);
    use_views(&graph.in_detail(Detail::Step), &timeline);
}

fn graphviz(text: &str) {
    let child = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = child else { return };
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    child.wait().expect("it ends");
}

fn draw(criterion: &mut Criterion) {
    for boxes in [30, 200, 1000] {
        with_views(boxes, |view, timeline| {
            let name = format!("{} boxes", view.boxes.len());
            let mut group = criterion.benchmark_group(name);
            group.sample_size(10);
            group.bench_function("svg", |bencher| {
                bencher.iter(|| svg(black_box(view), Options::default()));
            });
            group.bench_function("timeline", |bencher| {
                bencher.iter(|| timeline_svg(black_box(timeline), WIDTH));
            });
            if Command::new("dot").arg("-V").stderr(Stdio::null()).status().is_ok() {
                let text = dot(view, Direction::Down);
                if boxes <= 200 {
                    group.bench_function("graphviz", |bencher| bencher.iter(|| graphviz(black_box(&text))));
                } else {
                    // Many seconds: once is enough.
                    let start = Instant::now();
                    graphviz(&text);
                    println!("graphviz, once: {:.1} s", start.elapsed().as_secs_f64());
                }
            }
            group.finish();
        });
    }
}

criterion_group!(benches, draw);
criterion_main!(benches);
