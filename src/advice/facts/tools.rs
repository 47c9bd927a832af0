//! What well-known programs do: which compile, fetch or bundle, and which cannot depend on a variable of the build.
//!
//! Looks at one command at a time, as the shell would start it. Where it does not know a program it says so.

use crate::model::path::base;
use crate::shell::SimpleCommand;

/// A compiler or build system whose output is for one architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::advice) enum Compiler {
    /// `go build`, `go install`.
    Go,
    /// `cargo build`, `cargo install`, `rustc`.
    Rust,
    /// `gcc`, `clang` and their like, called directly.
    C,
    /// `dotnet publish`: mostly portable, but for its launcher.
    Dotnet,
    /// Maven and Gradle: portable.
    Java,
    /// `swift build`, `zig build`, `crystal build`, `nim c`, `ghc`, …
    Other,
}

impl Compiler {
    /// The name for messages.
    pub(in crate::advice) const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Dotnet => ".NET",
            Self::Java => "Java",
            Self::Other => "compiled",
        }
    }
}

/// The first argument that is no option.
fn subcommand<'s>(command: &'s SimpleCommand<'_>) -> Option<&'s str> {
    command.args.iter().map(|arg| &**arg).find(|arg| !arg.starts_with('-') && !arg.starts_with('+'))
}

/// Which compiler a command is, if it makes programs for one architecture.
pub(in crate::advice) fn compiler(command: &SimpleCommand<'_>) -> Option<Compiler> {
    let has = |words: &[&str]| command.args.iter().any(|arg| words.contains(&&**arg));
    let asks = || has(&["--version", "-version", "--help", "-v", "-V"]);
    let compiler = match (command.base_name(), subcommand(command)) {
        ("go", Some("build" | "install")) => Compiler::Go,
        ("cargo", Some("build" | "b" | "install" | "rustc")) | ("rustc", _) if !asks() => Compiler::Rust,
        ("gcc" | "cc" | "g++" | "c++" | "clang" | "clang++", _)
            if !asks() && command.args.iter().any(|arg| arg == "-o" || arg.ends_with(".c")) =>
        {
            Compiler::C
        }
        ("swift" | "zig" | "crystal" | "stack" | "cabal" | "dub" | "shards", Some("build")) => {
            Compiler::Other
        }
        ("ghc" | "nimble" | "ldc2", Some(_)) if !asks() => Compiler::Other,
        _ => return None,
    };
    let portable = command.args.iter().any(|arg| {
        let is_wasm = || ["wasm32", "wasm64", "wasi"].iter().any(|word| arg.contains(word));
        arg == "-fsyntax-only" || arg.contains("bpf") || arg.contains("was") && is_wasm()
    });
    (!portable).then_some(compiler)
}

/// Which build system a command is, if what it makes runs on every architecture.
pub(in crate::advice) fn portable_compiler(command: &SimpleCommand<'_>) -> Option<Compiler> {
    let goal = |goals: &[&str]| command.args.iter().any(|arg| goals.contains(&&**arg));
    // A profile of Hadoop's, a task of GraalVM's.
    let is_native = || command.args.iter().any(|arg| arg.contains("native"));
    match command.base_name() {
        "dotnet" if goal(&["publish", "build"]) => Some(Compiler::Dotnet),
        "mvn" | "mvnw" | "gradle" | "gradlew" if is_native() => None,
        "mvn" | "mvnw" if goal(&["package", "verify", "install", "compile"]) => Some(Compiler::Java),
        "gradle" | "gradlew"
            if goal(&["build", "assemble", "bootJar", "jar", "shadowJar", "installDist"]) =>
        {
            Some(Compiler::Java)
        }
        _ => None,
    }
}

