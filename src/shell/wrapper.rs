//! Programs that run another program given in their arguments.
//!
//! Owns the table of them and how their own options are told from the command. Parses no shell.

use std::borrow::Cow;

use super::{Repeats, SimpleCommand};

/// What a command runs besides itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inner<'a> {
    /// A shell script.
    Script(Cow<'a, str>),
    /// A command that begins at this argument.
    Command(usize),
    /// Nothing that its arguments tell.
    Nothing,
}

/// How a wrapper's own arguments end.
struct Wrapper {
    /// Options whose value is the next argument.
    with_value: &'static [&'static str],
    /// Arguments before the command that are no options.
    positionals: usize,
}

/// Whether a program, by its name without folder, is a shell that takes `-c`.
pub fn is_shell(base_name: &str) -> bool {
    matches!(base_name, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "rbash")
}

/// How a program is told what else it runs.
enum Runner {
    /// A shell.
    Shell,
    /// By all its arguments.
    Eval,
    /// By the value of an option.
    ByOption,
    /// By what follows `-exec`.
    Find,
    /// `command`, which may only be asked where a program is.
    Command,
    /// A tool of a project, where its first argument says so.
    Tool,
    /// By what follows its options.
    Wrapper(Wrapper),
}

/// How a program, by its name without folder, runs others; `None` where it runs none.
fn runner(name: &str) -> Option<Runner> {
    Some(match name {
        _ if is_shell(name) => Runner::Shell,
        "eval" => Runner::Eval,
        "su" | "runuser" => Runner::ByOption,
        "find" => Runner::Find,
        "command" => Runner::Command,
        "bundle" | "poetry" | "pipenv" | "uv" | "pdm" | "hatch" | "corepack" | "opam" | "stack" | "cabal" => {
            Runner::Tool
        }
        _ => Runner::Wrapper(wrapper(name)?),
    })
}

/// Whether a program, by its name without folder, may run others that its arguments tell.
pub(super) fn runs_others(name: &str) -> bool {
    runner(name).is_some()
}

/// What `command` runs.
pub(super) fn inner<'a>(command: &SimpleCommand<'a>) -> Inner<'a> {
    let name = command.base_name();
    let args = &command.args;
    let first = args.first().map_or("", |arg| arg);
    let Some(runner) = runner(name) else { return Inner::Nothing };
    match runner {
        Runner::Shell => shell_script(command),
        Runner::Eval if !args.is_empty() => Inner::Script(Cow::Owned(args.join(" "))),
        Runner::ByOption => option_value(args, &["-c", "--command"]).map_or(Inner::Nothing, Inner::Script),
        Runner::Find => args
            .iter()
            .position(|arg| matches!(&**arg, "-exec" | "-execdir" | "-ok" | "-okdir"))
            .map_or(Inner::Nothing, |at| command_at(args, at + 1)),
        Runner::Command if !matches!(first, "-v" | "-V") => command_at(args, PLAIN.command_start(args)),
        Runner::Tool if is_run(name, first) => {
            command_at(args, if name == "corepack" { 0 } else { RUN.command_start(args) })
        }
        Runner::Wrapper(wrapper) => command_at(args, wrapper.command_start(args)),
        Runner::Eval | Runner::Command | Runner::Tool => Inner::Nothing,
    }
}

/// A wrapper whose options have no values.
const PLAIN: Wrapper = Wrapper { with_value: &[], positionals: 0 };

/// `poetry run x`: the verb, options, the command.
const RUN: Wrapper =
    Wrapper { with_value: &["--with", "--extra", "--group", "--python", "-p", "--env-file"], positionals: 1 };

/// Whether a word makes a tool of a project run the command after it.
fn is_run(tool: &str, verb: &str) -> bool {
    match tool {
        "bundle" | "opam" | "stack" | "cabal" => verb == "exec",
        "corepack" => matches!(verb, "yarn" | "pnpm" | "npm"),
        _ => verb == "run",
    }
}

