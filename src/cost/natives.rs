//! What an installer compiles because nobody has built it for the system, and what it brings that is large.

use super::class::Class;
use super::programs::operands;
use super::run::Known;
use super::wheels::{System, compiled, compiled_of_npm, large};
use crate::context::{ManifestKind, Named};
use crate::shell::SimpleCommand;

/// What comes on top of the usual work of an installer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Natives {
    /// Core-seconds of compiling, natively.
    pub(super) compile: f64,
    /// Core-seconds of unpacking what is large.
    pub(super) unpack: f64,
    /// Megabytes over the network of what is large.
    pub(super) network: f64,
    /// What is compiled, for people.
    pub(super) names: Vec<String>,
}

/// Core-seconds to unpack a megabyte of a wheel: most of a large one are libraries, which need no compiling to bytecode.
///
/// Source: a guess; zlib unpacks 100 MB a second, and libraries shrink to a third.
const WHEEL_MEGABYTE: f64 = 0.03;

/// Names beyond this many are not written.
const MOST_NAMES: usize = 3;

/// What a command compiles and brings. `is_whole` says that it installs what the project's lock file names.
pub(super) fn natives(
    class: Class,
    command: &SimpleCommand<'_>,
    is_whole: bool,
    known: &Known<'_>,
) -> Natives {
    let is_python = matches!(class, Class::PipInstall | Class::PythonBuild);
    if !is_python && class != Class::NpmInstall {
        return Natives::default();
    }
    let has = |flag: &str| command.args.iter().any(|arg| arg.starts_with(flag));
    let mut natives = Natives::default();
    let system = known.system;
    let mut add = |package: &Named| {
        let cpu = match is_python {
            _ if has("--only-binary") || has("--ignore-scripts") => None,
            true => compiled(package, system),
            false => compiled_of_npm(&package.name, system),
        };
        if let Some(cpu) = cpu {
            natives.compile += cpu;
            natives.names.push(package.name.to_string());
        }
        if let Some((_, megabytes)) = large(&package.name, system.architecture).filter(|_| is_python) {
            // What several large ones bring is mostly the same.
            natives.network = natives.network.max(megabytes);
        }
    };
    let words = operands(command).filter(|word| !word.starts_with(['.', '/', '$']));
    for word in words {
        let name = if is_python {
            word
        } else {
            word.get(1..).and_then(|rest| rest.find('@')).map_or(word, |at| &word[..=at])
        };
        add(&Named { name: name.into(), built: None });
    }
    if let (true, Some(project)) = (is_whole, known.project) {
        let kinds: &[ManifestKind] = match is_python {
            true if !project.names(ManifestKind::PythonLock).is_empty() => &[ManifestKind::PythonLock],
            true => &[ManifestKind::Requirements],
            false => &[ManifestKind::NodeLock],
        };
        kinds.iter().flat_map(|kind| project.names(*kind)).for_each(&mut add);
    }
    natives.unpack = WHEEL_MEGABYTE * natives.network;
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
