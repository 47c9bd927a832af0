//! What the builds of a daemon share and repeat, in the contract.

use serde::Serialize;

use super::shape::{FileLineReport, ReasonReport};
use super::{outputs, reason_report};
use crate::graph::BuildGraph;
use crate::sharing::{Repeated, Sharing, Uncertain};
use crate::source::FileLine;
use crate::units::Nanos;

/// What the builds of a daemon share and repeat. Steps are commands and file operations.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct SharingReport {
    /// Steps that run.
    steps: usize,
    /// Steps that would run if each build had a daemon of its own.
    alone: usize,
    /// The vertices that run once for several builds, those of most builds first.
    shared: Vec<u32>,
    /// What is done again for other builds, by its cause.
    repeated: Vec<RepeatedReport>,
    /// Where some builds ignore the cache and others do not.
    uncertain: Vec<UncertainReport>,
}

/// Instructions that run more than once for one platform, for one reason.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct RepeatedReport {
    /// The first lines of the instructions.
    places: Vec<FileLineReport>,
    /// The outputs that share the first of them.
    groups: Vec<Vec<String>>,
    /// Why the groups part.
    reason: ReasonReport,
    /// Steps beyond one for each instruction and platform.
    more: usize,
    /// The core-time of these, in seconds.
    core_time_s: f64,
    /// How much shorter the build would be with one value for all, in seconds; absent where that was not simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    saving_s: Option<f64>,
}

/// Builds of which some ignore the cache: their steps are joined only if the one that ignores it comes first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct UncertainReport {
    /// The first instruction that is shared so.
    place: FileLineReport,
    /// The outputs that ignore the cache.
    ignoring: Vec<String>,
    /// The outputs that do not.
    others: Vec<String>,
}

/// What is said of the builds of a node, whose vertices are counted from `first`.
pub(super) fn sharing_report(graph: &BuildGraph, first: u32, sharing: &Sharing) -> SharingReport {
    let place = |at: FileLine| FileLineReport { file: at.file.0, line: at.line.0 };
    let repeated = |repeated: &Repeated| RepeatedReport {
        places: repeated.places.iter().copied().map(place).collect(),
        groups: repeated.groups.iter().map(|group| outputs(graph, *group)).collect(),
        reason: reason_report(&repeated.reason),
        more: repeated.more,
        core_time_s: seconds(repeated.core_time),
        saving_s: repeated.saving.map(seconds),
    };
    let uncertain = |one: &Uncertain| UncertainReport {
        place: place(one.place),
        ignoring: outputs(graph, one.ignoring),
        others: outputs(graph, one.others),
    };
    SharingReport {
        steps: sharing.steps,
        alone: sharing.alone,
        shared: sharing.shared.iter().map(|vertex| vertex.0 + first).collect(),
        repeated: sharing.repeated.iter().map(repeated).collect(),
        uncertain: sharing.uncertain.iter().map(uncertain).collect(),
    }
}

fn seconds(time: Nanos) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}
