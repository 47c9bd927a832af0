//! What a `Cargo.toml` says of how much a build compiles.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// Longer files are not read: the largest of public workspaces have 60 kB.
const MAX_BYTES: usize = 256 << 10;

/// How a `Cargo.toml` has releases compiled: what makes one core do most of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Release {
    /// Everything is optimized as one, at the end.
    pub is_lto: bool,
    /// Each crate is compiled as one unit.
    pub is_one_unit: bool,
}

/// What a `Cargo.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cargo {
    /// The folder that it lies in, relative to the context; empty for the root.
    pub(super) folder: Box<str>,
    /// The name of its package; empty for a workspace alone.
    pub(super) name: String,
    /// The names of its programs, besides that of the package.
    pub(super) programs: Vec<String>,
    /// What `[profile.release]` says; `None` where it says nothing of the kind.
    pub(super) release: Option<Release>,
    /// The folders of the packages that a workspace builds where none is asked for; empty where it does not say.
    pub(super) default_members: Vec<String>,
    /// When a build for Linux has each of the crates that it names.
    needs: BTreeMap<String, Need>,
    features: BTreeMap<String, Vec<String>>,
}

/// When a build for Linux has a crate that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Need {
    Always,
    /// Only with the feature that brings it.
    With(String),
    /// For tests alone, or for other systems.
    Never,
}

/// Which features a build is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Features<'f> {
    pub(super) named: &'f [&'f str],
    pub(super) has_default: bool,
    pub(super) has_all: bool,
}

impl Features<'_> {
    /// What a build has that is asked for nothing.
    pub(super) const DEFAULT: Self = Self { named: &[], has_default: true, has_all: false };
}

impl Cargo {
    /// Reads the file at a path; `None` where it is none or too long.
    pub(super) fn read(path: &str, text: &str) -> Option<Self> {
        let table: Table = toml::from_str(Some(text).filter(|text| text.len() <= MAX_BYTES)?).ok()?;
        let package = table.get("package").and_then(Value::as_table);
        let name = package.and_then(|package| package.get("name")).and_then(Value::as_str);
        let programs = table.get("bin").and_then(Value::as_array).into_iter().flatten();
        let workspace = table.get("workspace").and_then(|workspace| workspace.get("default-members"));
        let features = table.get("features").and_then(Value::as_table).into_iter().flatten();
        Some(Self {
            folder: path.rsplit_once('/').map_or("", |(folder, _)| folder).into(),
            name: name.unwrap_or_default().to_owned(),
            programs: programs.filter_map(|bin| Some(bin.get("name")?.as_str()?.to_owned())).collect(),
            release: release(&table),
            default_members: words(workspace),
            needs: needs(&table),
            features: features.map(|(name, brings)| (name.clone(), words(Some(brings)))).collect(),
        })
    }

    /// The crates that it names, but that a usual build for Linux with some features leaves out: for tests alone, for other systems, for
    /// features that are not on.
    pub(super) fn left_out(&self, features: Features<'_>) -> BTreeSet<&str> {
        let on = self.on(features);
        let is_left = |need: &Need| match need {
            Need::Always => false,
            Need::With(feature) => !features.has_all && !on.contains(&**feature),
            Need::Never => true,
        };
        self.needs.iter().filter(|(_, need)| is_left(need)).map(|(name, _)| &**name).collect()
    }

