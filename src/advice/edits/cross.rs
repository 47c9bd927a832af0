//! Cross-compiling, by toolchain: the lines to write, for the platforms and the base image at hand.
//!
//! The names are those of [`translate`](crate::translate); the helper scripts are those of tonistiigi/xx, whose README
//! describes these uses of them.

use crate::advice::facts::call_sites::{called_as, calls};
use crate::advice::facts::context::{Context, Pin};
use crate::advice::facts::sight;
use crate::advice::facts::tools::{self, Compiler};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::ids::StageIx;
use crate::model::platform::Platform;
use crate::translate::{Toolchain, translate};

/// How a toolchain is told what to build for: in a sentence, and by the lines that take the place of the step, from the stage's
/// `FROM` on. The lines may quote the file.
#[derive(Debug)]
pub(in crate::advice) struct Cross {
    pub(in crate::advice) help: String,
    pub(in crate::advice) lines: Vec<String>,
}

/// What to write instead of the step.
pub(in crate::advice) fn cross(
    context: &Context<'_>,
    stage: StageIx,
    step: &Instruction<'_>,
    compiler: Compiler,
) -> Cross {
    let root = context.root(stage);
    let image = root.from.base.text;
    let name = root.name.map_or_else(String::new, |name| format!(" AS {name}"));
    let packages = Packages::of(context, stage);
    let site = Site {
        targets: context.node.graph.targets(),
        own: context.node.graph.build_platform(),
        from: format!("FROM --platform=$BUILDPLATFORM {image}{name}"),
        // What follows may be joined with `&&`.
        command: step.arguments.text.trim().trim_end_matches([';', '&', ' ', '\t']),
        tools: sight::tools(context),
        flags: step.flags.iter().flat_map(|flag| [" ", context.slice(flag.span)]).collect(),
        alpine: packages == Packages::Alpine,
    };
    let cgo = || uses_cgo(context, stage, step);
    let (help, mut lines) = match (compiler, packages) {
        (Compiler::Go, Packages::Others) if cgo() => without_packages(),
        (Compiler::Go, _) if cgo() => site.cgo(),
        (Compiler::Go, _) => site.go(),
        (Compiler::Rust | Compiler::C, Packages::Others) => without_packages(),
        (Compiler::Rust, Packages::Alpine) => site.rust_on_alpine(),
        (Compiler::Rust, Packages::Debian) => site.rust(),
        (Compiler::C, Packages::Alpine) => site.c_on_alpine(),
        (Compiler::C, Packages::Debian) => site.c(),
        (Compiler::Dotnet, _) if has_old_dotnet(image) => site.portable_dotnet(),
        (Compiler::Dotnet, _) => site.dotnet(),
        (Compiler::Java, _) => site.portable(),
        (Compiler::Other, _) => site.other(),
    };
    if context.stage(stage).pin == Pin::Build {
        lines.retain(|line| *line != site.from);
    }
    Cross { help: format!("{help}."), lines }
}

/// Whether something says that the step needs cgo.
fn uses_cgo(context: &Context<'_>, stage: StageIx, step: &Instruction<'_>) -> bool {
    const SIGNS: [&str; 7] = [
        "CGO_ENABLED=1",
        "CGO_ENABLED 1",
        "linkmode external",
        "linkmode=external",
        "-buildmode=c-",
        "-buildmode=plugin",
        "-race",
    ];
    let on = |text: &str| SIGNS.iter().any(|sign| text.contains(sign));
    let off = |text: &str| text.contains("CGO_ENABLED=0") || text.contains("CGO_ENABLED 0");
    let is_off = off(context.raw(step))
        || context.chain(stage).flat_map(|view| view.body).any(|i| off(context.raw(i)));
    // Who installs libraries to build with, or a compiler, has a use for them.
    let libraries = || {
        let runs = context.chain(stage).flat_map(|view| view.body).filter(|i| matches!(i.kind, Kind::Run(_)));
        runs.into_iter().any(|i| {
            context.commands(i).iter().any(|command| {
                let own =
                    |arg: &str| !matches!(arg, "libc6-dev" | "musl-dev" | "linux-libc-dev" | "libc-dev");
                let library = |arg: &str| (arg.ends_with("-dev") || arg.ends_with("-devel")) && own(arg);
                let compiler =
                    |arg: &str| matches!(arg, "gcc" | "g++" | "build-base" | "build-essential" | "clang");
                tools::is_package_manager(command)
                    && command.args.iter().any(|arg| library(arg) || compiler(arg))
            })
        })
    };
    on(context.raw(step))
        || !is_off && libraries()
        || context.chain(stage).flat_map(|view| view.body).any(|i| on(context.raw(i)))
}

