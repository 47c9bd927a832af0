//! COST: what each step asks of a machine.
//!
//! Classifies the commands of a `RUN` ([`classify`]), holds a default for each class with its source ([`priors`]) and the
//! slow-down under emulation ([`slowdown`]), and lets a [`Profile`] learnt from real builds replace both. The model is
//! described in `docs/cost-model.md`.
//!
//! Knows nothing of graphs, machines' load or time: how long work takes beside other work is for [`crate::sim`].

mod asked;
mod bundlers;
mod cargo;
mod class;
mod classify;
mod command;
mod estimate;
mod fetched;
mod golang;
mod heavy;
mod images;
mod installed;
mod known;
mod made;
mod modules;
mod natives;
pub mod packages;
pub mod priors;
mod profile;
pub mod programs;
pub mod project;
mod python;
mod rest;
mod run;
mod signature;
pub mod size;
mod slowdown;
pub mod sources;
pub mod survey;
mod transfer;
pub mod wheels;

pub use class::Class;
pub use classify::classify;
pub use estimate::{Basis, Estimate, Execution, Unknown, p90, usable_cores};
pub use images::{DEFAULT_IMAGE, DEFAULT_IMAGE_SIGMA, KNOWN_IMAGE_SIGMA, image_size};
pub use known::{Done, Known};
pub use profile::{
    ClassEntry, FileEntry, LearntFrom, Profile, ProfileError, PullEntry, RunEntry, SCHEMA, SlowdownEntry,
};
pub use rest::{Rest, rest_with_caches};
pub use run::{UNKNOWN_LOOP, dominant_class, done_by, estimate_run};
pub use signature::{Signature, file_signature, folder_signature, instruction_signature};
pub use slowdown::{Factor, slowdown};
