//! Cross-compiling, by toolchain: the lines to write, for the platforms and the base image at hand.
//!
//! The names are those of [`translate`](crate::translate); the helper scripts are those of tonistiigi/xx, whose README
//! describes these uses of them.

use crate::advice::edits::apply::apply_within;
use crate::advice::edits::pinning::is_official;
use crate::advice::edits::script::{Script, script, scripts};
use crate::advice::edits::written::{OF_ARCHIVES, OF_COMPILES, OF_LIBRARIES, Plan};
use crate::advice::edits::{splitting, unpinnable};
use crate::advice::facts::context::{Context, Pin, starts};
use crate::advice::facts::made;
use crate::advice::facts::origin::is_system;
use crate::advice::facts::sight;
use crate::advice::facts::tools::{self, Compiler};
use crate::diagnostic::{Allowed, Applicability, Fix};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::ids::StageIx;
use crate::model::path::base;
use crate::model::platform::Platform;
use crate::translate::{Toolchain, translate};

/// How a toolchain is told what to build for: in a sentence, by the lines that take the place of the steps, from the stage's
/// `FROM` on, and by the change that writes them. The lines may quote the file.
#[derive(Debug, Default)]
pub(in crate::advice) struct Cross {
    pub(in crate::advice) help: String,
    pub(in crate::advice) lines: Vec<String>,
    pub(in crate::advice) patch: Option<Fix>,
}

impl Cross {
    /// A sentence alone.
    pub(in crate::advice) fn help(help: &str) -> Self {
        Self { help: help.to_owned(), ..Self::default() }
    }
}

/// What to write instead of the steps of a stage that compile as `step` does.
pub(in crate::advice) fn cross(
    context: &Context<'_>,
    stage: StageIx,
    step: &Instruction<'_>,
    compiler: Compiler,
) -> Cross {
    let image = context.root(stage).from.base.text;
    let packages = Packages::of(context, stage);
    let site = Site {
        targets: context.node.graph.targets(),
        own: context.node.graph.build_platform(),
        tools: sight::tools(context),
        libraries: libraries(context, stage),
        alpine: packages == Packages::Alpine,
        has_files: context.files.is_some(),
        scripts: scripts(context, stage),
        first: step.line,
    };
    let cgo = || uses_cgo(context, stage, step);
    let is_tuned = matches!(compiler, Compiler::C | Compiler::Rust) && unpinnable::is_tuned(context, stage);
    let (help, plan) = match (compiler, packages) {
        (Compiler::Go, Packages::Others) if cgo() => without_packages(),
        (Compiler::Go, Packages::Unknown) if cgo() => (unpinnable::UNKNOWN, None),
        (Compiler::Go, _) if cgo() => kept(site.cgo(), || !unpinnable::builds_c_besides(context, stage)),
        // The machine's own `strip` knows the machine's programs alone.
        (Compiler::Go, _) => {
            kept(site.go(), || !site.strips() && !unpinnable::is_for_generators(context, stage))
        }
        _ if is_tuned => (unpinnable::TUNED, None),
        (Compiler::Rust | Compiler::C, Packages::Others) => without_packages(),
        (Compiler::Rust | Compiler::C, Packages::Unknown) => (unpinnable::UNKNOWN, None),
        (Compiler::Rust, _) if unpinnable::has_own_triple(context, stage) => {
            (unpinnable::TOLD_ELSEWHERE, None)
        }
        (Compiler::Rust, Packages::Debian) if site.libraries.is_empty() => site.rust(),
        (Compiler::Rust, _) => site.rust_by_xx(),
        (Compiler::C, Packages::Debian) if site.libraries.is_empty() && !site.has_build_system() => site.c(),
        (Compiler::C, _) => site.c_by_xx(),
        (Compiler::Dotnet, _) if has_old_dotnet(image) => site.old_dotnet(context, stage, step),
        (Compiler::Dotnet, _) => site.dotnet(),
        (Compiler::Java, _) => (PORTABLE, Some(site.portable(OF_ARCHIVES))),
        (Compiler::Other, _) => (OTHER, None),
    };
    let root = context.root(stage);
    let is_pinned = context.stage(stage).pin == Pin::Build;
    // A stage that says another platform is for a person to look at.
    let plan = plan.filter(|_| is_pinned || root.from.platform.is_none());
    let plan =
        plan.filter(|_| is_pinned || context.is_in_image(stage) || !unpinnable::is_of_target(context, stage));
    if context.is_in_image(stage) && !is_pinned {
        let split = plan.and_then(|plan| splitting::split(context, context.stage(stage), step, &plan));
        let (lines, patch) = split.map_or((Vec::new(), None), |(lines, patch)| (lines, Some(patch)));
        let help =
            format!("{help}. Move the compile to a stage of its own, and copy what it makes into the image.");
        return Cross { help, lines, patch };
    }
    let lines = plan.as_ref().map_or_else(Vec::new, |plan| plan.lines(context, root, is_pinned));
    let patch = plan.and_then(|plan| plan.patch(context, root, step, is_pinned));
    Cross { help: format!("{help}."), lines, patch }
}

