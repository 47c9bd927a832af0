//! How C and C++ are built, by the files that say so: what they check of the system, which others they read, and which sources they name.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::of_cmake;

/// Files beyond this many are not read: nearest to the root first.
pub const MAX_RECIPES: usize = 128;

/// What one of them reads beyond this many is not followed.
const MAX_READS: usize = 100;

/// Folders whose `CMakeLists.txt` a usual build leaves out.
const TESTS: [&str; 6] = ["test", "tests", "testing", "unittests", "fuzz", "examples"];

/// What the files of a context say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipes {
    cmake: BTreeMap<Box<str>, CMake>,
    /// Modules of `CMake` by their names: the one that was read first.
    modules: BTreeMap<Box<str>, Box<str>>,
    /// Sources that are named, without their ends.
    named: BTreeSet<Box<str>>,
    /// Folders of which a pattern takes all sources, with what lies below.
    taken: BTreeSet<Box<str>>,
    /// The same, by the last part of their paths.
    taken_by_name: BTreeSet<Box<str>>,
    /// Libtool makes every library static and shared.
    is_twice: bool,
    /// `CMake` has a build type where none is asked for.
    has_type: bool,
}

/// A `CMakeLists.txt`, or a module.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CMake {
    checks: usize,
    /// What it reads, as it is written.
    reads: Vec<Box<str>>,
}

impl Recipes {
    /// Whether a file is one of them, by its name.
    pub fn takes(path: &str) -> bool {
        const NAMES: [&str; 9] = [
            "CMakeLists.txt",
            "Makefile",
            "makefile",
            "GNUmakefile",
            "Makefile.am",
            "Makefile.in",
            "Makefile.inc",
            "meson.build",
            "configure.ac",
        ];
        let name = path.rsplit('/').next().unwrap_or(path);
        NAMES.contains(&name) || [".cmake", ".mk", ".mak"].iter().any(|end| name.ends_with(end))
    }

    /// Reads one.
    pub fn add(&mut self, path: &str, text: &str) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name == "CMakeLists.txt" || is_module(name) {
            let reads = text.lines().filter_map(read).take(MAX_READS).map(Into::into).collect();
            if let Some(stem) = name.strip_suffix(".cmake") {
                self.modules.entry(stem.into()).or_insert_with(|| path.into());
            }
            self.has_type |= text.lines().any(sets_type);
            self.cmake.insert(path.into(), CMake { checks: of_cmake(text) - 1, reads });
        }
        self.is_twice |= name == "configure.ac" && is_twice(text);
        for word in text.split(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ';' | ',' | ':' | '=' | '\\')
        }) {
            let Some((before, end)) = word.rsplit_once('.') else { continue };
            let is_source = matches!(end, "c" | "cc" | "cpp" | "cxx" | "c++");
            let last = before.rsplit(['/', '}', '$']).next().unwrap_or(before);
            if !last.contains('*') {
                if is_source || matches!(end, "o" | "lo" | "obj") {
                    self.named.insert(last.into());
                }
            } else if is_source {
                let of = before.strip_suffix(last).unwrap_or(before).trim_end_matches(['*', '/']);
                match of.rsplit(['/', '}']).next() {
                    None | Some("" | "." | "..") => self.taken.insert(folder.into()),
                    Some(part) => self.taken_by_name.insert(part.into()),
                };
            }
        }
    }

    /// Whether libtool makes every library twice, static and shared.
    pub const fn is_twice(&self) -> bool {
        self.is_twice
    }

    /// Whether `CMake` optimizes also where no build type is asked for.
    pub const fn has_type(&self) -> bool {
        self.has_type
    }

    /// Whether a source is named, or taken by a pattern.
    pub fn names(&self, path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_below = |taken: &str| {
            taken.is_empty()
                || folder.strip_prefix(taken).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.named.contains(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
            || self.taken_by_name.contains(folder.rsplit('/').next().unwrap_or(folder))
            || self.taken.iter().any(|taken| is_below(taken))
    }

    /// The checks of a `CMakeLists.txt` with all that it reads, each once, and one for the compiler; `None` where it was not read.
    pub fn checks(&self, path: &str) -> Option<usize> {
        let (first, _) = self.cmake.get_key_value(path)?;
        let first = &**first;
        let (mut seen, mut open, mut checks) = (BTreeSet::from([first]), vec![first], 1);
        while let Some(at) = open.pop() {
            let Some(cmake) = self.cmake.get(at) else { continue };
            checks += cmake.checks;
            let found = cmake.reads.iter().filter_map(|read| self.find(at, read));
            open.extend(found.filter(|found| seen.insert(found)));
        }
        Some(checks)
    }

    /// The file that one reads by some words: a folder or a file from its own folder or the root, or a module anywhere.
    fn find(&self, at: &str, read: &str) -> Option<&str> {
        let here = at.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = read.rsplit_once('}').map_or(read, |(_, path)| path).trim_matches('/');
        let file = if is_module(path) { path.to_owned() } else { format!("{path}/CMakeLists.txt") };
        let beside = if here.is_empty() { file.clone() } else { format!("{here}/{file}") };
        let known = |path: &str| self.cmake.get_key_value(path).map(|(path, _)| &**path);
        let module = || self.modules.get(path).map(|path| &**path);
        known(&beside).or_else(|| known(&file)).or_else(module)
    }
}

/// Whether a file is a module of `CMake`'s, by its name.
fn is_module(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "cmake")
}

