//! What is known of a step besides its commands: its project, its file system, its machine.

use std::path::Path;

use super::class::Class;
use super::profile::Profile;
use super::project::Project;
use super::wheels::System;
use crate::context::plain_path as plain;

/// What is known of a step besides its commands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'k> {
    /// What was learnt from real builds.
    pub profile: Option<&'k Profile>,
    /// Whether the files of the build contexts are known, so that what they do not have comes from elsewhere.
    pub has_context: bool,
    /// How large the project is that it has before it.
    pub project: Option<&'k Project>,
    /// What earlier steps on the same file system have left.
    pub done: &'k [Done],
    /// The folder that it starts in.
    pub folder: &'k str,
    /// Paths of its file system, and what of the context was copied there, the last first.
    pub copied: &'k [(String, String)],
    /// The image that its file system began with; empty where that is unknown.
    pub image: &'k str,
    /// What packages must be built for.
    pub system: System<'k>,
    /// Variables of its environment that tell what is compiled for (`GOARCH`, `TARGETARCH`), and `NODE_ENV`.
    pub variables: &'k [(&'k str, &'k str)],
}

impl<'k> Known<'k> {
    /// A profile, if there is one, and nothing else.
    pub fn of_profile(profile: Option<&'k Profile>) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Where in the context a path lies, as far as that is known; else the path.
    pub(super) fn place(&self, path: &str) -> String {
        let path = plain(path);
        let of = |(to, from): &(String, String)| {
            let rest = if to == "/" { path.as_str() } else { path.strip_prefix(to.as_str())? };
            (rest.is_empty() || rest.starts_with('/'))
                .then(|| format!("{from}{rest}").trim_matches('/').to_owned())
        };
        // Below a folder that was not copied as a whole lies what keeps its path in the context; a file of another folder tells more than
        // one of the root, which keeps it in any case.
        let below = |(to, from): &'k (String, String)| {
            let rest = to.strip_prefix(path.trim_end_matches('/')).filter(|rest| rest.starts_with('/'))?;
            if from == rest.trim_start_matches('/') { Some("") } else { from.strip_suffix(rest) }
        };
        let above = || self.copied.iter().filter_map(below).max_by_key(|above| above.len());
        self.copied.iter().find_map(of).or_else(|| above().map(str::to_owned)).unwrap_or(path)
    }

    /// The value of one of the variables that are known.
    pub(super) fn variable(&self, name: &str) -> Option<&'k str> {
        self.variables.iter().rfind(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// Work whose results lie in a folder, so that the same work there later has less to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub(super) class: Class,
    pub(super) folder: String,
    /// What it was compiled for.
    pub(super) variant: String,
}

impl Done {
    /// The same after a copy of `from` to `to`, where that brings its results along: the folder with them, or one above it.
    pub fn copied(&self, from: &str, to: &str) -> Option<Self> {
        let (from, to) = (plain(from), plain(to));
        if self.class == Class::GoBuild {
            // What Go compiled lies in its cache and holds for any folder.
            let is_there = Path::new(GO_CACHE).starts_with(&from) && from == to;
            return is_there.then(|| self.clone());
        }
        let results = match self.class {
            Class::CargoBuild | Class::JvmBuild => "/target",
            Class::Mix => "/_build",
            Class::NpmInstall => "/node_modules",
            _ => "",
        };
        let below = self.folder.strip_prefix(from.trim_end_matches('/'));
        let folder = match below.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => format!("{}{rest}", to.trim_end_matches('/')),
            None if results.is_empty() || from.strip_suffix(results) != Some(&*self.folder) => return None,
            None => to.strip_suffix(results)?.to_owned(),
        };
        (folder.len() <= LONGEST_FOLDER).then(|| Self { folder, ..self.clone() })
    }
}

/// Where Go keeps what it compiled, in images that run as root and set no other place.
const GO_CACHE: &str = "/root/.cache/go-build";

/// Bytes of the path of a folder whose results are followed from copy to copy.
const LONGEST_FOLDER: usize = 200;
