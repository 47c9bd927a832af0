//! A build on a page: its lines, pictures, steps and numbers in finished words.

use super::Explored;
use super::data::{self, Data, Facts};
use super::listing::{FileView, listings};
use super::steps::{Step, Steps};
use crate::analysis::{NodeAnalysis, Summary};
use crate::diagnostic::Diagnostic;
use crate::ids::NodeIx;
use crate::pricing::Timing;
use crate::report::escape::{count, visible};
use crate::report::fix::saving_text;
use crate::report::picture::view::{BoxIx, Mode};
use crate::report::picture::{Detail, Direction, GraphView, Options, sign, svg};
use crate::report::places::Places;
use crate::report::text::how_often;
use crate::source::FileLine;
use crate::timeline::{Costs, cores};
use crate::units::Nanos;

/// Steps of a build that the table and the timeline show at most.
pub(super) const MAX_STEPS: usize = 1_000;

/// A build.
pub(super) struct BuildView {
    /// Which of the page's builds.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) facts: Vec<FactView>,
    pub(super) files: Vec<FileView>,
    pub(super) lines_left_out: usize,
    pub(super) graphs: Vec<GraphPart>,
    pub(super) findings: Vec<FindingView>,
    pub(super) rows: Vec<RowView>,
    pub(super) rows_left_out: usize,
    /// The number of steps, those included that the page leaves out.
    pub(super) steps: usize,
    /// For each task of the build the step that shows it, if one does.
    pub(super) step_of: Vec<Option<usize>>,
    pub(super) data: Data,
}

/// A number of the summary.
pub(super) struct FactView {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) more: String,
}

/// The graph of a node.
pub(super) struct GraphPart {
    pub(super) node: String,
    pub(super) svg: String,
    pub(super) is_collapsed: bool,
}

/// What is wrong or costs time.
pub(super) struct FindingView {
    /// `error`, `warning` or `note`.
    pub(super) severity: &'static str,
    pub(super) code: &'static str,
    pub(super) line: String,
    /// The numbers of the steps of its line, separated by spaces.
    pub(super) steps: String,
    pub(super) message: String,
    pub(super) help: String,
    /// What its fix does.
    pub(super) fix: String,
    /// What the fix saves.
    pub(super) saving: String,
}

/// A row of the table.
pub(super) struct RowView {
    pub(super) step: usize,
    pub(super) lines: String,
    pub(super) stage: String,
    pub(super) keyword: String,
    pub(super) label: String,
    pub(super) whole: String,
    pub(super) sign: String,
    pub(super) how: &'static str,
    pub(super) platforms: String,
}

/// A node with what is shown of it.
struct Part<'a> {
    node: &'a NodeAnalysis,
    view: GraphView,
    steps: Steps,
    /// The number of its first step on the page.
    first_step: usize,
    /// The number of its first target in the build.
    first_target: usize,
    /// Whether it is the only one.
    is_alone: bool,
}

impl BuildView {
    /// The view of a build. Numbers of steps and pictures are those of the page, of which `step` and `picture` are free.
    pub(super) fn new(explored: &Explored<'_>, number: usize, step: usize, picture: usize) -> Self {
        let nodes = &explored.analysis.nodes;
        let parts = parts(explored, step);
        let steps: usize = parts.iter().map(|part| part.steps.all.len()).sum();
        let (mut data, step_of) = timed(&parts, explored, step);
        let of_lines: Vec<_> = parts.iter().map(|part| (part.node, &part.steps, part.first_step)).collect();
        let (files, lines_left_out) = listings(explored, &of_lines);
        let places = Places::of(explored.build);
        let findings = explored.findings.iter().map(|found| finding(found, &files, places)).collect();
        let rows: Vec<RowView> = parts.iter().flat_map(|part| rows(part, places)).take(MAX_STEPS).collect();
        let mut graphs = Vec::with_capacity(parts.len());
        for (at, part) in parts.into_iter().enumerate() {
            let all = part.view.boxes.len();
            let view = part.view.in_detail(Detail::Auto);
            let boxes = (0..view.boxes.len()).map(|index| {
                let steps = part.steps.of_box(&view, BoxIx::new(index));
                steps.into_iter().map(|step| step + part.first_step).collect()
            });
            data.boxes.push(boxes.collect());
            let options = Options { direction: Direction::Down, legend: false, inline: Some(picture + at) };
            graphs.push(GraphPart {
                node: part
                    .node
                    .name
                    .as_ref()
                    .filter(|_| nodes.len() > 1)
                    .map_or_else(String::new, |name| visible(name).into_owned()),
                svg: svg(&view, options),
                is_collapsed: view.boxes.len() < all,
            });
        }
        Self {
            number,
            name: visible(explored.build.name()).into_owned(),
            about: about(nodes, explored.timing),
            facts: facts(nodes, explored.timing),
            files,
            lines_left_out,
            graphs,
            findings,
            rows_left_out: steps.saturating_sub(rows.len()),
            rows,
            steps,
            step_of,
            data,
        }
    }
}

