//! From a parser's events to the tree.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::{MAX_DEPTH, MAX_NODES, Node, Style, Value, YamlError, flow};

/// The first document of a text. An empty text is null.
///
/// # Errors
///
/// The first problem in the text, or the limit that it breaks.
pub(crate) fn parse(text: &str) -> Result<Node, YamlError> {
    let null = Node { value: Value::Scalar(String::new(), Style::Plain), line: 1, span: 0..0, tag: None };
    Ok(documents(text)?.into_iter().next().unwrap_or(null))
}

/// All documents of a text.
///
/// # Errors
///
/// The first problem in the text, or the limit that it breaks.
///
/// # Complexity
///
/// Linear in the text and in what its aliases stand for, to [`MAX_NODES`].
pub(crate) fn documents(text: &str) -> Result<Vec<Node>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (error, mut at) = match load(text, text) {
        Ok(documents) => return Ok(documents),
        Err(wrong) => wrong,
    };
    let (mut read, mut bytes) = (None::<String>, 0);
    let mut is_too_far_left = error.message.starts_with(TOO_FAR_LEFT);
    while is_too_far_left && bytes < MAX_JOINED {
        let Some(joined) = flow::joined(read.as_deref().unwrap_or(text), at) else { break };
        bytes += text.len();
        match load(text, &joined) {
            Ok(documents) => return Ok(documents),
            Err((next, next_at)) => {
                is_too_far_left = next.message.starts_with(TOO_FAR_LEFT);
                at = next_at;
            }
        }
        read = Some(joined);
    }
    // What is said is what was wrong first.
    Err(error)
}

/// The documents of a text, read as another one that has each of its characters in the same place. With what is wrong, the
/// character at which it is.
fn load(text: &str, read: &str) -> Result<Vec<Node>, (YamlError, usize)> {
    let mut loader = Loader::new(text, read);
    let mut parser = Parser::new_from_str(read);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => loader.event(event, span).map_err(|error| (error, 0))?,
            Err(error) => {
                let at = error.marker().index();
                let wrong =
                    YamlError { line: line_number(error.marker().line()), message: error.info().to_owned() };
                return Err((wrong, at));
            }
        }
    }
    Ok(loader.documents)
}

/// How the parser says that something in brackets begins too far left.
const TOO_FAR_LEFT: &str = "invalid indentation";

/// Bytes of text that are read again with such lines put behind those before them.
const MAX_JOINED: usize = 8 << 20;

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// A collection that is not yet at its end.
struct Open {
    anchor: usize,
    start: Span,
    items: Vec<Node>,
    mapping: bool,
    tag: Option<Box<str>>,
}

struct Loader<'a> {
    text: &'a str,
    /// The byte at which each character begins, if that is not its number.
    offsets: Option<Vec<usize>>,
    /// The characters at which lines end, if the parser does not see them all.
    ends: Option<Vec<usize>>,
    open: Vec<Open>,
    /// What anchors stand for, with the number of their nodes.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Node>,
}

impl<'a> Loader<'a> {
    fn new(text: &'a str, read: &str) -> Self {
        let offsets = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        let ends = || text.chars().enumerate().filter(|(_, c)| *c == '\n').map(|(at, _)| at).collect();
        Self {
            text,
            offsets,
            ends: (text != read).then(ends),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: Vec::new(),
        }
    }

    /// The line at which something begins.
    fn line(&self, span: Span) -> usize {
        match &self.ends {
            Some(ends) => ends.partition_point(|&end| end < span.start.index()) + 1,
            None => span.start.line(),
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, span)?;
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                // The parser places a block at its first line that is not empty.
                let block = matches!(style, Style::Literal | Style::Folded);
                let blank = if block { text.bytes().take_while(|&b| b == b'\n').count() } else { 0 };
                let node = Node {
                    value: Value::Scalar(text.into_owned(), style),
                    line: line_number(self.line(span).saturating_sub(blank)),
                    span: self.bytes(span, span),
                    tag: tag.as_deref().map(tag_name),
                };
                self.close(node, anchor, 1);
            }
            Event::SequenceStart(anchor, tag) => self.begin(anchor, span, false, tag.as_deref())?,
            Event::MappingStart(anchor, tag) => self.begin(anchor, span, true, tag.as_deref())?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let anchor = open.anchor;
                    let node = self.finish(open, span);
                    let size = if anchor == 0 { 0 } else { size(&node) };
                    self.close(node, anchor, size);
                }
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor) else {
                    return Err(problem(span, "an alias within its own anchor"));
                };
                let (node, size) = (node.clone(), *size);
                self.count(size, span)?;
                self.close(node, 0, size);
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(
        &mut self,
        anchor: usize,
        start: Span,
        mapping: bool,
        tag: Option<&Tag>,
    ) -> Result<(), YamlError> {
        self.count(1, start)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(problem(start, &format!("more than {MAX_DEPTH} levels of lists and mappings")));
        }
        let tag = tag.map(tag_name);
        self.open.push(Open { anchor, start, items: Vec::new(), mapping, tag });
        Ok(())
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), YamlError> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MAX_NODES {
            return Err(problem(span, &format!("more than {MAX_NODES} values, with what aliases stand for")));
        }
        Ok(())
    }

    fn finish(&self, open: Open, end: Span) -> Node {
        let value =
            if open.mapping { Value::Mapping(merged(open.items)) } else { Value::Sequence(open.items) };
        let line = line_number(self.line(open.start));
        Node { value, line, span: self.bytes(open.start, end), tag: open.tag }
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node, anchor: usize, size: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.documents.push(node),
        }
    }

    fn bytes(&self, start: Span, end: Span) -> Range<usize> {
        let at = |index: usize| match &self.offsets {
            Some(offsets) => offsets.get(index).copied().unwrap_or(self.text.len()),
            None => index.min(self.text.len()),
        };
        let start = at(start.start.index());
        start..at(end.end.index()).max(start)
    }
}

