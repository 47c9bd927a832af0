//! Arguments as typed. Nothing is checked here that needs more than its own text.

mod bake;
mod builds;
mod examples;
mod observe;
mod scan;
mod shared;
mod suggested;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, ValueHint};

pub(super) use self::bake::Bake;
pub(super) use self::builds::{Builds, BuildsFormat};
pub(super) use self::observe::{Disagreements, Observe, ObserveFormat};
pub(super) use self::scan::{Scan, ScanFormat};
pub(super) use self::shared::{
    BuildArgs, CacheState, Color, FileArg, FileArgs, GateArgs, Given, ProjectArgs, Show, TimeArgs, Timeout,
    WidthArg,
};

use crate::translate::Toolchain;

#[derive(Debug, ClapArgs)]
pub(super) struct Profile {
    #[command(subcommand)]
    pub(super) command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// Say what a profile knows, how surely, and from where
    Show(ShowProfile),
}

#[derive(Debug, ClapArgs)]
pub(super) struct ShowProfile {
    /// The profile
    #[arg(value_name = "PROFILE", value_hint = ValueHint::FilePath)]
    pub(super) file: PathBuf,

    /// A Dockerfile, to say how much of it is covered
    #[arg(long, value_name = "DOCKERFILE", value_hint = ValueHint::AnyPath)]
    pub(super) dockerfile: Option<PathBuf>,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

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
    /// List the image builds that a repository's workflows, makefiles and scripts define
    Builds(Builds),
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
    /// List the rules, or explain one
    Rules(Rules),
    /// Say of many builds, of repositories or of tables of Dockerfiles, what they lose and what would save most
    Scan(Scan),
    /// Show from its log what really happened in a build, and whether its Dockerfile's graph is what xsim says
    Observe(Observe),
    /// Learn from the logs of real builds what steps take
    Calibrate(Calibrate),
    /// Say what a profile knows
    Profile(Profile),
    /// Say a platform in a toolchain's words
    Translate(Translate),
    /// Resolve a bake definition as `docker buildx bake` does, and print what it would build
    Bake(Bake),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page, of xsim or of one of its commands
    Man(Man),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::ANALYZE)]
pub(super) struct Analyze {
    #[command(flatten)]
    pub(super) input: FileArg,

    #[command(flatten)]
    pub(super) given: Given,

    #[command(flatten)]
    pub(super) gates: GateArgs,

    /// Leave out times, and findings, which are weighed by them: what is shared, split and emulated, in half the time
    #[arg(long, conflicts_with_all = ["timeline", "width", "write_baseline"])]
    pub(super) no_time: bool,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,

    /// Show the whole file, every stage, and what was found at its lines
    #[arg(long)]
    pub(super) source: bool,

    /// Whether the text shows the build over time
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "auto", default_missing_value = "always")]
    pub(super) timeline: Drawing,

    /// Whether the text shows the stages as a tree
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "auto", default_missing_value = "always")]
    pub(super) tree: Drawing,

    #[command(flatten)]
    pub(super) picture: WidthArg,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs; the schema is in docs/schema
    Json,
    /// A page to explore in a browser
    Html,
    /// A picture of the simulated build over time
    Svg,
    /// For a pull request or a job summary, with the graph as Mermaid
    Markdown,
    /// Workflow commands, which GitHub shows beside the changed lines
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::CHECK)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) input: FileArgs,

    #[command(flatten)]
    pub(super) given: Given,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: CheckFormat,

    #[command(flatten)]
    pub(super) gates: GateArgs,

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
    /// With --source on a terminal of at least 100 columns
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Drawing {
    /// Whether to draw for a place so many columns wide; `None` for a pipe or file.
    pub(super) fn is_wanted(self, source: bool, columns: Option<usize>) -> bool {
        match self {
            Self::Auto => source && columns.is_some_and(|columns| columns >= 100),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::GRAPH)]
pub(super) struct Graph {
    #[command(flatten)]
    pub(super) input: FileArg,

    #[command(flatten)]
    pub(super) given: Given,

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
    /// As much as can be read 900 pixels wide: steps, else with those of no account and platforms alike together, else stages
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
#[command(after_help = examples::COMPARE)]
pub(super) struct Compare {
    /// Dockerfiles, or folders that hold one; - once for standard input. The others are compared with the first
    #[arg(value_name = "DOCKERFILE", num_args = 2..=26, required = true, value_hint = ValueHint::AnyPath)]
    pub(super) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) given: Given,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: CompareFormat,

    #[command(flatten)]
    pub(super) picture: WidthArg,

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
    /// A page to explore in a browser
    Html,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::EXPLAIN)]
