//! The same work in several stages.

use crate::advice::facts::context::Context;
use crate::advice::facts::tools;
use crate::diagnostic::{Diagnostic, Doc, Label, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::vertex::Exec;
use crate::ids::StageIx;

/// The rule.
pub const RULE: Rule = Rule {
    code: "duplicate-steps-across-stages",
    severity: Severity::Note,
    summary: "stages on the same image do the same work, each for itself",
    doc: Some(Doc {
        what: "Finds a step that installs, fetches or compiles, written in several stages on the same base image, which \
               are not one step because something before it differs.",
        why: "Equal steps on equal bases are one. One different line above them, if only a WORKDIR, makes \
              each stage do all of it. A stage of its own for what they have in common does it once.",
        before: "FROM debian:trixie AS a\nWORKDIR /a\nRUN apt-get update && apt-get install -y git\nRUN git clone x\n\
                 FROM debian:trixie AS b\nWORKDIR /b\nRUN apt-get update && apt-get install -y git\n\
                 COPY --from=a /a/x /x\n",
        after: "FROM debian:trixie AS common\nRUN apt-get update && apt-get install -y git\nFROM common AS a\nWORKDIR /a\n\
                RUN git clone x\nFROM common AS b\nWORKDIR /b\nCOPY --from=a /a/x /x\n",
        silent: "Steps that are one already, since all above them is equal too; stages on other images, \
                 platforms or with other variables.",
        no_fix: Some(
            "each stage would do the step first, before what stands above it now, and whether that is the same only the step itself knows.",
        ),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(&str, &str, StageIx, &Instruction<'_>)> = Vec::new();
    let stages: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in stages {
        let root = context.root(stage);
        let base = root.from.base.text;
        for instruction in context.stage(stage).body {
            if !matches!(instruction.kind, Kind::Run(_)) || instruction.arguments.text.len() < 16 {
                continue;
            }
            let text = instruction.arguments.text;
            let twin = seen.iter().find(|(known, image, other, _)| {
                *known == text && *image == base && *other != stage && context.root(*other).pin == root.pin
            });
            match twin {
                Some((_, _, other, first))
                    if is_work(context, instruction)
                        && differs(context, stage, instruction, *other, first) =>
                {
                    let message = format!("line {} does the same on the same image", first.line);
                    let help = "Put the step into a stage of its own, first thing on the image, and base both on it.";
                    let mut finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
                    finding.labels.push(Label { span: first.keyword.span, text: "the same here".into() });
                    findings.push(finding);
                }
                Some(_) => {}
                None => seen.push((text, base, stage, instruction)),
            }
        }
    }
}

/// Whether two instructions have no vertex in common although each has some.
fn differs(
    context: &Context<'_>,
    stage: StageIx,
    instruction: &Instruction<'_>,
    other: StageIx,
    first: &Instruction<'_>,
) -> bool {
    let own = context.execs(stage, instruction.line);
    let twin = context.execs(other, first.line);
    let common = own.iter().any(|(vertex, ..)| twin.iter().any(|(known, ..)| known == vertex));
    let together = own
        .iter()
        .any(|(.., targets)| twin.iter().any(|(.., known)| !known.intersection(*targets).is_empty()));
    let variables = |exec: &Exec| {
        let graph = &context.node.graph;
        let all = graph.variables(exec.env).into_iter();
        all.map(|v| (graph.text(v.key), graph.text(v.value))).collect::<Vec<_>>()
    };
    // What is told something else may well do something else.
    let alike = |a: &Exec| twin.iter().any(|(_, b, _)| variables(a) == variables(b));
    !own.is_empty() && !common && together && own.iter().any(|(_, exec, _)| alike(exec))
}

fn is_work<'c>(context: &Context<'c>, instruction: &'c Instruction<'c>) -> bool {
    let commands = context.commands(instruction);
    commands
        .iter()
        .any(|c| tools::is_package_manager(c) || tools::compiler(c).is_some() || tools::fetch(c).is_some())
}
