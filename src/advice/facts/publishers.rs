//! How well-known publishers spell architectures in the names of what they offer.

/// A publisher's spelling, where it is not Docker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::advice) struct Publisher {
    /// A part of its URLs that no others have.
    url: &'static str,
    /// What it calls amd64, and arm64.
    spellings: [&'static str; 2],
}

const fn publisher(url: &'static str, amd64: &'static str, arm64: &'static str) -> Publisher {
    Publisher { url, spellings: [amd64, arm64] }
}

/// Source: the names of the files of each project's releases, by memory.
const PUBLISHERS: [Publisher; 10] = [
    publisher("nodejs.org/dist/", "x64", "arm64"),
    publisher("/just-containers/s6-overlay/releases/download/v3", "x86_64", "aarch64"),
    publisher("/protocolbuffers/protobuf/releases/", "x86_64", "aarch_64"),
    publisher("awscli.amazonaws.com/awscli-exe-linux", "x86_64", "aarch64"),
    publisher("repo.anaconda.com/miniconda/", "x86_64", "aarch64"),
    publisher("download.docker.com/linux/static/", "x86_64", "aarch64"),
    publisher("/docker/compose/releases/download/v2", "x86_64", "aarch64"),
    publisher("/oven-sh/bun/releases/", "x64", "aarch64"),
    publisher("/astral-sh/uv/releases/", "x86_64", "aarch64"),
    publisher("storage.googleapis.com/dart-archive/", "x64", "arm64"),
];

/// What a URL says and what its publisher would: `(amd64, x64)` for Node.js. `None` where it is right, or nothing is known.
pub(in crate::advice) fn misspelt(url: &str) -> Option<(&'static str, &'static str)> {
    let known = PUBLISHERS.iter().find(|known| url.contains(known.url))?;
    let path = &url[url.find(known.url)? + known.url.len()..];
    let words = ["amd64", "arm64"].into_iter().zip(known.spellings);
    let mut wrong = words.filter(|(docker, own)| {
        docker != own && path.split(['-', '_', '.', '/']).any(|part| part == *docker)
    });
    wrong.next()
}

/// The names of amd64 and arm64 in the spelling of a word that names one of them, `None` for words that may be of several.
pub(in crate::advice) fn spelling_of(word: &str) -> Option<[&'static str; 2]> {
    Some(match word {
        "x86_64" | "aarch64" => ["x86_64", "aarch64"],
        "x64" => ["x64", "arm64"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::misspelt;

    #[test]
    fn publishers_have_names_of_their_own() {
        for (url, wrong) in [
            ("https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-amd64.tar.xz", Some(("amd64", "x64"))),
            ("https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-arm64.tar.xz", None),
            (
                "https://github.com/protocolbuffers/protobuf/releases/download/v28/protoc-28-linux-arm64.zip",
                Some(("arm64", "aarch_64")),
            ),
            (
                "https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz",
                None,
            ),
            ("https://example.com/tool-amd64", None),
        ] {
            assert_eq!(misspelt(url), wrong, "{url}");
        }
    }
}
