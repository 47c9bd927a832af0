//! The build context on disk: its files and sizes, and what `.dockerignore` leaves out.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::counter::Counter;
use super::exit::Failure;
use super::paths;
use crate::analysis::Build;
use crate::context::{
    Context, ELF_HEAD, Files, Imports, MAX_ALL_MANIFEST_BYTES, MAX_ALL_SCRIPT_BYTES, MAX_FILES,
    MAX_MANIFEST_BYTES, MAX_MANIFESTS, MAX_PROGRAMS, MAX_RECIPES, MAX_SAMPLE, MAX_SCRIPT_BYTES, MAX_SCRIPTS,
    MAX_SOURCES, Manifests, Patterns, Recipes, SOURCE_HEAD, Scripts,
};
use crate::cost::sources::Language;
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
    let recipes = recipes(folder, &files);
    let imports = imports(folder, &files, &manifests);
    let scripts = scripts(folder, &files, is_named);
    Context { files, ignore, manifests, recipes, imports, scripts }
}

/// What the lock files say.
fn manifests(folder: &Path, files: &Files) -> Manifests {
    let mut manifests = Manifests::default();
    let bounds = [MAX_MANIFESTS as u64, MAX_MANIFEST_BYTES, MAX_ALL_MANIFEST_BYTES];
    let wanted = |path: &str, size: u64| size > 0 && Manifests::takes(path);
    each(folder, files, bounds, wanted, |path, _, bytes| {
        manifests.add(path, &String::from_utf8_lossy(bytes));
    });
    manifests.complete();
    manifests
}

/// How C and C++ are built, where there is any.
fn recipes(folder: &Path, files: &Files) -> Recipes {
    let mut recipes = Recipes::default();
    let is_c = |path: &str| matches!(Language::of(path), Some(Language::C | Language::Cxx));
    if files.iter().any(|(path, _)| is_c(path)) {
        let bounds = [MAX_RECIPES as u64, MAX_SCRIPT_BYTES, MAX_ALL_SCRIPT_BYTES];
        let wanted = |path: &str, size: u64| (1..=MAX_SCRIPT_BYTES).contains(&size) && Recipes::takes(path);
        each(folder, files, bounds, wanted, |path, _, bytes| {
            recipes.add(path, &String::from_utf8_lossy(bytes));
        });
    }
    recipes
}

/// What sources of Go import.
fn imports(folder: &Path, files: &Files, manifests: &Manifests) -> Imports {
    let mut imports = Imports::default();
    let wanted = |path: &str, size: u64| size > 0 && Imports::takes(path);
    let sources = files.iter().filter(|(path, size)| wanted(path, size.0)).count();
    let is_followed = sources <= MAX_SOURCES && manifests.has_modules();
    let count = if is_followed { sources } else { sources.min(MAX_SAMPLE) };
    let bounds = [count as u64, SOURCE_HEAD as u64, (SOURCE_HEAD * count) as u64];
    each(folder, files, bounds, wanted, |path, size, head| {
        imports.add(path, size, &String::from_utf8_lossy(head));
    });
    if !is_followed {
        imports.cut();
    }
    imports.complete(manifests);
    imports
}

/// What steps may run; programs only where the folder is surely the context.
fn scripts(folder: &Path, files: &Files, is_named: bool) -> Scripts {
    let mut scripts = Scripts::default();
    let bounds = [MAX_SCRIPTS as u64, MAX_SCRIPT_BYTES, MAX_ALL_SCRIPT_BYTES];
    let wanted = |path: &str, size: u64| (1..=MAX_SCRIPT_BYTES).contains(&size) && Scripts::takes(path);
    each(folder, files, bounds, wanted, |path, _, bytes| scripts.add(path, &String::from_utf8_lossy(bytes)));
    if !is_named {
        return scripts;
    }
    let head = ELF_HEAD as u64;
    let bounds = [MAX_PROGRAMS as u64, head, head * MAX_PROGRAMS as u64];
    let wanted = |path: &str, size: u64| size > head && Scripts::may_be_program(path);
    let mut unnamed = BTreeSet::new();
    each(folder, files, bounds, wanted, |path, _, bytes| {
        scripts.add_program(path, bytes);
        unnamed.extend(Scripts::is_of_shell(bytes).then(|| path.to_owned()));
    });
    let bounds = [MAX_SCRIPTS as u64, MAX_SCRIPT_BYTES, MAX_ALL_SCRIPT_BYTES];
    let wanted = |path: &str, size: u64| size <= MAX_SCRIPT_BYTES && unnamed.contains(path);
    each(folder, files, bounds, wanted, |path, _, bytes| scripts.add(path, &String::from_utf8_lossy(bytes)));
    scripts
}

