//! What is found while definitions are followed, and what that may cost.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hasher as _;
use std::rc::Rc;

use super::choices::Choices;
use super::definition::{Builder, Definition, Legs, Place, Platforms, Push, Tool};
use super::docker::{BuildCall, Program};
use super::jobs::{Job, Leg};
use super::path::{in_repository, join};
use super::repo::{Repo, has_end};
use super::shell::Script;
use super::site::Site;
use super::text::{Text, is_known, is_wholly_unknown, readable, unknown};
use crate::budget;

/// Lines of recipes that a call of make is listed with, and their bytes.
const MAX_RECIPES: usize = 256;
const MAX_RECIPE_BYTES: usize = 64 << 10;

/// Statements, steps and recipes that are followed in one repository.
pub const MAX_STEPS: u64 = 2_000_000;

/// Statements and recipes that one step of a pipeline is followed through.
const MAX_STEPS_OF_ONE: u64 = 30_000;

/// How deep statements, scripts and targets may lie in each other: a limit of the stack.
const MAX_NESTING: u32 = 400;

/// The work of a step.
const STEP: u64 = 500;

/// Builds that are listed.
pub const MAX_BUILDS: usize = 20_000;

/// Variables that systems set although nothing in the repository does.
const OUTSIDE: &[&str] = &[
    "CI",
    "HOME",
    "USER",
    "PATH",
    "SHELL",
    "HOSTNAME",
    "TMPDIR",
    "LANG",
    "PWD",
    "OLDPWD",
    "UID",
    "EUID",
    "OSTYPE",
    "MACHTYPE",
    "HOSTTYPE",
    "RANDOM",
    "SECONDS",
    "DOCKER_HOST",
    "GOPATH",
    "GOOS",
    "GOARCH",
    "ARCH",
    "TAG",
    "WORKSPACE",
    "BUILD_NUMBER",
    "BRANCH_NAME",
    "GIT_COMMIT",
    "GIT_BRANCH",
    "JOB_NAME",
    "BUILD_TAG",
    "CHANGE_ID",
    "TAG_NAME",
];

/// Beginnings of the names of such variables.
const OUTSIDE_PREFIXES: &[&str] = &[
    "GITHUB_",
    "RUNNER_",
    "CI_",
    "BUILDKITE",
    "CIRCLE_",
    "TRAVIS_",
    "DRONE_",
    "JENKINS_",
    "BUILD_SOURCE",
    "SYSTEM_",
    "GITLAB_",
    "ACTIONS_",
];

/// What is found in a repository.
pub(super) struct World<'r> {
    pub(super) repo: &'r Repo<'r>,
    pub(super) found: Vec<Definition>,
    pub(super) jobs: Vec<Job>,
    pub(super) legs: Vec<Leg>,
    /// Lines of recipes, where they are listed in place of being followed.
    pub(super) recipes: Option<Vec<super::Recipe>>,
    steps: u64,
    /// Statements and targets that lie around the present one.
    nesting: u32,
    /// The number of steps at which the present step of a pipeline began.
    began: u64,
    /// Steps of pipelines that were followed and built nothing.
    barren: HashSet<u64>,
    scripts: HashMap<String, Option<Rc<Script>>>,
    pub(super) choices: Choices,
    pub(super) makefiles: super::make::Cache,
}

impl<'r> World<'r> {
    pub(super) fn new(repo: &'r Repo<'r>) -> Self {
        Self {
            repo,
            found: Vec::new(),
            jobs: Vec::new(),
            legs: Vec::new(),
            recipes: None,
            steps: 0,
            nesting: 0,
            began: 0,
            barren: HashSet::new(),
            scripts: HashMap::new(),
            choices: Choices::default(),
            makefiles: super::make::Cache::default(),
        }
    }

