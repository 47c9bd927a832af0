//! What compiling modules of Go takes, and which of them a program needs.

use std::collections::BTreeSet;

use super::heavy::large_module;
use super::modules::megabytes;
use crate::context::{Module, Named, Reached};

/// Core-seconds of a module of which nothing is known, and of a megabyte of one.
pub(super) const MODULE: f64 = 0.17;
pub(super) const MEGABYTE: f64 = 2.2;

/// Core-seconds of a module by its name.
pub(super) fn module(name: &str) -> f64 {
    megabytes(name).or_else(|| large_module(name)).map_or(MODULE, |size| MEGABYTE * size)
}

/// What a program compiles of its project and of others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    /// Bytes of the project's own sources.
    pub(super) bytes: u64,
    /// Core-seconds of the modules of others.
    pub(super) modules_cpu: f64,
    /// How many these are.
    pub(super) modules: f64,
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
        let (direct, _) = sum(&is_direct);
        let (used, modules) = sum(&|name| is_direct(name) && reached.modules.contains(name));
        let (besides, more) = sum(&|name| !is_direct(name));
        let share = if direct > 0.0 { used / direct } else { 1.0 };
        Self { bytes: reached.bytes, modules_cpu: used + share * besides, modules: modules + share * more }
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
        let usual = 3.0 * MODULE + module("k8s.io/api");
        assert!((all.modules_cpu - usual).abs() < 1e-9 && (half.modules_cpu - usual / 2.0).abs() < 1e-9);
        assert_eq!((none.modules_cpu, none.bytes), (0.0, 9));
    }
}
