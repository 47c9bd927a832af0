//! What builds leave behind, read into one form: logs, provenance, traces and exported records.
//!
//! Every reader streams from an `impl BufRead`, keeps memory that depends on the number of steps and not on the length of
//! the log, and never fails on what a log contains: what cannot be read is counted in [`Problems`] and left out. Knows
//! nothing of Dockerfiles, costs or simulations; [`crate::calibrate`] learns from what is read here.

mod archive;
mod build;
mod bundle;
mod display;
mod encoding;
mod label;
mod line;
mod origin;
mod otel;
mod part;
mod plain;
mod prefix;
mod problems;
mod provenance;
mod rawjson;
mod record;
mod slsa;
mod status;
mod step;
mod tail;
mod text;
mod time;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use self::archive::{BYTE, Limited, UNPACKED};
pub use archive::{MAX_UNPACKED, MAX_ZIP};
pub use build::ObservedBuild;
pub use label::{Label, Subject, label};
pub use line::MAX_LINE;
pub use origin::Origin;
pub use part::Part;
pub use problems::Problems;
pub use provenance::{CacheMount, MAX_DOCUMENT, Operation, Provenance, ProvenanceStep, Usage};
pub use record::Record;
pub use step::{Interval, ObservedStep, Outcome, StepIx};
pub use tail::MOST_LINES;

/// The kinds of file that builds leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Lines: `--progress=rawjson`, `--progress=plain`, the terminal's own output, or the log of a CI service around them.
    Lines,
    /// `--metadata-file`, or a provenance attestation.
    Provenance,
    /// An OpenTelemetry trace as buildx exports it.
    Trace,
    /// `buildx history export`: a `.dockerbuild` file, unpacked.
    Bundle,
    /// A file in gzip.
    Gzip,
    /// A zip file, such as GitHub's logs of a run.
    Zip,
}

impl Format {
    /// Every format.
    pub const VALUES: &[Self] =
        &[Self::Lines, Self::Provenance, Self::Trace, Self::Bundle, Self::Gzip, Self::Zip];

    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "a log",
            Self::Provenance => "provenance",
            Self::Trace => "a trace",
            Self::Bundle => "a dockerbuild file",
            Self::Gzip => "a gzip file",
            Self::Zip => "a zip file",
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
    /// A zip file that cannot be read.
    Archive(io::Error),
    /// Nothing in the file is from a build.
    Empty(Format),
    /// The file is packed in a way that is not read.
    Packed(&'static str),
    /// The file unpacks to more than [`MAX_UNPACKED`], a zip file is larger than [`MAX_ZIP`], or a document than
    /// [`MAX_DOCUMENT`].
    TooLarge,
}

impl fmt::Display for IngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("the file cannot be read"),
            Self::Document(_) => f.write_str("the JSON document is malformed"),
            Self::Archive(_) => f.write_str("the zip file is damaged"),
            Self::Empty(format) => write!(f, "read as {format}, the file holds no step of a build"),
            Self::Packed(how) => {
                write!(f, "the file is packed with {how}, which is not read: unpack it first")
            }
            Self::TooLarge => write!(
                f,
                "it exceeds a limit: {} MiB unpacked, {} MiB for a zip file, {} MiB for a JSON document",
                MAX_UNPACKED >> 20,
                MAX_ZIP >> 20,
                MAX_DOCUMENT >> 20
            ),
        }
    }
}

impl std::error::Error for IngestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::Archive(error) => Some(error),
            Self::Document(error) => Some(error),
            Self::Empty(_) | Self::Packed(_) | Self::TooLarge => None,
        }
    }
}

impl From<io::Error> for IngestError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::FileTooLarge { Self::TooLarge } else { Self::Io(error) }
    }
}

/// Reads a file of any of the formats, told apart by its first bytes, packed or not.
pub fn read(reader: impl BufRead) -> Result<Record, IngestError> {
    let mut reader = encoding::decoded(reader)?;
    let format = sniff(reader.fill_buf()?)?;
    read_as(format, reader)
}

/// Reads a file of a format that is known.
pub fn read_as(format: Format, reader: impl BufRead) -> Result<Record, IngestError> {
    let mut reader = Limited::new(reader, BYTE, u64::MAX);
    match format {
        Format::Gzip => gunzipped(reader),
        Format::Zip => archive::zip(reader).and_then(|record| filled(record, format)),
        _ => unpacked(format, &mut reader),
    }
}

/// Reads what is packed in gzip: a record in tar, or a log.
fn gunzipped(reader: impl BufRead) -> Result<Record, IngestError> {
    let mut inside = Limited::new(MultiGzDecoder::new(reader), UNPACKED, MAX_UNPACKED);
    let mut head = Vec::new();
    inside.by_ref().take(HEAD).read_to_end(&mut head)?;
    let format = sniff(&head)?;
    let whole = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(inside));
    unpacked(format, &mut *encoding::decoded(whole)?)
}

/// Reads a file of a format that is not packed.
fn unpacked(format: Format, reader: &mut dyn BufRead) -> Result<Record, IngestError> {
    let builds = match format {
        Format::Lines => text::read(reader)?,
        Format::Provenance => {
            return Ok(Record { provenance: vec![provenance::read(reader)?], ..Record::default() });
        }
        Format::Trace => otel::read(reader)?,
        Format::Bundle => bundle::read(reader)?,
        // Nothing is packed twice.
        Format::Gzip | Format::Zip => Vec::new(),
    };
    filled(Record { builds, ..Record::default() }, format)
}

/// The record without builds of no step; an error if nothing is left.
fn filled(mut record: Record, format: Format) -> Result<Record, IngestError> {
    record.builds.retain(|build| !build.steps.is_empty());
    if record.is_empty() { Err(IngestError::Empty(format)) } else { Ok(record) }
}

/// Bytes by which a file is told.
const HEAD: u64 = 4096;

/// The format of a file that begins with `head`.
fn sniff(head: &[u8]) -> Result<Format, IngestError> {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(head.len());
    let head = &head[start..head.len().min(start + HEAD as usize)];
    let has = |key: &str| memchr::memmem::find(head, key.as_bytes()).is_some();
    Ok(if head.starts_with(&[0x1f, 0x8b]) {
        Format::Gzip
    } else if head.starts_with(b"PK\x03\x04") {
        Format::Zip
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(IngestError::Packed("zstd"));
    } else if head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z']) {
        return Err(IngestError::Packed("xz"));
    } else if head.starts_with(b"BZh") {
        return Err(IngestError::Packed("bzip2"));
    } else if head.get(257..262) == Some(b"ustar") {
        Format::Bundle
    } else if !head.starts_with(b"{") || rawjson::begins(head) {
        Format::Lines
    } else if has("\"SpanContext\"") {
        Format::Trace
    } else if rawjson::is_likely(head) {
        Format::Lines
    } else {
        Format::Provenance
    })
}
