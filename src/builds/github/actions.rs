//! Actions that build images, and those that set up what builds.

use super::super::definition::{Builder, Definition, Legs, Place, Platforms, Push, Tool};
use super::super::docker::{BuildCall, pushes};
use super::super::path::{ROOT, join};
use super::super::platforms::comma_list;
use super::super::site::Site;
use super::super::text::{Text, is_known, is_wholly_unknown, readable};
use super::super::world::{World, is_remote, platforms};
use super::super::{bake, goreleaser};
use super::scope::Scope;
use super::steps::{With, setup_buildx};
use super::value::Value;

/// What runs a script that it is given: the script.
pub(super) fn wrapped_script(name: &str, with: &With) -> Option<String> {
    match name {
        "nick-fields/retry" | "nick-invision/retry" | "wandalen/wretry.action" => with.text("command"),
        _ => None,
    }
}

/// A step with an action from elsewhere.
pub(super) fn step(
    world: &mut World<'_>,
    site: &mut Site,
    name: &str,
    with: &With,
    scope: &Scope,
    place: Place,
) {
    match name {
        "actions/checkout" => check_out(site, with, scope),
        "docker/setup-qemu-action" => site.qemu = true,
        "docker/setup-buildx-action" => setup_buildx(site, with),
        "useblacksmith/setup-docker-builder"
        | "useblacksmith/build-push-action/setup-only"
        | "namespacelabs/nscloud-setup-buildx-action" => {
            site.builder = Builder::Cloud;
        }
        "docker/build-push-action"
        | "useblacksmith/build-push-action"
        | "depot/build-push-action"
        | "int128/build-push-action" => {
            let mut definition = build_push(world, site, with, place);
            if name.starts_with("depot") {
                definition.tool = Tool::Depot;
            }
            if !name.starts_with("docker/") {
                definition.builder = Builder::Cloud;
            }
            world.add(definition);
        }
        "docker/bake-action" | "depot/bake-action" => bake_step(world, site, with, scope, place, name),
        "goreleaser/goreleaser-action" => {
            let args: Vec<String> =
                with.text("args").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            let folder = join(ROOT, &with.text("workdir").unwrap_or_else(|| ".".to_owned()));
            goreleaser::run(world, site, &args, &folder, place);
        }
        "redhat-actions/buildah-build" => {
            let definition = buildah(site, with, place);
            world.add(definition);
        }
        _ => {}
    }
}

fn check_out(site: &mut Site, with: &With, scope: &Scope) {
    let folder = with.text("path").unwrap_or_else(|| ".".to_owned());
    let other = match (with.text("repository"), with.text("ref")) {
        (Some(repository), _)
            if scope.repository.as_deref().is_none_or(|own| !own.eq_ignore_ascii_case(&repository)) =>
        {
            Some(format!("in {}", readable(&repository)))
        }
        // A ref that the run decides is taken as the one that is read, and so are the usual names of the main branch.
        (_, Some(reference)) if is_known(&reference) && !is_main(&reference) => {
            Some(format!("at {reference}"))
        }
        _ => None,
    };
    site.check_out(&folder, other);
}

fn is_main(reference: &str) -> bool {
    matches!(reference.trim_start_matches("refs/heads/"), "main" | "master" | "trunk" | "HEAD")
}

/// `docker/build-push-action` and those made like it.
fn build_push(world: &World<'_>, site: &Site, with: &With, place: Place) -> Definition {
    let mut definition = site.definition(place, site.via.clone());
    definition.tool = Tool::BuildPushAction;
    let file = with.text("file");
    match with.text("context") {
        None => git_context(&mut definition, "", file.as_deref()),
        Some(context) => match default_context(&context) {
            Some(folder) => git_context(&mut definition, folder.trim_start_matches(':'), file.as_deref()),
            None if is_remote(&context) => {
                let (context, dockerfile) = world.remote(&context, file.as_deref());
                definition.context = context;
                definition.dockerfile = dockerfile;
            }
            None => {
                let whole = under_root(&context);
                definition.context = site.located(&whole);
                definition.dockerfile = match &file {
                    Some(file) => site.located(&under_root(file)),
                    None => site.located(&join(&whole, "Dockerfile")),
                };
            }
        },
    }
    if with.value("dockerfile-inline").is_some() {
        definition.dockerfile = Text::known("-");
    }
    common(&mut definition, with);
    definition
}

