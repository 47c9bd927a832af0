//! What well-known programs do: which compile, fetch or bundle, and which cannot depend on a variable of the build.
//!
//! Looks at one command at a time, as the shell would start it. Where it does not know a program it says so.

use crate::advice::facts::configured;
use crate::cost::Class;
pub(in crate::advice) use crate::cost::programs::Compiler;
use crate::cost::programs::{Ignores, behavior, compiles, program, subcommand};
use crate::model::path::base;
use crate::shell::SimpleCommand;

/// Which compiler a command is, if it makes programs for one architecture.
pub(in crate::advice) fn compiler(command: &SimpleCommand<'_>) -> Option<Compiler> {
    if configured::builds(command.base_name(), command.args.iter().map(|arg| &**arg)) {
        return Some(Compiler::C);
    }
    let compiler = own_compiler(command).filter(|compiler| !compiler.is_portable())?;
    let has = |words: &[&str]| command.args.iter().any(|arg| words.contains(&&**arg));
    let asks = || has(&["--version", "-version", "--help", "-v", "-V", "-vV", "-Vv", "--print"]);
    let makes = match (compiler, command.base_name()) {
        (Compiler::C, _) => !asks() && command.args.iter().any(|arg| arg == "-o" || arg.ends_with(".c")),
        (Compiler::Other, "ghc" | "nimble" | "ldc2") => !asks() && subcommand(command).is_some(),
        (Compiler::Rust, _) => !asks() || subcommand(command) == Some("install"),
        _ => true,
    };
    let portable = command.args.iter().any(|arg| {
        let is_wasm = || ["wasm32", "wasm64", "wasi"].iter().any(|word| arg.contains(word));
        arg == "-fsyntax-only" || arg.contains("bpf") || arg.contains("was") && is_wasm()
    });
    (makes && !portable).then_some(compiler)
}

/// Which build system a command is, if what it makes runs on every architecture.
pub(in crate::advice) fn portable_compiler(command: &SimpleCommand<'_>) -> Option<Compiler> {
    let compiler = own_compiler(command).filter(|compiler| compiler.is_portable())?;
    // A profile of Hadoop's, a task of GraalVM's.
    let is_native = command.args.iter().any(|arg| arg.contains("native"));
    (compiler == Compiler::Dotnet || !is_native).then_some(compiler)
}

/// What the table says of a command by its own name: `xx-go` is told apart from `go`, and `gcc-12` from `gcc`.
fn own_compiler(command: &SimpleCommand<'_>) -> Option<Compiler> {
    let name = command.base_name();
    let wraps = name.starts_with("xx-") || name.starts_with("goxx-") || name == "cross" || name == "tinygo";
    (!wraps && !name.ends_with(|last: char| last.is_ascii_digit())).then(|| compiles(command))?
}

