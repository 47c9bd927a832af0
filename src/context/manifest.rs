//! What the manifests and lock files of a project say of its size: how many packages it depends on.
//!
//! Counts lines of the forms that the tools write, in one pass, and reads nothing else of them. A count of zero is unknown:
//! the file is empty or of another form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cargo::{Cargo, Release};
use super::checks::{of_autoconf, of_cmake, of_meson};
use super::crates::Crates;
use super::modules::Module;
use super::names::{
    Named, of_blocks, of_gems, of_go_sum, of_node, of_pipfile, of_pyproject, of_requirements, of_setup_cfg,
    of_setup_py, own_projects, plain,
};
use super::plain_path;

/// Manifests beyond this many are not read: nearest to the root first.
pub const MAX_MANIFESTS: usize = 64;

/// Of a manifest, bytes beyond this many are not read. The lock file of the largest monorepos has 4 MB.
pub const MAX_MANIFEST_BYTES: u64 = 8 << 20;

/// Of all manifests together, bytes beyond this many are not read.
pub const MAX_ALL_MANIFEST_BYTES: u64 = 32 << 20;

/// Projects that a list of requirements names, and what each of them needs, beyond these are not looked at.
const MOST_PROJECTS: usize = 16;
const MOST_NEEDED: usize = 1_000;

/// A file that tells what a project depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `go.sum`: modules, those of tests of dependencies too.
    GoSum,
    /// `Cargo.lock`: crates, those for other systems too.
    CargoLock,
    /// A lock file of npm, yarn, pnpm or bun.
    NodeLock,
    /// `package.json`, which is read among the [scripts](super::Scripts): the packages that it asks for.
    NodeList,
    /// A lock file of uv, poetry, pdm or pipenv.
    PythonLock,
    /// `requirements.txt` and its like: what is asked for, and all that it needs where it was made by a tool. The dependencies in a
    /// `pyproject.toml`, `setup.cfg` or `setup.py`.
    Requirements,
    /// `Gemfile.lock`.
    GemLock,
    /// `composer.lock`.
    ComposerLock,
    /// `CMakeLists.txt`: what it checks of the system.
    CMake,
    /// `meson.build`: the same.
    Meson,
    /// `configure.ac`: the same, in macros.
    Autoconf,
    /// A `configure` that a project has ready, in kilobytes.
    Configure,
}

impl Kind {
    /// Of a file by its name.
    pub fn of(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_text = has_end(name, "txt");
        Some(match name {
            "go.sum" => Self::GoSum,
            "Cargo.lock" => Self::CargoLock,
            "package-lock.json" | "npm-shrinkwrap.json" | "yarn.lock" | "pnpm-lock.yaml" | "bun.lock" => {
                Self::NodeLock
            }
            "uv.lock" | "poetry.lock" | "pdm.lock" | "Pipfile.lock" => Self::PythonLock,
            "pyproject.toml" | "setup.cfg" | "setup.py" => Self::Requirements,
            _ if is_text && (name.starts_with("requirements") || folder.ends_with("requirements")) => {
                Self::Requirements
            }
            "Gemfile.lock" => Self::GemLock,
            "composer.lock" => Self::ComposerLock,
            // Those of a whole tree would take the place of all others.
            "CMakeLists.txt" if !folder.contains('/') => Self::CMake,
            "meson.build" if !folder.contains('/') => Self::Meson,
            "configure.ac" | "configure.in" => Self::Autoconf,
            "configure" => Self::Configure,
            _ => return None,
        })
    }
}

/// How many packages each manifest of a context names, by its path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifests {
    packages: BTreeMap<Box<str>, (Kind, u32)>,
    names: BTreeMap<Box<str>, Arc<[Named]>>,
    cargo: BTreeMap<Box<str>, Cargo>,
    /// What each `Cargo.lock` has.
    crates: BTreeMap<Box<str>, Arc<Crates>>,
    /// What each `go.mod` says.
    modules: BTreeMap<Box<str>, Module>,
    /// Texts of `Cargo.lock`, until all is read.
    locks: BTreeMap<Box<str>, Box<str>>,
    /// The projects that a list of requirements has besides packages by their names, each by where its `setup.py` would lie, until all is read.
    listed: BTreeMap<Box<str>, BTreeSet<String>>,
}

