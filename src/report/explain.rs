//! Why one line runs as often as it does, how, and how long: a chain of causes.

use std::fmt::Write as _;

use super::Subject;
use super::escape::{visible, wrap};
use super::places::Places;
use super::style::{Paint, Style};
use crate::analysis::{Instruction, NodeAnalysis, Run};
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::{self, Kind};
use crate::graph::emulate::{Execution, exec_of};
use crate::graph::split::{self, Split};
use crate::graph::vertex::{EdgeKind, Op, Source};
use crate::ids::{FileIx, NodeIx, StageIx, TargetSet, VertexIx};
use crate::model::reference::familiar;
use crate::source::{FileLine, Line};
use crate::units::Nanos;

/// The explanation of the instruction that a line belongs to, heredocs and continued lines included; `None` where the line
/// is past the end of its file.
pub fn explain(subject: &Subject<'_>, at: FileLine, style: Style) -> Option<String> {
    let FileLine { file: file_ix, line } = at;
    let file = subject.build.files().get(file_ix.index())?;
    let table = subject.build.text(file_ix)?.lines();
    if !(1..=table.count()).contains(&line.0) {
        return None;
    }
    let next = file.instructions.partition_point(|instruction| instruction.last_line < line);
    let asked = file.instructions.get(next).filter(|instruction| instruction.line <= line);
    let first = asked.map_or(line, |instruction| instruction.line);
    let mut out = String::new();
    for (part, node) in subject.analysis.each_node() {
        let explainer =
            Explainer { subject, file, file_ix, places: Places::of(subject.build), part, node, style };
        if part == NodeIx(0) {
            explainer.say(
                0,
                Paint::Strong,
                format!("{}: {}", explainer.line(first), explainer.text(first)).trim_end(),
                &mut out,
            );
        }
        if let Some(name) = node.name.as_ref().filter(|_| subject.analysis.nodes.len() > 1) {
            explainer.say(0, Paint::Strong, &format!("on the node {}", visible(name)), &mut out);
        }
        match asked {
            Some(asked) => explainer.asked(asked, &mut out),
            None => explainer.say(1, Paint::Plain, explainer.between(line), &mut out),
        }
    }
    Some(out)
}

struct Explainer<'e> {
    subject: &'e Subject<'e>,
    file: &'e Dockerfile<'e>,
    file_ix: FileIx,
    places: Places<'e>,
    /// The node.
    part: NodeIx,
    node: &'e NodeAnalysis,
    style: Style,
}