/// What follows `{{defaultContext}}`, which stands for the commit itself.
fn default_context(context: &str) -> Option<&str> {
    let rest = context.strip_prefix("{{")?.trim_start().strip_prefix("defaultContext")?;
    rest.trim_start().strip_prefix("}}")
}

/// A path seen from the root; one that begins with an unknown piece may be absolute.
fn under_root(path: &str) -> String {
    if is_wholly_unknown(path.split('/').next().unwrap_or_default()) {
        format!("/{path}")
    } else {
        join(ROOT, path)
    }
}

/// The commit itself as context, or a folder of it.
fn git_context(definition: &mut Definition, folder: &str, file: Option<&str>) {
    let inside =
        |path: &str| Text::of(path.strip_prefix(ROOT).map_or(path, |rest| rest.trim_start_matches('/')));
    let whole = join(ROOT, folder);
    definition.context = if whole == ROOT { Text::known(".") } else { inside(&whole) };
    definition.dockerfile = match file {
        Some(file) if is_wholly_unknown(file.split('/').next().unwrap_or_default()) => Text::of(file),
        Some(file) => inside(&join(&whole, file)),
        None => inside(&join(&whole, "Dockerfile")),
    };
}

/// Target, platforms, arguments, caches and outputs.
fn common(definition: &mut Definition, with: &With) {
    definition.target = with.text("target").map(Text::of);
    definition.platforms = match with.value("platforms") {
        None | Some(Value::Null) => Platforms::Known(Vec::new()),
        Some(Value::OneOf(values, why)) => {
            let texts = values.iter().map(Value::to_text).collect();
            Platforms::Unknown(Text::unknown(&format!("${{{{ {why} }}}}")), texts)
        }
        Some(Value::List(items)) => {
            platforms(&items.iter().map(Value::to_text).collect::<Vec<_>>().join(","))
        }
        Some(value) => platforms(&value.to_text()),
    };
    for line in with.lines("build-args") {
        match line.split_once('=') {
            Some((name, value)) if is_known(name) => {
                definition.args.push((name.trim().to_owned(), Text::of(unquoted(value))));
            }
            None if is_known(&line) => {
                definition.args.push((line.clone(), Text::unknown(&format!("${line}"))));
            }
            _ => definition.more_args = true,
        }
    }
    for line in with.lines("build-contexts") {
        if let Some((name, value)) = line.split_once('=') {
            definition.build_contexts.push((name.to_owned(), Text::of(value)));
        }
    }
    definition.cache_from = with.lines("cache-from").iter().map(Text::of).collect();
    definition.cache_to = with.lines("cache-to").iter().map(Text::of).collect();
    if with.text("builder").is_some() && definition.builder == Builder::Docker {
        definition.builder = Builder::Unknown;
    }
    definition.push = push(with);
    definition.set_legs();
}

fn unquoted(value: &str) -> &str {
    let value = value.trim_end();
    value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value)
}

fn push(with: &With) -> Push {
    let outputs = with.lines("outputs");
    match with.value("push") {
        Some(value) if value.truth() == Some(true) && value.to_text() != "false" => Push::Yes,
        Some(value) if !value.is_known() => Push::Unknown,
        _ if outputs.iter().any(|output| pushes(output)) => Push::Yes,
        _ if outputs.iter().any(|output| !is_known(output)) => Push::Unknown,
        _ => Push::No,
    }
}

fn bake_step(world: &mut World<'_>, site: &Site, with: &With, scope: &Scope, place: Place, name: &str) {
    let mut definition = site.definition(place, site.via.clone());
    definition.tool = if name.starts_with("depot") { Tool::Depot } else { Tool::BakeAction };
    let source = with.text("source");
    let folder = join(ROOT, &with.text("workdir").unwrap_or_else(|| ".".to_owned()));
    definition.push = push(with);
    let mut call = bake_call(with);
    if let Some(remote) = source.filter(|source| is_remote(source) || default_context(source).is_some()) {
        call.positional.insert(0, remote);
    }
    bake::command(world, site, &call, &folder, &scope.env, definition);
}

