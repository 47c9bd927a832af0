//! What builds leave behind, read into one form: logs, provenance, traces and exported records.
//!
//! Every reader streams from an `impl BufRead`, keeps memory that depends on the number of steps and not on the length of
//! the log, and never fails on what a log contains: what cannot be read is counted in [`Problems`] and left out. Knows
//! nothing of Dockerfiles, costs or simulations; [`crate::calibrate`] learns from what is read here.

mod build;
mod bundle;
mod label;
mod line;
mod otel;
mod plain;
mod problems;
mod provenance;
mod rawjson;
mod slsa;
mod status;
mod step;
mod time;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, BufRead};

pub use build::ObservedBuild;
pub use label::{Label, Subject, label};
pub use line::MAX_LINE;
pub use problems::Problems;
pub use provenance::{CacheMount, Operation, Provenance, ProvenanceStep, Usage};
pub use step::{Interval, ObservedStep, Outcome, StepIx};

/// What one file told.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// Times of a build's steps.
    Build(ObservedBuild),
    /// What the steps of a build were, without times.
    Provenance(Provenance),
}

/// The kinds of file that builds leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `--progress=rawjson`, one JSON object a line.
    RawJson,
    /// `--progress=plain`, or the log of a CI service around it.
    Plain,
    /// `--metadata-file`, or a provenance attestation.
    Provenance,
    /// An OpenTelemetry trace as buildx exports it.
    Trace,
    /// `buildx history export`: a `.dockerbuild` file.
    Bundle,
}

impl Format {
    /// Every format.
    pub const VALUES: &[Self] = &[Self::RawJson, Self::Plain, Self::Provenance, Self::Trace, Self::Bundle];

    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RawJson => "rawjson",
            Self::Plain => "plain",
            Self::Provenance => "provenance",
            Self::Trace => "trace",
            Self::Bundle => "dockerbuild",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a file could not be read at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum IngestError {
    /// The reader failed.
    Io(io::Error),
    /// A JSON document that is no metadata file, provenance or trace.
    Document(serde_json::Error),
    /// Nothing in the file is from a build.
    Empty(Format),
}

impl fmt::Display for IngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("the file cannot be read"),
            Self::Document(_) => f.write_str("the JSON document is malformed"),
            Self::Empty(format) => write!(f, "read as {format}, the file holds no step of a build"),
        }
    }
}

impl std::error::Error for IngestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Document(error) => Some(error),
            Self::Empty(_) => None,
        }
    }
}

impl From<io::Error> for IngestError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a file of any of the formats, told apart by its first bytes.
pub fn read(mut reader: impl BufRead) -> Result<Evidence, IngestError> {
    let format = sniff(reader.fill_buf()?);
    read_as(format, reader)
}

/// Reads a file of a format that is known.
pub fn read_as(format: Format, reader: impl BufRead) -> Result<Evidence, IngestError> {
    let build = match format {
        Format::RawJson => rawjson::read(reader)?,
        Format::Plain => plain::read(reader)?,
        Format::Provenance => return provenance::read(reader).map(Evidence::Provenance),
        Format::Trace => otel::read(reader)?,
        Format::Bundle => bundle::read(reader)?,
    };
    if build.steps.is_empty() { Err(IngestError::Empty(format)) } else { Ok(Evidence::Build(build)) }
}

/// The format of a file that begins with `head`.
fn sniff(head: &[u8]) -> Format {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(head.len());
    let head = &head[start..head.len().min(start + 4096)];
    let has = |key: &str| memchr::memmem::find(head, key.as_bytes()).is_some();
    if head.starts_with(&[0x1f, 0x8b]) {
        Format::Bundle
    } else if !head.starts_with(b"{") {
        Format::Plain
    } else if ["{\"vertexes\"", "{\"statuses\"", "{\"logs\"", "{\"warnings\""]
        .iter()
        .any(|key| head.starts_with(key.as_bytes()))
    {
        Format::RawJson
    } else if has("\"SpanContext\"") {
        Format::Trace
    } else if has("\"vertexes\"") && !has("buildx.build") {
        Format::RawJson
    } else {
        Format::Provenance
    }
}
