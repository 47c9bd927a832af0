//! How large a project is, by the files of its build context that a step has before it.
//!
//! A survey looks at every file of a context once; what a stage copied of them makes a [`Project`]. The relations of these
//! amounts to core-seconds are in [`super::size`].

use std::fmt::Write as _;
use std::sync::Arc;

use crate::context::{Context, ManifestKind, Named, Release};

/// The languages whose sources are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// C.
    C,
    /// C++.
    Cxx,
    /// Headers of C and C++.
    Header,
    /// JavaScript, TypeScript and what is compiled to them, and style sheets.
    Script,
    /// Python.
    Python,
}

impl Language {
    /// All of them.
    const VALUES: [Self; 7] =
        [Self::Go, Self::Rust, Self::C, Self::Cxx, Self::Header, Self::Script, Self::Python];

    /// Of a file by the end of its name.
    fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, end) = name.rsplit_once('.')?;
        Some(match end {
            "go" if !stem.ends_with("_test") => Self::Go,
            "rs" => Self::Rust,
            "c" => Self::C,
            "cc" | "cpp" | "cxx" => Self::Cxx,
            "h" | "hh" | "hpp" | "hxx" => Self::Header,
            "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "vue" | "svelte" | "css" | "scss" | "less"
            | "sass" => Self::Script,
            "py" => Self::Python,
            _ => return None,
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Cxx => "C++",
            Self::Header => "headers",
            Self::Script => "scripts and styles",
            Self::Python => "Python",
        }
    }
}

/// Folders whose files are no sources of the project, or not what is built.
const SKIPPED: [&str; 12] = [
    ".git",
    "node_modules",
    "target",
    "venv",
    ".venv",
    "dist",
    "test",
    "tests",
    "__tests__",
    "testdata",
    "benches",
    "examples",
];

/// Folders that hold sources of others.
const VENDORED: [&str; 3] = ["vendor", "third_party", "deps"];

/// How much of a language there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sources {
    /// Bytes of the project's own.
    pub own: u64,
    /// Bytes of others that lie beside it.
    pub vendored: u64,
}

/// What a step has before it of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project {
    sources: [Sources; Language::VALUES.len()],
    packages: Vec<(ManifestKind, u32)>,
    names: Vec<(ManifestKind, Arc<[Named]>)>,
    release: Option<Release>,
    /// The folders of the context that hold a `package.json`, with the bytes of scripts and styles that belong to each, where there are
    /// several.
    parts: Vec<(Arc<str>, u64)>,
}

impl Project {
    /// The bytes of scripts and styles of the package whose folder `folder` is, by the end of its path, where it is one of several;
    /// those of the package nearest to the root count for no other.
    pub fn part(&self, folder: &str) -> Option<u64> {
        let folder = folder.trim_end_matches(['/', '.']);
        let is_it = |path: &str| {
            !path.is_empty()
                && folder.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let found = self.parts.iter().filter(|(path, _)| is_it(path)).max_by_key(|(path, _)| path.len());
        found.map(|(_, bytes)| *bytes)
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

    /// Which packages a kind of manifest names.
    pub fn names(&self, kind: ManifestKind) -> &[Named] {
        self.names.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, names)| names)
    }

    /// The sources of a language.
    pub const fn sources(&self, language: Language) -> Sources {
        self.sources[language as usize]
    }

    /// The packages that a kind of manifest names; `None` where there is none, or it tells nothing.
    pub fn packages(&self, kind: ManifestKind) -> Option<u32> {
        self.packages.iter().find(|(known, _)| *known == kind).map(|(_, packages)| *packages)
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
        for (kind, packages) in &other.packages {
            if self.packages(*kind).is_none() {
                self.packages.push((*kind, *packages));
                let names = other.names.iter().filter(|(known, _)| known == kind);
                self.names.extend(names.cloned());
            }
        }
        self.release = self.release.or(other.release);
        if self.parts.is_empty() {
            self.parts.clone_from(&other.parts);
        }
        self
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.sources.iter().all(|sources| *sources == Sources::default())
    }

    /// The same with as much of a language.
    #[must_use]
    pub fn with_sources(mut self, language: Language, sources: Sources) -> Self {
        self.sources[language as usize] = sources;
        self
    }

    /// The same with so many packages.
    #[must_use]
    pub fn with_packages(mut self, kind: ManifestKind, packages: u32) -> Self {
        self.packages.retain(|(known, _)| *known != kind);
        if packages > 0 {
            self.packages.push((kind, packages));
        }
        self
    }

