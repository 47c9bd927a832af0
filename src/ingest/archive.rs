//! What logs are packed in: gzip, and the zip files of GitHub.
//!
//! Nothing unpacks to more than [`MAX_UNPACKED`], however small it is packed.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::{IngestError, Record, sniff, unpacked};
use crate::budget::{Part, spend};

/// The most bytes that a packed file may unpack to: four times a log of 500 MB.
pub const MAX_UNPACKED: u64 = 2 << 30;
/// The most bytes that a zip file may have, which is read as a whole: its list of files stands at its end.
pub const MAX_ZIP: u64 = 64 << 20;
/// The most files of a zip file that are read.
const MAX_FILES: usize = 10_000;

/// The work of reading a byte, besides that of its line: a log of 500 MB is covered.
pub(super) const BYTE: u64 = 1;
/// The work of unpacking a byte.
pub(super) const UNPACKED: u64 = 3;

/// A reader that fails beyond a number of bytes, or where the budget of the run does not cover them.
pub(super) struct Limited<R> {
    reader: R,
    /// The work of a byte.
    each: u64,
    left: u64,
    is_over: bool,
}

impl<R> Limited<R> {
    pub(super) const fn new(reader: R, each: u64, most: u64) -> Self {
        Self { reader, each, left: most, is_over: false }
    }

    fn spend(&mut self, bytes: usize) {
        let left = self.left.checked_sub(bytes as u64);
        self.left = left.unwrap_or_default();
        self.is_over |= left.is_none() || !spend(Part::Logs, self.each * bytes as u64);
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.spend(count);
        if self.is_over { Err(too_large()) } else { Ok(count) }
    }
}

impl<R: BufRead> BufRead for Limited<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.is_over { Err(too_large()) } else { self.reader.fill_buf() }
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
        self.spend(amount);
    }
}

/// The error of a reader whose limit is exceeded.
pub(super) fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it holds more than the limit")
}

/// Reads the logs in a zip file. GitHub packs each job's log at the top, and the logs of its steps, which are the same
/// once more, in a folder of the job.
pub(super) fn zip(reader: impl BufRead) -> Result<Record, IngestError> {
    let mut bytes = Vec::new();
    Limited::new(reader, BYTE, MAX_ZIP).read_to_end(&mut bytes)?;
    let mut archive =
        ::zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| IngestError::Archive(error.into()))?;
    let names: Vec<(usize, String)> = (0..archive.len().min(MAX_FILES))
        .filter_map(|at| Some((at, archive.by_index_raw(at).ok()?.name().ok()?.into_owned())))
        .filter(|(_, name)| !name.ends_with('/'))
        .collect();
    let is_top_log = |name: &str| name.strip_suffix(".txt").is_some_and(|name| !name.contains('/'));
    let has_top = names.iter().any(|(_, name)| is_top_log(name));
    let mut record = Record::default();
    let mut left = MAX_UNPACKED;
    for (at, name) in names {
        if has_top && name.contains('/') {
            continue;
        }
        let Ok(file) = archive.by_index(at) else { continue };
        let mut limited = Limited::new(file, UNPACKED, left);
        let mut reader = BufReader::new(&mut limited);
        let told = match reader.fill_buf() {
            Ok(head) => sniff(head).and_then(|format| unpacked(format, &mut reader)),
            Err(error) => Err(error.into()),
        };
        left = limited.left;
        match told {
            Ok(mut told) => {
                for build in &mut told.builds {
                    if build.place.is_empty() {
                        build.place = job(&name).into();
                    }
                }
                record.extend(told);
            }
            Err(IngestError::TooLarge) => return Err(IngestError::TooLarge),
            // A file that is no log is none of the build's.
            Err(_) => {}
        }
    }
    Ok(record)
}

/// The name of the job in a name such as `3_build (amd64).txt`.
fn job(name: &str) -> &str {
    let name = name.strip_suffix(".txt").unwrap_or(name);
    match name.split_once('_') {
        Some((number, job)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => job,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::budget::{Limit, exceeded, start};

    #[test]
    fn no_more_is_read_than_the_budget_covers() {
        let line = b"#1 [1/2] RUN gcc x\n";
        let log = line.repeat(1_000);
        for (work, is_read) in [(1_000_000, true), (2 * log.len() as u64, false), (150 * 500, false)] {
            let _run = start(Limit::Work(work));
            assert_eq!(read(&log[..]).is_ok(), is_read, "{work}");
            assert_eq!(exceeded().map(|exceeded| exceeded.part), (!is_read).then_some(Part::Logs));
        }
    }
}
