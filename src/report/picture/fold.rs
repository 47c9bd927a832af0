//! A picture that can be read at the width of a pull request: platforms that behave alike share a lane, steps of no account
//! one box, and where that is not enough each stage is one box.
//!
//! Changes a [`GraphView`] into one of fewer boxes. Knows no vertex and no format.

use super::layout::{Direction, Layout};
use super::view::{BoxIx, BoxKind, BoxView, CostView, ForkView, GraphView, Mode, RowView, StageView};
use crate::ids::{TargetIx, TargetSet};

/// So wide a picture has letters of eight pixels where it is shown 900 pixels wide.
pub(super) const LEGIBLE_WIDTH: f64 = 1_300.0;

/// Steps of no account are left out of higher pictures.
const LEGIBLE_HEIGHT: f64 = 2_000.0;

/// Of higher pictures nobody keeps an overview.
const MOST_HEIGHT: f64 = 3_000.0;

/// So many boxes are readable in one picture.
pub const MAX_BOXES: usize = 200;

/// A step that takes a smaller part of the build, and is not emulated, is of no account.
const LEAST_SHARE: f64 = 0.02;

/// What a box says of a target: its kind, how it runs, its keyword and its label.
type Said<'v> = (BoxKind, Option<Mode>, &'v str, &'v str);

impl GraphView {
    /// As much of the view as can be read at the width of a pull request.
    #[must_use]
    pub(super) fn legible(self) -> Self {
        let size = |view: &Self| Layout::new(view, Direction::Down).size;
        if self.boxes.len() > MAX_BOXES * 20 {
            return self.collapsed();
        }
        let whole = size(&self);
        if whole.x <= LEGIBLE_WIDTH && whole.y <= LEGIBLE_HEIGHT && self.boxes.len() <= MAX_BOXES {
            return self;
        }
        let alike = if whole.x > LEGIBLE_WIDTH { self.clone().alike() } else { self.clone() };
        let folded = alike.folded();
        let (steps, stages) = (size(&folded), self.collapsed());
        let is_legible =
            steps.x <= LEGIBLE_WIDTH && steps.y <= MOST_HEIGHT && folded.boxes.len() <= MAX_BOXES;
        // Stages side by side may be wider than their steps.
        if is_legible || folded.boxes.len() <= MAX_BOXES && size(&stages).x > steps.x.max(LEGIBLE_WIDTH) {
            return folded;
        }
        stages
    }

