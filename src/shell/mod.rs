//! Which commands a shell script runs: the simple commands in the text of a `RUN`.
//!
//! Owns the shell parser ([`syntax`], docs/decisions/0002-shell-parser.md) and the programs that run other programs, such as `env`,
//! `sudo`, `xargs` and `sh -c`. Knows nothing of vertices, platforms or costs, and expands nothing: `$VAR` stays as it is
//! written. Never fails: from a text that is no valid shell it takes what it can make out.

pub mod interpret;
mod known;
mod memo;
pub mod syntax;
mod walk;
mod word;
mod wrapper;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

pub use known::{Commands, known_commands, known_exec_commands, script_of};
pub use wrapper::is_shell;

/// Texts longer than this many bytes are cut at it. BuildKit itself takes lines of 65,535 bytes at most; only heredocs
/// can be longer.
pub const MAX_SCRIPT: usize = 1 << 20;

/// Programs that run others, as `env`, `sudo` and `time` do, are followed through so many in a row.
pub const MAX_WRAPPERS: usize = 16;

/// Commands beyond this many are not listed.
pub const MAX_COMMANDS: usize = 50_000;

/// A command with its arguments: what one process is started for, or a builtin of the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleCommand<'a> {
    /// The program as written, without quotes: `go`, `/usr/bin/gcc`, `$CC`.
    pub name: Cow<'a, str>,
    /// Its arguments, without quotes.
    pub args: Vec<Cow<'a, str>>,
    /// Variables set for this command alone: `CGO_ENABLED=0 go build`, also by way of `env`.
    pub assignments: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What is fed to it in a heredoc or here-string.
    pub input: Option<Cow<'a, str>>,
    /// How often it runs.
    pub repeats: Repeats,
    /// Whether it surely runs.
    pub reached: Reached,
    /// Whether the command after it in the list is the one it runs: `env`, `sudo`, `sh -c`, …
    pub wraps: bool,
    /// The bytes of the script that are the command, with its assignments and redirections. `None` for what another command
    /// runs.
    pub span: Option<Range<usize>>,
}

impl SimpleCommand<'_> {
    /// The program's name without its folder.
    pub fn base_name(&self) -> &str {
        last_part(&self.name)
    }
}

/// What stands behind the last slash. Names are short: nothing finds it sooner than looking at each byte.
fn last_part(path: &str) -> &str {
    let start = path.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1);
    &path[start..]
}

/// How often a command runs, as far as the text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeats {
    /// This many times: in no loop, or in `for` loops over words that are all written out.
    Times(u32),
    /// In a loop whose length the text does not tell.
    Unknown,
}

/// Whether a command runs whenever the script succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reached {
    /// Yes.
    Always,
    /// It stands in a branch of `if` or `case`, or after `||`.
    Perhaps,
}

/// The simple commands of `script` in the order of the text, those inside `$(…)`, functions and `sh -c` included.
///
/// Assignments without a command, `[ … ]` and declarations such as `export` are no commands, but the commands within
/// them count. A call of a function that the script defines is left out: its body counts where it is defined, once.
///
/// # Complexity
///
/// Linear in the text, but for texts within texts: each `sh -c` parses its argument again, to a depth of eight.
///
/// # Example
///
/// ```
/// let commands = xsim::shell::commands("cd /src && CGO_ENABLED=0 go build -o /out/app ./cmd/app | tee log");
/// let names: Vec<&str> = commands.iter().map(|command| command.base_name()).collect();
/// assert_eq!(names, ["cd", "go", "tee"]);
/// assert_eq!(commands[1].assignments[0].0, "CGO_ENABLED");
/// ```
pub fn commands(script: &str) -> Vec<SimpleCommand<'_>> {
    walk::commands(script)
}

/// The simple commands of a `RUN` in exec form, whose words no shell sees unless they start one.
///
/// ```
/// let argv = ["/bin/sh", "-c", "make -j4"];
/// let commands = xsim::shell::exec_commands(&argv);
/// assert_eq!(commands[0].name, "/bin/sh");
/// assert_eq!(commands[1].args, ["-j4"]);
/// ```
pub fn exec_commands<'a>(argv: &[&'a str]) -> Vec<SimpleCommand<'a>> {
    let mut commands = Vec::new();
    if let Some(command) = lone(argv) {
        walk::unwrap_into(command, 0, &mut commands);
    }
    commands
}

/// What the words of an exec form say before anything is unwrapped.
fn lone<'a>(argv: &[&'a str]) -> Option<SimpleCommand<'a>> {
    let (name, args) = argv.split_first()?;
    Some(SimpleCommand {
        name: Cow::Borrowed(name),
        args: args.iter().map(|&arg| Cow::Borrowed(arg)).collect(),
        assignments: Vec::new(),
        input: None,
        repeats: Repeats::Times(1),
        reached: Reached::Always,
        wraps: false,
        span: None,
    })
}
