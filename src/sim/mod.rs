//! TIME: how long a plan of tasks takes on a machine, and what made it take that long.
//!
//! A [`Plan`] is a list of tasks with their [`Work`] and inputs; a [`Machine`] is a list of nodes with cores,
//! bandwidths and slots; a [`Simulator`] runs one on the other and yields a [`Trace`]. The model, its assumptions and its
//! limits are in `docs/simulation.md`.
//!
//! Knows nothing of Dockerfiles, vertices or where the numbers come from: whoever builds a plan decides which task is
//! emulated and by how much.

mod bound;
mod catalog;
mod machine;
mod machine_file;
mod monte_carlo;
mod plan;
mod pool;
mod random;
mod scenario;
mod scheduler;
mod trace;
mod typical;

#[cfg(test)]
mod tests;

pub use crate::work::Work;
pub use bound::{Bounds, bounds};
pub use catalog::{NamedMachine, built_in, default_machine, hosted_machine, machine_names, named_machines};
pub use machine::{Emulator, Machine, Node};
pub use machine_file::{MachineError, parse_machine};
pub use monte_carlo::{MonteCarlo, Quantiles, Samples, makespans, monte_carlo, sample};
pub use plan::{Limits, LockIx, MachineNodeIx, Noise, Plan, PlanError, Slot, StreamIx, Task, TaskIx};
pub use scenario::Scenario;
pub use scheduler::Simulator;
pub use trace::{Cause, Load, Losses, PathStep, Peaks, Span, Trace};
pub use typical::{at_deviate, deviate_for};