    /// Platforms for which every step runs alike in one lane.
    #[must_use]
    fn alike(self) -> Self {
        let classes = self.classes();
        let of = |targets: TargetSet| -> TargetSet {
            targets.iter().filter_map(|target| classes.get(target.index()).copied()).collect()
        };
        if classes.iter().enumerate().all(|(at, class)| class.index() == at) {
            return self;
        }
        let mut boxes: Vec<BoxView> = Vec::new();
        let mut moved: Vec<BoxIx> = vec![BoxIx::new(0); self.boxes.len()];
        let mut stages = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let mut rows = Vec::with_capacity(stage.rows.len());
            for row in &stage.rows {
                let mut groups: Vec<(TargetSet, Vec<BoxIx>)> = Vec::new();
                for index in &row.boxes {
                    let class = of(self.get(*index).targets);
                    match groups.iter_mut().find(|(known, _)| *known == class) {
                        Some((_, group)) => group.push(*index),
                        None => groups.push((class, vec![*index])),
                    }
                }
                let mut row = RowView { boxes: Vec::new() };
                for (_, group) in groups {
                    let index = BoxIx::new(boxes.len());
                    for old in &group {
                        moved[old.index()] = index;
                    }
                    let shown: Vec<&BoxView> = group.iter().map(|old| self.get(*old)).collect();
                    boxes.push(self.joined(&shown));
                    row.boxes.push(index);
                }
                rows.push(row);
            }
            let forks = stage.forks.iter().map(|fork| {
                let mut groups: Vec<(TargetSet, TargetSet)> = Vec::new();
                for group in &fork.groups {
                    let class = of(*group);
                    match groups.iter_mut().find(|(known, _)| *known == class) {
                        Some((_, all)) => *all = all.union(*group),
                        None => groups.push((class, *group)),
                    }
                }
                ForkView { groups: groups.into_iter().map(|(_, all)| all).collect(), ..fork.clone() }
            });
            stages.push(StageView { forks: forks.collect(), rows, ..stage.clone() });
        }
        self.with(stages, boxes, &moved)
    }

    /// For every target the first that everything is the same for.
    fn classes(&self) -> Vec<TargetIx> {
        let rows = self.stages.iter().flat_map(|stage| &stage.rows);
        let mut says: Vec<Vec<Option<Said<'_>>>> = vec![Vec::new(); self.targets.len()];
        for row in rows {
            for (at, said) in says.iter_mut().enumerate() {
                let target = TargetIx::new(at);
                let own = row.boxes.iter().map(|index| self.get(*index));
                let own = own.into_iter().find(|shown| shown.targets.contains(target));
                said.push(own.map(|own| {
                    let label = if own.kind == BoxKind::Result { "" } else { own.label.as_str() };
                    (own.kind, own.mode, own.keyword.as_str(), label)
                }));
            }
        }
        let first = |said| says.iter().position(|known| known == said).unwrap_or_default();
        says.iter().map(|said| TargetIx::new(first(said))).collect()
    }

    /// Boxes of one step as one.
    fn joined(&self, boxes: &[&BoxView]) -> BoxView {
        let mut joined = boxes[0].clone();
        if boxes.len() == 1 {
            return joined;
        }
        joined.targets = boxes.iter().fold(TargetSet::EMPTY, |all, shown| all.union(shown.targets));
        joined.vertices = boxes.iter().flat_map(|shown| shown.vertices.iter().copied()).collect();
        joined.is_critical = boxes.iter().any(|shown| shown.is_critical);
        joined.cost = longest(boxes);
        if joined.kind == BoxKind::Result {
            "images".clone_into(&mut joined.keyword);
            joined.label = self.platforms(joined.targets);
            joined.note = format!("{} results", boxes.len());
            joined.whole = format!("the results for {}", joined.label);
        } else {
            // The head of the lane says the platforms.
            let said =
                joined.note.split(" · ").filter(|part| joined.kind != BoxKind::Source || !part.contains('/'));
            joined.note = format!("{} ×{}", said.collect::<Vec<_>>().join(" · "), boxes.len());
        }
        joined
    }

    /// Steps of no account that follow each other in one box, and stages in which nothing is of account, too.
    #[must_use]
    fn folded(self) -> Self {
        let mut boxes: Vec<BoxView> = Vec::new();
        let mut moved: Vec<BoxIx> = vec![BoxIx::new(0); self.boxes.len()];
        let mut stages = Vec::with_capacity(self.stages.len());
        for (at, stage) in self.stages.iter().enumerate() {
            let mut rows: Vec<RowView> = Vec::new();
            let mut forks = stage.forks.clone();
            for run in self.runs(stage) {
                let first = run.start;
                for fork in forks.iter_mut().zip(&stage.forks).filter(|(_, own)| own.row == first) {
                    fork.0.row = rows.len();
                }
                let folded: Vec<&RowView> = stage.rows[run].iter().collect();
                let is_whole = folded.len() == stage.rows.len() && folded.len() > 1;
                let mut row = RowView { boxes: Vec::new() };
                for lane in 0..folded[0].boxes.len() {
                    let index = BoxIx::new(boxes.len());
                    let own: Vec<BoxIx> = folded.iter().map(|row| row.boxes[lane]).collect();
                    for old in &own {
                        moved[old.index()] = index;
                    }
                    let shown: Vec<&BoxView> = own.iter().map(|old| self.get(*old)).collect();
                    boxes.push(match shown.as_slice() {
                        [one] => (*one).clone(),
                        _ if is_whole => self.stage_box(at),
                        many => together(many),
                    });
                    row.boxes.push(index);
                }
                rows.push(row);
            }
            stages.push(StageView { rows, forks, ..stage.clone() });
        }
        self.with(stages, boxes, &moved)
    }

    /// The rows of a stage, those together that go into one box.
    fn runs(&self, stage: &StageView) -> Vec<std::ops::Range<usize>> {
        let is_plain = |at: usize| {
            let boxes = stage.rows[at].boxes.iter().map(|index| self.get(*index));
            boxes.into_iter().all(|shown| {
                let is_small = shown.cost.is_none_or(|cost| cost.share < LEAST_SHARE);
                let is_quiet = matches!(shown.mode, None | Some(Mode::Native | Mode::Cross));
                is_small && is_quiet && shown.kind != BoxKind::Result
            })
        };
        let lanes = |at: usize| -> Vec<TargetSet> {
            stage.rows[at].boxes.iter().map(|index| self.get(*index).targets).collect()
        };
        let is_whole = stage.rows.iter().all(|row| row.boxes.len() == 1);
        if is_whole && stage.forks.is_empty() && (0..stage.rows.len()).all(is_plain) {
            return std::iter::once(0..stage.rows.len()).collect();
        }
        // What a stage is based on stays to be seen.
        let folds = |at: usize| {
            is_plain(at) && stage.rows[at].boxes.iter().all(|index| self.get(*index).kind != BoxKind::Source)
        };
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        for at in 0..stage.rows.len() {
            let goes_on = at > 0
                && folds(at)
                && folds(at - 1)
                && lanes(at) == lanes(at - 1)
                && stage.forks.iter().all(|fork| fork.row != at);
            match runs.last_mut().filter(|_| goes_on) {
                Some(run) => run.end = at + 1,
                None => runs.push(at..at + 1),
            }
        }
        runs
    }

    /// The view with other boxes in place of its own, each of which moved into one of them.
    fn with(self, stages: Vec<StageView>, boxes: Vec<BoxView>, moved: &[BoxIx]) -> Self {
        let mut edges = self.edges;
        for edge in &mut edges {
            (edge.from, edge.to) = (moved[edge.from.index()], moved[edge.to.index()]);
        }
        Self { stages, boxes, edges: super::collapse::merged(edges), ..self }
    }
}

