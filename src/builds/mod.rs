//! What a repository builds: every image build that its workflows, makefiles and scripts define.
//!
//! Follows what starts builds (GitHub workflows and other pipelines) into the actions, makefiles, scripts and release
//! definitions that they call. **Unknown is a value** ([`Text`]): what an event, a secret, a command or another repository
//! decides is unknown, with the words of the definition, and never guessed. Runs nothing, and reads only what [`Source`]
//! gives. Knows no vertex, no cost and no report.

mod alternatives;
mod bake;
mod choices;
mod definition;
mod docker;
mod github;
mod goreleaser;
mod jobs;
mod legs;
mod make;
mod path;
mod pipelines;
mod platforms;
mod powershell;
mod repo;
mod shell;
mod site;
mod text;
mod together;
mod world;

use std::collections::BTreeMap;

use crate::budget;

pub use definition::{Builder, Definition, Legs, Place, Platforms, Push, Tool};

pub use jobs::{Job, JobIx, Leg, LegIx, Step};
pub use repo::{MAX_FILE, MAX_FILES, Repo, Source};
pub use text::Text;
pub use together::{are_native_pair, groups, together};
pub use world::{MAX_BUILDS, MAX_STEPS};

/// The builds of a repository.
#[derive(Debug, Default, Clone)]
pub struct Builds {
    /// In the order of files and lines; a build that is run several times is there as often.
    pub definitions: Vec<Definition>,
    /// The jobs of GitHub's workflows.
    pub jobs: Vec<Job>,
    /// Their legs.
    pub legs: Vec<Leg>,
    /// Files that could not be read, and limits that were reached.
    pub problems: Vec<String>,
}

/// Finds what a repository builds.
pub fn list(repo: &Repo<'_>) -> Builds {
    let mut world = world::World::new(repo);
    github::list(&mut world);
    pipelines::list(&mut world);
    let mut definitions = std::mem::take(&mut world.found);
    let (jobs, legs) = (std::mem::take(&mut world.jobs), std::mem::take(&mut world.legs));
    legs::mark(&jobs, &legs, &mut definitions);
    definitions.sort_by(|a, b| a.place.cmp(&b.place));
    if let Some(exceeded) = budget::exceeded() {
        repo.problem(format!("{exceeded}: the list is not complete"));
    }
    Builds { definitions, jobs, legs, problems: repo.take_problems() }
}

/// The builds of one target of a bake definition or a makefile, whoever calls it.
pub fn of_target(repo: &Repo<'_>, file: &str, name: &str) -> Builds {
    if repo::has_end(file, &["hcl", "json", "yml", "yaml"]) {
        return baked(repo, file, vec![name.to_owned()]);
    }
    let mut world = world::World::new(repo);
    let mut site = site::Site::new(Tool::BuildxCli);
    let args = ["-f".to_owned(), path::join(path::ROOT, file), name.to_owned()];
    make::run(&mut world, &mut site, &args, &folder(file), &BTreeMap::new(), 0);
    Builds { definitions: world.found, problems: repo.take_problems(), ..Builds::default() }
}

/// The folder of a file, absolute.
fn folder(file: &str) -> String {
    path::parent(&path::join(path::ROOT, file)).to_owned()
}

fn baked(repo: &Repo<'_>, file: &str, positional: Vec<String>) -> Builds {
    let mut world = world::World::new(repo);
    let site = site::Site::new(Tool::BuildxCli);
    let base = file.rsplit('/').next().unwrap_or(file).to_owned();
    let call =
        docker::BuildCall { files: vec![base], positional, bake: true, ..docker::BuildCall::default() };
    let definition = site.definition(Place { file: file.to_owned(), line: 1 }, Vec::new());
    bake::command(&mut world, &site, &call, &folder(file), &BTreeMap::new(), definition);
    // What could not be resolved is no build.
    let mut definitions = world.found;
    definitions.retain(|definition| definition.bake_target.is_some());
    Builds { definitions, problems: repo.take_problems(), ..Builds::default() }
}

/// A line of a makefile's recipe that a call of make runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The line, expanded, a NUL for each part that is not known.
    pub script: String,
    /// Its environment, with NULs likewise.
    pub environment: BTreeMap<String, String>,
}

/// The lines that a call of make runs, with its arguments, in a folder of the repository; a NUL in the environment stands for what is
/// not known. Makes that the lines call are lines among them. None where there are very many: a build file by file, of which no
/// line says much.
pub fn recipes(
    repo: &Repo<'_>,
    arguments: &[String],
    folder: &str,
    environment: &[(String, String)],
) -> Vec<Recipe> {
    let mut world = world::World::new(repo);
    world.recipes = Some(Vec::new());
    let mut site = site::Site::new(Tool::Make);
    let hidden = |text: &String, why: &str| text.replace('\0', &text::unknown(why));
    let environment = environment.iter().map(|(name, value)| (name.clone(), hidden(value, name))).collect();
    let arguments: Vec<String> = arguments.iter().map(|word| hidden(word, "a word")).collect();
    make::run(&mut world, &mut site, &arguments, &path::join(path::ROOT, folder), &environment, 0);
    if world.has_enough_recipes() { Vec::new() } else { world.recipes.unwrap_or_default() }
}

/// The platform of a machine with these labels, if they tell.
pub fn native_platform(labels: &[String]) -> Option<String> {
    github::native_platform(labels)
}
