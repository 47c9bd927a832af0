//! `.dockerbuild` files, as `buildx history export` writes them: an OCI layout in a tar file, packed with gzip.
//!
//! The index that says what each blob is may come after the blobs, and a stream cannot be rewound. So blobs are told
//! apart by their content: JSON with a span context is the trace, JSON with a predicate is provenance, other JSON is
//! manifest or record, and what is no JSON is the status.

use std::io::{BufRead, BufReader, Read};

use tar::Archive;

use super::build::{Assembler, ObservedBuild};
use super::{Format, IngestError, provenance, sniff, status};

/// Reads an exported record. With several records in one file, the steps of all are listed together.
pub(super) fn read(reader: impl BufRead) -> Result<ObservedBuild, IngestError> {
    let mut assembler = Assembler::default();
    let mut known = Vec::new();
    let mut cut_short = false;
    let mut archive = Archive::new(reader);
    for entry in archive.entries()? {
        // A damaged archive has told what it could.
        let Ok(entry) = entry else {
            cut_short = true;
            break;
        };
        if !entry.path().is_ok_and(|path| path.starts_with("blobs")) {
            continue;
        }
        match blob(BufReader::new(entry), &mut assembler) {
            Ok(provenance) => known.extend(provenance),
            Err(IngestError::Io(_)) => cut_short = true,
            Err(_) => {}
        }
    }
    // The steps of all records are listed together: their messages come in no order.
    let mut build = assembler.finish().into_iter().next().unwrap_or_default();
    build.problems.cut_short |= cut_short;
    for provenance in &known {
        build.join(provenance);
    }
    Ok(build)
}

/// Reads one blob: status into `assembler`, provenance as the result.
fn blob(
    mut reader: BufReader<impl Read>,
    assembler: &mut Assembler,
) -> Result<Option<provenance::Provenance>, IngestError> {
    let head = reader.fill_buf()?;
    if head.first() != Some(&b'{') {
        status::read(reader, assembler)?;
        return Ok(None);
    }
    match sniff(head)? {
        // The status tells the same and more.
        Format::Trace => Ok(None),
        _ => provenance::read(reader).map(Some),
    }
}
