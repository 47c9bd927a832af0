//! What the sources of Go import: which packages of a project, and which modules of others, its programs are made of.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::budget::{Part, spend};

use super::manifest::Manifests;
use super::patterns::below;
use super::plain_path;

/// Of a context that holds more sources than this imports are not followed.
pub const MAX_SOURCES: usize = 512;

/// Of such a context so many sources are looked at, nearest to the root first, for whether they call C.
pub const MAX_SAMPLE: usize = 128;

/// Bytes of a source in which its imports are looked for: what stands before them are comments.
pub const SOURCE_HEAD: usize = 8 << 10;

/// Longer paths are no imports, and a package does not import more.
const LONGEST_PATH: usize = 200;
const MOST_IMPORTS: usize = 256;

/// The work of following a package, and each of its imports.
const PACKAGE: u64 = 50;
const IMPORT: u64 = 30;

/// The packages of a context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imports {
    /// What each folder's sources import as it is written, with their bytes, until all is read.
    written: BTreeMap<Box<str>, (u64, BTreeSet<Box<str>>)>,
    /// Sorted by their folders.
    packages: Vec<Package>,
    /// The folders of modules by their names.
    modules: BTreeMap<Box<str>, Box<str>>,
    uses_c: bool,
    is_cut: bool,
}

/// A folder of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Package {
    folder: Box<str>,
    bytes: u64,
    /// The packages of the context that it imports, by their places.
    own: Vec<usize>,
    /// The modules of the others.
    others: Vec<Box<str>>,
    /// It imports packages of the project that the context does not hold: they are made before it is compiled.
    lacks: bool,
}

/// What programs are made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reached<'i> {
    /// Bytes of the project's own sources.
    pub bytes: u64,
    /// The modules that these import.
    pub modules: BTreeSet<&'i str>,
}

impl Imports {
    /// Whether a file is a source that is compiled into programs, by its name.
    pub fn takes(path: &str) -> bool {
        let name = path.strip_suffix(".go");
        name.is_some_and(|name| !name.ends_with("_test") && !path.contains("vendor/"))
    }

    /// Reads the head of a source of so many bytes.
    pub fn add(&mut self, path: &str, bytes: u64, head: &str) {
        // Such a file is run by hand.
        if head.lines().any(|line| line.starts_with("//go:build ignore")) {
            return;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let imports = imports(head);
        self.uses_c |= imports.contains("C");
        let (all, written) = self.written.entry(folder.into()).or_default();
        *all += bytes;
        written.extend(imports.into_iter().map(Into::into));
    }

    /// Says that the sources that were read are not all.
    pub const fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Finds out whose each import is, after the last source was read.
    pub fn complete(&mut self, manifests: &Manifests) {
        let modules = || manifests.modules();
        self.modules = modules().map(|(folder, module)| (module.name.clone(), folder.into())).collect();
        let asked: HashSet<&str> = modules().flat_map(|(_, module)| module.asked()).collect();
        let written = std::mem::take(&mut self.written);
        let places: HashMap<&str, usize> =
            written.keys().zip(0..).map(|(folder, at)| (&**folder, at)).collect();
        for (folder, (bytes, imports)) in &written {
            let (mut own, mut others, mut lacks) = (Vec::new(), BTreeSet::new(), false);
            for import in imports.iter().take(MOST_IMPORTS) {
                if let Some(folder) = folder_of(&self.modules, import) {
                    let place = places.get(&*folder);
                    lacks |= place.is_none();
                    own.extend(place);
                } else {
                    others.extend(ancestors(import).find(|path| asked.contains(path)).map(Box::from));
                }
            }
            let others = others.into_iter().collect();
            self.packages.push(Package { folder: folder.clone(), bytes: *bytes, own, others, lacks });
        }
    }

    /// Whether there is no package.
    pub const fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// Whether a source calls C.
    pub const fn uses_c(&self) -> bool {
        self.uses_c
    }

    /// What the packages are made of that a command names in a folder, by their paths or by what they are imported by, one by one or all
    /// below a folder (`./cmd/...`); the folder itself where it names none. `None` where that is not known, and where some of it is made by
    /// the build.
    pub fn reached(&self, folder: &str, named: &[&str]) -> Option<Reached<'_>> {
        if self.is_cut || folder.starts_with('/') {
            return None;
        }
        let named = if named.is_empty() { &["."] } else { named };
        let mut open = Vec::new();
        for named in named {
            let before = open.len();
            match named.strip_suffix("...") {
                Some(above) => open.extend(self.below(&self.place(folder, above.trim_end_matches('/'))?)),
                None => open.extend(self.find(&self.place(folder, named)?)),
            }
            if open.len() == before {
                return None;
            }
        }
        let mut is_seen = vec![false; self.packages.len()];
        let mut reached = Reached::default();
        while let Some(at) = open.pop() {
            let package = self.packages.get(at)?;
            if std::mem::replace(&mut is_seen[at], true) {
                continue;
            }
            let work = package.own.len() + package.others.len();
            if package.lacks || !spend(Part::Simulation, PACKAGE + IMPORT * work as u64) {
                return None;
            }
            reached.bytes += package.bytes;
            reached.modules.extend(package.others.iter().map(|module| &**module));
            open.extend(package.own.iter().filter(|own| !is_seen[**own]));
        }
        Some(reached)
    }

