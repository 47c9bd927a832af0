//! A build that was logged, completed for learning from it: by its Dockerfile and by the order of its steps.

use super::links::Links;
use super::matching::Matching;
use super::run::Times;
use crate::analysis::Analysis;
use crate::graph::vertex::{Backing, Op};
use crate::ingest::{CacheMount, Interval, ObservedBuild, Operation, ProvenanceStep, Subject};
use crate::model::mount::Sharing;

/// Completes what a log does not tell: with the analysis of its Dockerfile, what each step ran and on which platform; inputs
/// by the order of stages; and where the log tells no instants, each step as early as its inputs allow.
pub fn prepared(build: &ObservedBuild, matched: Option<(&Analysis, &Matching)>) -> ObservedBuild {
    let links = Links::new(build, matched);
    let mut prepared = build.clone();
    if let Some((analysis, matching)) = matched {
        place(&mut prepared, analysis, matching);
    }
    if !build.tells_instants() {
        let times = Times::new(build, &links);
        for (step, times) in prepared.steps.iter_mut().zip(times.of) {
            if let (Some(_), Some((start, end))) = (step.duration, times) {
                step.intervals = vec![Interval { start, end }];
            }
        }
        prepared.is_arranged = true;
    }
    for (step, inputs) in prepared.steps.iter_mut().zip(links.of) {
        if step.inputs.is_empty() {
            step.inputs = inputs;
        }
    }
    prepared
}

/// Tells commands whose place is known what they run.
fn place(build: &mut ObservedBuild, analysis: &Analysis, matching: &Matching) {
    for at in 0..build.steps.len() {
        let known =
            matching.places.get(at).copied().flatten().and_then(|place| Some((place.at.line, place.vertex?)));
        let Some((line, (node, vertex))) = known else { continue };
        let Some(part) = analysis.nodes.get(node.index()) else { continue };
        let step = &build.steps[at];
        let Op::Exec(exec) = &part.graph.vertex(vertex).op else { continue };
        if step.provenance.is_some() || step.label().subject != Subject::Run {
            continue;
        }
        let text = |symbol| part.graph.text(symbol).to_owned();
        let caches = exec.mounts.iter().filter_map(|mount| match &mount.backing {
            Backing::Cache { id, sharing } => {
                Some(CacheMount { id: text(*id), locked: *sharing == Sharing::Locked })
            }
            _ => None,
        });
        let operation = Operation::Exec {
            args: exec.args.iter().map(|arg| text(*arg)).collect(),
            env: Vec::new(),
            caches: caches.collect(),
        };
        let platform = Some(part.graph.platform(exec.platform).to_string().into());
        let told = ProvenanceStep { operation, platform, lines: vec![line.0], ..ProvenanceStep::default() };
        build.steps[at].provenance = Some(told);
        build.steps[at].is_placed = true;
    }
}
