//! What counts of what was found, for the commands that have gates.

use super::args::GateArgs;
use super::exit::Failure;
use super::write;
use crate::advice::InWorkflows;
use crate::analysis::{Analysis, Build};
use crate::diagnostic::{Diagnostic, by_worth};
use crate::graph::Refusal;
use crate::policy::gates::Times;
use crate::policy::{Baseline, Breach, Gates, Policy};
use crate::pricing::Timing;

/// All that is said of a file that cannot be built: why, and what was found besides.
pub(super) fn with_errors(refusal: &Refusal, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    std::iter::once(&refusal.error).chain(&refusal.others).cloned().chain(found).collect()
}

/// What of all that was found in a build counts in a project, file by file.
pub(super) fn judged(policy: &Policy, build: &Build, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let [file] = build.files() else {
        let files = build.files().iter().enumerate();
        let mut judged: Vec<Diagnostic> =
            files.flat_map(|(at, file)| policy.judge(file, of_file(at, &found).cloned().collect())).collect();
        by_worth(&mut judged);
        return judged;
    };
    policy.judge(file, found)
}

/// What of all that was found in workflows counts in a project, file by file.
pub(super) fn judged_in(policy: &Policy, found: &InWorkflows) -> Vec<Diagnostic> {
    let of = |at: usize| of_file(at, &found.found).cloned().collect();
    let files = found.sources.iter().enumerate();
    let mut judged: Vec<Diagnostic> =
        files.flat_map(|(at, source)| policy.judge(&**source, of(at))).collect();
    by_worth(&mut judged);
    judged
}

/// Accepts what was found in a build.
pub(super) fn accept(baseline: &mut Baseline, build: &Build, found: &[Diagnostic]) {
    for (at, file) in build.files().iter().enumerate() {
        baseline.accept(file, &of_file(at, found).cloned().collect::<Vec<_>>());
    }
}

fn of_file(at: usize, found: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    found.iter().filter(move |one| one.file.index() == at)
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
