//! Paths inside an image, by the rules of the image's operating system.
//!
//! Follows BuildKit's `util/system/path.go`: Windows paths lose their drive letter and turn their backslashes.

use std::borrow::Cow;

/// Whose rules a path follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PathRules {
    /// Slashes only.
    Unix,
    /// Drive letters, and backslashes as well as slashes.
    Windows,
}

impl PathRules {
    /// The rules of an operating system.
    pub(crate) fn of_os(os: &str) -> Self {
        if os == "windows" { Self::Windows } else { Self::Unix }
    }

    fn to_slash(self, path: &str) -> Cow<'_, str> {
        match self {
            Self::Windows if path.contains('\\') => Cow::Owned(path.replace('\\', "/")),
            _ => Cow::Borrowed(path),
        }
    }

    /// Whether a path does not depend on the working directory.
    pub(crate) fn is_absolute(self, path: &str) -> bool {
        self.strip_drive(path, false).is_ok_and(|path| path.starts_with('/'))
    }

    /// The path without its drive letter, which must be `C:`.
    fn strip_drive(self, path: &str, keep_slash: bool) -> Result<Cow<'_, str>, &'static str> {
        if self == Self::Unix {
            return Ok(Cow::Borrowed(path));
        }
        if path.len() == 2 && path.ends_with(':') {
            return Err("a path must follow the drive letter");
        }
        if path.get(..2).is_some_and(|start| self.to_slash(start) == "//") {
            return Err("UNC paths are not supported");
        }
        let rest = match path.split_once(':') {
            None => path,
            Some((drive, rest)) if drive.eq_ignore_ascii_case("c") => rest,
            Some(_) => return Err("only drive C: exists in an image"),
        };
        let rest = self.to_slash(rest);
        let cleaned = clean(&rest);
        let slash = keep_slash && cleaned.len() > 1 && rest.ends_with('/');
        Ok(Cow::Owned(if slash { format!("{cleaned}/") } else { cleaned.into_owned() }))
    }

    /// `path` made absolute against `parent`; with `keep_slash` a final `/` or `/.` stays, since it means a directory.
    pub(crate) fn normalize(
        self,
        parent: &str,
        path: &str,
        keep_slash: bool,
    ) -> Result<String, &'static str> {
        if self == Self::Unix {
            return Ok(normalize_unix(parent, path, keep_slash));
        }
        let original = self.to_slash(path);
        let parent = self.to_slash(parent);
        let parent = self.strip_drive(if parent.is_empty() { "/" } else { &parent }, keep_slash)?;
        let parent = if self.is_absolute(&parent) { parent } else { Cow::Owned(join(&["/", &parent])) };
        let path = if original.is_empty() { &parent } else { &original };
        let path = self.strip_drive(path, keep_slash)?;
        let mut normal = if self.is_absolute(&path) { path.into_owned() } else { join(&[&parent, &path]) };
        if keep_slash {
            keep_directory_mark(&original, &mut normal);
        }
        Ok(self.to_slash(&normal).into_owned())
    }

    /// Where a `COPY` or `ADD` to `path` goes, from the working directory `dir`.
    pub(crate) fn destination(self, dir: &str, path: &str) -> Result<String, &'static str> {
        let path = self.strip_drive(path, true)?;
        let absolute = if self.is_absolute(&path) {
            self.normalize("/", &path, true)?
        } else {
            self.normalize(dir, if path.is_empty() || path == "." { "./" } else { &path }, true)?
        };
        if is_clean(&absolute) {
            return Ok(absolute);
        }
        let mut cleaned = clean(&absolute).into_owned();
        keep_directory_mark(&absolute, &mut cleaned);
        Ok(cleaned)
    }

    /// The file name of an inline document, inside the image.
    pub(crate) fn document(self, name: &str) -> Result<String, &'static str> {
        self.strip_drive(name, false).map(Cow::into_owned)
    }
}

/// As [`PathRules::normalize`], for the paths of nearly all files.
fn normalize_unix(parent: &str, path: &str, keep_slash: bool) -> String {
    let (path, is_parent) = if path.is_empty() { (parent, true) } else { (path, false) };
    let mut normal = if path.starts_with('/') {
        path.to_owned()
    } else {
        let parent = if is_parent { "" } else { parent };
        let mut joined = String::with_capacity(parent.len() + path.len() + 2);
        if !parent.starts_with('/') {
            joined.push('/');
        }
        joined.push_str(parent);
        if !joined.ends_with('/') {
            joined.push('/');
        }
        joined.push_str(path);
        match clean(&joined) {
            Cow::Borrowed(_) => joined,
            Cow::Owned(cleaned) => cleaned,
        }
    };
    if keep_slash && !is_parent {
        keep_directory_mark(path, &mut normal);
    }
    normal
}