    /// The folder of a package that a command names in a folder; `None` for what is not of the context.
    fn place(&self, folder: &str, named: &str) -> Option<String> {
        let is_file = named.strip_suffix(".go").is_some();
        if !is_file && !named.is_empty() && !named.starts_with('.') {
            return folder_of(&self.modules, named);
        }
        let path = plain_path(&format!("{folder}/{named}")).trim_start_matches('/').to_owned();
        let above = || path.rsplit_once('/').map_or_else(String::new, |(above, _)| above.to_owned());
        let place = if is_file { above() } else { path };
        (!named.starts_with('/')).then_some(place)
    }

    /// The package in a folder.
    fn find(&self, folder: &str) -> Option<usize> {
        self.packages.binary_search_by(|package| (*package.folder).cmp(folder)).ok()
    }

    /// The packages in a folder and below it, without those of other modules.
    fn below(&self, folder: &str) -> impl Iterator<Item = usize> {
        let inner: Vec<&str> =
            self.modules.values().map(|of| &**of).filter(|of| *of != folder && below(of, folder)).collect();
        let packages = self.packages.iter().enumerate().filter(move |(_, package)| {
            below(&package.folder, folder) && !inner.iter().any(|inner| below(&package.folder, inner))
        });
        packages.map(|(at, _)| at)
    }
}

/// The folder of a package by what it is imported by, where it is of one of the modules.
fn folder_of(modules: &BTreeMap<Box<str>, Box<str>>, import: &str) -> Option<String> {
    let (module, folder) = ancestors(import).find_map(|path| modules.get_key_value(path))?;
    let rest = import.strip_prefix(&**module)?.trim_start_matches('/');
    Some(if folder.is_empty() || rest.is_empty() {
        format!("{folder}{rest}")
    } else {
        format!("{folder}/{rest}")
    })
}

/// A path and those above it.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above))
}

