//! What the manifests and lock files of a project say of its size: how many packages it depends on.
//!
//! Counts lines of the forms that the tools write, in one pass, and reads nothing else of them. A count of zero is unknown:
//! the file is empty or of another form.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::crates::compiled;
use super::names::{Named, of_blocks, of_go_sum, of_node, of_pipfile, of_requirements, plain};

/// Manifests beyond this many are not read: nearest to the root first.
pub const MAX_MANIFESTS: usize = 64;

/// Of a manifest, bytes beyond this many are not read. The lock file of the largest monorepos has 4 MB.
pub const MAX_MANIFEST_BYTES: u64 = 8 << 20;

/// Of all manifests together, bytes beyond this many are not read.
pub const MAX_ALL_MANIFEST_BYTES: u64 = 32 << 20;

/// A file that tells what a project depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `go.sum`: modules, those of tests of dependencies too.
    GoSum,
    /// `Cargo.lock`: crates, those for other systems too.
    CargoLock,
    /// A lock file of npm, yarn, pnpm or bun.
    NodeLock,
    /// A lock file of uv, poetry, pdm or pipenv.
    PythonLock,
    /// `requirements.txt`: what is asked for, and all that it needs where it was made by a tool.
    Requirements,
    /// `Gemfile.lock`.
    GemLock,
    /// `composer.lock`.
    ComposerLock,
}

impl Kind {
    /// Of a file by its name.
    pub fn of(path: &str) -> Option<Self> {
        Some(match path.rsplit('/').next().unwrap_or(path) {
            "go.sum" => Self::GoSum,
            "Cargo.lock" => Self::CargoLock,
            "package-lock.json" | "npm-shrinkwrap.json" | "yarn.lock" | "pnpm-lock.yaml" | "bun.lock" => {
                Self::NodeLock
            }
            "uv.lock" | "poetry.lock" | "pdm.lock" | "Pipfile.lock" => Self::PythonLock,
            "requirements.txt" => Self::Requirements,
            "Gemfile.lock" => Self::GemLock,
            "composer.lock" => Self::ComposerLock,
            _ => return None,
        })
    }
}

/// How a `Cargo.toml` has releases compiled: what makes one core do most of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Release {
    /// Everything is optimized as one, at the end.
    pub is_lto: bool,
    /// Each crate is compiled as one unit.
    pub is_one_unit: bool,
}

/// What `[profile.release]` says; `None` where there is none.
fn release(text: &str) -> Option<Release> {
    let section = text.lines().map(str::trim).skip_while(|line| *line != "[profile.release]").skip(1);
    let pairs = section.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    let mut release = Release::default();
    for (key, value) in pairs {
        let value = value.split('#').next().unwrap_or_default().trim().trim_matches('"');
        release.is_lto |= key.trim() == "lto" && matches!(value, "true" | "fat");
        release.is_one_unit |= key.trim() == "codegen-units" && value == "1";
    }
    (release != Release::default()).then_some(release)
}

/// How many packages each manifest of a context names, by its path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifests {
    packages: BTreeMap<Box<str>, (Kind, u32)>,
    names: BTreeMap<Box<str>, Arc<[Named]>>,
    releases: BTreeMap<Box<str>, Release>,
}

impl Manifests {
    /// Counts what a file says; a file of another name is none.
    pub fn add(&mut self, path: &str, text: &str) {
        if let Some(release) = Some(text).filter(|_| is_cargo(path)).and_then(release) {
            self.releases.insert(path.into(), release);
        }
        if let Some(kind) = Kind::of(path) {
            let packages = count(kind, path, text);
            if packages > 0 {
                self.packages.insert(path.into(), (kind, packages));
                self.names.insert(path.into(), names(kind, path, text).into());
            }
        }
    }

    /// The packages that a file names; `None` where it tells none.
    pub fn packages(&self, path: &str) -> Option<u32> {
        self.packages.get(path).map(|(_, packages)| *packages)
    }

    /// Whether a file is read.
    pub fn takes(path: &str) -> bool {
        Kind::of(path).is_some() || is_cargo(path)
    }

    /// How a `Cargo.toml` has releases compiled; `None` where it does not say.
    pub fn release(&self, path: &str) -> Option<Release> {
        self.releases.get(path).copied()
    }

    /// The packages that all files of a kind name.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Named> {
        let files = self.packages.iter().filter(move |(_, (known, _))| *known == kind);
        files.filter_map(|(path, _)| self.names.get(path)).flat_map(|names| names.iter())
    }

    /// Which packages a file names; nothing for kinds of which only the number counts.
    pub fn names(&self, path: &str) -> Option<&Arc<[Named]>> {
        self.names.get(path)
    }
}

fn is_cargo(path: &str) -> bool {
    path.rsplit('/').next() == Some("Cargo.toml")
}

