//! Paths of the repository, as steps, scripts and recipes write them.
//!
//! Absolute paths stand under [`ROOT`], where a runner checks a repository out; what leads out of it is unknown.

use super::text::{is_known, unknown, unsplit};

/// Where the repository lies for what runs in it.
pub(super) const ROOT: &str = "/github/workspace";

/// `path` seen from `folder`, which is absolute; the result is absolute, without `.` and `..`.
pub(super) fn join(folder: &str, path: &str) -> String {
    let path = unsplit(path).replace('\\', "/");
    let whole =
        if path.starts_with('/') || is_windows_root(&path) { path } else { format!("{folder}/{path}") };
    normal(&whole)
}

/// `C:/…`, which is never in the repository.
fn is_windows_root(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// An absolute path without `.`, `..` and double slashes. What goes above an unknown piece is unknown as a whole.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if !is_known(last) => return unknown(path),
                _ => {
                    parts.pop();
                }
            },
            _ => parts.push(part),
        }
    }
    // A path that begins with an unknown piece may be absolute already.
    if parts.first().is_some_and(|first| is_windows_root(first)) {
        return parts.join("/");
    }
    format!("/{}", parts.join("/"))
}

/// An absolute path as seen from the root of the repository: `.` for the root itself, or nothing if it leads out.
pub(super) fn in_repository(path: &str) -> Option<String> {
    let rest = path.strip_prefix(ROOT)?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest.to_owned()),
        None if rest.is_empty() => Some(".".to_owned()),
        None => None,
    }
}

/// The path's folder, `/` at least.
pub(super) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_kept_inside() {
        let cases = [
            (".", "."),
            ("./a/../b/", "b"),
            ("docker//x", "docker/x"),
            ("/github/workspace/a", "a"),
            ("a\\b", "a/b"),
        ];
        for (path, inside) in cases {
            assert_eq!(in_repository(&join(ROOT, path)).as_deref(), Some(inside), "{path}");
        }
        for outside in ["../x", "/tmp/x", "../../..", "/github/workspacex"] {
            assert_eq!(in_repository(&join(ROOT, outside)), None, "{outside}");
        }
        let hidden = format!("{}/..", unknown("$X"));
        assert!(!is_known(&join(ROOT, &hidden)));
    }
}
