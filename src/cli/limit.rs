//! What work on a file may take, and what is said of one that takes more.

use std::time::Duration;

use super::args::Timeout;
use super::exit::Failure;
use crate::analysis::Analysis;
use crate::budget::{self, Limit, Part};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Refusal;
use crate::ids::TargetSet;
use crate::policy::gates::limit;

/// What may be taken to find out what a file or a repository is, before the work on it begins.
pub(super) const FINDING: Limit = Limit::Work(budget::WORK / 3);

/// The limit that was typed, or else is in the settings; without one the default.
pub(super) fn of(typed: &Timeout, written: Option<&str>) -> Result<Limit, Failure> {
    let Some(text) = typed.timeout.as_deref().or(written) else { return Ok(Limit::Work(budget::WORK)) };
    let time = limit(text).map_err(|error| Failure::Usage(format!("--timeout: {error}")))?;
    Ok(Limit::Time(Duration::from_nanos(time.0)))
}

/// Why a file is refused of which there was more to do than its limit allows, if that is so.
pub(super) fn refusal() -> Option<Box<Refusal>> {
    let exceeded = budget::exceeded()?;
    let help = match exceeded.limit {
        Limit::Work(_) => "allow the file more time, as in --timeout 60s",
        Limit::Time(_) => "allow the file more time with --timeout",
    };
    let error = Diagnostic::error(Code::LimitExceeded, exceeded.to_string()).help(help);
    let error = match exceeded.line {
        Some(line) => error.at(line),
        None => error,
    };
    Some(Box::new(Refusal { error, targets: TargetSet::EMPTY, others: Vec::new() }))
}

/// Takes the work of a report out of the budget before it is written; `each` is that of a vertex. Gives the refusal where the
/// budget does not cover it.
pub(super) fn on_report(analysis: &Analysis, each: u64) -> Option<Box<Refusal>> {
    let vertices: usize = analysis.nodes.iter().map(|node| node.graph.len()).sum();
    budget::spend(Part::Report, each * vertices as u64);
    refusal()
}
