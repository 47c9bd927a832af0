//! Systems whose pipelines are lists of scripts: Azure Pipelines, `CircleCI`, Semaphore, Drone and Woodpecker.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::definition::{Place, Tool};
use super::super::docker;
use super::super::path::{ROOT, join};
use super::super::platforms::comma_list;
use super::super::repo::is_yaml;
use super::super::site::Site;
use super::super::text::{Text, unknown};
use super::super::world::{World, platforms};
use super::{Piece, Variables, declared, expand, pieces, shell};
use crate::yaml::{Node, Value};

/// Steps within steps are followed to this depth.
const MAX_DEPTH: u32 = 20;

/// A kind of pipeline: what its files are called, and the keys under which scripts stand.
struct Kind {
    is: fn(&str) -> bool,
    scripts: &'static [&'static str],
    /// The keys under which variables stand that scripts see.
    environment: &'static [&'static str],
    runner: &'static str,
    /// How a reference to a parameter begins.
    reference: &'static str,
}

const AZURE: &str = "$(";
const CIRCLE: &str = "<<";
const NONE: &str = "\u{0}";

const KINDS: &[Kind] = &[
    Kind {
        is: |file| {
            let base = file.rsplit('/').next().unwrap_or(file);
            base.starts_with("azure-pipelines") && is_yaml(base)
                || (file.starts_with(".azure-pipelines/") || file.starts_with(".azure/")) && is_yaml(file)
        },
        scripts: &["script", "bash"],
        environment: &["variables", "env"],
        runner: "an agent of Azure Pipelines",
        reference: AZURE,
    },
    Kind {
        is: |file| matches!(file, ".circleci/config.yml" | "circle.yml"),
        scripts: &["run", "command"],
        environment: &["environment"],
        runner: "CircleCI",
        reference: CIRCLE,
    },
    Kind {
        is: |file| file.starts_with(".semaphore/") && is_yaml(file),
        scripts: &["commands"],
        environment: &["env_vars"],
        runner: "an agent of Semaphore",
        reference: NONE,
    },
    Kind {
        is: |file| file == ".drone.yml" || file.starts_with(".woodpecker") && is_yaml(file),
        scripts: &["commands"],
        environment: &["environment"],
        runner: "an agent of Drone",
        reference: NONE,
    },
];

pub(super) fn list(world: &mut World<'_>) {
    for kind in KINDS {
        let files: Vec<String> =
            world.repo.files_under(".").filter(|file| (kind.is)(file)).map(str::to_owned).collect();
        for file in files {
            let Some(text) = world.repo.text(&file) else { continue };
            // Several pipelines may stand in one file.
            let Ok(documents) = crate::yaml::documents(&text) else {
                world.repo.yaml(&file);
                continue;
            };
            for document in &documents {
                let mut environment = Variables::new();
                for name in set_elsewhere(kind, document, &text) {
                    environment.insert(name.clone(), unknown(&format!("${name}")));
                }
                let environment = Rc::new(environment);
                let mut walk = Walk { world, kind, file: &file, environment, site: site(kind) };
                walk.node(document, 0);
            }
        }
    }
}

/// Variables that a step or the place where a job runs sets: which steps see them is not followed.
fn set_elsewhere(kind: &Kind, document: &Node, text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut add = |text: &str| {
        let end =
            text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len());
        names.insert(text[..end].replace('.', "_"));
    };
    let mark = match kind.reference {
        AZURE => ("task.setvariable", "variable="),
        CIRCLE => ("BASH_ENV", "export "),
        _ => return names,
    };
    for line in text.lines().filter(|line| line.contains(mark.0)) {
        if let Some((_, name)) = line.split_once(mark.1) {
            add(name);
            add(&name.to_ascii_uppercase());
        }
    }
    let executors = document.get("executors").into_iter().flat_map(Node::entries);
    for (_, executor) in executors {
        let first = executor.get("docker").and_then(|images| images.items().first());
        for node in [Some(executor), first].into_iter().flatten() {
            node.get("environment").into_iter().flat_map(Node::entries).for_each(|(name, _)| add(name));
        }
    }
    names
}

/// The name by which a program sees a variable of Azure Pipelines.
fn azure_name(name: &str) -> String {
    name.to_ascii_uppercase().replace(['.', ' '], "_")
}

/// A text with its `${{ … }}` unknown.
fn expressions_unknown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${{") {
        let end = rest[at..].find("}}").map_or(rest.len(), |end| at + end + 2);
        out.push_str(&rest[..at]);
        out.push_str(&unknown(&rest[at..end]));
        rest = &rest[end..];
    }
    out + rest
}

fn site(kind: &Kind) -> Site {
    let mut site = Site::new(Tool::BuildxCli);
    site.runner = Some(Text::unknown(kind.runner));
    site
}

struct Walk<'w, 'r> {
    world: &'w mut World<'r>,
    kind: &'w Kind,
    file: &'w str,
    /// What scripts see here.
    environment: Rc<Variables>,
    site: Site,
}

impl Walk<'_, '_> {
    fn node(&mut self, node: &Node, depth: u32) {
        if depth > MAX_DEPTH || !self.world.spend() {
            return;
        }
        match &node.value {
            Value::Scalar(..) => {}
            Value::Sequence(items) => items.iter().for_each(|item| self.node(item, depth + 1)),
            Value::Mapping(entries) => {
                if node.get("steps").is_some_and(|steps| steps.as_sequence().is_some()) {
                    // A job of its own.
                    self.site = site(self.kind);
                }
                let outer = Rc::clone(&self.environment);
                self.declare(node);
                self.plugin(node);
                for (key, value) in entries {
                    let name = key.as_str().unwrap_or_default();
                    let is_script = self.kind.scripts.contains(&name);
                    let folder = node.str("workingDirectory").or_else(|| node.str("working_directory"));
                    if is_script && value.as_mapping().is_none() {
                        self.script(value.items(), folder);
                    } else if !self.kind.environment.contains(&name) {
                        self.node(value, depth + 1);
                    }
                }
                self.environment = outer;
            }
        }
    }