    /// Takes one step; false if there were too many.
    pub(super) fn spend(&mut self) -> bool {
        self.steps += 1;
        if self.steps == MAX_STEPS {
            self.repo.problem(format!("more than {MAX_STEPS} steps to follow: the list is not complete"));
        }
        self.steps < MAX_STEPS
            && self.steps - self.began < MAX_STEPS_OF_ONE
            && budget::spend(budget::Part::Builds, STEP)
    }

    /// Takes one step into something that may hold others; false if there were too many, or they lie too deep. What it
    /// enters has to be left.
    pub(super) fn enter(&mut self) -> bool {
        let may = self.spend() && self.nesting < MAX_NESTING;
        self.nesting += u32::from(may);
        may
    }

    /// Whether recipes are listed, and so many that the others are not looked for.
    pub(super) fn has_enough_recipes(&self) -> bool {
        self.recipes.as_ref().is_some_and(|lines| {
            let bytes = lines.iter().map(|line| line.script.len()).sum::<usize>();
            lines.len() > MAX_RECIPES || bytes > MAX_RECIPE_BYTES
        })
    }

    /// Leaves what was entered.
    pub(super) fn leave(&mut self) {
        self.nesting = self.nesting.saturating_sub(1);
    }

    /// Begins a step of a pipeline.
    pub(super) fn begin(&mut self) {
        self.began = self.steps;
    }

    /// Follows a step of a pipeline, unless one that is the same in `key` was found to build nothing and set up nothing.
    pub(super) fn step(
        &mut self,
        site: &mut Site,
        key: impl std::hash::Hash,
        follow: impl FnOnce(&mut Self, &mut Site),
    ) {
        let mut hasher = std::hash::DefaultHasher::new();
        key.hash(&mut hasher);
        let key = hasher.finish();
        if self.barren.contains(&key) {
            return;
        }
        self.began = self.steps;
        let (found, builder, made, qemu) = (self.found.len(), site.builder, site.made_builder, site.qemu);
        follow(self, site);
        if self.steps - self.began >= MAX_STEPS_OF_ONE {
            let via = site.via.last().map(ToString::to_string).unwrap_or_default();
            self.repo.problem(format!(
                "more than {MAX_STEPS_OF_ONE} steps to follow from one step of a pipeline {via}"
            ));
        }
        self.began = self.steps;
        if (found, builder, made, qemu) == (self.found.len(), site.builder, site.made_builder, site.qemu) {
            self.barren.insert(key);
        }
    }

    pub(super) fn add(&mut self, definition: Definition) {
        if self.found.len() == MAX_BUILDS {
            self.repo.problem(format!("more than {MAX_BUILDS} builds: the list is not complete"));
        }
        if self.found.len() <= MAX_BUILDS {
            self.found.push(definition);
        }
    }

    /// A shell script of the repository.
    pub(super) fn script(&mut self, path: &str) -> Option<Rc<Script>> {
        if let Some(script) = self.scripts.get(path) {
            return script.clone();
        }
        let script = self.repo.text(path).filter(|text| is_shell_script(path, text));
        let script = script.map(|text| Script::new(text.to_string(), path, 1));
        self.scripts.insert(path.to_owned(), script.clone());
        script
    }

    /// A file that a shell sources, whatever it is called.
    pub(super) fn sourced(&mut self, path: &str) -> Option<Rc<Script>> {
        let script = self.script(path);
        script.or_else(|| self.repo.text(path).map(|text| Script::new(text.to_string(), path, 1)))
    }

