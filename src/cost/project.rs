//! How large a project is, by the files of its build context that a step has before it.
//!
//! The relations of these amounts to core-seconds are in [`super::size`].

use std::fmt::Write as _;
use std::sync::Arc;

use super::asked::Asked;
use super::bundlers::App;
use super::golang::Part;
use super::sources::{Language, Sources};
use crate::context::{Crates, Imports, ManifestKind, Module, Named, Release, package, plain_path as plain};

/// What a lock file or a list of requirements says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) kind: ManifestKind,
    /// Its path in the context.
    pub(super) path: Arc<str>,
    pub(super) packages: u32,
    pub(super) names: Arc<[Named]>,
    /// Of a `Cargo.lock`, all that it has.
    pub(super) crates: Option<Arc<Crates>>,
    /// Of a `go.sum`, what the `go.mod` beside it says.
    pub(super) module: Option<Arc<Module>>,
}

impl Manifest {
    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// How near it lies to a place, a file or a folder in a step's file system: the more of the path is the same, the nearer.
    /// `None` where it lies neither there nor above.
    fn nearness(&self, place: &str) -> Option<usize> {
        if *self.path == *place || place.strip_suffix(&*self.path).is_some_and(|before| before.ends_with('/'))
        {
            return Some(usize::MAX);
        }
        nearness(self.folder(), place)
    }

    /// What counts where no place tells: the one nearest to the root, then the one of the usual name, then the largest.
    fn rank(&self) -> impl Ord + use<> {
        let is_usual = self.path.rsplit('/').next() == Some("requirements.txt");
        let is_list = self.kind == ManifestKind::Requirements;
        (self.path.matches('/').count(), is_list && !is_usual, std::cmp::Reverse(self.packages))
    }
}

/// How much of a place's path a folder has at its end or before it; `None` where the place lies neither there nor below.
fn nearness(folder: &str, place: &str) -> Option<usize> {
    if folder.is_empty() {
        return Some(0);
    }
    if !place.starts_with('/') {
        let rest = place.strip_prefix(folder)?;
        return (rest.is_empty() || rest.starts_with('/')).then_some(folder.len());
    }
    let mut ends = place.match_indices(folder).map(|(at, _)| (at, at + folder.len()));
    let is_whole = |(from, to): (usize, usize)| {
        place[..from].ends_with('/') && (to == place.len() || place[to..].starts_with('/'))
    };
    ends.any(is_whole).then_some(folder.len())
}

/// What a step has before it of a project.
///
/// A place in it is a path in the step's file system, or one relative to the context where it is known what of that lies there: it does not
/// begin with `/` then.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Project {
    pub(super) sources: [Sources; Language::VALUES.len()],
    pub(super) manifests: Vec<Manifest>,
    pub(super) release: Option<Release>,
    /// The folders of the context that hold a `package.json`, with the bytes of scripts and styles that belong to each, where there are
    /// several.
    pub(super) parts: Vec<(Arc<str>, u64)>,
    /// The folders of the context that hold a `Cargo.toml`, but for the root, with the bytes of Rust that belong to each.
    pub(super) crates: Vec<(Arc<str>, u64)>,
    /// The folders of the context that hold a `package.json`, and what each has bundled.
    pub(super) apps: Vec<(Arc<str>, App)>,
    /// What the sources of Go import.
    pub(super) imports: Arc<Imports>,
    /// Libtool makes every library of C or C++ twice.
    pub(super) is_twice: bool,
    /// `CMake` optimizes also where no build type is asked for.
    pub(super) has_type: bool,
}

impl Project {
    /// The bytes of scripts and styles of the package whose folder `folder` is, by the end of its path, where it is one of several;
    /// those of the package nearest to the root count for no other.
    pub fn part(&self, folder: &str) -> Option<u64> {
        let folder = plain(folder);
        let is_it = |path: &str| {
            !path.is_empty()
                && (*folder == *path
                    || folder.starts_with('/')
                        && folder.strip_suffix(path).is_some_and(|rest| rest.ends_with('/')))
        };
        let found = self.parts.iter().filter(|(path, _)| is_it(path)).max_by_key(|(path, _)| path.len());
        found.map(|(_, bytes)| *bytes)
    }

    /// What the package of JavaScript's that lies at a place, or above it, has bundled.
    pub(super) fn app(&self, place: &str) -> App {
        let place = plain(place);
        let near = self.apps.iter().filter_map(|(folder, app)| Some((nearness(folder, &place)?, *app)));
        near.max_by_key(|(nearness, _)| *nearness).map_or_else(App::default, |(_, app)| app)
    }

    /// The bytes of Rust in the packages whose folders are given, relative to the context; of the package at the root what belongs to no
    /// other.
    pub fn bytes_of_crates(&self, folders: &[&str]) -> u64 {
        let all = self.sources(Language::Rust).own;
        let inside: u64 = self.crates.iter().map(|(_, bytes)| bytes).sum();
        let of = |folder: &&str| match self.crates.iter().find(|(known, _)| **known == **folder) {
            Some((_, bytes)) => *bytes,
            None if folder.is_empty() => all.saturating_sub(inside),
            None => 0,
        };
        folders.iter().map(of).sum()
    }

