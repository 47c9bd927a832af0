//! What each step reads of build contexts.

use crate::analysis::NodeAnalysis;
use crate::context::Selection;
use crate::graph::vertex::{Action, CopyAction, Op};
use crate::ids::VertexIx;

/// What an operation reads of the contexts of `senders`, each with its sender: sources of `COPY` and `ADD`, and bind mounts.
pub(super) fn reads(build: &NodeAnalysis, senders: &[VertexIx], op: &Op) -> Vec<(VertexIx, Selection)> {
    let sender = |at: Option<VertexIx>| at.filter(|at| senders.binary_search(at).is_ok());
    match op {
        Op::File(file) => {
            let copies = file.actions.iter().filter_map(|action| match action {
                Action::Copy(copy) => Some((sender(copy.source)?, selection(build, copy))),
                _ => None,
            });
            copies.collect()
        }
        Op::Exec(exec) => {
            let mounts = exec.mounts.iter().filter_map(|mount| {
                Some((sender(mount.input)?, Selection::path(build.graph.text(mount.selector))))
            });
            mounts.collect()
        }
        Op::Source(_) | Op::Merge { .. } => Vec::new(),
    }
}

fn selection(build: &NodeAnalysis, copy: &CopyAction) -> Selection {
    let text = |symbol| build.graph.text(symbol);
    let source =
        if copy.is_lookup { Selection::source(text(copy.from)) } else { Selection::path(text(copy.from)) };
    let source = source.excluding(copy.exclude.iter().map(|pattern| text(*pattern)));
    match copy.pattern {
        Some(pattern) => source.including(text(pattern)),
        None => source,
    }
}
