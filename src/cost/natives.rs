//! What an installer compiles because nobody has built it for the system.

use super::class::Class;
use super::command::{named, option};
use super::known::Known;
use super::wheels::{COMPILE, System, compiled, compiled_of_npm};
use crate::context::Named;
use crate::shell::SimpleCommand;

/// What comes on top of the usual work of an installer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Natives {
    /// Core-seconds of compiling, natively.
    pub(super) compile: f64,
    /// What is compiled, for people.
    pub(super) names: Vec<String>,
}

/// Names beyond this many are not written.
const MOST_NAMES: usize = 3;

/// What a command compiles and brings. `is_whole` says that it installs what a list of the project names, which it finds at `place`.
pub(super) fn natives(
    class: Class,
    command: &SimpleCommand<'_>,
    is_whole: bool,
    known: &Known<'_>,
    place: &str,
) -> Natives {
    let is_python = matches!(class, Class::PipInstall | Class::PythonBuild);
    if !is_python && class != Class::NpmInstall {
        return Natives::default();
    }
    let has = |flag: &str| command.args.iter().any(|arg| arg.starts_with(flag));
    let refused = option(command, &["--no-binary"]).unwrap_or_default();
    let mut natives = Natives::default();
    let system = known.system;
    let mut add = |package: &Named| {
        let cpu = match is_python {
            _ if has("--only-binary") || has("--ignore-scripts") => None,
            true => {
                let is_forced = refused.split(',').any(|name| name == ":all:" || *name == *package.name);
                // What builds wheels has the tools for it among its usual work.
                let part = if class == Class::PythonBuild { COMPILE } else { 0.0 };
                compiled(package, system, is_forced).map(|cpu| cpu - part)
            }
            false => compiled_of_npm(&package.name, system),
        };
        if let Some(cpu) = cpu {
            natives.compile += cpu;
            natives.names.push(package.name.to_string());
        }
    };
    for word in named(command) {
        let at = word.get(1..).and_then(|rest| rest.find('@')).filter(|_| !is_python);
        add(&Named { name: at.map_or(word, |at| &word[..=at]).into(), built: None });
    }
    if let (true, Some(project)) = (is_whole, known.project) {
        let kind = if is_python { project.python(place) } else { Some(project.node()) };
        kind.into_iter().flat_map(|kind| project.names(kind, place)).for_each(&mut add);
    }
    natives.names.dedup();
    natives
}

impl Natives {
    /// What an estimate that rests on it says: "compiles numpy, pandas: no wheels for arm".
    pub(super) fn describe(&self, system: System<'_>) -> String {
        let first = self.names.iter().take(MOST_NAMES).map(|name| &**name).collect::<Vec<_>>().join(", ");
        let more = match self.names.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let library = if system.is_musl { " with musl" } else { "" };
        format!("compiles {first}{more}, not built for {}{library}", system.architecture)
    }
}
