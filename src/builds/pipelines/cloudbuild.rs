//! Google Cloud Build: the steps of `cloudbuild.yaml`.

use super::super::definition::{Place, Tool};
use super::super::docker;
use super::super::path::{ROOT, join};
use super::super::site::Site;
use super::super::text::{Text, unknown};
use super::super::world::World;
use super::{Variables, expand, is_foreign, script, shell};
use crate::yaml::Node;

pub(super) fn list(world: &mut World<'_>) {
    let is_build = |file: &&str| {
        let base = file.rsplit('/').next().unwrap_or(file);
        !is_foreign(file)
            && base.contains("cloudbuild")
            && [".yml", ".yaml", ".json"].iter().any(|end| base.ends_with(end))
    };
    let files: Vec<String> = world.repo.files_under(".").filter(is_build).map(str::to_owned).collect();
    for file in files {
        let Some(node) = world.repo.yaml(&file) else { continue };
        let mut variables = Variables::new();
        for (name, value) in node.get("substitutions").into_iter().flat_map(Node::entries) {
            variables.insert(name.to_owned(), value.as_str().unwrap_or_default().to_owned());
        }
        let own = file.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
        for step in node.get("steps").and_then(Node::as_sequence).unwrap_or_default() {
            if !world.spend() {
                return;
            }
            follow(world, &file, step, &variables, &own);
        }
    }
}

fn follow(world: &mut World<'_>, file: &str, step: &Node, variables: &Variables, own: &str) {
    let Some(image) = step.str("name") else { return };
    let image = image.split(['@', ':']).next().unwrap_or_default();
    let program = image.rsplit('/').next().unwrap_or_default();
    let args: Vec<(String, u32)> = step
        .get("args")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|arg| Some((expand(arg.as_str()?, variables), arg.line)))
        .collect();
    let mut environment = Variables::new();
    for item in step.get("env").map(Node::items).unwrap_or_default() {
        if let Some((name, value)) = item.as_str().and_then(|item| item.split_once('=')) {
            environment.insert(name.to_owned(), expand(value, variables));
        }
    }
    let folder = match step.str("dir") {
        Some(folder) => join(ROOT, &expand(folder, variables)),
        None => source_folder(world, own),
    };
    let mut site = Site::new(Tool::BuildxCli);
    site.runner = Some(Text::known("Cloud Build"));
    let mut state = shell(&environment);
    state.folder.clone_from(&folder);
    if let Some(text) = step.get("script") {
        let source = text.as_str().unwrap_or_default();
        script(world, &mut site, source, file, text.line, state);
        return;
    }
    let entrypoint = step.str("entrypoint").unwrap_or(program);
    match entrypoint.rsplit('/').next().unwrap_or_default() {
        "bash" | "sh" => {
            let text = args
                .iter()
                .skip_while(|(arg, _)| arg.starts_with('-'))
                .map(|(arg, line)| (arg.as_str(), *line))
                .next();
            let inline = args.first().is_some_and(|(flag, _)| flag.starts_with('-') && flag.contains('c'));
            match text {
                Some((text, line)) if inline => {
                    script(world, &mut site, text, file, line, state);
                }
                Some((path, line)) => {
                    script(world, &mut site, &format!("bash {path}"), file, line, state);
                }
                None => {}
            }
        }
        "make" => {
            let list: Vec<String> = args.into_iter().map(|(arg, _)| arg).collect();
            site.via.push(Place { file: file.to_owned(), line: step.line });
            super::super::make::run(world, &mut site, &list, &folder, &environment, 1);
        }
        "docker" | "executor" | "buildx" | "podman" | "buildah" => {
            let name = if entrypoint.ends_with("executor") { "/kaniko/executor" } else { "docker" };
            let words: Vec<String> =
                std::iter::once(name.to_owned()).chain(args.into_iter().map(|(arg, _)| arg)).collect();
            if let Some(call) = docker::parse(&words).filter(|call| !call.dry) {
                let place = Place { file: file.to_owned(), line: step.line };
                world.build(&site, &call, &folder, &environment, place, None, None);
            }
        }
        _ if entrypoint.contains('/') => {
            let words = std::iter::once(entrypoint).chain(args.iter().map(|(arg, _)| arg.as_str()));
            let line = words.collect::<Vec<_>>().join(" ");
            script(world, &mut site, &line, file, step.line, state);
        }
        _ => {}
    }
}

/// The folder that is sent: the root, unless only the file's own folder has what is asked for.
fn source_folder(world: &World<'_>, own: &str) -> String {
    let own_dockerfile = world.repo.has_file(&format!("{own}/Dockerfile"));
    if own != "." && own_dockerfile && !world.repo.has_file("Dockerfile") {
        return format!("{ROOT}/{}", unknown("the folder that is submitted"));
    }
    ROOT.to_owned()
}
