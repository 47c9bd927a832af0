//! Buildkite: the commands of `.buildkite/*.yml`.

use super::super::definition::Tool;
use super::super::repo::{has_end, is_yaml};
use super::super::site::Site;
use super::super::text::{Text, unknown};
use super::super::world::World;
use super::{Piece, Variables, expand, pieces, product, shell};
use crate::yaml::{self, Node, Value};

/// Groups of groups are followed to this depth.
const MAX_DEPTH: u32 = 8;

pub(super) fn list(world: &mut World<'_>) {
    let is_pipeline = |file: &&str| {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        is_yaml(file)
            && (folder.split('/').next() == Some(".buildkite")
                || file.starts_with("pipelines/")
                || file.starts_with("buildkite/pipelines/"))
    };
    let files: Vec<String> = world.repo.files_under(".").filter(is_pipeline).map(str::to_owned).collect();
    for file in files {
        let Some(node) = world.repo.yaml(&file) else { continue };
        pipeline(world, &file, &node, 0);
    }
    let terraform: Vec<String> =
        world.repo.files_under(".").filter(|file| has_end(file, &["tf"])).map(str::to_owned).collect();
    for file in terraform {
        embedded(world, &file);
    }
}

/// Pipelines that stand as texts in Terraform's files.
fn embedded(world: &mut World<'_>, file: &str) {
    let Some(text) = world.repo.text(file).filter(|text| text.contains("buildkite_pipeline")) else { return };
    let mut lines = text.lines().zip(1_u32..);
    while let Some((line, number)) = lines.next() {
        if let Some(text) = line.trim().strip_prefix("steps").and_then(|rest| rest.trim().strip_prefix('=')) {
            // A text in quotes, which has escapes as JSON has them.
            if let Ok(text) = serde_json::from_str::<String>(text.trim())
                && let Ok(node) = yaml::parse(&text)
            {
                one_line(world, file, &node, number);
                continue;
            }
        }
        let Some((_, mark)) = line.split_once("<<") else { continue };
        let mark = mark.trim_start_matches(['-', '~']).trim();
        if mark.is_empty() || !mark.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            continue;
        }
        let mut body = String::new();
        for (inner, _) in lines.by_ref() {
            if inner.trim() == mark {
                break;
            }
            body.push_str(inner);
            body.push('\n');
        }
        if !body.contains("steps:") {
            continue;
        }
        if let Ok(node) = yaml::parse(&body) {
            pipeline(world, file, &node, number);
        }
    }
}

/// Follows the steps of a pipeline whose whole text stands on one line of the file.
fn one_line(world: &mut World<'_>, file: &str, node: &Node, line: u32) {
    fn flat(node: &mut Node, line: u32) {
        node.line = line;
        match &mut node.value {
            Value::Scalar(..) => {}
            Value::Sequence(items) => items.iter_mut().for_each(|item| flat(item, line)),
            Value::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| flat(value, line)),
        }
    }
    let mut node = node.clone();
    flat(&mut node, line);
    pipeline(world, file, &node, 0);
}

/// Follows the steps of a pipeline whose text begins after line `offset` of the file.
fn pipeline(world: &mut World<'_>, file: &str, node: &Node, offset: u32) {
    let mut environment = Variables::new();
    variables(node.get("env"), &mut environment);
    let steps = node.get("steps").unwrap_or(node);
    follow(world, file, steps, &environment, offset, 0);
}

fn variables(node: Option<&Node>, into: &mut Variables) {
    for (name, value) in node.into_iter().flat_map(Node::entries) {
        let text = expand(value.as_str().unwrap_or_default(), into);
        into.insert(name.to_owned(), text);
    }
}

fn follow(world: &mut World<'_>, file: &str, steps: &Node, environment: &Variables, offset: u32, depth: u32) {
    for step in steps.as_sequence().unwrap_or_default() {
        if depth > MAX_DEPTH || !world.spend() {
            return;
        }
        let mut environment = environment.clone();
        variables(step.get("env"), &mut environment);
        if let Some(inner) = step.get("steps") {
            follow(world, file, inner, &environment, offset, depth + 1);
        }
        for leg in legs(step.get("matrix")) {
            let mut site = Site::new(Tool::BuildxCli);
            site.runner = Some(Text::unknown("an agent of Buildkite"));
            let in_leg = environment.iter().map(|(name, text)| (name.clone(), of_leg(text, &leg)));
            let state = shell(&in_leg.collect());
            let commands =
                ["command", "commands"].into_iter().filter_map(|key| step.get(key)).flat_map(Node::items);
            let piece = |command: &Node| {
                // `$$` is a `$` for the agent.
                let text = of_leg(&command.as_str()?.replace("$$", "$").replace("\\$", "$"), &leg);
                Some(Piece { text, file: file.to_owned(), line: offset.saturating_add(command.line) })
            };
            let commands: Vec<Piece> = commands.filter_map(piece).collect();
            pieces(world, &mut site, &commands, state);
        }
    }
}

/// The legs of a matrix: a list, a list under `setup`, or lists with names there, of which `adjustments` add and skip some.
fn legs(matrix: Option<&Node>) -> Vec<Variables> {
    let Some(matrix) = matrix else { return vec![Variables::new()] };
    let setup = matrix.get("setup").unwrap_or(matrix);
    let mut legs = if setup.as_sequence().is_some() {
        product([("", setup.texts())])
    } else {
        product(setup.entries().map(|(name, values)| (name, values.texts())))
    };
    for adjustment in matrix.get("adjustments").map(Node::items).unwrap_or_default() {
        let Some(with) = adjustment.get("with") else { continue };
        let mut own = Variables::new();
        own.extend(with.as_str().map(|text| (String::new(), text.to_owned())));
        own.extend(
            with.entries().filter_map(|(name, text)| Some((name.to_owned(), text.as_str()?.to_owned()))),
        );
        if adjustment.get("skip").is_some_and(|skip| skip.as_str() != Some("false")) {
            legs.retain(|leg| *leg != own);
        } else if !legs.contains(&own) {
            legs.push(own);
        }
    }
    legs
}

/// A text with `{{matrix}}` and `{{matrix.name}}` as in a leg.
fn of_leg(text: &str, leg: &Variables) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let (inner, after) = rest[at + 2..].split_once("}}").unwrap_or((&rest[at + 2..], ""));
        out.push_str(&rest[..at]);
        if let Some(name) = inner.trim().strip_prefix("matrix") {
            match leg.get(name.trim_start_matches('.')) {
                Some(value) => out.push_str(value),
                None => out.push_str(&unknown(&format!("{{{{{inner}}}}}"))),
            }
        } else {
            out.push_str("{{");
            out.push_str(inner);
            out.push_str(if rest.len() > at + 2 + inner.len() { "}}" } else { "" });
        }
        rest = after;
    }
    out + rest
}