/// The change that takes out what tells Go a target, so that it compiles for its own machine, which is the target's; and what the step
/// is then.
pub(in crate::advice) fn untold(
    context: &Context<'_>,
    stage: StageIx,
    step: &Instruction<'_>,
) -> Option<(Vec<String>, Fix)> {
    let mut script = script(context, stage, context.instruction(stage, step.line)?)?;
    script.forget(&["go build", "go install"], &["GOOS", "GOARCH", "GOARM"]);
    let edits = script.edits(context.text()).filter(|_| script.is_changed())?;
    let lines = apply_within(context.text(), step.span, &edits)?.lines().map(str::to_owned).collect();
    let fix = Fix {
        description: "leave the target to the stage, which has its platform".to_owned(),
        edits,
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    };
    Some((lines, fix))
}

const PORTABLE: &str =
    "What it makes is the same on every platform: build it in a stage of the machine's own platform, once";
const PORTABLE_DOTNET: &str = "What it makes runs on every platform when started with `dotnet`: build it in a stage of the \
                               machine's own platform, once";
const TOLD_DOTNET: &str = "What it makes is for the architecture that it is told: pin the stage where that is the target's, as .NET is not \
                           supported under emulation";
const LAUNCHER: &str = "Containers start the launcher, which is for the machine that built it: start the library with `dotnet` and pin \
                        the stage, or name the target's architecture (`-r`)";
const OTHER: &str = "Pin the stage only if the compiler can be told the target (`ARG TARGETPLATFORM` and its own option for it): else \
                     leave it to a native node";

/// Whether something says that the step needs cgo.
fn uses_cgo(context: &Context<'_>, stage: StageIx, step: &Instruction<'_>) -> bool {
    const SIGNS: [&str; 9] = [
        "CGO_ENABLED=1",
        "CGO_ENABLED 1",
        "linkmode external",
        "linkmode=external",
        "linkmode \"external",
        "linkmode 'external",
        "-buildmode=c-",
        "-buildmode=plugin",
        "-race",
    ];
    let on = |text: &str| SIGNS.iter().any(|sign| text.contains(sign));
    let off = |text: &str| text.contains("CGO_ENABLED=0") || text.contains("CGO_ENABLED 0");
    let is_off = off(context.raw(step))
        || context.chain(stage).flat_map(|view| view.body).any(|i| off(context.raw(i)));
    // Who installs libraries to build with, or a compiler, has a use for them.
    let compiles_c = || {
        let is_compiler =
            |arg: &str| matches!(arg, "gcc" | "g++" | "build-base" | "build-essential" | "clang");
        !libraries(context, stage).is_empty() || installed(context, stage).iter().any(|arg| is_compiler(arg))
    };
    let by_sources = || context.files.is_some_and(|files| files.imports.uses_c());
    on(context.raw(step))
        || !is_off && by_sources()
        || !is_off && compiles_c()
        || context.chain(stage).flat_map(|view| view.body).any(|i| on(context.raw(i)))
}

