//! The files that a definition is read from, and those that it speaks of.

use std::collections::BTreeMap;

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// There is none.
    Missing,
    /// There is one, and this is wrong with it.
    Other(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("no such file"),
            Self::Other(error) => f.write_str(error),
        }
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A socket, such as that of an agent.
    Socket,
}

/// What is known of a path without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its size.
    pub bytes: u64,
}

/// Files by their paths, which are relative to the folder that bake runs in.
pub trait Files {
    /// The bytes of a file; `-` is standard input.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;
    /// What a path leads to, if it leads to anything.
    fn stat(&self, path: &str) -> Option<Stat>;
}

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.get(&super::paths::clean(path)).cloned().ok_or(ReadError::Missing)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let path = super::paths::clean(path);
        if let Some(bytes) = self.0.get(&path) {
            return Some(Stat { kind: Kind::File, bytes: bytes.len() as u64 });
        }
        let folder = format!("{path}/");
        let inside = path == "." || self.0.keys().any(|name| name.starts_with(&folder));
        inside.then_some(Stat { kind: Kind::Directory, bytes: 0 })
    }
}