    /// The crates of the lock file of Rust's that counts at a place.
    pub fn crates(&self, place: &str) -> Option<&Crates> {
        self.manifest(ManifestKind::CargoLock, place)?.crates.as_deref()
    }

    /// What a command of Go's compiles of it in a folder; `None` where that is not known.
    pub(super) fn part_of_go(&self, place: &str, asked: &Asked<'_>) -> Option<Part> {
        let Asked::Go(packages) = asked else { return None };
        let reached = self.imports.reached(place, packages)?;
        let manifest = self.manifest(ManifestKind::GoSum, place)?;
        Some(Part::new(&manifest.names, manifest.module.as_deref()?, &reached))
    }

    /// How its releases are compiled, where its `Cargo.toml` says so.
    pub const fn release(&self) -> Option<Release> {
        self.release
    }

    /// The same with releases that are compiled so.
    #[must_use]
    pub const fn with_release(mut self, release: Release) -> Self {
        self.release = Some(release);
        self
    }

    /// The same where libtool makes libraries of both kinds, and where `CMake` has a build type of its own.
    #[must_use]
    pub const fn with_recipes(mut self, is_twice: bool, has_type: bool) -> Self {
        (self.is_twice, self.has_type) = (is_twice, has_type);
        self
    }

    /// The manifest of a kind that counts at a place: one that it is, or that lies there or above, the nearest; else the one
    /// that is nearest to the root of the context.
    fn manifest(&self, kind: ManifestKind, place: &str) -> Option<&Manifest> {
        let place = plain(place);
        let all = self.manifests.iter().filter(|manifest| manifest.kind == kind);
        all.min_by_key(|manifest| (std::cmp::Reverse(manifest.nearness(&place)), manifest.rank()))
    }

    /// The manifest of npm's that counts: a lock file if there is one.
    pub(super) fn node(&self) -> ManifestKind {
        let has_lock = self.manifests.iter().any(|manifest| manifest.kind == ManifestKind::NodeLock);
        if has_lock { ManifestKind::NodeLock } else { ManifestKind::NodeList }
    }

    /// The manifest of Python's that counts at a place: of a lock file and a list of requirements that are as near, the lock file.
    pub(super) fn python(&self, place: &str) -> Option<ManifestKind> {
        self.nearest([ManifestKind::PythonLock, ManifestKind::Requirements].into_iter(), place)
    }

    /// Of some kinds the one whose manifest lies nearest to a place, the first of those that are as near.
    pub(super) fn nearest(
        &self,
        kinds: impl Iterator<Item = ManifestKind>,
        place: &str,
    ) -> Option<ManifestKind> {
        let found = kinds.filter_map(|kind| self.manifest(kind, place));
        let nearest = found.min_by_key(|manifest| std::cmp::Reverse(manifest.nearness(&plain(place))));
        nearest.map(|manifest| manifest.kind)
    }

    /// Which packages a kind of manifest names for what runs at a place.
    pub fn names(&self, kind: ManifestKind, place: &str) -> &[Named] {
        self.manifest(kind, place).map_or(&[], |manifest| &manifest.names)
    }

    /// The sources of a language.
    pub const fn sources(&self, language: Language) -> Sources {
        self.sources[language as usize]
    }

    /// How many packages a kind of manifest names for what runs at a place; `None` where there is none, or it tells nothing.
    pub fn packages(&self, kind: ManifestKind, place: &str) -> Option<u32> {
        self.manifest(kind, place).map(|manifest| manifest.packages)
    }

    /// The same, with what it knows nothing of taken from another.
    #[must_use]
    pub fn completed(mut self, other: &Self) -> Self {
        for (own, theirs) in self.sources.iter_mut().zip(&other.sources) {
            if *own == Sources::default() {
                *own = *theirs;
            }
        }
        self.with_packages_of(other)
    }

    /// The same, with the packages of kinds that it knows nothing of taken from another.
    #[must_use]
    pub fn with_packages_of(mut self, other: &Self) -> Self {
        // A list of requirements that was copied is there in place of a lock file elsewhere, and the other way round.
        let group = |kind| if kind == ManifestKind::Requirements { ManifestKind::PythonLock } else { kind };
        let own = std::mem::take(&mut self.manifests);
        let lacks = |theirs: &&Manifest| {
            let is_beside = |own: &Manifest| own.kind != theirs.kind && own.folder() == theirs.folder();
            let mut same = own.iter().filter(|own| group(own.kind) == group(theirs.kind)).peekable();
            same.peek().is_none() || same.all(is_beside)
        };
        let lacking: Vec<Manifest> = other.manifests.iter().filter(lacks).cloned().collect();
        self.manifests = own;
        self.manifests.extend(lacking);
        self.release = self.release.or(other.release);
        self.is_twice |= other.is_twice;
        self.has_type |= other.has_type;
        if self.parts.is_empty() {
            self.parts.clone_from(&other.parts);
        }
        if self.crates.is_empty() {
            self.crates.clone_from(&other.crates);
        }
        if self.apps.is_empty() {
            self.apps.clone_from(&other.apps);
        }
        if *self.imports == Imports::default() {
            self.imports.clone_from(&other.imports);
        }
        self
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.manifests.is_empty() && self.sources.iter().all(|sources| *sources == Sources::default())
    }

