//! Telling Go its target: without cgo it compiles for every platform by itself.

use crate::advice::edits::pinning::{is_portable, runs};
use crate::advice::facts::call_sites::calls;
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::text_ranges;
use crate::advice::facts::tools::{self, Compiler};
use crate::diagnostic::{Allowed, Edit};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::source::Span;

/// How every Go compile of a stage is told its target.
pub(in crate::advice) struct Told {
    pub(in crate::advice) edits: Vec<Edit>,
    /// What the edits change of what the images are made of.
    pub(in crate::advice) licence: Vec<Allowed>,
}

/// The edits that hand the target to every Go compile of a stage; `None` where it needs cgo, is told something already, or does
/// other work that depends on the platform.
pub(in crate::advice) fn tell<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<Told> {
    if !is_plain_go(context, stage) {
        return None;
    }
    let arm = context.node.graph.targets().iter().any(|target| &*target.architecture == "arm");
    let mut told = Told { edits: Vec::new(), licence: Vec::new() };
    let mut first: Option<&Instruction<'_>> = None;
    for instruction in runs(stage) {
        let raw = context.raw(instruction);
        if !context.commands(instruction).iter().any(|c| tools::compiler(c) == Some(Compiler::Go)) {
            continue;
        }
        let script = Span::new(instruction.arguments.span.start, instruction.span.end);
        text_ranges::find_once(context.text(), script, "go build")?;
        let call = calls(context.slice(script), "go build").next()?;
        let os = if raw.contains("GOOS=linux") { "" } else { "GOOS=$TARGETOS " };
        let level = if arm { "GOARM=${TARGETVARIANT#v} " } else { "" };
        let inserted = format!("{os}GOARCH=$TARGETARCH {level}");
        told.edits.push(Edit::insert(script.start + call.start as u32, inserted.clone()));
        told.licence.push(Allowed::Inserts(inserted));
        first = first.or(Some(instruction));
    }
    let names = if arm { "TARGETOS TARGETARCH TARGETVARIANT" } else { "TARGETOS TARGETARCH" };
    told.edits.push(Edit::insert(text_ranges::before(context.text(), first?), format!("ARG {names}\n")));
    told.licence.extend(names.split(' ').map(|name| Allowed::Gains(name.to_owned())));
    Some(told)
}

/// Whether a stage compiles Go, with cgo switched off, and does nothing else that depends on the platform.
fn is_plain_go<'c>(context: &Context<'c>, stage: &StageView<'c>) -> bool {
    let off = |i: &Instruction<'_>| match &i.kind {
        Kind::Env(pairs) => {
            pairs.iter().any(|p| p.key.text == "CGO_ENABLED" && p.value.text.trim_matches('"') == "0")
        }
        _ => false,
    };
    let all = || context.chain(stage.index).flat_map(|view| view.body);
    let environment = all().any(off);
    let told = all().any(|i| {
        let raw = context.raw(i);
        [
            "GOARCH",
            "GOARM",
            "TARGETARCH",
            "TARGETPLATFORM",
            "TARGETOS",
            "-race",
            "GOOS=$",
            "GOOS=\"$",
            "GOOS=${",
        ]
        .iter()
        .any(|word| raw.contains(word))
    });
    let mut builds = 0;
    let known = runs(stage).all(|instruction| {
        context.commands(instruction).iter().all(|command| {
            if tools::compiler(command) == Some(Compiler::Go) {
                builds += 1;
                let assigned =
                    command.assignments.iter().any(|(name, value)| name == "CGO_ENABLED" && value == "0");
                return (environment || assigned) && command.args.first().is_some_and(|arg| arg == "build");
            }
            let go = command.base_name() == "go" && command.args.first().is_some_and(|arg| arg == "mod");
            go || is_portable(command) || command.base_name() == "update-ca-certificates"
        })
    });
    known && builds > 0 && !told
}
