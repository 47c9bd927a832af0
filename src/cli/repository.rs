//! A repository on disk: its files, and what it is called.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::exit::Failure;
use crate::builds::{MAX_FILE, MAX_FILES, Repo, Source};

/// Folders that hold no definitions of the repository's own, and many files.
const SKIPPED: [&str; 4] = [".git", "node_modules", ".venv", "__pycache__"];

/// A folder from which files are read.
pub(super) struct Disk {
    /// Without links, so that what leads out is seen.
    root: PathBuf,
}

impl Disk {
    /// A folder that can be read.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::File(folder.to_owned(), error);
        let root = folder.canonicalize().map_err(failed)?;
        std::fs::read_dir(&root).map_err(failed)?;
        Ok(Self { root })
    }

    /// A folder of it, by its path from the root; `None` where there is none, or it leads out.
    pub(super) fn folder(&self, path: &str) -> Option<PathBuf> {
        let path = self.root.join(path).canonicalize().ok()?;
        (path.starts_with(&self.root) && path.is_dir()).then_some(path)
    }

    /// A file of the folder, as a path from its root.
    pub(super) fn inside(&self, file: &Path) -> Result<String, Failure> {
        let path = file.canonicalize().map_err(|error| Failure::File(file.to_owned(), error))?;
        let parts = path.strip_prefix(&self.root).ok().and_then(relative);
        parts.ok_or_else(|| Failure::Usage(format!("{} is not in {}", file.display(), self.root.display())))
    }

    /// Its files as a repository.
    pub(super) fn repo(&self) -> Repo<'_> {
        Repo::new(self, self.files(), self.name())
    }

    /// The files, paths from the root with `/`. Folders behind links are not entered.
    pub(super) fn files(&self) -> Vec<String> {
        let wanted = |entry: &walkdir::DirEntry| {
            !entry.file_type().is_dir() || !SKIPPED.iter().any(|name| entry.file_name() == *name)
        };
        WalkDir::new(&self.root)
            .into_iter()
            .filter_entry(wanted)
            .filter_map(Result::ok)
            // A pipe or a device may never end.
            .filter(|entry| entry.file_type().is_file() || entry.file_type().is_symlink())
            .filter_map(|entry| relative(entry.path().strip_prefix(&self.root).ok()?))
            .take(MAX_FILES)
            .collect()
    }

    /// `owner/name` on GitHub: from the environment of a workflow, else from where the repository was cloned.
    fn name(&self) -> Option<String> {
        let given = std::env::var("GITHUB_REPOSITORY").ok().filter(|name| name.split('/').count() == 2);
        given.or_else(|| self.origin())
    }

    /// `owner/name` on GitHub, from where the repository was cloned.
    pub(super) fn origin(&self) -> Option<String> {
        let config = std::fs::read_to_string(self.root.join(".git/config")).ok()?;
        let origin = config.split("[remote \"origin\"]").nth(1)?;
        let url = origin.lines().find_map(|line| line.trim().strip_prefix("url = "))?;
        let path = url.split_once("github.com").map(|(_, path)| path.trim_start_matches([':', '/']))?;
        let path = path.trim_end_matches('/').trim_end_matches(".git");
        (path.split('/').count() == 2).then(|| path.to_owned())
    }
}

/// A path with `/` between its parts, if all of them are text.
fn relative(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

impl Source for Disk {
    fn read(&self, path: &str) -> Option<String> {
        // A link may lead out of the repository; what it leads to is read only if it lies within.
        let path = self.root.join(path).canonicalize().ok()?;
        // To open a pipe would wait for a writer.
        if !path.starts_with(&self.root) || !path.is_file() {
            return None;
        }
        let file = File::open(&path).ok()?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= MAX_FILE).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }
}
