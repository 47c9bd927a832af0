//! A call of a builder that was simulated.

use std::sync::Arc;

use super::cache::Found;
use super::machine::{Runner, runner};
use super::price::{BuildTime, Pricer, Samples, median, times};
use super::{change, request};
use crate::analysis::{Build, NodeAnalysis};
use crate::builds::Definition;
use crate::diagnostic::Price;
use crate::graph::emulate::Execution;
use crate::pricing::{Cache, Contexts, Exported, layers_of_images};
use crate::units::Nanos;

/// The time of a call of a builder that has run all of it before. Source: `DEFAULT_OVERHEAD_S` of the pricing of builds.
const REPEATED: Nanos = Nanos(100_000_000);

/// The most contexts of a repository that are looked at.
const MAX_FOLDERS: usize = 1_000;

/// A call of a builder, simulated from nothing.
#[derive(Debug)]
pub struct Known {
    build: Build,
    /// On what.
    pub runner: Runner,
    /// What it costs.
    pub price: Price,
    /// Arguments of which the value is not known, left at their defaults.
    pub doubts: Vec<String>,
    /// What a change of sources touches.
    changed: Vec<String>,
    pub(super) contexts: Contexts,
    pub(super) cold: Samples,
}

impl Known {
    /// The build.
    pub fn build(&self) -> &Build {
        &self.build
    }

    /// The time where all of it was run before on the same builder: as good as none.
    pub(super) fn repeated(&self) -> BuildTime {
        let nothing: Samples = [REPEATED].into();
        BuildTime {
            runner: self.runner.clone(),
            times: times(&nothing, &nothing, None),
            price: Price { makespan: Some(REPEATED), ..Price::default() },
            found: Found::Here,
            doubts: self.doubts.clone(),
            cold: nothing.clone(),
            again: nothing,
        }
    }

    fn nodes(&self) -> &[NodeAnalysis] {
        self.build.outcome().map_or(&[], |analysis| &analysis.nodes)
    }

    /// Commands that are emulated for platforms of an architecture.
    pub fn emulated(&self, architecture: &str) -> usize {
        let of_node = |node: &NodeAnalysis| {
            let is_emulated = |at| {
                node.execution(at) == Some(Execution::Emulated)
                    && node.guest(at).is_some_and(|guest| &*guest.architecture == architecture)
            };
            node.graph.vertices().filter(|(at, _)| is_emulated(*at)).count()
        };
        self.nodes().iter().map(of_node).sum()
    }

    /// Commands whose layers are in no image that is built.
    pub fn commands_beside_layers(&self) -> usize {
        let of_node = |node: &NodeAnalysis| {
            let is_layer = layers_of_images(node);
            let beside = node.graph.vertices().filter(|(at, _)| !is_layer[at.index()]);
            beside.filter(|(at, _)| node.execution(*at).is_some()).count()
        };
        self.nodes().iter().map(of_node).sum()
    }

    /// What a builder finds after a change of sources. Cache mounts are never exported.
    pub(super) fn warm(&self, exported: Option<Exported>) -> Cache {
        Cache {
            is_warm: true,
            changed: self.changed.clone(),
            mounts_are_full: exported.is_none(),
            exported,
            ..Cache::default()
        }
    }
}

impl Pricer<'_> {
    pub(super) fn simulated(&self, definitions: &[&Definition]) -> Result<Known, String> {
        let first = definitions.first().ok_or("nothing is built")?;
        let runner = if let Some(machine) = &self.machine {
            Runner { machine: machine.clone(), assumed: None, is_new: true, is_standard: false }
        } else {
            let label = first.runner.as_ref();
            let label = label.map(|label| label.value().ok_or_else(|| format!("its runner, {label}")));
            runner(label.transpose()?, first.tool, first.builder, first.qemu)?
        };
        let mut doubts = Vec::new();
        let request = request::request(self.repo, definitions, &runner.machine, &mut doubts)?;
        doubts.sort_unstable();
        doubts.dedup();
        let build = Build::of(request);
        let analysis = build.outcome();
        let analysis =
            analysis.map_err(|refused| format!("it cannot be built: {}", refused.refusal.error.message))?;
        let mut count = Price::default();
        for node in &analysis.nodes {
            let summary = node.summary();
            if summary.unsupported > 0 {
                return Err("what runs on another platform: nothing emulates it there".to_owned());
            }
            count.emulated += summary.emulated + summary.mixed;
            count.commands += summary.commands;
            count.vertices += summary.vertices;
        }
        let contexts = self.contexts(&build);
        let folder = first.context.value().unwrap_or(".");
        let is_file = |path: &str| {
            let path = if folder == "." { path.to_owned() } else { format!("{folder}/{path}") };
            self.repo.has_file(&path)
        };
        let changed = change::of_sources(analysis, is_file);
        let cold = self.run(analysis, &runner.machine, Cache::default(), &contexts)?;
        let price = Price { makespan: Some(median(&cold)), ..count };
        Ok(Known { build, runner, price, doubts, changed, contexts, cold })
    }

    /// What is known of the contexts of a build.
    fn contexts(&self, build: &Build) -> Contexts {
        let mut contexts = Contexts::default();
        let builds = build.nodes().iter().flat_map(|node| &node.builds);
        for local in builds.filter_map(|own| own.inputs.context.as_ref()) {
            let look = || (self.look)(local).map(Arc::new);
            let mut folders = self.folders.borrow_mut();
            let is_known = folders.contains_key(local);
            if is_known || folders.len() < MAX_FOLDERS {
                let found = folders.entry(local.clone()).or_insert_with(look);
                if let Some(context) = found {
                    contexts.add(local, Arc::clone(context));
                }
            }
        }
        contexts
    }
}
