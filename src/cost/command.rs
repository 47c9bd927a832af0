//! What the words of a command tell of its work: what it grows with, how often it is done, how much of it, and on how many cores.

use crate::shell::{Repeats, SimpleCommand};

use super::bundlers::bundler;
use super::cargo::{installs_own, of_release};
use super::class::Class;
use super::classify::classify;
use super::known::Known;
use super::programs::{Scale, Verbs, behavior, operands, program};
use super::run::UNKNOWN_LOOP;
use super::size::language_of;

/// The class of a command, and what of the project its work grows with.
pub(super) fn what(command: &SimpleCommand<'_>, known: &Known<'_>) -> (Class, Scale) {
    let mut class = classify(command);
    if class == Class::GoDownload && operands(command).next() == Some("get") && gets_compile(known.image) {
        class = Class::GoBuild;
    }
    let row = behavior(command).filter(|row| row.class == class);
    let has = |wanted: &[&str]| command.args.iter().any(|arg| wanted.contains(&&**arg));
    let reads_list = || has(&["sync"]) || requirements(command).is_some() || own_package(command).is_some();
    let asks_for_own = match class {
        // `npm install -g x` and `npm install x` name what they install.
        Class::NpmInstall => !has(&["-g", "--global", "global"]) && operands(command).count() < 2,
        Class::PipInstall => {
            row.is_none_or(|row| row.manifests == "requirements.txt") && reads_list()
                || row.is_some_and(|row| {
                    row.scale == Scale::Requirements && row.manifests != "requirements.txt"
                }) && (command.base_name() != "uv" || reads_list())
        }
        Class::CargoBuild => installs_own(command) != Some(false),
        _ => true,
    };
    let scale = match (row, class) {
        _ if !asks_for_own || is_tool(class, command) => Scale::Fixed,
        (Some(row), _) => row.scale,
        (None, Class::PipInstall) => Scale::Requirements,
        (None, Class::Make) => Scale::C,
        (None, Class::NodeBuild) => Scale::Scripts,
        _ => Scale::Fixed,
    };
    match (class, known.project) {
        (Class::Make, Some(project)) if scale == Scale::C => language_of(project),
        _ => (class, scale),
    }
}

/// Whether a command of Go's builds programs of others: `go install x@v1`, `go install tool`.
fn is_tool(class: Class, command: &SimpleCommand<'_>) -> bool {
    class == Class::GoBuild && operands(command).any(|arg| arg.contains('@') || arg == "tool")
}

/// Where a command looks for what tells how much it has to do: the list that it names, or the folder that it works in, which is `folder`
/// unless an option leads elsewhere.
pub(super) fn place(class: Class, command: &SimpleCommand<'_>, folder: &str) -> String {
    let to = match (class, command.base_name()) {
        (Class::PipInstall, "uv") => option(command, &["--project", "--directory"]),
        (_, "npm") => option(command, &["--prefix", "-C"]),
        (_, "pnpm") => option(command, &["--dir", "-C", "--prefix"]),
        (_, "yarn" | "bun") => option(command, &["--cwd"]),
        (Class::Configure, "cmake") => option(command, &["-S"]).or_else(|| operands(command).next()),
        (Class::Configure, "configure") => command.name.rsplit_once('/').map(|(to, _)| to),
        (_, "poetry") => option(command, &["--directory", "-C", "--project", "-P"]),
        (_, "go" | "make" | "gmake" | "ninja") => option(command, &["-C", "--directory"]),
        (_, "cargo" | "xx-cargo" | "cross") => {
            let manifest = option(command, &["--manifest-path"]);
            manifest
                .map(|file| file.rsplit_once('/').map_or("", |(to, _)| to))
                .or_else(|| option(command, &["--path"]))
        }
        _ => None,
    };
    let own = || match class {
        Class::PipInstall => requirements(command).map(str::to_owned).or_else(|| {
            let folder = own_package(command)?.split('[').next()?;
            Some(format!("{folder}/pyproject.toml"))
        }),
        _ => None,
    };
    match to.map(str::to_owned).or_else(own) {
        Some(to) if to.starts_with('/') => to,
        Some(to) if !to.contains('$') => format!("{folder}/{to}"),
        _ => folder.to_owned(),
    }
}

/// The list of requirements that an installer of Python is given.
pub(super) fn requirements<'c>(command: &'c SimpleCommand<'_>) -> Option<&'c str> {
    option(command, &["-r", "--requirement", "--requirements"])
}

/// The folder of a project that an installer of Python is given in place of a name: `.`, `./lib[extra]`.
fn own_package<'c>(command: &'c SimpleCommand<'_>) -> Option<&'c str> {
    operands(command).find(|word| *word == "." || word.starts_with("./") || word.starts_with(".["))
}

