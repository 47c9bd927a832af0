//! Paths as Go cleans them.

/// The shortest path that means the same: no `.`, no doubled slashes, `..` taken with what stands before it.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Two paths one after the other, cleaned; an empty one is left out.
pub(super) fn join(base: &str, path: &str) -> String {
    match (base.is_empty(), path.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(path),
        (false, true) => clean(base),
        (false, false) => clean(&format!("{base}/{path}")),
    }
}

/// The folder that a path lies in.
pub(super) fn parent(path: &str) -> String {
    clean(path.rfind('/').map_or("", |at| &path[..=at]))
}

/// Whether a path leads out of the folder it starts at.
pub(super) fn leaves(path: &str) -> bool {
    let cleaned = clean(path);
    cleaned == ".." || cleaned.starts_with("../") || cleaned.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::{clean, join, leaves, parent};

    #[test]
    fn paths() {
        for (path, expected) in [
            ("", "."),
            ("./app/", "app"),
            ("a/../b//c", "b/c"),
            ("../..", "../.."),
            ("/../a", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(clean(path), expected);
        }
        assert_eq!(join("a", "../b"), "b");
        assert_eq!(parent("a/b"), "a");
        assert_eq!(parent("b"), ".");
        assert!(leaves("a/../../b") && leaves("/etc") && !leaves("a/.."));
    }
}
