//! The Dockerfiles in a folder and those below it.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::exit::Failure;
use super::locate::{self, is_dockerfile};

/// Files and folders that are looked at, at most.
const MAX_ENTRIES: usize = 200_000;

/// Folders that hold what others made.
const SKIPPED: [&str; 3] = [".git", "node_modules", "vendor"];

/// The files that arguments mean: a file is itself, a folder all Dockerfiles in it and below, in the order of their names.
/// Links to folders are not followed.
pub(super) fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            let found = below(path)?;
            // Where there is none, what is missing is named.
            files.extend(if found.is_empty() { vec![locate::dockerfile(path)?] } else { found });
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    let mut found = Vec::new();
    for (count, entry) in walk.filter_entry(|entry| entry.depth() == 0 || !is_skipped(entry)).enumerate() {
        if count >= MAX_ENTRIES {
            let why = format!("it holds more than {MAX_ENTRIES} files and folders; name the Dockerfiles");
            return Err(Failure::File(folder.to_owned(), io::Error::other(why)));
        }
        // What cannot be looked into holds nothing that could be checked.
        let Ok(entry) = entry else { continue };
        if entry.file_type().is_file() && is_dockerfile(&entry.file_name().to_string_lossy()) {
            let path = entry.into_path();
            // `./Dockerfile` says no more than `Dockerfile`.
            found.push(path.strip_prefix(".").map(Path::to_owned).unwrap_or(path));
        }
    }
    Ok(found)
}

fn is_skipped(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() && SKIPPED.iter().any(|name| entry.file_name() == *name)
}
