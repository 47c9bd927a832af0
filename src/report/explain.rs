//! Why one line runs as often as it does, and how: a chain of causes.

use std::fmt::Write as _;

use super::Subject;
use super::escape::visible;
use super::style::{Paint, Style};
use crate::analysis::{Instruction, NodeAnalysis};
use crate::graph::emulate::{Execution, exec_of};
use crate::ids::TargetSet;
use crate::source::{Line, LineTable};

/// The explanation of the instruction that `line` belongs to; `None` where the line is past the end of the file.
pub fn explain(subject: &Subject<'_>, line: Line, style: Style) -> Option<String> {
    let table = subject.source.lines();
    if !(1..=table.count()).contains(&line.0) {
        return None;
    }
    let mut out = String::new();
    for node in &subject.analysis.nodes {
        let explainer = Explainer { subject, table: &table, node, style };
        explainer.write(line, &mut out);
    }
    Some(out)
}

struct Explainer<'e> {
    subject: &'e Subject<'e>,
    table: &'e LineTable,
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
        let _ = writeln!(
            out,
            "{}",
            self.style.paint(Paint::Strong, format!("line {shown}: {}", self.text(shown)))
        );
        match (own.filter(|own| own.line == shown), stage) {
            (Some(instruction), _) => self.instruction(instruction, out),
            (None, Some(stage)) if stages[stage].reachable.is_empty() => {
                let _ = writeln!(out, "  does not run: no target needs its stage");
            }
            (None, Some(stage)) => {
                let _ = writeln!(out, "  makes no step of its own: it changes what the steps after it see");
                let after = instructions.iter().find(|next| next.stage.index() == stage && next.line > shown);
                if let Some(next) = after {
                    let _ = writeln!(out, "  the next step is line {}: {}", next.line, self.text(next.line));
                }
                self.splits_because_of(shown, out);
            }
            (None, None) => {
                let _ = writeln!(out, "  stands before the first stage");
                self.splits_because_of(shown, out);
            }
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
        match instruction.runs.as_slice() {
            [_] if targets.len() == 1 => {
                let _ = writeln!(out, "  runs once, for {}", self.platforms(targets));
            }
            [_] => {
                let text = format!("runs once for {}", self.platforms(targets));
                let _ = writeln!(out, "  {}", self.style.paint(Paint::Good, text));
            }
            runs => {
                let text = format!("runs {} times", runs.len());
                let _ = writeln!(out, "  {}", self.style.paint(Paint::Warn, text));
            }
        }
        for run in &instruction.runs {
            self.run(run.vertex, run.targets, out);
        }
        if instruction.runs.len() > 1 {
            self.causes(instruction, out);
        }
    }

    fn run(&self, vertex: crate::ids::VertexIx, targets: TargetSet, out: &mut String) {
        let graph = &self.node.graph;
        let Some(exec) = exec_of(graph.vertex(vertex)) else { return };
        let platform = graph.platform(exec.platform);
        let for_targets = self.platforms(targets);
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
        let _ = writeln!(out, "    for {for_targets}: {}", self.style.paint(paint, visible(&text)));
        for call in self.node.foreign(vertex) {
            let from =
                call.image.as_ref().map_or_else(String::new, |image| format!(" from {}", visible(image)));
            let line = call.line.map_or_else(String::new, |line| format!(", brought by line {line}"));
            let program = visible(&call.program);
            let platform = call.platform.to_string();
            let platform = visible(&platform);
            let _ = writeln!(out, "      `{program}` is a program for {platform}{from}{line}");
        }
    }

    /// The splits that reach the instruction, each as a chain of causes.
    fn causes(&self, instruction: &Instruction, out: &mut String) {
        let before = |split: &&crate::graph::split::Split| {
            split.stage == instruction.stage && split.line <= instruction.line
        };
        for split in self.node.splits.iter().filter(before) {
            let groups: Vec<String> =
                split.groups.iter().map(|group| format!("{{{}}}", self.platforms(*group))).collect();
            let since = if split.line == instruction.line {
                String::new()
            } else {
                format!(" since line {}", split.line)
            };
            let _ = writeln!(out, "  {} part{since}, because", groups.join(" and "));
            for line in split.reason.via.iter().filter(|line| Some(**line) != split.reason.line) {
                let _ = writeln!(out, "    line {line} differs: {}", self.text(*line));
            }
            let _ = writeln!(out, "    {}", visible(&split.reason.text()));
            if let Some(line) = split.reason.line {
                let _ = writeln!(out, "      line {line}: {}", self.text(line));
            }
        }
    }

    fn splits_because_of(&self, line: Line, out: &mut String) {
        for split in self.node.splits.iter().filter(|split| split.reason.line == Some(line)) {
            let _ =
                writeln!(out, "  because of it, line {} and what follows run once per platform", split.line);
        }
    }

    fn platforms(&self, targets: TargetSet) -> String {
        let names = targets.iter().map(|target| self.node.graph.targets()[target.index()].to_string());
        visible(&names.collect::<Vec<_>>().join(", ")).into_owned()
    }
}
