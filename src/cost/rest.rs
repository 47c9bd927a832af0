//! What is left to do where cache mounts hold what an earlier run left in them.

use crate::shell::SimpleCommand;

use super::class::Class;
use super::classify::classify;
use super::estimate::Execution;
use super::known::Known;
use super::programs::{Keep, behavior};
use super::run::estimate_run;

/// Parts of the work of a step that are left, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rest {
    /// Of its core-time.
    pub work: f64,
    /// Of its downloads.
    pub network: f64,
}

impl Rest {
    /// All of it.
    pub const ALL: Self = Self { work: 1.0, network: 1.0 };

    /// Of a script or a program of which nothing is known: it may keep its results there or not. Source: a guess, the
    /// geometric middle of all and of what is left of a compile.
    const PERHAPS: Self = Self { work: 0.36, network: 0.5 };
}

/// What is left of a step whose cache mounts are at `folders` and full. Only a program that keeps its results in one of them
/// gains; where that is, the table of programs and the variables of the step tell.
pub fn rest_with_caches(
    commands: &[SimpleCommand<'_>],
    folders: &[&str],
    variable: impl Fn(&str) -> Option<String>,
    known: &Known<'_>,
) -> Rest {
    let (mut work, mut network, mut left) = (0.0, 0.0, Rest { work: 0.0, network: 0.0 });
    for at in 0..commands.len() {
        let command = &commands[at..=at];
        let estimate = estimate_run(command, Execution::Native, known);
        let (cpu, bytes) = (estimate.cpu.as_secs_f64(), estimate.network.0 as f64);
        let rest = of_command(&commands[at], folders, &variable);
        work += cpu;
        network += bytes;
        left.work += cpu * rest.work;
        left.network += bytes * rest.network;
    }
    let part = |left: f64, all: f64| if all > 0.0 { left / all } else { 1.0 };
    Rest { work: part(left.work, work), network: part(left.network, network) }
}

fn of_command(
    command: &SimpleCommand<'_>,
    folders: &[&str],
    variable: &impl Fn(&str) -> Option<String>,
) -> Rest {
    let Some(row) = behavior(command) else {
        let is_unknown = matches!(classify(command), Class::Unknown | Class::Script) && !command.wraps;
        return if is_unknown { Rest::PERHAPS } else { Rest::ALL };
    };
    let named = |keep: &Keep| {
        let own = command.assignments.iter().find(|(name, _)| *name == keep.variable);
        let value = own.map(|(_, value)| value.to_string());
        value.or_else(|| (!keep.variable.is_empty()).then(|| variable(keep.variable)).flatten())
    };
    let holds = |keep: &&Keep| {
        folders.iter().any(|folder| match named(keep) {
            Some(value) => is_below(&value, folder) || is_below(folder, &value),
            None => ends_with(folder, keep.folder),
        })
    };
    row.keeps.iter().filter(holds).fold(Rest::ALL, |rest, keep| Rest {
        work: rest.work.min(keep.work),
        network: rest.network.min(keep.network),
    })
}

/// Whether a path ends with some parts: `/root/.cache/go-build` with `go-build`. The folder of all caches of a user holds each.
fn ends_with(path: &str, parts: &str) -> bool {
    let path = path.trim_end_matches('/');
    let whole = path.ends_with("/.cache");
    whole || path.strip_suffix(parts).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// Whether a path is a folder or lies below it.
fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.trim_end_matches('/').strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn only_who_keeps_results_in_a_cache_gains() {
        for (script, folder, gains) in [
            ("go build ./...", "/root/.cache/go-build", true),
            ("go build ./...", "/root/.cache", true),
            ("go build ./...", "/go/pkg/mod", false),
            ("GOCACHE=/c/go go build ./...", "/c", true),
            ("cargo build --release", "/src/target", true),
            ("cargo build --release", "/usr/local/cargo/registry", false),
            ("gcc -O2 -c a.c -o /cache/a.o", "/cache", false),
            ("apt-get install -y x", "/var/cache/apt", false),
            ("npm run build", "/root/.npm", false),
            ("npm run build", "/app/.next/cache", true),
            ("./build.sh", "/cache", true),
        ] {
            let rest = rest_with_caches(&commands(script), &[folder], |_| None, &Known::default());
            assert_eq!(rest.work < 0.9, gains, "{script} with {folder}: {rest:?}");
        }
    }
}