pub(super) struct Explain {
    /// A Dockerfile and a line of it
    #[arg(value_name = "DOCKERFILE:LINE", allow_hyphen_values = true)]
    pub(super) place: String,

    /// A bake definition: the line is explained for all of its targets
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) bake: Option<PathBuf>,

    #[command(flatten)]
    pub(super) given: Given,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::FIX)]
pub(super) struct Fix {
    #[command(flatten)]
    pub(super) input: FileArgs,

    #[command(flatten)]
    pub(super) given: Given,

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
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = suggested::RULES, hide_possible_values = true)]
    pub(super) only: Vec<String>,

    /// Write the recipes of these rules into the file: changes whose result is for you to check
    #[arg(long, value_name = "RULE", value_delimiter = ',', conflicts_with = "only")]
    pub(super) recipe: Vec<String>,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Rules {
    /// The rule to explain [default: a list of all]
    #[arg(value_name = "RULE", value_parser = suggested::RULES, hide_possible_values = true)]
    pub(super) rule: Option<String>,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::CALIBRATE)]
pub(super) struct Calibrate {
    /// A log, in any form that observe reads; may be repeated; - for standard input
    #[arg(long, value_name = "FILE", required = true, num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(super) log: Vec<PathBuf>,

    /// What --metadata-file wrote, or a provenance attestation, of any of the logs; may be repeated
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(super) metadata: Vec<PathBuf>,

    /// The Dockerfile that was built, to say how much of it is covered
    #[arg(long, value_name = "DOCKERFILE", value_hint = ValueHint::AnyPath)]
    pub(super) dockerfile: Option<PathBuf>,

    /// A profile to go on learning from: what it knows counts less than what is new
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) update: Option<PathBuf>,

    /// What built: a name or a TOML file, as for analyze [default: what the logs tell, else as for analyze]
    #[arg(long, value_name = "NAME|FILE", value_parser = suggested::MACHINES, hide_possible_values = true)]
    pub(super) machine: Option<String>,

    /// Vertices that could run at once, if the logs are of a BuildKit with max-parallelism
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_parallelism: Option<u32>,

    #[command(flatten)]
    pub(super) timeout: Timeout,

    #[command(flatten)]
    pub(super) build: BuildArgs,

    #[command(flatten)]
    pub(super) show: Show,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::TRANSLATE)]
pub(super) struct Translate {
    /// A platform such as linux/arm/v7
    #[arg(value_name = "PLATFORM")]
    pub(super) platform: String,

    /// Whose words
    #[arg(long = "for", value_name = "TOOLCHAIN", value_parser = PossibleValuesParser::new(toolchains()))]
    pub(super) toolchain: String,

    /// Print the value of one field only
    #[arg(long, value_name = "FIELD")]
    pub(super) field: Option<String>,
}

fn toolchains() -> impl Iterator<Item = &'static str> {
    Toolchain::VALUES.iter().map(|toolchain| toolchain.as_str())
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_says_what_it_does_and_not_what_its_arguments_share() {
        let command = Args::command();
        command.clone().debug_assert();
        let abouts: Vec<String> = command
            .get_subcommands()
            .map(|command| command.get_about().map(ToString::to_string).unwrap_or_default())
            .collect();
        let mut distinct = abouts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert!(
            abouts.len() > 15
                && distinct.len() == abouts.len()
                && abouts.iter().all(|about| !about.is_empty())
        );
    }
}
