//! A workflow as rules look at it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::builds::{Builds, Definition, Leg, Place, Repo};
use crate::diagnostic::{Diagnostic, Price, Rule, Saving};
use crate::ids::FileIx;
use crate::source::{Line, Span};
use crate::units::Nanos;
use crate::workflow::{BuildCost, Known, LegTime, Pricer, Workflow};
use crate::yaml::Node;

/// A workflow, what the repository builds, and what it costs.
pub struct WorkflowContext<'a> {
    /// The repository.
    pub repo: &'a Repo<'a>,
    /// What it builds.
    pub builds: &'a Builds,
    /// What the workflow costs.
    pub workflow: &'a Workflow,
    /// What prices it.
    pub pricer: &'a Pricer<'a>,
    /// The files that something was said of.
    files: &'a RefCell<Vec<String>>,
}

impl<'a> WorkflowContext<'a> {
    pub(in crate::advice) fn new(
        repo: &'a Repo<'a>,
        builds: &'a Builds,
        workflow: &'a Workflow,
        pricer: &'a Pricer<'a>,
        files: &'a RefCell<Vec<String>>,
    ) -> Self {
        Self { repo, builds, workflow, pricer, files }
    }

    /// The builds that run in the legs of the workflow: each call of a builder with its leg.
    pub fn calls(&self) -> impl Iterator<Item = (&'a LegTime, &'a BuildCost)> {
        self.workflow.legs.iter().flat_map(|leg| leg.builds.iter().map(move |cost| (leg, cost)))
    }

    /// A build by its position.
    pub fn definition(&self, at: usize) -> Option<&'a Definition> {
        self.builds.definitions.get(at)
    }

    /// A leg with its time.
    pub fn leg(&self, time: &LegTime) -> Option<&'a Leg> {
        self.builds.legs.get(time.leg.index())
    }

    /// A call of a builder, simulated.
    pub fn known(&self, cost: &BuildCost) -> Rc<Result<Known, String>> {
        self.pricer.call(self.builds, &cost.definitions)
    }

    /// What the workflow costs with other builds or jobs.
    pub fn tried(&self, change: impl FnOnce(&mut Builds)) -> Workflow {
        let mut builds = self.builds.clone();
        change(&mut builds);
        self.pricer.workflow(&builds, &self.workflow.file)
    }

    /// What a change saves of the time from nothing.
    pub fn saving_from_nothing(&self, after: &Workflow) -> Saving {
        let price =
            |workflow: &Workflow| Price { makespan: Some(workflow.times.cold.p50), ..count(workflow) };
        Saving { before: price(self.workflow), after: price(after) }
    }

    /// What a change saves of the time after a change of sources; `None` where one of them is not known.
    pub fn saving_again(&self, after: &Workflow) -> Option<Saving> {
        let price = |workflow: &Workflow| {
            let again: Nanos = workflow.times.again.as_ref().ok()?.p50;
            Some(Price { makespan: Some(again), ..count(workflow) })
        };
        Some(Saving { before: price(self.workflow)?, after: price(after)? })
    }

    /// A diagnostic at a line of a file of the repository.
    pub fn diagnostic(
        &self,
        rule: &'static Rule,
        place: &Place,
        message: String,
        help: String,
    ) -> Diagnostic {
        let mut files = self.files.borrow_mut();
        let at = files.iter().position(|file| *file == place.file);
        let at = at.unwrap_or_else(|| {
            files.push(place.file.clone());
            files.len() - 1
        });
        let mut diagnostic = Diagnostic::new(rule, message).at(Line(place.line)).help(help);
        diagnostic.file = FileIx::new(at);
        diagnostic.span = self.repo.text(&place.file).and_then(|text| written(&text, place.line));
        diagnostic
    }

    /// The node of the step that an action or a command stands in, and the text of its file.
    pub fn step(&self, place: &Place) -> Option<(Node, Rc<str>)> {
        let node = step_at(&*self.repo.yaml(&place.file)?, place.line)?.clone();
        Some((node, self.repo.text(&place.file)?))
    }
}

/// What stands on a line, without the white space around it.
fn written(text: &str, line: u32) -> Option<Span> {
    let before = (line as usize).checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let whole = text.get(start..)?.lines().next()?;
    let start = start + whole.len() - whole.trim_start().len();
    Some(span(start..start + whole.trim().len()))
}

/// The step whose `uses` stands on a line.
fn step_at(node: &Node, line: u32) -> Option<&Node> {
    if node.entry("uses").is_some_and(|(key, _)| key.line == line) {
        return Some(node);
    }
    let inner: Vec<&Node> = match (node.as_sequence(), node.as_mapping()) {
        (Some(items), _) => items.iter().collect(),
        (_, Some(entries)) => entries.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    inner.into_iter().find_map(|node| step_at(node, line))
}

/// A span of a file that is small enough to be read.
pub fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

fn count(workflow: &Workflow) -> Price {
    let known = workflow.legs.iter().flat_map(|leg| &leg.builds).filter_map(|cost| cost.time.as_ref().ok());
    known.fold(Price::default(), |sum, time| Price {
        makespan: None,
        emulated: sum.emulated + time.price.emulated,
        commands: sum.commands + time.price.commands,
        vertices: sum.vertices + time.price.vertices,
        not_understood: None,
    })
}
