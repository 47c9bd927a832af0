//! What a picture of a timeline shows, as plain data: a [`Timeline`] with the words for its steps.
//!
//! Knows no position and no format.

use std::collections::BTreeMap;

use super::super::arrange::words::{Words, clean};
use super::super::view::{BoxKind, Mode, OutsideKind};
use super::likelihood::curve;
use crate::analysis::{Analysis, Build, NodeAnalysis};
use crate::graph::vertex::{Op, VertexKind};
use crate::ids::{NodeIx, TargetIx, TargetSet, VertexIx};
use crate::pricing::Timing;
use crate::report::places::{Places, from_line};
use crate::source::Line;
use crate::timeline::{Bar, Stretch, Timeline};
use crate::units::Nanos;

/// How far the axis goes, compared with the later of the last bar and the median build.
const MOST_RANGE: f64 = 1.2;

/// So many steps have a row each; of more the longest, and those that take a noticeable part of the build.
const ROWS: usize = 32;

/// The part of the build that is noticeable.
const NOTICEABLE: f64 = 0.005;

/// The most rows.
const MOST_ROWS: usize = 48;

/// A simulated build as a picture shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineView {
    /// The name of the file.
    pub title: String,
    /// On what the build runs, and how long it takes.
    pub summary: String,
    /// The steps, by their start.
    pub bars: Vec<BarView>,
    /// Of steps that are left out how many there are, and how long the longest takes.
    pub shorter: Option<(usize, Nanos)>,
    /// How many lanes hold all bars that take time.
    pub lanes: usize,
    /// How long it takes, in few words.
    pub brief: String,
    /// When which target platforms are done in the build that is shown, in time: where their last bars end.
    pub finish: Vec<(Nanos, String)>,
    /// Of a simulated build: one in ten is faster than the first, one in ten slower than the last; the middle is the median.
    pub range: Option<[Nanos; 3]>,
    /// Of a simulated build: which part of the builds are done by when, in percent, as the points of a curve.
    pub likely: Vec<(Nanos, f64)>,
    /// How many cores are busy from when on, in time; of a build that was logged, how many steps ran.
    pub load: Vec<(Nanos, f64)>,
    /// How many cores there are, or the most steps that ran at once.
    pub cores: f64,
    /// The end of the axis; the range may go on beyond it.
    pub end: Nanos,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarView {
    /// When it runs.
    pub bar: Stretch,
    /// The node, by its place in the analysis, and the vertex, where there is an analysis.
    pub of: Option<(NodeIx, VertexIx)>,
    /// How long it takes, or what became of it, in words.
    pub took: String,
    /// How long it was to take, where something else is known than the bar shows.
    pub expected: Option<Nanos>,
    /// What kind of step it is.
    pub kind: BoxKind,
    /// How it runs; `None` for what runs no program.
    pub mode: Option<Mode>,
    /// The line of the instruction; `None` for what no instruction owns.
    pub line: Option<Line>,
    /// The instruction word.
    pub keyword: String,
    /// What the instruction says, in one line.
    pub label: String,
    /// The platforms it works for, where it does not work for all.
    pub platforms: String,
    /// Everything, for those who ask.
    pub whole: String,
}

impl TimelineView {
    /// What is shown of `timeline`, a run of `build`.
    pub fn new(build: &Build, analysis: &Analysis, timing: &Timing<'_>, timeline: &Timeline) -> Self {
        let names: Vec<Vec<String>> = names(analysis);
        let words: Vec<Words<'_>> =
            analysis.nodes.iter().map(|node| Words::new(build.files(), node)).collect();
        let places = Places::of(build);
        let bars = timeline.bars.iter().map(|bar| {
            let (words, node) = (&words[bar.node.index()], analysis.node(bar.node));
            bar_view(words, places, node, *bar, &names[bar.node.index()], analysis.nodes.len() > 1)
        });
        let total = timeline.total;
        let machine = &timing.terms.machine.name;
        Self {
            title: clean(build.name()),
            summary: clean(&format!(
                "About {} on {machine} with {} cores; 8 of 10 builds take {} to {}. The bars are a build that takes the \
                 median.",
                total.p50, timeline.cores, total.p10, total.p90
            )),
            brief: format!("about {}; 8 of 10 builds {} to {}", total.p50, total.p10, total.p90),
            bars: bars.collect(),
            shorter: None,
            lanes: timeline.lanes,
            finish: finishes(analysis, &names, &timeline.finish),
            range: Some([total.p10, total.p50, total.p90]),
            likely: curve(&timing.samples),
            load: timeline.load.clone(),
            cores: timeline.cores,
            end: end(timeline),
        }
    }
}

impl TimelineView {
    /// The view with the steps that a reader looks for: where there are many, those that take long.
    #[must_use]
    pub(super) fn with_longest(&self) -> Self {
        let took = |shown: &BarView| shown.bar.finish.saturating_sub(shown.bar.start);
        let mut order: Vec<usize> = (0..self.bars.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(took(&self.bars[*at])));
        let least = self.end * NOTICEABLE;
        let noticeable = order.iter().filter(|at| took(&self.bars[**at]) >= least).count();
        let kept = if self.bars.len() <= ROWS { ROWS } else { noticeable.min(MOST_ROWS) };
        let left_out = order.split_off(kept.min(order.len()));
        let shorter = left_out.first().map(|at| (left_out.len(), took(&self.bars[*at])));
        order.sort_unstable();
        Self { bars: order.into_iter().map(|at| self.bars[at].clone()).collect(), shorter, ..self.clone() }
    }
}

