//! How a stage begins: as another stage ended, on an image with its configuration, on a named context, or on nothing.

use std::rc::Rc;

use smallvec::SmallVec;

use super::intern::PlaceIx;
use super::lower::{Lowering, Shared};
use super::state::{Run, State};
use super::vertex::{Op, Source};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{BuildIx, StageIx, TargetIx, TargetSet};
use crate::model::inputs::{ContextSource, ImageConfig};
use crate::model::path::PathRules;
use crate::model::resolve::{Base, BuildResult, PlatformIx};
use crate::model::scope::{Env, Origin, OriginKind};
use crate::symbols::Symbol;

/// The `PATH` of an image that has none (BuildKit `util/system/path.go`).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the variables of a base image come from.
const FROM_IMAGE: Origin = Origin { kind: OriginKind::BaseImage, line: None };

/// How a stage begins; equal starts give equal states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// As a run of another stage ended.
    Stage(StageIx, usize),
    /// On an image, a context or nothing, on a platform.
    Base(Base, PlatformIx),
}

/// Whether an image has a working directory, or may: none of Docker's own without one, no platform that stands where an image
/// should, and at no host that RFC 2606 keeps for examples.
fn may_have_folder(reference: &str) -> bool {
    let host = reference.split(['/', ':']).next().unwrap_or_default();
    let is_example = ["example.com", "example.net", "example.org"].iter().any(|name| host.ends_with(name));
    let official = reference.strip_prefix("docker.io/library/");
    let has_folder = official
        .is_some_and(|image| WITH_FOLDER.contains(&image.split([':', '@']).next().unwrap_or_default()));
    let is_other = official.is_some() || reference.starts_with("docker.io/linux/");
    has_folder || !is_other && !is_example
}

/// Docker's own images with a working directory, which is a folder; golang is left out, as the builds that this is compared with take
/// every image for one without.
///
/// Source: `WORKDIR` in their Dockerfiles, at <https://github.com/docker-library/official-images>.
const WITH_FOLDER: [&str; 20] = [
    "adminer",
    "caddy",
    "clojure",
    "composer",
    "drupal",
    "flink",
    "gradle",
    "groovy",
    "httpd",
    "joomla",
    "matomo",
    "mediawiki",
    "nextcloud",
    "perl",
    "php",
    "phpmyadmin",
    "redis",
    "redmine",
    "tomcat",
    "wordpress",
];

impl Lowering<'_, '_> {
    /// The stage's first states, each with its resolution.
    pub(super) fn starts(&mut self) -> SmallVec<[(Run, usize); 2]> {
        let mut starts: SmallVec<[(Start, TargetSet, usize); 4]> = SmallVec::new();
        for at in 0..self.model.resolutions.len() {
            let (targets, resolution) = &self.model.resolutions[at];
            if !resolution.reachable[self.stage.index()] {
                continue;
            }
            let base = resolution.bases[self.stage.index()];
            let platform = resolution.froms[self.stage.index()].platform;
            for target in targets.without(self.failed).iter() {
                let start = match base {
                    Base::Stage(stage) => match self.run_of(stage, target) {
                        Some((run, _)) => Start::Stage(stage, run),
                        None => continue,
                    },
                    // A stage on scratch has the target's platform, whatever its FROM says.
                    Base::Scratch => Start::Base(base, self.model.platform_of(target)),
                    _ => Start::Base(base, platform.unwrap_or_else(|| self.model.platform_of(target))),
                };
                match starts.iter_mut().find(|(known, _, of)| *known == start && *of == at) {
                    Some((_, targets, _)) => *targets = targets.union(TargetSet::one(target)),
                    None => starts.push((start, TargetSet::one(target), at)),
                }
            }
        }
        starts
            .into_iter()
            .filter_map(|(start, targets, resolution)| {
                let state = match start {
                    Start::Stage(stage, run) => {
                        let mut state = self.runs_of(stage)[run].state.clone();
                        state.enter_stage(&mut self.shared.log);
                        state
                    }
                    Start::Base(base, platform) => self.begin(base, platform, targets)?,
                };
                Some((Run { targets, state }, resolution))
            })
            .collect()
    }

