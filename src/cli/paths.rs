//! Where the paths in settings may lead: nowhere out of the repository, since whoever proposes a change may write them.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::exit::Failure;

/// What marks the top of a repository.
const TOPS: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// Where the paths in a file of settings lead.
#[derive(Debug, Default)]
pub(super) struct Paths {
    settings: PathBuf,
    /// What they are relative to.
    pub(super) folder: PathBuf,
    /// What a build context is relative to.
    context: PathBuf,
}

impl Paths {
    /// Of settings that belong to the folder they lie in.
    pub(super) fn of(settings: &Path) -> Self {
        let folder = settings.parent().unwrap_or(Path::new("")).to_owned();
        Self { settings: settings.to_owned(), context: folder.clone(), folder }
    }

    /// Of settings that lie elsewhere and speak of the current folder: the files that they name lie beside them, the build
    /// context does not.
    pub(super) fn of_trusted(settings: &Path) -> Self {
        Self { context: PathBuf::new(), ..Self::of(settings) }
    }

    /// A path that the settings name for `what`.
    pub(super) fn inside(&self, what: &str, path: &Path) -> Result<PathBuf, Failure> {
        self.checked(what, &self.folder, path)
    }

    /// The build context that the settings name.
    pub(super) fn context(&self, path: &Path) -> Result<PathBuf, Failure> {
        self.checked("context", &self.context, path)
    }

    fn checked(&self, what: &str, folder: &Path, path: &Path) -> Result<PathBuf, Failure> {
        let joined = folder.join(path);
        let here = std::env::current_dir().map_err(Failure::Stream)?;
        let top = top(&plain(&here.join(folder)), &here);
        let refused = |why: &str| {
            let message = format!("{what}: {} {why}; name it on the command line", path.display());
            Err(Failure::in_settings(&self.settings, &message))
        };
        if !is_inside(&plain(&here.join(&joined)), &top) {
            return refused("leads out of the repository");
        }
        // Links are followed, as whoever reads the file will.
        if let (Ok(real), Ok(top)) = (joined.canonicalize(), top.canonicalize())
            && !is_inside(&real, &top)
        {
            return refused("is a link that leads out of the repository");
        }
        Ok(joined)
    }
}

/// Refuses a file of a repository that is a link out of it, or into what the version control keeps: reports quote what they read,
/// and whoever proposes a change may write links.
pub(super) fn leads_not_out(file: &Path) -> io::Result<()> {
    let here = std::env::current_dir()?;
    let path = plain(&here.join(file));
    let top = path.ancestors().skip(1).find(|folder| is_top(folder));
    let Some((real, top)) = top.and_then(|top| Some((path.canonicalize().ok()?, top.canonicalize().ok()?)))
    else {
        return Ok(());
    };
    if is_inside(&real, &top) {
        return Ok(());
    }
    let why = "it is a link that leads out of the repository; name the file that it leads to";
    Err(io::Error::other(why))
}

/// Whether a folder is the top of a repository.
fn is_top(folder: &Path) -> bool {
    TOPS.iter().any(|name| folder.join(name).exists())
}

/// The top of the repository that a folder lies in; where there is none the current folder, or else the folder itself.
fn top(folder: &Path, here: &Path) -> PathBuf {
    if let Some(top) = folder.ancestors().find(|folder| is_top(folder)) {
        return top.to_owned();
    }
    if folder.starts_with(here) { here.to_owned() } else { folder.to_owned() }
}

/// Whether a path lies below the top of a repository, and not in what the version control keeps there.
fn is_inside(path: &Path, top: &Path) -> bool {
    let own = |rest: &Path| {
        rest.components().next().is_some_and(|first| TOPS.iter().any(|name| first.as_os_str() == *name))
    };
    path.strip_prefix(top).is_ok_and(|rest| !own(rest))
}

/// An absolute path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            other => plain.push(other),
        }
    }
    plain
}

/// The failure with the place of what is wrong and nothing of what the file holds.
pub(super) fn without_content(failure: Failure) -> Failure {
    match failure {
        Failure::Settings(path, message) => {
            let place = message.lines().next().filter(|line| line.starts_with("TOML parse error at line "));
            let message = place.unwrap_or("it is not what the settings name it as").to_owned();
            Failure::Settings(path, message)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(top.join("repo/.git")).unwrap();
        std::fs::create_dir_all(top.join("repo/sub")).unwrap();
        std::fs::write(top.join("secret"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("../../secret", top.join("repo/sub/link")).unwrap();
        let paths = Paths::of(&top.join("repo/sub/xsim.toml"));
        for (path, is_allowed) in [
            ("x", true),
            ("..", true),
            ("../x/../y", true),
            ("missing/z", true),
            ("../..", false),
            ("../../secret", false),
            ("../.git/config", false),
            ("/etc/passwd", false),
            ("link", cfg!(not(unix))),
        ] {
            assert_eq!(paths.inside("x", Path::new(path)).is_ok(), is_allowed, "{path}");
        }
    }
}
