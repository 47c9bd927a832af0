//! Fixes of workflows: applied together, and kept only if the repository builds the same with them.

use std::rc::Rc;

use super::{InWorkflows, evaluate_workflow};
use crate::advice::edits::apply::apply;
use crate::advice::{Patch, Worth};
use crate::builds::{Builds, Definition, Place, Repo, Text, list};
use crate::diagnostic::{Diagnostic, Edit, Rule};
use crate::workflow::{Pricer, attribute};

/// A workflow with its fixes.
#[derive(Debug)]
pub struct FixedWorkflow {
    /// Its text as it was.
    pub before: Rc<str>,
    /// Its text with what stands.
    pub after: String,
    /// What was applied.
    pub applied: Vec<Diagnostic>,
    /// What was found besides.
    pub left: Vec<Diagnostic>,
}

impl FixedWorkflow {
    /// The difference.
    pub fn patch(&self, name: &str) -> Patch {
        Patch::between(&self.before, &self.after, name)
    }
}

/// Applies the fixes that stand to a workflow, by its file; `wanted` says of a rule whether it is asked for.
///
/// A fix stands if everything that the repository builds stays the same but for where caches lie and whether QEMU is set up.
pub fn fix_workflow(
    repo: &Repo<'_>,
    builds: &Builds,
    file: &str,
    pricer: &Pricer<'_>,
    worth: Worth,
    wanted: &dyn Fn(&Rule) -> bool,
) -> Option<FixedWorkflow> {
    let before = repo.text(file)?;
    let workflow = pricer.workflow(builds, file);
    let InWorkflows { sources, found } =
        evaluate_workflow(repo, builds, &workflow, pricer, worth, &str::to_owned);
    let own = |one: &Diagnostic| sources.get(one.file.index()).is_some_and(|source| source.name() == file);
    let mut fixed =
        FixedWorkflow { after: before.to_string(), before, applied: Vec::new(), left: Vec::new() };
    let mut edits: Vec<Edit> = Vec::new();
    for one in found.into_iter().filter(own) {
        let more = one.fix.as_ref().filter(|_| one.counts() && wanted(one.rule)).map(|fix| &fix.edits);
        let together: Option<Vec<Edit>> = more.map(|more| edits.iter().chain(more).cloned().collect());
        let text = together.as_ref().and_then(|together| apply(&fixed.before, together));
        match (together, text) {
            (Some(together), Some(text)) if stands(repo, builds, file, &text) => {
                edits = together;
                fixed.after = text;
                fixed.applied.push(one);
            }
            _ => fixed.left.push(one),
        }
    }
    Some(fixed)
}

/// Whether a repository builds the same with another text of a file.
fn stands(repo: &Repo<'_>, builds: &Builds, file: &str, text: &str) -> bool {
    let changed = repo.with_text(file, text);
    let after = list(&changed);
    let plain = |definition: &Definition| Definition {
        qemu: false,
        cache_from: Vec::new(),
        cache_to: Vec::new(),
        place: Place { line: 0, ..definition.place.clone() },
        via: Vec::new(),
        step: 0,
        ..definition.clone()
    };
    after.problems.len() == builds.problems.len()
        && after.definitions.len() == builds.definitions.len()
        && after.definitions.iter().zip(&builds.definitions).all(|(a, b)| {
            let caches =
                |definition: &Definition| [definition.cache_from.clone(), definition.cache_to.clone()];
            plain(a) == plain(b) && caches(a).iter().zip(&caches(b)).all(|(a, b)| is_scoped(a, b))
        })
}

/// Whether caches are those of before, some of them with a scope.
fn is_scoped(after: &[Text], before: &[Text]) -> bool {
    let without = |cache: &Text| -> Vec<String> {
        let parts = cache.readable();
        parts.split(',').filter(|part| !part.starts_with("scope=")).map(str::to_owned).collect()
    };
    after.len() == before.len()
        && after.iter().zip(before).all(|(after, before)| {
            after == before
                || without(after) == without(before) && attribute(&after.readable(), "scope").is_some()
        })
}
