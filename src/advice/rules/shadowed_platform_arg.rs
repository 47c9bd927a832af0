//! A default that hides an automatic platform argument.

use crate::advice::facts::context::Context;
use crate::advice::facts::tools::{self, Reads};
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Arg, Instruction, Kind};
use crate::ids::StageIx;
use crate::model::platform::Platform;
use crate::shell::SimpleCommand;
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "shadowed-platform-arg",
    severity: Severity::Error,
    summary: "a default hides the automatic platform argument, so every platform gets the same value",
    doc: Some(Doc {
        what: "Finds `ARG TARGETARCH=amd64` and its like, in a stage or before the first FROM, where the default is \
               not what the platform that is built would have; likewise of BUILDPLATFORM and the machine that builds.",
        why: "BuildKit takes an argument's own default before the automatic value. The stage is then the same for \
              all platforms, runs once, looks wonderfully fast, and puts one architecture into every image.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nARG TARGETARCH=amd64\n\
                 RUN GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nARG TARGETARCH\n\
                RUN GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        silent: "A default that every target has anyway; an argument that `--build-arg` sets; arguments of other names. Where nothing reads \
                 it, there is a note.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let mut stage: Option<StageIx> = None;
    for instruction in &context.file.instructions {
        match &instruction.kind {
            Kind::From(_) => stage = Some(stage.map_or(StageIx::new(0), |at| StageIx::new(at.index() + 1))),
            Kind::Arg(args) => {
                let needed = stage.is_none_or(|stage| !context.stage(stage).reachable.is_empty());
                for arg in args.iter().filter(|_| needed) {
                    findings.extend(shadowed(context, stage, instruction, arg));
                }
            }
            _ => {}
        }
    }
}

/// The value that an automatic argument has for a target, or on a machine that builds.
fn automatic(name: &str, platform: &Platform) -> Option<String> {
    Some(match name.strip_prefix("TARGET").or_else(|| name.strip_prefix("BUILD"))? {
        "PLATFORM" => platform.short(),
        "OS" => platform.os.to_string(),
        "ARCH" => platform.architecture.to_string(),
        "VARIANT" => platform.variant.to_string(),
        _ => return None,
    })
}

fn shadowed(
    context: &Context<'_>,
    stage: Option<StageIx>,
    instruction: &Instruction<'_>,
    arg: &Arg<'_>,
) -> Option<Diagnostic> {
    let default = arg.default?;
    let name = arg.name.text;
    if context.inputs.build_args.contains_key(name) {
        return None;
    }
    let text = default.text.trim_matches(['"', '\'']);
    let value = match stage {
        _ if !text.contains('$') => text,
        // In a stage `${TARGETARCH:-amd64}` sees no automatic value; before the first FROM it does.
        Some(_) => text.strip_prefix("${")?.strip_prefix(name)?.strip_prefix(":-")?.strip_suffix('}')?,
        None => return None,
    };
    let graph = &context.node.graph;
    let hides = |platform: &&Platform| automatic(name, platform).is_some_and(|own| own != value);
    // What is said of the machine changes no image where the compilers are told the target.
    let of_machine = name.starts_with("BUILD");
    let own = std::slice::from_ref(graph.build_platform());
    let first = if of_machine { own } else { graph.targets() }.iter().find(hides)?;
    let message = if of_machine {
        format!("{name} is {value:?} on every machine that builds, also on {}", first.short())
    } else {
        format!("{name} is {value:?} for every platform, also for {}", first.short())
    };
    let help = format!(
        "Write `ARG {name}`: BuildKit gives it a value for each platform, and a default of its own hides that value."
    );
    let fix = Fix {
        description: format!("take out the default of {name}"),
        edits: vec![Edit::delete(Span::new(arg.name.span.end, default.span.end))],
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Value(name.to_owned()), Allowed::Repair],
    };
    let span = arg.name.span.to(default.span);
    let finding = context.diagnostic(&RULE, stage, instruction, message, help).span(span).fixed(Some(fix));
    let is_idle = stage.is_some_and(|stage| !is_read(context, stage, instruction, name));
    let severity = match (is_idle, of_machine) {
        (true, _) => Severity::Note,
        (false, true) => Severity::Warning,
        _ => RULE.severity,
    };
    Some(Diagnostic { severity, ..finding })
}

/// How many instructions behind an argument are looked through for one that reads it.
const LATER: usize = 100;

/// Whether something behind an argument names it, or may look at it out of sight: in its stage, or in those that stand on it.
fn is_read<'c>(context: &Context<'c>, stage: StageIx, argument: &Instruction<'_>, name: &str) -> bool {
    // Python's and the distribution's own programs read no such variable; what belongs to the project may.
    let is_of_others = |command: &SimpleCommand<'_>| {
        let name = command.base_name();
        let activates =
            matches!(name, "." | "source") && command.args.iter().any(|arg| arg.ends_with("/activate"));
        activates
            || name.starts_with("pip")
            || name.starts_with("python") && command.args.first().is_some_and(|arg| arg == "-m")
    };
    let reads = |instruction: &'c Instruction<'c>| {
        let is_run = matches!(instruction.kind, Kind::Run(_));
        context.raw(instruction).contains(name)
            || is_run
                && context
                    .commands(instruction)
                    .iter()
                    .any(|command| !is_of_others(command) && tools::reads(command, name) == Reads::Perhaps)
    };
    let mut heirs = vec![stage];
    let (mut at, mut looked) = (0, 0);
    while let Some(&heir) = heirs.get(at) {
        at += 1;
        let later = context.stage(heir).body.iter().filter(|other| other.line > argument.line);
        looked += later.clone().take(LATER).count();
        // What is not looked at may read it.
        if looked >= LATER || later.take(LATER).any(reads) {
            return true;
        }
        let children = context.children(heir).map(|child| child.index);
        let new: Vec<StageIx> = children.filter(|child| !heirs.contains(child)).collect();
        heirs.extend(new);
    }
    false
}
