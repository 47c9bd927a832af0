//! Fills a [`GraphView`] from an analysed node: boxes by stage and row, forks, edges, notes.
//!
//! Arranges what the analysis knows and finds the words for it. Decides nothing about sharing, splits or execution,
//! and knows no position and no format.

mod edges;
pub(super) mod words;

use foldhash::{HashMap, HashSet};

use crate::analysis::{Build, NodeAnalysis};
use crate::graph::vertex::EdgeKind;
use crate::graph::{BuildGraph, Step};
use crate::ids::{FileIx, StageIx, TargetIx, TargetSet, VertexIx};
use crate::report::places::Places;
use crate::source::{FileLine, Line, Source};

use super::view::{BoxIx, BoxKind, BoxView, ForkView, GraphView, RowView, StageView};
use words::Words;

/// What earlier rows show.
#[derive(Default)]
struct Seen {
    /// The stage and line that show the same vertices first.
    first: HashMap<Vec<VertexIx>, (usize, Option<Line>)>,
    /// What is pulled in a box of its own.
    pulled: HashSet<VertexIx>,
    /// The last stage that gives a reason for parting into these groups.
    explained: HashMap<(String, Vec<TargetSet>), usize>,
}

impl Seen {
    fn add(&mut self, shown: &BoxView) {
        self.first.entry(shown.vertices.clone()).or_insert((shown.stage, shown.line));
        if shown.kind == BoxKind::Source {
            self.pulled.extend(&shown.vertices);
        }
    }
}

impl GraphView {
    /// The picture of what one node of a build does.
    pub fn new(build: &Build, node: &NodeAnalysis) -> Self {
        let words = Words::new(build.files(), node);
        let places = Places::of(build);
        let graph = &node.graph;
        let mut view = Self {
            title: words::clean(build.name()),
            summary: words::summary(node),
            targets: graph.all_targets().iter().map(|target| graph.output(target)).collect(),
            builds: builds(graph),
            stages: Vec::new(),
            boxes: Vec::new(),
            edges: Vec::new(),
        };
        let mut seen = Seen::default();
        for (at, info) in graph.stages().iter().enumerate() {
            let stage = StageIx::new(at);
            let results = graph.results_of(stage);
            let is_target = !results.is_empty();
            let steps = graph.stage_steps(stage);
            // A stage that only names another one has nothing to show.
            if info.reachable.is_empty() || steps.is_empty() && !is_target {
                continue;
            }
            let targets = needed(steps).union(results);
            view.stages.push(StageView {
                name: words::clean(&match &info.name {
                    Some(name) => name.to_string(),
                    None if graph.is_group() && is_target => graph.outputs(results),
                    None => format!("stage {at}"),
                }),
                file: info.file,
                line: info.line,
                note: String::new(),
                is_target,
                targets,
                rows: Vec::new(),
                forks: Vec::new(),
            });
            view.add_steps(info.file, steps, &words, &mut seen);
            if is_target {
                view.add_results(graph, results);
            }
            view.add_forks(node, stage, places, &mut seen);
            view.add_note();
            if !places.is_one_file()
                && let Some(last) = view.stages.last_mut()
            {
                let file = words::clean(build.text(info.file).map_or("", Source::name));
                last.note = if last.note.is_empty() { file } else { format!("{file} · {}", last.note) };
            }
        }
        edges::connect(&mut view, graph);
        view
    }

    /// Adds the rows of the last stage.
    fn add_steps(&mut self, file: FileIx, steps: &[Step], words: &Words<'_>, seen: &mut Seen) {
        for steps in steps.chunk_by(|a, b| a.line == b.line) {
            let line = FileLine { file, line: steps[0].line };
            let chains = chains(words.graph(), steps);
            let length = chains.iter().map(|(_, chain)| chain.len()).max().unwrap_or(0);
            for at in 0..length {
                let mut row: Vec<(TargetSet, &Vec<VertexIx>)> = Vec::new();
                for (targets, chain) in &chains {
                    let Some(vertices) = chain.get(at) else { continue };
                    match row.iter_mut().find(|(_, known)| *known == vertices) {
                        Some((known, _)) => *known = known.union(*targets),
                        None => row.push((*targets, vertices)),
                    }
                }
                let boxes: Vec<BoxView> = row
                    .into_iter()
                    .map(|(targets, vertices)| self.step(line, targets, vertices.clone(), words, seen))
                    .collect();
                for shown in &boxes {
                    seen.add(shown);
                }
                self.add_row(boxes);
            }
        }
    }