fn parts<'a>(explored: &Explored<'a>, step: usize) -> Vec<Part<'a>> {
    let (mut first_step, mut first_target) = (step, 0);
    let is_alone = explored.analysis.nodes.len() == 1;
    let part = |(at, node): (NodeIx, &'a NodeAnalysis)| {
        let mut view = GraphView::new(explored.build, node);
        view.add_costs(&Costs::new(explored.analysis, explored.timing, at));
        let steps = Steps::new(&view, node);
        let part = Part { node, view, steps, first_step, first_target, is_alone };
        first_step += part.steps.all.len();
        first_target += node.graph.targets().len();
        part
    };
    explored.analysis.each_node().map(part).collect()
}

/// What the script needs, and the step of each task; the first step of the build has the number `step`.
fn timed(parts: &[Part<'_>], explored: &Explored<'_>, step: usize) -> (Data, Vec<Option<usize>>) {
    let timing = explored.timing;
    let count = timing.plan.tasks().len();
    let (mut step_of, mut targets_of) = (vec![None; count], vec![Vec::new(); count]);
    for (at, part) in parts.iter().enumerate() {
        for (index, vertex) in part.node.graph.vertices() {
            let task = timing.task(NodeIx::new(at), index).index();
            let shown = part.steps.of(index).map(|of| of + part.first_step);
            step_of[task] = shown.filter(|shown| *shown < step + MAX_STEPS);
            targets_of[task] =
                vertex.targets.iter().map(|target| target.index() + part.first_target).collect();
        }
    }
    let facts = Facts {
        found: explored.found,
        total: timing.total,
        cores: cores(timing),
        first_step: step,
        step_of: &step_of,
        targets_of: &targets_of,
        targets: explored.analysis.outputs().collect(),
    };
    let steps = parts.iter().flat_map(|part| part.steps.all.iter().map(|step| (step, tag(part, step))));
    (Data::new(&facts, steps.take(MAX_STEPS)), step_of)
}

/// For whom a step works, where that is not everyone.
fn tag(part: &Part<'_>, step: &Step) -> String {
    let graph = &part.node.graph;
    if part.is_alone && step.targets == graph.all_targets() {
        return String::new();
    }
    if graph.is_group() {
        return visible(&graph.outputs(step.targets)).into_owned();
    }
    // Nearly every build is for Linux alone, where saying so tells nothing apart.
    let is_linux = graph.targets().iter().all(|target| *target.os == *"linux");
    let names = step.targets.iter().map(|target| graph.targets()[target.index()].to_string());
    let short = |name: String| match name.strip_prefix("linux/") {
        Some(rest) if is_linux => rest.to_owned(),
        _ => name,
    };
    names.map(short).collect::<Vec<_>>().join(", ")
}

fn rows<'a>(part: &'a Part<'_>, places: Places<'a>) -> impl Iterator<Item = RowView> + 'a {
    part.steps.all.iter().enumerate().map(move |(at, step)| {
        let lines: Vec<String> = step.places.iter().map(|place| places.short(*place)).collect();
        RowView {
            step: at + part.first_step,
            lines: lines.join(", "),
            stage: step.stage.clone(),
            keyword: step.keyword.clone(),
            label: data::shorten(&step.label),
            whole: step.whole.clone(),
            sign: sign(step.kind, step.mode),
            how: step.mode.map_or("", Mode::as_str),
            platforms: Some(tag(part, step))
                .filter(|tag| !tag.is_empty())
                .unwrap_or_else(|| "all".to_owned()),
        }
    })
}