    /// The features that are on, and the optional dependencies that they bring.
    fn on<'f>(&'f self, features: Features<'f>) -> BTreeSet<&'f str> {
        let (mut on, mut open) = (BTreeSet::new(), features.named.to_vec());
        open.extend(features.has_default.then_some("default"));
        while let Some(feature) = open.pop() {
            // `dep:x` and `x/feature` bring the dependency x, `x?/feature` does not.
            let name = feature.strip_prefix("dep:").unwrap_or(feature);
            let name = match name.split_once('/') {
                Some((package, own)) if package == self.name => own,
                Some((name, _)) => name,
                None => name,
            };
            if !name.ends_with('?') && on.insert(name) {
                open.extend(self.features.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        on
    }
}

/// The texts of a list.
fn words(list: Option<&Value>) -> Vec<String> {
    let words = list.and_then(Value::as_array).into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn release(table: &Table) -> Option<Release> {
    let profile = table.get("profile")?.get("release")?;
    let release = Release {
        is_lto: profile
            .get("lto")
            .is_some_and(|lto| lto.as_bool() == Some(true) || lto.as_str() == Some("fat")),
        is_one_unit: profile.get("codegen-units").and_then(Value::as_integer) == Some(1),
    };
    (release != Release::default()).then_some(release)
}

fn needs(table: &Table) -> BTreeMap<String, Need> {
    let mut needs: BTreeMap<String, Need> = BTreeMap::new();
    let mut add = |table: &Table, is_for_linux: bool| {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (key, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
                let says = |what: &str| value.get(what);
                let name = says("package").and_then(Value::as_str).unwrap_or(key).to_owned();
                let need = match says("optional").and_then(Value::as_bool) {
                    _ if !is_for_linux || kind == "dev-dependencies" => Need::Never,
                    Some(true) => Need::With(key.clone()),
                    _ => Need::Always,
                };
                let known = needs.entry(name).or_insert(Need::Never);
                if *known == Need::Never || need == Need::Always {
                    *known = need;
                }
            }
        }
    };
    add(table, true);
    for (system, table) in table.get("target").and_then(Value::as_table).into_iter().flatten() {
        if let Some(table) = table.as_table() {
            add(table, is_for_linux(system));
        }
    }
    needs
}

/// Whether a target may be Linux: `cfg(unix)`, `cfg(not(windows))`; one that names another system alone is not.
fn is_for_linux(target: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["windows", "macos", "ios", "wasm", "android", "redox", "freebsd", "openbsd", "apple"];
    let names_another = OTHERS.iter().any(|other| target.contains(other));
    !names_another || target.contains("not(") || target.contains("linux") || target.contains("unix")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_tell_how_releases_are_compiled() {
        let release = |text| Cargo::read("Cargo.toml", text).unwrap().release;
        let text = "[package]\nname = \"a\"\n[profile.release]\nlto = \"fat\" # slow\ncodegen-units = 1\n[profile.dev]\n";
        assert_eq!(release(text), Some(Release { is_lto: true, is_one_unit: true }));
        assert_eq!(release("[profile.release]\nlto = \"thin\"\n[profile.x]\nlto = true\n"), None);
    }

    #[test]
    fn what_only_tests_and_other_systems_and_features_use_is_left_out() {
        let text = r#"
            [package]
            name = "app"
            [dependencies]
            serde = "1"
            sqlx = { version = "1", optional = true }
            git = { package = "git2", version = "1", optional = true }
            pg = { package = "postgres", version = "1", optional = true }
            [dev-dependencies]
            serde = "1"
            insta = "1"
            [target.'cfg(windows)'.dependencies]
            winapi = "0.3"
            [target.'cfg(not(windows))'.dependencies]
            nix = "1"
            [features]
            default = ["vcs"]
            vcs = ["dep:git", "pg?/tls"]
        "#;
        let cargo = Cargo::read("app/Cargo.toml", text).unwrap();
        let left = |features| cargo.left_out(features).into_iter().collect::<Vec<_>>();
        assert_eq!(left(Features::DEFAULT), ["insta", "postgres", "sqlx", "winapi"]);
        let named = Features { named: &["pg", "app/sqlx"], has_default: false, has_all: false };
        assert_eq!(left(named), ["git2", "insta", "winapi"]);
        assert_eq!(left(Features { has_all: true, ..named }), ["insta", "winapi"]);
        assert_eq!((&*cargo.folder, Cargo::read("Cargo.toml", "no toml")), ("app", None));
    }
}
