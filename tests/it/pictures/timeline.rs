//! Timelines: every step once, nothing over anything else, at every width.

use std::fmt::Write as _;

use roxmltree::Document;
use xsim::report::picture::timeline_svg;

use super::svg::{check, rects};
use super::{Build, with_all};

/// Every run of every instruction has one bar, which ends when the simulation says so.
#[test]
fn every_step_has_one_bar() {
    with_all(|build| {
        build.with_timeline(None, |view, node| {
            for run in node.instructions().iter().flat_map(|instruction| &instruction.runs) {
                let count = view
                    .bars
                    .iter()
                    .filter(|shown| shown.of.is_some_and(|(_, vertex)| vertex == run.vertex))
                    .count();
                assert_eq!(count, 1, "{}: vertex {}", build.name, run.vertex.0);
            }
            assert!(view.bars.is_sorted_by_key(|shown| shown.bar.start), "{}", build.name);
            assert!(view.bars.iter().all(|shown| shown.bar.finish <= view.end), "{}", build.name);
            let range = view.range.expect("a simulated build has a range");
            assert!(range.is_sorted() && range[1] <= view.end, "{}", build.name);
            let svg = timeline_svg(view, 960).expect("a picture");
            let is_said = svg.contains(&format!("9 of 10 · {} →", range[2]));
            assert_eq!(is_said, range[2] > view.end, "{}: the range beyond the chart is told", build.name);
            let document = Document::parse(&svg).expect("well-formed");
            let boxes = rects(&document, "bar").len() + rects(&document, "box").len();
            assert!(boxes + left_out(&svg) >= view.bars.len(), "{}: {boxes} bars", build.name);
        })
    });
}

#[test]
fn timelines_are_good_pictures_at_every_width() {
    with_all(|build| {
        build.with_timeline(None, |view, _| {
            for width in [480, 600, 1600] {
                check(build.name, &timeline_svg(view, width).expect("a picture"));
            }
        })
    });
}

/// How many steps a picture says that it leaves out.
fn left_out(svg: &str) -> usize {
    let before = svg.split_once(" shorter step").map(|(before, _)| before);
    before.map_or(0, |before| before.rsplit(' ').next().unwrap().parse().unwrap())
}

/// Bars that wait pass their lane on without overlapping, and each of them is drawn or counted.
#[test]
fn many_steps_share_lanes() {
    let mut dockerfile = String::new();
    for stage in 0..20 {
        let _ = write!(dockerfile, "FROM golang AS s{stage}\nCOPY . .\n");
        let _ = writeln!(dockerfile, "RUN --mount=type=cache,target=/c,sharing=locked go build ./{stage}");
    }
    dockerfile += "FROM scratch\n";
    for stage in 0..20 {
        let _ = writeln!(dockerfile, "COPY --from=s{stage} /out /{stage}");
    }
    let targets = ["linux/amd64", "linux/arm64"];
    let built = Build::new("many", &dockerfile, &targets).with_timeline(Some(6), |view, _| {
        assert!(view.bars.len() > 60 && (6..20).contains(&view.lanes), "{} {}", view.bars.len(), view.lanes);
        for (at, one) in view.bars.iter().enumerate() {
            for other in view.bars[..at].iter().filter(|other| other.bar.lane == one.bar.lane) {
                let apart = one.bar.start >= other.bar.finish || other.bar.start >= one.bar.finish;
                assert!(apart, "{} over {}", one.label, other.label);
            }
        }
        for width in [600, 1600] {
            let svg = timeline_svg(view, width).expect("a picture");
            check("many", &svg);
            let document = Document::parse(&svg).expect("well-formed");
            let boxes = rects(&document, "bar").len() + rects(&document, "box").len();
            assert!(boxes + left_out(&svg) >= view.bars.len());
            assert!(!rects(&document, "wait").is_empty(), "locks are waited for");
        }
    });
    assert!(built);
}
