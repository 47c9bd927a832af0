//! Arguments of `xsim builds`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum, ValueHint};

use super::{Show, Timeout};

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Builds {
    /// The root of the repository [default: the current folder]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) folder: Option<PathBuf>,

    /// The format of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: BuildsFormat,

    #[command(flatten)]
    pub(in crate::cli) timeout: Timeout,

    #[command(flatten)]
    pub(in crate::cli) show: Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BuildsFormat {
    /// For people
    Text,
    /// For programs; docs/builds.md says what the fields mean
    Json,
}
