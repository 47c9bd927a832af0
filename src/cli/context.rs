//! The build context on disk: its files and sizes, and what `.dockerignore` leaves out.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::counter::Counter;
use super::exit::Failure;
use super::paths;
use crate::analysis::Build;
use crate::context::{
    Context, ELF_HEAD, Files, MAX_ALL_MANIFEST_BYTES, MAX_ALL_SCRIPT_BYTES, MAX_FILES, MAX_MANIFEST_BYTES,
    MAX_MANIFESTS, MAX_PROGRAMS, MAX_SCRIPT_BYTES, MAX_SCRIPTS, MAX_SOURCES, Manifests, Matcher, Patterns,
    SOURCE_HEAD, Scripts,
};
use crate::model::inputs::LocalContext;
use crate::pricing::Contexts;
use crate::units::Bytes;

/// The most contexts of one definition that are looked at.
const MAX_CONTEXTS: usize = 16;

/// The most that is read of a `.dockerignore`.
const MAX_IGNORE: u64 = 1 << 20;

/// The contexts of a build: of a Dockerfile the folder that was named, else the one that holds the file, and none for standard
/// input; of the targets of a definition their own.
pub(super) fn read(named: Option<&Path>, dockerfile: &Path, build: &Build) -> Result<Contexts, Failure> {
    if build.is_of_several() {
        return Ok(of_builds(build));
    }
    let folder = match named {
        Some(folder) => {
            std::fs::read_dir(folder).map_err(|error| Failure::File(folder.to_owned(), error))?;
            folder.to_owned()
        }
        None if dockerfile == Path::new("-") => return Ok(Contexts::default()),
        None if dockerfile.is_dir() => dockerfile.to_owned(),
        None => match dockerfile.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        },
    };
    let context = of_folder(&folder, &ignore_file(&folder, dockerfile), named.is_some());
    Ok(Contexts::alone(context, named.is_some()))
}

/// The contexts of builds that are built together, the first few of them. One that leads out of this folder is not looked at.
fn of_builds(build: &Build) -> Contexts {
    let mut contexts = Contexts::default();
    let locals =
        build.nodes().iter().flat_map(|node| &node.builds).filter_map(|own| own.inputs.context.as_ref());
    let distinct: BTreeSet<&LocalContext> = locals.collect();
    for local in distinct.into_iter().take(MAX_CONTEXTS) {
        let folder = Path::new(if local.folder.is_empty() { "." } else { &local.folder });
        if paths::leads_not_out(folder).is_ok() && folder.is_dir() {
            contexts.add(local, Arc::new(of_folder(folder, &local.ignored, false)));
        }
    }
    contexts
}

/// What a folder sends that leaves out what the patterns of a `.dockerignore` say.
pub(super) fn of_folder(folder: &Path, ignored: &str, is_named: bool) -> Context {
    let ignore = Patterns::read(ignored);
    let files = walk(folder, &ignore);
    let manifests = manifests(folder, &files);
    let scripts = scripts(folder, &files, is_named);
    Context { files, ignore, manifests, scripts }
}

/// What the lock files say.
fn manifests(folder: &Path, files: &Files) -> Manifests {
    let mut manifests = Manifests::default();
    let bounds = [MAX_MANIFESTS as u64, MAX_MANIFEST_BYTES, MAX_ALL_MANIFEST_BYTES];
    let wanted = |path: &str, size: u64| size > 0 && Manifests::takes(path);
    each(folder, files, bounds, wanted, |path, bytes| manifests.add(path, &String::from_utf8_lossy(bytes)));
    manifests.complete();
    manifests
}