/// Ends `path` the way `original` ends, where that says it is a directory.
fn keep_directory_mark(original: &str, path: &mut String) {
    if original.ends_with('/') && !path.ends_with('/') {
        path.push('/');
    } else if original.ends_with("/.") {
        if path != "/" {
            path.push('/');
        }
        path.push('.');
    }
}

/// The shortest path that means the same, as Go's `path.Clean`; `.` for an empty one.
pub(crate) fn clean(path: &str) -> Cow<'_, str> {
    if is_clean(path) {
        return Cow::Borrowed(path);
    }
    let root = usize::from(path.starts_with('/'));
    let mut cleaned = String::with_capacity(path.len());
    cleaned.push_str(&path[..root]);
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let before = cleaned.rfind('/').unwrap_or(0).max(root);
        let last = &cleaned[before..];
        if part == ".." && !matches!(last, "" | ".." | "/..") {
            cleaned.truncate(before);
        } else if part != ".." || root == 0 {
            if cleaned.len() > root {
                cleaned.push('/');
            }
            cleaned.push_str(part);
        }
    }
    Cow::Owned(if cleaned.is_empty() { ".".to_owned() } else { cleaned })
}

fn is_clean(path: &str) -> bool {
    let bytes = path.as_bytes();
    let mut start = usize::from(bytes.first() == Some(&b'/'));
    if start == bytes.len() {
        return start == 1;
    }
    loop {
        let end = bytes[start..].iter().position(|&b| b == b'/').map(|length| start + length);
        if matches!(&bytes[start..end.unwrap_or(bytes.len())], b"" | b"." | b"..") {
            return false;
        }
        match end {
            Some(end) => start = end + 1,
            None => return true,
        }
    }
}

/// The parts joined by slashes and cleaned, as Go's `path.Join`; empty parts do not count.
pub(crate) fn join(parts: &[&str]) -> String {
    let mut joined = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(part);
    }
    match clean(&joined) {
        Cow::Owned(cleaned) if !joined.is_empty() => cleaned,
        _ => joined,
    }
}

/// Whether a clean path is a folder or lies in it.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    folder == "/" || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the files at a clean path come from the packages of an image's distribution, and not from what a build makes.
pub(crate) fn is_system(path: &str) -> bool {
    const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc"];
    !is_below(path, "/usr/local") && SYSTEM.iter().any(|folder| is_below(path, folder))
}

/// The last component, as Go's `path.Base`.
pub(crate) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning() {
        for (path, cleaned) in [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//", "/"),
            ("a//b", "a/b"),
            ("a/./b/", "a/b"),
            ("/../a", "/a"),
            ("../a", "../a"),
            ("a/../..", ".."),
            ("/a/b/../c", "/a/c"),
            ("a", "a"),
            ("/a", "/a"),
            ("..", ".."),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
    }

    #[test]
    fn destinations() {
        use PathRules::{Unix, Windows};
        for (rules, dir, path, expected) in [
            (Unix, "/", ".", Ok("/")),
            (Unix, "/w", ".", Ok("/w/")),
            (Unix, "/w", "", Ok("/w/")),
            (Unix, "/w", "./", Ok("/w/")),
            (Unix, "/w", "a/", Ok("/w/a/")),
            (Unix, "/w", "a/.", Ok("/w/a/.")),
            (Unix, "/w", "/a/../b", Ok("/b")),
            (Unix, "/w", "C:/a", Ok("/w/C:/a")),
            (Windows, "/w", r"C:\a\", Ok("/a/")),
            (Windows, "/w", r"a\b", Ok("/w/a/b")),
            (Windows, "/w", "D:/a", Err("only drive C: exists in an image")),
            (Windows, "/w", "C:", Err("a path must follow the drive letter")),
        ] {
            assert_eq!(
                rules.destination(dir, path).as_deref(),
                expected.as_ref().map(|text| *text),
                "{rules:?} {dir} {path}"
            );
        }
    }

    #[test]
    fn working_directories() {
        use PathRules::{Unix, Windows};
        for (rules, parent, path, expected) in [
            (Unix, "", "a", "/a"),
            (Unix, "/a", "b", "/a/b"),
            (Unix, "/a", "../..", "/"),
            (Unix, "/a", "//", "//"),
            (Unix, "/a", "", "/a"),
            (Windows, "", "C:/", "/"),
            (Windows, r"\a", "b", "/a/b"),
            (Windows, "", r"C:\x\y", "/x/y"),
        ] {
            assert_eq!(
                rules.normalize(parent, path, false).as_deref(),
                Ok(expected),
                "{rules:?} {parent} {path}"
            );
        }
    }

    #[test]
    fn last_components() {
        for (path, last) in [("", "."), ("/", "/"), ("a/b", "b"), ("a/b/", "b"), ("a", "a")] {
            assert_eq!(base(path), last, "{path}");
        }
    }
}
