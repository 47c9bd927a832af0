//! A platform in the words of a compiler, a distribution or a kernel: `linux/arm/v7` is `GOARM=7` to Go, `armhf` to
//! Debian and `armv7-unknown-linux-gnueabihf` to Rust.
//!
//! Owns the tables, one file a toolchain, each naming the source of its words. Knows nothing of Dockerfiles, builds or
//! the command line, and asks neither the machine nor a toolchain: the same platform gives the same words everywhere.

mod alpine;
mod debian;
mod docker;
mod gnu;
mod golang;
mod llvm;
mod rust;
mod target;
mod uname;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::model::platform::Platform;
use target::Target;

/// Every platform with words here, normalised: what Docker's documentation and BuildKit's worker list name for Linux,
/// then the others that toolchains build for.
pub const PLATFORMS: &[&str] = &[
    "linux/386",
    "linux/amd64",
    "linux/amd64/v2",
    "linux/amd64/v3",
    "linux/amd64/v4",
    "linux/arm/v5",
    "linux/arm/v6",
    "linux/arm/v7",
    "linux/arm/v8",
    "linux/arm64",
    "linux/loong64",
    "linux/mips",
    "linux/mips64",
    "linux/mips64le",
    "linux/mipsle",
    "linux/ppc64",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "windows/amd64",
    "windows/arm64",
    "darwin/amd64",
    "darwin/arm64",
];

/// Whose words a platform is translated into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Toolchain {
    /// The Go toolchain: `GOOS`, `GOARCH` and the variable of the architecture's level.
    ///
    /// Source: `internal/buildcfg/cfg.go` and `go tool dist list` of Go 1.27.
    Golang,
    /// Rust: target triples with glibc and with musl.
    ///
    /// Source: `rustc --print target-list`, tiers from `--print target-spec-json` of Rust 1.97.
    Rust,
    /// Debian and Ubuntu: the architecture of packages, the multiarch triplet, the package of the cross compiler.
    ///
    /// Source: dpkg's `cputable` and `tupletable`; the `Release` files of bookworm, trixie and forky.
    Debian,
    /// Alpine: the architecture of packages and the triple of its compiler.
    ///
    /// Source: `functions.sh` of abuild; the architectures of Alpine 3.23.
    Alpine,
    /// GNU: the triple that prefixes `gcc`, `ld` and the rest of a cross toolchain.
    ///
    /// Source: the cross compilers of Debian, which Ubuntu shares; mingw-w64 for Windows.
    Gnu,
    /// LLVM: the triple that `clang --target` takes.
    ///
    /// Source: the LLVM targets that Rust 1.97 hands on, with clang's names for versions of 32-bit arm.
    Llvm,
    /// The kernel: what `uname -m` prints.
    ///
    /// Source: `UTS_MACHINE` of the Linux kernel and `linux-user/uname.c` of QEMU.
    Uname,
    /// Docker itself: the platform in canonical form and in its parts.
    ///
    /// Source: containerd's `platforms` package, which BuildKit uses.
    Docker,
}

impl Toolchain {
    /// Every toolchain, in the order of the documentation.
    pub const VALUES: &[Self] = &[
        Self::Golang,
        Self::Rust,
        Self::Debian,
        Self::Alpine,
        Self::Gnu,
        Self::Llvm,
        Self::Uname,
        Self::Docker,
    ];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Golang => "golang",
            Self::Rust => "rust",
            Self::Debian => "debian",
            Self::Alpine => "alpine",
            Self::Gnu => "gnu",
            Self::Llvm => "llvm",
            Self::Uname => "uname",
            Self::Docker => "docker",
        }
    }

    /// The names of every field this toolchain has for some platform.
    pub const fn fields(self) -> &'static [FieldName] {
        match self {
            Self::Golang => golang::FIELDS,
            Self::Rust => rust::FIELDS,
            Self::Debian => debian::FIELDS,
            Self::Alpine => alpine::FIELDS,
            Self::Gnu => gnu::FIELDS,
            Self::Llvm => llvm::FIELDS,
            Self::Uname => uname::FIELDS,
            Self::Docker => docker::FIELDS,
        }
    }

    /// The platforms of [`PLATFORMS`] that this toolchain has words for.
    pub fn platforms(self) -> impl Iterator<Item = &'static str> {
        PLATFORMS.iter().copied().filter(move |name| {
            Platform::parse(name, &Platform::default())
                .is_ok_and(|platform| translate(&platform, self).is_ok())
        })
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Toolchain {
    type Err = TranslateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::VALUES
            .iter()
            .copied()
            .find(|toolchain| toolchain.as_str() == text)
            .ok_or_else(|| TranslateError::UnknownToolchain { name: text.into() })
    }
}

/// What a word is, whatever the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldName {
    /// `arch`, `target`, `triple`, …
    pub name: &'static str,
    /// The environment variable in which the toolchain expects the word, where there is one.
    pub variable: Option<&'static str>,
}

impl FieldName {
    const fn plain(name: &'static str) -> Self {
        Self { name, variable: None }
    }

    const fn variable(name: &'static str, variable: &'static str) -> Self {
        Self { name, variable: Some(variable) }
    }

    fn of(self, value: impl Into<Cow<'static, str>>) -> Field {
        Field { name: self, value: value.into() }
    }

    /// Whether `text` is this name or that of its environment variable.
    pub fn matches(self, text: &str) -> bool {
        self.name == text || self.variable == Some(text)
    }
}

/// One word of a toolchain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What the word is.
    pub name: FieldName,
    /// The word; never empty.
    pub value: Cow<'static, str>,
}

