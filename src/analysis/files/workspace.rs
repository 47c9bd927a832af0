//! The scripts of several packages of a workspace that one command runs: `turbo run build`, `lerna run build`, `nx build web`,
//! `pnpm -r build`.

use std::collections::BTreeMap;

use petgraph::graph::DiGraph;
use petgraph::visit::DfsPostOrder;
use serde_json::Value;

use super::package::is_named;
use super::{Asked, View, within};
use crate::context::package;
use crate::shell::interpret::Followed;

/// What a command runs in the packages of a workspace.
#[derive(Debug, PartialEq, Eq)]
struct Run<'a> {
    /// The names of the scripts.
    scripts: Vec<&'a str>,
    /// The package whose scripts run, with those of what it needs before; `None` for all.
    package: Option<&'a str>,
}

/// The scripts that a command runs in packages of a workspace, those of what others need first; `None` where it is no such command.
pub(super) fn scripts(view: &View<'_>, asked: &Asked) -> Option<Vec<Followed>> {
    let run = run(asked)?;
    let nodes: Vec<(String, Value)> =
        view.named("package.json").filter_map(|(folder, text)| Some((folder, package(text)?))).collect();
    let name = |node: &Value| node.get("name").and_then(Value::as_str).map(str::to_owned);
    let by_name: BTreeMap<String, usize> =
        nodes.iter().enumerate().filter_map(|(at, (_, node))| Some((name(node)?, at))).collect();
    let needs = nodes.iter().map(|(_, node)| {
        let kinds =
            ["dependencies", "devDependencies"].into_iter().filter_map(|kind| node.get(kind)?.as_object());
        kinds.flat_map(|named| named.keys()).filter_map(|name| by_name.get(name).copied()).collect()
    });
    let starts = if let Some(package) = run.package {
        let is_it = |(folder, node): &(String, Value)| is_named(package, folder, name(node).as_deref());
        vec![nodes.iter().position(is_it)?]
    } else {
        // The script of the root is the command itself, as a rule.
        let is_inside = |(folder, _): &(String, Value)| folder.trim_end_matches('/') != asked.dir;
        nodes.iter().enumerate().filter(|(_, node)| is_inside(node)).map(|(at, _)| at).collect()
    };
    let order = in_order(&needs.collect::<Vec<_>>(), &starts);
    let mut found = Vec::new();
    for (folder, node) in order.into_iter().filter_map(|at| nodes.get(at)) {
        let scripts = run.scripts.iter().filter_map(|name| node.get("scripts")?.get(name)?.as_str());
        found.extend(scripts.map(|script| within(folder, &asked.dir, script)));
    }
    Some(found)
}

/// Packages, each after those of the workspace that it needs, by what each of all needs.
fn in_order(needs: &[Vec<usize>], starts: &[usize]) -> Vec<usize> {
    let mut graph: DiGraph<(), (), u32> = DiGraph::with_capacity(needs.len(), needs.len());
    let nodes: Vec<_> = needs.iter().map(|_| graph.add_node(())).collect();
    for (at, needed) in needs.iter().enumerate() {
        for &other in needed {
            graph.add_edge(nodes[at], nodes[other], ());
        }
    }
    let mut order = Vec::new();
    let mut walk = DfsPostOrder::empty(&graph);
    for &start in starts {
        walk.move_to(nodes[start]);
        while let Some(node) = walk.next(&graph) {
            order.push(node.index());
        }
    }
    order
}

