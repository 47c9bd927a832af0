//! Stages that no build of the file needs, as it stands.

use crate::advice::facts::context::Context;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity, nearest};
use crate::dockerfile::ast::{Instruction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    code: "unused-stage",
    severity: Severity::Note,
    summary: "nothing uses a stage, and it has no name to build it by",
    doc: Some(Doc {
        what: "Finds a stage without a name that nothing copies from, and a `--from=` that names an image where it means \
               a stage nothing uses.",
        why: "BuildKit does not build what the target does not need. A stage that cannot be asked for either is left over, \
              and a misspelt name pulls an image from a registry in its place.",
        before: "FROM golang:1.25 AS compile\nRUN go build -o /app .\nFROM scratch\nCOPY --from=compiler /app /app\n",
        after: "FROM golang:1.25 AS compile\nRUN go build -o /app .\nFROM scratch\nCOPY --from=compile /app /app\n",
        silent: "A stage with a name that nothing resembles: `--target` may ask for it.",
        no_fix: Some("the file does not say whether the stage or the name is the mistake."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let unused: Vec<_> = context.stages.iter().filter(|stage| stage.reachable.is_empty()).collect();
    if unused.is_empty() {
        return;
    }
    let names: Vec<&str> = unused.iter().filter_map(|stage| stage.name).collect();
    for stage in context.needed() {
        for instruction in stage.body {
            let Some(from) = image(instruction).filter(|from| context.stage_named(from).is_none()) else {
                continue;
            };
            // An image of several parts was hardly meant to be a stage.
            let plain = !from.contains([':', '/', '@', '.']);
            let Some(near) = nearest(from, names.iter().copied()).filter(|_| plain) else { continue };
            let message =
                format!("{from} is no stage, so an image of that name is pulled; the stage {near} is unused");
            let help = format!("Write `--from={near}`.");
            findings.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
        }
    }
    if context.inputs.stage.is_some() {
        return;
    }
    for stage in unused.iter().filter(|stage| stage.name.is_none()) {
        let used = context.stages.iter().any(|other| other.parent == Some(stage.index))
            || is_counted(context, stage.index.index());
        if !used {
            let message = "nothing uses this stage, and it has no name to build it by";
            let help = "Take it out, or give it a name.";
            findings.push(context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help));
        }
    }
}

fn image<'c>(instruction: &Instruction<'c>) -> Option<&'c str> {
    if let Kind::Copy(copy) = &instruction.kind { copy.from } else { None }
}

/// Whether a copy names a stage by its position.
fn is_counted(context: &Context<'_>, index: usize) -> bool {
    context.stages.iter().flat_map(|stage| stage.body).filter_map(image).any(|from| from.parse() == Ok(index))
}
