//! From what a command was given and what its project says to what it works with.

use std::path::Path;

use super::args::{BuildArgs, Color, Given, TimeArgs};
use super::exit::{Exit, Failure};
use super::load::Loaded;
use super::project::Project;
use super::refusal::said;
use super::{bake, context, definition, limit, load, output, terms};
use crate::advice::{Pricer, Worth, evaluate_all, evaluate_timed, lint, lint_all};
use crate::analysis::{Analysis, Build, NodeInputs};
use crate::bake::resolve;
use crate::budget::Limit;
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::model::platform::Platform;
use crate::pricing::{Terms, Timing, needs_context, price};
use crate::sim::Machine;
use crate::source::Source;

/// Platforms that nothing runs on are told of so many.
const DOUBTS: usize = 3;

/// What an argument means.
pub(super) enum Subject {
    /// A build, which may be refused.
    Build(Build),
    /// A Dockerfile that is not even read.
    TooLarge(Source, Box<Refusal>),
    /// A definition that means nothing, which was said.
    Refused(Exit),
}

impl Subject {
    /// The build, which ends the command where there is none.
    pub(super) fn or_said(self, color: Color) -> Result<Build, Failure> {
        match self {
            Self::Build(build) => Ok(build),
            Self::TooLarge(source, refusal) => Err(said(&source, &refusal, color)),
            Self::Refused(exit) => Err(Failure::Said(exit)),
        }
    }
}

/// What a command works with on one file.
pub(super) struct Setup {
    pub(super) project: Project,
    pub(super) nodes: Vec<NodeInputs>,
    /// What the work on the file may take.
    pub(super) limit: Limit,
    /// What was typed of the build, which beats what a definition says.
    typed: BuildArgs,
    time: TimeArgs,
    machine: Option<Machine>,
    pub(super) worth: Worth,
}

impl Setup {
    /// The arguments, completed by the settings of the file's project, and checked.
    pub(super) fn of(file: &Path, given: &Given) -> Result<Self, Failure> {
        Self::in_context(file, None, given)
    }

    /// The same with the build context as an argument, which `--context` beats.
    pub(super) fn in_context(file: &Path, context: Option<&Path>, given: &Given) -> Result<Self, Failure> {
        let project = Project::find(file, &given.project)?;
        let (build, mut time) = project.complete(given)?;
        if let (Some(context), None) = (context, &given.time.context) {
            time.context = Some(context.to_owned());
        }
        let machine = terms::machine(&time).map_err(|failure| project.discreet(failure))?;
        let nodes = load::nodes(&build, machine.as_ref()).map_err(|failure| {
            let is_typed = load::nodes(&given.build, machine.as_ref()).is_err();
            if is_typed { failure } else { Failure::Text(format!("{}: {failure}", file.display())) }
        })?;
        for doubt in
            nodes.iter().flat_map(|node| node.inputs.targets()).filter_map(Platform::doubt).take(DOUBTS)
        {
            output::warn(&doubt);
        }
        let worth = project.worth()?;
        let limit = limit::of(&given.timeout, project.timeout())?;
        Ok(Self { project, nodes, limit, typed: given.build.clone(), time, machine, worth })
    }

    /// A file and what its nodes make of it.
    pub(super) fn build(&self, source: Source) -> Build {
        Build::new(source, self.nodes.clone())
    }

    /// What an argument means: a Dockerfile, or the targets of a bake definition as one build.
    pub(super) fn read(&self, path: &Path, color: Color) -> Result<Subject, Failure> {
        let Some((file, target)) = definition::named(path) else {
            return Ok(match load::source(path)? {
                Loaded::Source(source) => Subject::Build(self.build(source)),
                Loaded::TooLarge(source, refusal) => Subject::TooLarge(source, refusal),
            });
        };
        defined(file, target, &self.typed, self.machine.as_ref(), color)
    }

    /// The same, which ends the command where that is no build.
    pub(super) fn read_build(&self, path: &Path, color: Color) -> Result<Build, Failure> {
        self.read(path, color)?.or_said(color)
    }

    /// What the build of a file is priced with. The build context is read only where its sizes matter.
    pub(super) fn terms(&self, file: &Path, build: &Build, analysis: &Analysis) -> Result<Terms, Failure> {
        let mut terms = self.terms_without_context()?;
        if needs_context(analysis) {
            terms.contexts = context::read(self.time.context.as_deref(), file, build)?;
        }
        Ok(terms)
    }

    /// The same for a file that cannot be built as it is: what it copies is not known.
    pub(super) fn terms_without_context(&self) -> Result<Terms, Failure> {
        let terms = terms::terms(&self.time, self.machine.clone(), &self.nodes);
        terms.map_err(|failure| self.project.discreet(failure))
    }
}

/// The targets of a bake definition as one build.
pub(super) fn defined(
    file: &str,
    target: Option<&str>,
    typed: &BuildArgs,
    machine: Option<&Machine>,
    color: Color,
) -> Result<Subject, Failure> {
    let resolved = match resolve(&bake::Disk, &definition::options(file, target, typed)) {
        Ok(resolved) => resolved,
        Err(error) => return Ok(Subject::Refused(bake::refused(&error, color))),
    };
    bake::warn(&resolved);
    Ok(Subject::Build(Build::of(definition::request(&resolved, file, typed, machine)?)))
}

/// How a build runs.
pub(super) fn priced<'t>(analysis: &Analysis, terms: &'t Terms) -> Result<Timing<'t>, Failure> {
    price(analysis, terms).map_err(|error| Failure::Usage(error.to_string()))
}

/// What is found in a build without times.
pub(super) fn linted(build: &Build) -> Vec<Diagnostic> {
    if build.is_of_several() { lint_all(build) } else { lint(build) }
}

/// What is found in a file, given how its build runs.
pub(super) fn evaluated(setup: &Setup, build: &Build, timing: &Timing<'_>) -> Vec<Diagnostic> {
    let pricer = Pricer::as_shown(timing).worth(setup.worth);
    if build.is_of_several() { evaluate_all(build, &pricer) } else { evaluate_timed(build, &pricer, timing) }
}
