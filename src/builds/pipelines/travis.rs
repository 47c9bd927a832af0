//! Travis CI: the phases of `.travis.yml`, for each of its jobs.

use super::super::definition::Tool;
use super::super::site::Site;
use super::super::text::{Text, unknown};
use super::super::world::World;
use super::{MAX_LEGS, Piece, Variables, assignments, declared, expand, pieces, shell};
use crate::yaml::Node;

/// The phases of a job in their order, in one shell.
const PHASES: &[&str] = &[
    "before_install",
    "install",
    "before_script",
    "script",
    "after_success",
    "before_deploy",
    "after_deploy",
    "after_script",
];

const FILE: &str = ".travis.yml";

pub(super) fn list(world: &mut World<'_>) {
    if !world.repo.has_file(FILE) {
        return;
    }
    let Some(root) = world.repo.yaml(FILE) else { return };
    let global = root.at(&["env", "global"]);
    let mut common = Variables::new();
    declared(global, &mut common, &expand);
    let jobs: Vec<&Node> = ["jobs", "matrix"]
        .iter()
        .filter_map(|key| root.at(&[key, "include"]))
        .flat_map(Node::items)
        .collect();
    let legs = legs(&root, &common);
    // What is said for all jobs is a job where nothing else is, or where the environment has several.
    if jobs.is_empty() || legs.len() > 1 {
        for leg in legs {
            job(world, &root, &root, &leg);
        }
    }
    for own in jobs {
        let mut environment = common.clone();
        declared(own.get("env"), &mut environment, &expand);
        job(world, &root, own, &environment);
    }
}

/// The variables of each job that `env` makes.
fn legs(root: &Node, common: &Variables) -> Vec<Variables> {
    let Some(env) = root.get("env") else { return vec![common.clone()] };
    let list = ["matrix", "jobs"].iter().find_map(|key| env.get(key));
    let list = match list {
        Some(list) => list.items(),
        None if env.as_mapping().is_some() => {
            // Without lists in it, it is that of the one job.
            let mut one = common.clone();
            if env.get("global").is_none() {
                declared(Some(env), &mut one, &expand);
            }
            return vec![one];
        }
        None => env.items(),
    };
    let of = |item: &Node| {
        let mut leg = common.clone();
        match item.as_str() {
            Some(text) => assignments(text, &mut leg, &expand),
            None => declared(Some(item), &mut leg, &expand),
        }
        leg
    };
    if list.len() <= MAX_LEGS {
        return if list.is_empty() { vec![common.clone()] } else { list.iter().map(of).collect() };
    }
    let mut all = common.clone();
    for leg in list.iter().map(of) {
        all.extend(leg.into_keys().map(|name| (name.clone(), unknown(&format!("${name}")))));
    }
    vec![all]
}

/// Runs the phases of a job, which has those of the whole file that it does not say itself.
fn job(world: &mut World<'_>, root: &Node, own: &Node, environment: &Variables) {
    let mut site = Site::new(Tool::BuildxCli);
    site.runner = Some(Text::unknown("Travis CI"));
    let mut script: Vec<Piece> = Vec::new();
    let mut add = |node: &Node| {
        let texts = node.items().iter().filter_map(|item| Some((item.as_str()?, item.line)));
        script.extend(texts.map(|(text, line)| Piece { text: text.to_owned(), file: FILE.to_owned(), line }));
    };
    for phase in PHASES {
        if *phase == "after_deploy" {
            let deploy = own.get("deploy").or_else(|| root.get("deploy"));
            deploy
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(|item| item.get("script"))
                .for_each(&mut add);
        }
        if let Some(node) = own.get(phase).or_else(|| root.get(phase)) {
            add(node);
        }
    }
    pieces(world, &mut site, &script, shell(environment));
}