/// The word of a tag that tells it from others.
fn tag_name(tag: &Tag) -> Box<str> {
    tag.suffix.as_str().into()
}

fn problem(span: Span, message: &str) -> YamlError {
    YamlError { line: line_number(span.start.line()), message: message.to_owned() }
}

/// The number of nodes in a tree no deeper than [`MAX_DEPTH`].
fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar(..) => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
    }
}

/// Keys and values in turn as entries, with those of merge keys where the mapping has no entry of its own.
fn merged(items: Vec<Node>) -> Vec<(Node, Node)> {
    let mut entries = Vec::with_capacity(items.len() / 2);
    let mut merges = Vec::new();
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        if matches!(&key.value, Value::Scalar(text, Style::Plain) if text == "<<") {
            merges.push(value);
        } else {
            entries.push((key, value));
        }
    }
    if merges.is_empty() {
        return entries;
    }
    let mut known: std::collections::HashSet<String> =
        entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)).collect();
    let sources = merges.into_iter().flat_map(|merge| match merge.value {
        Value::Sequence(items) => items,
        _ => vec![merge],
    });
    for source in sources {
        let Value::Mapping(more) = source.value else { continue };
        for (key, value) in more {
            if key.as_str().is_some_and(|name| known.insert(name.to_owned())) {
                entries.push((key, value));
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_text() {
        let text = "a: 1\nb:\n  - run: |\n      one\n      two\n  - run: >-\n      x\n  - 'q'\nü: {c: é}\n";
        let node = parse(text).expect("valid");
        let items = node.get("b").expect("b").items();
        let runs: Vec<u32> = items.iter().filter_map(|item| item.get("run")).map(|run| run.line).collect();
        assert_eq!(runs, [4, 7]);
        let blank = parse("run: |\n\n  one\n").expect("valid");
        assert_eq!(blank.get("run").map(|run| (run.line, run.as_str())), Some((2, Some("\none\n"))));
        assert_eq!(items[2].line, 8);
        let c = node.get("ü").and_then(|u| u.get("c")).expect("c");
        assert_eq!((&text[c.span.clone()], c.line), ("é", 9));
        assert_eq!(node.get("a").map(|a| &text[a.span.clone()]), Some("1"));
        let (key, _) = items[0].entry("run").expect("run");
        assert_eq!((key.line, &text[key.span.clone()]), (3, "run"));
    }

    #[test]
    fn brackets_may_close_as_far_left_as_their_key() {
        let text = "é:\n  a: [\n    x,\n    # y\n  ]\n  b: {\n    c: d\n  }\ne: [\nf,\n[g\n]\n]\nh: i\n";
        let node = parse(text).expect("as other parsers read it");
        let a = node.at(&["é", "a"]).expect("a");
        assert_eq!((a.texts(), node.at(&["é", "b", "c"]).and_then(Node::as_str)), (vec!["x"], Some("d")));
        assert_eq!(&text[a.span.clone()], "[\n    x,\n    # y\n  ]");
        let h = node.get("h").expect("h");
        assert_eq!((h.line, &text[h.span.clone()]), (14, "i"));
        assert_eq!(node.get("e").map(|e| (e.line, e.items()[1].line)), Some((9, 11)));
        let node = parse("a:\n  b: [\n    c # d\n  ]\n").expect("a comment ends the line before");
        assert_eq!(node.at(&["a", "b"]).map(Node::texts), Some(vec!["c"]));
    }

    #[test]
    fn merge_keys_and_aliases_are_applied() {
        let node = parse("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nlist: [*b, *b]\n").expect("valid");
        let used = node.get("use").expect("use");
        assert_eq!((used.str("x"), used.str("y")), (Some("1"), Some("3")));
        assert_eq!(node.get("list").map(|list| list.items().len()), Some(2));
    }

    #[test]
    fn limits_are_kept() {
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..12 {
            let list = vec![format!("*a{}", n - 1); 10].join(", ");
            laughs = format!("{laughs}a{n}: &a{n} [{list}]\n");
        }
        assert!(parse(&laughs).is_err_and(|error| error.message.contains("500000")));
        let deep = "[".repeat(5000);
        assert!(parse(&deep).is_err());
        assert!(parse("a: &a [*a]").is_err());
        assert!(parse("a: b: c").is_err());
        assert!(parse("").is_ok_and(|node| node.is_null()));
    }
}
