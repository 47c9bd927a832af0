//! Arguments as typed. Nothing is checked here that needs more than its own text.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, ValueHint};

use crate::report::picture::timeline::{WIDTH, WIDTHS};

/// Which steps of a Dockerfile BuildKit runs once and which once per platform, where stages split and why, and which
/// steps are emulated.
#[derive(Debug, Parser)]
#[command(name = "xsim", version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report the build graph: what is shared, what splits and why, what is emulated
    Analyze(Analyze),
    /// Say what is wrong in Dockerfiles, for pipelines and editors
    Check(Check),
    /// Draw the build graph: stages, lanes of platforms, what runs how
    Graph(Graph),
    /// Compare Dockerfiles that build the same: which is faster, by how much and at which steps
    Compare(Compare),
    /// Say why one line runs how often, natively or emulated, since where, and how long it takes
    Explain(Explain),
    /// Rewrite the Dockerfile where that helps: show the difference, or write the file
    Fix(Fix),
    /// Learn from the logs of real builds what steps take
    Calibrate(Calibrate),
    /// Say a platform in a toolchain's words
    Translate(Translate),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page, of xsim or of one of its commands
    Man(Man),
}

/// What every command that reads a Dockerfile takes; the names are those of buildx.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct BuildArgs {
    /// Target platforms, separated by commas
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub(super) platform: Vec<String>,

    /// The stage to build [default: the last]
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,

    /// A build argument; without a value it is taken from the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    pub(super) arguments: Vec<String>,

    /// A named context that replaces a stage or image
    #[arg(long = "build-context", value_name = "NAME=SOURCE")]
    pub(super) contexts: Vec<String>,

    /// The platform of the node that builds [default: linux on this machine's architecture]
    #[arg(long = "build-platform", value_name = "PLATFORM")]
    pub(super) node: Option<String>,

    /// What a base image brings, as `docker buildx imagetools inspect --format '{{json .Image}}'` prints it
    #[arg(long, value_name = "IMAGE=FILE")]
    pub(super) image_config: Vec<String>,
}

/// What every command that says how long a build takes needs to know.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Time")]
pub(super) struct TimeArgs {
    /// What builds: host, ubuntu-latest, ubuntu-24.04-arm, small, large, native-pair, or a TOML file
    /// [default: GitHub's runner of the build platform]
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::AnyPath)]
    pub(super) machine: Option<String>,

    /// Vertices that may run at once on a node, as BuildKit's max-parallelism
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_parallelism: Option<u32>,

    /// What was learnt from real builds
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) profile: Option<PathBuf>,

    /// How much slower emulated work is: a number, or one for each architecture, as in arm64=6,arm=9
    #[arg(long, value_name = "FACTOR|ARCH=FACTOR", value_delimiter = ',')]
    pub(super) slowdown: Vec<String>,

    /// What an earlier build left in the cache [default: warm with --changed, else cold]
    #[arg(long, value_name = "STATE")]
    pub(super) cache: Option<CacheState>,

    /// A file or folder of the context that has changed since the cached build
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub(super) changed: Vec<String>,

    /// Platforms that the cache holds, if it does not hold everything
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',', conflicts_with = "cache")]
    pub(super) cached_platform: Vec<String>,

    /// What is in cache mounts [default: as the cache]
    #[arg(long, value_name = "STATE")]
    pub(super) cache_mounts: Option<CacheState>,

    /// The build context, for the sizes of what is copied [default: the Dockerfile's folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) context: Option<PathBuf>,

    /// The seed of the range: the same seed, the same range
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
}

/// What is in a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CacheState {
    /// Nothing
    Cold,
    /// Everything that an earlier build of the file made
    Warm,
}

/// Where the project's own settings come from.
#[derive(Debug, ClapArgs)]
pub(super) struct ProjectArgs {
    /// The project's settings [default: xsim.toml in the Dockerfile's folder or one above it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,

    /// Read no settings
    #[arg(long, conflicts_with = "config")]
    pub(super) no_config: bool,
}

/// What makes a run fail.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Gates")]
pub(super) struct GateArgs {
    /// Fail where a rule, or anything at least this severe, is reported
    #[arg(long, value_name = "RULE|SEVERITY", value_delimiter = ',')]
    pub(super) fail_on: Vec<String>,

    /// Fail where the build takes longer, such as 20m
    #[arg(long, value_name = "DURATION")]
    pub(super) max_time: Option<String>,

    /// Fail where steps under emulation take longer, added up
    #[arg(long, value_name = "DURATION")]
    pub(super) max_emulated: Option<String>,

    /// Fail where the stage of a line is split above it, or any stage above a stage
    #[arg(long, value_name = "LINE|STAGE", value_delimiter = ',')]
    pub(super) no_split_before: Vec<String>,

    /// What is accepted as it is
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) baseline: Option<PathBuf>,

    /// Accept everything that is reported now, in the baseline's file
    #[arg(long, requires = "baseline")]
    pub(super) write_baseline: bool,
}

