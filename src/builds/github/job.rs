//! Jobs and their legs.

use std::collections::HashMap;

use super::super::definition::{Place, Tool};
use super::super::jobs::{Job, JobIx, Leg, LegIx};
use super::super::site::Site;
use super::super::text::{Text, readable};
use super::super::world::World;
use super::inputs;
use super::matrix::{known, legs, open, shown};
use super::scope::Scope;
use super::value::Value;
use super::{Call, FOLDER, MAX_DEPTH, actions, steps};
use crate::yaml::Node;

/// Follows the jobs of a workflow.
pub(super) fn workflow(world: &mut World<'_>, workflow: &Node, file: &str, inputs: &Value, call: &Call<'_>) {
    let mut scope = Scope {
        repository: world.repo.name().map(str::to_owned),
        env: std::collections::BTreeMap::new(),
        matrix: Value::Map(Vec::new()),
        inputs: inputs.clone(),
        runner: Vec::new(),
        action: None,
    };
    scope.add_env(workflow.get("env"));
    let mut by_name: HashMap<&str, JobIx> = HashMap::new();
    let mut waiting = Vec::new();
    for (key, job) in workflow.get("jobs").and_then(Node::as_mapping).unwrap_or_default() {
        let Some(name) = key.as_str() else { continue };
        if !world.spend() {
            return;
        }
        if scope.never(job.get("if")) {
            continue;
        }
        let place = Place { file: file.to_owned(), line: key.line };
        let ix = JobIx::new(world.jobs.len());
        let matrix = job.at(&["strategy", "matrix"]).map(|matrix| scope.value(matrix));
        world.jobs.push(declared(job, name, place, matrix.as_ref(), &scope, call));
        by_name.insert(name, ix);
        waiting.push((ix, job.get("needs")));
        let legs = matrix.map_or_else(|| vec![Value::Map(Vec::new())], |matrix| legs(&matrix));
        for matrix in legs {
            let values = shown(&matrix);
            let named = if values.is_empty() { name.to_owned() } else { format!("{name} ({values})") };
            let name = if call.name.is_empty() { named } else { format!("{} / {named}", call.name) };
            let leg = Leg {
                job: ix,
                name,
                matrix: known(&matrix),
                runner: None,
                steps: Vec::new(),
                emulator: None,
                elsewhere: None,
            };
            let mut scope = scope.clone();
            scope.matrix = matrix;
            run_leg(world, workflow, job, leg, scope, call, file);
        }
    }
    for (ix, needs) in waiting {
        let needs = needs.into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let needs: Vec<JobIx> = needs.filter_map(|name| by_name.get(name).copied()).collect();
        if let Some(job) = world.jobs.get_mut(ix.index()) {
            job.needs = needs;
        }
    }
}

fn declared(
    job: &Node,
    name: &str,
    place: Place,
    matrix: Option<&Value>,
    scope: &Scope,
    call: &Call<'_>,
) -> Job {
    let at_once = job.at(&["strategy", "max-parallel"]).map(|node| scope.text(node));
    Job {
        workflow: call.workflow.to_owned(),
        place,
        name: name.to_owned(),
        caller: call.job,
        needs: Vec::new(),
        max_parallel: at_once.and_then(|node| node.parse().ok()).filter(|most| *most > 0),
        condition: job.str("if").map(|text| text.trim().to_owned()),
        open: matrix.and_then(open),
    }
}

fn run_leg(
    world: &mut World<'_>,
    workflow: &Node,
    job: &Node,
    mut leg: Leg,
    mut scope: Scope,
    call: &Call<'_>,
    file: &str,
) {
    if let Some((key, uses)) = job.entry("uses") {
        let place = Place { file: file.to_owned(), line: key.line };
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
    leg.runner.clone_from(&site.runner);
    site.leg = Some(LegIx::new(world.legs.len()));
    world.legs.push(leg);
    let Some(list) = job.get("steps") else { return };
    steps::forget_set_variables(list, &mut scope.env);
    let defaults = [job.at(&["defaults", "run"]), workflow.at(&["defaults", "run"])];
    let mut runner = steps::Runner {
        world,
        site,
        file: file.to_owned(),
        defaults: defaults.into_iter().flatten().cloned().collect(),
    };
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
    mut leg: Leg,
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
            let inner = Call {
                workflow: call.workflow,
                via: &via,
                job: Some(leg.job),
                name: &leg.name,
                depth: call.depth + 1,
            };
            workflow(world, &called, &path, &inputs, &inner);
        }
        Some(_) => {}
        None => {
            let mut site = Site::new(Tool::Other);
            site.via = call.via.to_vec();
            site.leg = Some(LegIx::new(world.legs.len()));
            leg.elsewhere = Some(readable(uses));
            world.legs.push(leg);
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
