//! What a vertex does, in words, without its surroundings: no inputs, no environment, no user, no platform, no place in the
//! file. Two vertices with equal words do the same, possibly to different files.

use std::fmt::Write as _;

use super::BuildGraph;
use super::vertex::{Action, Op, Owner, OwnerName, Source};
use crate::model::reference::familiar;

/// What an operation does, as an instruction would say it where there is one: `RUN make`, `COPY go.mod go.sum /src/`,
/// `FROM golang:1.25`, `WORKDIR /src`.
///
/// # Complexity
/// Linear in the text of the operation.
pub fn describe(graph: &BuildGraph, op: &Op) -> String {
    match op {
        Op::Source(Source::Image { reference, .. }) => format!("FROM {}", familiar(graph.text(*reference))),
        Op::Source(Source::OciLayout { reference, .. }) => format!("FROM {}", graph.text(*reference)),
        Op::Source(Source::Local(name)) => format!("load {}", graph.text(*name)),
        Op::Source(Source::Git(git)) => {
            format!("fetch {} {} {}", git.remote, git.reference, git.subdir).trim_end().to_owned()
        }
        Op::Source(Source::Http { url, .. }) => format!("fetch {}", graph.text(*url)),
        Op::Exec(exec) => {
            let args: Vec<&str> = exec.args.iter().map(|&arg| graph.text(arg)).collect();
            command(&args)
        }
        Op::File(file) => actions(graph, &file.actions),
        Op::Merge { .. } => "link".to_owned(),
    }
}

/// A command in the default shell as its script, any other as its list.
fn command(args: &[&str]) -> String {
    if let ["/bin/sh", "-c", script] = args {
        return format!("RUN {script}");
    }
    let list: Vec<String> = args.iter().map(|arg| format!("{arg:?}")).collect();
    format!("RUN [{}]", list.join(", "))
}

/// File actions, one after another; copies to one place are one.
fn actions(graph: &BuildGraph, actions: &[Action]) -> String {
    let mut text = String::new();
    let mut open: Option<(&str, String)> = None;
    for action in actions {
        let place = match action {
            Action::Copy(copy) => Some((graph.text(copy.to), graph.text(copy.from))),
            _ => None,
        };
        if let (Some((to, from)), Some((open_to, _))) = (place, &open)
            && to == *open_to
        {
            let _ = write!(text, " {from}");
            continue;
        }
        if let Some((to, options)) = open.take() {
            let _ = write!(text, " {to}{options}; ");
        }
        match action {
            Action::Mkdir { path, owner, .. } => {
                let _ = write!(text, "WORKDIR {}{}; ", graph.text(*path), ownership(graph, *owner));
            }
            Action::Mkfile { path, data, .. } => {
                let _ = write!(text, "write {} {}; ", graph.text(*path), graph.text(*data));
            }
            Action::Copy(copy) => {
                let verb = if copy.unpack { "ADD" } else { "COPY" };
                let mut options = ownership(graph, copy.owner);
                let mode = graph.text(copy.mode);
                if !mode.is_empty() {
                    let _ = write!(options, " --chmod={mode}");
                }
                if let Some(pattern) = copy.pattern {
                    let _ = write!(options, " --parents={}", graph.text(pattern));
                }
                for exclude in copy.exclude.iter() {
                    let _ = write!(options, " --exclude={}", graph.text(*exclude));
                }
                let _ = write!(text, "{verb} {}", graph.text(copy.from));
                open = Some((graph.text(copy.to), options));
            }
        }
    }
    if let Some((to, options)) = open {
        let _ = write!(text, " {to}{options}");
    }
    text.truncate(text.trim_end_matches("; ").len());
    text
}

/// ` --chown=user:group`, or nothing.
fn ownership(graph: &BuildGraph, owner: Owner) -> String {
    let name = |name: OwnerName| match name {
        OwnerName::Id(id) => id.to_string(),
        OwnerName::Name(name) => graph.text(name).to_owned(),
    };
    match (owner.user.map(name), owner.group.map(name)) {
        (None, None) => String::new(),
        (user, group) => {
            let group = group.map_or_else(String::new, |group| format!(":{group}"));
            format!(" --chown={}{group}", user.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::{Arena, parse};
    use crate::model::inputs::Inputs;
    use crate::model::platform::Platform;

    #[test]
    fn operations_in_words() {
        let file = "FROM alpine:3 AS tools\nWORKDIR /src\nCOPY --chown=1000:app --exclude=*.md a b ./\nADD https://example.com/a.tgz /t\n\
            RUN make \\\n  all\nRUN [\"/bin/ls\", \"-l\"]\nFROM alpine\nCOPY --link --from=tools /src/a /a\n";
        let source = crate::source::Source::new("Dockerfile", file.into()).unwrap();
        let arena = Arena::new();
        let parsed = parse(&source, &arena);
        let amd64 = Platform::linux("amd64");
        let graph = crate::graph::analyze(&parsed, &Inputs::new(amd64, &[]).unwrap(), &arena).graph.unwrap();
        let mut words: Vec<String> =
            graph.vertices().map(|(_, vertex)| describe(&graph, &vertex.op)).collect();
        let expected = [
            "FROM alpine:3",
            "WORKDIR /src",
            "load context",
            "COPY /a /b /src/ --chown=1000:app --exclude=*.md",
            "fetch https://example.com/a.tgz",
            "COPY /a.tgz /t",
            "RUN make   all",
            "RUN [\"/bin/ls\", \"-l\"]",
            "FROM alpine",
            "COPY /src/a /a",
            "link",
        ];
        let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
        words.sort_unstable();
        expected.sort_unstable();
        assert_eq!(words, expected);
    }
}
