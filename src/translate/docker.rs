//! Docker: the canonical form of a platform, its parts as the automatic platform arguments hold them, and the forms
//! in which it can be part of a file's name. Has words for every platform, known or not.

use super::{Field, FieldName};
use crate::model::platform::Platform;

const PLATFORM: FieldName = FieldName::variable("platform", "TARGETPLATFORM");
const OS: FieldName = FieldName::variable("os", "TARGETOS");
const ARCH: FieldName = FieldName::variable("arch", "TARGETARCH");
const VARIANT: FieldName = FieldName::variable("variant", "TARGETVARIANT");
const SUFFIX: FieldName = FieldName::plain("suffix");
const DIRECTORY: FieldName = FieldName::plain("directory");

pub(super) const FIELDS: &[FieldName] = &[PLATFORM, OS, ARCH, VARIANT, SUFFIX, DIRECTORY];

/// The words for a normalised platform.
pub(super) fn fields(platform: &Platform) -> Vec<Field> {
    let canonical = platform.to_string();
    // BuildKit's local exporter writes each platform's files to a folder of this name.
    let directory = canonical.replace('/', "_");
    let mut suffix = String::from(&*platform.architecture);
    if !platform.variant.is_empty() {
        suffix.push('-');
        suffix.push_str(&platform.variant);
    }
    let mut fields = vec![
        PLATFORM.of(canonical),
        OS.of(String::from(&*platform.os)),
        ARCH.of(String::from(&*platform.architecture)),
        VARIANT.of(String::from(&*platform.variant)),
        SUFFIX.of(suffix),
        DIRECTORY.of(directory),
    ];
    fields.retain(|field| !field.value.is_empty());
    fields
}
