//! Which steps of a Dockerfile BuildKit runs once and which once per platform, and what that costs.

pub mod diagnostic;
pub mod dockerfile;
pub mod graph;
pub mod ids;
pub mod model;
pub mod source;
pub mod symbols;
pub mod translate;
pub mod units;
