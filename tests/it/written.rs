//! A folder of its own with files in it.

use std::fs;

use tempfile::TempDir;

/// Writes files, by their paths, into a new folder, which is gone with the result.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
