//! Arguments of a command that clap is told only when the command is run.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// What a command takes. To describe the arguments of every command takes longer than to read a Dockerfile, and each run
/// needs those of one.
#[derive(Debug)]
pub(in crate::cli) struct Deferred<A>(pub(in crate::cli) A);

impl<A: Args> Args for Deferred<A> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| keeping_about(command, A::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| keeping_about(command, A::augment_args_for_update))
    }
}

/// What shared arguments say of themselves is not what the command does.
fn keeping_about(command: Command, augment: fn(Command) -> Command) -> Command {
    let about = command.get_about().cloned();
    let command = augment(command);
    match about {
        Some(about) => command.about(about).long_about(None),
        None => command,
    }
}

impl<A: FromArgMatches> FromArgMatches for Deferred<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        A::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        A::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
