//! Changes of a workflow's text by the spans of its nodes. All else stays byte for byte.

use crate::diagnostic::Edit;
use crate::source::Span;
use crate::yaml::Node;

/// The edits that give the caches `type=gha` of a step a scope, in what it reads and what it writes; `None` where they are not
/// written as plain lists of caches.
pub(in crate::advice) fn scope_edits(step: &Node, text: &str, scope: &str) -> Option<Vec<Edit>> {
    let with = step.get("with")?;
    let mut edits = Vec::new();
    for name in ["cache-from", "cache-to"] {
        let Some(value) = with.get(name) else { continue };
        let written = text.get(value.span.clone())?;
        // Between braces a comma ends a text without quotes.
        if text.get(with.span.start..)?.starts_with('{') && !written.starts_with(['"', '\'']) {
            return None;
        }
        let mut from = 0;
        while let Some(at) = written[from..].find("type=gha").map(|at| at + from) {
            let end = at + "type=gha".len();
            let entry =
                &written[end..end + written[end..].find(['\n', '"', '\'']).unwrap_or(written.len() - end)];
            // In an expression it is a part of something else.
            let line = written[..at].rfind('\n').map_or(0, |at| at + 1);
            if written[line..at].contains("${{")
                || !matches!(entry.bytes().next(), None | Some(b',' | b' ' | b'\r'))
            {
                return None;
            }
            if !entry.contains("scope=") {
                edits.push(Edit::insert((value.span.start + end) as u32, format!(",scope={scope}")));
            }
            from = end;
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// The edit that takes a step out, with the lines that it covers and comments on it right above.
pub(in crate::advice) fn without_step(step: &Node, text: &str, about: &str) -> Option<Edit> {
    let start = step.span.start;
    let dash = text.get(..start)?.rfind('-')?;
    // Between the dash and the first key lies white space only, and before it nothing else on its line.
    if !text[dash + 1..start].trim().is_empty() {
        return None;
    }
    let mut from = text[..dash].rfind('\n').map_or(0, |at| at + 1);
    if !text[from..dash].trim().is_empty() {
        return None;
    }
    let indent = dash - from;
    // The step ends with the last line that is indented deeper than its dash.
    let (mut end, mut to) = (from, from);
    for (row, line) in text[from..].split_inclusive('\n').enumerate() {
        let is_blank = line.trim().is_empty();
        if row > 0 && !is_blank && line.len() - line.trim_start().len() <= indent {
            break;
        }
        end += line.len();
        if !is_blank {
            to = end;
        }
    }
    while let Some(line) = text[..from].lines().last() {
        let is_about = line.trim().starts_with('#') && line.to_lowercase().contains(about);
        if !is_about {
            break;
        }
        from = text[..from].trim_end_matches(['\n', '\r']).rfind('\n').map_or(0, |at| at + 1);
    }
    // One blank line that parted it from what follows goes with it.
    let after = &text[to..];
    let blank = after.lines().next().filter(|line| line.trim().is_empty() && !after.is_empty());
    let before_is_blank = text[..from].lines().last().is_some_and(|line| line.trim().is_empty());
    if blank.is_some() && before_is_blank {
        to += after.find('\n').map_or(after.len(), |at| at + 1);
    }
    Some(Edit::delete(Span::new(from as u32, to as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::edits::apply::apply;
    use crate::yaml::parse;

    fn step(text: &str, at: usize) -> Node {
        parse(text).unwrap().get("steps").unwrap().items()[at].clone()
    }

    #[test]
    fn caches_get_scopes() {
        let cases = [
            ("cache-to: type=gha,mode=max", "cache-to: type=gha,scope=x,mode=max"),
            (
                "cache-from: type=gha\n      cache-to: \"type=gha\"",
                "cache-from: type=gha,scope=x\n      cache-to: \"type=gha,scope=x\"",
            ),
            (
                "cache-to: |\n        type=gha\n        type=inline",
                "cache-to: |\n        type=gha,scope=x\n        type=inline",
            ),
            (
                "cache-from: type=gha,scope=y\n      cache-to: type=gha",
                "cache-from: type=gha,scope=y\n      cache-to: type=gha,scope=x",
            ),
            ("cache-to: ${{ a && 'type=gha' }}", "-"),
            ("{cache-to: type=gha}", "-"),
            ("{cache-to: 'type=gha'}", "{cache-to: 'type=gha,scope=x'}"),
            ("cache-to: type=local,dest=x", "-"),
        ];
        for (before, after) in cases {
            let text = format!("steps:\n  - uses: a\n    with:\n      {before}\n");
            let edits = scope_edits(&step(&text, 0), &text, "x");
            let found = edits.and_then(|edits| apply(&text, &edits));
            let expected = (after != "-").then(|| format!("steps:\n  - uses: a\n    with:\n      {after}\n"));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn steps_are_taken_out_whole() {
        let cases = [
            ("  - a: 1\n  - name: q\n    uses: x\n    with:\n      y: z\n  - b: 2\n", "  - a: 1\n  - b: 2\n"),
            (
                "  - a: 1\n\n  # Set up QEMU\n  - uses: x\n\n  # next\n  - b: 2\n",
                "  - a: 1\n\n  # next\n  - b: 2\n",
            ),
            ("  - a: 1\n  - uses: x\n", "  - a: 1\n"),
            ("  - a: 1\n  -\n    uses: x\n  -\n    b: 2\n", "  - a: 1\n  -\n    b: 2\n"),
            ("  - a: 1\n  # of all\n  - uses: x # of it\n  - b: 2\n", "  - a: 1\n  # of all\n  - b: 2\n"),
        ];
        for (before, after) in cases {
            let text = format!("steps:\n{before}");
            let edit = without_step(&step(&text, 1), &text, "qemu").unwrap();
            assert_eq!(apply(&text, &[edit]), Some(format!("steps:\n{after}")));
        }
    }
}
