//! Files that are written: whatever happens in between, the old file or the new one is there, and nothing beside it.
//!
//! A file is replaced by a new one under its name, once that is whole and on disk. What the old one had beyond its bytes
//! (permissions, owner, extended attributes) goes over to the new one; where something cannot, nothing is written.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::signals::{Held, none_waits};

/// Bytes that are written before signals are looked at.
const PART: u64 = 1 << 20;

/// How many links lead on from one to another at most, as on Linux.
const MAX_LINKS: usize = 40;

/// Where a result goes.
enum Place {
    /// A device, a pipe, or what a name such as `/dev/stdout` stands for: bytes go there as they come.
    Stream(PathBuf),
    /// No file yet.
    New(PathBuf),
    /// A plain file.
    File(PathBuf, Metadata),
}

/// Writes a result to a file, which appears whole or not at all. A link stays one: the file it leads to is written.
///
/// # Errors
/// Where the file is read-only, or has something that would not outlast it.
pub(super) fn write_file(path: &Path, mut bytes: impl Read) -> io::Result<()> {
    match place(path)? {
        Place::Stream(path) => {
            let mut file = OpenOptions::new().append(true).open(path)?;
            io::copy(&mut bytes, &mut file).map(drop)
        }
        Place::New(path) => {
            let _held = Held::new();
            let file = whole(&path, bytes, None)?;
            file.persist(&path)?;
            sync_folder(folder(&path));
            Ok(())
        }
        Place::File(path, known) => {
            may_replace(&path, &known)?;
            let _held = Held::new();
            let file = whole(&path, bytes, Some(&known))?;
            file.persist(&path)?;
            sync_folder(folder(&path));
            Ok(())
        }
    }
}

/// Puts `after` in the place of a plain file that holds `before`. A file that somebody else changes meanwhile keeps what it
/// holds.
///
/// # Errors
/// As [`write_file`], and where the file is none, or holds something else.
pub(super) fn replace_file(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    let Place::File(path, known) = place(path)? else { return Err(not_plain()) };
    may_replace(&path, &known)?;
    let _held = Held::new();
    let file = whole(&path, after, Some(&known))?;
    if std::fs::read(&path)? != before {
        return Err(changed());
    }
    exchange(file, &path, before)?;
    sync_folder(folder(&path));
    Ok(())
}

/// Refuses what is no plain file, such as a pipe that nobody writes to.
pub(super) fn is_plain(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.is_file() { Ok(()) } else { Err(not_plain()) }
}

fn not_plain() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file")
}

fn changed() -> io::Error {
    io::Error::other("the file has changed meanwhile; nothing was written")
}

/// Follows links to what a path means.
fn place(path: &Path) -> io::Result<Place> {
    let mut at = std::path::absolute(path)?;
    for _ in 0..MAX_LINKS {
        // What these lead to has no place of its own: it may be a pipe, or a file that somebody holds open.
        if at.starts_with("/proc") || at.starts_with("/dev/fd") {
            return Ok(Place::Stream(at));
        }
        match std::fs::symlink_metadata(&at) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::New(at)),
            Err(error) => return Err(error),
            Ok(found) if found.is_symlink() => at = folder(&at).join(std::fs::read_link(&at)?),
            Ok(found) if found.is_file() => return Ok(Place::File(at, found)),
            Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(_) => return Ok(Place::Stream(at)),
        }
    }
    Err(io::Error::other("too many links lead on from it"))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses to replace what may not be written, or what a replacement would part from its other names.
fn may_replace(path: &Path, known: &Metadata) -> io::Result<()> {
    if known.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    OpenOptions::new().write(true).open(path)?;
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(known) > 1 {
        return Err(io::Error::other(
            "the file has other names (hard links), which would not change with it",
        ));
    }
    Ok(())
}