/// The end of the axis: the last bar, and of the range so much that the bars keep most of the room.
fn end(timeline: &Timeline) -> Nanos {
    let least = timeline.makespan.max(timeline.total.p50);
    timeline.end().min(least * MOST_RANGE).max(Nanos(1_000_000))
}

/// Short names of the targets of each node: without the operating system where it is the same for all.
fn names(analysis: &Analysis) -> Vec<Vec<String>> {
    let mut all = analysis.nodes.iter().flat_map(|node| node.graph.targets());
    let first = all.next();
    let is_one = all.all(|target| first.is_some_and(|first| first.os == target.os));
    let short = |name: String| match name.split_once('/') {
        Some((_, rest)) if is_one => rest.to_owned(),
        _ => name,
    };
    let of = |node: &NodeAnalysis| {
        let short = |target: TargetIx| {
            let name = node.graph.output(target);
            if node.graph.is_group() { clean(&name) } else { short(name) }
        };
        node.graph.all_targets().iter().map(short).collect()
    };
    analysis.nodes.iter().map(of).collect()
}

/// When the targets are done, those together that are done at the same instant.
fn finishes(analysis: &Analysis, names: &[Vec<String>], ends: &[Nanos]) -> Vec<(Nanos, String)> {
    if let [node] = analysis.nodes.as_slice()
        && node.graph.is_group()
    {
        let mut known: BTreeMap<Nanos, TargetSet> = BTreeMap::new();
        for (target, end) in node.graph.all_targets().iter().zip(ends) {
            let targets = known.entry(*end).or_default();
            *targets = targets.union(TargetSet::one(target));
        }
        return known.into_iter().map(|(end, own)| (end, clean(&node.graph.outputs(own)))).collect();
    }
    let mut finishes: Vec<(Nanos, String)> = Vec::new();
    for (name, &end) in names.iter().flatten().zip(ends) {
        match finishes.iter_mut().find(|(at, _)| *at == end) {
            Some((_, known)) => *known = format!("{known}, {name}"),
            None => finishes.push((end, name.clone())),
        }
    }
    finishes.sort();
    finishes
}

fn joined(names: &[String], targets: TargetSet) -> String {
    let names: Vec<&str> = targets.iter().map(|target| names[target.index()].as_str()).collect();
    names.join(", ")
}

fn bar_view(
    words: &Words<'_>,
    places: Places<'_>,
    node: &NodeAnalysis,
    bar: Bar,
    names: &[String],
    has_nodes: bool,
) -> BarView {
    let time = bar.time;
    let known = node.graph.vertex(bar.vertex);
    let place = known.places.first().copied();
    let (keyword, label, whole) = said(words, node, bar.vertex);
    let is_for_all = !has_nodes && known.targets == node.graph.all_targets();
    let platforms = match () {
        () if is_for_all => String::new(),
        () if node.graph.is_group() => clean(&node.graph.outputs(known.targets)),
        () => joined(names, known.targets),
    };
    let how = words.how(&[bar.vertex], known.targets);
    let stages = known.stages.iter().filter_map(|stage| node.graph.stages()[stage.index()].name.as_deref());
    let stages = clean(&stages.collect::<Vec<_>>().join(", "));
    let mut parts = vec![whole, place.map_or_else(String::new, |at| places.line(at))];
    parts.push(if stages.is_empty() { String::new() } else { format!("stage {stages}") });
    parts.push(how);
    parts.push(node.name.as_ref().map_or_else(String::new, |name| clean(&format!("on {name}"))));
    parts.push(if platforms.is_empty() { String::new() } else { format!("for {platforms}") });
    parts.push(if time.is_cached {
        "cached".to_owned()
    } else {
        format!("{} from {} to {}", time.duration(), time.start, time.finish)
    });
    if time.wait() > Nanos::ZERO {
        parts.push(format!("waited {}", time.wait()));
    }
    if time.is_critical {
        parts.push("on the critical path".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    BarView {
        bar: time,
        of: Some((bar.node, bar.vertex)),
        took: if time.is_cached { "cached".to_owned() } else { time.duration().to_string() },
        expected: None,
        kind: words.kind(bar.vertex),
        mode: words.mode(bar.vertex),
        line: place.map(|place| place.line),
        keyword,
        label,
        platforms,
        whole: parts.join("\n"),
    }
}

/// Instruction word, text and whole text of a vertex. A source that is not its instruction's own work, as the image of a
/// `COPY --from`, is said by its name.
fn said(words: &Words<'_>, node: &NodeAnalysis, vertex: VertexIx) -> (String, String, String) {
    let known = node.graph.vertex(vertex);
    let is_from = known.places.first().is_some_and(|place| {
        known.stages.iter().any(|stage| from_line(&node.graph.stages()[stage.index()]) == *place)
    });
    match (known.places.first(), &known.op) {
        (Some(place), op) if is_from || !matches!(op, Op::Source(_)) => {
            let text = words.instruction(*place, vertex, is_from);
            (text.keyword, text.label, text.whole)
        }
        (_, Op::Source(source)) => {
            let (kind, short, whole) = words.source(source);
            let keyword = if kind == OutsideKind::Image { "pull" } else { "load" };
            (keyword.to_owned(), clean(&short), clean(&whole))
        }
        _ => {
            let label = words.operation(vertex);
            let keyword = if known.kind() == VertexKind::File { "make" } else { "" };
            (keyword.to_owned(), label.clone(), label)
        }
    }
}
