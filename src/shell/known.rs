//! Scripts that were read before: pricing, rules and every file that a fix is tried on ask for the same ones.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use super::memo::Memo;
use super::walk::into_owned;
use super::wrapper::{Inner, inner};
use super::{SimpleCommand, commands, exec_commands, lone};
use crate::budget;

/// Commands that several readers share.
pub type Commands = Rc<[SimpleCommand<'static>]>;

/// Bytes of script whose commands a thread remembers. One build of usual size has 2 to 10 KB.
const MOST: usize = 1 << 20;

thread_local! {
    static COMMANDS: RefCell<Memo<Commands>> = RefCell::new(Memo::new(MOST));
}

/// As [`commands`], but a script that this thread read lately is not read again.
pub fn known_commands(script: &str) -> Commands {
    if let Some(known) = COMMANDS.with_borrow(|memo| memo.get(script)) {
        return known;
    }
    let found: Commands = commands(script).into_iter().map(into_owned).collect();
    // What was not read for want of budget may be read by the next run.
    if budget::exceeded().is_none() {
        COMMANDS.with_borrow_mut(|memo| memo.keep(script, &found));
    }
    found
}

/// As [`exec_commands`], but a script that this thread read lately is not parsed again.
pub fn known_exec_commands(argv: &[&str]) -> Vec<SimpleCommand<'static>> {
    let Some(mut shell) = lone(argv) else { return Vec::new() };
    match inner(&shell) {
        Inner::Script(Cow::Borrowed(script)) => {
            shell.wraps = true;
            let known = known_commands(script);
            // Their places are places of the script, not of these words.
            let inner = known.iter().map(|command| SimpleCommand { span: None, ..command.clone() });
            std::iter::once(into_owned(shell)).chain(inner).collect()
        }
        _ => exec_commands(argv).into_iter().map(into_owned).collect(),
    }
}

/// The script of a command line that starts a shell, as [`known_exec_commands`] reads it.
pub fn script_of(argv: &[&str]) -> Option<String> {
    let shell = lone(argv)?;
    match inner(&shell) {
        Inner::Script(Cow::Borrowed(script)) => Some(script.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_is_read() {
        let scripts = ["a && b $(c)", "", "sh -c 'make -j4'", "for i in 1 2; do x; done"];
        for script in scripts.iter().chain(&scripts) {
            assert_eq!(*known_commands(script), *commands(script), "{script}");
            for argv in [&["/bin/sh", "-c", script][..], &["env", "A=b", script], &[script], &[]] {
                assert_eq!(known_exec_commands(argv), exec_commands(argv), "{argv:?}");
            }
        }
    }
}
