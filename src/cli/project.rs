//! What a project says once: `xsim.toml` in the Dockerfile's folder or in one above it, beaten by the command line.

use std::path::Path;

use super::args::{BuildArgs, GateArgs, Given, ProjectArgs, TimeArgs};
use super::exit::Failure;
use super::load;
use super::paths::{Paths, without_content};
use super::rules::named;
use crate::advice::{Worth, rules};
use crate::diagnostic::Rule;
use crate::policy::config::FILE_NAME;
use crate::policy::gates::{FailOn, Place, limit};
use crate::policy::{Baseline, Config, Gates, Policy};
use crate::sim::built_in;

/// The largest settings and baselines that are read.
const MAX_BYTES: u64 = 4 << 20;

/// A project's settings and where their paths lead.
#[derive(Debug, Default)]
pub(super) struct Project {
    config: Config,
    paths: Paths,
}

impl Project {
    /// The settings for a Dockerfile: a path, a folder, or `-`.
    pub(super) fn find(file: &Path, args: &ProjectArgs) -> Result<Self, Failure> {
        if args.no_config {
            return Ok(Self::default());
        }
        if let Some(path) = &args.config {
            return Self::read(path, Paths::of(path));
        }
        if let Some(path) = &args.trusted_config {
            // A file that is not there says nothing, but a folder that is not there is a mistake.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder
                .map_or(Ok(()), |folder| std::fs::metadata(folder).map(drop))
                .map_err(|error| Failure::File(path.clone(), error))?;
            let is_there = path.try_exists().map_err(|error| Failure::File(path.clone(), error))?;
            return if is_there { Self::read(path, Paths::of_trusted(path)) } else { Ok(Self::default()) };
        }
        let folder = match file.parent() {
            _ if file == Path::new("-") => Path::new("."),
            _ if file.is_dir() => file,
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = std::path::absolute(folder).map_err(|error| Failure::File(folder.to_owned(), error))?;
        let found = folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
        let Some(path) = found else { return Ok(Self::default()) };
        let paths = Paths::of(&path);
        // Nobody named it: a link must not lead to what is no file of the repository, nor show what it leads to.
        if path.is_symlink() {
            let path = paths.inside("the file", Path::new(FILE_NAME))?;
            return Self::read(&path, paths).map_err(without_content);
        }
        Self::read(&path, paths)
    }

    fn read(path: &Path, paths: Paths) -> Result<Self, Failure> {
        let config = Config::parse(&load::text(path, MAX_BYTES)?)
            .map_err(|error| Failure::in_settings(path, &error))?;
        for rule in config.rules.keys() {
            named(rule).map_err(|error| Failure::in_settings(path, &error))?;
        }
        Ok(Self { config, paths })
    }

    /// The arguments, completed by the settings. A machine decides what the build platform is, so either of the two as an
    /// argument takes the place of both.
    ///
    /// # Errors
    /// Where a path in the settings leads out of the repository.
    pub(super) fn complete(&self, given: &Given) -> Result<(BuildArgs, TimeArgs), Failure> {
        let Config { platforms, build_platform, target, build_args, machine, profile, context, .. } =
            &self.config;
        let (mut build, mut time) = (given.build.clone(), given.time.clone());
        if build.platform.is_empty() {
            build.platform.clone_from(platforms);
        }
        build.target = build.target.or_else(|| target.clone());
        let own = build_args.iter().map(|(name, value)| format!("{name}={value}"));
        build.arguments.splice(0..0, own);
        if build.node.is_none() && time.machine.is_none() {
            build.node.clone_from(build_platform);
            time.machine = machine.as_ref().map(|name| self.machine(name)).transpose()?;
        }
        if let (None, Some(path)) = (&time.profile, profile) {
            time.profile = Some(self.paths.inside("profile", path)?);
        }
        if let (None, Some(path)) = (&time.context, context) {
            time.context = Some(self.paths.context(path)?);
        }
        Ok((build, time))
    }

    /// A machine by its name, or its file.
    fn machine(&self, name: &str) -> Result<String, Failure> {
        let is_file = built_in(name).is_none() && Path::new(name).extension().is_some();
        if !is_file {
            return Ok(name.to_owned());
        }
        Ok(self.paths.inside("machine", Path::new(name))?.to_string_lossy().into_owned())
    }

    /// A failure that shows nothing of a file that only the settings named.
    pub(super) fn discreet(&self, failure: Failure) -> Failure {
        match &failure {
            Failure::Settings(path, _) if self.names(path) => without_content(failure),
            _ => failure,
        }
    }

    /// Whether the settings name a file, as a path that they were completed with.
    fn names(&self, path: &Path) -> bool {
        let machine = self.config.machine.as_deref().map(Path::new);
        let named = [machine, self.config.profile.as_deref(), self.config.baseline.as_deref()];
        named.into_iter().flatten().any(|own| self.paths.folder.join(own) == path)
    }

    /// The rules that are off.
    pub(super) fn off(&self) -> Vec<&'static Rule> {
        let policy = Policy { levels: self.config.rules.clone(), ..Policy::default() };
        rules::lints().chain(rules::workflow_lints()).filter(|rule| policy.is_off(rule)).collect()
    }

