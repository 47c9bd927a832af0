//! One run that stands for all: every task as much off its median as lets the whole take the median of many runs.
//!
//! A build takes longer than one in which every step takes its median, since it waits for the slowest. So that what is shown
//! of one run adds up to what is said of all, the run is taken in which all steps are the same number of standard deviations
//! off.

use crate::units::Nanos;
use crate::work::Work;

use super::machine::Machine;
use super::monte_carlo::vary;
use super::plan::{Noise, Plan, Task};
use super::scheduler::Simulator;

/// How many standard deviations the tasks may be off, either way.
const MOST: f64 = 3.0;

/// Halvings of the range: 6 standard deviations in 14 are known to less than a thousandth of one.
const HALVINGS: u32 = 14;

/// The plan with the work of every task `deviate` standard deviations above its median.
#[must_use]
pub fn at_deviate(plan: &Plan, deviate: f64) -> Plan {
    plan.with_work(works(plan, deviate))
}

fn works(plan: &Plan, deviate: f64) -> Vec<Work> {
    plan.tasks().iter().map(|task| work(task, deviate)).collect()
}

fn work(task: &Task, deviate: f64) -> Work {
    let sigma = |noise: Option<Noise>| noise.map_or(0.0, |noise| noise.sigma);
    let factor = |sigma: f64| (sigma > 0.0).then(|| libm::exp(sigma * deviate));
    let own =
        libm::hypot(libm::hypot(sigma(task.work_noise), sigma(task.kind_noise)), sigma(task.common_noise));
    let slowdown = if task.work.slowdown > 1.0 { sigma(task.slowdown_noise) } else { 0.0 };
    vary(task.work, factor(own), factor(slowdown))
}

/// The deviate at which the plan takes as long as `wanted`, as nearly as can be.
///
/// # Complexity
///
/// A fixed number of simulations.
pub fn deviate_for(plan: &Plan, machine: &Machine, wanted: Nanos) -> f64 {
    let mut simulator = Simulator::new(plan, machine);
    let lag = vec![Nanos::ZERO; if machine.is_limited() { plan.tasks().len() } else { 0 }];
    let (mut low, mut high) = (-MOST, MOST);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if simulator.makespan(&works(plan, middle), &lag) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::super::plan::{StreamIx, TaskIx};
    use super::super::{MonteCarlo, built_in, monte_carlo};
    use super::*;

    #[test]
    fn the_typical_run_takes_the_median() {
        let machine = built_in("small").unwrap();
        let task = |at: u32, seconds: f64, sigma: f64, inputs: Vec<TaskIx>| Task {
            work_noise: Some(Noise { stream: StreamIx(at), sigma }),
            ..Task::new(Work { cpu: Nanos::from_secs_f64(seconds), ..Work::NONE }, inputs)
        };
        let tasks = vec![
            task(1, 10.0, 0.8, Vec::new()),
            task(2, 9.0, 0.8, Vec::new()),
            task(3, 1.0, 0.3, vec![TaskIx(0), TaskIx(1)]),
        ];
        let plan = Plan::new(tasks).unwrap();
        let median = monte_carlo(&plan, &machine, MonteCarlo { runs: 500, seed: 1, threads: None }).p50;
        let deviate = deviate_for(&plan, &machine, median);
        let typical = Simulator::new(&at_deviate(&plan, deviate), &machine).run().makespan();
        assert!(deviate > 0.0, "a build waits for the slowest");
        assert!((typical / median - 1.0).abs() < 0.01, "{typical} and {median}");
    }
}
