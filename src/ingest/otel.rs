//! OpenTelemetry traces as `buildx history trace` writes them: JSON objects one after another, each a span in the shape of
//! Go's `tracetest.SpanStub`.
//!
//! Vertex spans carry the attribute `vertex` with the digest. Inputs are not told.

use std::io::BufRead;

use serde::Deserialize;

use super::IngestError;
use super::archive::{BYTE, Limited};
use super::build::{Assembler, ObservedBuild, Update};
use super::time::parse_rfc3339;

/// The most bytes of a trace that are read; a span is held as a whole.
const MAX_TRACE: u64 = 128 << 20;

/// Reads a trace.
pub(super) fn read(reader: impl BufRead) -> Result<Vec<ObservedBuild>, IngestError> {
    let mut assembler = Assembler::default();
    for span in
        serde_json::Deserializer::from_reader(Limited::new(reader, BYTE, MAX_TRACE)).into_iter::<Span>()
    {
        match span {
            Ok(span) => span.tell(&mut assembler),
            Err(error) if error.is_io() => return Err(std::io::Error::from(error).into()),
            // After a malformed object there is no telling where the next begins.
            Err(error) => {
                assembler.problems.cut_short |= error.is_eof();
                assembler.problems.malformed += u64::from(!error.is_eof());
                break;
            }
        }
    }
    Ok(assembler.finish())
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Span {
    name: String,
    start_time: String,
    end_time: String,
    attributes: Option<Vec<Attribute>>,
    status: Status,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Attribute {
    key: String,
    value: Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Value {
    value: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Status {
    code: serde_json::Value,
    description: String,
}

impl Span {
    fn tell(&self, assembler: &mut Assembler) {
        // Looking up the cache is no part of a step's work.
        if self.name.starts_with("cache request: ") || self.name.starts_with("load cache: ") {
            return;
        }
        let attributes = self.attributes.iter().flatten();
        let vertex =
            attributes.filter(|attribute| attribute.key == "vertex").find_map(|a| a.value.value.as_str());
        let Some(digest) = vertex else { return };
        let failed = self.status.code == "Error" || self.status.code == 1;
        let error = match (failed, self.status.description.as_str()) {
            (false, _) => "",
            (true, "") => "failed",
            (true, description) => description,
        };
        let update = Update {
            digest,
            name: &self.name,
            started: parse_rfc3339(&self.start_time),
            completed: parse_rfc3339(&self.end_time),
            cached: false,
            error,
        };
        assembler.update(&update, std::iter::empty());
    }
}
