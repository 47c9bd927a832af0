//! What is where: every step once per lane, boxes apart, texts inside, lines between the boxes they name.

use std::fmt::Write as _;

use xsim::ids::TargetSet;
use xsim::report::picture::layout::geometry::{Rect, SMALL};
use xsim::report::picture::layout::{Layout, PlacedStage};
use xsim::report::picture::{Detail, Direction, GraphView};

use super::{Build, with_views};

/// Every instruction that makes a step stands in its stage once for each target that needs it, and nothing else does.
#[test]
fn every_step_is_there_once_per_lane() {
    with_views(|name, view, node| {
        for instruction in node.instructions() {
            let stage = node.graph.stages()[instruction.stage.index()].line;
            for run in &instruction.runs {
                let boxes = view.boxes.iter().filter(|shown| {
                    view.stages[shown.stage].line == stage && shown.vertices.contains(&run.vertex)
                });
                let shown = boxes.fold(TargetSet::EMPTY, |all, shown| {
                    assert!(all.intersection(shown.targets).is_empty(), "{name}: twice in a lane");
                    all.union(shown.targets)
                });
                assert!(
                    run.targets.without(shown).is_empty(),
                    "{name}: line {} is missing",
                    instruction.line
                );
            }
        }
        let all = |shown: &&xsim::report::picture::view::BoxView| shown.line.is_some();
        for shown in view.boxes.iter().filter(all) {
            for vertex in &shown.vertices {
                let missing = shown.targets.without(node.graph.vertex(*vertex).targets);
                assert!(missing.is_empty(), "{name}: {} for {missing:?}", shown.label);
            }
        }
    });
}

#[test]
fn nothing_overlaps_and_everything_is_inside() {
    with_views(|name, view, _| {
        for direction in [Direction::Down, Direction::Right] {
            let layout = Layout::new(view, direction);
            check(name, view, &layout);
            if direction == Direction::Right {
                lines_stay_out_of_other_lanes(name, view, &layout);
            }
        }
        let collapsed = view.clone().in_detail(Detail::Stage);
        assert_eq!(collapsed.boxes.len(), view.stages.len());
        check(name, &collapsed, &Layout::new(&collapsed, Direction::Down));
    });
}

fn check(name: &str, view: &GraphView, layout: &Layout) {
    let page = Rect { x: 0.0, y: 0.0, width: layout.size.x, height: layout.size.y };
    for (at, stage) in layout.stages.iter().enumerate() {
        assert!(page.holds(stage.rect), "{name}: a stage leaves the picture");
        for other in &layout.stages[..at] {
            assert!(!stage.rect.overlaps(other.rect), "{name}: stages overlap");
        }
        check_stage(name, stage);
    }
    let mut drawn = vec![0; view.boxes.len()];
    layout.stages.iter().flat_map(|stage| &stage.boxes).for_each(|placed| drawn[placed.index.index()] += 1);
    assert!(drawn.iter().all(|count| *count > 0), "{name}: a box is not drawn");
    for (at, edge) in view.edges.iter().enumerate() {
        let lines: Vec<_> = layout.lines.iter().filter(|line| line.edge == at).collect();
        assert!(!lines.is_empty(), "{name}: a line is not drawn");
        for line in lines {
            assert!(line.way.len() >= 2, "{name}");
            let end = line.way[line.way.len() - 1];
            let boxes = layout.stages.iter().flat_map(|stage| &stage.boxes);
            let touches = boxes.filter(|placed| placed.index == edge.to).any(|placed| {
                let dot = Rect { x: end.x, y: end.y, width: 0.0, height: 0.0 };
                placed.rect.holds(dot)
            });
            assert!(touches, "{name}: a line does not end at its box");
            assert!(
                line.way.iter().all(|point| page.holds(Rect { x: point.x, y: point.y, ..Rect::default() })),
                "{name}: a line leaves the picture"
            );
        }
    }
}

