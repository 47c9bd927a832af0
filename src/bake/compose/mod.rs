//! Compose files: services with a `build` as targets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Options;
use super::definition::Defined;
use super::error::Error;
use super::files::Files;
use crate::source::Source;

/// Variables that Compose files interpolate.
pub(super) type Environment = BTreeMap<String, String>;

#[expect(clippy::unnecessary_wraps, reason = "a file of variables may be wrong")]
pub(super) fn environment(
    _files: &dyn Files,
    options: &Options,
    allowed: bool,
) -> Result<Environment, Error> {
    let mut env = if allowed { options.env.clone() } else { Environment::new() };
    env.extend(options.variables.clone());
    Ok(env)
}

pub(super) fn validate(_files: &dyn Files, _source: &Arc<Source>, _env: &Environment) -> Result<(), Error> {
    Err(Error::new("Compose files are not read yet"))
}

pub(super) fn define(
    _files: &dyn Files,
    _sources: &[&Arc<Source>],
    _env: &Environment,
    _relative: bool,
) -> Result<Defined, Error> {
    Err(Error::new("Compose files are not read yet"))
}
