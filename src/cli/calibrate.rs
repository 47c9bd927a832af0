//! `xsim calibrate`

use std::path::{Path, PathBuf};

use super::args::Calibrate;
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::logs::Told;
use super::refusal::say_refusal;
use super::{output, terms};
use crate::analysis::{Analysis, analyze};
use crate::calibrate::{Source, calibrate, matches};
use crate::cost::Profile;
use crate::pricing::{Terms, price};
use crate::report::escape::toml_visible;
use crate::report::{LogSubject, calibration_text};
use crate::sim::Machine;

pub(super) fn run(args: &Calibrate) -> Result<Exit, Failure> {
    let machine = terms::named_machine(&args.machine, args.max_parallelism)?;
    let paths: Vec<PathBuf> = args.log.iter().chain(&args.metadata).cloned().collect();
    let told = Told::read(&paths)?;
    let sources: Vec<Source<'_>> = told.builds.iter().map(|(name, build)| Source { name, build }).collect();
    let profile = calibrate(&sources, &machine);
    let found: Vec<_> = told.builds.iter().map(|(_, build)| matches(build, &machine)).collect();
    let logs: Vec<LogSubject<'_>> =
        told.builds.iter().zip(&found).map(|((_, build), matches)| LogSubject { build, matches }).collect();
    let analysis = match &args.dockerfile {
        Some(path) => match dockerfile(args, path, &machine)? {
            Some(analysis) => Some(analysis),
            None => return Ok(Exit::Refused),
        },
        None => None,
    };
    let terms = Terms { profile: Some(profile.clone()), ..Terms::new(machine) };
    let timing = analysis.as_ref().map(|analysis| price(analysis, &terms)).transpose();
    let timing = timing.map_err(|error| Failure::Usage(error.to_string()))?;
    write(args, &profile, &logs, timing.as_ref())
}

/// The profile goes to its file and the report to standard output; without a file the profile goes to standard output and
/// the report to standard error.
fn write(
    args: &Calibrate,
    profile: &Profile,
    logs: &[LogSubject<'_>],
    timing: Option<&crate::pricing::Timing<'_>>,
) -> Result<Exit, Failure> {
    output::write(&args.show, toml_visible(&profile.to_toml()).as_bytes())?;
    if args.show.output.is_some() {
        let (style, _) = output::stdout_style(args.show.color);
        output::print(calibration_text(profile, logs, timing, style).as_bytes())?;
    } else {
        let style = output::error_style(args.show.color);
        output::warn_raw(&calibration_text(profile, logs, timing, style));
    }
    Ok(Exit::Done)
}

/// The analysis of the Dockerfile that the logs are of; `None` where it cannot be built, which was said.
fn dockerfile(args: &Calibrate, path: &Path, machine: &Machine) -> Result<Option<Analysis>, Failure> {
    let nodes = load::nodes(&args.build, Some(machine))?;
    let source = match load::source(path)? {
        Loaded::Source(source) => source,
        Loaded::TooLarge(source, refusal) => {
            say_refusal(&source, &refusal, &[], args.show.color);
            return Ok(None);
        }
    };
    match analyze(&source, &nodes) {
        Ok(analysis) => Ok(Some(analysis)),
        Err(refused) => {
            say_refusal(&source, &refused.refusal, &[], args.show.color);
            Ok(None)
        }
    }
}
