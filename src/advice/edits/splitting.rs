//! Splitting the stage of an image: what compiles moves to a stage of its own, which the machine's own platform runs, and the image
//! takes the program from there.

use crate::advice::edits::apply::apply_within;
use crate::advice::edits::packed;
use crate::advice::edits::pinning::is_official;
use crate::advice::edits::written::Plan;
use crate::advice::facts::context::{Context, Pin, StageView, started};
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Edit, Fix};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::model::path::{base, is_below, join};
use crate::shell::interpret::Call;
use crate::source::{Span, cut};

/// What a stage is called that compiles, the first of these that is free.
const NAMES: [&str; 4] = ["build", "compile", "builder", "native-build"];

/// What stands beside the copy that takes the place of a compile.
const TO_CHECK: &str =
    "# To check: steps above that only the compile needed may go, those of another base may do.";

/// The change that splits a stage at a step, as a plan tells it to compile, with the lines that it writes. `None` where the stage is
/// none of an image on an image, the step does more than compile, or what it makes is not known.
pub(in crate::advice) fn split<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    step: &Instruction<'_>,
    plan: &Plan<'_>,
) -> Option<(Vec<String>, Fix)> {
    let is_own = stage.index == context.node.graph.target_stage()
        && stage.root == stage.index
        && stage.pin == Pin::Target
        && stage.from.platform.is_none()
        && stage.from.base.text != "scratch"
        && context.children(stage.index).next().is_none();
    let above = || stage.body.iter().take_while(|instruction| instruction.line <= step.line);
    // What another user makes belongs to that one; a document stands behind its instruction.
    let is_plain = above().all(|instruction| {
        instruction.heredocs.is_empty() && !matches!(instruction.kind, Kind::User(_) | Kind::Onbuild(_))
    });
    let is_last = plan.scripts.iter().all(|script| script.line() <= step.line);
    if !is_own || !is_plain || !is_last || !knows_dir(context, stage, step) {
        return None;
    }
    let products = products(context, stage, step).or_else(|| packed::archives(context, stage, step))?;
    let name = NAMES.into_iter().find(|name| context.stage_named(name).is_none())?;
    let text = context.text();
    let from = stage.instruction;
    let written = plan.patch(context, stage, step, true)?;
    let (own, mut edits): (Vec<Edit>, Vec<Edit>) =
        written.edits.into_iter().partition(|edit| edit.span.start >= from.span.start);
    let span = Span::new(from.span.start, step.span.end);
    let steps = apply_within(text, span, &own)?;
    let (_, steps) = steps.split_at_checked((from.span.end - span.start) as usize)?;
    let image = stage.from.base.text;
    let compile = format!("FROM --platform=$BUILDPLATFORM {image} AS {name}\n{}\n\n", steps.trim());
    let copies = products.iter().map(|path| format!("\nCOPY --from={name} {path} {path}"));
    let end = step.span.start + cut(text, step.span).trim_end().len() as u32;
    let taken = format!("{TO_CHECK}{}", copies.collect::<String>());
    let lines = compile
        .lines()
        .chain([cut(text, from.span).trim_end(), "…"])
        .chain(taken.lines())
        .map(str::to_owned)
        .collect();
    edits.extend(
        packed::idle(context, stage, step).map(|idle| Edit::delete(text_ranges::whole_lines(text, idle))),
    );
    edits.push(Edit::replace(Span::new(step.span.start, end), taken));
    edits.push(Edit::insert(text_ranges::before(text, from), compile));
    let fix = Fix {
        description: format!("compile line {} in a stage of its own", step.line.0),
        edits,
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    };
    Some((lines, fix))
}

/// Whether it is known where a step works, or where what it compiles goes: images of toolchains begin in a folder of their own.
fn knows_dir(context: &Context<'_>, stage: &StageView<'_>, step: &Instruction<'_>) -> bool {
    let image = stage.from.base.text;
    let begins_at_root = is_official(image) && !["golang", "gradle"].iter().any(|name| image.contains(name));
    let first = stage.body.iter().take_while(|own| own.line < step.line).find_map(|own| match &own.kind {
        Kind::Workdir(word) => Some(word.text.trim_matches(['"', '\''])),
        _ => None,
    });
    let is_absolute = |call: &Call| {
        let names = ["-o", "--output", "--target-dir", "--root"];
        made::option(call, &names).is_some_and(|path| path.starts_with('/'))
    };
    let calls = context.calls(stage.index, step.line);
    let mut compiles = calls.filter(|call| made::compiler(call).is_some()).peekable();
    first.map_or(begins_at_root, |dir| dir.starts_with('/'))
        || compiles.peek().is_some() && compiles.all(is_absolute)
}

/// The files and folders that a step compiles, where it does nothing else that an image keeps.
fn products(context: &Context<'_>, stage: &StageView<'_>, step: &Instruction<'_>) -> Option<Vec<String>> {
    let (vertex, exec, _) = context.execs(stage.index, step.line).into_iter().next()?;
    let sight = context.sight(vertex).filter(|sight| sight.outcome.is_complete)?;
    let dir = context.node.graph.text(exec.dir);
    let mut products: Vec<String> = Vec::new();
    for call in &sight.outcome.calls {
        if made::compiler(call).is_none() {
            if keeps_nothing(call) {
                continue;
            }
            return None;
        }
        let is_named = made::option(call, &["-o"]).is_some();
        for place in made::outputs(call) {
            let Place::At(place) = place else { return None };
            let product = if is_named {
                place
            } else {
                started_file(stage, dir).filter(|path| is_below(path, &place))?
            };
            if product == "/" || product == dir || product.contains([' ', '"', '$', '*']) {
                return None;
            }
            if !products.contains(&product) {
                products.push(product);
            }
        }
    }
    (!products.is_empty()).then_some(products)
}

/// Whether a call leaves nothing behind that an image needs besides what is compiled.
fn keeps_nothing(call: &Call) -> bool {
    const GO: [&str; 9] = ["mod", "work", "list", "clean", "version", "vet", "env", "fmt", "generate"];
    let first = made::plain(call).next();
    match call.program() {
        "go" => first.is_some_and(|verb| GO.contains(&verb)),
        "cargo" => matches!(first, Some("fetch" | "clean" | "check" | "clippy")),
        "cd" | "mkdir" | "set" | "rm" | "echo" | "printf" | "test" | "[" | "true" | "export" | "strip"
        | "date" | "git" | "touch" => true,
        _ => false,
    }
}

/// The file that a container of the image starts, where it is named by its path.
fn started_file(stage: &StageView<'_>, dir: &str) -> Option<String> {
    let start = packed::starts(stage).next()?;
    // A name with an ending is a script's.
    let first = started(start).filter(|first| first.contains('/') && !base(first).contains('.'))?;
    Some(if first.starts_with('/') { first.to_owned() } else { join(&[dir, first]) })
}
