//! Which source of an `ADD` is a git repository or a URL.
//!
//! Follows BuildKit's `frontend/dockerfile/dfgitutil/git_ref.go` and `util/gitutil/git_url.go`.

use crate::dockerfile::parse_bool;

/// Where a source of `COPY` or `ADD` comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A path in the build context or in another stage.
    Path,
    /// A file behind a URL.
    Http,
    /// A git repository.
    Git(GitRef),
}

/// A git repository and what of it is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct GitRef {
    /// The URL, without fragment and query.
    pub remote: String,
    /// Branch, tag or commit; empty for the default branch.
    pub reference: String,
    /// The commit that must be found.
    pub checksum: String,
    /// A folder inside the repository.
    pub subdir: String,
    /// Whether `.git` stays, where the URL says.
    pub keep_git_dir: Option<bool>,
    /// Whether submodules are fetched, where the URL says.
    pub submodules: Option<bool>,
    /// Whether the checksum is fetched without asking the remote for the reference.
    pub fetch_by_commit: bool,
}

/// Tells what `source` is, or why a git URL is refused.
pub fn origin(source: &str) -> Result<Origin, String> {
    // URLs and scp-like addresses alike have a colon, which paths hardly ever do.
    if source.starts_with(GITHUB) {
        return is_github(source).map(|_| Origin::Path);
    }
    if !source.contains(':') {
        return Ok(Origin::Path);
    }
    let scheme = source.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    match scheme.as_ref().map(|(scheme, rest)| (scheme.as_str(), *rest)) {
        Some(("http" | "https", _)) => match parse_url(source) {
            Some((reference, query)) if is_repository(&reference) => with_query(reference, &query),
            _ if source.starts_with("http://") || source.starts_with("https://") => Ok(Origin::Http),
            _ => Ok(Origin::Path),
        },
        Some(("git" | "ssh", _)) => match parse_url(source) {
            Some((reference, query)) => with_query(reference, &query),
            None => Ok(Origin::Path),
        },
        Some(_) => Ok(Origin::Path),
        None => match parse_scp(source) {
            Some((reference, query)) => with_query(reference, &query),
            None => Ok(Origin::Path),
        },
    }
}

/// A repository without a scheme. BuildKit has come to take it for a path.
const GITHUB: &str = "github.com/";

/// Whether a path could also be a repository on GitHub. Such a path may have a checksum, and its query has to be right.
pub fn is_github(source: &str) -> Result<bool, String> {
    if !source.starts_with(GITHUB) {
        return Ok(false);
    }
    match parse_url(&format!("https://{source}")) {
        Some((reference, query)) => with_query(reference, &query).map(|_| true),
        None => Ok(false),
    }
}

/// Whether an `http` URL is a repository's. BuildKit tells by the path, read without its escapes, and is strict about case.
fn is_repository(reference: &GitRef) -> bool {
    let address = reference.remote.trim_end_matches('?');
    let path =
        address.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    unescape(path, false).strip_suffix(".git").is_some()
}

