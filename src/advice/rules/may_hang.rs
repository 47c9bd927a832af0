//! Steps that are known to hang or crash under emulation.

use crate::advice::facts::context::Context;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::graph::emulate::Execution;
use crate::ids::StageIx;
use crate::shell::SimpleCommand;

/// The rule.
pub const RULE: Rule = Rule {
    code: "may-hang",
    severity: Severity::Note,
    summary: "a step that is known to hang or crash under emulation",
    doc: Some(Doc {
        what: "Finds emulated steps of kinds that people report to hang or crash under QEMU; `src/advice/rules/may_hang.rs` \
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
    }),
    ..Rule::PLAIN
};

/// A kind of step that people report to hang or crash under QEMU's user mode.
#[derive(Debug)]
struct Known {
    program: &'static str,
    /// It is one of these that makes the step; none for any.
    arguments: &'static [&'static str],
    /// Architectures of the guest; none for any.
    architectures: &'static [&'static str],
    /// Versions of the stage's image.
    images: Images,
    what: &'static str,
    /// The report.
    source: &'static str,
}

/// On which images a step does so.
#[derive(Debug, Clone, Copy)]
enum Images {
    Any,
    /// On an image of this name from this version on.
    From(&'static str, u32),
    /// On an image of this name before this version.
    Before(&'static str, u32, u32),
    /// On images whose names hold one of these.
    Named(&'static [&'static str]),
}

impl Images {
    fn hold(self, image: &str) -> bool {
        let version = |name: &str| {
            let (repository, tag) = image.split_once(':').unwrap_or((image, "latest"));
            let is_it = repository.rsplit('/').next() == Some(name);
            let mut numbers = tag.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
            is_it.then(|| (numbers.next().unwrap_or(u32::MAX), numbers.next().unwrap_or(u32::MAX)))
        };
        match self {
            Self::Any => true,
            Self::From(name, least) => version(name).is_some_and(|(major, _)| major >= least),
            Self::Before(name, major, minor) => version(name).is_some_and(|known| known < (major, minor)),
            Self::Named(words) => words.iter().any(|word| image.contains(word)),
        }
    }
}

const GRADLE: Known = Known {
    program: "gradle",
    arguments: &[],
    architectures: &[],
    images: Images::Any,
    what: "Gradle hangs",
    source: "https://github.com/docker/setup-qemu-action/issues/42",
};

/// Since Erlang 24 on amd64 and 25 on arm64. Told `+JMsingle true` or `+JPperf true`, it keeps to what QEMU stands.
const ERLANG: Known = Known {
    program: "mix",
    arguments: &[],
    architectures: &["amd64", "arm64"],
    images: Images::Any,
    what: "the compiler of Erlang's machine crashes with a segmentation fault, but for `ERL_FLAGS=\"+JMsingle true\"`,",
    source: "https://github.com/hexpm/bob/issues/117",
};

const KNOWN: &[Known] = &[
    Known {
        program: "dotnet",
        arguments: &[],
        architectures: &[],
        images: Images::Any,
        what: ".NET is not supported under QEMU, and often hangs or crashes",
        source: "https://github.com/dotnet/dotnet-docker/issues/5355",
    },
    Known {
        program: "pwsh",
        arguments: &[],
        architectures: &[],
        images: Images::Any,
        what: "PowerShell, a program of .NET, crashes with a segmentation fault",
        source: "https://github.com/docker/buildx/issues/1422",
    },
    Known {
        program: "npm",
        arguments: &["ci", "install", "i"],
        architectures: &["arm", "s390x"],
        images: Images::Any,
        what: "npm hangs",
        source: "https://github.com/nodejs/docker-node/issues/2077",
    },
    Known {
        program: "npm",
        arguments: &["ci"],
        architectures: &["arm64"],
        images: Images::Any,
        what: "npm ci crashes with an illegal instruction, then hangs, now and then",
        source: "https://github.com/RackulaLives/Rackula/issues/2707",
    },
    Known {
        program: "npm",
        arguments: &["install", "i"],
        architectures: &["arm64"],
        images: Images::From("node", 22),
        what: "npm crashes with an illegal instruction on Node 22 and later",
        source: "https://github.com/Kuadrant/mcp-gateway/issues/687",
    },
    Known {
        program: "yarn",
        arguments: &[],
        architectures: &["arm"],
        images: Images::Any,
        what: "yarn hangs",
        source: "https://github.com/docker/build-push-action/issues/1071",
    },
    Known {
        program: "pnpm",
        arguments: &["install", "i", "add", "fetch"],
        architectures: &["arm64"],
        images: Images::From("node", 22),
        what: "pnpm hangs on Node 22 and later",
        source: "https://github.com/anefzaoui/minecraft-server-manager/issues/20",
    },
    Known {
        program: "yarn",
        arguments: &[],
        architectures: &["arm64"],
        images: Images::From("node", 22),
        what: "yarn crashes with an illegal instruction on Node 22 and later",
        source: "https://github.com/TryGhost/ActivityPub/issues/1913",
    },
    Known {
        program: "cargo",
        arguments: &["build", "install", "fetch"],
        architectures: &[],
        images: Images::Before("rust", 1, 70),
        what: "cargo before 1.70 is killed for want of memory while it updates its index",
        source: "https://github.com/rust-lang/cargo/issues/10583",
    },
    Known {
        program: "apt-get",
        arguments: &["install"],
        architectures: &["arm64"],
        images: Images::Named(&[
            "bullseye",
            "buster",
            "focal",
            "bionic",
            "ubuntu:20.04",
            "ubuntu:18.04",
            "debian:11",
            "debian:10",
        ]),
        what: "ldconfig crashes in the trigger of libc-bin",
        source: "https://github.com/docker/buildx/issues/1170",
    },
    GRADLE,
    Known { program: "gradlew", ..GRADLE },
    ERLANG,
    Known { program: "rebar3", ..ERLANG },
];

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let text = context.text();
    let occurs = |known: &&Known| text.contains(known.program);
    let known: Vec<&Known> = KNOWN.iter().filter(occurs).collect();
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
            let image = context.root(stage).from.base.text;
            let near = known.iter().filter(|known| {
                raw.contains(known.program)
                    && known.images.hold(image)
                    && (known.architectures.is_empty()
                        || known.architectures.iter().any(|name| **name == *platform.architecture))
            });
            let commands = context.commands(instruction);
            let keeps_apart = |flags: &str| flags.contains("+JMsingle") || flags.contains("+JPperf");
            let of_image = |name: &str| context.node.graph.variable(exec.env, name).is_some_and(keeps_apart);
            let is_told =
                keeps_apart(raw) || ["ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS"].into_iter().any(of_image);
            let hit = near
                .into_iter()
                .filter(|known| !(is_told && known.source == ERLANG.source))
                .find(|known| commands.iter().any(|command| is(command, known)));
            if let Some(known) = hit {
                let message = format!("{} under emulation, as for {}", known.what, platform.short());
                let help = format!(
                    "Run it on the machine's own platform, in a stage pinned with `--platform=$BUILDPLATFORM`, or on a \
                     native node. Reported in {}.",
                    known.source
                );
                findings.push(context.diagnostic(&RULE, Some(stage), instruction, message, help));
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
    fn every_known_step_names_its_report() {
        assert!(KNOWN.len() >= 4);
        for known in KNOWN {
            assert!(known.source.starts_with("https://github.com/"), "{known:?}");
        }
    }
}
