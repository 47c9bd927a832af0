//! Steps that are known to hang or crash under emulation.

use serde::Deserialize;

use super::super::context::Context;
use super::super::finding::Finding;
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::dockerfile::ast::Kind;
use crate::graph::emulate::Execution;
use crate::ids::StageIx;
use crate::shell::SimpleCommand;

/// The rule.
pub const RULE: Rule = Rule {
    code: "may-hang",
    severity: Severity::Note,
    summary: "a step that is known to hang or crash under emulation",
    build_check: None,
    is_about_time: false,
    doc: Doc {
        what: "Finds emulated steps of kinds that people report to hang or crash under QEMU; `src/advice/may-hang.toml` \
               lists them with their sources.",
        why: "Emulation is not only slow. Some programs use threads, signals or memory in ways that QEMU's user mode does \
              not stand, and then a build hangs until it is cancelled. No estimate of time shows that.",
        before: "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build\nCOPY . .\nRUN dotnet publish -o /app\n\
                 FROM mcr.microsoft.com/dotnet/aspnet:9.0\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:9.0 AS build\nCOPY . .\n\
                RUN dotnet publish -o /app\nFROM mcr.microsoft.com/dotnet/aspnet:9.0\nCOPY --from=build /app /app\n",
        silent: "The same steps where they are native.",
        no_fix: Some(
            "whether a step can run elsewhere is what emulated-compile is about; a hang depends on the machine.",
        ),
    },
    detect,
};

/// A kind of step with the people's word for it.
#[derive(Debug, Deserialize)]
struct Known {
    program: String,
    #[serde(default)]
    arguments: Vec<String>,
    #[serde(default)]
    architectures: Vec<String>,
    what: String,
    source: String,
}

#[derive(Debug, Deserialize)]
struct Table {
    step: Vec<Known>,
}

fn table() -> &'static [Known] {
    static TABLE: std::sync::LazyLock<Vec<Known>> = std::sync::LazyLock::new(|| {
        toml::from_str::<Table>(include_str!("../may-hang.toml")).map(|table| table.step).unwrap_or_default()
    });
    &TABLE
}

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let text = context.text().as_bytes();
    let known: Vec<&Known> = table()
        .iter()
        .filter(|known| memchr::memmem::find(text, known.program.as_bytes()).is_some())
        .collect();
    if known.is_empty() {
        return;
    }
    let stages: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in stages {
        for instruction in context.stage(stage).body.iter().filter(|i| matches!(i.kind, Kind::Run(_))) {
            let emulated = context
                .execs(stage, instruction.line)
                .into_iter()
                .find(|(vertex, ..)| context.node.execution(*vertex) == Some(Execution::Emulated));
            let Some((_, exec, _)) = emulated else { continue };
            let platform = context.node.graph.platform(exec.platform);
            let raw = context.raw(instruction);
            let near = known.iter().filter(|known| {
                raw.contains(&*known.program)
                    && (known.architectures.is_empty()
                        || known.architectures.iter().any(|name| **name == *platform.architecture))
            });
            let commands = context.commands(instruction);
            let hit = near.into_iter().find(|known| commands.iter().any(|command| is(command, known)));
            if let Some(known) = hit {
                let message = format!("{} under emulation, as for {}", known.what, platform.short());
                let help = format!(
                    "Run it on the machine's own platform, in a stage pinned with `--platform=$BUILDPLATFORM`, or on a \
                     native node. Reported in {}.",
                    known.source
                );
                findings.push(context.finding(&RULE, Some(stage), instruction, message, help));
            }
        }
    }
}

fn is(command: &SimpleCommand<'_>, known: &Known) -> bool {
    let argument =
        known.arguments.is_empty() || command.args.iter().any(|arg| known.arguments.iter().any(|k| k == arg));
    command.base_name() == known.program && argument
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_names_its_sources() {
        assert!(table().len() >= 4);
        assert!(table().iter().all(|known| known.source.contains('#') || known.source.starts_with("http")));
    }
}
