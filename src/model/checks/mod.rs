//! What a file says that BuildKit accepts, though it hardly means what it says. One subject a file.
//!
//! Only what bears on platforms, stages, arguments and copies is looked at: where the graph is decided. A check that
//! BuildKit has as well bears its name ([`Code::build_check`](crate::diagnostic::Code::build_check)) and follows its
//! `frontend/dockerfile/dockerfile2llb/validations.go`; `# check=skip=` turns it off here, too.

mod base_image;
mod copy_onto_file;
mod features;
mod from_platform;
mod frontend;
mod mount_index;
mod skip;
mod stage_names;

pub(crate) use self::copy_onto_file::{is_list, with_folder};
pub(crate) use self::frontend::takes_devices;
pub(crate) use self::mount_index::indexed;
pub(crate) use self::skip::{is_skipped, without_skipped};

use crate::diagnostic::Diagnostic;
use crate::model::resolve::Model;

/// Looks at a resolved file and adds what it finds.
type Check = fn(&Model<'_>, &mut Vec<Diagnostic>);

const CHECKS: [Check; 6] = [
    frontend::check,
    stage_names::check,
    from_platform::check,
    base_image::check,
    mount_index::check,
    copy_onto_file::check,
];

/// Everything that the checks find.
pub(super) fn run(model: &Model<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in CHECKS {
        check(model, &mut found);
    }
    found
}