    /// The run of a finished stage that holds `target`, and which of the stage's it is.
    pub(super) fn run_of(&self, stage: StageIx, target: TargetIx) -> Option<(usize, &Run)> {
        self.runs_of(stage).iter().enumerate().find(|(_, run)| run.targets.contains(target))
    }

    /// The state of a stage that begins with no other stage.
    fn begin(&mut self, base: Base, platform: PlatformIx, targets: TargetSet) -> Option<State> {
        let result = self.result_of(base).map(|(build, target)| (build, target, platform));
        if let Some(known) = result.and_then(|result| self.shared.begun.get(&result)) {
            return Some(known.clone());
        }
        let line = self.model.layout.stages[self.stage.index()].instruction.line;
        let owner = Some(self.owned_by(line));
        let mut state = self.empty_state(platform);
        let mut config = None;
        match base {
            Base::Stage(_) => return None,
            Base::Scratch => {}
            Base::Image(reference) => {
                config = self.model.known_image(base, platform);
                state.unknown_base = config.is_none();
                state.may_have_dir = config.is_none() && may_have_folder(self.model.symbols.text(reference));
                let platform = self.detected(platform, config.as_deref());
                state.platform = platform;
                if !config.as_ref().is_some_and(|config| config.is_empty) {
                    let op = Op::Source(Source::Image { reference, platform, pull: self.model.inputs.pull });
                    state.root = Some(self.shared.interner.place(op, [], owner));
                    state.exec_platform = Some(self.model.normalized(platform));
                }
            }
            Base::Context(context) | Base::Replaced(context) => {
                self.begin_context(context, platform, &mut state);
                config = self.model.known_image(base, platform);
                if matches!(base, Base::Context(_)) {
                    state.platform = platform;
                    state.exec_platform = Some(self.model.normalized(platform));
                }
            }
        }
        let is_image = !matches!(base, Base::Scratch);
        if let Err(reason) = self.apply_config(&mut state, config.as_deref(), is_image) {
            let message = format!("the working directory of the base image is refused: {reason}");
            self.fail(targets, Diagnostic::error(Code::BadValue, message).at(line));
            return None;
        }
        if let Some(result) = result {
            self.shared.begun.insert(result, state.clone());
        }
        Some(state)
    }

    /// The build whose result a stage begins with, and for which of its targets.
    fn result_of(&self, base: Base) -> Option<(BuildIx, TargetIx)> {
        let Base::Context(context) = base else { return None };
        match self.model.inputs.contexts[context as usize].source {
            ContextSource::Result { build, target } => Some((build, target)),
            _ => None,
        }
    }

    pub(super) fn empty_state(&mut self, platform: PlatformIx) -> State {
        let root = self.model.symbols.intern("/");
        State {
            root: None,
            env: Rc::clone(&self.no_env),
            config_env: Rc::clone(&self.no_env),
            valueless: None,
            dir: root,
            working_dir: Symbol::EMPTY,
            is_dir_set: false,
            user: Symbol::EMPTY,
            shell: None,
            platform,
            exec_platform: None,
            is_windows: PathRules::of_os(&self.model.platforms[platform.0 as usize].os) == PathRules::Windows,
            unknown_base: false,
            may_have_dir: false,
        }
    }

    /// Without `--platform`, an image of another platform than the builder's decides.
    fn detected(&mut self, platform: PlatformIx, config: Option<&ImageConfig>) -> PlatformIx {
        let explicit = self
            .model
            .resolutions
            .first()
            .is_some_and(|(_, resolution)| resolution.froms[self.stage.index()].platform.is_some());
        let own = config.and_then(|config| config.platform.as_ref());
        match own {
            Some(own) if self.model.inputs.implicit_target && !explicit => {
                let build = &self.model.inputs.build_platform;
                let same = own.os == build.os && own.architecture == build.architecture;
                if same { self.model.platform(build.clone()) } else { platform }
            }
            _ => platform,
        }
    }