/// Between stages lines run beside lanes, and through those alone in which they begin or end.
fn lines_stay_out_of_other_lanes(name: &str, view: &GraphView, layout: &Layout) {
    for line in &layout.lines {
        let edge = view.edges[line.edge];
        let ends = [edge.from, edge.to].map(|end| view.get(end));
        if ends[0].stage == ends[1].stage {
            continue;
        }
        for end in ends {
            let stage = &layout.stages[end.stage];
            let own = stage.boxes.iter().filter(|placed| view.get(placed.index) == end);
            let own: Vec<Rect> = own.map(|placed| placed.rect).collect();
            for lane in &stage.lanes {
                // A lane that parts further down has lanes in its own columns.
                if own.iter().any(|rect| rect.x < lane.area.right() && lane.area.x < rect.right()) {
                    continue;
                }
                let crosses = line.way.windows(2).any(|pair| {
                    let (a, b) = (pair[0], pair[1]);
                    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
                    let part =
                        Rect { x, y, width: (a.x - b.x).abs().max(0.1), height: (a.y - b.y).abs().max(0.1) };
                    part.overlaps(lane.area)
                });
                assert!(!crosses, "{name}: a line runs through the lane {}", lane.whole);
            }
        }
    }
}

/// Whatever the build, a picture that chooses its detail can be read 900 pixels wide: its letters have at least six pixels, and
/// every line of the file that runs is in one of its boxes.
#[test]
fn what_chooses_its_detail_can_be_read() {
    with_views(|name, view, _| legible(name, view));
    let mut large = String::new();
    for stage in 0..9 {
        let _ = write!(
            large,
            "FROM golang:1.25 AS s{stage}\nWORKDIR /src\nCOPY go.mod .\nCOPY . .\nRUN make {stage}\n"
        );
    }
    large += "FROM alpine\nRUN apk add git\n";
    for stage in 0..9 {
        let _ = writeln!(large, "COPY --from=s{stage} /out /{stage}");
    }
    let six = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/ppc64le", "linux/s390x", "linux/386"];
    let built = Build::new("large", &large, &six).with_time(None, |view, _, _| {
        let shown = view.clone().in_detail(Detail::Auto);
        assert!(shown.boxes.len() * 4 < view.boxes.len(), "{} boxes", shown.boxes.len());
        legible("large", view);
    });
    assert!(built);
}

fn legible(name: &str, view: &GraphView) {
    let shown = view.clone().in_detail(Detail::Auto);
    let layout = Layout::new(&shown, Direction::Down);
    check(name, &shown, &layout);
    assert!(SMALL.size * 900.0 / layout.size.x > 6.0, "{name} is {} px wide", layout.size.x);
    for own in &view.boxes {
        for vertex in &own.vertices {
            let is_shown = shown.boxes.iter().any(|shown| {
                shown.vertices.contains(vertex) && own.targets.without(shown.targets).is_empty()
            });
            assert!(is_shown, "{name}: {} is in no box", own.label);
        }
    }
}

fn check_stage(name: &str, stage: &PlacedStage) {
    let mut solid: Vec<Rect> = stage.boxes.iter().map(|placed| placed.rect).collect();
    solid.extend(stage.boxes.iter().flat_map(|placed| &placed.tags).map(|tag| tag.rect));
    solid.extend(stage.forks.iter().map(|fork| fork.rect));
    solid.extend(stage.lanes.iter().map(|lane| lane.rect));
    for (at, rect) in solid.iter().enumerate() {
        assert!(stage.rect.holds(*rect), "{name}: something leaves its stage");
        assert!(solid[..at].iter().all(|other| !other.overlaps(*rect)), "{name}: boxes overlap");
    }
    let tags = stage.boxes.iter().flat_map(|placed| &placed.tags).map(|tag| (tag.rect, tag.text.as_str()));
    let lanes = stage.lanes.iter().map(|lane| (lane.rect, lane.text.as_str()));
    let reasons =
        stage.forks.iter().flat_map(|fork| fork.lines.iter().map(|line| (fork.rect, line.as_str())));
    for (rect, text) in tags.chain(lanes).chain(reasons) {
        assert!(SMALL.width(text) <= rect.width + 0.01, "{name}: {text:?} leaves its box");
    }
}
