//! What paths mean: repositories, Dockerfiles, tables.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::super::exit::Failure;
use super::super::load::{self, Loaded};
use super::super::locate::is_dockerfile;
use super::super::repository::Disk;
use crate::builds::Repo;
#[cfg(feature = "parquet")]
use crate::scan::parquet::{Texts, TextsBatch};
use crate::scan::{Batch, Columns, Job, Lines, Settings, jobs};

/// How many folders down from a path repositories may lie, as in `host/owner/name`.
const MAX_DEPTH: usize = 3;

/// Folders in which Dockerfiles are others' own.
const FOREIGN: [&str; 2] = ["vendor", "third_party"];

/// Builds that are worked on together.
pub(super) struct Unit {
    work: Work,
    /// Which part of everything is done with it, from 0 to 1; `None` where that is not known.
    pub(super) done: Option<f64>,
}

enum Work {
    Repository(String, PathBuf),
    File(PathBuf),
    Lines(String, Batch),
    #[cfg(feature = "parquet")]
    Texts(String, Box<TextsBatch>),
}

/// All that paths mean, one after the other; tables are read as they are needed.
pub(super) fn units(
    paths: &[PathBuf],
    columns: &Columns,
) -> Result<impl Iterator<Item = Unit> + Send, Failure> {
    let count = paths.len() as f64;
    let parts: Vec<_> = paths.iter().map(|path| of_path(path, columns)).collect::<Result<_, _>>()?;
    Ok(parts.into_iter().enumerate().flat_map(move |(at, units)| {
        units.map(move |unit| Unit { done: unit.done.map(|done| (at as f64 + done) / count), ..unit })
    }))
}

type Units = Box<dyn Iterator<Item = Unit> + Send>;

fn of_path(path: &Path, columns: &Columns) -> Result<Units, Failure> {
    let failed = |error| Failure::File(path.to_owned(), error);
    if path == Path::new("-") {
        return Ok(Box::new(table("-".to_owned(), io::stdin(), None)));
    }
    let found = std::fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        let mut folders = Vec::new();
        repositories(path, MAX_DEPTH, &mut folders).map_err(failed)?;
        let (root, count) = (path.to_owned(), folders.len() as f64);
        return Ok(Box::new(folders.into_iter().enumerate().map(move |(at, folder)| Unit {
            work: Work::Repository(name(&root, &folder), folder),
            done: Some((at + 1) as f64 / count),
        })));
    }
    let end = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    if matches!(end.as_deref(), Some("jsonl" | "ndjson" | "json")) {
        let file = File::open(path).map_err(failed)?;
        let bytes = found.is_file().then_some(found.len());
        return Ok(Box::new(table(path.to_string_lossy().into_owned(), file, bytes)));
    }
    if end.as_deref() == Some("parquet") {
        return texts(path, columns);
    }
    let unit = Unit { work: Work::File(path.to_owned()), done: Some(1.0) };
    Ok(Box::new(std::iter::once(unit)))
}

/// A table in Parquet.
#[cfg(feature = "parquet")]
fn texts(path: &Path, columns: &Columns) -> Result<Units, Failure> {
    let failed = |error| Failure::File(path.to_owned(), error);
    let file = File::open(path).map_err(failed)?;
    let texts = Texts::new(file, columns).map_err(|error| failed(io::Error::other(error)))?;
    let name = path.to_string_lossy().into_owned();
    Ok(Box::new(
        texts.map(move |batch| Unit {
            done: Some(batch.done),
            work: Work::Texts(name.clone(), Box::new(batch)),
        }),
    ))
}

#[cfg(not(feature = "parquet"))]
fn texts(path: &Path, _: &Columns) -> Result<Units, Failure> {
    let why = "this program was built without the feature parquet";
    Err(Failure::File(path.to_owned(), io::Error::new(io::ErrorKind::Unsupported, why)))
}

/// A table of so many bytes.
fn table(
    name: String,
    from: impl Read + Send + 'static,
    bytes: Option<u64>,
) -> impl Iterator<Item = Unit> + Send {
    Lines::new(BufReader::with_capacity(1 << 16, from)).map(move |batch| Unit {
        done: bytes.map(|bytes| batch.end as f64 / bytes.max(1) as f64),
        work: Work::Lines(name.clone(), batch),
    })
}

/// The repositories in a folder: one that holds nothing but folders holds repositories, any other is one.
fn repositories(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut folders = Vec::new();
    let mut is_repository = depth == 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_sign = entry.file_name() == ".git" || entry.file_name() == ".github";
        if entry.file_type()?.is_dir() && !is_sign {
            folders.push(entry.path());
        } else {
            is_repository = true;
            break;
        }
    }
    if is_repository || folders.is_empty() {
        found.push(folder.to_owned());
        return Ok(());
    }
    folders.sort();
    for inner in folders {
        // What cannot be looked into becomes a row.
        if repositories(&inner, depth - 1, found).is_err() {
            found.push(inner);
        }
    }
    Ok(())
}

/// What a repository in a folder is called: its way from there, or for the folder itself its name.
fn name(root: &Path, folder: &Path) -> String {
    let way = folder.strip_prefix(root).ok().filter(|way| !way.as_os_str().is_empty());
    let own = || folder.canonicalize().ok()?.file_name().map(PathBuf::from);
    let name = way.map(Path::to_owned).or_else(own).unwrap_or_else(|| folder.to_owned());
    name.to_string_lossy().replace('\\', "/")
}

impl Unit {
    /// Its builds.
    pub(super) fn jobs(self, columns: &Columns, settings: &Settings) -> Vec<Job> {
        match self.work {
            Work::Repository(name, folder) => of_repository(&name, &folder, settings),
            Work::File(path) => vec![of_file(&path, settings)],
            Work::Lines(table, batch) => batch.jobs(&table, columns, settings),
            #[cfg(feature = "parquet")]
            Work::Texts(table, batch) => batch.jobs(&table, settings),
        }
    }
}

fn of_repository(name: &str, folder: &Path, settings: &Settings) -> Vec<Job> {
    let disk = match Disk::open(folder) {
        Ok(disk) => disk,
        Err(failure) => return vec![failed(name, folder, &failure)],
    };
    let files = disk.files();
    let is_own = |file: &&String| {
        let mut parts = file.rsplit('/');
        parts.next().is_some_and(is_dockerfile) && !parts.any(|folder| FOREIGN.contains(&folder))
    };
    let mut dockerfiles: Vec<String> = files.iter().filter(is_own).cloned().collect();
    dockerfiles.sort();
    let repo = Repo::new(&disk, files, disk.origin());
    jobs(name, &repo, &disk, &dockerfiles, settings)
}

fn of_file(path: &Path, settings: &Settings) -> Job {
    let name = path.to_string_lossy();
    match load::source(path) {
        Ok(Loaded::Source(source)) => {
            Job::of_text("", &name, &name, source.text().as_bytes().to_vec(), settings)
        }
        Ok(Loaded::TooLarge(_, refusal)) => {
            Job { error: Some(refusal.error.message), ..failed("", path, &"") }
        }
        Err(failure) => failed("", path, &failure),
    }
}

fn failed(repository: &str, path: &Path, why: &dyn std::fmt::Display) -> Job {
    let name = path.to_string_lossy().into_owned();
    Job {
        repository: repository.to_owned(),
        file: name.clone(),
        place: name,
        error: Some(why.to_string()),
        ..Job::default()
    }
}