/// Whether a command fetches what a project depends on, and the files that say what that is.
pub(in crate::advice) fn fetch(command: &SimpleCommand<'_>) -> Option<&'static str> {
    let manifests = behavior(command)?.manifests;
    let has = |word: &str| command.args.iter().any(|arg| arg == word);
    let asks_for_others = match program(command.base_name()).map(|program| program.default.class) {
        _ if manifests.is_empty() => true,
        Some(Class::NodeBuild) => global_or_named(command) || has("--version"),
        Some(Class::PipInstall) if manifests == "requirements.txt" => !has("-r") && !has("--requirement"),
        _ if manifests.starts_with("go.mod") => !has("download"),
        _ => false,
    };
    let is_maven = || subcommand(command).is_some_and(|goal| goal.starts_with("dependency:"));
    match command.base_name() {
        "mvn" if is_maven() => Some("pom.xml"),
        _ => (!asks_for_others).then_some(manifests),
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
    let mut words = words(command);
    let mut program = command.base_name();
    // Programs that run another: `npx vite build`, `pnpm exec ng build`.
    let runs = match program {
        "npx" | "bunx" | "pnpx" => 0,
        "npm" | "pnpm" | "yarn" | "bun" if matches!(words.first(), Some(&("exec" | "dlx" | "x"))) => 1,
        "pnpm" | "yarn" | "bun" if words.first().is_some_and(|word| is_bundler(word) || runs_tasks(word)) => {
            0
        }
        _ => usize::MAX,
    };
    if let Some((inner, rest)) = words.get(runs..).and_then(<[&str]>::split_first) {
        program = inner.split('@').next().unwrap_or(inner);
        words = rest.to_vec();
    }
    match program {
        "npm" | "pnpm" | "yarn" | "bun" => {
            let script = match words.as_slice() {
                ["run" | "run-script", "-r" | "-ws", script, ..] | ["run" | "run-script", script, ..] => {
                    Some(*script)
                }
                ["workspace", _, "run", script, ..] | ["workspace", _, script, ..] => Some(*script),
                ["workspaces", "run" | "foreach", rest @ ..] => {
                    rest.iter().rev().copied().find(|word| *word != "run")
                }
                [script, ..] if program != "npm" => Some(*script),
                _ => None,
            };
            script.is_some_and(is_build)
        }
        "flutter" => words.starts_with(&["build", "web"]),
        program if runs_tasks(program) => words.iter().any(|word| is_build(word)),
        program if is_bundler(program) => {
            let first = words.first().copied();
            let has_verbs = matches!(
                program,
                "ng" | "astro"
                    | "next"
                    | "nuxt"
                    | "nuxi"
                    | "vue-cli-service"
                    | "react-scripts"
                    | "vitepress"
                    | "vuepress"
                    | "storybook"
                    | "expo"
                    | "quasar"
                    | "ionic"
                    | "hexo"
                    | "docusaurus"
                    | "gatsby"
                    | "ember"
                    | "mkdocs"
                    | "jekyll"
                    | "mdbook"
                    | "zola"
                    | "hugo"
                    | "elm-app"
                    | "trunk"
            );
            let serves = |word: &str| {
                matches!(
                    word,
                    "serve" | "dev" | "watch" | "start" | "preview" | "test" | "lint" | "init" | "add"
                )
            };
            // Folders are values of options.
            first.is_none_or(|word| {
                is_build(word)
                    || matches!(word, "generate" | "export" | "prod" | ".")
                    || word.starts_with('/')
            }) || !has_verbs && first.is_some_and(|word| !serves(word))
        }
        _ => false,
    }
}

/// Whether a command of Node's may pack a program together with a runtime for the machine: by one of the packagers, or by a script
/// that is called as such scripts are.
pub(in crate::advice) fn packs_runtime(command: &SimpleCommand<'_>) -> bool {
    let packs = |word: &&str| {
        let name = word.split('@').find(|part| !part.is_empty()).unwrap_or(word);
        let name = name.rsplit('/').next().unwrap_or(name);
        ["electron", "tauri", "nexe", "caxa"].iter().any(|packager| word.contains(packager))
            || matches!(name, "pkg" | "package" | "pack" | "make" | "sea" | "binary")
    };
    matches!(command.base_name(), "npm" | "pnpm" | "yarn" | "bun" | "npx" | "bunx")
        && words(command).iter().any(packs)
}

/// Whether a command runs a script of the project's that is called `generate`, or `next build`: it writes a site, sources or a server.
pub(in crate::advice) fn generates(command: &SimpleCommand<'_>) -> bool {
    let words = words(command);
    let is_next = || words.ends_with(&["next", "build"]) || words.as_slice() == ["build"];
    match command.base_name() {
        "npm" | "pnpm" | "yarn" | "bun" => {
            words.last().is_some_and(|word| matches!(*word, "generate" | "export")) || is_next()
        }
        "npx" | "bunx" | "next" => is_next(),
        _ => false,
    }
}

/// Whether a command writes a site of texts, or installs what does: what it writes is the same everywhere.
pub(in crate::advice) fn writes_site(command: &SimpleCommand<'_>) -> bool {
    const WRITERS: [&str; 9] =
        ["mkdocs", "sphinx-build", "jekyll", "mdbook", "zola", "antora", "hugo", "pelican", "hexo"];
    let installs = matches!(command.base_name(), "pip" | "pip3" | "bundle" | "gem" | "uv" | "poetry");
    let is_plain =
        || !command.args.iter().any(|arg| arg == "-t" || arg.starts_with("--target") || arg == "wheel");
    let run = |word: &str| WRITERS.contains(&word);
    run(command.base_name())
        || installs && is_plain()
        || matches!(command.base_name(), "python" | "python3")
            && command.args.get(1).is_some_and(|arg| run(arg))
}

/// Programs that run a script of that name in several packages.
fn runs_tasks(program: &str) -> bool {
    matches!(program, "nx" | "turbo" | "lerna" | "moon" | "rush" | "wireit")
}

/// A script whose name says that it builds.
fn is_build(script: &str) -> bool {
    script == "build"
        || script.starts_with("build:")
        || script.starts_with("build-")
        || script.ends_with(":build")
        || script == "bundle"
}

/// Programs that make files for browsers.
fn is_bundler(program: &str) -> bool {
    const BUNDLERS: &[&str] = &[
        "vite",
        "webpack",
        "ng",
        "gulp",
        "parcel",
        "rollup",
        "astro",
        "vue-cli-service",
        "react-scripts",
        "nuxi",
        "nuxt",
        "rspack",
        "rsbuild",
        "esbuild",
        "vitepress",
        "vuepress",
        "docusaurus",
        "gatsby",
        "ember",
        "expo",
        "quasar",
        "ionic",
        "hexo",
        "eleventy",
        "storybook",
        "mkdocs",
        "sphinx-build",
        "jekyll",
        "mdbook",
        "zola",
        "antora",
        "hugo",
        "elm-app",
        "elm",
        "trunk",
        "pelican",
    ];
    BUNDLERS.contains(&program)
}

/// The words of a package manager that are neither options nor their values.
fn words<'s>(command: &'s SimpleCommand<'_>) -> Vec<&'s str> {
    const WITH_VALUE: [&str; 10] =
        ["--filter", "-F", "--prefix", "--cwd", "-C", "--dir", "-w", "--workspace", "--scope", "--config"];
    let mut words = Vec::new();
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        if WITH_VALUE.contains(&&**arg) {
            args.next();
        } else if !arg.starts_with(['-', '$']) {
            // What a variable holds is mostly options.
            words.push(&**arg);
        }
    }
    words
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
    let platform = variable.starts_with("TARGET") || variable.starts_with("BUILD");
    let wraps_tools = command.base_name().starts_with("xx-") || command.base_name().starts_with("goxx-");
    let ignores = behavior(command).filter(|_| !wraps_tools).map_or(Ignores::None, |row| row.ignores);
    let known = match ignores {
        _ if command.wraps => true,
        Ignores::All => true,
        Ignores::PlatformArguments => platform,
        Ignores::AllButGo => platform || !GO.contains(&variable) && !variable.starts_with("CGO_"),
        Ignores::None => false,
    };
    if known { Reads::No } else { Reads::Perhaps }
}

/// Whether a command only fetches and unpacks files, so that its result is what its words say.
pub(in crate::advice) fn is_transfer(command: &SimpleCommand<'_>) -> bool {
    behavior(command).is_some_and(|row| row.moves_files)
}

/// Whether a command prints what its words, the files that they name and the clock make it print, whatever the processor.
pub(in crate::advice) fn is_filter(command: &SimpleCommand<'_>) -> bool {
    const FILTERS: [&str; 28] = [
        "cat", "head", "tail", "sed", "awk", "grep", "egrep", "cut", "tr", "sort", "uniq", "wc", "jq", "tee",
        "date", "printf", "test", "[", "[[", ":", "basename", "dirname", "ls", "stat", "export", "unset",
        "readlink", "sleep",
    ];
    FILTERS.contains(&command.base_name())
}

/// Whether a command installs packages of a distribution.
pub(in crate::advice) fn is_package_manager(command: &SimpleCommand<'_>) -> bool {
    let class = |name| program(name).map(|program| program.default.class);
    let name = command.base_name();
    !name.starts_with("xx-") && matches!(class(name), Some(Class::AptInstall | Class::Apk | Class::Dnf))
}

/// Whether a program that is told a platform may hand it on out of sight, by a file or a setting.
pub(in crate::advice) fn may_hand_on(program: &str) -> bool {
    const SILENT: [&str; 24] = [
        "echo", "printf", "curl", "wget", "tar", "unzip", "mkdir", "cp", "mv", "rm", "ln", "chmod",
        "apt-get", "apt", "apk", "dnf", "test", "sed", "grep", "cut", "tr", "git", "go", "cargo",
    ];
    !SILENT.contains(&program)
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