/// Whose packages a stage has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packages {
    Debian,
    Alpine,
    /// Those of a distribution without compilers and libraries for other architectures.
    Others,
}

impl Packages {
    /// Told by what the stage installs with, else by the image's name.
    fn of(context: &Context<'_>, stage: StageIx) -> Self {
        const OTHERS: [&str; 10] = [
            "fedora",
            "centos",
            "rocky",
            "almalinux",
            "/ubi",
            "oraclelinux",
            "amazonlinux",
            "opensuse",
            "archlinux",
            "openeuler",
        ];
        let installs = |instruction| {
            context.commands(instruction).iter().find_map(|command| match command.base_name() {
                "apt-get" | "apt" => Some(Self::Debian),
                "apk" => Some(Self::Alpine),
                "dnf" | "microdnf" | "yum" | "zypper" | "pacman" => Some(Self::Others),
                _ => None,
            })
        };
        let image = context.root(stage).from.base.text;
        let by_name = || match image {
            _ if image.contains("alpine") => Self::Alpine,
            _ if OTHERS.iter().any(|name| image.contains(name)) => Self::Others,
            _ => Self::Debian,
        };
        context.chain(stage).flat_map(|view| view.body).find_map(installs).unwrap_or_else(by_name)
    }
}

fn without_packages() -> Lines {
    let help = "Debian and Alpine have compilers and libraries for other architectures as packages, this image's distribution \
                has not: compile in a stage on one of those two, or on a native node";
    (help, Vec::new())
}

struct Site<'s> {
    targets: &'s [Platform],
    /// The platform of the machine that builds, which needs no cross compiler.
    own: &'s Platform,
    /// The stage's `FROM`, pinned.
    from: String,
    /// What the step runs.
    command: &'s str,
    /// The flags of the step, with a blank before each.
    flags: String,
    /// Programs that the build itself runs: they stay programs of the machine's.
    tools: Vec<String>,
    alpine: bool,
}

