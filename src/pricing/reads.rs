//! What each step reads of the build context.

use crate::analysis::{Analysis, NodeAnalysis};
use crate::context::Selection;
use crate::graph::vertex::{Action, CopyAction, Mount, Op, Source};
use crate::ids::VertexIx;

/// Whether any step reads the build context.
pub fn needs_context(analysis: &Analysis) -> bool {
    analysis.nodes.iter().any(|node| main_context(node).is_some())
}

/// The vertex that sends the build context, if any step reads it.
pub(super) fn main_context(build: &NodeAnalysis) -> Option<VertexIx> {
    let is_main =
        |op: &Op| matches!(op, Op::Source(Source::Local(name)) if build.graph.text(*name) == "context");
    build.graph.vertices().find(|(_, vertex)| is_main(&vertex.op)).map(|(at, _)| at)
}

/// What an operation reads of the context `main`: sources of `COPY` and `ADD`, and bind mounts.
pub(super) fn reads(build: &NodeAnalysis, main: Option<VertexIx>, op: &Op) -> Vec<Selection> {
    let Some(main) = main else { return Vec::new() };
    match op {
        Op::File(file) => {
            let copies = file.actions.iter().filter_map(|action| match action {
                Action::Copy(copy) if copy.source == Some(main) => Some(selection(build, copy)),
                _ => None,
            });
            copies.collect()
        }
        Op::Exec(exec) => {
            let of_main = |mount: &&Mount| mount.input == Some(main);
            let path = |mount: &Mount| Selection::path(build.graph.text(mount.selector));
            exec.mounts.iter().filter(of_main).map(path).collect()
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
