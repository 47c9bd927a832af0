//! What getting images and copying files costs.

use crate::analysis::NodeAnalysis;
use crate::cost::priors::{CHECKSUM_WAIT, DEFAULT_SETTLING_S, LEAST_PULL};
use crate::cost::{Estimate, Profile, file_signature, folder_signature};
use crate::graph::vertex::{Action, CopyAction, FileOp, Op, Source};
use crate::ids::VertexIx;
use crate::units::Nanos;

/// Getting and unpacking an image of which nothing is known. Source: `tests/data/timing/builds.tsv`, where the bases of
/// one build take 2.6 to 12.6 s together, two or three at once.
const PULL: Nanos = Nanos(3_000_000_000);
/// A file step or the sending of a small context. Source: the logs in `tests/data/timing`, 20 to 60 ms each.
pub(super) const FILE: Nanos = Nanos(30_000_000);

/// What getting and unpacking an image costs, and what the first step on it takes longer for that.
pub(super) fn pull(profile: Option<&Profile>, image: &str, platform: &str) -> Estimate {
    let pull = profile.and_then(|profile| profile.pull(image, platform)).unwrap_or(PULL);
    let settling = profile.map_or(DEFAULT_SETTLING_S, |profile| profile.settling_s);
    let settling = if pull < LEAST_PULL { 0.0 } else { settling };
    Estimate::pull(pull + Nanos::from_secs_f64(settling), 0.6)
}

/// What copying and making files costs.
pub(super) fn files(build: &NodeAnalysis, profile: Option<&Profile>, file: &FileOp) -> Estimate {
    let graph = &build.graph;
    let is_context = |source: VertexIx| matches!(graph.vertex(source).op, Op::Source(Source::Local(_)));
    let copies: Vec<&CopyAction> = file
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Copy(copy) => Some(copy),
            _ => None,
        })
        .collect();
    let foreign = copies.iter().filter_map(|copy| copy.source).any(|source| !is_context(source));
    let does = match (&file.actions[..], &copies[..]) {
        ([Action::Mkdir { path, .. }], _) => folder_signature(graph.text(*path)),
        (_, copies) => file_signature(foreign, copies.iter().map(|copy| graph.text(copy.from))),
    };
    if let Some(known) = profile.and_then(|profile| profile.file(&does)) {
        return Estimate::fixed(Nanos::from_secs_f64(known.seconds + known.wait_s), 0.5);
    }
    let of_command =
        |copy: &&CopyAction| copy.source.is_some_and(|source| matches!(graph.vertex(source).op, Op::Exec(_)));
    let wait = if copies.iter().any(of_command) { CHECKSUM_WAIT } else { 0.0 };
    Estimate::fixed(FILE + Nanos::from_secs_f64(wait), 0.5)
}
