//! Which crates of a `Cargo.lock` a build for Linux compiles.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::cargo::{Cargo, Features};
use super::names::{Named, plain};

/// What crates are called that only other systems than Linux use.
const ELSEWHERE: [&str; 24] = [
    "android",
    "cocoa",
    "core-foundation",
    "core-graphics",
    "core-text",
    "dispatch",
    "fsevent",
    "gloo",
    "hermit",
    "jni",
    "js-sys",
    "kqueue",
    "mach2",
    "metal",
    "ndk",
    "objc",
    "redox",
    "security-framework",
    "system-configuration",
    "wasi",
    "wasm-bindgen",
    "wasip2",
    "web-sys",
    "win",
];

/// Crates for tests and benchmarks, which a project names among what only those use. A lock file does not tell them apart.
const FOR_TESTS: [&str; 24] = [
    "arbtest",
    "assert_cmd",
    "assert_fs",
    "criterion",
    "divan",
    "expect-test",
    "fake",
    "goldenfile",
    "httpmock",
    "iai",
    "insta",
    "mockall",
    "mockito",
    "predicates",
    "pretty_assertions",
    "proptest",
    "quickcheck",
    "rstest",
    "serial_test",
    "snapbox",
    "test-case",
    "trybuild",
    "trycmd",
    "wiremock",
];

/// What a build of cargo's is asked for: nothing, by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct CargoBuild<'b> {
    /// The packages that are named.
    pub packages: &'b [&'b str],
    /// The programs that are named.
    pub programs: &'b [&'b str],
    /// The features that are named.
    pub features: &'b [&'b str],
    /// Whether the features that are on by default are not wanted.
    pub is_without_default: bool,
    /// Whether all features are wanted.
    pub has_all_features: bool,
    /// Whether all packages of the workspace are wanted.
    pub is_workspace: bool,
    /// The folder that it runs in, or that of the manifest that it names.
    pub folder: &'b str,
}

/// What a build of cargo's compiles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compiled<'c> {
    /// Crates from elsewhere, those with the features of a package's own that are on.
    pub crates: Vec<&'c str>,
    /// The folders of the project's own packages, relative to the context.
    pub folders: Vec<&'c str>,
}

/// The crates of a `Cargo.lock`, which need which, and what the project's own packages say of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crates {
    entries: Vec<Entry>,
    /// The project's own by their names.
    own: HashMap<Box<str>, Cargo>,
    /// The manifest beside the file.
    root: Option<Cargo>,
    asked: Asked,
}

/// What builds were asked for before, and which entries each of them compiles: the same builds are looked at for each platform and for each
/// fix that is tried. A copy begins anew, and it makes no difference between two.
#[derive(Debug, Default)]
struct Asked(Mutex<Vec<(String, Arc<[bool]>)>>);

/// Builds beyond this many are not remembered.
const MOST_ASKED: usize = 32;

impl Clone for Asked {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Asked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Asked {}

/// One entry of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: Box<str>,
    /// Whether it comes from elsewhere than the project.
    is_foreign: bool,
    /// The places of others.
    needs: Vec<u32>,
}

