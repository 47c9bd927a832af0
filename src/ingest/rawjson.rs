//! `--progress=rawjson`: one JSON object a line, BuildKit's `client.SolveStatus` (`client/graph.go`).

use std::borrow::Cow;

use memchr::memmem::{self, Finder};
use serde::Deserialize;

use super::build::{Assembler, ObservedBuild, Update};
use super::origin::Origin;
use super::time::parse_rfc3339;
use crate::units::Nanos;

/// Reads the lines of a log.
pub(super) struct RawJson {
    assembler: Assembler,
    vertexes: Finder<'static>,
    statuses: Finder<'static>,
    completed: Finder<'static>,
    vertex: Finder<'static>,
    data: Finder<'static>,
}

impl Default for RawJson {
    fn default() -> Self {
        Self {
            assembler: Assembler::default(),
            vertexes: Finder::new("\"vertexes\""),
            statuses: Finder::new("\"statuses\""),
            completed: Finder::new("\"completed\""),
            vertex: Finder::new("\"vertex\":\""),
            data: Finder::new("\"data\":\""),
        }
    }
}

/// Whether a line is one of a log.
pub(super) fn begins(line: &[u8]) -> bool {
    ["{\"vertexes\"", "{\"statuses\"", "{\"logs\"", "{\"warnings\""]
        .iter()
        .any(|key| line.starts_with(key.as_bytes()))
}

impl RawJson {
    /// Takes in a line. Most of a log is what steps print; such lines are not parsed: inside a JSON string the quotes would
    /// be escaped, so a line without the text has no vertices.
    pub(super) fn line(&mut self, line: &[u8]) {
        if line.starts_with(b"{\"logs\"") {
            self.printed(line);
        } else if self.vertexes.find(line).is_some()
            || self.statuses.find(line).is_some() && self.completed.find(line).is_some()
        {
            match serde_json::from_slice::<Status<'_>>(line) {
                Ok(status) => status.tell(&mut self.assembler),
                Err(_) => self.assembler.problems.malformed += 1,
            }
        } else if !line.is_empty() && !line.ends_with(b"}") {
            self.assembler.problems.malformed += 1;
        }
    }

    /// Whatever steps printed in one message.
    fn printed(&mut self, line: &[u8]) {
        let mut rest = line;
        while let Some(at) = self.vertex.find(rest) {
            rest = &rest[at + b"\"vertex\":\"".len()..];
            let Some(end) = memchr::memchr(b'"', rest) else { break };
            let (digest, after) = rest.split_at(end);
            let Some(data) = self.data.find(after) else { break };
            let data = &after[data + b"\"data\":\"".len()..];
            let Some(end) = memchr::memchr(b'"', data) else { break };
            if let Ok(digest) = str::from_utf8(digest) {
                self.assembler.printed(digest, &data[..end]);
            }
            rest = &data[end..];
        }
    }

    /// The builds of the log.
    pub(super) fn finish(mut self, origin: &Origin) -> Vec<ObservedBuild> {
        self.assembler.origin.complete(origin);
        self.assembler.finish()
    }
}

/// Whether a file that begins with `head` is such a log, though its fields come in another order.
pub(super) fn is_likely(head: &[u8]) -> bool {
    begins(head)
        || memmem::find(head, b"\"vertexes\"").is_some() && memmem::find(head, b"buildx.build").is_none()
}

#[derive(Deserialize)]
struct Status<'a> {
    #[serde(borrow, default)]
    vertexes: Option<Vec<Vertex<'a>>>,
    #[serde(borrow, default)]
    statuses: Option<Vec<VertexStatus<'a>>>,
}

#[derive(Deserialize)]
struct Vertex<'a> {
    #[serde(borrow)]
    digest: Text<'a>,
    #[serde(borrow, default)]
    inputs: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
    #[serde(borrow, default)]
    started: Option<Text<'a>>,
    #[serde(borrow, default)]
    completed: Option<Text<'a>>,
    #[serde(default)]
    cached: Option<bool>,
    #[serde(borrow, default)]
    error: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct VertexStatus<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    vertex: Option<Text<'a>>,
    #[serde(borrow, default)]
    started: Option<Text<'a>>,
    #[serde(borrow, default)]
    completed: Option<Text<'a>>,
}

/// A string that borrows from the line unless it holds escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text<'t>(text: Option<&'t Text<'_>>) -> &'t str {
    text.map_or("", |text| &text.0)
}

impl Status<'_> {
    fn tell(&self, assembler: &mut Assembler) {
        for vertex in self.vertexes.iter().flatten() {
            let update = Update {
                digest: &vertex.digest.0,
                name: text(vertex.name.as_ref()),
                started: parse_rfc3339(text(vertex.started.as_ref())),
                completed: parse_rfc3339(text(vertex.completed.as_ref())),
                cached: vertex.cached.unwrap_or(false),
                error: text(vertex.error.as_ref()),
            };
            assembler.update(&update, vertex.inputs.iter().flatten().map(|input| &*input.0));
        }
        for status in self.statuses.iter().flatten() {
            let instant = |at: Option<&Text<'_>>| parse_rfc3339(text(at));
            if let (Some(start), Some(end)) =
                (instant(status.started.as_ref()), instant(status.completed.as_ref()))
            {
                let duration = Nanos(end.saturating_sub(start).max(0).unsigned_abs());
                assembler.part(text(status.vertex.as_ref()), text(status.id.as_ref()), duration);
            }
        }
    }
}