/// How every command shows what it found.
#[derive(Debug, ClapArgs)]
pub(super) struct Show {
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Analyze {
    /// A Dockerfile, a folder that holds one, or - for standard input
    #[arg(value_name = "DOCKERFILE", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    #[command(flatten)]
    pub(super) time: TimeArgs,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,

    /// Whether the text shows the build over time
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "auto", default_missing_value = "always")]
    pub(super) timeline: Drawing,

    /// Whether the text shows the stages as a tree
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "auto", default_missing_value = "always")]
    pub(super) tree: Drawing,

    /// The width of an SVG picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = WIDTH, value_parser = clap::value_parser!(u32).range(i64::from(*WIDTHS.start())..=i64::from(*WIDTHS.end())))]
    pub(super) width: u32,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs; the schema is in docs/schema
    Json,
    /// A picture of the simulated build over time
    Svg,
    /// For a pull request or a job summary, with the graph as Mermaid
    Markdown,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Check {
    /// Dockerfiles, folders that hold one, or - for standard input
    #[arg(value_name = "DOCKERFILE", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: CheckFormat,

    #[command(flatten)]
    pub(super) gates: GateArgs,

    #[command(flatten)]
    pub(super) project: ProjectArgs,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people
    Text,
    /// Workflow commands, which GitHub shows beside the changed lines
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Drawing {
    /// On a terminal of at least 100 columns
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Drawing {
    /// Whether to draw for a place so many columns wide; `None` for a pipe or file.
    pub(super) fn is_wanted(self, columns: Option<usize>) -> bool {
        match self {
            Self::Auto => columns.is_some_and(|columns| columns >= 100),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct Graph {
    /// A Dockerfile, a folder that holds one, or - for standard input
    #[arg(value_name = "DOCKERFILE", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    #[command(flatten)]
    pub(super) time: TimeArgs,

    /// Leave out durations, shares and the critical path
    #[arg(long)]
    pub(super) no_time: bool,

    /// The format of the picture
    #[arg(long, value_name = "FORMAT", default_value = "svg")]
    pub(super) format: GraphFormat,

    /// How much to show
    #[arg(long, value_name = "DETAIL", default_value = "auto")]
    pub(super) detail: GraphDetail,

    /// Let stages follow each other from left to right
    #[arg(long = "lr", overrides_with = "top_bottom")]
    pub(super) left_right: bool,

    /// Let stages follow each other from top to bottom, the default
    #[arg(long = "tb", overrides_with = "left_right")]
    pub(super) top_bottom: bool,

    /// Explain marks and lines under an SVG picture
    #[arg(long)]
    pub(super) legend: bool,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// A picture for browsers and pull requests
    Svg,
    /// For Graphviz
    Dot,
    /// For Markdown on GitHub
    Mermaid,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphDetail {
    /// Stages where there are more than 200 steps, else steps
    Auto,
    /// Every step
    Step,
    /// One box for each stage
    Stage,
}

impl From<GraphDetail> for crate::report::picture::Detail {
    fn from(detail: GraphDetail) -> Self {
        match detail {
            GraphDetail::Auto => Self::Auto,
            GraphDetail::Step => Self::Step,
            GraphDetail::Stage => Self::Stage,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct Compare {
    /// Dockerfiles, or folders that hold one; - once for standard input. The others are compared with the first
    #[arg(value_name = "DOCKERFILE", num_args = 2..=26, required = true, value_hint = ValueHint::AnyPath)]
    pub(super) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    #[command(flatten)]
    pub(super) time: TimeArgs,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: CompareFormat,

    /// The width of an SVG picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = WIDTH, value_parser = clap::value_parser!(u32).range(i64::from(*WIDTHS.start())..=i64::from(*WIDTHS.end())))]
    pub(super) width: u32,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CompareFormat {
    /// For people
    Text,
    /// For a pull request
    Markdown,
    /// For programs; the schema is in docs/schema
    Json,
    /// A picture of the simulated builds over one axis of time
    Svg,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Explain {
    /// A Dockerfile and a line of it
    #[arg(value_name = "DOCKERFILE:LINE", allow_hyphen_values = true)]
    pub(super) place: String,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    #[command(flatten)]
    pub(super) time: TimeArgs,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Fix {
    /// A Dockerfile, a folder that holds one, or - for standard input
    #[arg(value_name = "DOCKERFILE", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    /// Print the difference, the default
    #[arg(long)]
    pub(super) diff: bool,

    /// Write the file in place
    #[arg(long, conflicts_with = "diff")]
    pub(super) write: bool,

    /// Ask before each fix, then write the file
    #[arg(long, conflicts_with_all = ["diff", "write"])]
    pub(super) interactive: bool,

    /// Apply the fixes of these rules only, also those that make another image
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) only: Vec<String>,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Calibrate {
    /// A log: --progress=rawjson or plain, an OpenTelemetry trace, or a .dockerbuild file; may be repeated
    #[arg(long, value_name = "FILE", required = true, num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(super) log: Vec<PathBuf>,

    /// What --metadata-file wrote, or a provenance attestation, of any of the logs; may be repeated
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(super) metadata: Vec<PathBuf>,

    /// The Dockerfile that was built, to say how much of it is covered
    #[arg(long, value_name = "DOCKERFILE", value_hint = ValueHint::AnyPath)]
    pub(super) dockerfile: Option<PathBuf>,

    /// What built: a name or a TOML file, as for analyze
    #[arg(long, value_name = "NAME|FILE", default_value = "host", value_hint = ValueHint::AnyPath)]
    pub(super) machine: String,

    /// Vertices that could run at once, if the logs are of a BuildKit with max-parallelism
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_parallelism: Option<u32>,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Translate {
    /// A platform such as linux/arm/v7
    #[arg(value_name = "PLATFORM")]
    pub(super) platform: String,

    /// Whose words
    #[arg(long = "for", value_name = "TOOLCHAIN")]
    pub(super) toolchain: String,

    /// Print the value of one field only
    #[arg(long, value_name = "FIELD")]
    pub(super) field: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Man {
    /// The command [default: xsim itself]
    #[arg(value_name = "COMMAND")]
    pub(super) command: Option<String>,
}
