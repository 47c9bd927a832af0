//! FACTS: what rules and changes know of a build besides its graph: its stages as written, what programs do, where files come
//! from and where they go.

pub(super) mod binary;
pub(super) mod call_sites;
pub(super) mod configured;
pub mod context;
pub(super) mod flow;
pub(super) mod machine;
pub(super) mod made;
pub(super) mod naming;
pub(super) mod origin;
pub(super) mod ownership;
pub(super) mod packages;
pub(super) mod publishers;
pub(super) mod sight;
pub(super) mod text_ranges;
pub(super) mod tools;
pub(super) mod variables;
pub mod workflow;
