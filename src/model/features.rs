//! Parts of the language that older frontends do not know.
//!
//! The versions are those of BuildKit's tags `dockerfile/1.x.0`: the first whose `frontend/dockerfile` reads the part, in
//! the build tags of `release/mainline` and of `release/labs` (before 1.2: `release/experimental`).

use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::{Copy, Instruction, Kind, Mount};
use crate::source::{Line, Span};

/// A part of the language with the minor versions of frontend 1 that know it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feature {
    /// What it is called.
    pub(crate) name: &'static str,
    /// On the stable channel; `None` where no version does so far.
    pub(crate) stable: Option<u32>,
    /// On the `labs` channel.
    pub(crate) labs: u32,
}

const fn feature(name: &'static str, stable: u32, labs: u32) -> Feature {
    Feature { name, stable: Some(stable), labs }
}

const MOUNT: Feature = feature("RUN --mount", 2, 0);
const NETWORK: Feature = feature("RUN --network", 3, 1);
const SECURITY: Feature = feature("RUN --security", 20, 1);
const DEVICE: Feature = Feature { name: "RUN --device", stable: None, labs: 14 };
const SECRET_ENV: Feature = feature("a secret as a variable", 10, 10);
const CHMOD: Feature = feature("--chmod", 2, 2);
const SYMBOLIC_CHMOD: Feature = feature("--chmod with letters", 14, 14);
const LINK: Feature = feature("--link", 4, 4);
const PARENTS: Feature = feature("COPY --parents", 20, 7);
const EXCLUDE: Feature = feature("--exclude", 19, 7);
const CHECKSUM: Feature = feature("ADD --checksum", 6, 5);
const KEEP_GIT_DIR: Feature = feature("ADD --keep-git-dir", 6, 5);
const UNPACK: Feature = feature("ADD --unpack", 17, 17);
const START_INTERVAL: Feature = feature("HEALTHCHECK --start-interval", 6, 6);
const HEREDOC: Feature = feature("an inline document", 4, 3);
const REPLACEMENT: Feature = feature("${name#pattern} and ${name/pattern/text}", 7, 7);
const TARGETSTAGE: Feature = feature("ARG TARGETSTAGE", 11, 11);
const ONBUILD_FROM: Feature = feature("ONBUILD with files of another stage", 11, 11);

/// Each feature that a file uses, at its first place.
pub(crate) fn used(file: &Dockerfile<'_>) -> Vec<(Feature, Line, Span)> {
    let mut used: Vec<(Feature, Line, Span)> = Vec::new();
    for instruction in &file.instructions {
        of_instruction(instruction, &mut |feature, span| {
            if !used.iter().any(|(known, ..)| *known == feature) {
                used.push((feature, instruction.line, span));
            }
        });
    }
    used
}

fn of_instruction(instruction: &Instruction<'_>, add: &mut impl FnMut(Feature, Span)) {
    for flag in instruction.flags {
        let by_flag = match flag.name {
            "mount" => Some(MOUNT),
            "network" => Some(NETWORK),
            "security" => Some(SECURITY),
            "device" => Some(DEVICE),
            "chmod" => Some(CHMOD),
            "link" => Some(LINK),
            "parents" => Some(PARENTS),
            "exclude" => Some(EXCLUDE),
            "checksum" => Some(CHECKSUM),
            "keep-git-dir" => Some(KEEP_GIT_DIR),
            "unpack" => Some(UNPACK),
            "start-interval" => Some(START_INTERVAL),
            _ => None,
        };
        if let Some(feature) = by_flag {
            add(feature, flag.span);
        }
    }
    if !instruction.heredocs.is_empty() {
        add(HEREDOC, instruction.arguments.span);
    }
    match &instruction.kind {
        Kind::Arg(args) => {
            if let Some(arg) = args.iter().find(|arg| arg.name.text == "TARGETSTAGE") {
                add(TARGETSTAGE, arg.name.span);
            }
        }
        Kind::Copy(copy) | Kind::Add(copy) if is_symbolic(copy) => {
            add(SYMBOLIC_CHMOD, instruction.arguments.span);
        }
        Kind::Run(run) => {
            if let Some(mount) = run.mounts.iter().find(|mount| is_secret_variable(mount)) {
                add(SECRET_ENV, mount.span);
            }
        }
        Kind::Onbuild(onbuild) => {
            let takes = onbuild.trigger.as_ref().is_ok_and(|trigger| match &trigger.kind {
                Kind::Copy(copy) => copy.from.is_some(),
                Kind::Run(run) => run.mounts.iter().any(|mount| mount.from.is_some()),
                _ => false,
            });
            if takes {
                add(ONBUILD_FROM, instruction.arguments.span);
            }
        }
        _ => {}
    }
    let expands = !matches!(
        instruction.kind,
        Kind::Run(_)
            | Kind::Cmd(_)
            | Kind::Entrypoint(_)
            | Kind::Shell(_)
            | Kind::Healthcheck
            | Kind::Onbuild(_)
    );
    if expands && has_replacement(instruction.arguments.text) {
        add(REPLACEMENT, instruction.arguments.span);
    }
}

fn is_symbolic(copy: &Copy<'_>) -> bool {
    !copy.chmod.contains('$') && copy.chmod.bytes().any(|byte| !byte.is_ascii_digit())
}

fn is_secret_variable(mount: &Mount<'_>) -> bool {
    let has = |key: &str, value: Option<&str>| {
        mount.options.iter().any(|option| option.key == key && (value.is_none() || option.value == value))
    };
    has("type", Some("secret")) && has("env", None)
}

/// Whether a word has `${name` followed by `#`, `%` or `/`.
fn has_replacement(text: &str) -> bool {
    text.match_indices("${").any(|(at, _)| {
        let rest =
            text[at + 2..].trim_start_matches(|char: char| char.is_ascii_alphanumeric() || char == '_');
        rest.len() < text.len() - at - 2 && rest.starts_with(['#', '%', '/'])
    })
}
