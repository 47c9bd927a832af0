//! EDITS: changes of a file, as rules propose them, and the text that comes of them.

pub mod apply;
pub(super) mod bundling;
pub(super) mod cross;
pub(super) mod golang;
mod packed;
pub(super) mod pinning;
pub(super) mod script;
pub(super) mod spelling;
pub(super) mod splitting;
mod unpinnable;
pub(super) mod written;

pub use self::apply::{NO_LINE_END, Patch, PatchKind, PatchLine};
