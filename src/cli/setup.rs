//! From what a command was given and what its project says to what it works with.

use std::path::Path;

use super::args::{Given, TimeArgs};
use super::exit::Failure;
use super::project::Project;
use super::{context, load, terms};
use crate::advice::{Pricer, Worth, evaluate_timed};
use crate::analysis::{Analysis, Build, NodeInputs};
use crate::diagnostic::Diagnostic;
use crate::pricing::{Terms, Timing, needs_context, price};
use crate::sim::Machine;
use crate::source::Source;

/// What a command works with on one file.
pub(super) struct Setup {
    pub(super) project: Project,
    pub(super) nodes: Vec<NodeInputs>,
    time: TimeArgs,
    machine: Option<Machine>,
    worth: Worth,
}

impl Setup {
    /// The arguments, completed by the settings of the file's project, and checked.
    pub(super) fn of(file: &Path, given: &Given) -> Result<Self, Failure> {
        Self::in_context(file, None, given)
    }

    /// The same with the build context as an argument, which `--context` beats.
    pub(super) fn in_context(file: &Path, context: Option<&Path>, given: &Given) -> Result<Self, Failure> {
        let project = Project::find(file, &given.project)?;
        let (build, mut time) = project.complete(given);
        if let (Some(context), None) = (context, &given.time.context) {
            time.context = Some(context.to_owned());
        }
        let machine = terms::machine(&time)?;
        let nodes = load::nodes(&build, machine.as_ref())?;
        let worth = project.worth()?;
        Ok(Self { project, nodes, time, machine, worth })
    }

    /// A file and what its nodes make of it.
    pub(super) fn build(&self, source: Source) -> Build {
        Build::new(source, self.nodes.clone())
    }

    /// What the build of a file is priced with. The build context is read only where its sizes matter.
    pub(super) fn terms(&self, file: &Path, analysis: &Analysis) -> Result<Terms, Failure> {
        let mut terms = self.terms_without_context()?;
        if needs_context(analysis) {
            terms.context = context::read(self.time.context.as_deref(), file)?;
        }
        Ok(terms)
    }

    /// What prices changes.
    pub(super) fn pricer(&self, terms: Terms) -> Pricer {
        Pricer::new(terms).worth(self.worth)
    }

    /// The same for a file that cannot be built as it is: what it copies is not known.
    pub(super) fn terms_without_context(&self) -> Result<Terms, Failure> {
        terms::terms(&self.time, self.machine.clone(), &self.nodes)
    }
}

/// How a build runs.
pub(super) fn priced<'t>(analysis: &Analysis, terms: &'t Terms) -> Result<Timing<'t>, Failure> {
    price(analysis, terms).map_err(|error| Failure::Usage(error.to_string()))
}

/// What is found in a file, given how its build runs.
pub(super) fn evaluated(setup: &Setup, build: &Build, timing: &Timing<'_>) -> Vec<Diagnostic> {
    evaluate_timed(build, &setup.pricer(timing.terms.clone()), timing)
}
