//! What steps cost that build nothing.

use crate::builds::Step;
use crate::pricing::stream;
use crate::sim::{Machine, MonteCarlo, Noise, Plan, Task, Work, makespans};
use crate::units::Nanos;

/// Seconds from when a job may begin to its first step, without waiting for a machine.
///
/// Source: public run 21002878662 of link-foundation/sandbox, whose jobs begin 4 s after the one before them ended.
pub const JOB_START_S: f64 = 4.0;

/// How far off these numbers are: one in ten is more than twice, one in ten less than half.
const SIGMA: f64 = 0.54;

/// Seconds that a step takes, if that is known: those of what it does besides building.
///
/// Source: guesses, but for their sum and for what a merge takes. In the run of [`JOB_START_S`] 23 s pass from the begin of a job
/// that checks out, sets up QEMU and a builder and logs in to its build, and 7xuanlu/origin#185 reports a job that merges to take
/// 30 s, its own set-up included.
pub const fn seconds_of(step: Step) -> Option<f64> {
    Some(match step {
        Step::Checkout | Step::Artifact => 2.0,
        Step::Emulator => 6.0,
        Step::Builder => 8.0,
        Step::Login | Step::Metadata => 1.0,
        Step::Merge => 10.0,
        Step::Build => 0.0,
        Step::Programs | Step::Other => return None,
    })
}

/// The seconds in each of many runs, all steps of all jobs as fast or slow as each other: the network is what they have in common.
pub(super) fn factors(how: MonteCarlo, machine: &Machine) -> Vec<f64> {
    let second = Nanos(1_000_000_000);
    let mut task = Task::new(Work::latency(second), Vec::new());
    task.work_noise = Some(Noise { stream: stream(&["a step of a workflow"]), sigma: SIGMA });
    let Ok(plan) = Plan::new(vec![task]) else { return vec![1.0] };
    makespans(&plan, machine, how).into_iter().map(Nanos::as_secs_f64).collect()
}
