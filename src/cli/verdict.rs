//! What counts of what was found, for the commands that have gates.

use super::args::GateArgs;
use super::exit::Failure;
use super::output;
use crate::analysis::Analysis;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Dockerfile;
use crate::graph::Refusal;
use crate::policy::gates::Times;
use crate::policy::{Baseline, Breach, Gates, Judged, Notice, Policy};
use crate::pricing::Timing;

/// What is said of a file that cannot be built: what BuildKit refuses counts in every project.
pub(super) fn refused<'a>(
    policy: &Policy,
    file: Option<&Dockerfile<'a>>,
    refusal: &'a Refusal,
    warnings: &'a [Diagnostic],
) -> Vec<Judged<'a>> {
    let problems = std::iter::once(&refusal.error).chain(&refusal.others);
    let mut judged: Vec<_> = problems.map(|problem| Judged::unweighed(Notice::from(problem))).collect();
    if let Some(file) = file {
        judged.extend(policy.judge(file, warnings.iter().map(Notice::from)));
    }
    judged
}

/// The gates that a build breaks.
pub(super) fn breaches(
    gates: &Gates,
    analysis: &Analysis,
    timing: &Timing<'_>,
    judged: &[Judged<'_>],
) -> Result<Vec<Breach>, Failure> {
    let times = Some(Times::of(analysis, timing));
    gates.check(analysis, times, judged).map_err(|error| Failure::Usage(error.to_string()))
}

/// Writes the baseline where that was asked for.
pub(super) fn write_baseline(args: &GateArgs, baseline: &Baseline) -> Result<(), Failure> {
    let Some(path) = args.baseline.as_ref().filter(|_| args.write_baseline) else { return Ok(()) };
    let text = baseline.to_toml().map_err(|error| Failure::Usage(error.to_string()))?;
    output::write_file(path, text.as_bytes()).map_err(|error| Failure::File(path.clone(), error))
}
