//! `.dockerbuild` files, as `buildx history export` writes them: an OCI layout in a tar file, packed with gzip.
//!
//! The index that says what each blob is may come after the blobs, and a stream cannot be rewound. So blobs are told
//! apart by their content: JSON with a span context is the trace, JSON with a predicate is provenance, other JSON is
//! manifest or record, and what is no JSON is the status.

use std::io::{BufRead, BufReader, Read};

use tar::Archive;

use super::build::{Assembler, ObservedBuild};
use super::{Format, IngestError, provenance, sniff, status};

/// Reads exported records: the builds in the order in which they began.
pub(super) fn read(reader: impl BufRead) -> Result<Vec<ObservedBuild>, IngestError> {
    let mut builds: Vec<ObservedBuild> = Vec::new();
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
        let mut assembler = Assembler::default();
        match blob(BufReader::new(entry), &mut assembler) {
            Ok(provenance) => known.extend(provenance),
            Err(IngestError::Io(_)) => cut_short = true,
            Err(_) => {}
        }
        builds.extend(assembler.finish().into_iter().filter(|build| !build.steps.is_empty()));
    }
    for provenance in &known {
        // Records may share steps; what is of a build knows all of its steps for a platform.
        let best = builds.iter_mut().rev().max_by_key(|build| build.known_to(provenance));
        if let Some(build) = best {
            build.join(provenance);
        }
    }
    builds.sort_by_key(|build| build.began);
    if let Some(last) = builds.last_mut() {
        last.problems.cut_short |= cut_short;
    }
    Ok(builds)
}

/// Reads one blob: status into `assembler`, provenance as the result.
fn blob(
    mut reader: BufReader<impl Read>,
    assembler: &mut Assembler,
) -> Result<Option<provenance::Provenance>, IngestError> {
    let head = reader.fill_buf()?;
    // A status begins with a length, of which the last byte is none.
    if head.first() != Some(&b'{') || head.get(..4).is_some_and(|length| length.contains(&0)) {
        status::read(reader, assembler)?;
        return Ok(None);
    }
    match sniff(head)? {
        // The status tells the same and more.
        Format::Trace => Ok(None),
        _ => provenance::read(reader).map(Some),
    }
}
