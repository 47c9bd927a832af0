//! The folders in which programs keep what they need not do again.

use super::Keep;

/// A cache of what was compiled: 3 % (all was compiled before) to 60 % (what it compiles has changed) of the work are left.
/// Source: `mounts` of `tests/data/timing`, 0.7 s of 21 s, and a guess of the other end.
const fn compiled(folder: &'static str, variable: &'static str) -> Keep {
    Keep { folder, variable, work: 0.13, network: 1.0 }
}

/// A cache of what was downloaded; unpacking and installing it is left. Source: a guess of the part that is left.
const fn downloaded(folder: &'static str, variable: &'static str, work: f64) -> Keep {
    Keep { folder, variable, work, network: 0.03 }
}

pub(super) const GO: &[Keep] = &[
    compiled("go-build", "GOCACHE"),
    downloaded("pkg/mod", "GOMODCACHE", 1.0),
    downloaded("go/pkg", "", 1.0),
    downloaded("go", "GOPATH", 1.0),
];
pub(super) const GO_MODULES: &[Keep] = &[
    downloaded("pkg/mod", "GOMODCACHE", 0.1),
    downloaded("go/pkg", "", 0.1),
    downloaded("go", "GOPATH", 0.1),
];
pub(super) const CRATES: &[Keep] = &[
    downloaded("cargo/registry", "", 0.3),
    downloaded(".cargo", "", 0.3),
    downloaded("cargo/git", "", 0.9),
    downloaded("cargo", "CARGO_HOME", 0.3),
];
pub(super) const CARGO: &[Keep] = &[
    compiled("target", "CARGO_TARGET_DIR"),
    compiled("sccache", "SCCACHE_DIR"),
    downloaded("cargo/registry", "", 1.0),
    downloaded(".cargo", "", 1.0),
    downloaded("cargo/git", "", 1.0),
    downloaded("cargo", "CARGO_HOME", 1.0),
];
pub(super) const NPM: &[Keep] = &[
    downloaded(".npm", "npm_config_cache", 0.7),
    downloaded(".yarn", "YARN_CACHE_FOLDER", 0.7),
    downloaded("yarn", "YARN_CACHE_FOLDER", 0.7),
    downloaded("yarn/v6", "", 0.7),
    downloaded("pnpm/store", "", 0.6),
    downloaded("pnpm", "PNPM_HOME", 0.6),
    downloaded("store", "", 0.6),
    downloaded("bun/install/cache", "", 0.6),
    compiled("node_modules", ""),
];
pub(super) const BUNDLES: &[Keep] = &[
    compiled(".next/cache", ""),
    compiled("node_modules/.cache", ""),
    compiled(".vite", ""),
    compiled(".turbo", "TURBO_CACHE_DIR"),
    compiled(".nx/cache", ""),
    compiled(".angular/cache", ""),
];
pub(super) const PIP: &[Keep] = &[
    downloaded("pip", "PIP_CACHE_DIR", 0.7),
    downloaded("uv", "UV_CACHE_DIR", 0.4),
    downloaded("pypoetry", "POETRY_CACHE_DIR", 0.7),
    downloaded("pdm", "", 0.7),
    downloaded("pipenv", "", 0.7),
    downloaded("conda/pkgs", "", 0.5),
];
pub(super) const JVM: &[Keep] = &[
    downloaded(".m2", "", 0.8),
    downloaded(".m2/repository", "", 0.8),
    downloaded(".gradle", "GRADLE_USER_HOME", 0.7),
    downloaded("gradle", "GRADLE_USER_HOME", 0.7),
    downloaded(".ivy2", "", 0.8),
    downloaded("coursier", "", 0.8),
];
pub(super) const NUGET: &[Keep] =
    &[downloaded(".nuget", "", 0.7), downloaded(".nuget/packages", "NUGET_PACKAGES", 0.7)];
pub(super) const DEBIAN: &[Keep] =
    &[downloaded("var/cache/apt", "", 1.0), downloaded("apt/archives", "", 1.0)];
pub(super) const DEBIAN_LISTS: &[Keep] =
    &[downloaded("var/lib/apt", "", 0.6), downloaded("apt/lists", "", 0.6)];
pub(super) const CCACHE: &[Keep] = &[
    compiled("ccache", "CCACHE_DIR"),
    compiled(".ccache", "CCACHE_DIR"),
    compiled("sccache", "SCCACHE_DIR"),
];
/// Of what is run by `make` nothing is known: any of these may be what makes it fast.
pub(super) const ANY_COMPILED: &[Keep] = &[
    compiled("ccache", "CCACHE_DIR"),
    compiled(".ccache", "CCACHE_DIR"),
    compiled("sccache", "SCCACHE_DIR"),
    compiled("go-build", "GOCACHE"),
    compiled("target", "CARGO_TARGET_DIR"),
    compiled("build", ""),
];
pub(super) const GEMS: &[Keep] = &[
    downloaded("usr/local/bundle", "BUNDLE_PATH", 0.4),
    downloaded("vendor/bundle", "", 0.4),
    downloaded("vendor/cache", "", 0.9),
    downloaded(".gem", "GEM_HOME", 0.6),
];
pub(super) const COMPOSER: &[Keep] = &[
    downloaded("composer", "COMPOSER_CACHE_DIR", 0.7),
    downloaded("composer/cache", "COMPOSER_CACHE_DIR", 0.7),
];
pub(super) const MIX: &[Keep] = &[compiled("_build", "MIX_BUILD_PATH"), compiled("deps", "")];
pub(super) const CABAL: &[Keep] =
    &[compiled(".cabal", ""), compiled(".stack", "STACK_ROOT"), compiled("dist-newstyle", "")];
