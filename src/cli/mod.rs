//! The command line: arguments as typed, then checked, then one file a subcommand.
//!
//! The only layer that knows clap, the environment, files, the terminal and exit codes.

mod analyze;
mod args;
mod bake;
mod builds;
mod calibrate;
mod check;
mod compare;
mod completions;
mod context;
mod counter;
mod definition;
mod exit;
mod explain;
mod fix;
mod graph;
mod limit;
mod load;
mod locate;
mod logs;
mod man;
mod observe;
mod output;
mod page;
mod paths;
mod project;
mod refusal;
mod repository;
mod rules;
mod scan;
mod search;
mod select;
mod setup;
mod signals;
mod terms;
mod translate;
mod verdict;
mod workflow;
mod write;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

pub use self::exit::Exit;

use self::args::{Args, Command};
use self::exit::Failure;

/// Runs the program with the arguments it was started with, or answers the shell in which they are typed.
pub fn main() -> ExitCode {
    completions::answer().unwrap_or_else(|| run(std::env::args_os())).into()
}

/// Runs the program with arguments, the first of which is its own name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let mut args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors; clap says which.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return match output::clap_message(&error) {
                Ok(()) => code,
                Err(error) => report(&Failure::Stream(error)),
            };
        }
    };
    let result = match &mut args.command {
        Command::Analyze(command) if workflow::is_meant(command) => workflow::run(command),
        Command::Analyze(command) => select::build(&mut command.input, &mut command.given)
            .and_then(|()| select::folder(&mut command.input, &mut command.given))
            .and_then(|()| analyze::run(command)),
        Command::Builds(command) => builds::run(command),
        Command::Calibrate(command) => calibrate::run(command),
        Command::Check(command) => {
            let workflows = workflow::among(command.input.files());
            let selected =
                if workflows.is_empty() { command.input.select(&mut command.given) } else { Ok(()) };
            selected.and_then(|()| check::run(command, &workflows))
        }
        Command::Graph(command) => select::build(&mut command.input, &mut command.given)
            .and_then(|()| select::folder(&mut command.input, &mut command.given))
            .and_then(|()| graph::run(command)),
        Command::Compare(command) => compare::run(command),
        Command::Explain(command) => explain::run(command),
        Command::Fix(command) => {
            let is_of_build = workflow::among(command.input.files()).is_empty();
            let selected = if is_of_build { command.input.select(&mut command.given) } else { Ok(()) };
            selected.and_then(|()| fix::run(command))
        }
        Command::Rules(command) => rules::run(command),
        Command::Observe(command) => command
            .dockerfile
            .as_mut()
            .map_or(Ok(()), |dockerfile| select::path(dockerfile, &mut command.given))
            .and_then(|()| observe::run(command)),
        Command::Scan(command) => scan::run(command),
        Command::Profile(command) => calibrate::profile(command),
        Command::Translate(command) => translate::run(command),
        Command::Bake(command) => bake::run(command),
        Command::Completions(command) => completions::run(command),
        Command::Man(command) => man::run(command),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => report(&failure),
    }
}

/// Says what went wrong.
fn report(failure: &Failure) -> Exit {
    output::failure(failure);
    failure.exit()
}
