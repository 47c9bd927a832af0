//! Pipelines of other systems: GitLab, Jenkins, Buildkite, Cloud Build and those that run lists of scripts.

mod buildkite;
mod cloudbuild;
mod gitlab;
mod jenkins;
mod plain;

use std::collections::BTreeMap;

use super::definition::Tool;
use super::path::ROOT;
use super::shell::{Script, Shell, State};
use super::site::Site;
use super::world::World;

/// Follows the pipelines of every system.
pub(super) fn list(world: &mut World<'_>) {
    gitlab::list(world);
    jenkins::list(world);
    buildkite::list(world);
    cloudbuild::list(world);
    plain::list(world);
}

/// Runs a script of a pipeline at the root of the repository; gives back what it left behind.
fn script(world: &mut World<'_>, site: &mut Site, text: &str, file: &str, line: u32, state: State) -> State {
    let script = Script::new(text.to_owned(), file, line);
    site.tool = Tool::BuildxCli;
    world.begin();
    Shell::run(world, site, &script, state, 0)
}

/// Whether a file lies in a folder of other projects' code or of tests' data.
fn is_foreign(file: &str) -> bool {
    const FOREIGN: &[&str] =
        &["vendor", "third_party", "node_modules", "testdata", "fixtures", "examples", "test-fixtures"];
    file.split('/').any(|part| FOREIGN.contains(&part))
}

/// A shell at the root with these variables.
fn shell(environment: &BTreeMap<String, String>) -> State {
    State::new(ROOT, environment)
}
