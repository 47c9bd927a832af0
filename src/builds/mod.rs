//! What a repository builds: every image build that its workflows, makefiles and scripts define.
//!
//! Follows what starts builds (GitHub workflows and other pipelines) into the actions, makefiles, scripts and release
//! definitions that they call. **Unknown is a value** ([`Text`]): what an event, a secret, a command or another repository
//! decides is unknown, with the words of the definition, and never guessed. Runs nothing, and reads only what [`Source`]
//! gives. Knows no vertex, no cost and no report.

mod bake;
mod definition;
mod docker;
mod github;
mod goreleaser;

mod legs;
mod make;
mod path;
mod pipelines;
mod powershell;
mod repo;
mod shell;
mod site;
mod text;
mod world;

pub use definition::{Builder, Definition, JobId, Legs, Place, Platforms, Push, Tool};

pub use repo::{MAX_FILE, MAX_FILES, Repo, Source};
pub use text::Text;
pub use world::{MAX_BUILDS, MAX_STEPS};

/// The builds of a repository.
#[derive(Debug)]
pub struct Builds {
    /// In the order of files and lines; a build that is run several times is there as often.
    pub definitions: Vec<Definition>,
    /// Files that could not be read, and limits that were reached.
    pub problems: Vec<String>,
}

/// Finds what a repository builds.
pub fn list(repo: &Repo<'_>) -> Builds {
    let mut world = world::World::new(repo);
    github::list(&mut world);
    pipelines::list(&mut world);
    let mut definitions = std::mem::take(&mut world.found);
    legs::mark(repo, &mut definitions);
    definitions.sort_by(|a, b| a.place.cmp(&b.place));
    Builds { definitions, problems: repo.take_problems() }
}

/// The platform of a machine with these labels, if they tell.
pub fn native_platform(labels: &[String]) -> Option<String> {
    github::native_platform(labels)
}