/// Whether a line of `CMake`'s sets the build type.
fn sets_type(line: &str) -> bool {
    let line = line.trim_start().to_ascii_lowercase();
    line.strip_prefix("set").is_some_and(|rest| rest.trim_start().starts_with("(cmake_build_type"))
}

/// Whether a `configure.ac` has libtool make libraries of both kinds.
fn is_twice(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&["LT_INIT", "AC_PROG_LIBTOOL", "AM_PROG_LIBTOOL"])
        && !has(&["disable-static", "disable-shared", "DISABLE_STATIC", "DISABLE_SHARED"])
}

/// What a line of `CMake`'s reads: `include(x)`, `add_subdirectory(y)`.
fn read(line: &str) -> Option<&str> {
    let (command, rest) = line.split_once('(')?;
    let command = command.trim().to_ascii_lowercase();
    if !matches!(&*command, "include" | "add_subdirectory" | "subdirs") {
        return None;
    }
    let what = rest.trim_start().split([' ', ')', '\t']).next()?.trim_matches('"');
    let is_test = command != "include" && what.split('/').any(|part| TESTS.contains(&part));
    (!what.is_empty() && !is_test).then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipes(files: &[(&str, &str)]) -> Recipes {
        let mut recipes = Recipes::default();
        for (path, text) in files {
            recipes.add(path, text);
        }
        recipes
    }

    #[test]
    fn checks_of_what_is_read_count_once() {
        let recipes = recipes(&[
            (
                "CMakeLists.txt",
                "find_package(A)\ninclude(cmake/x.cmake)\ninclude(Other)\nadd_subdirectory(\"src\")\nadd_subdirectory(tests)\n",
            ),
            ("cmake/x.cmake", "check_a(B)\ncheck_a(C)\n"),
            ("cmake/Other.cmake", "find_library(D)\ninclude(${CMAKE_SOURCE_DIR}/cmake/x.cmake)\n"),
            ("src/CMakeLists.txt", "check_b(E)\nadd_subdirectory(deep)\n"),
            ("src/deep/CMakeLists.txt", "check_b(F)\nadd_subdirectory(..)\n"),
            ("tests/CMakeLists.txt", "check_b(G)\n"),
            ("unused/CMakeLists.txt", "check_b(H)\n"),
        ]);
        assert_eq!(recipes.checks("CMakeLists.txt"), Some(7));
        assert_eq!(recipes.checks("src/deep/CMakeLists.txt"), Some(2));
        assert_eq!(recipes.checks("none/CMakeLists.txt"), None);
    }

    #[test]
    fn libraries_and_build_types_are_told() {
        let both = recipes(&[
            ("configure.ac", "LT_INIT([win32-dll])\n"),
            ("CMakeLists.txt", "  SET (CMAKE_BUILD_TYPE Release)\n"),
        ]);
        assert!(both.is_twice() && both.has_type());
        let one = recipes(&[
            ("configure.ac", "LT_INIT([disable-static])\n"),
            ("CMakeLists.txt", "if(CMAKE_BUILD_TYPE)\n"),
        ]);
        assert!(!one.is_twice() && !one.has_type());
    }

    #[test]
    fn sources_are_named_or_taken_by_patterns() {
        let recipes = recipes(&[
            ("Makefile", "OBJS = $(O)/main.o $(LIB)/a-b.lo\n%.o: %.c\n\tcc $<\n"),
            (
                "lib/CMakeLists.txt",
                "add_library(x y.cpp ${DIR}/z.c)\nfile(GLOB ALL ${CMAKE_SOURCE_DIR}/more/*.c)\n",
            ),
            ("sub/meson.build", "files('q.c')\nglob('a_*.cc')\n"),
        ]);
        for named in
            ["main.c", "a-b.c", "lib/y.cpp", "lib/z.c", "lib/more/any.c", "sub/any.cc", "sub/deep/any.cc"]
        {
            assert!(recipes.names(named), "{named}");
        }
        assert!(!recipes.names("other/input.c") && !recipes.names("lib/w.c"));
    }
}
