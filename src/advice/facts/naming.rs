//! What names of files and packages say of architectures.

use crate::advice::facts::publishers;
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
    let architecture = architecture(&lower).filter(|architecture| !runs(target, architecture))?;
    let is_other = |word: &str| OTHERS.contains(&word);
    let is_plain = !lower.split(|c: char| !c.is_ascii_alphanumeric()).any(is_other);
    is_plain.then_some(Said { name: named_part(path, architecture), architecture })
}

/// The last part of a path that names an architecture, with what lies in it where it is a folder.
fn named_part<'t>(path: &'t str, architecture: &str) -> &'t str {
    let mut from = path.len();
    for part in path.rsplit('/') {
        from -= part.len();
        if is_named(&part.to_ascii_lowercase(), architecture) {
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
    // The folder of a cross compiler, which is there to be foreign.
    let is_of_cross = |part: &str| text.find(part).is_some_and(|at| text[..at].ends_with("/usr/"));
    let is_library = |part: &str| {
        (part.ends_with("-linux-gnu") || part.ends_with("-linux-musl") || part.ends_with("-linux-gnueabihf"))
            && !is_of_cross(part)
            // Debian's folders of Java end in its name for the architecture.
            || part.starts_with("java-") && part.contains("-openjdk-")
            || part.starts_with("ld-linux-")
            || part.starts_with("ld-musl-")
    };
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | '=' | '"' | '\''));
    let mut named = parts.filter(|part| is_library(part) && architectures(part) == 1);
    let first = foreign(named.next()?, target)?;
    // Where there is one for each, the one that is not there is let be.
    named.all(|other| foreign(other, target).is_some()).then_some(first)
}

/// Architectures with their spellings in download names and compilers' words.
const SPELLINGS: [(&str, &[&str]); 7] = [
    ("amd64", &["amd64", "x86_64", "x86-64", "x64", "linux64", "linux-64", "64bit"]),
    ("arm64", &["arm64", "aarch64", "aarch_64"]),
    ("arm", &["arm", "armv5", "armv6", "armv6l", "armv7", "armv7l", "armhf", "armel"]),
    ("386", &["386", "i686", "i386"]),
    ("riscv64", &["riscv64"]),
    ("ppc64le", &["ppc64le", "powerpc64le", "ppc64el"]),
    ("s390x", &["s390x"]),
];

/// Architectures of [`SPELLINGS`], a bit for each.
type Named = u8;

/// For each byte the architectures of which a spelling has it at a place.
const fn at_place(place: usize) -> [Named; 256] {
    let mut named = [0; 256];
    let mut at = 0;
    while at < SPELLINGS.len() {
        let words = SPELLINGS[at].1;
        let mut word = 0;
        while word < words.len() {
            named[words[word].as_bytes()[place] as usize] |= 1 << at;
            word += 1;
        }
        at += 1;
    }
    named
}

const FIRST: [Named; 256] = at_place(0);
const SECOND: [Named; 256] = at_place(1);

/// The spellings of an architecture in download names and compilers' words.
pub(in crate::advice) fn spellings(architecture: &str) -> &'static [&'static str] {
    SPELLINGS.iter().find(|(name, _)| *name == architecture).map_or(&[], |(_, words)| words)
}

/// Whether a text names an architecture, in one of its spellings.
pub(in crate::advice) fn is_named(text: &str, architecture: &str) -> bool {
    let at = SPELLINGS.iter().position(|(name, _)| *name == architecture);
    at.is_some_and(|at| named(text) & 1 << at != 0)
}

/// How many different architectures a text names.
pub(in crate::advice) fn architectures(text: &str) -> usize {
    named(text).count_ones() as usize
}

/// The architecture that a text names, where that is one only.
pub(in crate::advice) fn architecture(text: &str) -> Option<&'static str> {
    let named = named(text);
    let (name, _) = SPELLINGS.get(named.trailing_zeros() as usize)?;
    named.is_power_of_two().then_some(name)
}

/// The architectures that a text names, in one pass. Letters and digits before a spelling are let pass (`linuxamd64`) where it
/// is long enough to be no part of another word, which `arm` and `386` are not; behind it those of another word of a platform
/// (`x86_64linux`).
fn named(text: &str) -> Named {
    let bytes = text.as_bytes();
    let joins = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let alone = |at: usize, word: &str| {
        !joins(at.checked_sub(1).and_then(|at| bytes.get(at))) && !joins(bytes.get(at + word.len()))
    };
    let ends = |rest: &[u8]| {
        let goes_on =
            || [&b"v8"[..], b"linux", b"bit", b"musl", b"gnu"].iter().any(|next| rest.starts_with(next));
        !rest.first().is_some_and(u8::is_ascii_alphabetic) || goes_on()
    };
    let mut found = 0;
    for (at, pair) in bytes.windows(2).enumerate() {
        // Nearly all places are told by two bytes.
        let mut open = FIRST[usize::from(pair[0])] & SECOND[usize::from(pair[1])] & !found;
        while let Some((_, words)) = SPELLINGS.get(open.trailing_zeros() as usize) {
            let bit = open & open.wrapping_neg();
            open ^= bit;
            let is_there = words.iter().any(|word| {
                let is_short = word.starts_with("arm") || word.len() < 4;
                bytes[at..].starts_with(word.as_bytes())
                    && if is_short { alone(at, word) } else { ends(&bytes[at + word.len()..]) }
            });
            if is_there {
                found |= bit;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::architectures;

    #[test]
    fn architectures_are_words() {
        for (text, count) in [
            ("/usr/local/bin/swarm-cronjob", 0),
            ("/out/app-linux-arm", 1),
            ("/out/app-arm64 /out/app_armv7", 2),
            ("linuxamd64.tgz", 1),
            ("/out/amd64variant", 0),
            ("tool-x86_64linux.zip", 1),
            ("alarm-386x charm64", 0),
            ("GOARCH=arm go build", 1),
        ] {
            assert_eq!(architectures(text), count, "{text}");
        }
    }
}
