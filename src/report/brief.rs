//! Steps in few words: what tells them apart, without what all of them have.

use std::borrow::Cow;

use super::escape::visible;
use crate::analysis::Analysis;
use crate::graph::BuildGraph;
use crate::graph::describe::describe;
use crate::graph::vertex::{Op, Vertex};

/// Characters of a step that are enough for any column.
const ENOUGH: usize = 400;

/// Hexadecimal digits that tell a digest from others.
const DIGITS: usize = 8;

/// What a vertex does, in a line that is safe to show: a script without the shell that runs it and without its options.
pub(super) fn step(graph: &BuildGraph, op: &Op) -> String {
    let script = match op {
        Op::Exec(exec) => match &*exec.args {
            [_, .., flag, script] if graph.text(*flag).ends_with('c') => Some(graph.text(*script)),
            _ => None,
        },
        _ => None,
    };
    match script {
        Some(script) => line("RUN", script),
        None => one_line(&describe(graph, op)),
    }
}

/// The targets that a vertex is for, in a word that is safe to show; nothing where it is for all of the only node.
pub(super) fn targets(analysis: &Analysis, graph: &BuildGraph, vertex: &Vertex) -> String {
    if vertex.targets == graph.all_targets() && analysis.nodes.len() == 1 {
        return String::new();
    }
    visible(&graph.outputs(vertex.targets)).replace(", ", ",")
}

/// An instruction in a line that is safe to show, of as many characters as any column needs.
pub(super) fn line(keyword: &str, arguments: &str) -> String {
    let arguments = if keyword == "RUN" { without_options(arguments) } else { arguments };
    one_line(&format!("{keyword} {arguments}"))
}

fn one_line(text: &str) -> String {
    let start: String = text.chars().take(ENOUGH).collect();
    visible(&short_digests(&start.split_whitespace().collect::<Vec<_>>().join(" "))).into_owned()
}

/// A script without the `set -eux` that it begins with.
pub(super) fn without_options(script: &str) -> &str {
    let mut rest = script.trim_start();
    while let Some(options) = rest.strip_prefix("set ") {
        let is_option = |word: &str| {
            word.starts_with(['-', '+']) || matches!(word, "pipefail" | "errexit" | "nounset" | "xtrace")
        };
        let Some(end) = options.find(['&', ';', '\n']) else { break };
        let (words, after) = options.split_at(end);
        let after = after.trim_start_matches(['&', ';', '\n', ' ', '\t']);
        if after.is_empty() || !words.split_whitespace().all(is_option) {
            break;
        }
        rest = after;
    }
    rest
}

/// A text with the first digits of every `@sha256:` digest.
pub(super) fn short_digests(text: &str) -> Cow<'_, str> {
    const MARK: &str = "@sha256:";
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split(MARK);
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (digest, after) = part.split_at(digits);
        short.push_str(MARK);
        short.push_str(digest.get(..DIGITS).unwrap_or(digest));
        short.push_str(after);
    }
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_begin_with_what_they_do() {
        for (script, short) in [
            ("set -eux; apt-get update", "apt-get update"),
            ("set -eux && make", "make"),
            ("set -ex; set -o pipefail; make", "make"),
            ("set -e\nmake", "make"),
            ("set -eux", "set -eux"),
            ("set -- a b; make", "set -- a b; make"),
            ("make", "make"),
        ] {
            assert_eq!(without_options(script), short, "{script}");
        }
    }

    #[test]
    fn digests_are_short() {
        let long = format!("FROM a:1@sha256:{} AS b", "0123456789abcdef".repeat(4));
        assert_eq!(short_digests(&long), "FROM a:1@sha256:01234567 AS b");
        assert_eq!(short_digests("a@sha256:12"), "a@sha256:12");
        assert_eq!(short_digests("a@sha256:"), "a@sha256:");
    }
}
