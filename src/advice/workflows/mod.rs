//! What is found in workflows, and the changes of them that are mechanical.

mod edit;
mod fix;

use std::cell::RefCell;
use std::sync::Arc;

pub(in crate::advice) use edit::{scope_edits, without_step};
pub use fix::{FixedWorkflow, fix_workflow};

use super::facts::workflow::WorkflowContext;
use super::price::Worth;
use super::rules;
use super::suppression::in_definition;
use crate::builds::{Builds, Repo};
use crate::diagnostic::{Diagnostic, by_worth};
use crate::ids::FileIx;
use crate::source::Source;
use crate::workflow::{Pricer, Workflow};

/// What was found in the files that define builds.
#[derive(Debug, Default)]
pub struct InWorkflows {
    /// The files, by their names as shown.
    pub sources: Vec<Arc<Source>>,
    /// What was found, each with its file among these. What comments exempt is included, and marked.
    pub found: Vec<Diagnostic>,
}

/// What is found in the workflows of a repository. What is said of a step that several of them run is said once.
pub fn evaluate_workflows(
    repo: &Repo<'_>,
    builds: &Builds,
    pricer: &Pricer<'_>,
    worth: Worth,
    named: &dyn Fn(&str) -> String,
) -> InWorkflows {
    let mut workflows: Vec<&str> = Vec::new();
    for job in &builds.jobs {
        if workflows.last() != Some(&job.workflow.as_str()) {
            workflows.push(&job.workflow);
        }
    }
    let mut all = Found::default();
    for file in workflows {
        let workflow = pricer.workflow(builds, file);
        if !workflow.legs.is_empty() {
            all.add(repo, builds, &workflow, pricer, worth);
        }
    }
    all.finish(repo, named)
}

/// What is found in one workflow.
pub fn evaluate_workflow(
    repo: &Repo<'_>,
    builds: &Builds,
    workflow: &Workflow,
    pricer: &Pricer<'_>,
    worth: Worth,
    named: &dyn Fn(&str) -> String,
) -> InWorkflows {
    let mut all = Found::default();
    all.add(repo, builds, workflow, pricer, worth);
    all.finish(repo, named)
}

#[derive(Default)]
struct Found {
    files: RefCell<Vec<String>>,
    all: Vec<Diagnostic>,
}

impl Found {
    fn add(
        &mut self,
        repo: &Repo<'_>,
        builds: &Builds,
        workflow: &Workflow,
        pricer: &Pricer<'_>,
        worth: Worth,
    ) {
        let mut found = Vec::new();
        let context = WorkflowContext::new(repo, builds, workflow, pricer, &self.files);
        for lint in rules::WORKFLOW_LINTS {
            (lint.detect)(&context, &mut found);
        }
        for mut diagnostic in found {
            // That a job needs no emulator any more is worth nothing by itself: setting one up is in the numbers.
            let takes = diagnostic.saving.as_ref().is_none_or(|saving| worth.takes_time(saving));
            if !takes {
                diagnostic.saving = None;
                if diagnostic.rule.is_about_time {
                    continue;
                }
            }
            let is_known = self.all.iter().any(|other| {
                (other.rule, other.file, other.line) == (diagnostic.rule, diagnostic.file, diagnostic.line)
            });
            if !is_known {
                self.all.push(diagnostic);
            }
        }
    }

    fn finish(self, repo: &Repo<'_>, named: &dyn Fn(&str) -> String) -> InWorkflows {
        let mut found = InWorkflows::default();
        for (at, file) in self.files.borrow().iter().enumerate() {
            let text = repo.text(file).unwrap_or_default();
            let Ok(source) = Source::new(named(file), text.as_bytes().to_vec()) else { continue };
            let place = FileIx::new(found.sources.len());
            let of_file = self.all.iter().filter(|one| one.file.index() == at).cloned();
            let own = of_file.map(|mut one| {
                one.file = place;
                one.suppressed = one.line.and_then(|line| in_definition(&text, line, one.rule));
                if one.fix.is_none() && one.unfixed.is_none() {
                    one.unfixed =
                        one.rule.doc.and_then(|doc| doc.no_fix).map(|why| why.trim_end_matches('.').into());
                }
                one
            });
            found.found.extend(own);
            found.sources.push(Arc::new(source));
        }
        by_worth(&mut found.found);
        found
    }
}
