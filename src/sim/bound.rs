//! Between which times any schedule of a plan must lie.
//!
//! Does not run the plan: arithmetic on its tasks alone.

use crate::units::Nanos;

use super::machine::Machine;
use super::plan::{MachineNodeIx, Plan, Slot};
use super::trace::alone;

/// Times that hold for every schedule, up to a nanosecond of rounding for each phase of each task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The longest chain of tasks, each alone on its node.
    pub critical_path: Nanos,
    /// The fullest resource of any node, busy without a break.
    pub busiest: Nanos,
    /// No scheduling beats this: the larger of the two.
    pub lower: Nanos,
    /// One task after another, each alone.
    pub serial: Nanos,
}

/// The bounds of `plan` on `machine`.
pub fn bounds(plan: &Plan, machine: &Machine) -> Bounds {
    let mut finish = vec![Nanos::ZERO; plan.tasks().len()];
    let mut serial = Nanos::ZERO;
    for &at in plan.order() {
        let task = plan.task(at);
        let length = alone(task, machine);
        let ready = task.inputs.iter().map(|input| finish[input.index()]).max().unwrap_or_default();
        finish[at.index()] = ready.max(task.release) + length;
        serial += length;
    }
    let critical_path = finish.into_iter().max().unwrap_or_default();
    let busiest = (0..plan.limits().nodes)
        .map(|node| busy(plan, machine, MachineNodeIx::new(node)))
        .max()
        .unwrap_or_default();
    Bounds { critical_path, busiest, lower: critical_path.max(busiest), serial }
}

/// How long the fullest resource of one node is busy at least.
fn busy(plan: &Plan, machine: &Machine, at: MachineNodeIx) -> Nanos {
    let node = machine.node(at);
    let (mut cpu, mut network, mut disk, mut slots) = (0.0, 0.0, 0.0, Nanos::ZERO);
    for task in plan.tasks().iter().filter(|task| task.node == at) {
        cpu += task.work.cpu.as_secs_f64() * task.work.slowdown / node.speed;
        network += task.work.network.0 as f64;
        disk += task.work.disk.0 as f64;
        if task.slot == Slot::Takes {
            slots += alone(task, machine);
        }
    }
    let resources = [
        cpu / node.cores / node.pace(node.cores),
        network / node.network.0.max(1) as f64,
        disk / node.disk.0.max(1) as f64,
    ];
    let slots = slots.as_secs_f64() / f64::from(node.max_parallelism.unwrap_or(u32::MAX).max(1));
    Nanos::from_secs_f64(resources.into_iter().fold(slots, f64::max))
}
