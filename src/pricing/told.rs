//! What a Dockerfile alone tells of a context that nobody showed: one of which it copies single files by name holds these.

use crate::analysis::NodeAnalysis;
use crate::context::{Context, Files};
use crate::cost::sources::Language;
use crate::cost::{Class, classify};
use crate::graph::vertex::{Action, Op};
use crate::ids::VertexIx;
use crate::shell::known_exec_commands;
use crate::units::Bytes;

/// The size of a source that is copied by its name. Source: a guess, a hundred lines.
const SOURCE: Bytes = Bytes(4_000);

/// The files of a context as they are named, where that tells how much is compiled: sources of Go without a `go.sum`, which therefore need
/// nothing but the standard library, or of C and C++. `None` where a folder or a pattern is copied, and where steps fetch sources too.
pub(super) fn told(build: &NodeAnalysis, sender: VertexIx) -> Option<Context> {
    let mut sources = Vec::new();
    for (_, vertex) in build.graph.vertices() {
        for path in read(build, sender, &vertex.op) {
            let path = path?;
            match Language::of(path) {
                Some(Language::Go | Language::C | Language::Cxx | Language::Header) => {
                    sources.push((Box::from(path), SOURCE));
                }
                _ if is_file(path) && !path.ends_with("go.sum") => {}
                _ => return None,
            }
        }
    }
    let is_told =
        !sources.is_empty() && build.graph.vertices().all(|(_, vertex)| !fetches(build, &vertex.op));
    is_told.then(|| Context { files: Files::new(sources, false), ..Context::default() })
}

/// The paths that an operation reads of a context; `None` for what is no path.
fn read<'b>(build: &'b NodeAnalysis, sender: VertexIx, op: &Op) -> Vec<Option<&'b str>> {
    let path =
        |text: &'b str| Some(text.trim_start_matches('/')).filter(|path| !path.contains(['*', '?', '[']));
    match op {
        Op::File(file) => {
            let copies = file.actions.iter().filter_map(|action| match action {
                Action::Copy(copy) if copy.source == Some(sender) => Some(copy),
                _ => None,
            });
            copies.map(|copy| path(build.graph.text(copy.from)).filter(|_| copy.pattern.is_none())).collect()
        }
        Op::Exec(exec) => {
            let mounts = exec.mounts.iter().filter(|mount| mount.input == Some(sender));
            mounts.map(|mount| path(build.graph.text(mount.selector))).collect()
        }
        Op::Source(_) | Op::Merge { .. } => Vec::new(),
    }
}

/// Whether a path is one of a file, by its end.
fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_end =
        |end: &str| (1..=4).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphabetic());
    name.rsplit_once('.').is_some_and(|(_, end)| is_end(end))
        || matches!(name, "Makefile" | "LICENSE" | "Dockerfile")
}

/// Whether a step brings sources from elsewhere.
fn fetches(build: &NodeAnalysis, op: &Op) -> bool {
    let Op::Exec(exec) = op else { return false };
    let argv: Vec<&str> = exec.args.iter().map(|&arg| build.graph.text(arg)).collect();
    let fetching = |class| matches!(class, Class::Git | Class::Download | Class::GoDownload | Class::Unpack);
    known_exec_commands(&argv).iter().any(|command| fetching(classify(command)))
}
