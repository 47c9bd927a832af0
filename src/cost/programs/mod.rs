//! What well-known programs and their sub-commands do: the one table that costs and findings are read from.
//!
//! Owns the table (`table`, with the caches in `keeps`) and how a command finds its row. Knows no costs: a row names a class of work, what of a project
//! tells how much of it there is, and the folders in which its results last.

mod index;
mod keeps;
mod table;

use crate::shell::SimpleCommand;

use super::class::Class;

/// A program: what it does by itself, and what its sub-commands do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Program {
    /// What it does where no sub-command is known.
    pub default: Behavior,
    /// Options that take the argument after them, by name, separated by spaces.
    pub valued: &'static str,
    /// Which arguments are sub-commands.
    pub verbs: Verbs,
    /// What the sub-commands do.
    pub subcommands: &'static [(&'static [&'static str], Behavior)],
}

/// Which arguments of a program are its sub-commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbs {
    /// The first that is no option: `go build ./cmd`.
    First,
    /// Every one that is no option: `mvn clean package`.
    Each,
}

/// What a program or a sub-command does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Behavior {
    /// The kind of work.
    pub class: Class,
    /// What of the project tells how much work it is.
    pub scale: Scale,
    /// The language that it compiles.
    pub compiles: Option<Compiler>,
    /// The files that name what it fetches, separated by spaces; empty where it fetches nothing that a project names.
    pub manifests: &'static str,
    /// Where it leaves results that a later run starts from.
    pub keeps: &'static [Keep],
    /// The variables that do not matter to it.
    pub ignores: Ignores,
    /// Whether it only fetches, unpacks and moves files, so that its result is what its words say.
    pub moves_files: bool,
}

/// What of a project tells how much work a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// Nothing: it does the same in every project, or its arguments tell.
    Fixed,
    /// The modules of `go.sum`.
    GoModules,
    /// Go sources and the modules they use.
    Go,
    /// The packages of `Cargo.lock`.
    Crates,
    /// Rust sources and the packages of `Cargo.lock`.
    Rust,
    /// The packages of a lock file of npm, yarn or pnpm.
    NodePackages,
    /// The same, put in place by pnpm, which links what it keeps.
    PnpmPackages,
    /// JavaScript, TypeScript and style sheets.
    Scripts,
    /// The packages of a lock file or list of requirements of Python.
    Requirements,
    /// C and C++ sources.
    C,
    /// What `CMakeLists.txt` checks of the system.
    CMake,
    /// What `meson.build` checks.
    Meson,
    /// What `configure` checks.
    Autoconf,
    /// The same, where the `configure` that checks it is made.
    Autotools,
    /// Sources of Java and its like.
    Java,
    /// The gems of `Gemfile.lock`.
    Gems,
    /// The packages of `composer.lock`.
    ComposerPackages,
}

/// A compiler or build system, by the language it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compiler {
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
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Dotnet => ".NET",
            Self::Java => "Java",
            Self::Other => "compiled",
        }
    }

    /// Whether what it makes runs on every architecture.
    pub const fn is_portable(self) -> bool {
        matches!(self, Self::Dotnet | Self::Java)
    }
}

/// A folder in which results of a program last, and what a run has left to do that finds them there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keep {
    /// The folder: the last parts of its path.
    pub folder: &'static str,
    /// The variable that names it; empty for none.
    pub variable: &'static str,
    /// Part of the core-time that is left.
    pub work: f64,
    /// Part of what is downloaded that is left.
    pub network: f64,
}

/// Variables of the environment that a program does not look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ignores {
    /// It may look at any.
    None,
    /// It does not look at the platform arguments of a build: `TARGETARCH`, `BUILDPLATFORM`, …
    PlatformArguments,
    /// It looks at those of the Go toolchain alone.
    AllButGo,
    /// It looks at none that a Dockerfile sets, or at those of its own trade alone.
    All,
}

impl Behavior {
    /// Of a class, and nothing more.
    const fn of(class: Class) -> Self {
        Self {
            class,
            scale: Scale::Fixed,
            compiles: None,
            manifests: "",
            keeps: &[],
            ignores: Ignores::None,
            moves_files: false,
        }
    }

    const fn scale(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    const fn compiles(self, compiler: Compiler) -> Self {
        Self { compiles: Some(compiler), ..self }
    }

    const fn manifests(self, manifests: &'static str) -> Self {
        Self { manifests, ..self }
    }

    const fn keeps(self, keeps: &'static [Keep]) -> Self {
        Self { keeps, ..self }
    }

    const fn ignores(self, ignores: Ignores) -> Self {
        Self { ignores, ..self }
    }

    const fn moves_files(self) -> Self {
        Self { moves_files: true, ..self }
    }
}

impl Program {
    /// What a sub-command does; `:app:installDist` of a build with several projects as `installDist`.
    fn of(&self, verb: &str) -> Option<&'static Behavior> {
        let row = |verb: &str| self.subcommands.iter().find(|(verbs, _)| verbs.contains(&verb));
        let task = || verb.rsplit_once(':').map(|(_, task)| task).filter(|_| self.verbs == Verbs::Each);
        row(verb).or_else(|| row(task()?)).map(|(_, behavior)| behavior)
    }
}