/// The packages that a command names to be installed, and its sub-commands.
pub(super) fn named<'c>(command: &'c SimpleCommand<'_>) -> impl Iterator<Item = &'c str> {
    operands(command).filter(|word| !word.starts_with(['.', '/', '$']) && !word.contains("://"))
}

/// The value of the first of some options that a command has: `-C web`, `-Cweb`, `--dir=web`.
pub(super) fn option<'c>(command: &'c SimpleCommand<'_>, names: &[&str]) -> Option<&'c str> {
    let mut args = command.args.iter().map(|arg| &**arg);
    while let Some(arg) = args.next() {
        for name in names {
            match arg.strip_prefix(name) {
                Some("") => return args.next(),
                Some(value) if name.starts_with("--") => {
                    if let Some(value) = value.strip_prefix('=') {
                        return Some(value);
                    }
                }
                Some(value) => return Some(value),
                None => {}
            }
        }
    }
    None
}

/// What a command compiles for, where that is not what the machine's own programs are: results for one system, or with other
/// options, are of no use for another. Empty for the usual.
pub(super) fn variant(class: Class, command: &SimpleCommand<'_>, known: &Known<'_>) -> String {
    let set = |name: &str| {
        let own = command.assignments.iter().rfind(|(set, _)| set == name).map(|(_, value)| &**value);
        let value = own.or_else(|| known.variable(name))?;
        let name = value.strip_prefix('$').map(|rest| rest.trim_matches(['{', '}']));
        Some(name.and_then(|name| known.variable(name)).unwrap_or(value)).filter(|value| !value.is_empty())
    };
    let wraps_for_target = command.base_name().starts_with("xx-");
    let mut parts: Vec<&str> = Vec::new();
    match class {
        Class::GoBuild => {
            let of = |name, of_target| set(name).or_else(|| set(of_target).filter(|_| wraps_for_target));
            parts.extend(of("GOARCH", "TARGETARCH").filter(|own| *own != known.system.architecture));
            parts.extend(of("GOOS", "TARGETOS").filter(|own| *own != "linux"));
            if !parts.is_empty() {
                parts.extend(of("GOARM", "TARGETVARIANT"));
            }
        }
        Class::CargoBuild => {
            parts.extend(option(command, &["--target"]).or_else(|| set("CARGO_BUILD_TARGET")));
            parts.extend(set("TARGETPLATFORM").filter(|_| wraps_for_target));
            let is_release = command.args.iter().any(|arg| matches!(&**arg, "--release" | "-r" | "install"));
            parts.extend(option(command, &["--profile"]).or(is_release.then_some("release")));
        }
        _ => {}
    }
    parts.join(" ")
}

/// How much of the work of the usual tool of its class a program does for the same; `is_sized` says that the project tells how much that
/// is.
///
/// Source: guesses; uv's and bun's own comparisons with pip and npm have 10 times and more without a download, of which unpacking
/// and writing the same files leaves less; poetry resolves and installs in Python alone. Of the tools that make `configure`, each of
/// GNU's takes a second, and `autoreconf` runs them all. conda solves for half a minute whatever is asked for and brings libraries
/// along, and whole environments are several times that. Programs of Go's that a build installs first are mostly smaller than what it builds; of
/// those of Rust's the ten of the fitted half of `tests/data/projects` take 73 core-seconds in the middle.
pub(super) fn pace(class: Class, command: &SimpleCommand<'_>, is_sized: bool) -> f64 {
    bundler(command).or_else(|| of_release(command)).unwrap_or_else(|| match command.base_name() {
        "autoconf" | "automake" | "aclocal" | "autoheader" | "autopoint" | "libtoolize" => 0.17,
        "autoreconf" | "autogen.sh" | "autogen" | "bootstrap.sh" | "bootstrap" | "buildconf" if !is_sized => {
            0.7
        }
        "cmake" | "meson" if class == Class::Configure && !is_sized => 0.2,
        _ if is_tool(class, command) => 0.4,
        _ if class == Class::CargoBuild && installs_own(command) == Some(false) => 0.35,
        "uv" | "bun" => 0.4,
        "pnpm" => 0.8,
        "poetry" => 1.5,
        name @ ("conda" | "mamba" | "micromamba") if class == Class::PipInstall => {
            let is_list = |arg: &str| matches!(arg, "env" | "-f" | "--file") || arg.starts_with("--file=");
            let usual = if command.args.iter().any(|arg| is_list(arg)) { 15.0 } else { 6.0 };
            if name == "conda" { usual } else { usual / 2.0 }
        }
        "pipenv" => 2.0,
        // They build libraries as large as Boost. Source: a guess, by `cppagent` and `LAPIS-SILO` of `tests/data/published`.
        "conan" | "vcpkg" => 8.0,
        // One gem by its name, and not a project's.
        "gem" => 0.2,
        _ => 1.0,
    })
}