    /// The same with packages that are named so.
    #[must_use]
    pub fn with_names(mut self, kind: ManifestKind, names: Arc<[Named]>) -> Self {
        self.names.retain(|(known, _)| *known != kind);
        self.names.push((kind, names));
        self
    }

    /// What an estimate that rests on these amounts says of them: "422 Go modules, 1.2 MB of Go". Empty where none is known.
    pub fn describe(&self, kinds: &[ManifestKind], languages: &[Language]) -> String {
        let mut text = String::new();
        let mut part = |words: std::fmt::Arguments<'_>| {
            let _ = write!(text, "{}{words}", if text.is_empty() { "" } else { ", " });
        };
        for kind in kinds {
            if let Some(packages) = self.packages(*kind) {
                part(format_args!("{packages} {}", unit(*kind, packages)));
            }
        }
        for language in languages {
            let Sources { own, vendored } = self.sources(*language);
            for (bytes, whose) in [(own, ""), (vendored, " of others")] {
                match bytes {
                    0 => {}
                    1..1_000_000 => {
                        let kilobytes = bytes.div_ceil(1000);
                        part(format_args!("{kilobytes} kB of {}{whose}", language.as_str()));
                    }
                    _ => part(format_args!("{:.1} MB of {}{whose}", bytes as f64 / 1e6, language.as_str())),
                }
            }
        }
        text
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
        ManifestKind::PythonLock | ManifestKind::Requirements if one => "Python package",
        ManifestKind::PythonLock | ManifestKind::Requirements => "Python packages",
        ManifestKind::GemLock if one => "gem",
        ManifestKind::GemLock => "gems",
        ManifestKind::ComposerLock if one => "Composer package",
        ManifestKind::ComposerLock => "Composer packages",
    }
}

/// Packages beyond this many have no size of their own: nearest to the root first.
const MAX_PARTS: usize = 256;

/// The folders of a context that hold a `package.json`, but for the root, sorted.
fn packages(context: &Context) -> Vec<Arc<str>> {
    let folder = |path: &str| {
        let folder = path.strip_suffix("/package.json")?;
        (!folder.split('/').any(|part| SKIPPED.contains(&part))).then(|| Arc::from(folder))
    };
    let mut folders: Vec<Arc<str>> = context.files.iter().filter_map(|(path, _)| folder(path)).collect();
    if folders.len() > MAX_PARTS {
        folders.sort_by_key(|folder| folder.matches('/').count());
        folders.truncate(MAX_PARTS);
    }
    folders.sort_unstable();
    folders
}

/// What a file counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Own(Language),
    Vendored(Language),
    Manifest { kind: ManifestKind, packages: u32, depth: u32, names: u32 },
    Release(Release),
    Nothing,
}

/// Every file of a context, looked at once.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    marks: Vec<(Mark, u64)>,
    /// The folders that hold a `package.json`.
    folders: Vec<Arc<str>>,
    /// For each file that is a script or a style, the place in `folders` of the one it belongs to.
    belongs: Vec<Option<u32>>,
    /// What manifests name, by the place that their marks tell.
    names: Vec<Arc<[Named]>>,
}

impl Survey {
    /// Looks at all files.
    pub fn new(context: &Context) -> Self {
        let mut names = Vec::new();
        let mut mark = |path: &str| {
            let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
            if let Some(kind) = ManifestKind::of(path) {
                let depth = path.matches('/').count() as u32;
                let packages = context.manifests.packages(path);
                names.extend(context.manifests.names(path).cloned());
                return packages.map_or(Mark::Nothing, |packages| Mark::Manifest {
                    kind,
                    packages,
                    depth,
                    names: names.len() as u32,
                });
            }
            if let Some(release) = context.manifests.release(path) {
                return Mark::Release(release);
            }
            let Some(language) = Language::of(path) else { return Mark::Nothing };
            let (mut skipped, mut vendored) = (false, false);
            for folder in folders.split('/') {
                skipped |= SKIPPED.contains(&folder);
                vendored |= VENDORED.contains(&folder);
            }
            match (skipped, vendored) {
                (true, _) => Mark::Nothing,
                (_, true) => Mark::Vendored(language),
                _ => Mark::Own(language),
            }
        };
        let marks: Vec<(Mark, u64)> = context.files.iter().map(|(path, size)| (mark(path), size.0)).collect();
        let folders = packages(context);
        let place = |path: &str| {
            let mut folder = path;
            while let Some((outer, _)) = folder.rsplit_once('/') {
                folder = outer;
                if let Ok(at) = folders.binary_search_by(|known| (**known).cmp(folder)) {
                    return Some(at as u32);
                }
            }
            None
        };
        let is_script = |mark: &Mark| matches!(mark, Mark::Own(Language::Script));
        let files = context.files.iter().zip(&marks);
        let belongs = match folders.len() {
            0 => Vec::new(),
            _ => files.map(|((path, _), (mark, _))| place(path).filter(|_| is_script(mark))).collect(),
        };
        Self { marks, folders, belongs, names }
    }

