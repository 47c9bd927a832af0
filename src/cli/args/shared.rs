//! Arguments that several commands share: time, the project's settings, and gates.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum, ValueHint};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};

use super::suggested;
use crate::cli::exit::Failure;
use crate::cli::{completions, select};
use crate::report::picture::timeline::{WIDTH, WIDTHS};

/// The Dockerfile of a command that reads one.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct FileArg {
    /// A Dockerfile, a folder that holds one, or - for standard input; with --file the build context, as in buildx
    #[arg(value_name = "DOCKERFILE", default_value = ".", add = ArgValueCompleter::new(completions::builds))]
    path: PathBuf,

    /// The Dockerfile, where the argument is the build context
    #[arg(long = "file", short = 'f', value_name = "FILE", value_hint = ValueHint::FilePath)]
    named: Option<PathBuf>,
}

impl FileArg {
    /// The Dockerfile, or a folder that holds it.
    pub(in crate::cli) fn file(&self) -> &Path {
        self.named.as_ref().unwrap_or(&self.path)
    }

    /// The build context, where the arguments are those of buildx.
    pub(in crate::cli) fn context(&self) -> Option<&Path> {
        self.named.as_ref().map(|_| &*self.path)
    }

    /// Takes a Dockerfile, and its build context where that is known, in place of what was typed.
    pub(in crate::cli) fn set(&mut self, dockerfile: PathBuf, context: Option<PathBuf>) {
        (self.path, self.named) = match context {
            Some(context) => (context, Some(dockerfile)),
            None => (dockerfile, None),
        };
    }
}

/// The Dockerfiles of a command that reads several.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct FileArgs {
    /// Dockerfiles, folders (`check` looks into those below, too), or - for standard input; with --file the build context
    #[arg(value_name = "DOCKERFILE", default_value = ".", add = ArgValueCompleter::new(completions::builds))]
    paths: Vec<PathBuf>,

    /// The Dockerfile, where the argument is the build context
    #[arg(long = "file", short = 'f', value_name = "FILE", value_hint = ValueHint::FilePath)]
    named: Option<PathBuf>,
}

impl FileArgs {
    /// The Dockerfiles, or folders that hold one.
    pub(in crate::cli) fn files(&self) -> &[PathBuf] {
        self.named.as_ref().map_or(&self.paths, std::slice::from_ref)
    }

    /// The build context, where the arguments are those of buildx.
    pub(in crate::cli) fn context(&self) -> Option<&Path> {
        self.named.as_ref().and(self.paths.first()).map(PathBuf::as_path)
    }

    /// Replaces a build that is the only argument by its Dockerfile.
    pub(in crate::cli) fn select(&mut self, given: &mut Given) -> Result<(), Failure> {
        let ([path], None) = (self.paths.as_slice(), &self.named) else { return Ok(()) };
        if let Some(meant) = select::meant(path, given)? {
            (self.paths, self.named) = match meant.context {
                Some(context) => (vec![context], Some(meant.dockerfile)),
                None => (vec![meant.dockerfile], None),
            };
        }
        Ok(())
    }
}

/// What is built, how, and on what: the same for every command that says something of a build.
#[derive(Debug, Clone, ClapArgs)]
pub(in crate::cli) struct Given {
    #[command(flatten)]
    pub(in crate::cli) build: BuildArgs,

    #[command(flatten)]
    pub(in crate::cli) time: TimeArgs,

    #[command(flatten)]
    pub(in crate::cli) project: ProjectArgs,

    #[command(flatten)]
    pub(in crate::cli) timeout: Timeout,
}

/// What the work on a file may take.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(in crate::cli) struct Timeout {
    /// How long the work on a file or a definition may take, such as 10s [default: about 1.5 s of work, whatever the machine]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) timeout: Option<String>,
}

/// What every command that reads a Dockerfile takes; the names are those of buildx.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(in crate::cli) struct BuildArgs {
    /// Target platforms, separated by commas
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',', value_parser = suggested::PLATFORMS, hide_possible_values = true)]
    pub(in crate::cli) platform: Vec<String>,

    /// The stage to build [default: the last]
    #[arg(long, value_name = "STAGE", add = ArgValueCandidates::new(completions::stages))]
    pub(in crate::cli) target: Option<String>,

    /// A build argument; without a value it is taken from the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    pub(in crate::cli) arguments: Vec<String>,

    /// A named context that replaces a stage or image
    #[arg(long = "build-context", value_name = "NAME=SOURCE")]
    pub(in crate::cli) contexts: Vec<String>,

    /// The platform of the node that builds [default: linux on this machine's architecture]
    #[arg(long = "build-platform", value_name = "PLATFORM")]
    pub(in crate::cli) node: Option<String>,

    /// What a base image brings: its configuration, as `skopeo inspect --config --raw` or `crane config` print it
    #[arg(long, value_name = "IMAGE=FILE")]
    pub(in crate::cli) image_config: Vec<String>,
}

