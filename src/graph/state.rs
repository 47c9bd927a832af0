//! What a stage has become after some of its instructions, for a group of target platforms.

use std::rc::Rc;

use super::intern::PlaceIx;
use crate::ids::TargetSet;
use crate::model::path::PathRules;
use crate::model::resolve::PlatformIx;
use crate::model::scope::{Env, EnvLog, Origin};
use crate::symbols::{Symbol, Symbols};

/// The state of a stage.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The file system; `None` for an empty one.
    pub(super) root: Option<PlaceIx>,
    /// The build environment: arguments and variables.
    pub(super) env: Rc<Env>,
    /// The variables of the image, which every stage built on this one starts with again.
    pub(super) config_env: Rc<Env>,
    /// Arguments declared without a value, if there are some.
    pub(super) valueless: Option<Rc<Vec<Symbol>>>,
    /// Where commands run.
    pub(super) dir: Symbol,
    /// `WORKDIR` as the image stores it.
    pub(super) working_dir: Symbol,
    /// A `WORKDIR` was met, here or in a stage below.
    pub(super) is_dir_set: bool,
    /// `USER`; empty for none.
    pub(super) user: Symbol,
    /// `SHELL`; `None` for the default.
    pub(super) shell: Option<Rc<[Symbol]>>,
    /// The stage's platform, not normalised.
    pub(super) platform: PlatformIx,
    /// The platform that commands run on, where the file system has one.
    pub(super) exec_platform: Option<PlatformIx>,
    /// The image's operating system is Windows.
    pub(super) is_windows: bool,
    /// The stage descends from an image whose configuration is not known.
    pub(super) unknown_base: bool,
    /// That image has a working directory, or is somebody's own and may.
    pub(super) may_have_dir: bool,
}

impl State {
    /// How paths are read.
    pub(super) fn paths(&self) -> PathRules {
        if self.is_windows { PathRules::Windows } else { PathRules::Unix }
    }

    /// Whether somebody's own image below may set a variable that nothing in the file does.
    pub(super) fn may_hold_variables(&self) -> bool {
        self.unknown_base && self.may_have_dir
    }

    /// Gives a variable of the build environment a value.
    pub(super) fn set_env(&mut self, key: Symbol, value: Symbol, origin: Origin, log: &mut EnvLog) {
        own(&mut self.env, log).set(key, value, origin, log);
    }

    /// Whether a name was declared without a value.
    pub(super) fn is_valueless(&self, name: Symbol) -> bool {
        self.valueless.as_ref().is_some_and(|names| names.contains(&name))
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
    pub(super) fn enter_dir(&mut self, path: Symbol, symbols: &mut Symbols) -> Result<Symbol, &'static str> {
        let rules = self.paths();
        let normal = rules.normalize(symbols.text(self.working_dir), symbols.text(path), false)?;
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
        Rc::make_mut(env).shorten_way(log);
    }
    Rc::make_mut(env)
}

/// A stage's state for the targets that share it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) targets: TargetSet,
    pub(super) state: State,
}
