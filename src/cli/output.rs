//! Where results go, and what the place can show.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::args::{Color, Show};
use super::exit::{Exit, Failure};
use super::write;
use crate::policy::Breach;
use crate::report::Style;
use crate::report::escape::{visible, visible_lines};
use crate::report::workflow::{defused, is_command};

/// What the place that results go to can show.
pub(super) fn style(show: &Show) -> Style {
    let terminal = file(show).is_none() && io::stdout().is_terminal();
    Style {
        width: if terminal { columns() } else { None },
        color: colored(show.color, terminal),
        unicode: unicode(),
    }
}

/// Whether a result would be read on a terminal that nobody asked for by `--output -`.
pub(super) fn is_terminal(show: &Show) -> bool {
    show.output.is_none() && io::stdout().is_terminal()
}

/// What standard output can show, and whether it is a terminal.
pub(super) fn stdout_style(color: Color) -> (Style, bool) {
    let terminal = io::stdout().is_terminal();
    let width = if terminal { columns() } else { None };
    (Style { width, color: colored(color, terminal), unicode: unicode() }, terminal)
}

/// What standard error can show.
pub(super) fn error_style(color: Color) -> Style {
    let terminal = io::stderr().is_terminal();
    Style {
        width: if terminal { columns() } else { None },
        color: colored(color, terminal),
        unicode: unicode(),
    }
}

fn colored(color: Color, terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0).max(40))
}

/// Whether the locale can show more than ASCII. Without a locale, a pipe most likely goes where UTF-8 is at home.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// The file that a result goes to; `None` for standard output.
fn file(show: &Show) -> Option<&Path> {
    show.output.as_deref().filter(|path| *path != Path::new("-"))
}

/// Writes a result to its file or to standard output.
pub(super) fn write(show: &Show, bytes: &[u8]) -> Result<(), Failure> {
    match file(show) {
        Some(path) => write::write_file(path, bytes).map_err(|error| Failure::File(path.to_owned(), error)),
        None => print(bytes),
    }
}

/// A report for people, which may stand in a log.
pub(super) fn text(text: &str) -> Vec<u8> {
    defused(text).into_owned().into_bytes()
}

/// Writes lines for people to standard output.
pub(super) fn print_text(text: &str) -> Result<(), Failure> {
    print(defused(text).as_bytes())
}

/// Writes to standard output. A reader that has read enough is no failure: what was found counts all the same.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Stream(error)),
        _ => Ok(()),
    }
}

/// Says on standard error which gates a file breaks.
pub(super) fn breaches(name: &str, breaches: &[Breach]) {
    for Breach { gate, message } in breaches {
        error(&format!("{name}: {gate}: {message}"));
    }
}

/// What a command does about one of its files that cannot be read or written: it says so and goes on to the others.
pub(super) fn or_unread(result: Result<Exit, Failure>) -> Result<Exit, Failure> {
    match result {
        Err(unread) if unread.is_of_a_file() => {
            failure(&unread);
            Ok(unread.exit())
        }
        other => other,
    }
}

/// Says on standard error why a command could not do its work.
pub(super) fn failure(failure: &Failure) {
    match failure {
        Failure::Said(_) => {}
        Failure::Settings(..) => warn_raw(&format!("error: {}\n", visible_lines(&failure.to_string()))),
        Failure::Several(message, items) => list("error", message, items),
        _ => error(&failure.to_string()),
    }
}

/// Prints help, the version, or what is wrong with the arguments, which clap quotes as they are.
pub(super) fn clap_message(error: &clap::Error) -> io::Result<()> {
    let steers = |arg: OsString| {
        let arg = arg.to_string_lossy();
        matches!(visible(&arg), Cow::Owned(_)) || is_command(&arg)
    };
    if !std::env::args_os().any(steers) {
        return match error.print() {
            // A reader that closed its end early is no failure.
            Err(closed) if closed.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        };
    }
    warn_raw(&format!("{}\n", visible_lines(&error.render().to_string())));
    Ok(())
}

/// Says on standard error what there is to choose from.
pub(super) fn list(kind: &str, message: &str, items: &[String]) {
    let mut text = format!("{kind}: {}:\n", visible(message));
    for item in items {
        text.push_str("  ");
        text.push_str(&visible(item));
        text.push('\n');
    }
    warn_raw(&text);
}

/// Says on standard error what was made of what was typed.
pub(super) fn note(message: &str) {
    warn_raw(&format!("note: {}\n", visible(message)));
}

/// Says on standard error what is probably not meant, though it can be done.
pub(super) fn warn(message: &str) {
    warn_raw(&format!("warning: {}\n", visible(message)));
}

/// Says on standard error what else could be asked.
pub(super) fn hint(message: &str) {
    warn_raw(&format!("hint: {}\n", visible(message)));
}

/// Says on standard error what went wrong.
pub(super) fn error(message: &str) {
    warn_raw(&format!("error: {}\n", visible(message)));
}

/// Writes lines that are safe to show to standard error, which most often is part of a log; where that fails, nothing is left
/// to say it with.
pub(super) fn warn_raw(text: &str) {
    let _ = io::stderr().lock().write_all(defused(text).as_bytes());
}
