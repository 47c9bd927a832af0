//! What a stage has become after some of its instructions, for a group of target platforms.

use std::rc::Rc;

use super::intern::PlaceIx;
use crate::ids::TargetSet;
use crate::model::path::PathRules;
use crate::model::resolve::PlatformIx;
use crate::model::scope::{Env, EnvLog, Origin};
use crate::symbols::{Symbol, Symbols};

/// What every stage begins with, made once.
#[derive(Debug)]
pub(super) struct Nothing {
    pub(super) env: Rc<Env>,
    pub(super) names: Rc<Vec<Symbol>>,
    pub(super) shell: Rc<[Symbol]>,
}

impl Default for Nothing {
    fn default() -> Self {
        Self { env: Rc::default(), names: Rc::default(), shell: Rc::from([]) }
    }
}

/// The state of a stage.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The file system; `None` for an empty one.
    pub(super) root: Option<PlaceIx>,
    /// The build environment: arguments and variables.
    pub(super) env: Rc<Env>,
    /// The variables of the image, which every stage built on this one starts with again.
    pub(super) config_env: Rc<Env>,
    /// Arguments declared without a value.
    pub(super) valueless: Rc<Vec<Symbol>>,
    /// Where commands run.
    pub(super) dir: Symbol,
    /// `WORKDIR` as the image stores it.
    pub(super) working_dir: Symbol,
    /// `USER`; empty for none.
    pub(super) user: Symbol,
    /// `SHELL`; empty for the default.
    pub(super) shell: Rc<[Symbol]>,
    /// The stage's platform, not normalised.
    pub(super) platform: PlatformIx,
    /// The platform that commands run on, where the file system has one.
    pub(super) exec_platform: Option<PlatformIx>,
    /// The image's operating system is Windows.
    pub(super) is_windows: bool,
    /// The stage descends from an image whose configuration is not known.
    pub(super) unknown_base: bool,
}

impl State {
    /// How paths are read.
    pub(super) fn paths(&self) -> PathRules {
        if self.is_windows { PathRules::Windows } else { PathRules::Unix }
    }

    /// Gives a variable of the build environment a value.
    pub(super) fn set_env(&mut self, key: Symbol, value: Symbol, origin: Origin, log: &mut EnvLog) {
        own(&mut self.env, log).set(key, value, origin, log);
    }

    /// Gives a variable of the image a value, in its old place if it has one.
    pub(super) fn set_config_env(&mut self, key: Symbol, value: Symbol, origin: Origin, log: &mut EnvLog) {
        own(&mut self.config_env, log).replace(key, value, origin);
    }

    /// What the image has, a new stage's environment gets again, in the image's order.
    pub(super) fn enter_stage(&mut self, log: &mut EnvLog) {
        if self.env.id() == self.config_env.id() {
            return;
        }
        let config = Rc::clone(&self.config_env);
        for (key, value, origin) in config.iter() {
            self.set_env(key, value, origin, log);
        }
    }

    /// Enters a working directory; what the path is in the image.
    pub(super) fn enter_dir(&mut self, path: &str, symbols: &mut Symbols) -> Result<Symbol, &'static str> {
        let rules = self.paths();
        let normal = rules.normalize(symbols.text(self.working_dir), path, false)?;
        self.dir = symbols.intern(&normal);
        self.working_dir =
            if self.is_windows { symbols.intern(&normal.replace('/', "\\")) } else { self.dir };
        Ok(self.dir)
    }
}

/// The environment for changing, copied where another stage goes on from it as well.
fn own<'e>(env: &'e mut Rc<Env>, log: &mut EnvLog) -> &'e mut Env {
    if Rc::strong_count(env) > 1 {
        log.note_copy(env.len());
    }
    Rc::make_mut(env)
}

/// A stage's state for the targets that share it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) targets: TargetSet,
    pub(super) state: State,
}
