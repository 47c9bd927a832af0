//! Where results go, and what the place can show.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::args::{Color, Show};
use super::exit::{Exit, Failure};
use crate::policy::Breach;
use crate::report::Style;
use crate::report::escape::{visible, visible_lines};

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
///
/// A file appears whole or not at all.
pub(super) fn write(show: &Show, bytes: &[u8]) -> Result<(), Failure> {
    match file(show) {
        Some(path) => write_file(path, bytes).map_err(|error| Failure::File(path.to_owned(), error)),
        None => print(bytes),
    }
}

/// Writes to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::Stream)
}

/// Writes a file, which appears whole or not at all.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // A device or pipe cannot be replaced; it is written as it is.
    if path.exists() && !path.is_file() {
        return std::fs::write(path, bytes);
    }
    let mut file = temporary_in(folder)?;
    file.write_all(bytes)?;
    make_readable(&file)?;
    file.persist(path)?;
    Ok(())
}

/// Puts `after` in the place of a file that still holds `before`, whole or not at all, with the permissions it has. A link
/// stays a link: what it points to is replaced.
pub(super) fn replace_file(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = std::fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = temporary_in(folder)?;
    file.write_all(after)?;
    file.as_file().set_permissions(permissions)?;
    if std::fs::read(&path)? != before {
        return Err(io::Error::other("the file has changed meanwhile; nothing was written"));
    }
    file.persist(&path)?;
    Ok(())
}

/// A file in the folder that becomes the result once it is whole. An error does not name it: nobody asked for it.
fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".xsim-").tempfile_in(folder).map_err(|error| {
        let text = error.to_string();
        let cause = text.rsplit_once(" at path ").map_or(&*text, |(cause, _)| cause);
        io::Error::new(error.kind(), cause)
    })
}

/// Temporary files are private; results are as readable as other new files.
#[cfg(unix)]
fn make_readable(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
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
        Failure::Settings(..) => warn_raw(&format!("error: {}\n", visible_lines(&failure.to_string()))),
        _ => error(&failure.to_string()),
    }
}

/// Prints help, the version, or what is wrong with the arguments, which clap quotes as they are.
pub(super) fn clap_message(error: &clap::Error) -> io::Result<()> {
    let steers = |arg: OsString| matches!(visible(&arg.to_string_lossy()), Cow::Owned(_));
    if !std::env::args_os().any(steers) {
        return error.print();
    }
    writeln!(io::stderr(), "{}", visible_lines(&error.render().to_string()))
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

/// Writes text that is already safe to show to standard error; where that fails, nothing is left to say it with.
pub(super) fn warn_raw(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, "FROM b").unwrap();
        assert!(replace_file(&path, b"FROM a", b"FROM c").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "FROM b");
        replace_file(&path, b"FROM b", b"FROM c").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "FROM c");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
