//! Arguments of `xsim scan`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum, ValueHint};

use super::{Show, Timeout, examples, suggested};

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::SCAN)]
pub(in crate::cli) struct Scan {
    /// Repositories, folders of repositories, Dockerfiles, tables of texts (.jsonl, .parquet), or - for lines of JSON on standard input
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Target platforms of what no pipeline builds, separated by commas [default: the build platform]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',', value_parser = suggested::PLATFORMS, hide_possible_values = true)]
    pub(in crate::cli) platform: Vec<String>,

    /// The platform of the nodes that build [default: that of the machine that a pipeline names, else linux/amd64]
    #[arg(long, value_name = "PLATFORM", conflicts_with = "machine")]
    pub(in crate::cli) build_platform: Option<String>,

    /// What builds, as in analyze [default: the machine that a pipeline names, else GitHub's runner of the build platform]
    #[arg(long, value_name = "NAME|FILE", value_parser = suggested::MACHINES, hide_possible_values = true)]
    pub(in crate::cli) machine: Option<String>,

    /// What was learnt from real builds
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) profile: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) timeout: Timeout,

    /// The column of a table that holds the Dockerfiles
    #[arg(long, value_name = "NAME", default_value = "content")]
    pub(in crate::cli) column: String,

    /// The column that tells them from each other, such as hexsha [default: their place in the table]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) key: Option<String>,

    /// The column that names their repositories, such as `max_stars_repo_name`
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) repository: Option<String>,

    /// Threads that work [default: one for each core]
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) threads: Option<NonZero<usize>>,

    /// A file that remembers rows: builds that have not changed since are taken from it, so that a scan that was stopped goes on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) resume: Option<PathBuf>,

    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: ScanFormat,

    #[command(flatten)]
    pub(in crate::cli) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ScanFormat {
    /// For people: what loses most, and which rules would save most
    Text,
    /// For programs: an object a line for each build, as they are done
    Jsonl,
    /// For programs: the same as a table
    #[cfg(feature = "parquet")]
    Parquet,
    /// A page to sort and filter in a browser
    Html,
    /// What is found, for code scanning
    Sarif,
}