impl Crates {
    /// Reads a file. `packages` are the manifests of its project, as far as they were read, and `root` the one beside the file.
    pub(super) fn read(text: &str, packages: &[&Cargo], root: Option<&Cargo>) -> Self {
        let lines = entries(text);
        let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
        for (at, line) in lines.iter().enumerate() {
            by_name.entry(line.name).or_default().push(at as u32);
        }
        let place = |need: &&str| {
            let mut words = need.split(' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            let is_it = |at: &u32| {
                version
                    .is_none_or(|version| lines.get(*at as usize).is_some_and(|line| line.version == version))
            };
            by_name.get(name).into_iter().flatten().copied().find(is_it)
        };
        let entry = |line: &Line<'_>| Entry {
            name: line.name.into(),
            is_foreign: line.is_foreign,
            needs: line.needs.iter().filter_map(place).collect(),
        };
        let is_own = |cargo: &&&Cargo| {
            let known = by_name.get(&*cargo.name).into_iter().flatten();
            known.copied().any(|at| lines.get(at as usize).is_some_and(|line| !line.is_foreign))
        };
        let own = packages.iter().filter(is_own).map(|cargo| (Box::from(&*cargo.name), (*cargo).clone()));
        Self {
            own: own.collect(),
            root: root.cloned(),
            entries: lines.iter().map(entry).collect(),
            ..Self::default()
        }
    }

    /// What the file names from elsewhere: all of it is fetched.
    pub fn foreign(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.is_foreign).map(|entry| &*entry.name)
    }

    /// What a build compiles that is asked for nothing.
    pub fn names(&self) -> Arc<[Named]> {
        self.compiled(&CargoBuild::default()).crates.into_iter().map(plain).collect()
    }

    /// What the packages which a build makes need, directly or through others, without crates for other systems, for tests, and for
    /// features that are not on.
    pub fn compiled(&self, build: &CargoBuild<'_>) -> Compiled<'_> {
        let key = format!("{build:?}");
        let mut asked = self.asked.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = asked.iter().find(|(known, _)| *known == key).map(|(_, reached)| Arc::clone(reached));
        let is_reached = known.unwrap_or_else(|| {
            let found: Arc<[bool]> = self.reached(build).into();
            if asked.len() < MOST_ASKED {
                asked.push((key, Arc::clone(&found)));
            }
            found
        });
        let reached = || self.entries.iter().zip(&*is_reached).filter(|(_, reached)| **reached);
        let crates = reached().filter(|(entry, _)| entry.is_foreign).map(|(entry, _)| &*entry.name);
        let own = reached().filter(|(entry, _)| !entry.is_foreign);
        let folders = own.filter_map(|(entry, _)| self.own.get(&entry.name)).map(|cargo| &*cargo.folder);
        Compiled { crates: crates.collect(), folders: folders.collect() }
    }

    /// Which entries a build compiles.
    fn reached(&self, build: &CargoBuild<'_>) -> Vec<bool> {
        let asked = Features {
            named: build.features,
            has_default: !build.is_without_default,
            has_all: build.has_all_features,
        };
        let firsts = self.firsts(build);
        let named: HashSet<&str> = firsts.iter().map(|first| self.name(*first)).collect();
        let left: HashMap<&str, BTreeSet<&str>> = self
            .own
            .iter()
            .map(|(name, cargo)| {
                let features = if named.contains(&**name) { asked } else { Features::DEFAULT };
                (&**name, cargo.left_out(features))
            })
            .collect();
        let is_left = |names: &[&str], name: &str| names.iter().any(|start| name.starts_with(start));
        let is_wanted = |entry: &Entry, name: &str| match left.get(&*entry.name).filter(|_| !entry.is_foreign)
        {
            Some(left) => !left.contains(name),
            None => !is_left(&ELSEWHERE, name) && (entry.is_foreign || !is_left(&FOR_TESTS, name)),
        };
        let mut is_reached = vec![false; self.entries.len()];
        let mut open = firsts;
        while let Some(at) = open.pop() {
            let Some(entry) = self.entries.get(at as usize) else { continue };
            if let Some(reached) = is_reached.get_mut(at as usize).filter(|reached| !**reached) {
                *reached = true;
                open.extend(entry.needs.iter().copied().filter(|need| is_wanted(entry, self.name(*need))));
            }
        }
        is_reached
    }

    fn name(&self, at: u32) -> &str {
        self.entries.get(at as usize).map_or("", |entry| &entry.name)
    }

    /// The packages that a build makes: those that it names, the one whose folder it runs in, those that the workspace names,
    /// the one at the root, or all.
    fn firsts(&self, build: &CargoBuild<'_>) -> Vec<u32> {
        let all = || (0..self.entries.len() as u32).filter(|at| !self.is_foreign(*at));
        let of = |is_it: &dyn Fn(&str, Option<&Cargo>) -> bool| -> Vec<u32> {
            all().filter(|at| is_it(self.name(*at), self.own.get(self.name(*at)))).collect()
        };
        if build.is_workspace {
            return all().collect();
        }
        let packages: HashSet<&str> =
            build.packages.iter().filter_map(|asked| asked.split('@').next()).collect();
        let programs: HashSet<&str> = build.programs.iter().copied().collect();
        let is_named = |name: &str, _: Option<&Cargo>| packages.contains(name);
        let root = self.root.as_ref();
        let is_inside = |_: &str, cargo: Option<&Cargo>| {
            cargo.is_some_and(|cargo| {
                let folder = build.folder.trim_end_matches(['/', '.']);
                let rest = folder.strip_suffix(&*cargo.folder);
                !cargo.folder.is_empty()
                    && Some(&cargo.folder) != root.map(|root| &root.folder)
                    && rest
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/') && rest.starts_with('/'))
            })
        };
        let has_program = |name: &str, cargo: Option<&Cargo>| {
            let mut own = cargo.into_iter().flat_map(|cargo| &cargo.programs);
            programs.contains(name) || own.any(|own| programs.contains(&**own))
        };
        let is_default = |_: &str, cargo: Option<&Cargo>| {
            let members = root.map_or(&[][..], |root| &root.default_members);
            cargo.is_some_and(|cargo| members.iter().any(|member| cargo.folder.ends_with(&**member)))
        };
        let is_root = |name: &str, _: Option<&Cargo>| root.is_some_and(|root| root.name == name);
        let by_program = |name: &str, cargo: Option<&Cargo>| {
            root.is_none_or(|root| root.name.is_empty()) && has_program(name, cargo)
        };
        let ways: [Selects<'_>; 5] = [&is_named, &is_inside, &by_program, &is_default, &is_root];
        let found = ways.into_iter().map(of).find(|found| !found.is_empty());
        found.unwrap_or_else(|| all().collect())
    }

    fn is_foreign(&self, at: u32) -> bool {
        self.entries.get(at as usize).is_none_or(|entry| entry.is_foreign)
    }
}

/// Whether a package is asked for in one way, by its name and its manifest.
type Selects<'w> = &'w dyn Fn(&str, Option<&Cargo>) -> bool;

/// One entry, as it is written.
#[derive(Default)]
struct Line<'t> {
    name: &'t str,
    version: &'t str,
    is_foreign: bool,
    /// Names of others, with a version where several have the name.
    needs: Vec<&'t str>,
}

