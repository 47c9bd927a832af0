//! Which file is meant by what was typed.

use std::io;
use std::path::{Path, PathBuf};

use super::exit::Failure;

/// How many other files a folder is said to hold.
const MAX_NAMED: usize = 5;

/// What follows the name of a file that only becomes a Dockerfile, or speaks of one.
const OTHERS: [&str; 9] = ["dockerignore", "erb", "gotmpl", "in", "j2", "md", "mustache", "template", "tmpl"];

/// The file that a path means: itself, or the Dockerfile of a folder.
///
/// A folder's file is `Dockerfile` in either case, as docker looks for it, or else the only one with a name like it.
pub(super) fn dockerfile(path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    // `./Dockerfile` says no more than `Dockerfile`.
    let folder = if path == Path::new(".") { Path::new("") } else { path };
    let usual = ["Dockerfile", "dockerfile"].map(|name| folder.join(name));
    if let Some(usual) = usual.iter().find(|usual| usual.is_file()) {
        return Ok(usual.clone());
    }
    let others = others(path).map_err(|error| Failure::File(path.to_owned(), error))?;
    match others.as_slice() {
        [] => {
            let missing = io::Error::new(io::ErrorKind::NotFound, "the folder holds no Dockerfile");
            Err(Failure::File(path.to_owned(), missing))
        }
        [only] => Ok(folder.join(only)),
        several => {
            let named: Vec<String> =
                several.iter().take(MAX_NAMED).map(|name| folder.join(name).display().to_string()).collect();
            let more = if several.len() > MAX_NAMED { ", …" } else { "" };
            Err(Failure::Usage(format!(
                "{} holds several files like a Dockerfile; name one of them: {}{more}",
                path.display(),
                named.join(", ")
            )))
        }
    }
}

/// Names of files in a folder that look like a Dockerfile's, in order.
fn others(folder: &Path) -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| is_dockerfile(name)).collect();
    names.sort();
    Ok(names)
}

/// Whether a name is that of a Dockerfile: `Containerfile`, `Dockerfile.debian`, `app.Dockerfile`; not `Dockerfile.dockerignore`.
pub(super) fn is_dockerfile(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !lower.rsplit_once('.').is_some_and(|(_, end)| OTHERS.contains(&end))
        && ["dockerfile", "containerfile"].iter().any(|kind| {
            let begins =
                lower.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            let ends = lower.strip_suffix(kind).is_some_and(|rest| rest.ends_with('.'));
            begins || ends
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_means_its_only_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let touch = |name: &str| std::fs::write(path(name), "FROM a").unwrap();
        assert!(dockerfile(folder.path()).unwrap_err().to_string().contains("holds no Dockerfile"));
        touch("Dockerfile.debian.dockerignore");
        touch("Containerfile");
        assert_eq!(dockerfile(folder.path()).unwrap(), path("Containerfile"));
        touch("app.Dockerfile");
        let said = dockerfile(folder.path()).unwrap_err().to_string();
        assert!(said.contains("Containerfile, ") && said.ends_with("app.Dockerfile"), "{said}");
        touch("dockerfile");
        assert_eq!(dockerfile(folder.path()).unwrap(), path("dockerfile"));
        assert_eq!(dockerfile(&path("other")).unwrap(), path("other"), "a path is what it is");
    }

    #[test]
    fn names_of_dockerfiles() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Dockerfile.dev",
            "api.Dockerfile",
            "a.b.dockerfile",
            "Containerfile",
        ] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            "Dockerfiles",
            "Dockerfile.dockerignore",
            "Dockerfile.j2",
            "MyDockerfile",
            "docker-compose.yml",
            "Dockerfile-dev",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }
}
