//! Which steps of a Dockerfile BuildKit runs once and which once per platform, and what that costs.

pub mod analysis;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostic;
pub mod dockerfile;
pub mod graph;
pub mod ids;
pub mod ingest;
pub mod model;
pub mod report;
pub mod shell;
pub mod sim;
pub mod source;
pub mod symbols;
pub mod translate;
pub mod units;
