//! `GoReleaser`: the images of its configuration.

use super::definition::{Builder, Definition, Place, Platforms, Push, Tool};
use super::path::join;
use super::site::Site;
use super::text::{Text, is_known, unknown, unsplit};
use super::world::{World, platforms};
use crate::yaml::Node;

/// Names of the configuration, in the order of `GoReleaser`.
const NAMES: &[&str] = &[
    ".config/goreleaser.yml",
    ".config/goreleaser.yaml",
    ".goreleaser.yml",
    ".goreleaser.yaml",
    "goreleaser.yml",
    "goreleaser.yaml",
];

/// Commands that build no images, and options in place of one.
const OTHER_COMMANDS: &[&str] = &[
    "build",
    "b",
    "check",
    "c",
    "healthcheck",
    "init",
    "i",
    "jsonschema",
    "schema",
    "completion",
    "changelog",
    "man",
    "mcp",
    "announce",
    "subscribe",
    "help",
    "--help",
    "-h",
    "--version",
    "-v",
];

/// What `dockers_v2` builds for if nothing is said.
const DEFAULT_PLATFORMS: &[&str] = &["linux/amd64", "linux/arm64"];

/// Follows a call of `goreleaser` with these arguments.
pub(super) fn run(world: &mut World<'_>, site: &Site, args: &[String], folder: &str, place: Place) {
    let args: Vec<String> = args.iter().map(|arg| unsplit(arg)).collect();
    // Without a command of its own it releases.
    let releases = args.first().is_none_or(|arg| !OTHER_COMMANDS.contains(&arg.as_str()));
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let skips = |what: &str| {
        args.iter().any(|arg| {
            arg.strip_prefix("--skip=").is_some_and(|list| list.split(',').any(|item| item == what))
        }) || args.windows(2).any(|pair| pair[0] == "--skip" && pair[1].split(',').any(|item| item == what))
            || has(&format!("--skip-{what}"))
    };
    if !releases || skips("docker") || !world.spend() {
        return;
    }
    let named = args.iter().enumerate().find_map(|(at, arg)| match arg.as_str() {
        "-f" | "--config" => args.get(at + 1).cloned(),
        _ => arg.strip_prefix("--config=").or_else(|| arg.strip_prefix("-f=")).map(str::to_owned),
    });
    let path = match named {
        Some(path) => site.inside(&join(folder, &path)),
        None => NAMES
            .iter()
            .filter_map(|name| site.inside(&join(folder, name)))
            .find(|path| world.repo.has_file(path)),
    };
    let Some(path) = path else { return };
    if !is_known(&path) {
        return;
    }
    let Some(config) = world.repo.yaml(&path) else { return };
    let mut via = site.via.clone();
    via.push(place);
    let stays = has("--snapshot") || skips("publish");
    let pushed = |mut definition: Definition| {
        if stays {
            definition.push = Push::No;
        }
        definition
    };
    for item in config.get("dockers").map(Node::items).unwrap_or_default() {
        world.add(pushed(image(site, item, folder, &path, &via)));
    }
    for item in config.get("dockers_v2").map(Node::items).unwrap_or_default() {
        let definition = pushed(image_v2(site, item, folder, &path, &via));
        let Platforms::Known(list) = definition.platforms.clone() else {
            world.add(definition);
            continue;
        };
        if has("--snapshot") && list.len() > 1 {
            for platform in list {
                let mut one = definition.clone();
                one.platforms = Platforms::Known(vec![platform]);
                one.set_legs();
                world.add(one);
            }
        } else {
            world.add(definition);
        }
    }
}

/// A text with its templates unknown.
fn text(raw: &str) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find("{{") {
        let end = rest[at..].find("}}").map_or(rest.len(), |end| at + end + 2);
        out.push_str(&rest[..at]);
        out.push_str(&unknown(&rest[at..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn base(site: &Site, item: &Node, folder: &str, path: &str, via: &[Place]) -> Definition {
    let mut definition = site.definition(Place { file: path.to_owned(), line: item.line }, via.to_vec());
    definition.tool = Tool::GoReleaser;
    let file = text(item.str("dockerfile").filter(|file| !file.is_empty()).unwrap_or("Dockerfile"));
    definition.dockerfile = site.located(&join(folder, &file));
    definition.context =
        Text::unknown("a temporary folder that GoReleaser makes of binaries and extra files");
    definition.push = match item.str("skip_push") {
        Some("true") => Push::No,
        Some("false") | None => Push::Yes,
        Some(_) => Push::Unknown,
    };
    definition
}

/// An entry of `dockers`.
fn image(site: &Site, item: &Node, folder: &str, path: &str, via: &[Place]) -> Definition {
    let mut definition = base(site, item, folder, path, via);
    if item.str("use").is_none_or(|program| program == "docker") {
        definition.builder = Builder::Docker;
    }
    let flags = item.get("build_flag_templates").map(Node::items).unwrap_or_default();
    let words: Vec<String> = ["docker", "build"]
        .map(str::to_owned)
        .into_iter()
        .chain(flags.iter().filter_map(Node::as_str).map(text))
        .collect();
    if let Some(call) = super::docker::parse(&words) {
        if let Some(list) = call.platforms {
            definition.platforms = platforms(&list);
        }
        definition.target = call.target.map(Text::of);
        for (name, value) in call.args {
            let value = value.map_or_else(|| Text::unknown(&format!("${name}")), Text::of);
            definition.args.push((name, value));
        }
    }
    definition.set_legs();
    definition
}

/// An entry of `dockers_v2`.
fn image_v2(site: &Site, item: &Node, folder: &str, path: &str, via: &[Place]) -> Definition {
    let mut definition = base(site, item, folder, path, via);
    let list: Vec<String> = match item.get("platforms") {
        Some(list) if !list.items().is_empty() => list.texts().into_iter().map(text).collect(),
        _ => DEFAULT_PLATFORMS.iter().map(|&platform| platform.to_owned()).collect(),
    };
    definition.platforms = platforms(&list.join(","));
    for (name, value) in item.get("build_args").into_iter().flat_map(Node::entries) {
        definition.args.push((name.to_owned(), Text::of(text(value.as_str().unwrap_or_default()))));
    }
    for flag in item.get("flags").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str) {
        if let Some(target) = flag.strip_prefix("--target=") {
            definition.target = Some(Text::of(text(target)));
        }
    }
    definition.set_legs();
    definition
}
