//! How the program ends.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit codes; scripts rely on them. Of several files the highest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// A gate the user asked for failed.
    Gate = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The Dockerfile cannot be built.
    Refused = 3,
    /// Something could not be read or written.
    Io = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// There are several of what one is asked for: a message and what there is.
    Several(String, Vec<String>),
    /// A settings file does not say what it should; the error may take several lines.
    Settings(PathBuf, String),
    /// The text of a file is not what a command needs.
    Text(String),
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// Standard input or output failed.
    Stream(io::Error),
    /// What is wrong was said.
    Said(Exit),
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Several(..) | Self::Settings(..) | Self::Text(_) => Exit::Usage,
            Self::File(..) | Self::Stream(_) => Exit::Io,
            Self::Said(exit) => *exit,
        }
    }

    /// Whether it is about one file, or what belongs to it, so that others can still be read.
    pub(super) const fn is_of_a_file(&self) -> bool {
        matches!(self, Self::Settings(..) | Self::File(..) | Self::Text(..) | Self::Said(_))
    }

    /// That a file of settings is wrong.
    pub(super) fn in_settings(path: &Path, error: &dyn fmt::Display) -> Self {
        Self::Settings(path.to_owned(), error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Text(message) => f.write_str(message),
            Self::Several(message, items) => write!(f, "{message}: {}", items.join(", ")),
            Self::Settings(path, error) => write!(f, "{}: {}", path.display(), error.trim_end()),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Stream(error) => error.fmt(f),
            Self::Said(_) => Ok(()),
        }
    }
}
