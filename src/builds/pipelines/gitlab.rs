//! GitLab: `.gitlab-ci.yml` and the local files that it includes.

use std::collections::BTreeMap;

use super::super::definition::Tool;
use super::super::path::ROOT;
use super::super::site::Site;
use super::super::text::Text;
use super::super::world::World;
use super::{Piece, Variables, expand, pieces, product, shell};
use crate::yaml::{Node, Value};

/// Files that are read; GitLab itself includes 150 at most.
const MAX_FILES: usize = 150;

/// Keys at the top that are no jobs.
const NO_JOBS: &[&str] = &[
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "spec",
    "types",
];

/// `extends` is followed to this depth; GitLab's own limit is 11.
const MAX_DEPTH: u32 = 11;

/// The files of a pipeline with what they define at the top.
struct Pipeline {
    /// Name, file and node of each entry; later ones replace earlier ones.
    entries: BTreeMap<String, (String, Node)>,
    order: Vec<String>,
}

pub(super) fn list(world: &mut World<'_>) {
    let root = ".gitlab-ci.yml";
    if !world.repo.has_file(root) {
        return;
    }
    let mut pipeline = Pipeline { entries: BTreeMap::new(), order: Vec::new() };
    let mut files = vec![root.to_owned()];
    let mut at = 0;
    while let Some(file) = files.get(at).cloned() {
        at += 1;
        let Some(node) = world.repo.yaml(&file) else { continue };
        for include in node.get("include").map(Node::items).unwrap_or_default() {
            let path = include.as_str().or_else(|| include.str("local"));
            let Some(path) = path.filter(|path| !path.contains("://")) else { continue };
            let path = path.trim_start_matches('/').to_owned();
            let matching: Vec<String> = if path.contains('*') {
                let fits = |file: &&str| super::super::shell::matches(&path.replace("**", "*"), file);
                world.repo.files_under(".").filter(fits).map(str::to_owned).collect()
            } else {
                vec![path]
            };
            for path in matching {
                if !files.contains(&path) && files.len() < MAX_FILES {
                    files.push(path);
                }
            }
        }
        for (name, entry) in node.entries() {
            // What includes is read first and so replaces what it includes.
            if !pipeline.entries.contains_key(name) {
                pipeline.order.push(name.to_owned());
                pipeline.entries.insert(name.to_owned(), (file.clone(), entry.clone()));
            }
        }
    }
    for name in pipeline.order.clone() {
        if !name.starts_with('.') && !NO_JOBS.contains(&name.as_str()) {
            job(world, &pipeline, &name);
        }
    }
}

impl Pipeline {
    /// The chain of what a job extends, the job itself first.
    fn chain(&self, name: &str, depth: u32, chain: &mut Vec<(String, Node)>) {
        let Some((file, node)) = self.entries.get(name) else { return };
        if depth > MAX_DEPTH || chain.len() > 50 {
            return;
        }
        chain.push((file.clone(), node.clone()));
        let parents = node.get("extends").map(Node::items).unwrap_or_default();
        for parent in parents.iter().rev().filter_map(Node::as_str) {
            self.chain(parent, depth + 1, chain);
        }
    }

    /// The lines of a script with their files; references to other jobs are followed.
    fn lines(&self, file: &str, node: &Node, depth: u32, out: &mut Vec<Piece>) {
        if depth > MAX_DEPTH {
            return;
        }
        match &node.value {
            Value::Scalar(text, _) => {
                out.push(Piece { text: text.clone(), file: file.to_owned(), line: node.line });
            }
            Value::Sequence(items) => {
                // `!reference [.job, script]`
                if let [job, key] = items.as_slice()
                    && let (Some(job), Some(key)) = (job.as_str(), key.as_str())
                    && let Some((file, job)) = self.entries.get(job)
                    && let Some(lines) = job.get(key)
                {
                    self.lines(file, lines, depth + 1, out);
                    return;
                }
                for item in items {
                    self.lines(file, item, depth + 1, out);
                }
            }
            Value::Mapping(_) => {}
        }
    }
}

fn variables(node: Option<&Node>, into: &mut Variables) {
    for (name, value) in node.into_iter().flat_map(Node::entries) {
        let text = value.as_str().or_else(|| value.str("value"));
        if let Some(text) = text {
            let text = expand(text, into);
            into.insert(name.to_owned(), text);
        }
    }
}

fn job(world: &mut World<'_>, pipeline: &Pipeline, name: &str) {
    let mut chain = Vec::new();
    pipeline.chain(name, 0, &mut chain);
    let find = |key: &str| {
        let own =
            chain.iter().find_map(|(file, node)| node.get(key).map(|value| (file.clone(), value.clone())));
        let default = pipeline
            .entries
            .get("default")
            .and_then(|(file, node)| Some((file.clone(), node.get(key)?.clone())));
        own.or(default).or_else(|| pipeline.entries.get(key).cloned().filter(|_| NO_JOBS.contains(&key)))
    };
    let Some(main) = find("script") else { return };
    let mut environment = Variables::from([("CI_PROJECT_DIR".to_owned(), ROOT.to_owned())]);
    variables(pipeline.entries.get("variables").map(|(_, node)| node), &mut environment);
    for (_, node) in chain.iter().rev() {
        variables(node.get("variables"), &mut environment);
    }
    // What runs afterwards has a shell of its own.
    let (mut lines, mut afterwards) = (Vec::new(), Vec::new());
    for (file, part) in [find("before_script"), Some(main)].into_iter().flatten() {
        pipeline.lines(&file, &part, 0, &mut lines);
    }
    if let Some((file, part)) = find("after_script") {
        pipeline.lines(&file, &part, 0, &mut afterwards);
    }
    let tags: Vec<String> = find("tags")
        .map(|(_, tags)| tags.texts().into_iter().map(|tag| expand(tag, &environment)).collect())
        .unwrap_or_default();
    for leg in legs(find("parallel").and_then(|(_, node)| node.get("matrix").cloned()).as_ref()) {
        let mut environment = environment.clone();
        environment.extend(leg);
        let mut site = Site::new(Tool::BuildxCli);
        site.runner = Some(if tags.is_empty() {
            Text::unknown("a runner of GitLab")
        } else {
            Text::of(tags.join(", "))
        });
        for part in [&lines, &afterwards] {
            pieces(world, &mut site, part, shell(&environment));
        }
    }
}

/// The variables of each leg of `parallel: matrix`.
fn legs(matrix: Option<&Node>) -> Vec<Variables> {
    let Some(matrix) = matrix else { return vec![Variables::new()] };
    let of_entry = |entry: &Node| product(entry.entries().map(|(name, node)| (name, node.texts())));
    matrix.items().iter().flat_map(of_entry).collect()
}
