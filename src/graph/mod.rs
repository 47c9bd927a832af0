//! GRAPH: the vertices BuildKit would run for all target platforms, and who needs which.
//!
//! [`analyze`] lowers a file; the result is immutable and answers questions. A vertex is its operation: sharing between
//! platforms and between stages both fall out of equality.

mod assemble;
mod build;
mod copy;
pub mod describe;
mod dispatch;
pub mod emulate;
mod exec;
pub mod foreign;
mod intern;
pub(crate) mod layers;
mod lower;
mod outputs;
pub mod query;
mod source;
pub mod split;
mod start;
mod state;
pub mod vertex;
mod words;

pub use self::assemble::{Outcome, Refusal, analyze};
pub(crate) use self::assemble::{Outcomes, Part, analyze_all};
pub use self::build::{BuildGraph, BuildInfo, StageInfo, Step};
pub use self::lower::MAX_TEXT;
pub use self::outputs::list_outputs;