/// What a source imports: `import "a"`, `import b "a"`, and lines of `import (`.
fn imports(head: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut is_open = false;
    for line in head.lines().map(str::trim_start) {
        // Imports stand before all else.
        if ["func ", "type ", "var ", "const "].iter().any(|word| line.starts_with(word)) {
            break;
        }
        let import = line.strip_prefix("import").map(str::trim_start);
        let rest = match import {
            Some(rest) if rest.starts_with('(') => {
                is_open = true;
                &rest[1..]
            }
            Some(rest) => rest,
            None if is_open => line,
            None => continue,
        };
        is_open &= !line.starts_with(')');
        let path = rest.split(['"', '`']).nth(1);
        found.extend(path.filter(|path| path.len() <= LONGEST_PATH && !rest.starts_with("//")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Imports {
        let mut read = Imports::default();
        let manifests = Manifests::read(files.iter().copied());
        for (path, text) in files.iter().filter(|(path, _)| Imports::takes(path)) {
            read.add(path, text.len() as u64, text);
        }
        read.complete(&manifests);
        read
    }

    #[test]
    fn imports_stand_alone_or_in_brackets() {
        let head = "// import \"z\"\npackage main\n\nimport \"a\"\nimport x \"b\"\nimport (\n\t_ \"c/d\"\n\t// \"no\"\n\t. `e` // why\n)\n\nconst s = \"f\"\nimport \"g\"\n";
        assert_eq!(imports(head).into_iter().collect::<Vec<_>>(), ["a", "b", "c/d", "e"]);
        assert!(of(&[("a.go", "package a\n/*\n#include <x.h>\n*/\nimport \"C\"\n")]).uses_c());
        assert!(
            !of(&[("a.go", "package a\nfunc f() {}\nimport \"C\"\n"), ("a_test.go", "import \"C\"")])
                .uses_c()
        );
    }

    #[test]
    fn programs_are_made_of_what_they_import() {
        let all = of(&[
            ("go.mod", "module a.b/c\n\ngo 1.22\n\nrequire (\n\td.e/f v1\n\td.e/f/g v1\n\th.i/j v1\n)\n"),
            ("cmd/x/main.go", "package main\nimport \"a.b/c/pkg/p\"\n"),
            ("cmd/x/gen.go", "//go:build ignore\n\npackage main\nimport \"h.i/j\"\n"),
            ("cmd/y/main.go", "package main\nimport (\n\"h.i/j/k\"\n\"a.b/c/tools\"\n)\n"),
            ("pkg/p/p.go", "package p\nimport (\n\"fmt\"\n\"d.e/f/g/deep\"\n\"a.b/c/pkg/q\"\n)\n"),
            ("pkg/q/q.go", "package q\nimport \"a.b/c/pkg/p\"\nimport \"d.e/f/other\"\n"),
            ("cmd/z/main.go", "package main\nimport \"a.b/c/made\"\n"),
            ("tools/go.mod", "module a.b/c/tools\n"),
            ("tools/t.go", "package tools\n"),
        ]);
        let modules = |folder, named: &[&str]| {
            all.reached(folder, named).map(|r| r.modules.into_iter().collect::<Vec<_>>())
        };
        for named in ["./cmd/x", "cmd/x/main.go", "a.b/c/cmd/x"] {
            assert_eq!(modules("", &[named]), Some(vec!["d.e/f", "d.e/f/g"]), "{named}");
        }
        assert_eq!(modules("cmd/y", &[]), Some(vec!["h.i/j"]));
        assert_eq!(modules("", &["./cmd/x", "./cmd/y"]), Some(vec!["d.e/f", "d.e/f/g", "h.i/j"]));
        for (folder, named) in [("", "./pkg/..."), ("pkg", "./..."), ("pkg", "..."), ("", "a.b/c/pkg/...")] {
            assert_eq!(modules(folder, &[named]), Some(vec!["d.e/f", "d.e/f/g"]), "{folder} {named}");
        }
        assert_eq!(all.reached("tools", &["."]).map(|reached| reached.bytes), Some(14));
        for (folder, named) in [
            ("", "."),
            ("", "./..."),
            ("", "./none/..."),
            ("", "./cmd/z"),
            ("", "./cmd/$NAME"),
            ("", "/cmd/x/main.go"),
            ("", "x.y/z"),
            ("/src", "./cmd/x"),
        ] {
            assert_eq!(modules(folder, &[named]), None, "{folder} {named}");
        }
    }

    #[test]
    fn what_was_not_read_is_not_followed() {
        let mut all = of(&[("go.mod", "module a\n"), ("main.go", "package main\n")]);
        assert!(all.reached("", &[]).is_some());
        all.cut();
        assert_eq!(all.reached("", &[]), None);
    }
}
