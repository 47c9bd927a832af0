//! `xsim.toml`: what a project says once, so that nobody types it.
//!
//! Owns the form only: finding and reading the file is for the caller, and so is what beats what. Paths in it are relative
//! to its folder.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::Level;

/// The name of the file, looked for in the Dockerfile's folder and in those above it.
pub const FILE_NAME: &str = "xsim.toml";

/// A project's settings. Every field may be absent; the names are those of the options.
#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Target platforms.
    pub platforms: Vec<String>,
    /// The platform of the node that builds.
    pub build_platform: Option<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments.
    pub build_args: BTreeMap<String, String>,
    /// What builds: a name, or a file.
    pub machine: Option<String>,
    /// What was learnt from real builds.
    pub profile: Option<PathBuf>,
    /// The build context.
    pub context: Option<PathBuf>,
    /// What is accepted as it is.
    pub baseline: Option<PathBuf>,
    /// How long the work on a file may take.
    pub timeout: Option<String>,
    /// How much rules count.
    pub rules: BTreeMap<String, Level>,
    /// What fails.
    pub gates: GatesConfig,
    /// What savings of time are worth a word.
    pub savings: SavingsConfig,
}

/// What a saving of time has to come to, both of it.
#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SavingsConfig {
    /// The least time, such as `2s`.
    pub least_time: Option<String>,
    /// The least part of the whole build, in percent.
    pub least_percent: Option<f64>,
}

/// Gates as a project writes them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GatesConfig {
    /// Rules and severities; empty for none, `None` where the project does not say.
    pub fail_on: Option<Vec<String>>,
    /// The longest time.
    pub max_time: Option<String>,
    /// The longest time under emulation.
    pub max_emulated: Option<String>,
    /// Lines and stages.
    pub no_split_before: Vec<String>,
}

/// Why a text is no configuration, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a configuration from TOML.
    ///
    /// ```
    /// let config = xsim::policy::Config::parse(
    ///     r#"
    ///     platforms = ["linux/amd64", "linux/arm64"]
    ///
    ///     [rules]
    ///     unused-stage = "off"
    ///
    ///     [gates]
    ///     fail-on = ["error"]
    ///     max-time = "20m"
    ///     "#,
    /// )?;
    /// assert_eq!(config.gates.max_time.as_deref(), Some("20m"));
    /// # Ok::<(), xsim::policy::config::ConfigError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError(error.to_string()))
    }
}
