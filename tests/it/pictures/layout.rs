//! What is where: every step once per lane, boxes apart, texts inside, lines between the boxes they name.

use xsim::ids::TargetSet;
use xsim::report::picture::layout::geometry::{Rect, SMALL};
use xsim::report::picture::layout::{Layout, PlacedStage};
use xsim::report::picture::{Detail, Direction, GraphView};

use super::with_views;

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
            check(name, view, &Layout::new(view, direction));
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