impl fmt::Display for Field {
    /// An assignment: `GOARM=7`, or `multiarch=arm-linux-gnueabihf` where the toolchain has no variable for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name.variable.unwrap_or(self.name.name), self.value)
    }
}

/// A platform in the words of one toolchain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// Whose words.
    pub toolchain: Toolchain,
    /// What they stand for, normalised.
    pub platform: Platform,
    /// The words, the most asked for first. Those that this platform has no use for are left out.
    pub fields: Vec<Field>,
}

impl Translation {
    /// The word called `name`, by its own name or that of its environment variable.
    ///
    /// Empty where the toolchain has such a word but not for this platform: a script that sets
    /// `GOARM` from it for every platform sets nothing where there is nothing to set.
    ///
    /// # Errors
    ///
    /// [`TranslateError::UnknownField`] where the toolchain has no such word for any platform.
    pub fn field(&self, name: &str) -> Result<&str, TranslateError> {
        let field = self.fields.iter().find(|field| field.name.matches(name));
        match field {
            Some(field) => Ok(&field.value),
            None if self.toolchain.fields().iter().any(|field| field.matches(name)) => Ok(""),
            None => Err(TranslateError::UnknownField { toolchain: self.toolchain, name: name.into() }),
        }
    }
}

/// Says `platform` in the words of `toolchain`.
///
/// # Errors
///
/// [`TranslateError::UnknownPlatform`] where no table has the platform, and [`TranslateError::Unsupported`] where this
/// toolchain does not build for it; both name what can be had instead.
///
/// # Example
///
/// ```
/// use xsim::model::platform::Platform;
/// use xsim::translate::{Toolchain, translate};
///
/// let platform = Platform::parse("linux/arm/v7", &Platform::default()).unwrap();
/// let words = translate(&platform, Toolchain::Golang).unwrap();
/// let lines: Vec<String> = words.fields.iter().map(ToString::to_string).collect();
/// assert_eq!(lines, ["GOOS=linux", "GOARCH=arm", "GOARM=7"]);
/// assert_eq!(words.field("arm").unwrap(), "7");
/// ```
pub fn translate(platform: &Platform, toolchain: Toolchain) -> Result<Translation, TranslateError> {
    let platform = platform.normalized();
    let words = match (toolchain, Target::of(&platform)) {
        // Docker's words are made of the platform's own parts, so it alone has some for every platform.
        (Toolchain::Docker, _) => Ok(docker::fields(&platform)),
        (_, None) => return Err(TranslateError::UnknownPlatform { platform }),
        (Toolchain::Golang, Some(target)) => golang::fields(target),
        (Toolchain::Rust, Some(target)) => Ok(rust::fields(target)),
        (Toolchain::Debian, Some(target)) => debian::fields(target),
        (Toolchain::Alpine, Some(target)) => alpine::fields(target),
        (Toolchain::Gnu, Some(target)) => gnu::fields(target),
        (Toolchain::Llvm, Some(target)) => Ok(llvm::fields(target)),
        (Toolchain::Uname, Some(target)) => uname::fields(target),
    };
    match words {
        Ok(fields) => Ok(Translation { toolchain, platform, fields }),
        Err(Missing(reason)) => {
            Err(TranslateError::Unsupported { platform: Box::new(platform), toolchain, reason })
        }
    }
}

/// Go's name for the architecture of a platform; `None` where it has none. As [`translate`] says it, sooner.
pub(crate) fn go_architecture(platform: &Platform) -> Option<&'static str> {
    golang::architecture(Target::of(&platform.normalized())?.cpu).ok()
}

/// Why a toolchain has no word for a platform, as the end of a sentence.
struct Missing(&'static str);

/// What one toolchain calls a target.
type Words = Result<Vec<Field>, Missing>;

/// A translation that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TranslateError {
    /// No toolchain of that name.
    UnknownToolchain {
        /// What was asked for.
        name: Box<str>,
    },
    /// No table has the operating system, the architecture or its variant.
    UnknownPlatform {
        /// What was asked for, normalised.
        platform: Platform,
    },
    /// The platform exists, and the toolchain does not build for it.
    Unsupported {
        /// What was asked for, normalised.
        platform: Box<Platform>,
        /// Whose words were wanted.
        toolchain: Toolchain,
        /// Why there are none, and what comes nearest.
        reason: &'static str,
    },
    /// The toolchain has no such field for any platform.
    UnknownField {
        /// Whose words were wanted.
        toolchain: Toolchain,
        /// The field that was asked for.
        name: Box<str>,
    },
}

impl fmt::Display for TranslateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownToolchain { name } => {
                write!(f, "no words for {name:?}; there are words for ")?;
                list(f, Toolchain::VALUES.iter().map(|toolchain| toolchain.as_str()))
            }
            Self::UnknownPlatform { platform } => {
                write!(f, "no toolchain's word for {platform} is known; known are ")?;
                list(f, PLATFORMS.iter().copied())
            }
            Self::Unsupported { platform, toolchain, reason } => {
                write!(f, "{toolchain} has no word for {platform}: {reason}; it has ")?;
                list(f, toolchain.platforms())
            }
            Self::UnknownField { toolchain, name } => {
                write!(f, "{toolchain} has no field {name:?}; it has ")?;
                list(f, toolchain.fields().iter().map(|field| field.name))
            }
        }
    }
}

impl std::error::Error for TranslateError {}

fn list(f: &mut fmt::Formatter<'_>, words: impl Iterator<Item = &'static str>) -> fmt::Result {
    for (at, word) in words.enumerate() {
        write!(f, "{}{word}", if at == 0 { "" } else { ", " })?;
    }
    Ok(())
}