/// Whether a command fetches what a project depends on, and the files that say what that is.
pub(in crate::advice) fn fetch(command: &SimpleCommand<'_>) -> Option<&'static str> {
    let sub = subcommand(command);
    let has = |word: &str| command.args.iter().any(|arg| arg == word);
    match (command.base_name(), sub) {
        ("npm", Some("ci" | "install" | "i")) if global_or_named(command) => None,
        ("npm", Some("ci" | "install" | "i")) => Some("package.json package-lock.json"),
        ("yarn", None | Some("install")) if !has("--version") => Some("package.json yarn.lock"),
        ("pnpm", Some("install" | "i" | "fetch")) if !global_or_named(command) => {
            Some("package.json pnpm-lock.yaml")
        }
        ("go", Some("mod")) if has("download") => Some("go.mod go.sum"),
        ("cargo", Some("fetch")) => Some("Cargo.toml Cargo.lock"),
        ("pip" | "pip3", Some("install")) if has("-r") || has("--requirement") => Some("requirements.txt"),
        ("poetry", Some("install")) => Some("pyproject.toml poetry.lock"),
        ("uv", Some("sync")) => Some("pyproject.toml uv.lock"),
        ("bundle", Some("install")) => Some("Gemfile Gemfile.lock"),
        ("composer", Some("install")) => Some("composer.json composer.lock"),
        ("mvn", Some(goal)) if goal.starts_with("dependency:") => Some("pom.xml"),
        ("dotnet", Some("restore")) => Some("*.csproj"),
        _ => None,
    }
}

/// `npm install -g …` or `npm install name`: no dependencies of the project.
fn global_or_named(command: &SimpleCommand<'_>) -> bool {
    let global = command.args.iter().any(|arg| matches!(&**arg, "-g" | "--global"));
    let words = command.args.iter().filter(|arg| !arg.starts_with('-')).count();
    global || words > 1
}

/// Whether a command bundles a front end: output for browsers, the same everywhere.
pub(in crate::advice) fn bundles(command: &SimpleCommand<'_>) -> bool {
    let runs_build = |arg: Option<&str>| {
        arg.is_some_and(|script| {
            script == "build" || script.starts_with("build:") || script.ends_with(":build")
        })
    };
    let words: Vec<&str> = command.args.iter().map(|a| &**a).filter(|a| !a.starts_with('-')).collect();
    match command.base_name() {
        "npm" | "pnpm" | "yarn" | "bun" => {
            let script = match words.first() {
                Some(&"run" | &"run-script") => words.get(1).copied(),
                other if command.base_name() != "npm" => other.copied(),
                _ => None,
            };
            runs_build(script)
        }
        "vite" | "webpack" | "ng" | "gulp" => runs_build(words.first().copied()) || words.is_empty(),
        _ => false,
    }
}

/// What is known of a command and a variable of its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::advice) enum Reads {
    /// It does not look at it.
    No,
    /// It may.
    Perhaps,
}

/// Variables that the Go toolchain reads.
const GO: [&str; 10] =
    ["GOOS", "GOARCH", "GOARM", "GOAMD64", "GOARM64", "CGO_ENABLED", "GOFLAGS", "CC", "CXX", "GO386"];

/// Whether a command may look at a variable that its own words do not name.
///
/// Known programs read the variables of their own trade only; every other program may read any.
pub(in crate::advice) fn reads(command: &SimpleCommand<'_>, variable: &str) -> Reads {
    let sub = subcommand(command);
    let platform = variable.starts_with("TARGET") || variable.starts_with("BUILD");
    let known = match command.base_name() {
        _ if command.wraps => true,
        "apt-get"
        | "apt"
        | "apk"
        | "dpkg"
        | "yum"
        | "dnf"
        | "microdnf"
        | "zypper"
        | "pacman"
        | "add-apt-repository"
        | "update-ca-certificates"
        | "apt-key"
        | "gpg"
        | "locale-gen"
        | "rpm"
        | "mkdir"
        | "rmdir"
        | "rm"
        | "cp"
        | "mv"
        | "ln"
        | "chmod"
        | "chown"
        | "touch"
        | "cat"
        | "tee"
        | "ls"
        | "cd"
        | "pwd"
        | "echo"
        | "printf"
        | "true"
        | "false"
        | ":"
        | "test"
        | "["
        | "[["
        | "set"
        | "exit"
        | "sleep"
        | "date"
        | "find"
        | "xargs"
        | "sort"
        | "uniq"
        | "head"
        | "tail"
        | "wc"
        | "cut"
        | "tr"
        | "sed"
        | "grep"
        | "install"
        | "stat"
        | "uname"
        | "id"
        | "which"
        | "command"
        | "sha256sum"
        | "sha512sum"
        | "md5sum"
        | "base64"
        | "basename"
        | "dirname"
        | "readlink"
        | "useradd"
        | "adduser"
        | "groupadd"
        | "addgroup"
        | "usermod"
        | "type"
        | "shopt"
        | "trap"
        | "wait"
        | "du"
        | "diff"
        | "patch"
        | "chgrp"
        | "setcap"
        | "fc-cache"
        | "ldconfig"
        | "pushd"
        | "popd"
        | "curl"
        | "wget"
        | "git"
        | "tar"
        | "unzip"
        | "gunzip"
        | "gzip"
        | "xz"
        | "bunzip2"
        | "zip"
        | "7z" => true,
        "go" => {
            let fetches = matches!(sub, Some("mod" | "version" | "vet" | "fmt"));
            fetches || platform || !GO.contains(&variable) && !variable.starts_with("CGO_")
        }
        "npm" | "yarn" | "pnpm" | "corepack" => {
            platform
                && matches!(
                    sub,
                    None | Some(
                        "ci" | "install"
                            | "i"
                            | "fetch"
                            | "config"
                            | "enable"
                            | "prepare"
                            | "cache"
                            | "add"
                            | "set"
                    )
                )
        }
        "pip" | "pip3" | "poetry" | "uv" | "pipx" => platform && sub != Some("run"),
        "gem" | "bundle" => platform && matches!(sub, Some("install" | "config")),
        "composer" => platform && sub == Some("install"),
        "rustup" => platform,
        "cargo" => platform && matches!(sub, Some("fetch" | "install" | "chef")),
        "dotnet" => platform && matches!(sub, Some("restore")),
        _ => false,
    };
    if known { Reads::No } else { Reads::Perhaps }
}

