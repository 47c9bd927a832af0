//! Sources by language: which files count, and how much of them there is.

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
    /// Java, Kotlin and Scala.
    Java,
}

impl Language {
    /// All of them.
    pub(super) const VALUES: [Self; 8] =
        [Self::Go, Self::Rust, Self::C, Self::Cxx, Self::Header, Self::Script, Self::Python, Self::Java];

    /// Of a file by the end of its name.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, end) = name.rsplit_once('.')?;
        Some(match end {
            "go" if !stem.ends_with("_test") => Self::Go,
            "c" | "cc" | "cpp" | "cxx" | "c++" if is_test(stem) => return None,
            "rs" => Self::Rust,
            "c" => Self::C,
            "cc" | "cpp" | "cxx" | "c++" => Self::Cxx,
            "h" | "hh" | "hpp" | "hxx" => Self::Header,
            "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "vue" | "svelte" | "css" | "scss" | "less"
            | "sass" => Self::Script,
            "py" => Self::Python,
            "java" | "kt" | "scala" => Self::Java,
            _ => return None,
        })
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Cxx => "C++",
            Self::Header => "headers",
            Self::Script => "scripts and styles",
            Self::Python => "Python",
            Self::Java => "Java",
        }
    }
}

/// Whether a source of C or C++ is a test of others, by its name without its end.
fn is_test(stem: &str) -> bool {
    const ENDS: [&str; 7] = ["_test", "_tests", "_unittest", "_perftest", "_bench", "_benchmark", "_fuzzer"];
    stem.starts_with("test_") || ENDS.iter().any(|end| stem.ends_with(end))
}

/// Folders whose files are no sources of the project, or not what is built.
pub(super) const SKIPPED: [&str; 12] = [
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

/// Folders of C and C++ that a usual build for Linux leaves out.
pub(super) const SKIPPED_OF_C: [&str; 18] = [
    "amiga",
    "bench",
    "benchmark",
    "benchmarks",
    "contrib",
    "doc",
    "docs",
    "fuzz",
    "fuzzing",
    "bindings",
    "builds",
    "perf",
    "unittest",
    "unittests",
    "win",
    "win32",
    "windows",
    "vms",
];

/// Folders that hold sources of others.
pub(super) const VENDORED: [&str; 3] = ["vendor", "third_party", "deps"];

/// How much of a language there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sources {
    /// Bytes of the project's own.
    pub own: u64,
    /// Bytes of others that lie beside it.
    pub vendored: u64,
    /// Files, of both.
    pub files: u32,
}

impl Sources {
    /// Adds a file.
    pub(super) const fn add(&mut self, own: u64, vendored: u64) {
        self.own += own;
        self.vendored += vendored;
        self.files += 1;
    }
}
