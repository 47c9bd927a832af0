//! Jobs and their legs.

use super::super::definition::{JobId, Place, Tool};
use super::super::site::Site;
use super::super::text::{Text, readable};
use super::super::world::World;
use super::inputs;
use super::matrix::legs;
use super::scope::Scope;
use super::value::Value;
use super::{Call, FOLDER, MAX_DEPTH, actions, steps};
use crate::yaml::Node;

/// Follows the jobs of a workflow.
pub(super) fn workflow(
    world: &mut World<'_>,
    workflow: &Node,
    file: &str,
    inputs: &Value,
    via: &[Place],
    depth: u32,
) {
    let mut scope = Scope {
        repository: world.repo.name().map(str::to_owned),
        env: std::collections::BTreeMap::new(),
        matrix: Value::Map(Vec::new()),
        inputs: inputs.clone(),
        runner: Vec::new(),
        action: None,
    };
    scope.add_env(workflow.get("env"));
    let call = Call { via, depth };
    for (name, job) in workflow.get("jobs").into_iter().flat_map(Node::entries) {
        if !world.spend() {
            return;
        }
        if scope.never(job.get("if")) {
            continue;
        }
        let legs = match job.at(&["strategy", "matrix"]) {
            Some(matrix) => legs(&scope.value(matrix)),
            None => vec![Value::Map(Vec::new())],
        };
        for (number, matrix) in legs.into_iter().enumerate() {
            let leg = JobId {
                workflow: file.to_owned(),
                job: name.to_owned(),
                leg: u32::try_from(number).unwrap_or(u32::MAX),
            };
            let mut scope = scope.clone();
            scope.matrix = matrix;
            run_leg(world, workflow, job, leg, scope, &call);
        }
    }
}

fn run_leg(
    world: &mut World<'_>,
    workflow: &Node,
    job: &Node,
    leg: JobId,
    mut scope: Scope,
    call: &Call<'_>,
) {
    if let Some((key, uses)) = job.entry("uses") {
        let place = Place { file: leg.workflow.clone(), line: key.line };
        call_workflow(world, job, uses, place, leg, &scope, call);
        return;
    }
    let labels = labels(job.get("runs-on"), &scope);
    scope.runner.clone_from(&labels);
    scope.add_env(job.get("env"));
    let mut site = Site::new(Tool::BuildxCli);
    site.via = call.via.to_vec();
    site.runner = match labels.as_slice() {
        [] => None,
        [label] => Some(Text::of(label)),
        labels => Some(Text::of(labels.join(", "))),
    };
    let file = leg.workflow.clone();
    site.job = Some(leg);
    let Some(list) = job.get("steps") else { return };
    steps::forget_set_variables(list, &mut scope.env);
    let defaults = [job.at(&["defaults", "run"]), workflow.at(&["defaults", "run"])];
    let mut runner =
        steps::Runner { world, site, file, defaults: defaults.into_iter().flatten().cloned().collect() };
    runner.steps(list, &scope, call.depth);
}

/// The labels of the machine.
fn labels(runs_on: Option<&Node>, scope: &Scope) -> Vec<String> {
    fn flat(value: Value) -> Vec<String> {
        match value {
            Value::List(items) => items.into_iter().map(|item| item.to_text()).collect(),
            Value::Map(entries) => entries
                .into_iter()
                .filter(|(name, _)| name == "labels" || name == "group")
                .max_by_key(|(name, _)| name == "labels")
                .map(|(_, value)| flat(value))
                .unwrap_or_default(),
            Value::Null => Vec::new(),
            other => vec![other.to_text()],
        }
    }
    runs_on.map(|node| flat(scope.value(node))).unwrap_or_default()
}

/// A job that is another workflow.
fn call_workflow(
    world: &mut World<'_>,
    job: &Node,
    uses: &Node,
    place: Place,
    leg: JobId,
    scope: &Scope,
    call: &Call<'_>,
) {
    let Some(uses) = uses.as_str() else { return };
    let with: Vec<(String, Value)> = job
        .get("with")
        .into_iter()
        .flat_map(Node::entries)
        .map(|(name, value)| (name.to_owned(), scope.value(value)))
        .collect();
    match local_workflow(uses, scope.repository.as_deref()) {
        Some(path) if call.depth < MAX_DEPTH => {
            let Some(called) = world.repo.yaml(&path) else { return };
            let declared = called.at(&["on", "workflow_call", "inputs"]);
            let inputs = inputs::of_call(declared, &with, scope, true);
            let mut via = call.via.to_vec();
            via.push(place);
            workflow(world, &called, &path, &inputs, &via, call.depth + 1);
        }
        Some(_) => {}
        None => {
            let mut site = Site::new(Tool::Other);
            site.via = call.via.to_vec();
            site.job = Some(leg);
            actions::external_workflow(world, &site, &readable(uses), &with, place);
        }
    }
}

/// The file of a workflow of this repository.
fn local_workflow(uses: &str, repository: Option<&str>) -> Option<String> {
    if let Some(path) = uses.strip_prefix("./") {
        return Some(path.to_owned());
    }
    let path = uses.split('@').next()?;
    let rest =
        path.get(..repository?.len()).filter(|own| own.eq_ignore_ascii_case(repository.unwrap_or_default()));
    rest.and_then(|own| path.get(own.len() + 1..)).filter(|path| path.starts_with(FOLDER)).map(str::to_owned)
}