    /// What savings of time count.
    pub(super) fn worth(&self) -> Result<Worth, Failure> {
        let written = &self.config.savings;
        let usage =
            |error: &dyn std::fmt::Display| Failure::in_settings(&self.paths.folder.join(FILE_NAME), error);
        let mut worth = Worth::default();
        if let Some(text) = &written.least_time {
            worth.time = limit(text).map_err(|error| usage(&error))?;
        }
        if let Some(percent) = written.least_percent {
            if !(0.0..=100.0).contains(&percent) {
                return Err(usage(&"least-percent is a number from 0 to 100"));
            }
            worth.part = percent / 100.0;
        }
        Ok(worth)
    }

    /// How long the work on a file may take, where the settings say so.
    pub(super) fn timeout(&self) -> Option<&str> {
        self.config.timeout.as_deref()
    }

    /// What counts, and the gates. `fail_on` is what fails where nobody says.
    pub(super) fn policy(&self, args: &GateArgs, fail_on: &[&str]) -> Result<(Policy, Gates), Failure> {
        let own = || self.config.baseline.as_ref().map(|path| self.paths.inside("baseline", path));
        let path = args.baseline.clone().map(Ok).or_else(own).filter(|_| !args.write_baseline);
        let baseline = path.map(|path| {
            let path = path?;
            Baseline::parse(&load::text(&path, MAX_BYTES)?)
                .map_err(|error| self.discreet(Failure::in_settings(&path, &error)))
        });
        let policy =
            Policy { levels: self.config.rules.clone(), baseline: baseline.transpose()?.unwrap_or_default() };
        let written = &self.config.gates;
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
        let time = |typed: &Option<String>, written: &Option<String>| {
            let text = typed.as_ref().or(written.as_ref());
            text.map(|text| limit(text)).transpose().map_err(|error| usage(&error))
        };
        let or = |typed: &Vec<String>, written: &Vec<String>| {
            if typed.is_empty() { written.clone() } else { typed.clone() }
        };
        let fail_on = match (&args.fail_on[..], &written.fail_on) {
            ([], None) => fail_on.iter().map(|&text| text.to_owned()).collect(),
            ([], Some(written)) => written.clone(),
            (typed, _) => typed.to_vec(),
        };
        let gates = Gates {
            fail_on: fail_on
                .iter()
                .filter(|text| *text != "never")
                .map(|text| FailOn::parse(text))
                .collect::<Result<_, _>>()
                .map_err(|error| usage(&error))?,
            max_time: time(&args.max_time, &written.max_time)?,
            max_emulated: time(&args.max_emulated, &written.max_emulated)?,
            no_split_before: or(&args.no_split_before, &written.no_split_before)
                .iter()
                .map(|text| Place::parse(text))
                .collect(),
            may_miss_places: args.no_split_before.is_empty(),
        };
        Ok((policy, gates))
    }
}
