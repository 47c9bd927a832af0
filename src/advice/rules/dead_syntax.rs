//! What BuildKit accepts and does nothing with.

use crate::advice::facts::binary;
use crate::advice::facts::context::Context;
use crate::advice::facts::text_ranges;
use crate::advice::facts::variables::PLATFORM_ARGS;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind, Run};
use crate::ids::StageIx;
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "dead-syntax",
    severity: Severity::Note,
    summary: "something is written that has no effect",
    doc: Some(Doc {
        what: "Finds `~` in mount targets and destinations, which nothing expands; a mount on a RUN that does nothing; \
               and a platform argument that nothing reads.",
        why: "Who wrote it counts on it: `target=~/.npm` is a folder called `~` in the working directory, and what npm \
              caches in /root/.npm is lost. A mount is there for its own RUN only.",
        before: "FROM debian:trixie\nARG TARGETARCH\nRUN apt-get update && apt-get install -y git\n",
        after: "FROM debian:trixie\nRUN apt-get update && apt-get install -y git\n",
        silent: "An argument above a script that may read it out of sight; a path that begins with a name and a tilde.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let stages: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in stages {
        for instruction in context.stage(stage).body {
            match &instruction.kind {
                Kind::Run(run) => mounts(context, stage, instruction, run, findings),
                Kind::Copy(copy) | Kind::Add(copy)
                    if copy.destination.text.starts_with("~/") || copy.destination.text == "~" =>
                {
                    let message = "`~` is not expanded: the files go into a folder of that name";
                    let help = "Write the path out, such as /root.";
                    let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
                    findings.push(finding.span(copy.destination.span));
                }
                Kind::Arg(_) => findings.extend(unused(context, stage, instruction)),
                _ => {}
            }
        }
    }
}

fn mounts<'c>(
    context: &Context<'c>,
    stage: StageIx,
    instruction: &'c Instruction<'c>,
    run: &Run<'c>,
    findings: &mut Vec<Diagnostic>,
) {
    for mount in run.mounts {
        let value = |keys: &[&str]| {
            mount.options.iter().find(|option| keys.contains(&option.key)).and_then(|option| option.value)
        };
        let target = value(&["target", "dst", "destination"]).unwrap_or_default();
        if target.starts_with('~') {
            let message = format!("`~` is not expanded: the mount is at a folder called {target}");
            let finding = context.diagnostic(
                &RULE,
                Some(stage),
                instruction,
                message,
                "Write the path out, such as /root/.npm.",
            );
            findings.push(finding.span(mount.span));
        }
        // A mount from a stage has that stage built, which may be all that is wanted.
        let is_dead = value(&["type"])
            .is_some_and(|kind| matches!(kind, "tmpfs" | "cache" | "secret" | "ssh"))
            && does_nothing(context, instruction);
        if is_dead
            && findings.last().is_none_or(|last| last.rule != &RULE || last.line != Some(instruction.line))
        {
            let message = "the mount is there for this RUN only, which does nothing with it";
            let help = "Put the mount on the RUN that needs it.";
            findings
                .push(context.diagnostic(&RULE, Some(stage), instruction, message, help).span(mount.span));
        }
    }
}

/// Whether a RUN runs nothing but commands without effect.
fn does_nothing<'c>(context: &Context<'c>, instruction: &'c Instruction<'c>) -> bool {
    let text = instruction.arguments.text.trim();
    if text.len() > 120 || text.contains('>') {
        return false;
    }
    let commands = context.commands(instruction);
    text.is_empty()
        || !commands.is_empty() && commands.iter().all(|c| matches!(c.base_name(), "true" | ":" | "echo"))
}

/// An automatic argument that nothing below it reads.
fn unused(context: &Context<'_>, stage: StageIx, instruction: &Instruction<'_>) -> Option<Diagnostic> {
    let Kind::Arg(args) = &instruction.kind else { return None };
    let [arg] = args[..] else { return None };
    let name = arg.name.text;
    if !PLATFORM_ARGS.contains(&name)
        || arg.default.is_some()
        || is_read(context, stage, name, instruction.span)
    {
        return None;
    }
    let message = format!("nothing reads {name} here");
    let help = "Take the line out. It tells every RUN below it apart by platform.";
    let fix = Fix {
        description: format!("take out ARG {name}, which nothing reads"),
        edits: vec![Edit::delete(text_ranges::whole_lines(context.text(), instruction))],
        applicability: Applicability::Always,
        licence: vec![Allowed::Loses(name.to_owned())],
    };
    Some(context.diagnostic(&RULE, Some(stage), instruction, message, help).fixed(Some(fix)))
}

/// Whether something in a stage below `after`, or in a stage based on it, may read a variable.
fn is_read(context: &Context<'_>, stage: StageIx, name: &str, after: Span) -> bool {
    let body = context.stage(stage).body.iter().filter(|i| i.span.start > after.start);
    let read = body.into_iter().any(|instruction| {
        let mentioned = text_ranges::mentions(context.raw(instruction), name);
        mentioned || binary::may_read(context, stage, instruction, name)
    });
    let chosen =
        context.stages.iter().any(|other| other.parent.is_none() && other.from.base.text.contains('$'));
    let children: Vec<StageIx> = context.children(stage).map(|child| child.index).collect();
    read || chosen && context.stage(stage).name.is_some()
        || children.into_iter().any(|child| is_read(context, child, name, after))
}