/// The part of what a project needs that a command installs: without what only its development needs, which a step whose `NODE_ENV` is
/// `production` leaves out where it is not told otherwise.
///
/// Source: `tests/data/timing`, node-front, whose `npm ci --omit=dev` takes a third of its `npm ci`. Of `npm rebuild`, which runs the scripts of what is
/// there, a guess.
pub(super) fn part(class: Class, command: &SimpleCommand<'_>, node_env: Option<&str>) -> f64 {
    if class != Class::NpmInstall {
        return 1.0;
    }
    let has = |words: &[&str]| command.args.iter().any(|arg| words.contains(&&**arg));
    let is_told = has(&["--omit=dev", "--production", "--prod", "--only=production", "--only=prod"])
        || command.args.windows(2).any(|pair| pair == ["--omit", "dev"]);
    let is_all =
        has(&["--production=false", "--prod=false", "--include=dev", "--include", "--dev", "-D", "-g"]);
    match () {
        () if has(&["rebuild"]) => 0.15,
        () if is_told || node_env == Some("production") && !is_all => 0.35,
        () => 1.0,
    }
}

/// Whether `go get` of an image compiles what it fetches, as it did up to Go 1.17.
fn gets_compile(image: &str) -> bool {
    let tag = image.rsplit_once("/golang:1.").map_or("", |(_, tag)| tag);
    let minor = tag.split(|c: char| !c.is_ascii_digit()).next().and_then(|minor| minor.parse::<u32>().ok());
    minor.is_some_and(|minor| minor <= 17)
}

/// Whether a command builds C or C++ of which the project does not tell how much it is.
pub(super) fn is_of_others(class: Class, scale: Scale, command: &SimpleCommand<'_>) -> bool {
    class == Class::Make && (scale == Scale::C || matches!(command.base_name(), "conan" | "vcpkg"))
}

/// How often a command is expected to run.
pub(super) fn times(command: &SimpleCommand<'_>) -> f64 {
    let repeats = match command.repeats {
        Repeats::Times(times) => f64::from(times),
        Repeats::Unknown => UNKNOWN_LOOP,
    };
    match command.reached {
        crate::shell::Reached::Always => repeats,
        crate::shell::Reached::Perhaps => repeats / 2.0,
    }
}

/// Packages or files that a command names, where its class counts them.
pub(super) fn items(class: Class, command: &SimpleCommand<'_>) -> f64 {
    let operands = command.args.iter().filter(|arg| !arg.starts_with('-') && !arg.starts_with('$')).count();
    match class {
        // The first is the verb.
        Class::AptInstall | Class::Apk | Class::Dnf => operands.saturating_sub(1).max(1) as f64,
        Class::PhpExtension => {
            let verbs = usize::from(command.base_name() == "pecl");
            operands.saturating_sub(verbs).max(1) as f64
        }
        Class::CCompile | Class::CxxCompile => {
            let source = |arg: &&std::borrow::Cow<'_, str>| {
                [".c", ".cc", ".cpp", ".cxx", ".C", ".s", ".S"].iter().any(|end| arg.ends_with(end))
            };
            command.args.iter().filter(source).count().max(1) as f64
        }
        _ => 1.0,
    }
}

/// How many things a build system is asked to make by their names; none where it makes all.
pub(super) fn targets(command: &SimpleCommand<'_>) -> usize {
    let is_whole = |name: &str| matches!(name, "all" | "install" | "clean") || name.contains('=');
    let makes = program(command.base_name()).is_some_and(|program| program.verbs == Verbs::Each);
    if makes { operands(command).filter(|name| !is_whole(name)).count() } else { 0 }
}

/// The serial part where the arguments tell it: `make` without `-j` uses one core.
pub(super) fn serial(class: Class, command: &SimpleCommand<'_>) -> Option<f64> {
    let parallel = || {
        command
            .args
            .iter()
            .any(|arg| arg.starts_with("-j") || arg.starts_with("--jobs") || arg.starts_with("--parallel"))
    };
    let single =
        class == Class::Make && matches!(command.base_name(), "make" | "gmake" | "cmake") && !parallel();
    single.then_some(1.0)
}

/// The argument of `sleep` in seconds; several add up, as in coreutils.
pub(super) fn sleep(command: &SimpleCommand<'_>) -> f64 {
    let seconds = |arg: &str| {
        let (number, unit) = match arg.strip_suffix(['s', 'm', 'h', 'd']) {
            Some(number) => (number, &arg[number.len()..]),
            None => (arg, "s"),
        };
        let unit = match unit {
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => 1.0,
        };
        number.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0).map_or(0.0, |n| n * unit)
    };
    command.args.iter().map(|arg| seconds(arg)).sum()
}
