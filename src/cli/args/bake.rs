//! Arguments of `xsim bake`: those of `docker buildx bake` that change what is built.

use clap::Args as ClapArgs;
use clap_complete::engine::ArgValueCandidates;

use super::{Color, Timeout};
use crate::cli::completions;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Bake {
    /// Targets, groups, or patterns of their names; without any, `default`
    #[arg(value_name = "TARGET", add = ArgValueCandidates::new(completions::targets))]
    pub(in crate::cli) targets: Vec<String>,

    /// A definition in HCL, JSON or Compose's YAML; `-` is standard input
    #[arg(short, long = "file", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(in crate::cli) files: Vec<String>,

    /// Set a field of targets, as in `app.args.VERSION=2` or `*.platform=linux/arm64`
    #[arg(long, value_name = "TARGET.FIELD=VALUE")]
    pub(in crate::cli) set: Vec<String>,

    /// Set a variable of the definition
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) var: Vec<String>,

    /// Print the resolved definition, as `docker buildx bake --print` does
    #[arg(long)]
    pub(in crate::cli) print: bool,

    /// Write the build graph of all targets together in place of the definition
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "print")]
    pub(in crate::cli) format: Option<BakeFormat>,

    /// The platform of the node that builds [default: linux on this machine's architecture]
    #[arg(long, value_name = "PLATFORM")]
    pub(in crate::cli) build_platform: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) timeout: Timeout,

    /// Images are pushed
    #[arg(long)]
    pub(in crate::cli) push: bool,

    /// Images are loaded into Docker
    #[arg(long)]
    pub(in crate::cli) load: bool,

    /// What is done in place of building: check, outline, targets
    #[arg(long, value_name = "METHOD")]
    pub(in crate::cli) call: Option<String>,

    /// Short for `--call=check`
    #[arg(long)]
    pub(in crate::cli) check: bool,

    /// Nothing cached is used
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(in crate::cli) no_cache: Option<bool>,

    /// Base images are looked up anew
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(in crate::cli) pull: Option<bool>,

    /// A bill of materials is made
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) sbom: Option<String>,

    /// Provenance is recorded
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) provenance: Option<String>,

    /// How sources are checked against policies
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) policy: Vec<String>,

    /// What builds are allowed; means nothing here
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) allow: Vec<String>,

    /// Where colors are used
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: Color,
}

/// How the graph of a definition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum BakeFormat {
    /// For programs: the vertices, with the lines that ask for each and the outputs that need it
    Json,
}