    fn add_row(&mut self, boxes: Vec<BoxView>) {
        let indices = (self.boxes.len()..self.boxes.len() + boxes.len()).map(BoxIx::new).collect();
        self.boxes.extend(boxes);
        if let Some(stage) = self.stages.last_mut() {
            stage.rows.push(RowView { boxes: indices });
        }
    }

    fn step(
        &self,
        at: FileLine,
        targets: TargetSet,
        vertices: Vec<VertexIx>,
        words: &Words<'_>,
        seen: &Seen,
    ) -> BoxView {
        let stage = self.stages.len() - 1;
        let from_line = self.stages[stage].line;
        let main = vertices[0];
        let line = at.line;
        let text = words.instruction(at, main, line == from_line);
        let twin = seen.first.get(&vertices).filter(|(other, _)| *other != stage);
        BoxView {
            stage,
            targets,
            kind: words.kind(main),
            mode: words.mode(main),
            keyword: text.keyword,
            label: text.label,
            note: words.note(line, &vertices, targets, twin.and_then(|(_, line)| *line)),
            whole: text.whole,
            line: Some(line),
            outside: words.outside(&vertices, &seen.pulled),
            vertices,
            cost: None,
            is_critical: false,
        }
    }

    /// Adds the images that come out, one for all targets whose files are the same.
    fn add_results(&mut self, graph: &BuildGraph, results: TargetSet) {
        let mut groups: Vec<(Option<VertexIx>, TargetSet)> = Vec::new();
        for target in results.iter() {
            let last = graph.final_vertex(target);
            match groups.iter_mut().find(|(vertex, _)| *vertex == last) {
                Some((_, targets)) => *targets = targets.union(TargetSet::one(target)),
                None => groups.push((last, TargetSet::one(target))),
            }
        }
        let stage = self.stages.len() - 1;
        let result = |(last, targets): (Option<VertexIx>, TargetSet)| BoxView {
            stage,
            targets,
            kind: BoxKind::Result,
            mode: None,
            keyword: if targets.len() == 1 { "image" } else { "images" }.to_owned(),
            label: self.platforms(targets),
            note: words::result(last, targets, graph.is_group()),
            whole: format!("the result for {}", self.platforms(targets)),
            line: None,
            vertices: Vec::new(),
            outside: Vec::new(),
            cost: None,
            is_critical: false,
        };
        let boxes = groups.into_iter().map(result).collect();
        self.add_row(boxes);
    }

    /// Adds the forks of the last stage, each above the first row in which its groups have boxes of their own.
    fn add_forks(&mut self, node: &NodeAnalysis, stage: StageIx, places: Places<'_>, seen: &mut Seen) {
        let Some(last) = self.stages.last() else { return };
        let mut forks = Vec::new();
        let mut explained = Vec::new();
        // Splits are in the order of their stages.
        let first = node.splits.partition_point(|split| split.stage < stage);
        for split in node.splits[first..].iter().take_while(|split| split.stage == stage) {
            let all = split.groups.iter().fold(TargetSet::EMPTY, |all, group| all.union(*group));
            let parts = |row: &RowView| {
                row.boxes.iter().filter(|at| !self.get(**at).targets.intersection(all).is_empty()).count()
            };
            let below = |row: &RowView| {
                row.boxes.iter().any(|at| self.get(*at).line.is_none_or(|line| line >= split.line))
            };
            let Some(row) = last.rows.iter().position(|row| below(row) && parts(row) > 1) else { continue };
            let reason = words::reason(&split.reason, places);
            // A split that comes from another stage was explained there.
            let key = (reason, split.groups.clone());
            let reason = if let Some(other) = seen.explained.get(&key) {
                format!("it builds on files that {} makes apart for each", self.stages[*other].name)
            } else {
                explained.push(key.clone());
                key.0
            };
            forks.push(ForkView { row, groups: split.groups.clone(), reason });
        }
        let at = self.stages.len() - 1;
        self.stages[at].forks = forks;
        seen.explained.extend(explained.into_iter().map(|key| (key, at)));
    }

