//! What a file says of an image besides its files: commands, variables, labels, users, ports.
//!
//! It makes no vertex, so [`equivalence`](super::equivalence) does not see it; here it is compared as written, with the variables
//! that were known where it stands.

use foldhash::HashSet;

use crate::advice::facts::context::{StageView, stages};
use crate::advice::facts::variables::variables;
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
