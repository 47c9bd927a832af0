//! Lines to write, as edits: what a person would do with a recipe.

use crate::advice::facts::context::Context;
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Edit, Fix};
use crate::dockerfile::ast::Instruction;
use crate::ids::StageIx;

/// The change that writes the lines of a recipe for a step, where they leave nothing open.
pub(in crate::advice) fn patch(
    context: &Context<'_>,
    stage: StageIx,
    step: &Instruction<'_>,
    lines: &[String],
) -> Option<Fix> {
    edits(context, stage, step, lines).map(|edits| Fix {
        description: format!("write the recipe for line {}", step.line.0),
        edits,
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    })
}

/// The edits: what stands before the stage's `FROM`, the flag on it, and what takes the place of the step. `None` where the
/// recipe leaves something open, or the stage says a platform already that is none of the machine's.
fn edits(
    context: &Context<'_>,
    stage: StageIx,
    step: &Instruction<'_>,
    lines: &[String],
) -> Option<Vec<Edit>> {
    const TO_CHECK: &str = "# To check: what the step needs of the target besides its compiler.";
    let text = context.text();
    let root = context.root(stage);
    let is_from = |line: &&String| line.starts_with("FROM ");
    let own = lines.iter().rposition(|line| is_from(&line));
    let is_pinned = root.from.platform.is_some();
    // The last FROM is the stage's own, unless the stage is pinned and the recipe names only its helpers.
    let (before, after) = match own {
        Some(at) if is_pinned => lines.split_at(at + 1),
        Some(at) => (&lines[..at], &lines[at + 1..]),
        None => (&lines[..0], lines),
    };
    let is_open = lines.iter().any(|line| line.contains(" ..."));
    if lines.is_empty() || after.is_empty() || is_open || own.is_none() && !is_pinned {
        return None;
    }
    let mut edits = Vec::new();
    if !before.is_empty() {
        let at = text_ranges::before(text, root.instruction);
        edits.push(Edit::insert(at, before.join("\n") + "\n"));
    }
    if !is_pinned {
        edits.push(Edit::insert(root.instruction.keyword.span.end, " --platform=$BUILDPLATFORM"));
    }
    let mut span = text_ranges::whole_lines(text, step);
    span.start = text_ranges::line_start(text, step.span.start);
    span.end = text_ranges::line_end(text, step.span.end.max(span.start + 1) - 1);
    edits.push(Edit::replace(span, format!("{TO_CHECK}\n{}\n", after.join("\n"))));
    Some(edits)
}