/// Reads files of a context, those nearest to the root first: so many, of each and of all so many bytes at most.
fn each(
    folder: &Path,
    files: &Files,
    [count, most, mut left]: [u64; 3],
    wanted: impl Fn(&str, u64) -> bool,
    mut take: impl FnMut(&str, u64, &[u8]),
) {
    let mut named: Vec<(&str, Bytes)> = files.iter().filter(|(path, size)| wanted(path, size.0)).collect();
    named.sort_by_cached_key(|(path, _)| path.matches('/').count());
    for (path, size) in named.into_iter().take(count as usize) {
        let path_of = folder.join(path);
        // What a link leads to may be a pipe.
        let Some(file) = path_of.is_file().then(|| File::open(path_of).ok()).flatten() else { continue };
        let most = most.min(left);
        // With room for all of it and its end, a file is read at once.
        let mut bytes = Vec::with_capacity(size.0.min(most) as usize + 1);
        if file.take(most).read_to_end(&mut bytes).is_ok() {
            left -= bytes.len() as u64;
            take(path, size.0, &bytes);
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
///
/// A walk of its own, as `walkdir` asks for the size of each file by its whole path, which the kernel looks up anew each time.
fn walk(folder: &Path, ignore: &Patterns) -> Files {
    // One for the folders, one for the files: each sees paths in the order of the walk.
    let (mut folders, mut files) = (ignore.matcher(), ignore.matcher());
    let mut seen = Counter::new("files of the context seen");
    let mut found: Vec<(Box<str>, Bytes)> = Vec::new();
    let mut open = vec![entries(folder, "").into_iter()];
    while let Some(here) = open.last_mut() {
        let Some(entry) = here.next() else {
            open.pop();
            continue;
        };
        seen.add(1);
        match entry.kind {
            Kind::Folder(at) if !folders.prunes(&entry.path) => {
                open.push(entries(&at, &entry.path).into_iter());
            }
            Kind::File(size) if !files.matches(&entry.path) => {
                found.push((entry.path.into_boxed_str(), size));
            }
            Kind::Folder(_) | Kind::File(_) => {}
        }
        if found.len() > MAX_FILES {
            break;
        }
    }
    let is_cut = found.len() > MAX_FILES;
    found.truncate(MAX_FILES);
    Files::new(found, is_cut)
}

/// An entry of a folder that the build may read, with its path below the root of the context, with `/` between its parts.
struct Entry {
    path: String,
    kind: Kind,
}

enum Kind {
    Folder(PathBuf),
    File(Bytes),
}

/// The entries of a folder, in the order of their names.
fn entries(folder: &Path, path: &str) -> Vec<Entry> {
    let entry = |entry: std::fs::DirEntry| {
        let kind = entry.file_type().ok()?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
        let kind = match kind {
            kind if kind.is_dir() => Kind::Folder(entry.path()),
            kind if kind.is_file() => Kind::File(Bytes(entry.metadata().map_or(0, |data| data.len()))),
            kind if kind.is_symlink() => Kind::File(Bytes(0)),
            _ => return None,
        };
        Some(Entry { path, kind })
    };
    let listed = std::fs::read_dir(folder).into_iter().flatten();
    let mut entries: Vec<Entry> =
        listed.filter_map(Result::ok).filter_map(entry).take(MAX_FILES + 1).collect();
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    entries
}