    /// Notes a build that a command line does.
    #[expect(clippy::too_many_arguments, reason = "what a command line knows of itself")]
    pub(super) fn build(
        &mut self,
        site: &Site,
        call: &BuildCall,
        folder: &str,
        environment: &BTreeMap<String, String>,
        at: Place,
        inner: Option<Place>,
        input: Option<&str>,
    ) {
        let mut via = site.via.clone();
        via.extend(inner);
        let mut definition = site.definition(at, via);
        if call.program == Program::Depot {
            definition.tool = Tool::Depot;
            definition.builder = Builder::Cloud;
        } else if matches!(call.program, Program::Podman | Program::Kaniko) {
            definition.builder = Builder::Other;
        } else if call.builder.is_some() {
            definition.builder = site.made_builder.unwrap_or(site.builder);
        } else if !call.buildx
            && !call.bake
            && site.builder == Builder::DockerContainer
            && site.made_builder.is_none()
        {
            // `docker build` takes the builder that `setup-buildx-action` made only with `install: true`.
            definition.builder = Builder::Docker;
        }
        definition.push = call.push;
        definition.cache_from = call.cache_from.iter().map(Text::of).collect();
        definition.cache_to = call.cache_to.iter().map(Text::of).collect();
        if call.bake {
            super::bake::command(self, site, call, folder, environment, definition);
            return;
        }
        self.paths(site, call, folder, input, &mut definition);
        let hidden = call.hidden();
        definition.target = match &call.target {
            Some(target) if target.is_empty() => None,
            Some(target) => Some(Text::of(target)),
            None if hidden.target => Some(Text::unknown(&call.hidden.join(" "))),
            None => None,
        };
        let given = call.platforms.clone().or_else(|| environment.get("DOCKER_DEFAULT_PLATFORM").cloned());
        definition.platforms = match given {
            Some(list) => match platforms(&list) {
                Platforms::Unknown(why, _) => Platforms::Unknown(why, call.one_of.clone()),
                known @ Platforms::Known(_) => known,
            },
            None if hidden.platforms => Platforms::Unknown(Text::unknown(&call.hidden.join(" ")), Vec::new()),
            None => Platforms::Known(Vec::new()),
        };
        for (name, value) in &call.args {
            if !is_known(name) {
                definition.more_args = true;
                continue;
            }
            let value = value.as_ref().map_or_else(|| Text::unknown(&format!("${name}")), Text::of);
            definition.args.push((name.clone(), value));
        }
        definition.more_args |= !call.hidden.is_empty();
        definition.build_contexts =
            call.contexts.iter().map(|(name, value)| (name.clone(), Text::of(value))).collect();
        definition.set_legs();
        self.add(definition);
    }

    /// The context and the Dockerfile of a command line.
    fn paths(
        &self,
        site: &Site,
        call: &BuildCall,
        folder: &str,
        input: Option<&str>,
        definition: &mut Definition,
    ) {
        let hidden = call.hidden();
        let context = match call.positional.first() {
            Some(context) => context.clone(),
            None if !call.hidden.is_empty() => unknown(&call.hidden.join(" ")),
            None => ".".to_owned(),
        };
        let file = call.files.first();
        let fed = || match input {
            Some(input) => site.located(&join(folder, input)),
            None => Text::known("-"),
        };
        if context == "-" {
            definition.context = Text::known("-");
            definition.dockerfile = fed();
            return;
        }
        if is_remote(&context) {
            let (context, dockerfile) = self.remote(&context, file.map(String::as_str));
            definition.context = context;
            definition.dockerfile = dockerfile;
            return;
        }
        let whole = if is_wholly_unknown(context.split('/').next().unwrap_or_default()) {
            format!("/{context}")
        } else {
            join(folder, &context)
        };
        definition.context = site.located(&whole);
        definition.dockerfile = match file {
            Some(file) if file == "-" => fed(),
            Some(file) if file.is_empty() => site.located(&join(&whole, "Dockerfile")),
            Some(file) => {
                let beside = join(&whole, file);
                let of_context = matches!(call.program, Program::Podman | Program::Kaniko)
                    && in_repository(&beside).is_some_and(|path| self.repo.has_file(&path));
                if of_context {
                    site.located(&beside)
                } else if is_wholly_unknown(file.split('/').next().unwrap_or_default()) {
                    site.located(&format!("/{file}"))
                } else {
                    site.located(&join(folder, file))
                }
            }
            None if hidden.file => Text::unknown(&call.hidden.join(" ")),
            None => site.located(&self.default_file(site, &whole, call.program)),
        };
    }

