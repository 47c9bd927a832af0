//! What a command of cargo's asks for, how much of the work of a release that is, and what it fetches.

use crate::context::{CargoBuild, Crates};
use crate::shell::SimpleCommand;

use super::programs::operands;

/// The core-time of a build for development beside that of a release. Source: the fitted half of `tests/data/projects`, choose and grex.
const DEV: f64 = 0.35;

/// The same of a check, which makes no programs, and of tests, which are a build for development and more. Source: guesses.
const CHECK: f64 = 0.25;
const TESTS: f64 = 0.5;

/// What a command of cargo's asks for.
#[derive(Debug, Default)]
pub struct Options<'c> {
    packages: Vec<&'c str>,
    programs: Vec<&'c str>,
    features: Vec<&'c str>,
    is_without_default: bool,
    has_all_features: bool,
    is_workspace: bool,
}

impl<'c> Options<'c> {
    /// Reads the options of a command.
    pub(super) fn of(command: &'c SimpleCommand<'_>) -> Self {
        let mut asked = Self::default();
        let mut args = command.args.iter().map(|arg| &**arg);
        while let Some(arg) = args.next() {
            let (option, value) = match arg.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None => (arg, None),
            };
            let (option, value) = match (option.get(..2), option.get(2..)) {
                (Some(short @ ("-p" | "-F")), Some(joined)) if !joined.is_empty() => (short, Some(joined)),
                _ => (option, value),
            };
            let list = match option {
                "-p" | "--package" => &mut asked.packages,
                "--bin" => &mut asked.programs,
                "-F" | "--features" => &mut asked.features,
                "--no-default-features" => {
                    asked.is_without_default = true;
                    continue;
                }
                "--all-features" => {
                    asked.has_all_features = true;
                    continue;
                }
                "--workspace" | "--all" => {
                    asked.is_workspace = true;
                    continue;
                }
                _ => continue,
            };
            let words = value.or_else(|| args.next()).unwrap_or_default();
            list.extend(words.split([',', ' ']).filter(|word| !word.is_empty() && !word.contains('$')));
        }
        asked
    }

    /// The same for what lies in a folder.
    pub(super) fn build<'b>(&'b self, folder: &'b str) -> CargoBuild<'b> {
        CargoBuild {
            packages: &self.packages,
            programs: &self.programs,
            features: &self.features,
            is_without_default: self.is_without_default,
            has_all_features: self.has_all_features,
            is_workspace: self.is_workspace,
            folder,
        }
    }
}

/// Whether `cargo install` builds the project at hand, `--path`, and not a crate by its name; `None` for other commands.
pub(super) fn installs_own(command: &SimpleCommand<'_>) -> Option<bool> {
    let is_install = operands(command).any(|arg| arg == "install");
    is_install.then(|| command.args.iter().any(|arg| *arg == "--path" || arg.starts_with("--path=")))
}

/// The core-time of a command beside that of building a release; `None` for what is none of cargo's.
pub(super) fn of_release(command: &SimpleCommand<'_>) -> Option<f64> {
    if !matches!(command.base_name(), "cargo" | "xx-cargo" | "cross") {
        return None;
    }
    let mut args = command.args.iter().map(|arg| &**arg).peekable();
    let mut is_release = false;
    while let Some(arg) = args.next() {
        let profile = match arg {
            "--release" | "-r" => Some("release"),
            "--profile" => args.peek().copied(),
            _ => arg.strip_prefix("--profile="),
        };
        is_release |= profile.is_some_and(|profile| !matches!(profile, "dev" | "debug" | "test"));
    }
    let part = match operands(command).next()? {
        "build" | "b" | "rustc" | "auditable" | "zigbuild" | "chef" | "run" | "r" => DEV,
        "check" | "c" | "clippy" => return Some(CHECK),
        "test" | "t" | "nextest" | "bench" | "doc" => TESTS,
        _ => return None,
    };
    Some(if is_release { 1.0 } else { part })
}

/// Megabytes of crates in the folder that cargo keeps them in, packed and unpacked, by how their names start; the first that fits.
///
/// Source: that folder after `cargo fetch` of what the fitted half of `tests/data/projects` names, 91 to 825 MB.
const MEGABYTES: [(&str, f64); 9] = [
    ("winapi-i686", 52.0),
    ("winapi-x86", 52.0),
    ("winapi-util", 0.1),
    ("winapi", 8.5),
    ("windows-sys", 20.0),
    ("windows_", 7.5),
    ("linux-raw-sys", 13.0),
    ("web-sys", 13.0),
    ("libc", 7.0),
];

/// The same of the crate `windows`, and of others.
const WINDOWS: f64 = 110.0;
const MEGABYTES_OF_MOST: f64 = 0.75;

/// Megabytes of all that a lock file names.
pub(super) fn fetched(crates: &Crates) -> f64 {
    let of = |name: &str| {
        let row = MEGABYTES.iter().find(|(start, _)| name.starts_with(start));
        row.map_or(if name == "windows" { WINDOWS } else { MEGABYTES_OF_MOST }, |(_, megabytes)| *megabytes)
    };
    crates.foreign().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn options_tell_what_is_built() {
        let script = "cargo build -p app --package=tool --bin x -Fa,b --features 'c d' --features $MORE --no-default-features";
        let command = &commands(script)[0];
        let asked = Options::of(command);
        let build = asked.build("/src");
        assert_eq!((build.packages, build.programs), (&["app", "tool"][..], &["x"][..]));
        assert_eq!(build.features, ["a", "b", "c", "d"]);
        assert!(build.is_without_default && !build.has_all_features && !build.is_workspace);
    }

    #[test]
    fn profiles_tell_how_much_work_it_is() {
        let part = |script| of_release(&commands(script)[0]);
        assert_eq!(part("cargo build --release"), Some(1.0));
        assert_eq!(part("cargo build --profile small -p a"), Some(1.0));
        assert_eq!(part("cargo +nightly build --profile=dev"), Some(DEV));
        assert_eq!(part("cargo chef cook --recipe-path r.json"), Some(DEV));
        assert!(part("cargo check") < part("cargo test"));
        assert_eq!((part("cargo install x"), part("trunk build")), (None, None));
    }

    #[test]
    fn the_project_itself_is_installed_by_its_path() {
        let own = |script| installs_own(&commands(script)[0]);
        assert_eq!(
            (own("cargo install --path ."), own("cargo install --path=cli --root /usr")),
            (Some(true), Some(true))
        );
        assert_eq!((own("cargo install ripgrep"), own("cargo build --path .")), (Some(false), None));
    }
}