/// How every command shows what it found.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Show {
    /// Write to a file instead of standard output, which - is
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) output: Option<PathBuf>,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The width of a picture.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct WidthArg {
    /// The width of an SVG picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = WIDTH, value_parser = clap::value_parser!(u32).range(i64::from(*WIDTHS.start())..=i64::from(*WIDTHS.end())))]
    pub(in crate::cli) width: u32,
}

/// What every command that says how long a build takes needs to know.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Time")]
pub(in crate::cli) struct TimeArgs {
    /// What builds: host, ubuntu-latest, ubuntu-24.04-arm, small, large, native-pair, or a TOML file
    /// [default: GitHub's runner of the build platform]
    #[arg(long, value_name = "NAME|FILE", value_parser = suggested::MACHINES, hide_possible_values = true)]
    pub(in crate::cli) machine: Option<String>,

    /// Vertices that may run at once on a node, as BuildKit's max-parallelism
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) max_parallelism: Option<u32>,

    /// What was learnt from real builds
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) profile: Option<PathBuf>,

    /// How much slower emulated work is: a number, or one for each architecture, as in arm64=6,arm=9
    #[arg(long, value_name = "FACTOR|ARCH=FACTOR", value_delimiter = ',')]
    pub(in crate::cli) slowdown: Vec<String>,

    /// What an earlier build left in the cache [default: warm with --changed, else cold]
    #[arg(long, value_name = "STATE")]
    pub(in crate::cli) cache: Option<CacheState>,

    /// A file or folder of the context that has changed since the cached build
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub(in crate::cli) changed: Vec<String>,

    /// Platforms that the cache holds, if it does not hold everything
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',', conflicts_with = "cache")]
    pub(in crate::cli) cached_platform: Vec<String>,

    /// What is in cache mounts [default: as the cache]
    #[arg(long, value_name = "STATE")]
    pub(in crate::cli) cache_mounts: Option<CacheState>,

    /// The build context, for the sizes of what is copied [default: the Dockerfile's folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) context: Option<PathBuf>,

    /// The seed of the range: the same seed, the same range
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
}

/// What is in a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CacheState {
    /// Nothing
    Cold,
    /// Everything that an earlier build of the file made
    Warm,
}

/// Where the project's own settings come from.
#[derive(Debug, Clone, ClapArgs)]
pub(in crate::cli) struct ProjectArgs {
    /// The project's settings [default: xsim.toml in the Dockerfile's folder or one above it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Read no settings
    #[arg(long, conflicts_with = "config")]
    pub(in crate::cli) no_config: bool,

    /// Settings that count in place of the project's own, which whoever proposes a change may write; none where there is no
    /// such file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["config", "no_config"])]
    pub(in crate::cli) trusted_config: Option<PathBuf>,
}

/// What makes a run fail.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Gates")]
pub(in crate::cli) struct GateArgs {
    /// Fail where a rule, or anything at least this severe, is reported: note, warning, error, or never
    /// [default of check: error]
    #[arg(long, value_name = "RULE|SEVERITY", value_delimiter = ',', value_parser = suggested::GATES, hide_possible_values = true)]
    pub(in crate::cli) fail_on: Vec<String>,

    /// Fail where the build takes longer, such as 20m
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) max_time: Option<String>,

    /// Fail where steps under emulation take longer, added up
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) max_emulated: Option<String>,

    /// Fail where the stage of a line is split above it, or any stage above a stage
    #[arg(long, value_name = "LINE|STAGE", value_delimiter = ',')]
    pub(in crate::cli) no_split_before: Vec<String>,

    /// What is accepted as it is
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) baseline: Option<PathBuf>,

    /// Accept everything that is reported now, in the baseline's file
    #[arg(long, requires = "baseline")]
    pub(in crate::cli) write_baseline: bool,
}