    /// Says how often the last stage runs.
    fn add_note(&mut self) {
        let Some(last) = self.stages.last() else { return };
        let asked = self.targets.len();
        let is_whole = last.rows.iter().all(|row| row.boxes.len() <= 1);
        let noun = words::noun(!self.builds.is_empty());
        let note = match (is_whole, last.targets.len()) {
            _ if asked == 1 => String::new(),
            (true, 1) => format!("only for {}", self.platforms(last.targets)),
            (true, 2) if asked == 2 => format!("once for both {noun}"),
            (true, many) if many == asked => format!("once for all {asked} {noun}"),
            (true, many) => format!("once for {many} of {asked} {noun}"),
            (false, _) => {
                let lanes = last.rows.iter().map(|row| row.boxes.len()).max().unwrap_or(1);
                format!("splits into {lanes}")
            }
        };
        if let Some(last) = self.stages.last_mut() {
            last.note = note;
        }
    }
}

/// The builds with names, and the targets of each.
pub(super) fn builds(graph: &BuildGraph) -> Vec<(String, TargetSet)> {
    let builds = graph.builds().iter().filter(|_| graph.is_group());
    builds.map(|build| (words::clean(&build.name), build.targets)).collect()
}

/// The targets that need any of the steps.
fn needed(steps: &[Step]) -> TargetSet {
    steps.iter().fold(TargetSet::EMPTY, |set, step| set.union(step.targets))
}

/// What one instruction became: for each group of targets with the same vertices a chain of boxes, usually one, each
/// with the vertices it stands for.
fn chains(graph: &BuildGraph, steps: &[Step]) -> Vec<(TargetSet, Vec<Vec<VertexIx>>)> {
    let of = |target: TargetIx| -> Vec<VertexIx> {
        steps.iter().filter(|step| step.targets.contains(target)).map(|step| step.vertex).collect()
    };
    let mut groups: Vec<(Vec<VertexIx>, TargetSet)> = Vec::new();
    for target in needed(steps).iter() {
        let mut vertices = of(target);
        vertices.sort_unstable();
        match groups.iter_mut().find(|(known, _)| *known == vertices) {
            Some((_, targets)) => *targets = targets.union(TargetSet::one(target)),
            None => groups.push((vertices, TargetSet::one(target))),
        }
    }
    groups.into_iter().map(|(vertices, targets)| (targets, chain(graph, &vertices))).collect()
}

/// The vertices of one instruction in boxes. The image of a `COPY --from` and the copy of a `COPY --link` go into the
/// box of what uses them; steps that `ONBUILD` triggers get boxes of their own.
fn chain(graph: &BuildGraph, vertices: &[VertexIx]) -> Vec<Vec<VertexIx>> {
    let mut boxes: Vec<Vec<VertexIx>> = Vec::new();
    // From the last to the first, so that what uses a vertex comes before it.
    for &vertex in vertices.iter().rev() {
        let user = boxes.iter_mut().find(|group| {
            group.iter().any(|user| {
                graph.inputs(*user).iter().any(|&(input, kind)| input == vertex && kind != EdgeKind::Base)
            })
        });
        match user {
            Some(group) => {
                group.push(vertex);
            }
            None => boxes.push(vec![vertex]),
        }
    }
    boxes.reverse();
    boxes
}