/// The wrappers whose command follows their options; options by their manual pages.
const fn wrapper(name: &str) -> Option<Wrapper> {
    let (with_value, positionals): (&[&str], usize) = match name.as_bytes() {
        b"env" => (&["-u", "--unset", "-C", "--chdir", "-S", "--split-string"], 0),
        b"sudo" | b"doas" => (&["-u", "-g", "-h", "-p", "-C", "-T", "-r", "-t", "-D", "-R", "-U"], 0),
        b"xargs" => (&["-n", "-P", "-I", "-L", "-d", "-s", "-a", "-E", "--max-args", "--max-procs"], 0),
        b"time" => (&["-f", "-o", "--format", "--output"], 0),
        b"nice" => (&["-n", "--adjustment"], 0),
        b"ionice" => (&["-c", "-n", "--class", "--classdata"], 0),
        b"exec" => (&["-a"], 0),
        b"stdbuf" => (&["-i", "-o", "-e"], 0),
        b"xvfb-run" => (&["-s", "-n", "-e", "-f", "-w", "--server-args"], 0),
        b"timeout" => (&["-s", "-k", "--signal", "--kill-after"], 1),
        b"flock" => (&["-w", "-E"], 1),
        b"chroot" | b"gosu" | b"su-exec" | b"setarch" => (&[], 1),
        b"dotenv" => (&["-e", "-v", "-p"], 0),
        b"cross-env" | b"nohup" | b"builtin" | b"setsid" | b"linux32" | b"linux64" | b"eatmydata"
        | b"fakeroot" | b"busybox" | b"toybox" | b"tini" | b"dumb-init" | b"ccache" | b"sccache"
        | b"distcc" | b"strace" | b"retry" | b"chronic" | b"unbuffer" | b"catchsegv" => (&[], 0),
        _ => return None,
    };
    Some(Wrapper { with_value, positionals })
}

impl Wrapper {
    /// The first argument that is no option, value, assignment or positional of the wrapper.
    fn command_start(&self, args: &[Cow<'_, str>]) -> usize {
        let mut positionals = self.positionals;
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            if self.with_value.contains(&&**arg) {
                at += 2;
            } else if arg == "--" {
                at += 1;
                return at + positionals;
            } else if (arg.starts_with('-') && arg.len() > 1) || is_assignment(arg) {
                at += 1;
            } else if positionals > 0 {
                positionals -= 1;
                at += 1;
            } else {
                break;
            }
        }
        at
    }
}

/// `NAME=value`, as `env` takes it.
pub(super) fn is_assignment(arg: &str) -> bool {
    let name = arg.split_once('=').map_or("", |(name, _)| name);
    let letters = name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
    letters && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

/// How often a wrapper runs the command that begins at its argument `at`: `xargs` and `find -exec` as often as there is input, which what
/// `echo` says tells.
pub(super) fn runs(outer: &SimpleCommand<'_>, at: usize) -> Repeats {
    let options = &outer.args[..at];
    let value = |name: &str| {
        let at = options.iter().position(|option| option.starts_with(name))?;
        let joined = &options[at][name.len()..];
        Some(if joined.is_empty() { options.get(at + 1).map_or("", |next| next) } else { joined })
    };
    match outer.base_name() {
        "find" if outer.args.iter().any(|arg| arg == "+") => Repeats::Times(1),
        "find" => Repeats::Unknown,
        "xargs" => {
            let each = value("-n").or_else(|| value("--max-args="));
            let is_by_line =
                ["-I", "-i", "-L", "-l", "--replace", "--max-lines"].iter().any(|name| value(name).is_some());
            if each.is_none() && !is_by_line {
                return Repeats::Times(1);
            }
            let Some(input) = &outer.input else { return Repeats::Unknown };
            let items = match value("-d").and_then(|mark| mark.chars().next()) {
                Some(mark) => input.split(mark).count(),
                None if is_by_line => input.lines().count(),
                None => input.split_whitespace().count(),
            };
            let each = each.map_or(Some(1), |each| each.parse().ok()).filter(|each| *each > 0);
            // Without input it runs once.
            each.map_or(Repeats::Unknown, |each: usize| Repeats::Times(items.div_ceil(each).max(1) as u32))
        }
        _ => Repeats::Times(1),
    }
}

fn command_at<'a>(args: &[Cow<'a, str>], at: usize) -> Inner<'a> {
    if at < args.len() { Inner::Command(at) } else { Inner::Nothing }
}

/// The script of `sh -c …`, or what a heredoc feeds to a shell that runs no file.
fn shell_script<'a>(command: &SimpleCommand<'a>) -> Inner<'a> {
    let mut args = command.args.iter();
    let mut script_next = false;
    while let Some(arg) = args.next() {
        let is_option = arg.len() > 1 && (arg.starts_with('-') || arg.starts_with('+'));
        if !is_option {
            return if script_next { Inner::Script(arg.clone()) } else { Inner::Nothing };
        }
        if arg == "-s" {
            break;
        }
        let short = arg.starts_with('-') && !arg.starts_with("--");
        script_next |= short && arg.contains('c');
        // `-o pipefail`, also in a cluster.
        if (short || arg.starts_with('+')) && arg.contains(['o', 'O']) {
            args.next();
        }
    }
    command.input.clone().map_or(Inner::Nothing, Inner::Script)
}

fn option_value<'a>(args: &[Cow<'a, str>], names: &[&str]) -> Option<Cow<'a, str>> {
    let at = args.iter().position(|arg| names.contains(&&**arg))?;
    args.get(at + 1).cloned()
}
