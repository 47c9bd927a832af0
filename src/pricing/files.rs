//! What getting images and copying files costs.

use crate::analysis::NodeAnalysis;
use crate::cost::priors::{CHECKSUM_WAIT, DEFAULT_SETTLING_S, LEAST_PULL};
use crate::cost::{
    DEFAULT_IMAGE, DEFAULT_IMAGE_SIGMA, Estimate, KNOWN_IMAGE_SIGMA, Profile, file_signature,
    folder_signature, image_size,
};
use crate::graph::vertex::{Action, CopyAction, FileOp, Op, Source};
use crate::ids::VertexIx;
use crate::units::{Bytes, Nanos};

/// A file step or the sending of a small context. Source: the logs in `tests/data/timing`, 20 to 60 ms each.
pub(super) const FILE: Nanos = Nanos(30_000_000);

/// How far a pull may lie from one that was measured, as the standard deviation of the logarithm. Source:
/// `tests/data/timing/README.md`, pulls of one build vary from 2.6 to 11 s, together with what was there already.
const MEASURED_PULL_SIGMA: f64 = 0.4;

/// Seconds more that a pull waits for registries of which nothing was measured: asking for tokens and manifests, and the start of each layer.
///
/// Source: of 18 pulls in public logs those of small images (`nginx:alpine`, `node:alpine`, `ubuntu`) take 2 s longer than their bytes.
const REGISTRIES_WAIT: f64 = 1.5;

/// What getting and unpacking an image costs, and what the first step on it takes longer for that.
pub(super) fn pull(profile: Option<&Profile>, image: &str, platform: &str) -> Estimate {
    let known = profile.and_then(|profile| profile.pull(image, platform));
    let size = || match image_size(image) {
        Some(size) => Estimate::image(size, KNOWN_IMAGE_SIGMA),
        None => Estimate::image(DEFAULT_IMAGE, DEFAULT_IMAGE_SIGMA),
    };
    let mut pull = known.map_or_else(size, |seconds| Estimate::pull(seconds, MEASURED_PULL_SIGMA));
    if profile.is_none() {
        pull.latency += Nanos::from_secs_f64(REGISTRIES_WAIT);
    }
    if known.is_none_or(|seconds| seconds >= LEAST_PULL) {
        let settling = profile.map_or(DEFAULT_SETTLING_S, |profile| profile.settling_s);
        pull.latency += Nanos::from_secs_f64(settling);
    }
    pull
}

/// What copying and making files costs: as measured, else by the `bytes` that it reads and writes.
pub(super) fn files(
    build: &NodeAnalysis,
    profile: Option<&Profile>,
    file: &FileOp,
    bytes: Bytes,
) -> Estimate {
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
    Estimate { disk: bytes, ..Estimate::fixed(FILE + Nanos::from_secs_f64(wait), 0.5) }
}
