//! Which crates of a `Cargo.lock` a build for Linux compiles.

use std::collections::{HashMap, HashSet};

use super::cargo::Cargo;

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

/// One entry of the file.
#[derive(Default)]
struct Entry<'t> {
    name: &'t str,
    version: &'t str,
    /// Whether it comes from elsewhere than the project.
    is_foreign: bool,
    /// Names of others, with a version where several have the name.
    needs: Vec<&'t str>,
}

/// The crates that the packages which a build makes need, directly or through others, without those for other systems, for tests, and for
/// features that are not on. The project's own are not among them. `packages` are its own, as far as they were read, and `root` the one beside
/// the file: a build makes that one alone, and all where there is none.
pub(super) fn compiled<'t>(text: &'t str, packages: &[&Cargo], root: Option<&str>) -> Vec<&'t str> {
    let entries = entries(text);
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        by_name.entry(entry.name).or_default().push(at);
    }
    let own: HashMap<&str, &Cargo> = packages.iter().map(|cargo| (&*cargo.name, *cargo)).collect();
    let is_wanted = |entry: &Entry<'_>, name: &str| {
        let is_left = |names: &[&str]| names.iter().any(|start| name.starts_with(start));
        match own.get(entry.name).filter(|_| !entry.is_foreign) {
            Some(cargo) => !cargo.left_out.contains(name),
            None => !is_left(&ELSEWHERE) && (entry.is_foreign || !is_left(&FOR_TESTS)),
        }
    };
    let is_first = |at: &usize| {
        let entry = &entries[*at];
        !entry.is_foreign && root.is_none_or(|root| entry.name == root)
    };
    let mut reached: HashSet<usize> = HashSet::new();
    let mut open: Vec<usize> = (0..entries.len()).filter(is_first).collect();
    reached.extend(&open);
    while let Some(at) = open.pop() {
        for need in &entries[at].needs {
            let mut words = need.split(' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            if !is_wanted(&entries[at], name) {
                continue;
            }
            let fits = |other: &&usize| version.is_none_or(|version| entries[**other].version == version);
            let found = by_name.get(name).into_iter().flatten().filter(fits);
            open.extend(found.copied().filter(|other| reached.insert(*other)));
        }
    }
    let mut reached: Vec<usize> = reached.into_iter().filter(|at| entries[*at].is_foreign).collect();
    reached.sort_unstable();
    reached.into_iter().map(|at| entries[at].name).collect()
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut is_list = false;
    for line in text.lines() {
        if line == "[[package]]" {
            entries.push(Entry::default());
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
        assert_eq!(compiled(lock, &[], None), ["mio", "libc", "syn"]);
        assert_eq!(compiled(lock, &[], Some("member")), ["mio", "libc"]);
        let app = Cargo { name: "app".into(), left_out: ["syn".into()].into(), ..Cargo::default() };
        assert_eq!(compiled(lock, &[&app], Some("app")), ["criterion", "mio", "libc", "plotters"]);
        assert!(compiled("[[package]]\nname = \"a\"\ndependencies = [\n", &[], None).is_empty());
    }
}
