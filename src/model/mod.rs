//! MEANING: what the words of a Dockerfile stand for in one build.
//!
//! Never sees a vertex: which stages a build needs, what their base images and platforms are, what a word expands to.

pub(crate) mod env;
pub(crate) mod features;
pub(crate) mod frontend;
pub mod git;
mod globals;
pub mod inputs;
pub mod mount;
mod observation;
pub(crate) mod path;
pub mod platform;
pub(crate) mod reference;
pub mod resolve;
pub mod sandbox;
pub mod scope;
mod settings;
pub(crate) mod values;

pub(crate) use self::globals::without_build_args;
pub use self::observation::{Absence, Observation, ObservationKind};