    /// The same with as much of a language.
    #[must_use]
    pub fn with_sources(mut self, language: Language, sources: Sources) -> Self {
        self.sources[language as usize] = sources;
        self
    }

    /// The same with a manifest at the root of the context that names so many packages.
    #[must_use]
    pub fn with_packages(mut self, kind: ManifestKind, packages: u32) -> Self {
        self.manifests.retain(|manifest| manifest.kind != kind);
        if packages > 0 {
            self.manifests.push(Manifest {
                kind,
                path: "".into(),
                packages,
                names: Arc::new([]),
                crates: None,
                module: None,
            });
        }
        self
    }

    /// The same with the crates of such a manifest.
    #[must_use]
    pub fn with_crates(mut self, crates: &Arc<Crates>) -> Self {
        for manifest in self.manifests.iter_mut().filter(|one| one.kind == ManifestKind::CargoLock) {
            manifest.names = crates.names();
            manifest.crates = Some(crates.clone());
        }
        self
    }

    /// The same with a `package.json` at the root of the context.
    #[must_use]
    pub fn with_package(mut self, text: &str) -> Self {
        self.apps.extend(package(text).map(|package| ("".into(), App::of(&package))));
        self
    }

    /// What an estimate that rests on these amounts at a place says of them: "422 Go modules, 1.2 MB of Go". Empty where none is
    /// known.
    pub fn describe(&self, kinds: &[ManifestKind], languages: &[Language], place: &str) -> String {
        let mut text = String::new();
        let mut part = |words: std::fmt::Arguments<'_>| {
            let _ = write!(text, "{}{words}", if text.is_empty() { "" } else { ", " });
        };
        for kind in kinds {
            if let Some(packages) = self.packages(*kind, place) {
                part(format_args!("{packages} {}", unit(*kind, packages)));
            }
        }
        for language in languages {
            let Sources { own, vendored, .. } = self.sources(*language);
            for (bytes, whose) in [(own, ""), (vendored, " of others")] {
                if bytes > 0 {
                    part(format_args!("{}{whose}", amount(bytes, *language)));
                }
            }
        }
        text
    }
}

/// So many bytes of a language, for people: "1.2 MB of Go".
pub(super) fn amount(bytes: u64, language: Language) -> String {
    let of = language.as_str();
    if bytes < 1_000_000 {
        format!("{} kB of {of}", bytes.div_ceil(1000))
    } else {
        format!("{:.1} MB of {of}", bytes as f64 / 1e6)
    }
}

/// What the packages of a manifest are called.
const fn unit(kind: ManifestKind, packages: u32) -> &'static str {
    let one = packages == 1;
    match kind {
        ManifestKind::GoSum if one => "Go module",
        ManifestKind::GoSum => "Go modules",
        ManifestKind::CargoLock if one => "crate",
        ManifestKind::CargoLock => "crates",
        ManifestKind::NodeLock if one => "npm package",
        ManifestKind::NodeLock => "npm packages",
        ManifestKind::NodeList if one => "npm package asked for",
        ManifestKind::NodeList => "npm packages asked for",
        ManifestKind::PythonLock | ManifestKind::Requirements if one => "Python package",
        ManifestKind::PythonLock | ManifestKind::Requirements => "Python packages",
        ManifestKind::GemLock if one => "gem",
        ManifestKind::GemLock => "gems",
        ManifestKind::CMake | ManifestKind::Meson | ManifestKind::Autoconf if one => "check",
        ManifestKind::CMake | ManifestKind::Meson | ManifestKind::Autoconf => "checks",
        ManifestKind::Configure => "kB of configure",
        ManifestKind::ComposerLock if one => "Composer package",
        ManifestKind::ComposerLock => "Composer packages",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_find_what_lies_nearest() {
        let manifest = |path: &str, packages| Manifest {
            kind: ManifestKind::of(path).unwrap(),
            path: path.into(),
            packages,
            names: Arc::new([]),
            crates: None,
            module: None,
        };
        let manifests = vec![
            manifest("package-lock.json", 3),
            manifest("web/package-lock.json", 900),
            manifest("requirements-dev.txt", 50),
            manifest("requirements.txt", 5),
            manifest("requirements/base.txt", 7),
        ];
        let project = Project { manifests, ..Project::default() };
        let of = |place| project.packages(ManifestKind::NodeLock, place);
        assert_eq!((of("/src"), of("/src/./web/app"), of("/src/x/../web")), (Some(3), Some(900), Some(900)));
        assert_eq!(of("/src/my-web"), Some(3));
        let of = |place| project.packages(ManifestKind::Requirements, place);
        assert_eq!((of("/src"), of("/src/requirements-dev.txt")), (Some(5), Some(50)));
        assert_eq!(of("/src/requirements/base.txt"), Some(7));
        assert_eq!(of("/tmp/elsewhere.txt"), Some(5));
    }
}
