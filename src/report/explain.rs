//! Why one line runs as often as it does, how, and how long: a chain of causes.

use std::fmt::Write as _;

use super::Subject;
use super::escape::{visible, wrap};
use super::style::{Paint, Style};
use crate::analysis::{Instruction, NodeAnalysis};
use crate::graph::emulate::{Execution, exec_of};
use crate::graph::split::Split;
use crate::graph::vertex::{Op, Source};
use crate::ids::{TargetSet, VertexIx};
use crate::model::reference::familiar;
use crate::source::{Line, LineTable};
use crate::units::Nanos;

/// The explanation of the instruction that `line` belongs to; `None` where the line is past the end of the file.
pub fn explain(subject: &Subject<'_>, line: Line, style: Style) -> Option<String> {
    let table = subject.source.lines();
    if !(1..=table.count()).contains(&line.0) {
        return None;
    }
    let mut out = String::new();
    for (part, node) in subject.analysis.nodes.iter().enumerate() {
        let explainer = Explainer { subject, table: &table, part, node, style };
        explainer.write(line, &mut out);
    }
    Some(out)
}

struct Explainer<'e> {
    subject: &'e Subject<'e>,
    table: &'e LineTable,
    /// The node, by its place in the analysis.
    part: usize,
    node: &'e NodeAnalysis,
    style: Style,
}

impl Explainer<'_> {
    fn write(&self, line: Line, out: &mut String) {
        let instructions = self.node.instructions();
        let stages = self.node.graph.stages();
        let stage = stages.partition_point(|stage| stage.line <= line).checked_sub(1);
        // The instruction that begins at or above the line, in the same stage.
        let own = instructions
            .iter()
            .rfind(|instruction| Some(instruction.stage.index()) == stage && instruction.line <= line);
        let shown = own.filter(|own| self.covers(own.line, line)).map_or(line, |own| own.line);
        self.say(0, Paint::Strong, &format!("line {shown}: {}", self.text(shown)), out);
        match (own.filter(|own| own.line == shown), stage) {
            (Some(instruction), _) => self.instruction(instruction, out),
            (None, Some(stage)) if stages[stage].reachable.is_empty() => {
                self.say(1, Paint::Plain, "does not run: no target needs its stage", out);
            }
            (None, Some(stage)) => {
                let text = "makes no step of its own: it changes what the steps after it see";
                self.say(1, Paint::Plain, text, out);
                let after = instructions.iter().find(|next| next.stage.index() == stage && next.line > shown);
                if let Some(next) = after {
                    let text = format!("the next step is line {}: {}", next.line, self.text(next.line));
                    self.say(1, Paint::Plain, &text, out);
                }
                self.splits_because_of(shown, out);
            }
            (None, None) => {
                self.say(1, Paint::Plain, "stands before the first stage", out);
                self.splits_because_of(shown, out);
            }
        }
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

    /// Whether the instruction that begins at `first` reaches `line`: lines between end in a continuation or are comments.
    fn covers(&self, first: Line, line: Line) -> bool {
        (first.0..line.0).all(|number| {
            let text = self.text(Line(number));
            let text = text.trim_end();
            text.ends_with(['\\', '`'])
                || number > first.0 && (text.is_empty() || text.trim_start().starts_with('#'))
        })
    }

    fn text(&self, line: Line) -> String {
        let span = self.table.span(line, self.subject.source);
        span.map_or_else(String::new, |span| visible(self.subject.source.slice(span)).trim().to_owned())
    }

    fn instruction(&self, instruction: &Instruction, out: &mut String) {
        let targets = instruction.runs.iter().fold(TargetSet::EMPTY, |all, run| all.union(run.targets));
        let (paint, text) = match instruction.runs.as_slice() {
            [_] if targets.len() == 1 => {
                (Paint::Plain, format!("runs once, for {}", self.platforms(targets)))
            }
            [_] => (Paint::Good, format!("runs once for {}", self.platforms(targets))),
            runs => (Paint::Warn, format!("runs {} times", runs.len())),
        };
        self.say(1, paint, &text, out);
        for run in &instruction.runs {
            self.run(run.vertex, run.targets, out);
        }
        self.images(instruction, out);
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
        let platform = graph.platform(exec.platform);
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

    /// Images that the instruction gets besides, as `COPY --from=<image>` does.
    fn images(&self, instruction: &Instruction, out: &mut String) {
        let graph = &self.node.graph;
        for &vertex in &instruction.vertices {
            let found = graph.vertex(vertex);
            let is_run = instruction.runs.iter().any(|run| run.vertex == vertex);
            let (Op::Source(Source::Image { reference, .. }), false) = (&found.op, is_run) else { continue };
            let image = familiar(graph.text(*reference));
            let time = self.time(vertex).map_or_else(String::new, |time| format!(": {time}"));
            let text = format!("gets {image} for {}{time}", self.platforms(found.targets));
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

    /// The splits that reach the instruction, each as a chain of causes.
    fn causes(&self, instruction: &Instruction, out: &mut String) {
        let before = |split: &&Split| split.stage == instruction.stage && split.line <= instruction.line;
        for split in self.node.splits.iter().filter(before) {
            let groups: Vec<String> =
                split.groups.iter().map(|group| format!("{{{}}}", self.platforms(*group))).collect();
            let since = if split.line == instruction.line {
                String::new()
            } else {
                format!(" since line {}", split.line)
            };
            self.say(1, Paint::Plain, &format!("{} part{since}, because", groups.join(" and ")), out);
            for line in split.reason.via.iter().filter(|line| Some(**line) != split.reason.line) {
                self.say(2, Paint::Plain, &format!("line {line} differs: {}", self.text(*line)), out);
            }
            self.say(2, Paint::Plain, &visible(&split.reason.text()), out);
            if let Some(line) = split.reason.line {
                self.say(3, Paint::Plain, &format!("line {line}: {}", self.text(line)), out);
            }
        }
    }

    fn splits_because_of(&self, line: Line, out: &mut String) {
        for split in self.node.splits.iter().filter(|split| split.reason.line == Some(line)) {
            let text = format!("because of it, line {} and what follows run once per platform", split.line);
            self.say(1, Paint::Plain, &text, out);
        }
    }

    fn platforms(&self, targets: TargetSet) -> String {
        let names = targets.iter().map(|target| self.node.graph.targets()[target.index()].to_string());
        visible(&names.collect::<Vec<_>>().join(", ")).into_owned()
    }
}
