//! How much of what one build runs another one runs as well: what the first finds of a cache that the second wrote.

use super::cache::covers;
use super::machine::runner;
use super::price::{Pricer, identity};
use super::request;
use crate::analysis::Build;
use crate::budget;
use crate::builds::Definition;
use crate::sim::Machine;

/// How much of a build is in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// All of its commands.
    All,
    /// Some of them, or that is not known.
    Some,
    /// None.
    Nothing,
}

impl Pricer<'_> {
    /// How much of what `part` runs `whole` runs as well, for the same platforms and with the same arguments.
    pub fn overlap(&self, whole: &Definition, part: &Definition) -> Overlap {
        if covers(whole, part) {
            return Overlap::All;
        }
        let machines = (self.machine_of(whole), self.machine_of(part));
        let (Some(own), Some(other)) = machines else { return Overlap::Some };
        let native = |machine: &Machine| machine.nodes.first().map(|node| node.native.clone());
        let [a, b] = [("a", whole), ("b", part)].map(|(name, definition)| Definition {
            bake_target: Some(name.to_owned()),
            ..definition.clone()
        });
        let (all, apart) = (self.commands(&[&a], &own), self.commands(&[&b], &other));
        let both = if native(&own) == native(&other) {
            self.commands(&[&a, &b], &own)
        } else {
            // Commands for another platform are other commands.
            all.zip(apart).map(|(all, apart)| all + apart)
        };
        match (all, apart, both) {
            (Some(all), Some(_), Some(both)) if both == all => Overlap::All,
            (Some(all), Some(apart), Some(both)) if both == all + apart => Overlap::Nothing,
            _ => Overlap::Some,
        }
    }

    fn machine_of(&self, definition: &Definition) -> Option<Machine> {
        if let Some(machine) = &self.machine {
            return Some(machine.clone());
        }
        let label = match &definition.runner {
            Some(label) => Some(label.value()?),
            None => None,
        };
        Some(runner(label, definition.tool, definition.builder, definition.qemu).ok()?.machine)
    }

    /// How many commands builds run that a builder runs together; `None` where that is not known.
    fn commands(&self, definitions: &[&Definition], machine: &Machine) -> Option<usize> {
        let key = identity(definitions);
        if let Some(known) = self.counted.borrow().get(&key) {
            return *known;
        }
        let counted = || {
            let request = request::request(self.repo, definitions, machine, &mut Vec::new()).ok()?;
            let build = Build::of(request);
            let analysis = build.outcome().ok()?;
            Some(analysis.nodes.iter().map(|node| node.summary().commands).sum())
        };
        let count = if budget::exceeded().is_some() { None } else { counted() };
        self.counted.borrow_mut().insert(key, count);
        count
    }
}
