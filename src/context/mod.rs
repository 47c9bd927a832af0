//! The build context: which of its files there are, which of them the build sees, and which a `COPY` takes.
//!
//! Owns the patterns of `.dockerignore` and `--exclude`, and wildcards of sources, by BuildKit's rules. Reads no folder:
//! whoever walks it brings the paths and sizes. Paths are relative to the context, with `/` between their parts.

mod cargo;
mod checks;
mod crates;
mod files;
mod glob;
mod imports;
mod index;
mod manifest;
mod modules;
mod names;
mod patterns;
mod recipes;
mod scripts;
mod selection;

pub use cargo::Release;
pub use crates::{CargoBuild, Compiled, Crates};
pub use files::{Files, MAX_FILES};
pub use imports::{Imports, MAX_SAMPLE, MAX_SOURCES, Reached, SOURCE_HEAD};
pub use manifest::{
    Kind as ManifestKind, MAX_ALL_MANIFEST_BYTES, MAX_MANIFEST_BYTES, MAX_MANIFESTS, Manifests,
};
pub use modules::Module;
pub use names::{Named, Systems};
pub use patterns::{Matcher, Patterns};
pub use recipes::{MAX_RECIPES, Recipes};
pub(crate) use scripts::package;
pub use scripts::{ELF_HEAD, MAX_ALL_SCRIPT_BYTES, MAX_PROGRAMS, MAX_SCRIPT_BYTES, MAX_SCRIPTS, Scripts};
pub use selection::{Selection, Taker};

/// What is known of the folder that is sent to the build.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Its files, without those that are left out.
    pub files: Files,
    /// What is left out.
    pub ignore: Patterns,
    /// What its lock files say.
    pub manifests: Manifests,
    /// What the files say by which C and C++ are built.
    pub recipes: Recipes,
    /// What its sources of Go import.
    pub imports: Imports,
    /// What steps may run of it; of a folder that is only guessed, no programs.
    pub scripts: Scripts,
}

/// A path without empty parts, `.` and `..`.
pub(crate) fn plain_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, parts.join("/"))
}