/// The row of a program, by its name without folder; a version at its end does not matter.
pub fn program(name: &str) -> Option<&'static Program> {
    table::find(name).or_else(|| table::find(plain_name(name)))
}

/// `python3.11`, `gcc-12`, `pip3`: the name without a version.
pub(super) fn plain_name(name: &str) -> &str {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let bare = bare.strip_suffix('-').unwrap_or(bare);
    // Names that are nothing without their digits stay.
    if bare.len() < 2 { name } else { bare }
}

/// What a command does; `None` for a program that the table does not have.
pub fn behavior(command: &SimpleCommand<'_>) -> Option<&'static Behavior> {
    let program = program(command.base_name())?;
    let of = |verb: &str| program.of(verb);
    match program.verbs {
        Verbs::First => Some(of(subcommand(command).unwrap_or_default()).unwrap_or(&program.default)),
        Verbs::Each => {
            // The first of the table that is asked for is the one with most of the work.
            let asked = operands(command).map(|verb| of(verb).unwrap_or(&program.default));
            let place = |behavior: &&Behavior| {
                let at = program.subcommands.iter().position(|(_, row)| std::ptr::eq(row, *behavior));
                at.map_or(0, |at| at + 1)
            };
            Some(asked.min_by_key(place).unwrap_or(&program.default))
        }
    }
}

/// The language that a command compiles: of several goals, one that does is enough.
pub fn compiles(command: &SimpleCommand<'_>) -> Option<Compiler> {
    let program = program(command.base_name())?;
    match program.verbs {
        Verbs::First => behavior(command)?.compiles,
        Verbs::Each => {
            let mut asked = operands(command).filter_map(|verb| program.of(verb)?.compiles);
            asked.next().or(program.default.compiles)
        }
    }
}

/// The first argument that is no option, nor the value of one.
pub fn subcommand<'s>(command: &'s SimpleCommand<'_>) -> Option<&'s str> {
    operands(command).next()
}

/// The arguments that are no options, nor values of those options of which it is known that they take one.
pub fn operands<'s>(command: &'s SimpleCommand<'_>) -> impl Iterator<Item = &'s str> {
    let valued = program(command.base_name()).map_or("", |program| program.valued);
    let mut is_value = false;
    command.args.iter().map(|arg| &**arg).filter(move |arg| {
        if std::mem::take(&mut is_value) {
            return false;
        }
        is_value = arg.starts_with('-') && valued.split(' ').any(|option| option == *arg);
        !arg.starts_with('-') && !arg.starts_with('+') && !is_assignment(arg)
    })
}

/// `CC=gcc`, as `make` takes it.
fn is_assignment(arg: &str) -> bool {
    arg.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn options_with_values_are_no_subcommands() {
        for (script, verb) in [
            ("npm --prefix web ci", Some("ci")),
            ("cargo +nightly build", Some("build")),
            ("make -C src -j 4 CC=gcc all", Some("all")),
            ("git -C /src clone x", Some("clone")),
            ("yarn", None),
        ] {
            assert_eq!(subcommand(&commands(script)[0]), verb, "{script}");
        }
    }

    #[test]
    fn the_heaviest_goal_counts() {
        let class = |script| behavior(&commands(script)[0]).map(|found| found.class);
        assert_eq!(class("mvn -B clean package"), Some(Class::JvmBuild));
        assert_eq!(class("mvn clean"), Some(Class::Files));
        assert_eq!(class("make clean all"), Some(Class::Make));
        assert_eq!(class("make help"), Some(Class::Builtin));
        assert_eq!(class("gradle :app:test"), Some(Class::Test));
    }

    #[test]
    fn one_goal_that_compiles_is_enough() {
        let compiler = |script| compiles(&commands(script)[0]);
        assert_eq!(compiler("mvn package $ARGS"), Some(Compiler::Java));
        assert_eq!(compiler("gradle :app:installDist fmt"), Some(Compiler::Java));
        assert_eq!(compiler("mvn dependency:resolve"), None);
    }

    #[test]
    fn versions_in_names_do_not_matter() {
        for (name, plain) in
            [("python3.11", "python"), ("gcc-12", "gcc"), ("pip3", "pip"), ("7z", "7z"), ("b2", "b2")]
        {
            assert_eq!(plain_name(name), plain);
        }
    }
}
