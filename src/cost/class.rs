//! The kinds of work that a command does, as far as costs differ.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares [`Class`] with the name and description of each value.
macro_rules! classes {
    ($($name:ident = $text:literal: $description:literal,)*) => {
        /// A kind of work.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Class {
            $(#[doc = $description] #[serde(rename = $text)] $name,)*
        }

        impl Class {
            /// Every class, in the order of the table of defaults.
            pub const VALUES: &[Self] = &[$(Self::$name),*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

classes! {
    Builtin = "builtin": "Builtins of the shell and programs that end at once.",
    Files = "files": "Copying, moving, deleting, changing files.",
    Text = "text": "Filters over text.",
    Gzip = "gzip": "Compressing with gzip or bzip2.",
    Xz = "xz": "Compressing with xz.",
    Zstd = "zstd": "Compressing with zstd.",
    Unpack = "unpack": "Decompressing and unpacking archives.",
    Checksum = "checksum": "Hashing and signatures.",
    Download = "download": "Fetching over the network.",
    Git = "git": "Cloning and fetching repositories.",
    AptUpdate = "apt-update": "Refreshing the package lists of Debian or Ubuntu.",
    AptInstall = "apt-install": "Installing packages of Debian or Ubuntu.",
    Apk = "apk": "Installing packages of Alpine.",
    Dnf = "dnf": "Installing packages of Fedora, RHEL, SUSE or Arch.",
    GoDownload = "go-download": "Downloading Go modules.",
    GoBuild = "go-build": "Compiling Go.",
    CargoFetch = "cargo-fetch": "Downloading crates and toolchains.",
    CargoBuild = "cargo-build": "Compiling Rust.",
    NpmInstall = "npm-install": "Installing JavaScript packages.",
    NodeBuild = "node-build": "Bundling and type-checking JavaScript.",
    Node = "node": "Running JavaScript.",
    PipInstall = "pip-install": "Installing Python packages.",
    PythonBuild = "python-build": "Building Python packages and extensions.",
    Python = "python": "Running Python.",
    JvmBuild = "jvm-build": "Maven, Gradle, sbt.",
    Jvm = "jvm": "Running a Java program or compiler.",
    Dotnet = "dotnet": "The .NET SDK.",
    Bundler = "bundler": "Installing Ruby gems.",
    Composer = "composer": "Installing PHP packages.",
    PhpExtension = "php-extension": "Building extensions of PHP.",
    Packages = "packages": "Installing packages of R and Julia, which are compiled.",
    Mix = "mix": "Building Elixir and Erlang.",
    Haskell = "haskell": "Building Haskell and OCaml.",
    CCompile = "c-compile": "Compiling C.",
    CxxCompile = "cxx-compile": "Compiling C++.",
    Make = "make": "Building with make, ninja, cmake, Meson or Bazel.",
    Configure = "configure": "Configuring a build: many short processes.",
    Test = "test": "Running tests.",
    Sleep = "sleep": "Waiting.",
    System = "system": "Users, locales, certificates, linker caches.",
    Script = "script": "A shell script whose text is not in the Dockerfile.",
    Interpreter = "interpreter": "Running Perl, Ruby, PHP, Lua and the like.",
    Unknown = "unknown": "A program of which nothing is known.",
}

impl Class {
    /// Whether its work grows with a project: who has little to compile usually has few packages to install, too.
    pub const fn grows_with_project(self) -> bool {
        matches!(
            self,
            Self::GoDownload
                | Self::GoBuild
                | Self::CargoFetch
                | Self::CargoBuild
                | Self::NpmInstall
                | Self::NodeBuild
                | Self::PipInstall
                | Self::PythonBuild
                | Self::JvmBuild
                | Self::Dotnet
                | Self::Bundler
                | Self::Composer
                | Self::Packages
                | Self::Mix
                | Self::Haskell
                | Self::CCompile
                | Self::CxxCompile
                | Self::Make
                | Self::Configure
                | Self::Test
        )
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