fn names(kind: Kind, path: &str, text: &str) -> Vec<Named> {
    match kind {
        Kind::PythonLock if path.ends_with("Pipfile.lock") => of_pipfile(text),
        Kind::PythonLock => of_blocks(text),
        Kind::Requirements => of_requirements(text),
        Kind::NodeLock => of_node(text),
        Kind::GoSum => of_go_sum(text),
        Kind::CargoLock => compiled(text).into_iter().map(plain).collect(),
        _ => Vec::new(),
    }
}

/// How many packages a lock file names.
fn count(kind: Kind, path: &str, text: &str) -> u32 {
    let lines = || text.lines();
    let count = match kind {
        Kind::GoSum => lines().filter(|line| is_module(line)).count(),
        Kind::CargoLock => lines().filter(|line| *line == "[[package]]").count(),
        Kind::PythonLock if path.ends_with("Pipfile.lock") => {
            lines().filter(|line| line.trim_start().starts_with("\"version\": \"==")).count()
        }
        Kind::PythonLock => lines().filter(|line| *line == "[[package]]").count(),
        Kind::NodeLock if path.ends_with("json") => npm(text),
        Kind::NodeLock if path.ends_with("yarn.lock") => {
            lines().filter(|line| line.ends_with(':') && !line.starts_with([' ', '#', '_'])).count()
        }
        Kind::NodeLock if path.ends_with("bun.lock") => {
            let from = text.find("\"packages\"").unwrap_or(text.len());
            text.get(from..).unwrap_or_default().lines().filter(|line| line.starts_with("    \"")).count()
        }
        Kind::NodeLock => pnpm(text),
        Kind::Requirements => lines().filter(|line| is_requirement(line)).count(),
        Kind::GemLock => {
            lines().filter(|line| line.starts_with("    ") && !line.starts_with("     ")).count()
        }
        Kind::ComposerLock => lines().filter(|line| line.starts_with("            \"name\": ")).count(),
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// `example.com/module v1.2.3 h1:…`: a module, and not only its `go.mod`.
fn is_module(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().skip(1);
    words.next().is_some_and(|version| version.starts_with('v') && !version.ends_with("/go.mod"))
}

/// `name==1.2`, and no option, comment or empty line.
fn is_requirement(line: &str) -> bool {
    line.trim_start().starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Keys below `node_modules` (since npm 7), else everything that has a version.
fn npm(text: &str) -> usize {
    let modules = text.lines().filter(|line| line.trim_start().starts_with("\"node_modules/")).count();
    let versions = || text.lines().filter(|line| line.trim_start().starts_with("\"version\":")).count();
    if modules > 0 { modules } else { versions().saturating_sub(1) }
}

/// The keys of the section `packages`.
fn pnpm(text: &str) -> usize {
    let section = text.lines().skip_while(|line| *line != "packages:").skip(1);
    let section = section.take_while(|line| line.is_empty() || line.starts_with(' '));
    section.filter(|line| line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_counted() {
        let cases = [
            ("go.sum", "a.b/c v1.0.0 h1:x=\na.b/c v1.0.0/go.mod h1:y=\nd.e/f v0.1.0 h1:z=\n", 2),
            ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"a\"\n\n[[package]]\nname = \"b\"\n", 2),
            (
                "web/package-lock.json",
                "{\n  \"packages\": {\n    \"\": {\n    },\n    \"node_modules/a\": {\n      \"version\": \"1\"\n    },\n    \"node_modules/a/node_modules/b\": {\n    }\n  }\n}",
                2,
            ),
            (
                "yarn.lock",
                "# yarn lockfile v1\n\na@^1:\n  version \"1\"\n\n\"@b/c@2\", \"@b/c@3\":\n  x:\n",
                2,
            ),
            (
                "pnpm-lock.yaml",
                "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    x:\n\npackages:\n\n  a@1:\n    resolution: {}\n\n  '@b/c@2':\n    x:\n\nsnapshots:\n\n  a@1: {}\n",
                2,
            ),
            ("uv.lock", "version = 1\n\n[[package]]\nname = \"a\"\n", 1),
            ("requirements.txt", "# all\n-r base.txt\ndjango==5.0\n\n  celery>=5\n", 2),
            ("Gemfile.lock", "GEM\n  specs:\n    rails (7.0)\n      rack (>= 2)\n    rack (3.0)\n", 2),
        ];
        for (path, text, packages) in cases {
            let mut manifests = Manifests::default();
            manifests.add(path, text);
            assert_eq!(manifests.packages(path), Some(packages), "{path}");
        }
    }

    #[test]
    fn releases_are_compiled_as_their_profile_says() {
        let text = "[package]\nname = \"a\"\n[profile.release]\nlto = \"fat\" # slow\ncodegen-units = 1\n[profile.dev]\n";
        assert_eq!(release(text), Some(Release { is_lto: true, is_one_unit: true }));
        assert_eq!(release("[profile.release]\nlto = \"thin\"\n[profile.x]\nlto = true\n"), None);
    }

    #[test]
    fn what_tells_nothing_is_unknown() {
        let mut manifests = Manifests::default();
        for path in ["go.sum", "package-lock.json", "README.md"] {
            manifests.add(path, "");
            assert_eq!(manifests.packages(path), None, "{path}");
        }
    }
}
