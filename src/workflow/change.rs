//! What a change of the sources touches: the folders that steps copy, and not the files that they copy by name, which are those
//! that name dependencies.

use crate::analysis::Analysis;
use crate::graph::query::is_context;
use crate::graph::vertex::{Action, Op};

/// The name of a file that has changed in a folder.
const CHANGED: &str = "a-source-file";

/// Paths of the context that have changed after somebody edited a source file, by the copies of a build; `is_file` tells whether a
/// path of the context is a file. Where no folder is copied all that is copied has changed.
pub(super) fn of_sources(analysis: &Analysis, is_file: impl Fn(&str) -> bool) -> Vec<String> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    let mut add = |path: &str| {
        let path = path.trim_matches('/');
        let path = if path == "." { "" } else { path.trim_start_matches("./") };
        if path.contains(['*', '?', '[']) {
            files.push(path.replace(['*', '?'], "a"));
        } else if !path.is_empty() && is_file(path) {
            files.push(path.to_owned());
        } else if path.is_empty() {
            folders.push(CHANGED.to_owned());
        } else {
            folders.push(format!("{path}/{CHANGED}"));
        }
    };
    for node in &analysis.nodes {
        let graph = &node.graph;
        for (_, vertex) in graph.vertices() {
            match &vertex.op {
                Op::File(file) => {
                    for action in &file.actions {
                        if let Action::Copy(copy) = action
                            && copy.source.is_some_and(|source| is_context(graph, source))
                        {
                            add(graph.text(copy.from));
                        }
                    }
                }
                Op::Exec(exec) => {
                    let mounts = exec
                        .mounts
                        .iter()
                        .filter(|mount| mount.input.is_some_and(|input| is_context(graph, input)));
                    mounts.for_each(|mount| add(graph.text(mount.selector)));
                }
                Op::Source(_) | Op::Merge { .. } => {}
            }
        }
    }
    let mut changed = if folders.is_empty() { files } else { folders };
    changed.sort_unstable();
    changed.dedup();
    changed
}