/// What steps may run; programs only where the folder is surely the context.
fn scripts(folder: &Path, files: &Files, is_named: bool) -> Scripts {
    let mut scripts = Scripts::default();
    let bounds = [MAX_SCRIPTS as u64, MAX_SCRIPT_BYTES, MAX_ALL_SCRIPT_BYTES];
    let wanted = |path: &str, size: u64| (1..=MAX_SCRIPT_BYTES).contains(&size) && Scripts::takes(path);
    each(folder, files, bounds, wanted, |path, bytes| scripts.add(path, &String::from_utf8_lossy(bytes)));
    if !is_named {
        return scripts;
    }
    let head = ELF_HEAD as u64;
    let bounds = [MAX_PROGRAMS as u64, head, head * MAX_PROGRAMS as u64];
    let wanted = |path: &str, size: u64| size > head && Scripts::may_be_program(path);
    each(folder, files, bounds, wanted, |path, bytes| scripts.add_program(path, bytes));
    let bounds = [MAX_SOURCES as u64, SOURCE_HEAD as u64, (SOURCE_HEAD * MAX_SOURCES) as u64];
    let wanted = |path: &str, size: u64| size > 0 && Scripts::may_use_c(path);
    each(folder, files, bounds, wanted, |_, bytes| scripts.add_source(&String::from_utf8_lossy(bytes)));
    scripts
}

/// Reads files of a context, those nearest to the root first: so many, of each and of all so many bytes at most.
fn each(
    folder: &Path,
    files: &Files,
    [count, most, mut left]: [u64; 3],
    wanted: impl Fn(&str, u64) -> bool,
    mut take: impl FnMut(&str, &[u8]),
) {
    let mut named: Vec<(&str, Bytes)> = files.iter().filter(|(path, size)| wanted(path, size.0)).collect();
    named.sort_by_cached_key(|(path, _)| path.matches('/').count());
    for (path, size) in named.into_iter().take(count as usize) {
        let Ok(file) = File::open(folder.join(path)) else { continue };
        let most = most.min(left);
        // With room for all of it and its end, a file is read at once.
        let mut bytes = Vec::with_capacity(size.0.min(most) as usize + 1);
        if file.take(most).read_to_end(&mut bytes).is_ok() {
            left -= bytes.len() as u64;
            take(path, &bytes);
        }
    }
}

/// The `.dockerignore` of a Dockerfile: one of its own name beside it comes first.
pub(super) fn ignore_file(folder: &Path, dockerfile: &Path) -> String {
    let mut own = dockerfile.as_os_str().to_owned();
    if dockerfile.is_dir() {
        own = dockerfile.join("Dockerfile").into_os_string();
    }
    own.push(".dockerignore");
    let read = |path: &Path| {
        let mut bytes = Vec::new();
        // Anything else may never end, or hand out what is no file of the project.
        std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        File::open(path).ok()?.take(MAX_IGNORE).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    read(Path::new(&own)).or_else(|| read(&folder.join(".dockerignore"))).unwrap_or_default()
}

/// The files below a folder; links are not followed. What cannot be read is left out.
fn walk(folder: &Path, ignore: &Patterns) -> Files {
    // One for the folders, one for the files: each sees paths in the order of the walk.
    let (mut folders, mut files) = (ignore.matcher(), ignore.matcher());
    let wanted = |entry: &DirEntry| {
        !entry.file_type().is_dir() || entry.depth() == 0 || !folders.prunes(&relative(entry.path(), folder))
    };
    let entries = WalkDir::new(folder).into_iter().filter_entry(wanted).filter_map(Result::ok);
    let mut seen = Counter::new("files of the context seen");
    let entries = entries.inspect(|_| seen.add(1));
    let mut files: Vec<_> =
        entries.filter_map(|entry| file(&entry, folder, &mut files)).take(MAX_FILES + 1).collect();
    let is_cut = files.len() > MAX_FILES;
    files.truncate(MAX_FILES);
    Files::new(files, is_cut)
}

/// The path and size of an entry that the build may read.
fn file(entry: &DirEntry, folder: &Path, ignore: &mut Matcher<'_>) -> Option<(Box<str>, Bytes)> {
    let kind = entry.file_type();
    if !kind.is_file() && !kind.is_symlink() {
        return None;
    }
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