/// The reference in a URL's fragment, and its query.
fn parse_url(text: &str) -> Option<(GitRef, String)> {
    if text.bytes().any(|b| b < 0x20 || b == 0x7f) {
        return None;
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (remote, query) = rest.split_once('?').unwrap_or((rest, ""));
    // Go's `net/url` remembers that a question mark stood there with nothing behind it, and writes it again.
    let mark = if query.is_empty() && rest.ends_with('?') { "?" } else { "" };
    let host = remote.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    if host.contains([' ', '<', '>', '"', '\\', '^', '`', '{', '|', '}'])
        || !valid_escapes(remote)
        || !valid_escapes(fragment)
    {
        return None;
    }
    if host.starts_with('[') && !host.contains(']') {
        return None;
    }
    let port = host.rsplit_once(':').filter(|(before, _)| !before.contains('[') || before.ends_with(']'));
    if port.is_some_and(|(_, port)| !port.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let (scheme, address) = remote.split_once("://").unwrap_or(("", remote));
    let remote = format!("{}://{address}{mark}", scheme.to_ascii_lowercase());
    Some((with_fragment(&remote, &unescape(fragment, false)), query.to_owned()))
}

/// `user@host:path?query#fragment`
fn parse_scp(text: &str) -> Option<(GitRef, String)> {
    let (user, rest) = text.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let fits = |part: &str, extra: &[u8]| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
    };
    if !fits(user, b"-_") || !fits(host, b"-.") || text.contains('\n') {
        return None;
    }
    let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Some((with_fragment(&format!("{user}@{host}:{path}"), fragment), query.to_owned()))
}

/// The fragment is `reference:subdir`.
fn with_fragment(remote: &str, fragment: &str) -> GitRef {
    let (reference, subdir) = fragment.split_once(':').unwrap_or((fragment, ""));
    let subdir = super::path::join(&["/", subdir]);
    GitRef {
        remote: remote.to_owned(),
        reference: reference.to_owned(),
        subdir: subdir.trim_start_matches('/').to_owned(),
        ..GitRef::default()
    }
}

fn with_query(mut git: GitRef, query: &str) -> Result<Origin, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';') && valid_escapes(pair))
    {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = unescape(key, true);
        if pairs.iter().any(|(earlier, _)| *earlier == key) {
            return Err(format!("the git URL gives `{key}` twice"));
        }
        pairs.push((key, unescape(value, true)));
    }
    let (mut tag, mut branch) = (String::new(), String::new());
    for (key, value) in pairs {
        let switch = || match value.as_str() {
            "" => Ok(true),
            text => {
                parse_bool(text).ok_or_else(|| format!("`{key}` in the git URL is neither true nor false"))
            }
        };
        match key.as_str() {
            "keep-git-dir" => git.keep_git_dir = Some(switch()?),
            "submodules" => git.submodules = Some(switch()?),
            "fetch-by-commit" => git.fetch_by_commit = switch()?,
            _ if value.is_empty() => return Err(format!("`{key}` in the git URL has no value")),
            "ref" => set(&mut git.reference, value, "ref")?,
            "subdir" => set(&mut git.subdir, value, "subdir")?,
            "tag" => tag = value,
            "branch" => branch = value,
            "checksum" | "commit" => git.checksum = value,
            "mtime" if matches!(value.as_str(), "checkout" | "commit") => {}
            "mtime" => return Err("`mtime` in the git URL must be checkout or commit".to_owned()),
            _ => return Err(format!("the git URL has an unknown option `{key}`")),
        }
    }
    if !tag.is_empty() && !branch.is_empty() {
        return Err("the git URL names both a tag and a branch".to_owned());
    }
    for (name, prefix) in [(tag, "refs/tags/"), (branch, "refs/heads/")] {
        if !name.is_empty() {
            let full = if name.starts_with(prefix) { name } else { format!("{prefix}{name}") };
            set(&mut git.reference, full, "reference")?;
        }
    }
    Ok(Origin::Git(git))
}

fn set(place: &mut String, value: String, what: &str) -> Result<(), String> {
    if !place.is_empty() && *place != value {
        return Err(format!("the git URL gives two values for {what}"));
    }
    *place = value;
    Ok(())
}

/// Whether every `%` begins two hexadecimal digits.
fn valid_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

fn unescape(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |b: Option<u8>| b.and_then(|b| (b as char).to_digit(16)).unwrap_or(0) as u8;
                let high = digit(rest.next());
                bytes.push(high << 4 | digit(rest.next()));
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(remote: &str, reference: &str, subdir: &str) -> Origin {
        Origin::Git(GitRef {
            remote: remote.into(),
            reference: reference.into(),
            subdir: subdir.into(),
            ..GitRef::default()
        })
    }

    #[test]
    fn origins() {
        let cases = [
            ("a/b", Origin::Path),
            ("./https://x", Origin::Path),
            ("ftp://host/a", Origin::Path),
            ("github.com/a/b", Origin::Path),
            ("https://host/a.tgz", Origin::Http),
            ("HTTPS://host/a.tgz", Origin::Path),
            ("https://host/a.git", git("https://host/a.git", "", "")),
            ("HTTPS://host/a.git#v1", git("https://host/a.git", "v1", "")),
            ("https://host/a.git?", git("https://host/a.git?", "", "")),
            ("https://host/a.git#", git("https://host/a.git", "", "")),
            ("https://host/a%2egit", git("https://host/a%2egit", "", "")),
            ("https://host.git", Origin::Http),
            ("https://[::1/x.git", Origin::Http),
            ("https://[::1]/x.git", git("https://[::1]/x.git", "", "")),
            ("https://host/a.git#main:sub/dir", git("https://host/a.git", "main", "sub/dir")),
            ("git://host/a#v1", git("git://host/a", "v1", "")),
            ("git@github.com:a/b.git#v1", git("git@github.com:a/b.git", "v1", "")),
            ("https://host/a.git?branch=x", git("https://host/a.git", "refs/heads/x", "")),
        ];
        for (source, expected) in cases {
            assert_eq!(origin(source), Ok(expected), "{source}");
        }
    }

    #[test]
    fn refused_queries() {
        for source in [
            "https://h/a.git?nope=1",
            "https://h/a.git?ref=",
            "https://h/a.git?ref=a&ref=b",
            "https://h/a.git?tag=a&branch=b",
            "https://h/a.git?ref=a#b",
            "https://h/a.git?submodules=maybe",
        ] {
            assert!(origin(source).is_err(), "{source}");
        }
    }
}
