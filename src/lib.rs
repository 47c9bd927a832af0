//! Which steps of a Dockerfile BuildKit runs once and which once per platform, and what that costs.

pub mod calibrate;
pub mod cost;
pub mod diagnostic;
pub mod dockerfile;
pub mod ids;
pub mod ingest;
pub mod model;
pub mod shell;
pub mod sim;
pub mod source;
pub mod symbols;
pub mod units;
pub mod work;
