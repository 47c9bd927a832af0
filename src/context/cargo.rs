//! What a `Cargo.toml` says of how much a build compiles.

use std::collections::BTreeSet;

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
    /// The name of its package; empty for a workspace alone.
    pub(super) name: String,
    /// What `[profile.release]` says; `None` where it says nothing of the kind.
    pub(super) release: Option<Release>,
    /// Crates that it names, but a usual build for Linux leaves out: for tests alone, for other systems, for features that are
    /// not on by default.
    pub(super) left_out: BTreeSet<String>,
}

impl Cargo {
    /// Reads a file; `None` where it is none or too long.
    pub(super) fn read(text: &str) -> Option<Self> {
        let table: Table = toml::from_str(Some(text).filter(|text| text.len() <= MAX_BYTES)?).ok()?;
        let package = table.get("package").and_then(Value::as_table);
        let name = package.and_then(|package| package.get("name")).and_then(Value::as_str);
        Some(Self {
            name: name.unwrap_or_default().to_owned(),
            release: release(&table),
            left_out: left_out(&table),
        })
    }
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

fn left_out(table: &Table) -> BTreeSet<String> {
    let on = default_features(table);
    let (mut taken, mut left) = (BTreeSet::new(), BTreeSet::new());
    let mut add = |table: &Table, is_for_linux: bool| {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (key, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
                let says = |what: &str| value.get(what);
                let name = says("package").and_then(Value::as_str).unwrap_or(key).to_owned();
                let is_optional = says("optional").and_then(Value::as_bool) == Some(true);
                let is_taken =
                    is_for_linux && kind != "dev-dependencies" && (!is_optional || on.contains(&**key));
                if is_taken { &mut taken } else { &mut left }.insert(name);
            }
        }
    };
    add(table, true);
    for (system, table) in table.get("target").and_then(Value::as_table).into_iter().flatten() {
        if let Some(table) = table.as_table() {
            add(table, is_for_linux(system));
        }
    }
    left.retain(|name| !taken.contains(name));
    left
}

/// Whether a target may be Linux: `cfg(unix)`, `cfg(not(windows))`; one that names another system alone is not.
fn is_for_linux(target: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["windows", "macos", "ios", "wasm", "android", "redox", "freebsd", "openbsd", "apple"];
    let names_another = OTHERS.iter().any(|other| target.contains(other));
    !names_another || target.contains("not(") || target.contains("linux") || target.contains("unix")
}

/// The features that are on by default, and the optional dependencies that they bring.
fn default_features(table: &Table) -> BTreeSet<&str> {
    let features = table.get("features").and_then(Value::as_table);
    let (mut on, mut open) = (BTreeSet::new(), vec!["default"]);
    while let Some(feature) = open.pop() {
        // `dep:x` and `x/feature` bring the dependency x, `x?/feature` does not.
        let name = feature.strip_prefix("dep:").unwrap_or(feature);
        let name = name.split_once('/').map_or(name, |(name, _)| name);
        if !name.ends_with('?') && on.insert(name) {
            let brings = features.and_then(|features| features.get(name)).and_then(Value::as_array);
            open.extend(brings.into_iter().flatten().filter_map(Value::as_str));
        }
    }
    on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_tell_how_releases_are_compiled() {
        let release = |text| Cargo::read(text).unwrap().release;
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
        let left: Vec<String> = Cargo::read(text).unwrap().left_out.into_iter().collect();
        assert_eq!(left, ["insta", "postgres", "sqlx", "winapi"]);
        assert_eq!(Cargo::read("no toml"), None);
    }
}
