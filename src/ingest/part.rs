//! Parts of BuildKit's own steps: what an export is made of.

use crate::source::cut_bytes;
use crate::units::Nanos;

/// A part of a step, in BuildKit's words: `exporting layers`, `pushing layers`, `writing image sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: Box<str>,
    /// How long it took.
    pub duration: Nanos,
}

/// Parts of a step that are kept.
const MOST: usize = 64;
/// Bytes of a name that are kept.
const MOST_BYTES: usize = 200;

/// Adds a part, or what more is known of one.
pub(super) fn note(parts: &mut Vec<Part>, name: &str, duration: Nanos) {
    let name = cut_bytes(name, MOST_BYTES);
    if let Some(part) = parts.iter_mut().find(|part| &*part.name == name) {
        part.duration = part.duration.max(duration);
    } else if parts.len() < MOST {
        parts.push(Part { name: name.into(), duration });
    }
}
