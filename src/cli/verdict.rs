//! What counts of what was found, for the commands that have gates.

use super::args::GateArgs;
use super::exit::Failure;
use super::write;
use crate::analysis::Analysis;
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::policy::gates::Times;
use crate::policy::{Baseline, Breach, Gates};
use crate::pricing::Timing;

/// All that is said of a file that cannot be built: why, and what was found besides.
pub(super) fn with_errors(refusal: &Refusal, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    std::iter::once(&refusal.error).chain(&refusal.others).cloned().chain(found).collect()
}

/// The gates that a build breaks.
pub(super) fn breaches(
    gates: &Gates,
    analysis: &Analysis,
    timing: &Timing<'_>,
    found: &[Diagnostic],
) -> Result<Vec<Breach>, Failure> {
    let times = Some(Times::of(analysis, timing));
    gates.check(analysis, times, found).map_err(|error| Failure::Usage(error.to_string()))
}

/// Writes the baseline where that was asked for.
pub(super) fn write_baseline(args: &GateArgs, baseline: &Baseline) -> Result<(), Failure> {
    let Some(path) = args.baseline.as_ref().filter(|_| args.write_baseline) else { return Ok(()) };
    let text = baseline.to_toml().map_err(|error| Failure::Usage(error.to_string()))?;
    write::write_file(path, text.as_bytes()).map_err(|error| Failure::File(path.clone(), error))
}
