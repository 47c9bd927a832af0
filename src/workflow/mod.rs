//! What a workflow costs: its jobs on the machines that run them, each after those it needs.
//!
//! Composes the builds that a repository defines with their analysis and their price. A job is set up at a known cost, builds what
//! it builds one after the other, and merges images at a known cost; what else it does is outside. What is not known of a job is
//! said, and what is said of the whole is a least then. Knows no output format.

mod cache;
mod chain;
mod change;
mod condition;
mod known;
mod machine;
mod overlap;
mod price;
mod request;
mod step;

pub use cache::{Found, attribute, covers, mode, place, workflow_of};
pub use known::Known;
pub use machine::{Runner, runner};
pub use overlap::Overlap;
pub use price::{BuildCost, BuildTime, LegTime, MAX_PRICED, Pricer, Times, Workflow};
pub use request::together;
pub use step::{JOB_START_S, seconds_of};
