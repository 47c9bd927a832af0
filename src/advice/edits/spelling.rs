//! A name written by the target, where it says one architecture.

use crate::advice::edits::script::script;
use crate::advice::edits::written::Plan;
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::publishers;
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Edit, Fix};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::model::platform::Platform;
use crate::source::Span;

const TO_CHECK: &str = "whether there is one for every platform under that name, and a checksum for each";

/// What to write in place of a step: the lines, and the change.
pub(in crate::advice) fn by_target<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    instruction: &'c Instruction<'c>,
    name: &str,
) -> (Vec<String>, Option<Fix>) {
    // Names of further architectures differ from publisher to publisher.
    let is_common = |target: &Platform| matches!(&*target.architecture, "amd64" | "arm64");
    if !context.node.graph.targets().iter().all(is_common) {
        return Default::default();
    }
    let raw = context.raw(instruction);
    let of_machine = raw.contains("BUILDARCH").then_some(("BUILDARCH", "TARGETARCH"));
    let of_docker = || {
        let word = ["amd64", "arm64"].into_iter().find(|word| name.contains(word))?;
        // Written as a whole word: in `linuxamd64` the braces end the name.
        Some((word, "${TARGETARCH}"))
    };
    let word = of_machine.or_else(of_docker);
    if !matches!(instruction.kind, Kind::Run(_)) {
        return word.map_or_else(Default::default, |word| by_text(context, stage, instruction, word));
    }
    let Some(mut script) = script(context, stage.index, instruction) else { return Default::default() };
    let args = if let Some((word, with)) = word {
        script.spell(word, with);
        "TARGETARCH"
    } else {
        let words = ["x86_64", "aarch64", "x64"];
        let Some(word) = words.into_iter().find(|word| name.contains(word)) else {
            return Default::default();
        };
        let Some([amd64, arm64]) = publishers::spelling_of(word) else { return Default::default() };
        script.spell(word, "${arch}");
        if script.is_changed() {
            let branch = |platform: &str, name: &str| format!("      {platform}) arch={name} ;;");
            script.choose(&[branch("linux/amd64", amd64), branch("linux/arm64", arm64)], None);
        }
        "TARGETPLATFORM"
    };
    if !script.is_changed() {
        return Default::default();
    }
    let plan = Plan { with_xx: false, to_check: TO_CHECK, args, setup: Vec::new(), scripts: vec![script] };
    let root = context.root(stage.index);
    (plan.lines(context, root, true), plan.patch(context, root, instruction, true))
}

/// Another word in an instruction that has no script, with the argument above it.
fn by_text(
    context: &Context<'_>,
    stage: &StageView<'_>,
    instruction: &Instruction<'_>,
    (word, with): (&str, &str),
) -> (Vec<String>, Option<Fix>) {
    let raw = context.raw(instruction);
    let declared = stage.body.iter().take_while(|other| other.line < instruction.line).any(|other| {
        matches!(&other.kind, Kind::Arg(args) if args.iter().any(|arg| arg.name.text == "TARGETARCH"))
    });
    let is_plain = instruction.heredocs.is_empty() && !raw.contains("--checksum=");
    if !is_plain || !raw.contains(word) {
        return Default::default();
    }
    let argument = if declared { "" } else { "ARG TARGETARCH\n" };
    let places = raw.match_indices(word).map(|(at, _)| instruction.span.start + at as u32);
    let mut edits: Vec<Edit> =
        places.map(|at| Edit::replace(Span::new(at, at + word.len() as u32), with.to_owned())).collect();
    let at = text_ranges::line_start(context.text(), instruction.span.start);
    edits.insert(0, Edit::insert(at, format!("# To check: {TO_CHECK}.\n{argument}")));
    let lines = format!("{argument}{}", raw.trim_end().replace(word, with));
    let fix = Fix {
        description: format!("write the recipe for line {}", instruction.line.0),
        edits,
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    };
    (lines.lines().map(str::to_owned).collect(), Some(fix))
}
