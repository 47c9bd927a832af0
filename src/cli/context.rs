//! The build context on disk: its files and sizes, and what `.dockerignore` leaves out.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::exit::Failure;
use crate::context::{Context, Files, MAX_FILES, Patterns};
use crate::units::Bytes;

/// The most that is read of a `.dockerignore`.
const MAX_IGNORE: u64 = 1 << 20;

/// The context of a Dockerfile: the folder that was named, else the one that holds the file. `None` where there is none, as
/// for standard input.
pub(super) fn read(named: Option<&Path>, dockerfile: &Path) -> Result<Option<Context>, Failure> {
    let folder = match named {
        Some(folder) => {
            std::fs::read_dir(folder).map_err(|error| Failure::File(folder.to_owned(), error))?;
            folder.to_owned()
        }
        None if dockerfile == Path::new("-") => return Ok(None),
        None if dockerfile.is_dir() => dockerfile.to_owned(),
        None => match dockerfile.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        },
    };
    let ignore = Patterns::read(&ignore_file(&folder, dockerfile));
    let files = walk(&folder, &ignore);
    Ok(Some(Context { files, ignore }))
}

/// The `.dockerignore` of a Dockerfile: one of its own name beside it comes first.
fn ignore_file(folder: &Path, dockerfile: &Path) -> String {
    let mut own = dockerfile.as_os_str().to_owned();
    if dockerfile.is_dir() {
        own = dockerfile.join("Dockerfile").into_os_string();
    }
    own.push(".dockerignore");
    let read = |path: &Path| {
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MAX_IGNORE).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    read(Path::new(&own)).or_else(|| read(&folder.join(".dockerignore"))).unwrap_or_default()
}

/// The most entries that one thread walks: that takes about 2 ms, and most contexts have fewer. The walkers of a parallel
/// walk sleep for a millisecond where there is nothing to do.
const FEW: usize = 1_000;

/// The files below a folder; links are not followed. What cannot be read is left out.
fn walk(folder: &Path, ignore: &Patterns) -> Files {
    let below = folder.to_owned();
    let patterns = ignore.clone();
    let wanted = move |entry: &DirEntry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let path = relative(entry.path(), &below);
        path.is_empty() || !is_folder || !patterns.prunes(&path)
    };
    let mut walker = WalkBuilder::new(folder);
    walker.standard_filters(false).follow_links(false).filter_entry(wanted);
    few(&walker, folder, ignore).unwrap_or_else(|| many(&walker, folder, ignore))
}

/// The files, if there are few.
fn few(walker: &WalkBuilder, folder: &Path, ignore: &Patterns) -> Option<Files> {
    let mut files = Vec::new();
    for (count, entry) in walker.build().enumerate() {
        if count == FEW {
            return None;
        }
        files.extend(entry.ok().and_then(|entry| file(&entry, folder, ignore)));
    }
    Some(Files::new(files, false))
}

/// The files, walked in parallel.
fn many(walker: &WalkBuilder, folder: &Path, ignore: &Patterns) -> Files {
    let files = Mutex::new(Vec::new());
    walker.build_parallel().run(|| {
        Box::new(|entry| {
            let Some(found) = entry.ok().and_then(|entry| file(&entry, folder, ignore)) else {
                return WalkState::Continue;
            };
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            files.push(found);
            if files.len() > MAX_FILES { WalkState::Quit } else { WalkState::Continue }
        })
    });
    let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
    let is_cut = files.len() > MAX_FILES;
    Files::new(files, is_cut)
}

/// The path and size of an entry that the build may read.
fn file(entry: &DirEntry, folder: &Path, ignore: &Patterns) -> Option<(Box<str>, Bytes)> {
    let kind = entry.file_type().filter(|kind| kind.is_file() || kind.is_symlink())?;
    let path = relative(entry.path(), folder);
    if path.is_empty() || ignore.matches(&path) {
        return None;
    }
    let size = entry.metadata().ok().filter(|_| kind.is_file()).map_or(0, |metadata| metadata.len());
    Some((path.into_boxed_str(), Bytes(size)))
}

/// A path below the folder, with `/` between its parts.
fn relative(path: &Path, folder: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
