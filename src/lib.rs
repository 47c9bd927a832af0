//! Which steps of a Dockerfile BuildKit runs once and which once per platform, and what that costs.

pub mod analysis;
pub mod calibrate;
#[cfg(feature = "cli")]
pub mod cli;
pub mod cost;
pub mod diagnostic;
pub mod dockerfile;
pub mod graph;
pub mod ids;
pub mod ingest;
pub mod model;
pub mod pricing;
pub mod report;
pub mod shell;
pub mod sim;
pub mod source;
pub mod symbols;
pub mod translate;
pub mod units;
pub mod work;