/// What the package managers of a distribution are asked for in a stage and those below it.
fn installed(context: &Context<'_>, stage: StageIx) -> Vec<String> {
    let steps = context.chain(stage).flat_map(|view| view.body).filter(|i| matches!(i.kind, Kind::Run(_)));
    let mut words = Vec::new();
    for step in steps {
        for command in context.commands(step).iter().filter(|command| tools::is_package_manager(command)) {
            // A version may stand behind the name.
            let name = |arg: &str| arg.split(['=', '~']).next().unwrap_or_default().to_owned();
            words.extend(command.args.iter().map(|arg| name(arg)));
        }
    }
    words
}

/// Libraries to build with that a stage installs, the compiler's own aside.
fn libraries(context: &Context<'_>, stage: StageIx) -> Vec<String> {
    let own =
        |arg: &str| matches!(arg, "libc6-dev" | "musl-dev" | "linux-libc-dev" | "libc-dev" | "python3-dev");
    let is_library = |arg: &String| {
        !arg.starts_with('-') && (arg.ends_with("-dev") || arg.ends_with("-devel")) && !own(arg)
    };
    let mut found: Vec<String> = installed(context, stage).into_iter().filter(is_library).collect();
    found.dedup();
    found
}

/// Whose packages a stage has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packages {
    Debian,
    Alpine,
    /// Those of a distribution without compilers and libraries for other architectures.
    Others,
    /// Neither steps nor a name tell.
    Unknown,
}

impl Packages {
    /// Told by what the stage installs with, else by the image's name.
    fn of(context: &Context<'_>, stage: StageIx) -> Self {
        const OTHERS: [&str; 13] = [
            "fedora",
            "redhat",
            "rhel",
            "openshift",
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
        const DEBIAN: [&str; 12] = [
            "debian",
            "ubuntu",
            "bookworm",
            "bullseye",
            "trixie",
            "buster",
            "jammy",
            "noble",
            "focal",
            "-slim",
            "cargo-chef",
            "dotnet/sdk",
        ];
        // Copies of official images keep their names.
        let is_like_official = |image: &str| is_official(base(image)) || is_official(image);
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
            _ if image.contains("windows") => Self::Unknown,
            _ if image.contains("alpine") => Self::Alpine,
            _ if OTHERS.iter().any(|name| image.contains(name)) => Self::Others,
            _ if DEBIAN.iter().any(|name| image.contains(name)) || is_like_official(image) => Self::Debian,
            _ => Self::Unknown,
        };
        context.chain(stage).flat_map(|view| view.body).find_map(installs).unwrap_or_else(by_name)
    }
}

type Way<'c> = (&'static str, Option<Plan<'c>>);