type Lines = (&'static str, Vec<String>);

/// The helper scripts, as a stage.
const XX: &str = "FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx";

impl Site<'_> {
    fn lines(&self, lines: &[&str]) -> Vec<String> {
        std::iter::once(self.from.clone()).chain(lines.iter().map(|line| (*line).to_owned())).collect()
    }

    fn with_xx(&self, lines: &[&str]) -> Vec<String> {
        let mut all = vec![XX.to_owned(), self.from.clone(), "COPY --from=xx / /".to_owned()];
        all.extend(lines.iter().map(|line| (*line).to_owned()));
        all
    }

    fn has_arm(&self) -> bool {
        self.targets.iter().any(|target| &*target.architecture == "arm")
    }

    fn go(&self) -> Lines {
        let (names, level) = if self.has_arm() {
            ("TARGETOS TARGETARCH TARGETVARIANT", " GOARM=${TARGETVARIANT#v}")
        } else {
            ("TARGETOS TARGETARCH", "")
        };
        let told = |call: &str| format!("GOOS=$TARGETOS GOARCH=$TARGETARCH{level} {call}");
        let command = without(self.command, &["GOOS", "GOARCH", "GOARM"]);
        let command = called_go(&command, &self.tools, told).unwrap_or_else(|| told("go build ..."));
        let help = "Go compiles for other platforms by itself, and without cgo then: compile in a stage of the machine's \
                    own platform, and tell Go the target";
        (help, self.lines(&[&format!("ARG {names}"), &format!("RUN{} {command}", self.flags)]))
    }

    fn cgo(&self) -> Lines {
        // Go leaves cgo off for other platforms unless it is told.
        let on = if self.command.contains("CGO_ENABLED=") { "" } else { "CGO_ENABLED=1 " };
        let through_xx = |call: &str| format!("{on}xx-{}", &call[call.find("go ").unwrap_or_default()..]);
        let command = called_go(self.command, &self.tools, through_xx)
            .unwrap_or_else(|| format!("{on}xx-go build ..."));
        let [tools, libraries] = self.c_packages();
        let lines = [tools, "ARG TARGETPLATFORM", libraries, &format!("RUN{} {command}", self.flags)];
        ("With cgo, Go needs a C compiler for the target: xx sets one up", self.with_xx(&lines))
    }

    fn c_packages(&self) -> [&'static str; 2] {
        if self.alpine {
            ["RUN apk add --no-cache clang lld", "RUN xx-apk add --no-cache gcc musl-dev"]
        } else {
            ["RUN apt-get update && apt-get install -y clang lld", "RUN xx-apt-get install -y gcc libc6-dev"]
        }
    }

    /// Packages of Debian's cross compilers, and a branch of a `case` for each target.
    fn debian(&self, branch: impl Fn(&str, &str) -> String) -> (String, Vec<String>) {
        let mut packages = Vec::new();
        let mut branches = Vec::new();
        for target in self.targets {
            let rust = translate(target, Toolchain::Rust).ok();
            let gnu = translate(target, Toolchain::Gnu).ok();
            let debian = translate(target, Toolchain::Debian).ok();
            let (Some(rust), Some(gnu), Some(debian)) = (rust, gnu, debian) else { continue };
            let names = (rust.field("CARGO_BUILD_TARGET"), gnu.field("triple"), debian.field("arch"));
            let (Ok(cargo), Ok(triple), Ok(arch)) = names else { continue };
            if target != self.own {
                packages.push(format!("crossbuild-essential-{arch}"));
            }
            branches.push(format!("      {}) {} ;; \\", target.short(), branch(cargo, triple)));
        }
        (format!("RUN apt-get update && apt-get install -y {}", packages.join(" ")), branches)
    }

    fn rust(&self) -> Lines {
        let (install, branches) = self.debian(|cargo, triple| {
            let variable = cargo.to_uppercase().replace('-', "_");
            format!("target={cargo}; export CARGO_TARGET_{variable}_LINKER={triple}-gcc")
        });
        let command = self.command.replace("cargo build", "cargo build --target $target");
        let mut lines = self.lines(&[
            &install,
            "ARG TARGETPLATFORM",
            &format!("RUN{} case $TARGETPLATFORM in \\", self.flags),
        ]);
        lines.extend(branches);
        lines.extend(["    esac \\".to_owned(), " && rustup target add $target \\".to_owned()]);
        lines.push(format!(" && {command} \\"));
        lines.push(" && cp -r target/$target/. target/".to_owned());
        ("cargo needs the target, its standard library and a linker", lines)
    }

    fn rust_on_alpine(&self) -> Lines {
        let command = called_as(self.command, "cargo build", |_| "xx-cargo build".to_owned());
        let command = command.unwrap_or_else(|| "xx-cargo build ...".to_owned());
        let lines = [
            "RUN apk add --no-cache clang lld",
            "ARG TARGETPLATFORM",
            "RUN xx-apk add --no-cache gcc musl-dev",
            &format!("RUN{} {command}", self.flags),
        ];
        ("cargo needs the target, its standard library and a linker: xx sets them up", self.with_xx(&lines))
    }

    /// The step with other C compilers in place of the usual ones; `name` makes one of `gcc` or `g++`.
    fn called_c(&self, name: impl Fn(&str) -> String) -> String {
        let usual = [
            ("gcc", "gcc"),
            ("g++", "g++"),
            ("cc", "gcc"),
            ("c++", "g++"),
            ("clang", "gcc"),
            ("clang++", "g++"),
        ];
        let command = usual.iter().fold(None, |command: Option<String>, (program, gnu)| {
            called_as(command.as_deref().unwrap_or(self.command), program, |_| name(gnu)).or(command)
        });
        command.unwrap_or_else(|| format!("{} ...", name("gcc")))
    }

    fn c(&self) -> Lines {
        let (install, branches) = self.debian(|_, triple| format!("triple={triple}"));
        let command = self.called_c(|name| format!("$triple-{name}"));
        let mut lines = self.lines(&[
            &install,
            "ARG TARGETPLATFORM",
            &format!("RUN{} case $TARGETPLATFORM in \\", self.flags),
        ]);
        lines.extend(branches);
        lines.extend(["    esac \\".to_owned(), format!(" && {command}")]);
        ("Debian has a cross compiler for each of its platforms, called by the target's triple", lines)
    }

    fn c_on_alpine(&self) -> Lines {
        let command = self.called_c(|name| format!("xx-{}", if name == "g++" { "clang++" } else { "clang" }));
        let [tools, libraries] = self.c_packages();
        let lines = [tools, "ARG TARGETPLATFORM", libraries, &format!("RUN{} {command}", self.flags)];
        ("Clang compiles for every platform, given its libraries: xx sets them up", self.with_xx(&lines))
    }

    fn dotnet(&self) -> Lines {
        let mut command = self.command.to_owned();
        for word in ["publish", "build", "restore"] {
            let (old, new) = (format!("dotnet {word}"), format!("dotnet {word} -a $TARGETARCH"));
            command = command.replace(&old, &new);
        }
        let help = ".NET builds for other architectures by itself, and does not support running under emulation: build in \
                    a stage of the machine's own platform, and name the architecture, also where packages are restored";
        (help, self.lines(&["ARG TARGETARCH", &format!("RUN{} {command}", self.flags)]))
    }

    fn portable_dotnet(&self) -> Lines {
        let help = "What it makes runs on every platform when started with `dotnet`: build it in a stage of the machine's own \
                    platform, once";
        (help, self.portable().1)
    }

    fn portable(&self) -> Lines {
        let help = "What it makes is the same on every platform: build it in a stage of the machine's own platform, once";
        (help, self.lines(&[&format!("RUN{} {}", self.flags, self.command)]))
    }

    fn other(&self) -> Lines {
        let help = "Declare `ARG TARGETPLATFORM` above the step and pass it to the compiler, where it compiles for other \
                    platforms; else leave the stage unpinned";
        (help, self.lines(&["ARG TARGETPLATFORM", &format!("RUN{} {}", self.flags, self.command)]))
    }
}

