//! From observed builds to a profile: what each step costs with the contention of its build taken out.
//!
//! A log tells how long each step took beside the others. The steps are replayed in the simulator at the instants at which
//! they really began, and their work is corrected until the replay takes as long as the log says ([`Replay`]). What is
//! learnt of one step is then the same whichever build it was seen in, and the profile holds for other builds.
//!
//! Matching is by digest where provenance was joined to the log, else by the vertex's name; the profile says how many by
//! which. Knows nothing of Dockerfiles: a log without its Dockerfile is as good.

mod account;
mod classes;
mod deed;
mod learn;
mod merge;
mod replay;
mod scaling;
mod statistics;

pub use account::{Match, matches};
pub use deed::{Deed, Deeds, deed};
pub use learn::{Source, calibrate};
pub use merge::merge;
pub use replay::{Replay, dependency_plan, observed_slots, remove_contention};
