//! Workflows of GitHub: what their jobs build.
//!
//! Every workflow that an event starts is followed, with the workflows and actions of the repository that it calls. What
//! an event, a secret or a step decides is unknown.

mod actions;
mod expr;
mod inputs;
mod job;
mod matrix;
mod scope;
mod steps;
mod syntax;
mod value;

pub(super) use scope::native_platform;

use super::definition::Place;
use super::jobs::JobIx;
use super::repo::is_yaml;
use super::world::World;
use crate::yaml::Node;

/// Workflows and actions call each other to this depth; GitHub's own limit is 10.
const MAX_DEPTH: u32 = 10;

/// The folder of workflows.
const FOLDER: &str = ".github/workflows";

/// Follows every workflow of the repository.
pub(super) fn list(world: &mut World<'_>) {
    let files: Vec<String> = world
        .repo
        .files_under(FOLDER)
        .filter(|file| file.matches('/').count() == 2 && is_yaml(file))
        .map(str::to_owned)
        .collect();
    for file in files {
        let Some(workflow) = world.repo.yaml(&file) else { continue };
        let Some(on) = workflow.get("on") else { continue };
        if !started_by_event(on) {
            continue;
        }
        let inputs = inputs::of_dispatch(on);
        let call = Call { workflow: &file, via: &[], job: None, name: "", depth: 0 };
        job::workflow(world, &workflow, &file, &inputs, &call);
    }
}

/// Whether anything but a call by another workflow starts a workflow.
fn started_by_event(on: &Node) -> bool {
    if let Some(name) = on.as_str() {
        return name != "workflow_call";
    }
    if let Some(items) = on.as_sequence() {
        return items.iter().any(|item| item.as_str() != Some("workflow_call"));
    }
    on.entries().any(|(name, _)| name != "workflow_call")
}

/// Who calls a workflow.
struct Call<'a> {
    /// The workflow that an event starts.
    workflow: &'a str,
    via: &'a [Place],
    /// The job that calls, and what GitHub calls it.
    job: Option<JobIx>,
    name: &'a str,
    depth: u32,
}
