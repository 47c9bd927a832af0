//! MEANING: what the words of a Dockerfile stand for in one build.
//!
//! Never sees a vertex: which stages a build needs, what their base images and platforms are, what a word expands to.

pub(crate) mod checks;
pub mod env;
pub mod git;
mod globals;
pub mod inputs;
pub mod mount;
pub mod path;
pub mod platform;
pub mod reference;
pub mod resolve;
pub mod sandbox;
pub mod scope;
mod settings;
pub mod values;
