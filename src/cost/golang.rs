//! What compiling programs of Go takes: their own packages, and the modules that these need.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::heavy::large_module;
use super::modules::megabytes;
use super::project::{Project, amount};
use super::size::Sized;
use super::sources::{Language, Sources};
use crate::context::{ManifestKind, Module, Named, Reached};

/// Core-seconds of a program of nothing, of a megabyte of the project's own sources, and of a megabyte of a vendored tree; the spread of
/// the logarithm.
///
/// Source: the fitted half of `tests/data/projects`.
const BASE: f64 = 4.5;
const OWN: f64 = 5.2;
const VENDORED: f64 = 2.2;
const SIGMA: f64 = 0.5;

/// Core-seconds of a megabyte of a module that can be compiled on Linux, and of a module of which nothing is known.
///
/// Source: of what vendored trees hold 77 % can be, and a module that is not large has 71 kB of it (`tests/data/projects/modules.py`). Not all
/// modules that a `go.mod` names are compiled, some are for tests: the builds of `tests/data/published` are told best with no more for
/// such a megabyte than for one of a tree.
const COMPILED: f64 = VENDORED;
const MODULE: f64 = 0.071 * COMPILED;

/// What a program with dependencies, its own or vendored, compiles of the standard library besides what every program does.
///
/// Source: a guess, of `net/http` and what it needs beside tsv go-hello-build.
const LIBRARY: f64 = 7.5;

/// The work of a command of Go's in a project of which something is known, run in a folder; `None` where the project tells nothing of it.
pub(super) fn go(project: &Project, place: &str, asked: &Asked<'_>) -> Option<Sized> {
    const KINDS: &[ManifestKind] = &[ManifestKind::GoSum];
    let Sources { own, vendored, .. } = project.sources(Language::Go);
    let named = project.packages(ManifestKind::GoSum, place);
    // Sources without a `go.sum` are a project without dependencies; a `go.sum` without sources is one that this step does not see, and
    // they are not there yet.
    if named.is_none() && own == 0 {
        return None;
    }
    let names = project.names(ManifestKind::GoSum, place);
    // Vendored modules are counted as what they are, not once more as what the `go.sum` names.
    let modules = match (vendored, names) {
        (0, []) => MODULE * named.map_or(0.0, f64::from),
        (0, names) => names.iter().map(|named| module(&named.name)).sum(),
        _ => VENDORED * vendored as f64 / 1e6,
    };
    let part = project.part_of_go(place, asked);
    let (bytes, modules) = part.map_or((own, modules), |part| (part.bytes.min(own), part.share * modules));
    let dependencies = if modules > 0.0 { modules + LIBRARY } else { 0.0 };
    Some(Sized {
        cpu: BASE + OWN * bytes as f64 / 1e6 + dependencies,
        dependencies,
        network: None,
        wait: 0.0,
        serial: None,
        sigma: SIGMA,
        rests_on: match part {
            Some(Part { modules, .. }) => {
                let all = project.describe(KINDS, &[], place);
                format!("about {modules:.0} of {all}, {}", amount(bytes, Language::Go))
            }
            None => project.describe(KINDS, &[Language::Go], place),
        },
    })
}

/// Core-seconds of a module by its name.
fn module(name: &str) -> f64 {
    megabytes(name).or_else(|| large_module(name)).map_or(MODULE, |size| COMPILED * size)
}

/// What a program compiles of its project and of others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    /// Bytes of the project's own sources.
    bytes: u64,
    /// How many modules of others.
    modules: f64,
    /// Their work beside that of all modules that the project asks for.
    share: f64,
}

impl Part {
    /// Of a program, by what its own packages import. What those modules need besides is known of all that the project asks for
    /// together: the program is taken to need as much of it as of what the project's own packages import.
    pub(super) fn new(names: &[Named], module_of: &Module, reached: &Reached<'_>) -> Self {
        let is_direct = |name: &str| module_of.direct.contains(name);
        let names: BTreeSet<&str> = names.iter().map(|named| &*named.name).collect();
        let sum = |takes: &dyn Fn(&str) -> bool| {
            let taken = names.iter().filter(|name| takes(name));
            taken.fold((0.0, 0.0), |(cpu, modules), name| (cpu + module(name), modules + 1.0))
        };
        let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 1.0 };
        let (direct, _) = sum(&is_direct);
        let (used, modules) = sum(&|name| is_direct(name) && reached.modules.contains(name));
        let (besides, more) = sum(&|name| !is_direct(name));
        let of_direct = ratio(used, direct);
        Self {
            bytes: reached.bytes,
            modules: modules + of_direct * more,
            share: ratio(used + of_direct * besides, direct + besides),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Manifests;

    #[test]
    fn a_program_needs_what_its_imports_need() {
        let text = "module m\n\ngo 1.22\n\nrequire (\n\ta.b/c v1\n\td.e/f v1\n\tg.h/i v1 // indirect\n\tk8s.io/api v1 // indirect\n)\n";
        let sums = "a.b/c v1 h1:x=\nd.e/f v1 h1:x=\ng.h/i v1 h1:x=\nk8s.io/api v1 h1:x=\n";
        let manifests = Manifests::read([("go.mod", text), ("go.sum", sums)]);
        let of = |modules: &[&'static str]| {
            let reached = Reached { bytes: 9, modules: modules.iter().copied().collect() };
            Part::new(manifests.names("go.sum").unwrap(), manifests.module("go.sum").unwrap(), &reached)
        };
        let (none, half, all) = (of(&[]), of(&["a.b/c"]), of(&["a.b/c", "d.e/f"]));
        assert_eq!((none.modules, half.modules, all.modules), (0.0, 2.0, 4.0));
        let is = |part: Part, share: f64| (part.share - share).abs() < 1e-9;
        assert!(is(none, 0.0) && is(half, 0.5) && is(all, 1.0) && none.bytes == 9);
    }
}
