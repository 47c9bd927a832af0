//! What BuildKit makes of a Dockerfile for many platforms: which steps run once and which once per platform, where each
//! stage splits and why, which steps are emulated, and what that costs.
//!
//! The way through, each module using only what stands before it:
//!
//! 1. [`source`], [`diagnostic`], [`ids`], [`symbols`] and [`units`] are the ground; [`budget`] says how much may be done.
//! 2. [`dockerfile`] parses text into a tree that keeps every span.
//! 3. [`model`] resolves stages, bases, platforms and scopes for a build's inputs.
//! 4. [`graph`] lowers them to vertices that are equal exactly where BuildKit's are, and finds splits, emulation and
//!    foreign programs; [`shell`] tells it which commands a `RUN` runs.
//! 5. [`sim`] plays a build on a machine; [`ingest`] reads what real builds leave behind.
//! 6. [`analysis`], [`pricing`], [`workflow`] and [`timeline`] compose these from text to result; [`report`] turns results into bytes.
//!
//! Two parts are features of the crate, since they bring dependencies: `ingest` (logs of real builds: [`ingest`], [`calibrate`],
//! [`observe`]) and `report`, which has it, too.
//!
//! [`observe`] says what really happened in a build that was logged. [`translate`] says platforms in the words of
//! toolchains. Start at [`analysis::Build`], which has a runnable example; `docs/library.md` builds a small bot.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct Library;

pub mod advice;
pub mod analysis;
mod architectures;
pub mod bake;
pub mod budget;
pub mod builds;
#[cfg(feature = "ingest")]
pub mod calibrate;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod context;
pub mod cost;
pub mod diagnostic;
pub mod dockerfile;
pub mod explore;
pub mod graph;
pub mod ids;
#[cfg(feature = "ingest")]
pub mod ingest;
pub mod model;
#[cfg(feature = "ingest")]
pub mod observe;
pub mod policy;
pub mod pricing;
#[cfg(feature = "report")]
pub mod report;
pub mod scan;
pub mod sharing;
#[doc(hidden)] // for the tests and examples: what it knows of scripts is told by the graph
pub mod shell;
pub mod sim;
pub mod source;
pub mod symbols;
pub mod timeline;
pub mod translate;
pub mod units;
mod work;
pub mod workflow;
mod yaml;
