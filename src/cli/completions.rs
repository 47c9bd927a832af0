//! `xsim completions`, and what a shell is answered while a command is typed.
//!
//! The script asks this program at every Tab, so that the stages and targets it offers are those of the files on the line.

use std::ffi::OsStr;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use super::args::{Args, Completions};
use super::bake::{Disk, surroundings};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::{definition, limit, output};
use crate::bake::{Options, resolve};
use crate::budget;
use crate::dockerfile::ast::Kind;
use crate::dockerfile::{Arena, parse};

/// The variable by which the script asks. It holds the name of the shell.
const ASKS: &str = "XSIM_COMPLETE";

/// As a file in `fpath`, the script is first run by the Tab that it should answer.
const ZSH_AUTOLOADED: &[u8] = b"if [[ $funcstack[1] == _xsim ]]; then _clap_dynamic_completer_xsim; fi\n";

pub(super) fn run(args: &Completions) -> Result<Exit, Failure> {
    let shells = Shells::builtins();
    let name = args.shell.to_string();
    let Some(shell) = shells.completer(&name) else {
        return Err(Failure::Usage(format!("{name} is no shell that is known")));
    };
    let mut script = Vec::new();
    shell.write_registration(ASKS, "xsim", "xsim", "xsim", &mut script).map_err(Failure::Stream)?;
    if args.shell == Shell::Zsh {
        script.extend_from_slice(ZSH_AUTOLOADED);
    }
    output::print(&script)?;
    Ok(Exit::Done)
}

/// Answers the shell that asks; `None` where none does.
pub(super) fn answer() -> Option<Exit> {
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(Args::command).var(ASKS);
    match asked.try_complete(std::env::args_os(), folder.as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(Exit::Done),
        Err(error) => {
            output::clap_message(&error).ok();
            Some(Exit::Usage)
        }
    }
}

/// The stages of the Dockerfile on the line that have a name.
pub(super) fn stages() -> Vec<CompletionCandidate> {
    let _run = budget::start(limit::FINDING);
    let words = words();
    let typed =
        file_options(&words).next().or_else(|| words.iter().map(|word| &**word).find(|word| is_file(word)));
    let Ok(Loaded::Source(source)) = load::source(Path::new(typed.unwrap_or("."))) else { return Vec::new() };
    let arena = Arena::default();
    let file = parse(&source, &arena);
    let names = file.instructions.iter().filter_map(|instruction| match instruction.kind {
        Kind::From(from) => from.name.map(|name| name.text),
        _ => None,
    });
    candidates(names, "")
}

/// The targets and groups of the definitions on the line.
pub(super) fn targets() -> Vec<CompletionCandidate> {
    let words = words();
    names_in(file_options(&words).map(str::to_owned).collect(), "")
}

/// Paths, and behind the `#` of a definition its targets and groups.
pub(super) fn builds(current: &OsStr) -> Vec<CompletionCandidate> {
    match current.to_str().and_then(|typed| typed.rsplit_once('#')) {
        Some((file, _)) if definition::named(Path::new(file)).is_some() => {
            let mut found = names_in(vec![file.to_owned()], &format!("{file}#"));
            found.retain(|name| name.get_value().as_encoded_bytes().starts_with(current.as_encoded_bytes()));
            found
        }
        _ => PathCompleter::any().stdio().complete(current),
    }
}

fn names_in(files: Vec<String>, prefix: &str) -> Vec<CompletionCandidate> {
    let _run = budget::start(limit::FINDING);
    let asked = Options { files, targets: vec!["*".to_owned()], look_outside: false, ..surroundings(None) };
    let Ok(resolved) = resolve(&Disk, &asked) else { return Vec::new() };
    // `default` is what was asked for here, and without a name it is meant anyway.
    let groups = resolved.groups.keys().filter(|name| *name != "default");
    candidates(groups.chain(resolved.targets.keys()).map(String::as_str), prefix)
}

/// Names as a shell may be told them: BuildKit and bake take no others, but a file may hold any.
fn candidates<'a>(names: impl Iterator<Item = &'a str>, prefix: &str) -> Vec<CompletionCandidate> {
    let is_plain =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    names.filter(is_plain).map(|name| CompletionCandidate::new(format!("{prefix}{name}"))).collect()
}

/// The words of the line that is typed: what follows the `--` of the shell's question.
fn words() -> Vec<String> {
    let asked = std::env::args_os().skip_while(|word| word != "--").skip(1);
    // The first is the name of the program.
    asked.skip(1).filter_map(|word| word.into_string().ok()).collect()
}

/// Values of `--file`.
fn file_options(words: &[String]) -> impl Iterator<Item = &str> {
    let after = words.windows(2).filter(|pair| matches!(&*pair[0], "-f" | "--file")).map(|pair| &*pair[1]);
    after.chain(words.iter().filter_map(|word| word.strip_prefix("--file=")))
}

fn is_file(word: &str) -> bool {
    !word.starts_with('-') && Path::new(word).is_file()
}