fn entries(text: &str) -> Vec<Line<'_>> {
    let mut entries: Vec<Line<'_>> = Vec::new();
    let mut is_list = false;
    for line in text.lines() {
        if line == "[[package]]" {
            entries.push(Line::default());
            is_list = false;
        }
        let Some(entry) = entries.last_mut() else { continue };
        let quoted = |start: &str| line.strip_prefix(start)?.trim().strip_prefix('"')?.split('"').next();
        if let Some(name) = quoted("name = ") {
            entry.name = name;
        } else if let Some(version) = quoted("version = ") {
            entry.version = version;
        } else if line.starts_with("source = ") {
            entry.is_foreign = true;
        } else if line.starts_with("dependencies = [") {
            is_list = !line.ends_with(']');
        } else if is_list {
            is_list = !line.starts_with(']');
            let need = line.trim().strip_prefix('"').and_then(|need| need.split('"').next());
            entry.needs.extend(need.filter(|_| is_list));
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_on_linux_is_compiled() {
        let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"criterion\",\n \"member\",\n \"syn 2.0.1\",\n]\n\n\
                    [[package]]\nname = \"criterion\"\nversion = \"0.5.1\"\nsource = \"registry+x\"\ndependencies = [\n \"plotters\",\n]\n\n\
                    [[package]]\nname = \"member\"\nversion = \"0.1.0\"\ndependencies = [\n \"mio\",\n]\n\n\
                    [[package]]\nname = \"mio\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\ndependencies = [\n \"libc\",\n \"windows-sys\",\n]\n\n\
                    [[package]]\nname = \"libc\"\nversion = \"0.2.1\"\nsource = \"registry+x\"\n\n\
                    [[package]]\nname = \"plotters\"\nversion = \"0.3.1\"\nsource = \"registry+x\"\n\n\
                    [[package]]\nname = \"syn\"\nversion = \"1.0.1\"\nsource = \"registry+x\"\n\n\
                    [[package]]\nname = \"syn\"\nversion = \"2.0.1\"\nsource = \"registry+x\"\n\n\
                    [[package]]\nname = \"windows-sys\"\nversion = \"0.60.0\"\nsource = \"registry+x\"\n";
        let app = "[package]\nname = \"app\"\n[dependencies]\nmember = { path = \"member\" }\n[dev-dependencies]\nsyn = \"2\"\ncriterion = \"0\"\n";
        let app = Cargo::read("Cargo.toml", app).unwrap();
        let member = "[package]\nname = \"member\"\n[dependencies]\nmio = { version = \"1\", optional = true }\n[features]\ndefault = [\"mio\"]\n";
        let member = Cargo::read("member/Cargo.toml", member).unwrap();
        let build = CargoBuild { folder: "/src", ..CargoBuild::default() };
        let blind = Crates::read(lock, &[], None);
        assert_eq!(blind.compiled(&build).crates, ["mio", "libc", "syn"]);
        assert_eq!(blind.foreign().count(), 7);
        let crates = Crates::read(lock, &[&app, &member], Some(&app));
        let compiled = |build: &CargoBuild<'_>| {
            let Compiled { crates, folders } = crates.compiled(build);
            (crates.join(" "), folders.join(" "))
        };
        assert_eq!(compiled(&build), ("mio libc".into(), " member".into()));
        let named = CargoBuild { packages: &["member"], ..build };
        assert_eq!(compiled(&named), ("mio libc".into(), "member".into()));
        let bare = CargoBuild { is_without_default: true, ..named };
        assert_eq!(compiled(&bare), (String::new(), "member".into()));
        assert_eq!(compiled(&CargoBuild { features: &["mio"], ..bare }).0, "mio libc");
        let inside = CargoBuild { folder: "/src/member", is_without_default: true, ..build };
        assert_eq!(compiled(&inside), compiled(&bare));
        let cut = Crates::read("[[package]]\nname = \"a\"\ndependencies = [\n", &[], None);
        assert!(cut.compiled(&build).crates.is_empty());
    }
}
