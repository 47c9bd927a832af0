//! What names of files and packages say of architectures.

use crate::advice::facts::publishers;
use crate::advice::facts::tools;
use crate::model::platform::Platform;
use crate::translate::{Toolchain, translate};

/// A name that says an architecture.
#[derive(Debug, Clone, Copy)]
pub(in crate::advice) struct Said<'t> {
    /// The name, or the part of it that does.
    pub(in crate::advice) name: &'t str,
    /// The architecture, in Docker's words.
    pub(in crate::advice) architecture: &'static str,
}

/// What a name says, where that is one architecture, and another than the target's.
pub(in crate::advice) fn foreign<'t>(name: &'t str, target: &Platform) -> Option<Said<'t>> {
    const OTHERS: [&str; 12] = [
        "noarch", "all", "any", "windows", "darwin", "macos", "sha256", "sha512", "asc", "sig", "sum", "wasm",
    ];
    // The host of a URL says nothing of the file.
    let path =
        name.split_once("://").map_or(name, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = publishers::folder_that_says(path);
    // Settings, texts and pictures are for every machine.
    if publishers::is_data(path) {
        return None;
    }
    if let Some(architecture) = publishers::unsaid(name) {
        let name = path.rsplit('/').next().unwrap_or(path);
        return (!runs(target, architecture)).then_some(Said { name, architecture });
    }
    let lower = path.to_ascii_lowercase();
    let architecture = tools::architecture(&lower).filter(|architecture| !runs(target, architecture))?;
    let is_other = |word: &str| OTHERS.contains(&word);
    let is_plain = !lower.split(|c: char| !c.is_ascii_alphanumeric()).any(is_other);
    is_plain.then_some(Said { name: named_part(path, architecture), architecture })
}

/// The last part of a path that names an architecture, with what lies in it where it is a folder.
fn named_part<'t>(path: &'t str, architecture: &str) -> &'t str {
    let mut from = path.len();
    for part in path.rsplit('/') {
        from -= part.len();
        if tools::is_named(&part.to_ascii_lowercase(), architecture) {
            return &path[from..];
        }
        from = from.saturating_sub(1);
    }
    path
}

/// Whether a machine of the target's runs programs of an architecture: 64-bit ones run those of their 32-bit kind.
pub(in crate::advice) fn runs(target: &Platform, architecture: &str) -> bool {
    architecture == &*target.architecture
        || matches!((&*target.architecture, architecture), ("amd64", "386") | ("arm64", "arm"))
}

/// The architectures of a list of packages, `deb [arch=amd64 …] https://…`, where that of a machine is not among them.
pub(in crate::advice) fn listed<'t>(word: &'t str, own: &Platform) -> Option<Said<'t>> {
    let list = &word[word.find("deb [").or_else(|| word.find("deb-src ["))?..];
    let list = &list[..list.find(']')?];
    let from = list.find("arch=")?;
    let name = list[from..].split_whitespace().next()?;
    let all = name.strip_prefix("arch=")?;
    let names = |architecture: &str| all.split(',').any(|one| one == architecture);
    let debian = translate(own, Toolchain::Debian).ok()?.field("arch").ok()?.to_owned();
    let architecture = ["amd64", "arm64"].into_iter().find(|one| names(one))?;
    (!names(&debian) && !all.contains('\0')).then_some(Said { name, architecture })
}

/// What the name of a distribution's folder of libraries or of Java, or of a loader, says in a text, where that is another architecture
/// than the target's.
pub(in crate::advice) fn library<'t>(text: &'t str, target: &Platform) -> Option<Said<'t>> {
    let is_library = |part: &str| {
        part.ends_with("-linux-gnu")
            || part.ends_with("-linux-musl")
            || part.ends_with("-linux-gnueabihf")
            // Debian's folders of Java end in its name for the architecture.
            || part.starts_with("java-") && part.contains("-openjdk-")
            || part.starts_with("ld-linux-")
            || part.starts_with("ld-musl-")
    };
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | '=' | '"' | '\''));
    let mut named = parts.filter(|part| is_library(part) && tools::architectures(part) == 1);
    let first = foreign(named.next()?, target)?;
    // Where there is one for each, the one that is not there is let be.
    named.all(|other| foreign(other, target).is_some()).then_some(first)
}