/// The inputs of bake as its command line.
fn bake_call(with: &With) -> BuildCall {
    let list =
        |name: &str| with.lines(name).iter().flat_map(|line| comma_list(line)).collect::<Vec<String>>();
    BuildCall {
        files: list("files"),
        positional: list("targets"),
        set: with.lines("set"),
        push: push(with),
        bake: true,
        buildx: true,
        ..BuildCall::default()
    }
}

fn buildah(site: &Site, with: &With, place: Place) -> Definition {
    let mut definition = site.definition(place, site.via.clone());
    definition.tool = Tool::Other;
    definition.builder = Builder::Other;
    let context = join(ROOT, &with.text("context").unwrap_or_else(|| ".".to_owned()));
    definition.context = site.located(&context);
    let files = with.lines("containerfiles").into_iter().chain(with.lines("dockerfiles"));
    let file = files.flat_map(|line| comma_list(&line)).next();
    definition.dockerfile = match file {
        Some(file) => site.located(&under_root(&file)),
        None => Text::unknown("no Dockerfile: buildah from scratch"),
    };
    let list = with.text("platforms").or_else(|| with.text("platform"));
    let archs = with.text("archs").or_else(|| with.text("arch"));
    definition.platforms = match list.or(archs) {
        Some(list) => platforms(&list),
        None => Platforms::Known(Vec::new()),
    };
    for line in with.lines("build-args") {
        if let Some((name, value)) = line.split_once('=') {
            definition.args.push((name.to_owned(), Text::of(value)));
        }
    }
    definition.set_legs();
    definition
}

/// A workflow of another repository that a job calls.
pub(super) fn external_workflow(
    world: &mut World<'_>,
    site: &Site,
    uses: &str,
    with: &[(String, Value)],
    place: Place,
) {
    let name = uses.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let with = With { values: with.to_vec() };
    if name.starts_with("docker/github-builder") {
        github_builder(world, site, &name, &with, place);
        return;
    }
    let file = name.rsplit('/').next().unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|word| file.contains(word));
    let given =
        ["dockerfile", "docker-file", "dockerfile_path", "dockerfile-path", "docker_file", "dockerfilepath"];
    if !says(&["docker", "image", "container"]) && given.iter().all(|name| with.value(name).is_none()) {
        return;
    }
    if says(&[
        "slsa", "sign", "lint", "scan", "retag", "promote", "clean", "prune", "test", "check", "delete",
    ]) {
        return;
    }
    let mut definition = site.definition(place, site.via.clone());
    let why = format!("a workflow of another repository: {uses}");
    definition.dockerfile = Text::unknown(&why);
    definition.context = Text::unknown(&why);
    definition.target = Some(Text::unknown(&why));
    definition.platforms = Platforms::Unknown(Text::unknown(&why), Vec::new());
    definition.builder = Builder::Unknown;
    definition.push = Push::Unknown;
    definition.legs = Legs::Unknown;
    definition.more_args = true;
    definition.runner = Some(Text::unknown(&why));
    definition.note = format!("calls {uses}");
    world.add(definition);
}

fn github_builder(world: &mut World<'_>, site: &Site, name: &str, with: &With, place: Place) {
    let bakes = name.ends_with("bake.yml");
    let mut definition =
        if bakes { site.definition(place, site.via.clone()) } else { build_push(world, site, with, place) };
    definition.tool = Tool::GithubBuilder;
    definition.builder = Builder::DockerContainer;
    definition.runner = Some(Text::unknown("chosen by docker/github-builder"));
    definition.push = push(with);
    if !bakes {
        if matches!(&definition.platforms, Platforms::Known(list) if list.len() > 1) {
            definition.legs = Legs::Merged;
        }
        world.add(definition);
        return;
    }
    let mut call = bake_call(with);
    if let Some(target) = with.text("target") {
        call.positional.push(target);
    }
    let folder = join(
        ROOT,
        &with.text("context").filter(|context| !is_remote(context)).unwrap_or_else(|| ".".to_owned()),
    );
    bake::command(world, site, &call, &folder, &std::collections::BTreeMap::new(), definition);
}
