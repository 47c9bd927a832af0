//! What the builds that one daemon runs together share: tables, and results that are contexts of others.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use foldhash::HashMap;

use super::PlatformIx;
use crate::ids::{BuildIx, TargetIx};
use crate::model::globals;
use crate::model::inputs::ImageConfig;
use crate::model::platform::Platform;
use crate::symbols::Symbols;

/// Strings and platforms, handed on from build to build, so that equal ones have equal numbers.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) symbols: Symbols,
    pub(crate) platforms: Vec<Platform>,
    pub(super) more_platforms: HashMap<Platform, PlatformIx>,
}

impl Tables {
    /// The tables that a daemon's first build begins with.
    pub(crate) fn usual() -> Self {
        let symbols = globals::usual_symbols();
        Self { symbols, platforms: Vec::with_capacity(8), more_platforms: HashMap::default() }
    }
}

/// What a build came to for one of its targets.
#[derive(Debug, Clone)]
pub(crate) struct BuildResult {
    /// The place of its last vertex, for who lowers; `None` for an empty file system.
    pub(crate) root: Option<u32>,
    /// The configuration of its image.
    pub(crate) config: Arc<ImageConfig>,
    /// The image descends from one whose configuration is not known.
    pub(crate) unknown_base: bool,
}

/// The results of the builds of a daemon, for each its targets in order. Empty for a build that was not lowered yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Results(Arc<[OnceLock<Vec<BuildResult>>]>);

impl Results {
    /// Room for so many builds.
    pub(crate) fn of(builds: usize) -> Self {
        if builds < 2 { Self::default() } else { Self((0..builds).map(|_| OnceLock::new()).collect()) }
    }

    /// Adds what a build came to; each is lowered once.
    pub(crate) fn set(&self, build: BuildIx, results: Vec<BuildResult>) {
        if let Some(place) = self.0.get(build.index()) {
            let _ = place.set(results);
        }
    }

    /// What a build came to for a target.
    pub(crate) fn get(&self, build: BuildIx, target: TargetIx) -> Option<&BuildResult> {
        self.0.get(build.index())?.get()?.get(target.index())
    }
}

/// The configuration of an image: one that was given, or one that another build makes.
#[derive(Debug, Clone)]
pub enum KnownConfig<'a> {
    /// Given with the inputs.
    Given(&'a ImageConfig),
    /// Of another build's image.
    Result(Arc<ImageConfig>),
}

impl Deref for KnownConfig<'_> {
    type Target = ImageConfig;

    fn deref(&self) -> &ImageConfig {
        match self {
            Self::Given(config) => config,
            Self::Result(config) => config,
        }
    }
}