    /// A named context in place of an image or stage.
    pub(super) fn begin_context(&mut self, context: u32, platform: PlatformIx, state: &mut State) {
        let symbols = &mut self.model.symbols;
        let named = &self.model.inputs.contexts[context as usize];
        let source = match &named.source {
            ContextSource::Scratch | ContextSource::Target(_) => return,
            ContextSource::Result { build, target } => {
                if let Some(result) = self.model.results.get(*build, *target).cloned() {
                    self.begin_result(&result, platform, state);
                }
                return;
            }
            ContextSource::Image(reference) => {
                // What `--pull` says of images is not said of contexts.
                Source::Image { reference: symbols.intern(reference), platform, pull: false }
            }
            ContextSource::OciLayout(layout) => {
                Source::OciLayout { reference: symbols.intern(layout), platform }
            }
            // A folder is known by the name of the context: under two names it is two sources.
            ContextSource::Local(path) => {
                Source::Local(symbols.intern(&format!("context:{}={path}", named.name)))
            }
            ContextSource::Git(git) => Source::Git(Box::new(git.clone())),
            ContextSource::Http(url) => Source::Http { url: symbols.intern(url), checksum: Symbol::EMPTY },
        };
        let is_image = matches!(source, Source::Image { .. } | Source::OciLayout { .. });
        state.root = Some(self.shared.interner.place(Op::Source(source), [], None));
        if is_image {
            state.exec_platform = Some(self.model.normalized(platform));
            state.unknown_base = true;
        }
    }

    /// What another build came to, in place of an image or stage: its very vertices, on the platform of its image.
    fn begin_result(&mut self, result: &BuildResult, platform: PlatformIx, state: &mut State) {
        state.root = result.root.map(PlaceIx);
        state.unknown_base = result.unknown_base;
        let own = result.config.platform.clone().map(|own| self.model.platform(own));
        state.platform = own.unwrap_or(platform);
        state.exec_platform = Some(self.model.normalized(state.platform));
        let os = &self.model.platforms[state.platform.0 as usize].os;
        state.is_windows = PathRules::of_os(os) == PathRules::Windows;
    }

    fn apply_config(
        &mut self,
        state: &mut State,
        config: Option<&ImageConfig>,
        is_image: bool,
    ) -> Result<(), &'static str> {
        let Some(config) = config else {
            if !is_image {
                state.enter_dir(self.model.symbols.intern("/"), &mut self.model.symbols)?;
            }
            self.apply_default_env(state);
            return Ok(());
        };
        let path = self.model.symbols.intern("PATH");
        let mut has_path = false;
        for (key, value) in &config.env {
            let (key, value) = (self.model.symbols.intern(key), self.model.symbols.intern(value));
            has_path |= key == path;
            state.set_config_env(key, value, FROM_IMAGE, &mut self.shared.log);
        }
        if !has_path && !state.is_windows {
            let value = self.model.symbols.intern(DEFAULT_PATH);
            state.set_config_env(path, value, FROM_IMAGE, &mut self.shared.log);
        }
        if !config.working_dir.is_empty() {
            let dir = self.model.symbols.intern(&config.working_dir);
            // BuildKit has taken the whole configuration over by now: a relative directory continues itself.
            state.working_dir = dir;
            state.enter_dir(dir, &mut self.model.symbols)?;
        }
        state.user = self.model.symbols.intern(&config.user);
        if !config.shell.is_empty() {
            state.shell = Some(config.shell.iter().map(|word| self.model.symbols.intern(word)).collect());
        }
        state.enter_stage(&mut self.shared.log);
        Ok(())
    }

    /// The environment on an image of which nothing is known: made once, as nearly all stages begin with it.
    fn apply_default_env(&mut self, state: &mut State) {
        if state.is_windows {
            return;
        }
        let Shared { default_env, log, .. } = &mut self.shared;
        let (config_env, env) = default_env.get_or_insert_with(|| {
            let symbols = &mut self.model.symbols;
            let (path, value) = (symbols.intern("PATH"), symbols.intern(DEFAULT_PATH));
            let (mut config_env, mut env) = (Env::default(), Env::default());
            config_env.replace(path, value, FROM_IMAGE);
            env.set(path, value, FROM_IMAGE, log);
            (Rc::new(config_env), Rc::new(env))
        });
        state.config_env = Rc::clone(config_env);
        state.env = Rc::clone(env);
    }
}