    /// A text with its references to parameters unknown.
    fn text(&self, text: &str) -> String {
        let reference = self.kind.reference;
        let close = if reference == "<<" { ">>" } else { ")" };
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(reference) {
            let inner = &rest[at + reference.len()..];
            let end = inner.find(close);
            let name = end.map(|end| inner[..end].trim()).filter(|name| {
                !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            });
            out.push_str(&rest[..at]);
            match (name, end) {
                (Some("Build.SourcesDirectory" | "System.DefaultWorkingDirectory"), Some(end)) => {
                    out.push_str(ROOT);
                    rest = &inner[end + close.len()..];
                }
                (Some(name), Some(end)) => {
                    let own = self.environment.get(&azure_name(name));
                    match own.filter(|_| reference == AZURE) {
                        Some(value) => out.push_str(value),
                        None => out.push_str(&unknown(&format!("{reference}{name}{close}"))),
                    }
                    rest = &inner[end + close.len()..];
                }
                _ => {
                    out.push_str(reference);
                    rest = inner;
                }
            }
        }
        out.push_str(rest);
        expressions_unknown(&out)
    }

    /// Adds the variables that stand at a node.
    fn declare(&mut self, node: &Node) {
        let image = node.get("docker").and_then(|images| images.items().first());
        let image = image.filter(|_| self.kind.reference == CIRCLE);
        let keys = self.kind.environment;
        let places = [image, Some(node)].into_iter().flatten();
        for (key, list) in places.flat_map(|node| keys.iter().filter_map(|key| Some((*key, node.get(key)?))))
        {
            // All that is known so far is copied.
            if !(0..=self.environment.len() / 64).all(|_| self.world.spend()) {
                return;
            }
            let mut own = Variables::new();
            declared(Some(list), &mut own, &|text, _| expand(&self.text(text), &self.environment));
            if self.kind.reference == AZURE && key == "variables" {
                own = own.into_iter().map(|(name, value)| (azure_name(&name), value)).collect();
            }
            Rc::make_mut(&mut self.environment).extend(own);
        }
    }

    /// Runs the texts of a list, which one shell gets.
    fn script(&mut self, items: &[Node], folder: Option<&str>) {
        let piece = |item: &Node| {
            let text = self.text(item.as_str()?);
            Some(Piece { text, file: self.file.to_owned(), line: item.line })
        };
        let texts: Vec<Piece> = items.iter().filter_map(piece).collect();
        let mut state = shell(&self.environment);
        if let Some(folder) = folder {
            state.folder = join(ROOT, &self.text(folder));
        }
        pieces(self.world, &mut self.site, &texts, state);
    }

    /// A plugin that builds images: `Docker@2`, `plugins/docker`.
    fn plugin(&mut self, node: &Node) {
        let place = Place { file: self.file.to_owned(), line: node.line };
        if let Some(task) = node.str("task").filter(|task| task.starts_with("Docker@")) {
            let inputs = node.get("inputs");
            let input = |name: &str| {
                let found = inputs?.entries().find(|(own, _)| own.eq_ignore_ascii_case(name));
                found.and_then(|(_, value)| value.as_str()).map(|text| self.text(text))
            };
            let builds = input("command").is_none_or(|command| command.to_lowercase().starts_with("build"));
            if !builds || !task.starts_with("Docker@") {
                return;
            }
            let mut words = vec!["docker".to_owned(), "build".to_owned()];
            let file = input("dockerfile").unwrap_or_else(|| "**/Dockerfile".to_owned());
            let file = if file.contains('*') { unknown(&file) } else { file };
            let folder =
                file.rsplit_once('/').map_or_else(|| ".".to_owned(), |(folder, _)| folder.to_owned());
            let context = input("buildContext").filter(|context| context != "**");
            let context = context
                .unwrap_or_else(|| if super::super::text::is_known(&file) { folder } else { unknown("**") });
            words.extend(["-f".to_owned(), file, context]);
            if let Some(more) = input("arguments") {
                words.extend(more.split_whitespace().map(str::to_owned));
            }
            if let Some(call) = docker::parse(&words) {
                self.world.build(&self.site, &call, ROOT, &BTreeMap::new(), place, None, None);
            }
            return;
        }
        let image = node.str("image").unwrap_or_default();
        let plugin = image.split(':').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let Some(settings) =
            node.get("settings").filter(|_| plugin.contains("docker") || plugin.contains("kaniko"))
        else {
            return;
        };
        if settings.get("repo").is_none() {
            return;
        }
        let setting = |name: &str| settings.str(name).map(|text| self.text(text));
        let mut definition = self.site.definition(place, Vec::new());
        definition.tool = Tool::Other;
        let context = join(ROOT, &setting("context").unwrap_or_else(|| ".".to_owned()));
        let file =
            setting("dockerfile").map_or_else(|| join(&context, "Dockerfile"), |file| join(ROOT, &file));
        definition.context = self.site.located(&context);
        definition.dockerfile = self.site.located(&file);
        definition.target = setting("target").map(Text::of);
        let list = ["platforms", "platform"].into_iter().find_map(|name| settings.get(name));
        let list: Vec<String> = list
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::as_str)
            .flat_map(comma_list)
            .collect();
        definition.platforms = platforms(&list.join(","));
        definition.set_legs();
        self.world.add(definition);
    }
}