/// Whether a command only fetches and unpacks files, so that its result is what its words say.
pub(in crate::advice) fn is_transfer(command: &SimpleCommand<'_>) -> bool {
    matches!(
        command.base_name(),
        "curl"
            | "wget"
            | "tar"
            | "unzip"
            | "mkdir"
            | "rm"
            | "mv"
            | "cp"
            | "chmod"
            | "cd"
            | "sha256sum"
            | "echo"
            | "set"
            | "gunzip"
            | "git"
            | "ln"
            | "touch"
            | "true"
    )
}

/// Whether a command installs packages of a distribution.
pub(in crate::advice) fn is_package_manager(command: &SimpleCommand<'_>) -> bool {
    matches!(
        command.base_name(),
        "apt-get" | "apt" | "apk" | "yum" | "dnf" | "microdnf" | "zypper" | "pacman" | "rpm" | "dpkg"
    )
}

/// The spellings of an architecture in download names and compilers' words.
pub(in crate::advice) fn spellings(architecture: &str) -> &'static [&'static str] {
    match architecture {
        "amd64" => &["amd64", "x86_64", "x86-64", "x64"],
        "arm64" => &["arm64", "aarch64"],
        "arm" => &["arm", "armv5", "armv6", "armv6l", "armv7", "armv7l", "armhf", "armel"],
        "386" => &["386", "i686", "i386"],
        "riscv64" => &["riscv64"],
        "ppc64le" => &["ppc64le", "powerpc64le", "ppc64el"],
        "s390x" => &["s390x"],
        _ => &[],
    }
}

/// How many different architectures a text names.
pub(in crate::advice) fn architectures(text: &str) -> usize {
    let all = ["amd64", "arm64", "arm", "386", "riscv64", "ppc64le", "s390x"];
    all.iter().filter(|name| spellings(name).iter().any(|word| names(text, word))).count()
}

/// Whether a text holds a word. Letters and digits around it are let pass (`linuxamd64`) where the word is long enough to be
/// no part of another, which `arm` and `386` are not.
fn names(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    let joins = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let alone = |at: usize| {
        !joins(at.checked_sub(1).and_then(|at| bytes.get(at))) && !joins(bytes.get(at + word.len()))
    };
    let is_short = word.starts_with("arm") || word.len() < 4;
    // Most words are not there, which `contains` tells sooner than a search for places.
    text.contains(word) && (!is_short || text.match_indices(word).any(|(at, _)| alone(at)))
}

/// The toolchain that an image brings, for what runs in it out of sight.
pub(in crate::advice) fn of_image(image: &str) -> Option<Compiler> {
    match base(image).split([':', '@', '-']).next()? {
        "golang" | "go" => Some(Compiler::Go),
        "rust" => Some(Compiler::Rust),
        "gcc" => Some(Compiler::C),
        _ => None,
    }
}

/// Whether a command is one that an image for cross-compiling may have put a wrapper in the place of.
pub(in crate::advice) fn may_be_wrapped(command: &SimpleCommand<'_>) -> bool {
    const WRAPPED: [&str; 9] = ["go", "cargo", "rustc", "gcc", "g++", "cc", "c++", "clang", "clang++"];
    let sub = subcommand(command);
    let is_idle = matches!(sub, Some("mod" | "env" | "version" | "fmt" | "vet" | "fetch"));
    WRAPPED.contains(&command.base_name()) && !is_idle
}

#[cfg(test)]
mod tests {
    use super::architectures;

    #[test]
    fn architectures_are_words() {
        for (text, count) in [
            ("/usr/local/bin/swarm-cronjob", 0),
            ("/out/app-linux-arm", 1),
            ("/out/app-arm64 /out/app_armv7", 2),
            ("linuxamd64.tgz", 1),
            ("alarm-386x charm64", 0),
            ("GOARCH=arm go build", 1),
        ] {
            assert_eq!(architectures(text), count, "{text}");
        }
    }
}
