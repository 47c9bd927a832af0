//! Arguments of `xsim observe`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum, ValueHint};

use super::{Given, Show, WidthArg, examples};

#[derive(Debug, ClapArgs)]
#[command(after_help = examples::OBSERVE)]
pub(in crate::cli) struct Observe {
    /// Logs of builds, in any form: rawjson, plain, what the terminal showed, the log of a CI service, an OpenTelemetry
    /// trace, a .dockerbuild file; packed or not; - for standard input
    #[arg(value_name = "LOG", required = true, num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(in crate::cli) logs: Vec<PathBuf>,

    /// What --metadata-file wrote, or a provenance attestation, of any of the logs; may be repeated
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(in crate::cli) metadata: Vec<PathBuf>,

    /// The Dockerfile that was built [default: the one that the log names, if it is here]
    #[arg(long, value_name = "DOCKERFILE", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) dockerfile: Option<PathBuf>,

    /// The bake definition that was built, and after a # the target or group [default: as `docker buildx bake`]
    #[arg(long, value_name = "FILE", conflicts_with = "dockerfile", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) bake: Option<PathBuf>,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: ObserveFormat,

    /// Fail where the log and the graph of what was built disagree
    #[arg(long, value_name = "WHAT")]
    pub(in crate::cli) fail_on: Option<Disagreements>,

    #[command(flatten)]
    pub(in crate::cli) given: Given,

    #[command(flatten)]
    pub(in crate::cli) picture: WidthArg,

    #[command(flatten)]
    pub(in crate::cli) show: Show,
}

/// What makes observing fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Disagreements {
    /// The log and the graph disagree, or the log is of another Dockerfile
    Disagreement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ObserveFormat {
    /// For people
    Text,
    /// For programs; the schema is in docs/schema
    Json,
    /// A picture of the build over time
    Svg,
    /// A page for a browser
    Html,
    /// For a pull request or a job summary
    Markdown,
}