    /// What the files at some places, each once, make of a project. Of several manifests of a kind the one nearest to the root
    /// counts, then the largest.
    pub fn project(&self, places: impl IntoIterator<Item = usize>) -> Project {
        let mut project = Project::default();
        let mut nearest: Vec<(ManifestKind, u32, u32, u32)> = Vec::new();
        let mut parts = vec![0; self.folders.len()];
        for at in places {
            let Some((mark, bytes)) = self.marks.get(at) else { continue };
            if let Some(part) =
                self.belongs.get(at).copied().flatten().and_then(|part| parts.get_mut(part as usize))
            {
                *part += bytes;
            }
            match *mark {
                Mark::Own(language) => project.sources[language as usize].own += bytes,
                Mark::Vendored(language) => project.sources[language as usize].vendored += bytes,
                Mark::Manifest { kind, packages, depth, names } => {
                    match nearest.iter_mut().find(|(known, ..)| *known == kind) {
                        Some(best)
                            if (depth, std::cmp::Reverse(packages)) < (best.1, std::cmp::Reverse(best.2)) =>
                        {
                            *best = (kind, depth, packages, names);
                        }
                        Some(_) => {}
                        None => nearest.push((kind, depth, packages, names)),
                    }
                }
                Mark::Release(release) => project.release = Some(release),
                Mark::Nothing => {}
            }
        }
        project.parts = self.folders.iter().cloned().zip(parts).filter(|(_, bytes)| *bytes > 0).collect();
        project.packages = nearest.iter().map(|(kind, _, packages, _)| (*kind, *packages)).collect();
        // A mark tells how many lists there were with its own.
        let list = |names: u32| self.names.get(names.checked_sub(1)? as usize).cloned();
        project.names = nearest.iter().filter_map(|(kind, .., names)| Some((*kind, list(*names)?))).collect();
        project
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Files, Manifests};
    use crate::units::Bytes;

    fn context(files: &[(&str, &str)]) -> Context {
        let mut manifests = Manifests::default();
        for (path, text) in files {
            manifests.add(path, text);
        }
        let files = files.iter().map(|(path, text)| (Box::from(*path), Bytes(text.len() as u64))).collect();
        Context { files: Files::new(files, false), manifests, ..Context::default() }
    }

    #[test]
    fn packages_of_a_workspace_have_sizes_of_their_own() {
        let context = context(&[
            ("package.json", "{}"),
            ("apps/web/package.json", "{}"),
            ("apps/web/src/app.tsx", "0123"),
            ("packages/types/package.json", "{}"),
            ("packages/types/index.ts", "01"),
        ]);
        let project = Survey::new(&context).project(0..context.files.len());
        assert_eq!(project.part("/app/packages/types"), Some(2));
        assert_eq!(project.part("/app/apps/web/."), Some(4));
        assert_eq!(project.part("/app"), None);
        assert_eq!(project.part("/app/my-apps/web"), None);
    }

    #[test]
    fn own_sources_and_those_of_others_are_told_apart() {
        let context = context(&[
            ("go.sum", "a v1 h1:x=\nb v1 h1:x=\n"),
            ("tools/go.sum", "c v1 h1:x=\n"),
            ("main.go", "0123456789"),
            ("main_test.go", "0123456789"),
            ("vendor/a/a.go", "01234"),
            ("web/node_modules/x/index.js", "012"),
            ("web/src/app.tsx", "0123"),
        ]);
        let survey = Survey::new(&context);
        let project = survey.project(0..context.files.len());
        assert_eq!(project.sources(Language::Go), Sources { own: 10, vendored: 5 });
        assert_eq!(project.sources(Language::Script), Sources { own: 4, vendored: 0 });
        assert_eq!(project.packages(ManifestKind::GoSum), Some(2), "the nearest to the root");
        let words = project.describe(&[ManifestKind::GoSum], &[Language::Go]);
        assert_eq!(words, "2 Go modules, 1 kB of Go, 1 kB of Go of others");
        assert!(survey.project([]).is_empty());
        assert_eq!((project.part("/src/web"), project.part("/src")), (None, None));
    }
}