impl Manifests {
    /// What some files say, each by its path; files of other names are none.
    pub fn read<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut manifests = Self::default();
        files.into_iter().for_each(|(path, text)| manifests.add(path, text));
        manifests.complete();
        manifests
    }

    /// Counts what a file says; a file of another name is none.
    pub fn add(&mut self, path: &str, text: &str) {
        if is_cargo(path) {
            self.cargo.extend(Cargo::read(path, text).map(|cargo| (path.into(), cargo)));
        } else if is_go(path) {
            self.modules.extend(Module::read(text).map(|module| (path.into(), module)));
        }
        if let Some(kind) = Kind::of(path) {
            if kind == Kind::Requirements && has_end(path, "txt") {
                let folders = own_projects(text).take(MOST_PROJECTS);
                let setups = folders.map(|folder| plain_path(&beside(path, &format!("{folder}/setup.py"))));
                self.listed.insert(path.into(), setups.collect());
            }
            let packages = count(kind, path, text);
            if packages == 0 {
                return;
            }
            self.packages.insert(path.into(), (kind, packages));
            if kind == Kind::CargoLock {
                self.locks.insert(path.into(), text.into());
            } else {
                self.names.insert(path.into(), names(kind, path, text).into());
            }
        }
    }

    /// Brings together what files that belong to each other say, after the last one was added: a lock file has more than a build
    /// compiles, and the manifests beside it tell what.
    pub fn complete(&mut self) {
        let own: Vec<&Cargo> = self.cargo.values().collect();
        for (path, text) in std::mem::take(&mut self.locks) {
            let crates = Crates::read(&text, &own, self.cargo.get(&*beside(&path, "Cargo.toml")));
            self.names.insert(path.clone(), crates.names());
            self.crates.insert(path, Arc::new(crates));
        }
        for (path, setups) in std::mem::take(&mut self.listed) {
            self.add_projects(path, &setups);
        }
        for (path, (kind, packages)) in &mut self.packages {
            let module = self.modules.get(&*beside(path, "go.mod")).filter(|_| *kind == Kind::GoSum);
            let module = module.filter(|module| module.is_whole);
            if let (Some(module), Some(names)) = (module, self.names.get_mut(path)) {
                let used = names.iter().filter(|one| module.asks_for(&one.name));
                let used: Arc<[Named]> = used.cloned().collect();
                if !used.is_empty() {
                    *packages = used.len() as u32;
                    *names = used;
                }
            }
        }
    }

    /// Adds to a list of requirements what the projects that it has need.
    fn add_projects(&mut self, path: Box<str>, setups: &BTreeSet<String>) {
        if setups.is_empty() {
            return;
        }
        let mut names: Vec<Named> = self.names.get(&path).map_or_else(Vec::new, |names| names.to_vec());
        for setup in setups {
            let own = ["pyproject.toml", "setup.cfg", "setup.py"].map(|name| beside(setup, name));
            let needed = own.iter().filter_map(|own| self.names.get(&**own));
            let most = needed.max_by_key(|names| names.len());
            names.extend(most.into_iter().flat_map(|own| own.iter().take(MOST_NEEDED).cloned()));
        }
        if !names.is_empty() {
            self.packages.insert(path.clone(), (Kind::Requirements, names.len() as u32));
            self.names.insert(path, names.into());
        }
    }

    /// The packages that a file names; `None` where it tells none.
    pub fn packages(&self, path: &str) -> Option<u32> {
        self.packages.get(path).map(|(_, packages)| *packages)
    }

    /// Whether a file is read.
    pub fn takes(path: &str) -> bool {
        Kind::of(path).is_some() || is_cargo(path) || is_go(path)
    }

    /// How a `Cargo.toml` has releases compiled; `None` where it does not say.
    pub fn release(&self, path: &str) -> Option<Release> {
        self.cargo.get(path)?.release
    }

    /// The module whose `go.sum` a file is.
    pub fn module(&self, path: &str) -> Option<&Module> {
        self.modules.get(&*beside(path, "go.mod"))
    }

    /// Whether there is a module of Go's.
    pub fn has_modules(&self) -> bool {
        !self.modules.is_empty()
    }

    /// The modules of Go's, each with its folder.
    pub(super) fn modules(&self) -> impl Iterator<Item = (&str, &Module)> {
        let folder = |path: &'_ str| path.rsplit_once('/').map_or(0, |(folder, _)| folder.len());
        self.modules.iter().map(move |(path, module)| (&path[..folder(path)], module))
    }

    /// The crates that a `Cargo.lock` has.
    pub fn crates(&self, path: &str) -> Option<&Arc<Crates>> {
        self.crates.get(path)
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

fn is_go(path: &str) -> bool {
    path.rsplit('/').next() == Some("go.mod")
}

/// The path of another file in the folder of one.
fn beside(path: &str, name: &str) -> String {
    path.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
}

/// Whether what stands behind the last dot of a name is an end.
fn has_end(name: &str, end: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own == end)
}

