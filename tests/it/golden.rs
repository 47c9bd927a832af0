//! Golden files: what a test made is compared with what is kept, and `SNAPSHOTS=overwrite` writes it anew.
//!
//! Read the difference before it is committed.

use std::path::Path;

use snapbox::{Assert, Data, IntoData};

/// Compares `found` with the file at `path`, which is relative to the root of the repository.
///
/// # Panics
/// Where they differ, with the difference and how to write the file anew.
#[track_caller]
pub(crate) fn check(path: impl AsRef<Path>, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    // Raw: a Dockerfile may hold `[..]`, which would otherwise match anything.
    Assert::new().action_env("SNAPSHOTS").eq(found.into_data().raw(), Data::read_from(&path, None).raw());
}
