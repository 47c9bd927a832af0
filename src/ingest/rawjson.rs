//! `--progress=rawjson`: one JSON object a line, BuildKit's `client.SolveStatus` (`client/graph.go`).

use std::borrow::Cow;
use std::io::BufRead;

use serde::Deserialize;

use super::IngestError;
use super::build::{Assembler, ObservedBuild, Update};
use super::line::Lines;
use super::time::parse_rfc3339;

/// Reads a log.
pub(super) fn read(reader: impl BufRead) -> Result<ObservedBuild, IngestError> {
    let mut assembler = Assembler::default();
    let mut lines = Lines::new(reader);
    // Most of a log is what steps print. Such lines are passed over without being parsed: inside a JSON string the
    // quotes would be escaped, so a line without this text has no vertices.
    let vertexes = memchr::memmem::Finder::new(b"\"vertexes\"");
    while let Some(line) = lines.next(&mut assembler.problems)? {
        if vertexes.find(line).is_some() {
            match serde_json::from_slice::<Status<'_>>(line) {
                Ok(status) => status.tell(&mut assembler),
                Err(_) => assembler.problems.malformed += 1,
            }
        } else if !line.is_empty() && !line.ends_with(b"}") {
            assembler.problems.malformed += 1;
        }
    }
    Ok(assembler.finish())
}

#[derive(Deserialize)]
struct Status<'a> {
    #[serde(borrow, default)]
    vertexes: Option<Vec<Vertex<'a>>>,
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
    }
}