/// A way, and its plan where that stands.
fn kept((help, plan): Way<'_>, stands: impl FnOnce() -> bool) -> Way<'_> {
    (help, plan.filter(|_| stands()))
}

fn without_packages<'c>() -> Way<'c> {
    let help = "Debian and Alpine have compilers and libraries for other architectures as packages, this image's distribution \
                has not: compile in a stage on one of those two, or on a native node";
    (help, None)
}

struct Site<'s, 'c> {
    targets: &'s [Platform],
    /// The platform of the machine that builds, which needs no cross compiler.
    own: &'s Platform,
    /// Programs that the build itself runs: they stay programs of the machine's.
    tools: Vec<String>,
    /// Packages of libraries that the stage installs to build with.
    libraries: Vec<String>,
    alpine: bool,
    /// Whether the files of the context are known, and so what `make` calls.
    has_files: bool,
    /// The scripts of the stage's steps.
    scripts: Vec<Script<'c>>,
    /// The line of the step that the advice is about.
    first: crate::source::Line,
}

impl<'c> Site<'_, 'c> {
    /// A plan that changes every script of the stage in one way; `None` where that of the step has nothing to change.
    fn plan(
        &self,
        with_xx: bool,
        args: &'static str,
        setup: Vec<String>,
        change: impl Fn(&mut Script<'c>),
    ) -> Option<Plan<'c>> {
        let mut scripts = self.scripts.clone();
        scripts.iter_mut().for_each(change);
        scripts.retain(Script::is_changed);
        let has_own = scripts.iter().any(|script| script.line() == self.first);
        has_own.then_some(Plan { with_xx, to_check: OF_COMPILES, args, setup, scripts })
    }

    fn has_arm(&self) -> bool {
        self.targets.iter().any(|target| &*target.architecture == "arm")
    }

    fn go(&self) -> Way<'c> {
        let (names, level) = if self.has_arm() {
            ("TARGETOS TARGETARCH TARGETVARIANT", " GOARM=${TARGETVARIANT#v}")
        } else {
            ("TARGETOS TARGETARCH", "")
        };
        let told = format!("GOOS=$TARGETOS GOARCH=$TARGETARCH{level} ");
        let by_make = || {
            let plan = self.plan(false, names, Vec::new(), |script| script.tell("make", &told));
            plan.filter(|_| self.has_files)
        };
        let plan = self.plan(false, names, Vec::new(), |script| {
            script.forget(&["go build", "go install"], &["GOOS", "GOARCH", "GOARM"]);
            script.go(&self.tools, &told, "go");
        });
        let help = "Go compiles for other platforms by itself, and without cgo then: compile in a stage of the machine's \
                    own platform, and tell Go the target";
        (help, plan.or_else(by_make))
    }

    fn cgo(&self) -> Way<'c> {
        let plan = self.plan(true, "TARGETPLATFORM", self.c_packages(), |script| {
            // Go leaves cgo off for other platforms unless it is told.
            let on = if script.text().contains("CGO_ENABLED=") { "" } else { "CGO_ENABLED=1 " };
            script.forget(&["go build", "go install"], &["GOOS", "GOARCH", "GOARM"]);
            script.go(&self.tools, on, "xx-go");
            script.rename("strip", "$(xx-info)-strip");
        });
        ("With cgo, Go needs a C compiler for the target: xx sets one up", plan)
    }

    fn strips(&self) -> bool {
        self.scripts.iter().any(|script| script.calls("strip"))
    }

    /// The compiler for all platforms, and the target's own libraries.
    fn c_packages(&self) -> Vec<String> {
        let more: String = self.libraries.iter().flat_map(|name| [" ", name]).collect();
        let llvm = if self.strips() { " llvm" } else { "" };
        if self.alpine {
            vec![
                format!("RUN apk add --no-cache clang lld{llvm}"),
                format!("RUN xx-apk add --no-cache gcc g++ musl-dev{more}"),
            ]
        } else {
            vec![
                format!("RUN apt-get update && apt-get install -y clang lld{llvm}"),
                format!("RUN xx-apt-get install -y gcc g++ libc6-dev{more}"),
            ]
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
            branches.push(format!("      {}) {} ;;", target.short(), branch(cargo, triple)));
        }
        (format!("RUN apt-get update && apt-get install -y {}", packages.join(" ")), branches)
    }

    fn rust(&self) -> Way<'c> {
        let (install, branches) = self.debian(|cargo, triple| {
            let variable = cargo.to_uppercase().replace('-', "_");
            format!("target={cargo} triple={triple}; export CARGO_TARGET_{variable}_LINKER={triple}-gcc")
        });
        let plan = self.plan(false, "TARGETPLATFORM", vec![install], |script| {
            let compiles = script.cargo(&self.tools, "", " --target $target", "$target");
            if script.rename("strip", "$triple-strip") || compiles {
                script.choose(&branches, compiles.then_some("rustup target add $target"));
            }
        });
        ("cargo needs the target, its standard library and a linker", plan)
    }

    fn rust_by_xx(&self) -> Way<'c> {
        let plan = self.plan(true, "TARGETPLATFORM", self.c_packages(), |script| {
            script.cargo(&self.tools, "xx-", "", "$(xx-cargo --print-target-triple)");
            script.rename("strip", "$(xx-info)-strip");
        });
        ("cargo needs the target, its standard library and a linker: xx sets them up", plan)
    }

    fn c(&self) -> Way<'c> {
        let (install, branches) = self.debian(|_, triple| format!("triple={triple}"));
        let plan = self.plan(false, "TARGETPLATFORM", vec![install], |script| {
            let is_changed = GNU.iter().fold(false, |is_changed, (program, gnu)| {
                script.rename(program, &format!("$triple-{gnu}")) || is_changed
            });
            if is_changed {
                script.rename("strip", "$triple-strip");
                script.choose(&branches, None);
            }
        });
        ("Debian has a cross compiler for each of its platforms, called by the target's triple", plan)
    }

    /// Whether a build system calls the compiler, which is told another one by options of its own.
    fn has_build_system(&self) -> bool {
        let is_one =
            |script: &Script<'_>| ["cmake", "configure", "make"].iter().any(|name| script.calls(name));
        self.scripts.iter().any(is_one)
    }

    fn c_by_xx(&self) -> Way<'c> {
        let is_configured =
            |script: &Script<'_>| ["cmake", "configure"].iter().any(|name| script.calls(name));
        let is_any = self.scripts.iter().any(is_configured);
        let plan = self.plan(true, "TARGETPLATFORM", self.c_packages(), |script| {
            for (program, gnu) in GNU {
                script.rename(program, if gnu == "g++" { "xx-clang++" } else { "xx-clang" });
            }
            // README of tonistiigi/xx, "CMake" and "Autotools".
            script.configure("cmake", " $(xx-clang --print-cmake-defines)");
            script.configure(
                "configure",
                " --host=$(xx-clang --print-target-triple) CC=xx-clang CXX=xx-clang++",
            );
            // What was configured is in the makefile that was written; a step beside it may make something else.
            if !is_any || !is_configured(script) && !script.installs_only() {
                script.configure("make", " CC=xx-clang CXX=xx-clang++");
            }
            script.rename("strip", "$(xx-info)-strip");
        });
        ("Clang compiles for every platform, given its libraries: xx sets them up", plan)
    }

    fn dotnet(&self) -> Way<'c> {
        let plan = self.plan(false, "TARGETARCH", Vec::new(), |script| {
            for verb in ["dotnet publish", "dotnet build", "dotnet restore"] {
                script.add_option(verb, " -a $TARGETARCH");
            }
        });
        let help = ".NET builds for other architectures by itself, and does not support running under emulation: build in \
                    a stage of the machine's own platform, and name the architecture, also where packages are restored";
        (help, plan)
    }

    /// .NET before 8: a library that every platform runs, and beside it, unless it is told otherwise, a launcher for the machine's own.
    fn old_dotnet(&self, context: &Context<'_>, stage: StageIx, step: &Instruction<'_>) -> Way<'c> {
        let is_script = |first: &str| first.rsplit_once('.').is_some_and(|(_, end)| end == "sh");
        let is_launcher = |first: &str| {
            first.contains('/') && !is_system(first) && !is_script(first) && base(first) != "dotnet"
        };
        let calls = || context.calls(stage, step.line).filter(|call| call.program() == "dotnet");
        if calls().any(|call| made::is_native_dotnet(call) || made::dotnet_told(call).is_some()) {
            return (TOLD_DOTNET, None);
        }
        if starts(context).any(is_launcher) {
            return (LAUNCHER, None);
        }
        let mut plan = self.portable(OF_LIBRARIES);
        if calls().any(made::has_launcher) {
            let scripts = plan.scripts.iter_mut();
            scripts.for_each(|script| script.add_option("dotnet publish", " -p:UseAppHost=false"));
        }
        (PORTABLE_DOTNET, Some(plan))
    }

    /// What is made as it is made today.
    fn portable(&self, to_check: &'static str) -> Plan<'c> {
        let own = self.scripts.iter().filter(|script| script.line() == self.first).cloned();
        Plan { with_xx: false, to_check, args: "", setup: Vec::new(), scripts: own.collect() }
    }
}

/// C compilers, and what the one of GNU for the same language is called.
const GNU: [(&str, &str); 6] =
    [("gcc", "gcc"), ("g++", "g++"), ("cc", "gcc"), ("c++", "g++"), ("clang", "gcc"), ("clang++", "g++")];

/// Whether an image has a .NET SDK before 8: with `-a`, which came with 6, it would make another kind of program.
///
/// Source: <https://learn.microsoft.com/dotnet/core/compatibility/sdk/8.0/arch-option>; the names of images of old SDKs.
fn has_old_dotnet(image: &str) -> bool {
    let version = image.rsplit_once(':').and_then(|(_, tag)| tag.split('.').next()?.parse::<u32>().ok());
    image.contains("dotnet/core/")
        || image.starts_with("microsoft/")
        || version.is_some_and(|major| major < 8)
}