/// A script that calls Go's compiler in another way; `None` where it does not call it.
///
/// What `go install` makes for another platform goes to a folder of that platform, or is refused where GOBIN is set. So a build
/// takes its place, except of a package at a version, which only `go install` knows: there the programs are moved.
fn called_go(script: &str, tools: &[String], how: impl Fn(&str) -> String) -> Option<String> {
    let built = called_as(script, "go build", &how);
    let script = built.as_deref().unwrap_or(script);
    let is_product = |at: usize| !installs(&script[at..], tools);
    let products = calls(script, "go install").filter(|call| is_product(call.end)).count();
    if products == 0 || products < calls(script, "go install").count() {
        return built;
    }
    let installed = if script.contains('@') {
        let moved =
            r#" && find "$(go env GOPATH)/bin" -mindepth 2 -type f -exec mv {} "$(go env GOPATH)/bin" \;"#;
        called_as(script, "go install", how).map(|command| command + moved)
    } else {
        let build = |call: &str| call.replace("go install", r#"go build -o "$(go env GOPATH)/bin/""#);
        called_as(script, "go install", |call| how(&build(call)))
    };
    installed.or(built)
}

/// Whether the arguments that a text begins with name one of these tools.
fn installs(arguments: &str, tools: &[String]) -> bool {
    let statement = arguments.split(['&', ';', '|', '\n']).next().unwrap_or_default();
    let names = |word: &str, tool: &String| {
        word.split('@').next().is_some_and(|path| path.rsplit('/').any(|part| part == tool))
    };
    statement.split_whitespace().any(|word| tools.iter().any(|tool| names(word, tool)))
}

/// Whether an image has a .NET SDK before 8: with `-a`, which came with 6, it would make another kind of program.
///
/// Source: <https://learn.microsoft.com/dotnet/core/compatibility/sdk/8.0/arch-option>; the names of images of old SDKs.
fn has_old_dotnet(image: &str) -> bool {
    let version = image.rsplit_once(':').and_then(|(_, tag)| tag.split('.').next()?.parse::<u32>().ok());
    image.contains("dotnet/core/")
        || image.starts_with("microsoft/")
        || version.is_some_and(|major| major < 8)
}

/// A script without its assignments of some variables.
fn without(script: &str, names: &[&str]) -> String {
    let words = script.split(' ').filter(|word| {
        let name = word.split_once('=').map(|(name, _)| name);
        !name.is_some_and(|name| names.contains(&name))
    });
    words.collect::<Vec<_>>().join(" ")
}