impl Explainer<'_> {
    fn asked(&self, asked: &ast::Instruction<'_>, out: &mut String) {
        let instructions = self.node.instructions();
        let stages = self.node.graph.stages();
        let stage = self.node.graph.stage_at(self.at(asked.line)).map(StageIx::index);
        let own = instructions.iter().find(|own| Some(own.stage.index()) == stage && own.line == asked.line);
        match (own, stage) {
            (Some(instruction), _) => self.instruction(instruction, out),
            (None, Some(stage)) if stages[stage].reachable.is_empty() => {
                self.say(1, Paint::Plain, "does not run: no target needs its stage", out);
            }
            (None, _) => {
                self.say(1, Paint::Plain, without_step(&asked.kind, stage.is_some()), out);
                let after = instructions
                    .iter()
                    .find(|next| Some(next.stage.index()) == stage && next.line > asked.line);
                if let Some(next) = after.filter(|_| changes_steps(&asked.kind)) {
                    let text = format!("the next step is {}: {}", self.line(next.line), self.text(next.line));
                    self.say(1, Paint::Plain, &text, out);
                }
                self.splits_because_of(asked.line, out);
            }
        }
    }

    /// What a line is that belongs to no instruction.
    fn between(&self, line: Line) -> &'static str {
        if self.file.directives.iter().any(|directive| directive.line == line) {
            return "makes no step: it tells the parser how to read the file";
        }
        if self.text(line).is_empty() { "an empty line" } else { "a comment" }
    }

    /// A sentence, two columns further in for each `level`; on a terminal in as many lines as it takes.
    fn say(&self, level: usize, paint: Paint, text: &str, out: &mut String) {
        let indent = 2 * level;
        let columns = self.style.width.map_or(usize::MAX, |width| width.saturating_sub(indent + 2));
        for (row, line) in wrap(text, columns).into_iter().enumerate() {
            let hanging = if row == 0 { indent } else { indent + 2 };
            let _ = writeln!(out, "{}{}", " ".repeat(hanging), self.style.paint(paint, line));
        }
    }

    /// A line of the file that was asked for.
    const fn at(&self, line: Line) -> FileLine {
        FileLine { file: self.file_ix, line }
    }

    fn line(&self, line: Line) -> String {
        self.places.line(self.at(line))
    }

    fn text(&self, line: Line) -> String {
        self.text_at(self.at(line))
    }

    fn text_at(&self, at: FileLine) -> String {
        let line = self.subject.build.text(at.file).and_then(|source| {
            let span = source.lines().span(at.line, source)?;
            Some(visible(source.slice(span)).trim().to_owned())
        });
        line.unwrap_or_default()
    }

    fn instruction(&self, instruction: &Instruction, out: &mut String) {
        let targets = instruction.runs.iter().fold(TargetSet::EMPTY, |all, run| all.union(run.targets));
        let is_image = |run: &Run| matches!(self.node.graph.vertex(run.vertex).op, Op::Source(_));
        let verb = if instruction.runs.iter().all(is_image) { "is pulled" } else { "runs" };
        let (paint, text) = match instruction.runs.as_slice() {
            [_] if targets.len() == 1 => {
                (Paint::Plain, format!("{verb} once, for {}", self.platforms(targets)))
            }
            [_] => (Paint::Good, format!("{verb} once for {}", self.platforms(targets))),
            runs => (Paint::Warn, format!("{verb} {} times", runs.len())),
        };
        self.say(1, paint, &text, out);
        for run in &instruction.runs {
            self.run(run.vertex, run.targets, out);
        }
        self.besides(instruction, out);
        if instruction.runs.len() > 1 {
            self.causes(instruction, out);
        }
    }

    /// One run: how, and how long it takes.
    fn run(&self, vertex: VertexIx, targets: TargetSet, out: &mut String) {
        let graph = &self.node.graph;
        let for_targets = self.platforms(targets);
        let Some(exec) = exec_of(graph.vertex(vertex)) else {
            if let Some(time) = self.time(vertex) {
                self.say(2, Paint::Plain, &format!("for {for_targets}: {time}"), out);
            }
            return;
        };
        let platform = self.node.guest(vertex).unwrap_or_else(|| graph.platform(exec.platform));
        let (paint, text) = match self.node.execution(vertex) {
            Some(Execution::Emulated) => {
                (Paint::Bad, format!("emulated: {platform} on {}", graph.build_platform()))
            }
            Some(Execution::Unsupported) => {
                (Paint::Bad, format!("cannot run: {platform} on {}", graph.build_platform()))
            }
            Some(Execution::Mixed) => (Paint::Warn, format!("native on {platform}, with a foreign program")),
            _ => match self.node.cross_to(vertex) {
                Some(cross) => (Paint::Notice, format!("native on {platform}, told to build for {cross}")),
                None => (Paint::Good, format!("native on {platform}")),
            },
        };
        self.say(2, paint, &format!("for {for_targets}: {}", visible(&text)), out);
        for call in self.node.foreign(vertex) {
            let from = call.image.as_ref().map_or_else(String::new, |image| format!(" from {image}"));
            let line = call.line.map_or_else(String::new, |line| format!(", brought by line {line}"));
            let text = format!("`{}` is a program for {}{from}{line}", call.program, call.platform);
            self.say(3, Paint::Plain, &visible(&text), out);
        }
        if let Some(time) = self.time(vertex) {
            self.say(3, Paint::Plain, &time, out);
        }
    }

    /// What the instruction does besides: it gets the image of a `COPY --from=<image>`, and links what a `COPY --link`
    /// copied into its stage.
    fn besides(&self, instruction: &Instruction, out: &mut String) {
        let graph = &self.node.graph;
        for &vertex in &instruction.vertices {
            if instruction.runs.iter().any(|run| run.vertex == vertex) {
                continue;
            }
            let found = graph.vertex(vertex);
            let what = match &found.op {
                Op::Source(Source::Image { reference, .. }) => {
                    format!("gets {}", familiar(graph.text(*reference)))
                }
                Op::Merge { .. } => "is linked into the stage".to_owned(),
                _ => continue,
            };
            let time = self.time(vertex).map_or_else(String::new, |time| format!(": {time}"));
            let text = format!("{what} for {}{time}", self.platforms(found.targets));
            self.say(2, Paint::Plain, &visible(&text), out);
        }
    }

    /// How long a run takes, what of it the build waits for, and what emulation adds; `None` where nothing is known of time
    /// or there is none to speak of.
    fn time(&self, vertex: VertexIx) -> Option<String> {
        let timing = self.subject.timing?;
        let task = timing.task(self.part, vertex);
        let took = timing.trace.span(task).duration();
        if took == Nanos::ZERO {
            return None;
        }
        let path = timing.trace.critical_path();
        let waits: Nanos = path.iter().filter(|step| step.task == task).map(|step| step.to - step.from).sum();
        let mut text = format!("takes about {took}");
        let _ = match waits {
            Nanos::ZERO => write!(text, ", for which the build does not wait"),
            waits if waits >= took * 0.99 => write!(text, ", for which the build waits"),
            waits => write!(text, ", of which the build waits for {waits}"),
        };
        let (core, emulation) = (timing.core_time(task), timing.emulation(task));
        if core > Nanos::ZERO {
            let _ = write!(text, "; {core} of core time");
        }
        if emulation > Nanos::ZERO {
            let _ = write!(text, ", {emulation} of it added by emulation");
        }
        Some(if self.style.unicode { text } else { text.replace('µ', "u") })
    }

    /// Why the instruction runs more than once: the splits of its stage that reach it, or its own reason where what is before
    /// it in the stage is no part of it, as in a `COPY --link`. Each as a chain of causes.
    fn causes(&self, instruction: &Instruction, out: &mut String) {
        let graph = &self.node.graph;
        let stands_alone = |run: &Run| {
            let vertex = graph.vertex(run.vertex);
            matches!(vertex.op, Op::File(_))
                && graph.inputs(run.vertex).into_iter().all(|(_, kind)| kind != EdgeKind::Base)
        };
        if instruction.runs.iter().all(stands_alone) {
            let (groups, vertices) = instruction.runs.iter().map(|run| (run.targets, run.vertex)).unzip();
            let line = instruction.line;
            let reason = split::reason(graph, vertices, self.at(line));
            self.cause(&Split { stage: instruction.stage, line, groups, reason }, line, out);
            return;
        }
        let before = |split: &&Split| split.stage == instruction.stage && split.line <= instruction.line;
        for split in self.node.splits.iter().filter(before) {
            self.cause(split, instruction.line, out);
        }
    }

    /// One split, as seen from the instruction at a line.
    fn cause(&self, split: &Split, seen_from: Line, out: &mut String) {
        let groups: Vec<String> =
            split.groups.iter().map(|group| format!("{{{}}}", self.platforms(*group))).collect();
        let since =
            if split.line == seen_from { String::new() } else { format!(" since {}", self.line(split.line)) };
        self.say(1, Paint::Plain, &format!("{} part{since}, because", groups.join(" and ")), out);
        let known = [Some(self.at(split.line)), split.reason.place];
        for at in split.reason.via.iter().filter(|at| !known.contains(&Some(**at))) {
            let text = format!("{} differs: {}", self.places.line(*at), self.text_at(*at));
            self.say(2, Paint::Plain, &text, out);
        }
        self.say(2, Paint::Plain, &visible(&self.places.reason(&split.reason)), out);
        if let Some(at) = split.reason.place {
            self.say(3, Paint::Plain, &format!("{}: {}", self.places.line(at), self.text_at(at)), out);
        }
    }

    fn splits_because_of(&self, line: Line, out: &mut String) {
        let is_cause = |split: &&Split| split.reason.place == Some(self.at(line));
        for split in self.node.splits.iter().filter(is_cause) {
            let at = self.places.line(self.node.graph.place(split.stage, split.line));
            let each = if self.node.graph.is_group() { "more than once" } else { "once per platform" };
            let text = format!("because of it, {at} and what follows run {each}");
            self.say(1, Paint::Plain, &text, out);
        }
    }

    fn platforms(&self, targets: TargetSet) -> String {
        visible(&self.node.graph.outputs(targets)).into_owned()
    }
}

/// Whether an instruction without a step of its own decides what later steps do.
const fn changes_steps(kind: &Kind<'_>) -> bool {
    matches!(kind, Kind::Arg(_) | Kind::Env(_) | Kind::User(_) | Kind::Shell(_) | Kind::Workdir(_))
}

/// Why an instruction makes no step.
fn without_step(kind: &Kind<'_>, inside_stage: bool) -> &'static str {
    match kind {
        _ if !inside_stage => "makes no step: FROM lines see it, and stages that declare it again",
        _ if changes_steps(kind) => "makes no step of its own: it changes what the steps after it see",
        Kind::From(from) if from.base.text == "scratch" => "makes no step: the stage begins empty",
        Kind::From(_) => "makes no step: the stage begins where the one it is based on ends",
        Kind::Run(_) | Kind::Copy(_) | Kind::Add(_) => {
            "does not run: a build context takes the place of its stage"
        }
        Kind::Onbuild(_) => "makes no step here: it does so in stages that are based on this one",
        _ => "makes no step: it describes the image and changes no file",
    }
}
