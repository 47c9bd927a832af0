//! What a file says of an image besides its files: commands, variables, labels, users, ports.
//!
//! It makes no vertex, so [`recipe`](super::recipe) does not see it; here it is compared as written, with the variables
//! that were known where it stands.

use foldhash::HashSet;

use super::context::{StageView, stages};
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::{Instruction, Keyword, Kind};
use crate::ids::StageIx;

/// An instruction that steers an image: keyword, text, and the variables in it that had been declared before.
pub(super) type Setting = (Keyword, String, Vec<String>);

/// The instructions that steer the images of a target stage.
pub(super) fn of(file: &Dockerfile<'_>, target: StageIx) -> Vec<Setting> {
    let stages = stages(file);
    let mut chain: Vec<&StageView<'_>> = Vec::new();
    let mut next = Some(target);
    while let Some(view) = next.and_then(|stage| stages.get(stage.index())) {
        chain.push(view);
        next = view.parent;
    }
    let mut declared: HashSet<&str> = HashSet::default();
    let mut found = Vec::new();
    for instruction in chain.iter().rev().flat_map(|view| view.body) {
        if let Some(keyword) = keyword(instruction) {
            let text = instruction.arguments.text;
            let known = variables(text).filter(|name| declared.contains(name)).map(str::to_owned).collect();
            found.push((keyword, text.to_owned(), known));
        }
        match &instruction.kind {
            Kind::Arg(args) => declared.extend(args.iter().map(|arg| arg.name.text)),
            Kind::Env(pairs) => declared.extend(pairs.iter().map(|pair| pair.key.text)),
            _ => {}
        }
    }
    found
}

fn keyword(instruction: &Instruction<'_>) -> Option<Keyword> {
    Some(match &instruction.kind {
        Kind::Env(_) => Keyword::Env,
        Kind::Label(_) => Keyword::Label,
        Kind::User(_) => Keyword::User,
        Kind::Shell(_) => Keyword::Shell,
        Kind::Expose(_) => Keyword::Expose,
        Kind::Volume(_) => Keyword::Volume,
        Kind::StopSignal(_) => Keyword::StopSignal,
        Kind::Onbuild(_) => Keyword::Onbuild,
        Kind::Cmd(_) => Keyword::Cmd,
        Kind::Entrypoint(_) => Keyword::Entrypoint,
        Kind::Healthcheck => Keyword::Healthcheck,
        Kind::Maintainer(_) => Keyword::Maintainer,
        Kind::Workdir(_) => Keyword::Workdir,
        _ => return None,
    })
}

/// The automatic arguments that say a platform: those of the target, then those of the machine that builds.
pub(super) const PLATFORM_ARGS: [&str; 8] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

/// The names behind each `$` of a text.
pub(super) fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    })
}