/// A new file beside `path` that holds all bytes, on disk, and has what the file had that it is to replace.
fn whole(path: &Path, mut bytes: impl Read, like: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".xsim-");
    // A new file is as readable as all that are made here; one that replaces another is private until it is like it.
    #[cfg(unix)]
    if like.is_none() {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    // An error does not name the file: nobody asked for it.
    let mut file = builder.tempfile_in(folder(path)).map_err(|error| {
        let text = error.to_string();
        let cause = text.rsplit_once(" at path ").map_or(&*text, |(cause, _)| cause);
        io::Error::new(error.kind(), cause)
    })?;
    while io::copy(&mut bytes.by_ref().take(PART), file.as_file_mut())? > 0 {
        none_waits()?;
    }
    if let Some(known) = like {
        keep(path, known, &file)?;
    }
    file.as_file().sync_all()?;
    none_waits()?;
    Ok(file)
}

/// Gives the new file what the old one has beyond its bytes.
#[cfg(unix)]
fn keep(path: &Path, known: &Metadata, file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = file.as_file().metadata()?;
    if (own.uid(), own.gid()) != (known.uid(), known.gid()) {
        fchown(file.as_file(), Some(known.uid()), Some(known.gid()))
            .map_err(|error| cannot_keep("owner and group", &error))?;
    }
    #[cfg(target_os = "linux")]
    keep_attributes(path, file)?;
    #[cfg(not(target_os = "linux"))]
    let _ = path;
    file.as_file().set_permissions(known.permissions())
}

#[cfg(not(unix))]
fn keep(_path: &Path, known: &Metadata, file: &NamedTempFile) -> io::Result<()> {
    file.as_file().set_permissions(known.permissions())
}

/// Extended attributes, among them access control lists.
#[cfg(target_os = "linux")]
fn keep_attributes(path: &Path, file: &NamedTempFile) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr, getxattr, listxattr};
    let mut names = vec![0; 65_536];
    let length = match listxattr(path, names.as_mut_slice()) {
        Err(rustix::io::Errno::NOTSUP | rustix::io::Errno::NOSYS) => 0,
        other => other?,
    };
    let (mut value, mut own) = (vec![0; 65_536], vec![0; 65_536]);
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let shown = String::from_utf8_lossy(name);
        let failed = |error: rustix::io::Errno| cannot_keep(&format!("attribute {shown}"), &error.into());
        let length = getxattr(path, name, value.as_mut_slice()).map_err(failed)?;
        // What the system gives every new file is there already.
        let has = fgetxattr(file.as_file(), name, own.as_mut_slice()).ok();
        if has.is_none_or(|has| own[..has] != value[..length]) {
            fsetxattr(file.as_file(), name, &value[..length], XattrFlags::empty()).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn cannot_keep(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("its {what} cannot be kept, so nothing was written: {error}"))
}

/// Puts the new file in the place of the old one, and back where the old one turns out to hold something else than `before`.
#[cfg(target_os = "linux")]
fn exchange(file: NamedTempFile, path: &Path, before: &[u8]) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    let swap = || renameat_with(CWD, file.path(), CWD, path, RenameFlags::EXCHANGE);
    match swap() {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            file.persist(path)?;
            return Ok(());
        }
        other => other?,
    }
    // What had the name until now.
    if std::fs::read(file.path())? == before {
        return Ok(());
    }
    swap()?;
    Err(changed())
}

#[cfg(not(target_os = "linux"))]
fn exchange(file: NamedTempFile, path: &Path, _before: &[u8]) -> io::Result<()> {
    file.persist(path)?;
    Ok(())
}

/// Makes a new name outlast a loss of power.
fn sync_folder(folder: &Path) {
    // Not every system can, and the file is whole in any case.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_change_at_the_last_moment_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, "FROM a").unwrap();
        let known = std::fs::metadata(&path).unwrap();
        let file = whole(&path, &b"FROM c"[..], Some(&known)).unwrap();
        std::fs::write(&path, "FROM b").unwrap();
        assert!(exchange(file, &path, b"FROM a").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "FROM b");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