fn names(kind: Kind, path: &str, text: &str) -> Vec<Named> {
    match kind {
        Kind::PythonLock if path.ends_with("Pipfile.lock") => of_pipfile(text),
        Kind::PythonLock => of_blocks(text),
        Kind::Requirements if has_end(path, "toml") => of_pyproject(text),
        Kind::Requirements if has_end(path, "cfg") => of_setup_cfg(text),
        Kind::Requirements if has_end(path, "py") => of_setup_py(text),
        Kind::Requirements => of_requirements(text),
        Kind::NodeLock => of_node(text),
        Kind::GoSum => of_go_sum(text),
        Kind::GemLock => of_gems(text).map(plain).collect(),
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
        Kind::Requirements if !has_end(path, "txt") => names(kind, path, text).len(),
        Kind::Requirements => lines().filter(|line| is_requirement(line)).count(),
        Kind::GemLock => of_gems(text).count(),
        Kind::NodeList => 0,
        Kind::CMake => of_cmake(text),
        Kind::Meson => of_meson(text),
        Kind::Autoconf => of_autoconf(text),
        Kind::Configure => text.len().div_ceil(1000),
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
            (
                "lib/pyproject.toml",
                "[project]\nname = \"a\"\ndependencies = [\n  \"django>=5\",\n  # b\n  'celery[redis]',\n]\n[tool.x]\ny = [\"z\"]\n",
                2,
            ),
            ("pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.12\"\ntorch = \"2\"\n", 1),
            ("requirements/prod.txt", "a\n", 1),
            (
                "setup.cfg",
                "[options]\nzip_safe = false\ninstall_requires =\n    a>=1\n    b\n[x]\ny =\n    c\n",
                2,
            ),
            (
                "setup.py",
                "need = [\n    'a[x]>=1',  # why\n    \"b\",\n]\nsetup(install_requires=need, tests=['c'])\n",
                2,
            ),
            ("setup.py", "setup(name='x', install_requires=['a', 'b == 2'], extras=['c'])\n", 2),
            ("Gemfile.lock", "GEM\n  specs:\n    rails (7.0)\n      rack (>= 2)\n    rack (3.0)\n", 2),
        ];
        for (path, text, packages) in cases {
            let manifests = Manifests::read([(path, text)]);
            assert_eq!(manifests.packages(path), Some(packages), "{path}");
        }
    }

    #[test]
    fn manifests_tell_what_of_a_lock_file_is_compiled() {
        let lock = "[[package]]\nname = \"app\"\ndependencies = [\n \"a\",\n \"b\",\n]\n\n[[package]]\nname = \"a\"\nsource = \"r\"\n\n[[package]]\nname = \"b\"\nsource = \"r\"\n";
        let manifests = Manifests::read([
            ("x/Cargo.lock", lock),
            (
                "x/Cargo.toml",
                "[package]\nname = \"app\"\n[dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\n",
            ),
            ("go.sum", "a.b/c v1 h1:x=\nd.e/f v1 h1:x=\n"),
            ("go.mod", "module m\n\ngo 1.21\n\nrequire a.b/c v1 // indirect\n"),
        ]);
        assert_eq!(**manifests.names("x/Cargo.lock").unwrap(), [plain("a")]);
        assert_eq!(manifests.packages("x/Cargo.lock"), Some(3));
        assert_eq!((manifests.packages("go.sum"), manifests.names("go.sum").unwrap().len()), (Some(1), 1));
    }

    #[test]
    fn a_list_has_what_the_project_beside_it_needs() {
        let manifests = Manifests::read([
            ("r/requirements.txt", "https://x/y.zip\n-e ..\nz\n"),
            ("setup.py", "setup(install_requires=['a', 'b'])\n"),
            ("requirements.txt", "./lib[x]\n-e git+https://x\n"),
            ("lib/pyproject.toml", "[project]\ndependencies = ['c']\n"),
        ]);
        assert_eq!(manifests.packages("r/requirements.txt"), Some(3));
        assert_eq!(**manifests.names("requirements.txt").unwrap(), [plain("c")]);
    }

    #[test]
    fn what_tells_nothing_is_unknown() {
        for path in ["go.sum", "package-lock.json", "README.md"] {
            let manifests = Manifests::read([(path, "")]);
            assert_eq!(manifests.packages(path), None, "{path}");
        }
    }
}
