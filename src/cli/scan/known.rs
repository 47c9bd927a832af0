//! Rows that a file remembers from scan to scan.
//!
//! A line holds a key, which covers the text, how it is built, the settings and the version of xsim, and the row. Lines are only
//! added, so that a scan that is stopped loses no row that it had; a line that is cut off is passed over.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::super::exit::Failure;
use crate::scan::{Row, Settings};

/// The longest line that is read.
const MAX_LINE: u64 = 64 << 20;

/// The part of a key that tells rows apart.
type Key = [u8; 16];

/// Where rows lie in a file: first byte and length.
type Index = HashMap<Key, (u64, u64)>;

/// A file of rows.
pub(super) struct Known {
    path: PathBuf,
    /// The fingerprint of the settings that all keys are for.
    pub(super) settings: [u8; 32],
    file: Mutex<File>,
    /// The rows that were there when the file was opened.
    index: Index,
}

#[derive(Serialize)]
struct NewLine<'a> {
    key: String,
    row: &'a Row,
}

#[derive(Deserialize)]
struct Line {
    row: Row,
}

impl Known {
    /// Opens a file, or makes an empty one.
    pub(super) fn open(path: &Path, settings: &Settings) -> Result<Self, Failure> {
        let open = || -> io::Result<Self> {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
            if !file.metadata()?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
            }
            let (index, is_whole) = index(&mut file)?;
            if !is_whole {
                // What comes next begins a line of its own.
                file.write_all(b"\n")?;
            }
            Ok(Self {
                path: path.to_owned(),
                settings: settings.fingerprint(),
                file: Mutex::new(file),
                index,
            })
        };
        open().map_err(|error| Failure::File(path.to_owned(), error))
    }

    /// The row of a key, if it is remembered and can be read.
    pub(super) fn row(&self, key: &[u8; 32]) -> Option<Row> {
        let &(at, length) = self.index.get(&short(key))?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(at)).ok()?;
            file.read_exact(&mut bytes).ok()?;
        }
        serde_json::from_slice::<Line>(&bytes).ok().map(|line| line.row)
    }

    /// Remembers a row.
    pub(super) fn add(&self, key: &[u8; 32], row: &Row) -> Result<(), Failure> {
        let written = serde_json::to_string(&NewLine { key: hex(short(key)), row }).map_err(io::Error::other);
        let written = written.and_then(|line| {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all((line + "\n").as_bytes())
        });
        written.map_err(|error| Failure::File(self.path.clone(), error))
    }
}

/// Where the rows of a file lie, and whether its last line has an end.
fn index(file: &mut File) -> io::Result<(Index, bool)> {
    let mut index = HashMap::new();
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let (mut at, mut line) = (0, Vec::new());
    loop {
        line.clear();
        let length = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
        if length == 0 {
            return Ok((index, true));
        }
        if line.last() != Some(&b'\n') {
            if length < MAX_LINE {
                return Ok((index, false));
            }
            at += reader.skip_until(b'\n')? as u64;
        } else if let Some(key) = key(&line) {
            index.insert(key, (at, length));
        }
        at += length;
    }
}

/// The key of a line, which stands at its beginning.
fn key(line: &[u8]) -> Option<Key> {
    let text = line.strip_prefix(b"{\"key\":\"")?.get(..32)?;
    let mut key = Key::default();
    for (byte, digits) in key.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(key)
}

fn short(key: &[u8; 32]) -> Key {
    let mut short = Key::default();
    short.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    short
}

fn hex(key: Key) -> String {
    format!("{:032x}", u128::from_be_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_remembered_beside_lines_that_are_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        let row = |name: &str| Row { file: name.to_owned(), lost_s: 1.25, ..Row::default() };
        let keys = [[1; 32], [2; 32], [0xab; 32]];
        {
            let known = Known::open(&path, &Settings::default()).unwrap();
            known.add(&keys[0], &row("a")).unwrap();
            assert_eq!(known.row(&keys[0]), None, "it was not there when the file was opened");
        }
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"key\":\"00").unwrap();
        let known = Known::open(&path, &Settings::default()).unwrap();
        known.add(&keys[1], &row("b")).unwrap();
        let known = Known::open(&path, &Settings::default()).unwrap();
        assert_eq!(known.row(&keys[0]), Some(row("a")));
        assert_eq!(known.row(&keys[1]), Some(row("b")));
        assert_eq!(known.row(&keys[2]), None);
    }
}