/// What the one of several boxes costs that takes longest.
fn longest(boxes: &[&BoxView]) -> Option<CostView> {
    boxes.iter().filter_map(|shown| shown.cost).max_by_key(|cost| cost.duration)
}

/// Steps that follow each other in one box.
fn together(boxes: &[&BoxView]) -> BoxView {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for shown in boxes {
        match words.iter_mut().find(|(word, _)| *word == shown.keyword) {
            Some((_, count)) => *count += 1,
            None => words.push((&shown.keyword, 1)),
        }
    }
    let words: Vec<String> = words.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    let lines: Vec<_> = boxes.iter().filter_map(|shown| shown.line).collect();
    let note = match (lines.iter().min(), lines.iter().max()) {
        (Some(first), Some(last)) => format!("lines {first} to {last}"),
        _ => String::new(),
    };
    let mut outside = Vec::new();
    for view in boxes.iter().flat_map(|shown| &shown.outside) {
        if !outside.contains(view) {
            outside.push(view.clone());
        }
    }
    let whole = boxes.iter().map(|shown| format!("{} {}", shown.keyword, shown.label));
    BoxView {
        kind: boxes
            .iter()
            .map(|shown| shown.kind)
            .find(|kind| *kind == BoxKind::Command)
            .unwrap_or(BoxKind::Files),
        mode: boxes.iter().filter_map(|shown| shown.mode).max(),
        keyword: String::new(),
        label: words.join(", "),
        note,
        whole: whole.collect::<Vec<_>>().join("\n"),
        vertices: boxes.iter().flat_map(|shown| shown.vertices.iter().copied()).collect(),
        outside,
        cost: super::collapse::summed(boxes),
        is_critical: boxes.iter().any(|shown| shown.is_critical),
        ..boxes[0].clone()
    }
}