/// Reads a command.
fn run(asked: &Asked) -> Option<Run<'_>> {
    const STARTS: [&str; 4] = ["exec", "dlx", "run", "x"];
    let words: Vec<&str> = asked.plain().collect();
    let is_runner = |word: &&str| matches!(*word, "turbo" | "nx" | "lerna");
    // `npx turbo run build`, `pnpm exec turbo run build`, `yarn turbo run build`.
    let (program, words) = match (&*asked.program, words.split_first()) {
        (own, _) if is_runner(&own) => (own, &words[..]),
        ("npx" | "pnpx" | "bunx" | "pnpm" | "yarn" | "npm" | "bun", Some((first, rest)))
            if is_runner(first) =>
        {
            (*first, rest)
        }
        ("pnpm" | "yarn" | "npm" | "bun", Some((first, rest))) if STARTS.contains(first) => {
            match rest.split_first() {
                Some((second, rest)) if is_runner(second) => (*second, rest),
                _ => (&*asked.program, &words[..]),
            }
        }
        (own, _) => (own, &words[..]),
    };
    let has = |names: &[&str]| asked.arguments.iter().any(|word| names.contains(&&**word));
    let package = |names: &[&str]| asked.option(names).map(plain);
    let tasks = |words: &[&'_ str], option: Option<&str>| -> Vec<&str> {
        let all = asked.plain().filter(|word| words.contains(word));
        all.filter(|word| option.is_none_or(|option| plain(word) != option)).collect()
    };
    let (scripts, package) = match (program, words) {
        ("turbo", ["run", rest @ ..] | rest @ ["build" | "compile" | "dist", ..]) => {
            let package = package(&["--filter", "-F", "--scope"]);
            (tasks(rest, package), package)
        }
        ("lerna", ["run", script, ..]) => (vec![*script], package(&["--scope"])),
        ("nx", ["run-many", ..]) => (vec![asked.option(&["-t", "--target", "--targets"])?], None),
        ("nx", ["run", task, ..]) => {
            let (project, task) = task.split_once(':')?;
            (vec![task.split(':').next()?], Some(project))
        }
        ("nx", [task, project, ..]) => (vec![*task], Some(*project)),
        ("pnpm", ["run", script, ..] | [script, ..]) if has(&["-r", "--recursive"]) && !installs(script) => {
            (vec![*script], package(&["--filter", "-F"]))
        }
        ("npm", ["run" | "run-script", script, ..]) if has(&["--workspaces", "-ws"]) => (vec![*script], None),
        ("yarn", ["workspaces", "run", script, ..] | ["workspaces", "foreach", "run", script, ..]) => {
            (vec![*script], None)
        }
        _ => return None,
    };
    (!scripts.is_empty()).then_some(Run { scripts, package })
}

/// A filter without what says that it takes more than the package: `...web`, `web^...`, `./apps/web`.
fn plain(filter: &str) -> &str {
    filter.trim_start_matches("./").trim_matches('.').trim_end_matches('^')
}

fn installs(word: &str) -> bool {
    matches!(
        word,
        "install" | "i" | "add" | "exec" | "dlx" | "fetch" | "update" | "rebuild" | "prune" | "deploy"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_come_after_what_they_need() {
        assert_eq!(in_order(&[vec![1, 2], vec![2], vec![]], &[0]), [2, 1, 0]);
        assert_eq!(in_order(&[vec![1], vec![0], vec![]], &[0, 1]), [1, 0], "a circle ends");
        let chain: Vec<Vec<usize>> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert_eq!(in_order(&chain, &[0]).len(), chain.len(), "no depth is too much");
    }

    #[test]
    fn commands_of_workspaces() {
        let of = |line: &str| {
            let asked = Asked::words(line);
            let run = run(&asked);
            run.map(|run| format!("{} of {}", run.scripts.join(" "), run.package.unwrap_or("all")))
        };
        for (line, runs) in [
            ("turbo run build", Some("build of all")),
            ("turbo build --filter=@a/web...", Some("build of @a/web")),
            ("npx turbo run build lint --filter web", Some("build lint of web")),
            ("pnpm exec turbo run build --filter=./apps/web", Some("build of apps/web")),
            ("yarn turbo run build", Some("build of all")),
            ("lerna run build --scope x", Some("build of x")),
            ("nx build web", Some("build of web")),
            ("nx run web:build:production", Some("build of web")),
            ("npx nx run-many --target=build", Some("build of all")),
            ("pnpm -r build", Some("build of all")),
            ("pnpm -r install", None),
            ("npm run build --workspaces", Some("build of all")),
            ("yarn workspaces foreach -A run build", Some("build of all")),
            ("turbo prune web --docker", None),
            ("pnpm run build", None),
            ("npm ci", None),
        ] {
            assert_eq!(of(line).as_deref(), runs, "{line}");
        }
    }
}