    fn default_file(&self, site: &Site, context: &str, program: Program) -> String {
        if program == Program::Podman {
            let other = join(context, "Containerfile");
            if site.inside(&other).is_some_and(|path| self.repo.has_file(&path)) {
                return other;
            }
        }
        join(context, "Dockerfile")
    }

    /// The context and the Dockerfile of a context that is a repository.
    pub(super) fn remote(&self, context: &str, file: Option<&str>) -> (Text, Text) {
        let own = self.repo.name().and_then(|name| own_folder(context, name));
        match own {
            Some(folder) => {
                let whole = join(super::path::ROOT, &folder);
                let file = join(&whole, file.filter(|file| !file.is_empty()).unwrap_or("Dockerfile"));
                let text = |path: &str| in_repository(path).map_or_else(|| Text::unknown(path), Text::of);
                (text(&whole), text(&file))
            }
            None => (Text::of(context), Text::unknown(&format!("a file of {}", readable(context)))),
        }
    }
}

/// Whether a variable may come from outside the repository.
pub(super) fn is_outside(name: &str) -> bool {
    OUTSIDE.contains(&name) || OUTSIDE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

impl Site {
    /// A build at this site of which nothing else is said.
    pub(super) fn definition(&self, place: Place, via: Vec<Place>) -> Definition {
        Definition {
            place,
            via,
            tool: self.tool,
            dockerfile: Text::known("Dockerfile"),
            context: Text::known("."),
            target: None,
            platforms: Platforms::Known(Vec::new()),
            args: Vec::new(),
            more_args: false,
            build_contexts: Vec::new(),
            bake_target: None,
            runner: self.runner.clone(),
            builder: self.builder,
            qemu: self.qemu,
            cache_from: Vec::new(),
            cache_to: Vec::new(),
            legs: Legs::Single,
            push: Push::No,
            note: String::new(),
            leg: self.leg,
            step: self.step,
            condition: self.condition.clone(),
        }
    }
}

impl Definition {
    /// How the platforms come together, before legs of a matrix are looked at.
    pub(super) fn set_legs(&mut self) {
        self.legs = match &self.platforms {
            Platforms::Known(list) if list.len() > 1 => Legs::OneBuild,
            Platforms::Known(_) => Legs::Single,
            Platforms::Unknown(..) => Legs::Unknown,
        };
    }
}

/// The platforms of a list as people write it.
pub(super) fn platforms(list: &str) -> Platforms {
    super::platforms::platforms(list)
        .map_or_else(|| Platforms::Unknown(Text::of(list), Vec::new()), Platforms::Known)
}

/// Whether a context is no folder but a repository or an archive elsewhere.
pub(super) fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}

/// The folder of this very repository that a Git context names.
fn own_folder(context: &str, name: &str) -> Option<String> {
    let (url, fragment) = context.split_once('#').map_or((context, ""), |(url, fragment)| (url, fragment));
    let url = url.split('?').next().unwrap_or(url).trim_end_matches('/').trim_end_matches(".git");
    let own = is_known(url) && url.to_lowercase().ends_with(&format!("github.com/{}", name.to_lowercase()));
    let folder = fragment.split_once(':').map_or("", |(_, folder)| folder);
    own.then(|| if folder.is_empty() { ".".to_owned() } else { folder.to_owned() })
}

/// Whether a file is a script for a shell.
fn is_shell_script(path: &str, text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    if let Some(interpreter) = first.strip_prefix("#!") {
        interpreter.split([' ', '/']).any(|word| crate::shell::is_shell(word.trim()))
    } else {
        let base = path.rsplit('/').next().unwrap_or(path);
        has_end(base, &["sh", "bash"]) || !base.contains('.') && !text.contains('\0')
    }
}
