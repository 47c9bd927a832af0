//! The tasks of a `Taskfile.yml`.

use super::{Asked, View, gaps, within};
use crate::shell::interpret::Followed;
use crate::yaml::{self, Node};

/// Tasks are followed through so many others.
const MAX_DEPTH: u32 = 8;

/// Commands beyond this many are not followed.
const MAX_COMMANDS: usize = 256;

/// The scripts that a call of task runs.
pub(super) fn scripts(view: &View<'_>, asked: &Asked) -> Option<Vec<Followed>> {
    let folder = asked.path(asked.option(&["-d", "--dir"]).unwrap_or("."))?;
    let names = ["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"];
    let file = yaml::parse(view.read_any(&folder, &names)?).ok()?;
    let mut wanted: Vec<&str> = asked.plain().filter(|word| !word.contains('=')).collect();
    if wanted.is_empty() {
        wanted.push("default");
    }
    let mut found = Vec::new();
    for name in wanted {
        collect(&file, name, &folder, 0, &mut found);
    }
    Some(found.into_iter().map(|(folder, script)| within(&folder, &asked.dir, &script)).collect())
}

/// The commands of a task and of those that it needs, each with its folder, a NUL for each `{{…}}`.
fn collect(file: &Node, name: &str, root: &str, depth: u32, found: &mut Vec<(String, String)>) {
    let Some(task) = file.at(&["tasks", name]) else { return };
    if depth > MAX_DEPTH {
        return;
    }
    let folder = task.str("dir").map_or_else(|| root.to_owned(), |dir| format!("{root}/{dir}"));
    let needed = task.get("deps").map_or(&[][..], Node::items);
    // A task may be its commands alone.
    let own = task.get("cmds").or_else(|| task.get("cmd")).unwrap_or(task);
    let commands = own.as_sequence().unwrap_or(std::slice::from_ref(own));
    for (at, node) in needed.iter().chain(commands).enumerate() {
        if found.len() >= MAX_COMMANDS {
            return;
        }
        let other = if at < needed.len() { node.as_str() } else { None };
        match (other.or_else(|| node.str("task")), node.as_str().or_else(|| node.str("cmd"))) {
            (Some(other), _) => collect(file, other, root, depth + 1, found),
            (None, Some(script)) => found.push((folder.clone(), gaps(script))),
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_after_those_of_what_a_task_needs() {
        let text = "tasks:\n  build:\n    deps: [fetch]\n    dir: app\n    cmds:\n      - go build -o {{.OUT}} .\n      - task: say\n      - cmd: ls\n  fetch: go mod download\n  say:\n    - echo a\n    - task: build\n";
        let mut found = Vec::new();
        collect(&yaml::parse(text).unwrap(), "build", "/src", 0, &mut found);
        assert!(found.len() <= MAX_COMMANDS, "tasks that need each other end");
        let first: Vec<(&str, &str)> = found.iter().map(|(dir, text)| (&**dir, &**text)).take(3).collect();
        assert_eq!(
            first,
            [("/src", "go mod download"), ("/src/app", "go build -o \0 ."), ("/src", "echo a")]
        );
    }
}