fn finding(found: &Diagnostic, files: &[FileView], places: Places<'_>) -> FindingView {
    let lines = files.get(found.file.index()).map_or(&[][..], |file| &file.lines);
    let line = found.line.and_then(|line| lines.get((line.0 as usize).checked_sub(1)?));
    let place = found.line.map(|line| FileLine { file: found.file, line });
    FindingView {
        severity: found.severity.as_str(),
        code: found.rule.code,
        line: place.map_or_else(String::new, |place| places.short(place)),
        steps: line.map(|line| line.steps.clone()).unwrap_or_default(),
        message: visible(&found.message).into_owned(),
        help: visible(found.help.as_deref().unwrap_or_default()).into_owned(),
        fix: found.fix.as_ref().map(|fix| visible(&fix.description).into_owned()).unwrap_or_default(),
        saving: found.saving.as_deref().and_then(saving_text).unwrap_or_default(),
    }
}

/// What was built for whom, where and with what cache.
fn about(nodes: &[NodeAnalysis], timing: &Timing<'_>) -> String {
    let machine = &timing.terms.machine;
    let cores: Vec<String> = machine.nodes.iter().map(|node| node.cores.to_string()).collect();
    let platforms: Vec<String> = nodes.iter().map(|node| node.graph.build_platform().to_string()).collect();
    format!(
        "built on {}, {} cores ({})",
        platforms.join(" and "),
        cores.join(" and "),
        visible(&machine.name)
    )
}

fn facts(nodes: &[NodeAnalysis], timing: &Timing<'_>) -> Vec<FactView> {
    let sum = nodes.iter().map(NodeAnalysis::summary).fold(Summary::default(), |sum, one| Summary {
        instructions: sum.instructions.max(one.instructions),
        once: sum.once.max(one.once),
        commands: sum.commands + one.commands,
        emulated: sum.emulated + one.emulated,
        mixed: sum.mixed + one.mixed,
        ..sum
    });
    let targets: usize = nodes.iter().map(|node| node.graph.targets().len()).sum();
    let mut facts = vec![FactView {
        name: "Expected time",
        value: timing.total.p50.to_string(),
        more: format!("{} to {} in 8 of 10 builds", timing.total.p10, timing.total.p90),
    }];
    facts.push(FactView {
        name: "Steps",
        value: sum.instructions.to_string(),
        more: match (targets, sum.instructions - sum.once) {
            (1, _) => "for one platform".to_owned(),
            _ if nodes.len() > 1 => format!("again on each of {} nodes", nodes.len()),
            (_, 0) => format!("each shared by {targets} platforms"),
            (_, split) if split == sum.instructions => format!("each run {}", how_often(&nodes[0])),
            (_, split) => format!("{} run once, {split} {}", sum.once, how_often(&nodes[0])),
        },
    });
    let foreign = match sum.mixed {
        0 => String::new(),
        mixed => format!(", and {mixed} with a foreign program"),
    };
    let more = format!("of {}{foreign}", count(sum.commands, "command run"));
    facts.push(FactView { name: "Emulated", value: sum.emulated.to_string(), more });
    let losses = &timing.losses;
    for (name, lost, more) in [
        ("Lost to emulation", losses.emulation, "of core-time that native steps would not need"),
        ("Repeated work", losses.repeated, "of core-time in steps that repeat another platform's"),
    ] {
        if lost > Nanos::ZERO {
            facts.push(FactView { name, value: lost.to_string(), more: more.to_owned() });
        }
    }
    facts
}
