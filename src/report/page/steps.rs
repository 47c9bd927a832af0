//! The steps of a page: one for each thing that is pointed at, whatever shows it.
//!
//! A step is what a box of the graph shows; twins in two stages are one step with two lines. What is taken from outside
//! the build and takes time is a step of its own. Knows no format.

use foldhash::HashMap;

use crate::analysis::NodeAnalysis;
use crate::ids::{TargetSet, VertexIx};
use crate::report::picture::GraphView;
use crate::report::picture::view::{BoxIx, BoxKind, BoxView, Mode, OutsideKind};
use crate::source::FileLine;

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    /// The stage it stands in first; nothing for what comes from outside.
    pub(super) stage: String,
    pub(super) keyword: String,
    pub(super) label: String,
    /// The whole instruction.
    pub(super) whole: String,
    pub(super) kind: BoxKind,
    pub(super) mode: Option<Mode>,
    /// The lines it stands in, ascending.
    pub(super) places: Vec<FileLine>,
    /// The targets it works for.
    pub(super) targets: TargetSet,
    /// The vertices it stands for, the one that does the work first.
    pub(super) vertices: Vec<VertexIx>,
}

/// Where a box stands.
fn place(view: &GraphView, shown: &BoxView) -> Option<FileLine> {
    Some(FileLine { file: view.stages.get(shown.stage)?.file, line: shown.line? })
}

/// The steps of a node, in the order of the file, and which of them shows each vertex.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) all: Vec<Step>,
    of: HashMap<VertexIx, usize>,
}

impl Steps {
    /// The steps of an uncollapsed view.
    pub(super) fn new(view: &GraphView, node: &NodeAnalysis) -> Self {
        let mut steps = Self::default();
        let boxes = view.boxes.iter().filter(|shown| shown.line.is_some());
        boxes.clone().for_each(|shown| steps.add_box(view, shown));
        boxes.for_each(|shown| steps.add_outside(node, shown));
        steps.adopt(node);
        steps
    }

    fn add_box(&mut self, view: &GraphView, shown: &BoxView) {
        let Some(first) = shown.vertices.first() else { return };
        if let Some(&twin) = self.of.get(first) {
            let step = &mut self.all[twin];
            step.places.extend(place(view, shown).filter(|place| !step.places.contains(place)));
            step.places.sort_unstable();
            step.targets = step.targets.union(shown.targets);
            return;
        }
        let step = Step {
            stage: view.stages.get(shown.stage).map(|stage| stage.name.clone()).unwrap_or_default(),
            keyword: shown.keyword.clone(),
            label: shown.label.clone(),
            whole: shown.whole.clone(),
            kind: shown.kind,
            mode: shown.mode,
            places: place(view, shown).into_iter().collect(),
            targets: shown.targets,
            vertices: Vec::new(),
        };
        self.add(step, &shown.vertices);
    }

    fn add_outside(&mut self, node: &NodeAnalysis, shown: &BoxView) {
        for outside in &shown.outside {
            if self.of.contains_key(&outside.vertex) {
                continue;
            }
            let keyword = match outside.kind {
                OutsideKind::Context => "send",
                OutsideKind::Image => "pull",
                OutsideKind::Remote => "fetch",
            };
            let step = Step {
                stage: String::new(),
                keyword: keyword.to_owned(),
                label: outside.name.clone(),
                whole: outside.whole.clone(),
                kind: BoxKind::Source,
                mode: None,
                places: Vec::new(),
                targets: node.graph.vertex(outside.vertex).targets,
                vertices: Vec::new(),
            };
            self.add(step, &[outside.vertex]);
        }
    }

    /// Gives what no box shows, such as the folder of a cache mount, to the step that uses it.
    fn adopt(&mut self, node: &NodeAnalysis) {
        for (user, _) in node.graph.vertices().rev() {
            let Some(&step) = self.of.get(&user) else { continue };
            for (input, _) in node.graph.inputs(user) {
                let vertices = &mut self.all[step].vertices;
                self.of.entry(input).or_insert_with(|| {
                    vertices.push(input);
                    step
                });
            }
        }
    }

    fn add(&mut self, mut step: Step, vertices: &[VertexIx]) {
        for &vertex in vertices {
            self.of.entry(vertex).or_insert_with(|| {
                step.vertices.push(vertex);
                self.all.len()
            });
        }
        self.all.push(step);
    }

    /// The step that shows a vertex.
    pub(super) fn of(&self, vertex: VertexIx) -> Option<usize> {
        self.of.get(&vertex).copied()
    }

    /// The steps that a box stands for.
    pub(super) fn of_box(&self, view: &GraphView, index: BoxIx) -> Vec<usize> {
        let mut steps: Vec<usize> =
            view.get(index).vertices.iter().filter_map(|vertex| self.of(*vertex)).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}
