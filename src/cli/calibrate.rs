//! `xsim calibrate`

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::args::Calibrate;
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::refusal::say_refusal;
use super::{output, terms};
use crate::analysis::{Analysis, analyze};
use crate::calibrate::{Source, calibrate, matches};
use crate::cost::Profile;
use crate::ingest::{Evidence, IngestError, ObservedBuild, Provenance, read};
use crate::pricing::{Terms, price};
use crate::report::escape::toml_visible;
use crate::report::escape::visible;
use crate::report::{LogSubject, calibration_text};
use crate::sim::Machine;

/// What the files told.
#[derive(Default)]
struct Told {
    builds: Vec<(String, ObservedBuild)>,
    provenance: Vec<Provenance>,
}

pub(super) fn run(args: &Calibrate) -> Result<Exit, Failure> {
    let machine = terms::named_machine(&args.machine, args.max_parallelism)?;
    let mut told = Told::default();
    for path in args.log.iter().chain(&args.metadata) {
        told.take(path)?;
    }
    told.join();
    if told.builds.is_empty() {
        let error = io::Error::new(io::ErrorKind::InvalidData, "no log tells the times of a build");
        return Err(Failure::File(args.log.first().cloned().unwrap_or_default(), error));
    }
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

impl Told {
    /// Reads a file of any format. One that is from no build is named and left out.
    fn take(&mut self, path: &Path) -> Result<(), Failure> {
        let file = File::open(path).map_err(|error| Failure::File(path.to_owned(), error))?;
        match read(BufReader::with_capacity(1 << 18, file)) {
            Ok(Evidence::Build(build)) => self.builds.push((name(path), build)),
            Ok(Evidence::Provenance(provenance)) => self.provenance.push(provenance),
            Err(IngestError::Io(error)) => return Err(Failure::File(PathBuf::from(path), error)),
            Err(error) => {
                let name = path.display().to_string();
                output::warn_raw(&format!("warning: {}: left out, as {error}\n", visible(&name)));
            }
        }
        Ok(())
    }

    /// Joins each build with the provenance that knows most of its steps.
    fn join(&mut self) {
        for (_, build) in &mut self.builds {
            let known = |provenance: &&Provenance| {
                let digests = build.steps.iter().filter_map(|step| step.digest.as_deref());
                digests.filter(|digest| provenance.steps.contains_key(*digest)).count()
            };
            let best = self.provenance.iter().max_by_key(known).filter(|best| known(best) > 0);
            if let Some(best) = best {
                build.join(best);
            }
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
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
